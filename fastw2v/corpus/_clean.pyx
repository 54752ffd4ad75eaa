"""Nogil bridge to csrc/clean.c."""

from libc.string cimport memset

from fastw2v import memory
from fastw2v.corpus.segments import InvalidTextError

import numpy as np

IS_WORD = CLEAN_IS_WORD
IS_CASED = CLEAN_IS_CASED
IS_IGNORED = CLEAN_IS_IGNORED

cdef dict WORDS = {"space": CLEAN_SPACE, "words": CLEAN_PATTERN, "text8": CLEAN_TEXT8}
cdef dict ENDS = {
    "line": CLEAN_LINE,
    "paragraph": CLEAN_PARAGRAPH,
    "punctuation": CLEAN_PUNCTUATION,
    "nothing": CLEAN_NOTHING,
}
cdef dict ERRORS = {"strict": CLEAN_STRICT, "replace": CLEAN_REPLACE, "skip": CLEAN_SKIP}

cdef int64_t SLACK = 64  # required by scan.h behind a text


cdef class Cleaner:
    """Rules for words and sentences, and a buffer for the text that they make."""

    cdef clean_rules rules
    cdef readonly object out
    cdef readonly int64_t n_out
    cdef readonly int64_t n_lines
    cdef readonly int64_t n_replaced
    cdef readonly int64_t n_skipped
    cdef object points

    def __init__(
        self,
        words,
        ends,
        errors,
        bint lower,
        int64_t min_length,
        int64_t max_length,
        const uint32_t[::1] points not None,
    ):
        memset(&self.rules, 0, sizeof(clean_rules))
        self.rules.words = <clean_words><int>WORDS[words]
        self.rules.ends = <clean_ends><int>ENDS[ends]
        self.rules.errors = <clean_errors><int>ERRORS[errors]
        self.rules.lower = lower
        self.rules.min_length = min_length
        self.rules.max_length = max_length
        if points.shape[0] != 0x110000:
            raise ValueError(f"the table of code points has {points.shape[0]} entries")
        self.points = points
        self.rules.points = &points[0]
        self.out = memory.zeros((1,), np.uint8)

    def clean(
        self, const uint8_t[::1] text not None, int64_t n_text, bint at_line_start, bint last
    ):
        """Clean text[:n_text] into `out[:n_out]`; InvalidTextError where the rules are strict."""
        cdef clean_block block
        cdef uint8_t[::1] out
        cdef bint done
        if n_text < 1 or n_text + 8 > text.shape[0]:
            raise ValueError(f"a text of {n_text} bytes does not fit in {text.shape[0]}")
        # Only the spelling of digits needs the most; pages that are not written cost nothing.
        need = CLEAN_GROWTH * n_text + CLEAN_SLACK + SLACK
        if need > len(self.out):
            self.out = memory.zeros((need,), np.uint8)
        out = self.out
        memset(&block, 0, sizeof(clean_block))
        block.text = &text[0]
        block.n_text = n_text
        block.out = &out[0]
        block.at_line_start = at_line_start
        block.last = last
        with nogil:
            done = clean_text(&self.rules, &block)
        if not done:
            raise InvalidTextError(block.invalid)
        out[block.n_out : block.n_out + SLACK] = 10
        self.n_out = block.n_out
        self.n_lines = block.n_lines
        self.n_replaced = block.n_replaced
        self.n_skipped = block.n_skipped
