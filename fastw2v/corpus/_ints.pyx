"""Nogil bridge to csrc/ints.c; the memory that C borrows is kept beside the pointers."""

from libc.stdint cimport INT32_MAX
from libc.string cimport memset

from fastw2v.corpus._scan cimport (
    SCAN_DONE,
    SCAN_FULL_OUT,
    SCAN_NONE,
    check_id_space,
)

import operator

import numpy as np

from fastw2v import memory
from fastw2v.corpus.segments import Ledger


cdef class IntTable:
    """Whole numbers and their ids 0, 1, 2, ... in the order in which the table met them."""

    cdef ints_table table
    # The arrays behind the pointers of `table`.
    cdef object slots, word_values, word_counts, word_first
    cdef int64_t latest  # the last position in the corpus that was counted

    def __cinit__(self):
        memset(&self.table, 0, sizeof(ints_table))
        self._resize(12)

    def __len__(self):
        return self.table.n_words

    cdef int _resize(self, uint32_t slot_bits) except -1:
        cdef int64_t[:, ::1] slots = memory.zeros((1 << slot_bits, 2), np.int64)
        cdef int64_t n = self.table.n_words
        # With 5 of 8 slots taken, probes are still short.
        cdef int64_t cap = min(<int64_t>5 << (slot_bits - 3), <int64_t>INT32_MAX)
        cdef int64_t[::1] values = memory.zeros((cap,), np.int64)
        cdef int64_t[::1] counts = memory.zeros((cap,), np.int64)
        cdef int64_t[::1] first = memory.zeros((cap,), np.int64)
        cdef const ints_slot *old = self.table.slots
        cdef int64_t n_old = <int64_t>1 << self.table.slot_bits if old != NULL else 0
        if n > 0:
            values.base[:n] = self.word_values[:n]
            counts.base[:n] = self.word_counts[:n]
            first.base[:n] = self.word_first[:n]
        self.table.slots = <ints_slot *>&slots[0, 0]
        self.table.slot_bits = slot_bits
        with nogil:
            ints_rehash(&self.table, old, n_old)
        self.slots = slots.base
        self.word_values, self.word_counts, self.word_first = values.base, counts.base, first.base
        self.table.values, self.table.counts, self.table.first = &values[0], &counts[0], &first[0]
        self.table.word_cap = <int32_t>cap
        return 0

    cdef int _grow(self) except -1:
        check_id_space(self.table.n_words)
        return self._resize(self.table.slot_bits + 1)

    cdef object _read(self, numbers, int64_t pos, segments, bint growing):
        cdef const int64_t[::1] values = numbers.values
        cdef const int64_t[::1] rows = numbers.rows
        cdef int64_t none = 0
        cdef ints_block block
        cdef scan_status status
        cdef int32_t[::1] out
        if rows[rows.shape[0] - 1] > values.shape[0]:
            raise ValueError("rows of numbers do not fit in their buffer")
        memset(&block, 0, sizeof(ints_block))
        block.values = &values[0] if values.shape[0] else &none
        block.rows = &rows[0]
        block.n_rows = rows.shape[0] - 1
        block.pos = pos
        block.is_earlier = pos < self.latest
        self.latest = max(self.latest, pos)
        block.done = rows[0]
        while True:
            out = segments.free()
            block.out = &out[0]
            block.out_cap = out.shape[0]
            block.n_out = 0
            block.leading_end = False
            while True:
                with nogil:
                    if growing:
                        status = ints_count(&self.table, &block)
                    else:
                        status = ints_encode(&self.table, &block)
                if status == SCAN_DONE or status == SCAN_FULL_OUT:
                    break
                self._grow()
            segments.take(block.n_out, block.leading_end)
            if status == SCAN_DONE:
                return Ledger(block.done - rows[0], block.n_rows, block.n_rows > 0, False, False)

    def count_ints(self, numbers, int64_t pos, segments):
        """Read an `IntList`, adding the numbers that are new."""
        return self._read(numbers, pos, segments, True)

    def encode_ints(self, numbers, segments):
        """Read an `IntList`, leaving out the numbers that are not in the table."""
        return self._read(numbers, self.latest, segments, False)

    def merge(self, IntTable source not None):
        """Add the numbers and counts of another table; return their ids in this one."""
        cdef int32_t[::1] ids = memory.zeros((max(source.table.n_words, 1),), np.int32)
        cdef int32_t done = 0
        cdef scan_status status
        with nogil:
            ints_settle(&source.table)
        while True:
            with nogil:
                status = ints_merge(&self.table, &source.table, &done, &ids[0])
            if status == SCAN_DONE:
                return ids.base[: source.table.n_words]
            self._grow()

    def add(self, keys):
        """Append numbers that are not in the table yet; any other key takes an id of its own."""
        cdef int64_t n_words
        for key in keys:
            if self.table.n_words == self.table.word_cap:
                self._grow()
            value = integer(key)
            if value is not None:
                ints_add(&self.table, value, 0)
                continue
            # An id that no search will find.
            n_words = self.table.n_words
            self.table.values[n_words] = self.table.counts[n_words] = 0
            self.table.first[n_words] = 0
            self.table.n_words += 1

    def find(self, keys):
        """Return the id of every key, -1 for those that are not in the table."""
        cdef int32_t[::1] ids = np.empty(max(len(keys), 1), dtype=np.int32)
        cdef int64_t i
        for i, key in enumerate(keys):
            value = integer(key)
            ids[i] = SCAN_NONE if value is None else ints_find(&self.table, value)
        return ids.base[: len(keys)]

    def counts(self):
        """Return the count of every number, in the order of ids."""
        with nogil:
            ints_settle(&self.table)
        return self.word_counts[: self.table.n_words]

    def first(self):
        """Return the place in the corpus where each number was first met."""
        return self.word_first[: self.table.n_words]

    def values(self):
        """Return the numbers, in the order of ids."""
        return self.word_values[: self.table.n_words]


cdef object integer(key):
    """Return a key as a number of 64 bits; None for one that is no such number."""
    try:
        value = operator.index(key)
    except TypeError:
        return None
    return value if -(1 << 63) <= value < 1 << 63 else None
