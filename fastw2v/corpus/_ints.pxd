"""csrc/ints.h."""

from libc.stdint cimport int32_t, int64_t, uint32_t

from fastw2v.corpus._scan cimport c_bool, scan_status

cdef extern from "ints.h" nogil:
    struct ints_slot:
        pass

    struct ints_table:
        ints_slot *slots
        int64_t *values
        int64_t *counts
        int64_t *first
        int32_t word_cap
        int32_t n_words
        uint32_t slot_bits

    struct ints_block:
        const int64_t *values
        const int64_t *rows
        int64_t n_rows
        int64_t pos
        c_bool is_earlier
        int64_t row
        int64_t done
        int32_t *out
        int64_t out_cap
        int64_t n_out
        c_bool leading_end

    scan_status ints_count(ints_table *table, ints_block *block)
    scan_status ints_encode(const ints_table *table, ints_block *block)
    int32_t ints_find(const ints_table *table, int64_t value)
    scan_status ints_add(ints_table *table, int64_t value, int64_t first)
    void ints_settle(ints_table *table)
    scan_status ints_merge(ints_table *table, const ints_table *source, int32_t *next, int32_t *ids)
    void ints_rehash(ints_table *table, const ints_slot *old, int64_t n_old)
