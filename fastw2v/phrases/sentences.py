"""Sentences and corpora as they are given: which of the two it is, and what sentences it has."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from fastw2v.corpus import arrow
from fastw2v.corpus.objects import sentences_of, without_nulls
from fastw2v.iterables import (
    as_python,
    described,
    items_of,
    sentences_in,
    tokens_of,
    warn_of_text,
)


def all_sentences(corpus: Any) -> Iterable[Any]:
    """Return the sentences of a corpus: those of a table or column as `Word2Vec` reads them.

    Raises
    ------
    TypeError
        If it is no corpus, but a text or the name of a file.
    """
    return sentences_of(corpus) if arrow.is_arrow(corpus) else sentences_in(corpus)


def is_single(items: Any) -> tuple[bool, Any]:
    """Tell a sentence from a corpus; return the items, which may be an iterator, whole."""
    if arrow.is_arrow(items):
        return _is_column_of_words(items)
    items = as_python(items)
    try:
        iterator = iter(items_of(items))
    except TypeError:
        raise TypeError(
            f"a sentence or a corpus must be iterable, got {described(items)}"
        ) from None
    warn_of_text(items)
    try:
        first = next(iterator)
    except StopIteration:
        return True, ()
    if iterator is items:
        items = itertools.chain([first], iterator)
    return isinstance(first, str), items


def _is_column_of_words(items: Any) -> tuple[bool, Any]:
    """Do what `is_single` does for Arrow data: a column may begin with nulls."""
    if arrow.is_table(items) or not hasattr(type(items), "__iter__"):
        return False, items
    first = next(iter(without_nulls(items)), None)
    return (True, tokens_of(items, 1)) if isinstance(as_python(first), str) else (False, items)
