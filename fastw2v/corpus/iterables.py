"""Python objects that are iterated: how it is done, and of how many items that is known.

A corpus may be anything that has items, and nobody has to have written its `__len__` with care: it
may raise, return None, or read a whole file. So it is not called where nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np


def is_iterable(value: object) -> bool:
    """Tell whether a value has items."""
    return hasattr(type(value), "__iter__") or hasattr(type(value), "__getitem__")


def items_of(value: Any) -> Iterable[Any]:
    """Return a value as `for` should have it.

    What has only an index and a length, as data sets of PyTorch, ends at the length: Python itself
    would go on until an index is refused, which such classes need not do.
    """
    if hasattr(type(value), "__iter__") or not hasattr(type(value), "__len__"):
        found: Iterable[Any] = value
        return found
    return _indexed(value)


def _indexed(value: Any) -> Iterator[Any]:
    for index in range(len(value)):
        try:
            item = value[index]
        except IndexError:
            return
        yield item


def n_items(value: object) -> int | None:
    """Return the length of a sequence of Python's or NumPy's; None for anything else."""
    return len(value) if isinstance(value, (Sequence, np.ndarray)) else None
