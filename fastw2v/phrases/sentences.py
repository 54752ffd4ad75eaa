"""Sentences and corpora as they are given: which of the two it is, and its tokens."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np

from fastw2v.corpus.iterables import is_iterable, items_of


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


def tokens_of(sentence: Any, number: int) -> Iterable[Any]:
    """Return what can be iterated for the tokens; TypeError with the number if nothing can."""
    if isinstance(sentence, np.ndarray):
        tokens: list[Any] = sentence.tolist()
        return tokens
    if not is_iterable(sentence):
        raise TypeError(
            f"sentence {number} must be an iterable of tokens, got {type(sentence).__name__} "
            f"({sentence!r})"
        )
    return items_of(sentence)
