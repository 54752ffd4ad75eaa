"""csrc/scan.h, and the table of words for the modules that look into it."""

from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef extern from "<stdbool.h>":
    ctypedef bint c_bool "bool"

cdef extern from "Python.h":
    # cpython.list has it with a reference that is counted.
    PyObject *PyList_GET_ITEM(object, Py_ssize_t)

    bint PyUnicode_CheckExact(PyObject *)
    bint PyUnicode_IS_COMPACT_ASCII(PyObject *)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject *)
    const uint8_t *PyUnicode_1BYTE_DATA(PyObject *)

cdef extern from "compiler.h" nogil:
    void W2V_PREFETCH_READ(const void *)

cdef extern from "scan.h" nogil:
    int32_t SCAN_END
    int32_t SCAN_NONE
    int64_t SCAN_SLACK
    int64_t SCAN_SHORT
    int32_t SCAN_UNKNOWN

    enum scan_status:
        SCAN_DONE
        SCAN_FULL_OUT
        SCAN_FULL_WORDS
        SCAN_FULL_ARENA
        SCAN_INVALID

    struct scan_tag:
        uint64_t low
        uint64_t high

    struct scan_slot:
        pass

    struct scan_table:
        scan_slot *slots
        uint8_t *arena
        int64_t *offsets
        int64_t *counts
        int64_t *first
        int64_t arena_cap
        int32_t word_cap
        int32_t n_words
        uint32_t slot_bits

    struct scan_block:
        const uint8_t *text
        int64_t n_text
        int64_t text_pos
        c_bool is_earlier
        int64_t done
        int32_t *out
        int64_t out_cap
        int64_t n_out
        c_bool leading_end
        int64_t n_tokens
        int64_t n_sentences
        int64_t n_lines
        c_bool has_newline
        c_bool joins
        c_bool open

    struct scan_list:
        const uint8_t *bytes
        const int64_t *offsets
        const int64_t *rows
        int64_t n_rows
        int64_t row
        int64_t word

    scan_status scan_count(scan_table *table, scan_block *block)
    scan_status scan_encode(const scan_table *table, scan_block *block)
    scan_status scan_count_list(scan_table *table, scan_block *block, scan_list *list)
    scan_status scan_encode_list(const scan_table *table, scan_block *block, scan_list *list)
    int32_t scan_find(const scan_table *table, const uint8_t *word, int64_t n)
    scan_status scan_add(scan_table *table, const uint8_t *word, int64_t n, int64_t first)
    scan_status scan_skip(scan_table *table)
    void scan_settle(scan_table *table)
    scan_status scan_merge(scan_table *table, const scan_table *source, int32_t *next, int32_t *ids)
    void scan_rehash(scan_table *table, const scan_slot *old, int64_t n_old)
    int64_t scan_cut(const uint8_t *text, int64_t start, int64_t n)
    int64_t scan_remap(int32_t *ids, int64_t n, const int32_t *map, c_bool *leading_end)
    scan_tag scan_short_tag(const uint8_t *word, int64_t n)
    void scan_ask(const scan_table *table, const scan_tag *tag)
    int32_t scan_recall(const scan_table *table, const scan_tag *tag)
    void scan_remember(scan_table *table, const scan_tag *tag, int32_t id)
    int64_t scan_remap_fixed(
        int32_t *ids, int64_t n, const int32_t *map, c_bool *leading_end, int64_t length,
        int64_t phase
    )
    int64_t scan_lines(const uint8_t *text, int64_t n)
    int64_t scan_longest(const int32_t *ids, int64_t n)


cdef int check_id_space(int64_t n_words) except -1


cdef class WordTable:
    cdef scan_table table
    # The arrays behind the pointers of `table`.
    cdef object slots, arena, offsets, word_counts, word_first
    cdef int64_t latest  # the last position in the corpus that was counted

    cdef int _resize_slots(self, uint32_t slot_bits) except -1
    cdef int _resize_words(self) except -1
    cdef int _resize_arena(self, int64_t cap) except -1
    cdef int _grow(self, scan_status status) except -1
    cdef object _read(self, scan_block *block, scan_list *list, segments, bint growing)
    cdef object _read_text(
        self, const uint8_t[::1] text, int64_t n_text, int64_t text_pos, segments, bint growing
    )
    cdef object _read_list(self, words, int64_t pos, segments, bint growing)
    cdef int _add(self, bytes word) except -1
