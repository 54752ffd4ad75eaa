"""csrc/clean.h."""

from libc.stdint cimport int64_t, uint8_t, uint32_t

cdef extern from "<stdbool.h>":
    ctypedef bint c_bool "bool"

cdef extern from "clean.h" nogil:
    int64_t CLEAN_GROWTH
    int64_t CLEAN_SLACK
    uint32_t CLEAN_IS_WORD
    uint32_t CLEAN_IS_CASED
    uint32_t CLEAN_IS_IGNORED

    enum clean_words:
        CLEAN_SPACE
        CLEAN_PATTERN
        CLEAN_TEXT8

    enum clean_ends:
        CLEAN_LINE
        CLEAN_PARAGRAPH
        CLEAN_PUNCTUATION
        CLEAN_NOTHING

    enum clean_errors:
        CLEAN_STRICT
        CLEAN_REPLACE
        CLEAN_SKIP

    struct clean_rules:
        clean_words words
        clean_ends ends
        clean_errors errors
        c_bool lower
        int64_t min_length
        int64_t max_length
        const uint32_t *points

    struct clean_block:
        const uint8_t *text
        int64_t n_text
        uint8_t *out
        c_bool at_line_start
        c_bool last
        int64_t n_out
        int64_t n_lines
        int64_t n_replaced
        int64_t n_skipped
        int64_t invalid

    c_bool clean_text(const clean_rules *rules, clean_block *block)
