"""Words as their bytes, one after the other, and where each begins: how files hold them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt


def spell(words: Iterable[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of words, one after the other, and where each begins."""
    try:
        spelled = [str.encode(word, "utf-8", "surrogatepass") for word in words]
    except TypeError as error:
        raise TypeError(f"phrases must be str: {error}") from error
    offsets = np.cumsum([0, *map(len, spelled)], dtype=np.int64)
    return np.frombuffer(b"".join(spelled), dtype=np.uint8), offsets


def unspell(spelled: npt.NDArray[Any], offsets: npt.NDArray[Any], n: int) -> list[str]:
    """Return the words that `spell` was given; IndexError if the offsets do not fit."""
    check_offsets(offsets, n, len(spelled))
    text = spelled.tobytes()
    bounds = offsets.tolist()
    return [
        text[start:end].decode("utf-8", "surrogatepass")
        for start, end in itertools.pairwise(bounds)
    ]


def check_offsets(offsets: npt.NDArray[Any], n: int, end: int, *, at_least: int = 0) -> None:
    """Raise IndexError unless `offsets` cuts `end` items into `n` parts."""
    good = (
        len(offsets) == n + 1
        and offsets[0] == 0
        and offsets[-1] == end
        and bool((np.diff(offsets) >= at_least).all())
    )
    if not good:
        raise IndexError("the offsets do not fit what they divide")
