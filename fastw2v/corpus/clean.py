r"""What Python knows about characters, as a table for csrc/clean.c.

The table is asked of this Python's own str methods, so that C splits and lowers text exactly as
`str.lower` and the `\w` of `re` do, in the version of Unicode that this Python has.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from fastw2v.corpus._clean import IS_CASED, IS_IGNORED, IS_WORD, Cleaner
from fastw2v.corpus.reading import Reading

MIN_LENGTH, MAX_LENGTH = 2, 15
"""Characters of a token that `simple_preprocess` keeps."""

# All others are private or unassigned.
_RANGES = (range(0x34000), range(0xE0000, 0xE0200))


@functools.cache
def table() -> npt.NDArray[np.uint32]:
    """Return `clean_rules.points` of csrc/clean.h; takes about 0.2 s, once."""
    entries = np.arange(0x110000, dtype=np.uint32)
    for points in _RANGES:
        chars = [chr(point) for point in points]
        # Only U+0130 becomes two characters, which C knows.
        lower = np.array([ord(char.lower()[0]) for char in chars], dtype=np.uint32)
        # What is cased, and what to look past, is not told, but a capital sigma shows it.
        cased = np.array([("A\u03a3" + char).lower()[1] == "\u03c3" for char in chars])
        inside = np.array([("A\u03a3" + char + "A").lower()[1] == "\u03c3" for char in chars])
        word = np.array([_in_word(char) for char in chars])
        flags = IS_CASED * cased + IS_IGNORED * (inside & ~cased) + IS_WORD * word
        entries[points.start : points.stop] = lower | flags.astype(np.uint32)
    return entries


def _in_word(char: str) -> bool:
    return char == "_" or (char.isalnum() and not char.isdecimal())


def cleaner(reading: Reading) -> Cleaner:
    """Return a new cleaner for some rules."""
    ends = "nothing" if isinstance(reading.sentence_split, int) else reading.sentence_split
    tokenizer = reading.tokenizer or "space"
    assert isinstance(tokenizer, str)  # a function gets its lines uncleaned
    return Cleaner(
        tokenizer,
        ends,
        reading.errors,
        reading.lowercase,
        MIN_LENGTH,
        MAX_LENGTH,
        table(),
    )
