"""Python objects that are iterated: how it is done, and of how many items that is known.

A corpus may be anything that has items, and its `__len__` may be careless: it may raise, return
None, or read a whole file. So it is not called where nothing depends on it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

logger = logging.getLogger("fastw2v")

T = TypeVar("T")


def is_iterable(value: object) -> bool:
    """Tell whether a value has items."""
    kind = type(value)
    if hasattr(kind, "__iter__"):
        return True
    return hasattr(kind, "__getitem__") and not _is_query(value)


def _is_query(value: object) -> bool:
    """Tell whether a value is a query, of polars or Spark, which has no items before it is run."""
    return hasattr(type(value), "collect") and not hasattr(type(value), "__iter__")


def is_text(value: object) -> bool:
    """Tell whether a value is a text or the name of a file, whose items would be letters."""
    return isinstance(value, (str, bytes, os.PathLike))


def described(value: object) -> str:
    """Return what an error says of a value that cannot be iterated, or must not be."""
    if is_text(value):
        text = str(value)
        is_name = len(text.split()) == 1 and not isinstance(value, bytes)
        missing = is_name and not os.path.exists(text)  # noqa: PTH110 (a Path raises for long names)
        return f"{text[:80]!r}{' (no such file)' * missing}"
    hint = "; give what its collect() returns" if _is_query(value) else ""
    shown = " ".join(f"{value!r:.200}".split())
    return f"{type(value).__name__} ({shown}){hint}"


def sentences_in(corpus: Any, name: str = "sentences") -> Iterator[Any]:
    """Return the sentences of a corpus; log a warning if the first one is a string.

    Parameters
    ----------
    corpus : object
        What the user gave.
    name : str
        As which parameter.

    Raises
    ------
    TypeError
        If it has no items, or those are letters.
    """
    if is_text(corpus):
        raise TypeError(
            f"{name} must be an iterable of sentences, got {described(corpus)}, whose items would "
            "be letters; for a file give LineSentence(path)"
        )
    if not is_iterable(corpus):
        raise TypeError(f"{name} must be an iterable of sentences, got {described(corpus)}")
    return _warning(items_of(corpus))


def _warning(sentences: Iterable[Any]) -> Iterator[Any]:
    iterator = iter(sentences)
    for sentence in iterator:
        warn_of_text(sentence)
        yield sentence
        break
    yield from iterator


def warn_of_text(sentence: object) -> None:
    """Log a warning, in gensim's words, if a sentence is a string: its words would be letters."""
    if isinstance(sentence, (str, bytes)):
        logger.warning(
            "Each 'sentences' item should be a list of words (usually unicode strings). "
            "First item here is instead plain %s.",
            type(sentence),
        )


def items_of(value: Any) -> Iterable[Any]:
    """Return a value as `for` should have it.

    What has only an index and a length, as data sets of PyTorch, ends at the length: Python itself
    would go on until an index is refused, which such classes need not do. Where there is no length
    either, it does.
    """
    length = None if hasattr(type(value), "__iter__") else _length(value)
    return value if length is None else _indexed(value, length)


def finite(value: Iterable[T]) -> Iterable[T]:
    """Return a value as `items_of` does; TypeError if nothing says where it ends.

    For what is gathered before anything else: an endless one would hang without a sign.
    """
    if not hasattr(type(value), "__iter__") and _length(value) is None:
        raise TypeError(
            f"expected a list or another iterable, and no index without a length, got "
            f"{described(value)}"
        )
    return items_of(value)


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except Exception:  # whatever an author's `__len__` does
        return None


def _indexed(value: Any, length: int) -> Iterator[Any]:
    for index in range(length):
        try:
            item = value[index]
        except IndexError:
            return
        yield item


def n_items(value: object) -> int | None:
    """Return the length of a sequence of Python's or NumPy's; None for anything else."""
    return _length(value) if isinstance(value, (Sequence, np.ndarray)) else None


def as_python(value: Any) -> Any:
    """Return an array, or a list of Arrow's, as a list; anything else as it is.

    Arrays of NumPy, pyarrow and PyTorch have items of classes of their own. Python's int and str
    are quicker, and easier to save.
    """
    for name in ("tolist", "as_py"):
        if hasattr(value, name):
            return getattr(value, name)()
    return value


def tokens_of(sentence: Any, number: int) -> Iterable[Any]:
    """Return what can be iterated for the tokens of a sentence.

    Raises
    ------
    TypeError
        With the number of the sentence, if it has no items.
    """
    sentence = as_python(sentence)
    if not is_iterable(sentence):
        raise TypeError(
            f"sentence {number} must be an iterable of tokens, got {described(sentence)}"
        )
    # No str any more: who gets it does not warn again.
    return iter(sentence) if isinstance(sentence, str) else items_of(sentence)
