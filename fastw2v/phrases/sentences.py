"""Sentences and corpora as they are given: which of the two it is, and its tokens."""

from __future__ import annotations

import itertools
from typing import Any

from fastw2v.iterables import items_of


def is_single(items: Any) -> tuple[bool, Any]:
    """Tell a sentence from a corpus; return the items, which may be an iterator, whole."""
    try:
        iterator = iter(items_of(items))
    except TypeError:
        raise TypeError(
            f"a sentence or a corpus must be iterable, got {type(items).__name__} ({items!r})"
        ) from None
    try:
        first = next(iterator)
    except StopIteration:
        return True, ()
    if iterator is items:
        items = itertools.chain([first], iterator)
    return isinstance(first, str), items
