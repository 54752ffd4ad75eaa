"""Nogil bridge to csrc/scan.c, and the same work on Python objects.

The memory that C borrows belongs to NumPy arrays that are kept beside the pointers.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_GetItemWithError
from cpython.exc cimport PyErr_CheckSignals
from cpython.list cimport PyList_GET_SIZE
from cpython.long cimport PyLong_AsLongLong
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

import numpy as np

from fastw2v import memory
from fastw2v.corpus.segments import InvalidTextError, Ledger
from fastw2v.errors import CorpusError

SLACK = SCAN_SLACK
END = SCAN_END

cdef int64_t SIGNAL_PERIOD = 1 << 16  # tokens: a few milliseconds
cdef Py_ssize_t OBJECTS_AHEAD = 16


cdef int check_id_space(int64_t n_words) except -1:
    if n_words >= INT32_MAX:
        raise CorpusError(
            f"the corpus has more than {INT32_MAX:,} distinct words, and ids are 32-bit integers; "
            f"split the corpus, or normalise its words"
        )
    return 0


cdef class WordTable:
    """Words (bytes) and their ids 0, 1, 2, ... in the order in which the table met them."""

    def __cinit__(self):
        memset(&self.table, 0, sizeof(scan_table))
        self._resize_slots(12)
        self._resize_words()
        self._resize_arena(1 << 15)

    def __len__(self):
        return self.table.n_words

    cdef int _resize_slots(self, uint32_t slot_bits) except -1:
        cdef uint64_t[:, ::1] view = memory.zeros((1 << slot_bits, 3), np.uint64)
        cdef const scan_slot *old = self.table.slots
        cdef int64_t n_old = <int64_t>1 << self.table.slot_bits if old != NULL else 0
        self.table.slots = <scan_slot *>&view[0, 0]
        self.table.slot_bits = slot_bits
        with nogil:
            scan_rehash(&self.table, old, n_old)
        self.slots = view.base
        return 0

    cdef int _resize_words(self) except -1:
        cdef int64_t n = self.table.n_words
        # With 5 of 8 slots taken, probes are still short.
        cdef int64_t cap = min(<int64_t>5 << (self.table.slot_bits - 3), <int64_t>INT32_MAX)
        cdef int64_t[::1] offsets = memory.zeros((cap + 1,), np.int64)
        cdef int64_t[::1] counts = memory.zeros((cap,), np.int64)
        cdef int64_t[::1] first = memory.zeros((cap,), np.int64)
        if n > 0:
            offsets.base[: n + 1] = self.offsets[: n + 1]
            counts.base[:n] = self.word_counts[:n]
            first.base[:n] = self.word_first[:n]
        self.offsets, self.word_counts, self.word_first = offsets.base, counts.base, first.base
        self.table.offsets = &offsets[0]
        self.table.counts = &counts[0]
        self.table.first = &first[0]
        self.table.word_cap = <int32_t>cap
        return 0

    cdef int _resize_arena(self, int64_t cap) except -1:
        cdef uint8_t[::1] view = memory.zeros((cap + SCAN_SLACK,), np.uint8)
        cdef int64_t n = self.table.offsets[self.table.n_words]
        if n > 0:
            view.base[:n] = self.arena[:n]
        self.arena = view.base
        self.table.arena = &view[0]
        self.table.arena_cap = cap
        return 0

    cdef int _grow(self, scan_status status) except -1:
        """Double what is full."""
        if status == SCAN_FULL_ARENA:
            return self._resize_arena(2 * self.table.arena_cap)
        check_id_space(self.table.n_words)
        self._resize_slots(self.table.slot_bits + 1)
        return self._resize_words()

    cdef object _read(self, scan_block *block, scan_list *list, segments, bint growing):
        cdef scan_status status
        cdef int32_t[::1] out
        while True:
            out = segments.free()
            block.out = &out[0]
            block.out_cap = out.shape[0]
            block.n_out = 0
            block.leading_end = False
            while True:
                with nogil:
                    if list != NULL and growing:
                        status = scan_count_list(&self.table, block, list)
                    elif list != NULL:
                        status = scan_encode_list(&self.table, block, list)
                    elif growing:
                        status = scan_count(&self.table, block)
                    else:
                        status = scan_encode(&self.table, block)
                if status == SCAN_DONE or status == SCAN_FULL_OUT:
                    break
                if status == SCAN_INVALID:
                    raise InvalidTextError(block.done if list == NULL else list.word)
                self._grow(status)
            segments.take(block.n_out, block.leading_end)
            if status == SCAN_DONE:
                return Ledger(
                    block.n_tokens,
                    block.n_sentences,
                    block.has_newline,
                    block.joins,
                    block.open,
                    block.n_lines,
                )

    cdef object _read_text(
        self, const uint8_t[::1] text, int64_t n_text, int64_t text_pos, segments, bint growing
    ):
        cdef scan_block block
        if n_text < 1 or n_text + SCAN_SLACK > text.shape[0]:
            raise ValueError(f"a text of {n_text} bytes does not fit in {text.shape[0]}")
        memset(&block, 0, sizeof(scan_block))
        block.text = &text[0]
        block.n_text = n_text
        block.text_pos = text_pos
        block.is_earlier = text_pos < self.latest
        self.latest = max(self.latest, text_pos)
        return self._read(&block, NULL, segments, growing)

    def count(self, const uint8_t[::1] text not None, int64_t n_text, int64_t text_pos, segments):
        """Read a block of text, adding new words; InvalidTextError at one that is not UTF-8."""
        return self._read_text(text, n_text, text_pos, segments, True)

    def encode(self, const uint8_t[::1] text not None, int64_t n_text, segments):
        """Read a block of text, leaving out the words that are not in the table."""
        return self._read_text(text, n_text, self.latest, segments, False)

    cdef object _read_list(self, words, int64_t pos, segments, bint growing):
        cdef scan_block block
        cdef scan_list borrowed
        cdef const uint8_t[::1] view = words.bytes
        cdef const int64_t[::1] offsets = words.offsets
        cdef const int64_t[::1] rows = words.rows
        memset(&block, 0, sizeof(scan_block))
        memset(&borrowed, 0, sizeof(scan_list))
        if rows[rows.shape[0] - 1] >= offsets.shape[0] or (
            offsets[offsets.shape[0] - 1] + SCAN_SLACK > view.shape[0]
        ):
            raise ValueError("a list of words does not fit in its buffers")
        block.text_pos = pos
        block.is_earlier = pos < self.latest
        self.latest = max(self.latest, pos)
        borrowed.bytes = &view[0]
        borrowed.offsets = &offsets[0]
        borrowed.rows = &rows[0]
        borrowed.n_rows = rows.shape[0] - 1
        borrowed.word = rows[0]
        return self._read(&block, &borrowed, segments, growing)

    def count_list(self, words, int64_t pos, segments):
        """Read a `TokenList`, adding the words that are new."""
        return self._read_list(words, pos, segments, True)

    def encode_list(self, words, segments):
        """Read a `TokenList`, leaving out the words that are not in the table."""
        return self._read_list(words, self.latest, segments, False)

    def merge(self, WordTable source not None):
        """Add the words and counts of another table; return their ids in this one."""
        cdef int32_t[::1] ids = memory.zeros((max(source.table.n_words, 1),), np.int32)
        cdef int32_t done = 0
        cdef scan_status status
        with nogil:
            scan_settle(&source.table)
        while True:
            with nogil:
                status = scan_merge(&self.table, &source.table, &done, &ids[0])
            if status == SCAN_DONE:
                return ids.base[: source.table.n_words]
            self._grow(status)

    cdef int _add(self, bytes word) except -1:
        cdef const uint8_t[::1] view
        cdef scan_status status
        view = b"" if word is None else word + bytes(SCAN_SLACK)
        while True:
            if word is None:
                status = scan_skip(&self.table)
            else:
                status = scan_add(&self.table, &view[0], len(word), 0)
            if status == SCAN_DONE:
                return 0
            self._grow(status)

    def add(self, keys):
        """Append words that are not in the table yet; a key that text cannot hold keeps its id."""
        for key in keys:
            self._add(spelling(key))

    def find(self, keys):
        """Return the id of every key, -1 for those that are not in the table."""
        cdef int32_t[::1] ids = np.empty(max(len(keys), 1), dtype=np.int32)
        cdef const uint8_t[::1] view
        cdef bytes word
        cdef int64_t i
        for i, key in enumerate(keys):
            word = spelling(key)
            if word is None:
                ids[i] = SCAN_NONE
                continue
            view = word + bytes(SCAN_SLACK)
            ids[i] = scan_find(&self.table, &view[0], len(word))
        return ids.base[: len(keys)]

    def counts(self):
        """Return the count of every word, in the order of ids."""
        with nogil:
            scan_settle(&self.table)
        return self.word_counts[: self.table.n_words]

    def first(self):
        """Return the position in the corpus where each word was first met, in bytes."""
        return self.word_first[: self.table.n_words]

    def decode(self, const int64_t[::1] ids not None):
        """Return words as str; UnicodeDecodeError carries the bytes of one that is not UTF-8."""
        cdef list words = []
        cdef int64_t i, id_, start
        for i in range(ids.shape[0]):
            id_ = ids[i]
            if not 0 <= id_ < self.table.n_words:
                raise IndexError(f"there is no word {id_} in a table of {self.table.n_words}")
            start = self.table.offsets[id_]
            words.append(
                PyUnicode_DecodeUTF8(
                    <const char *>self.table.arena + start,
                    self.table.offsets[id_ + 1] - start,
                    NULL,
                )
            )
        return words


cpdef bytes utf8(key):
    """Return the bytes that spell a key in a text; none for a key that no text can hold."""
    cdef bytes word = spelling(key)
    return b"" if word is None else word


cdef bytes spelling(key):
    """Return the bytes that spell a key; None for a key that no text can hold."""
    if not isinstance(key, str):
        return None
    try:
        return (<str>key).encode()
    except UnicodeEncodeError:
        return None


cdef inline void ask_for(PyObject *token) noexcept:
    """Prefetch the head of an object, and the letters of a str of ASCII, which come after it."""
    W2V_PREFETCH_READ(token)
    W2V_PREFETCH_READ(<const char *>token + 48)


cdef class KeyTable:
    """Words that are any hashable objects, their ids, and the ids of the tokens read.

    A growing table numbers the keys in the order in which they come. A table that does not grow
    leaves out the tokens that are not in `index`.
    """

    cdef dict index
    cdef readonly list keys
    cdef readonly int64_t n_tokens
    cdef readonly int64_t n_sentences
    cdef readonly int64_t n_live
    cdef object segments, key_counts, key_entered
    cdef int64_t *counts_ptr
    cdef int64_t *entered_ptr
    cdef int64_t cap, n_entered
    cdef int32_t[::1] out
    cdef int32_t *out_ptr
    cdef int64_t n_out, n_room
    cdef bint growing, leading_end
    # Ids of short ASCII words, which are also in the dictionary.
    cdef scan_table short
    cdef object short_slots
    # Set while the dictionary hashes and compares a token, so that its errors can be told from
    # those of the sentence's iterator.
    cdef bint in_lookup

    def __init__(self, dict index not None, segments, bint growing):
        self.index = index
        self.keys = []
        self.segments = segments
        self.growing = growing
        memset(&self.short, 0, sizeof(scan_table))
        self._resize(1 << 10)
        self._use(segments.free())

    cdef int _use(self, int32_t[::1] out) except -1:
        self.out = out
        self.out_ptr, self.n_room = &out[0], out.shape[0]
        return 0

    cdef int _resize(self, int64_t cap) except -1:
        cdef int64_t[::1] counts = memory.zeros((cap,), np.int64)
        cdef int64_t[::1] entered = memory.zeros((cap,), np.int64)
        cdef int64_t n = len(self.keys)
        if n > 0:
            counts.base[:n] = self.key_counts[:n]
            entered.base[:n] = self.key_entered[:n]
        self.key_counts, self.key_entered = counts.base, entered.base
        self.counts_ptr, self.entered_ptr = &counts[0], &entered[0]
        self.cap = cap
        return 0

    cdef int64_t _add(self, token) except -1:
        cdef int64_t id_ = len(self.keys)
        check_id_space(id_)
        if id_ == self.cap:
            self._resize(2 * self.cap)
        self.index[token] = id_
        self.keys.append(token)
        return id_

    cdef int _next_piece(self) except -1:
        self.segments.take(self.n_out, self.leading_end)
        self._use(self.segments.free())
        self.n_out = 0
        self.leading_end = False
        return 0

    cdef int _count_token(self) except -1:
        self.n_tokens += 1
        if self.n_tokens % SIGNAL_PERIOD == 0:
            PyErr_CheckSignals()
        return 0

    cdef int _write(self, int32_t id_) except -1:
        if self.growing:
            if self.counts_ptr[id_] == 0:
                self.n_live += 1
                self.entered_ptr[id_] = self.n_entered
                self.n_entered += 1
            self.counts_ptr[id_] += 1
        if self.n_out == self.n_room:
            self._next_piece()
        self.out_ptr[self.n_out] = id_
        self.n_out += 1
        return 0

    cdef int32_t _take(self, token) except? -3:
        """Read a token by the dictionary; return its id, or SCAN_NONE."""
        cdef PyObject *found
        cdef int64_t id_
        self.in_lookup = True
        found = PyDict_GetItemWithError(self.index, token)
        self.in_lookup = False
        self._count_token()
        if found != NULL:
            id_ = PyLong_AsLongLong(<object>found)
        elif self.growing:
            id_ = self._add(token)
        else:
            return SCAN_NONE
        self._write(<int32_t>id_)
        return <int32_t>id_

    cdef int _remember(self, const scan_tag *tag, int32_t id_) except -1:
        cdef const scan_slot *old = self.short.slots
        cdef uint32_t bits = self.short.slot_bits
        cdef uint64_t[:, ::1] slots
        # With 5 of 8 slots taken, probes are still short.
        if old == NULL or self.short.n_words >= <int64_t>5 << (bits - 3):
            bits = bits + 1 if old != NULL else 12
            slots = memory.zeros((1 << bits, 3), np.uint64)
            self.short.slots = <scan_slot *>&slots[0, 0]
            self.short.slot_bits = bits
            scan_rehash(&self.short, old, <int64_t>1 << (bits - 1) if old != NULL else 0)
            self.short_slots = slots.base
        scan_remember(&self.short, tag, id_)
        return 0

    cdef int _read_list(self, list tokens) except -1:
        """Read a list, short words of ASCII without asking the dictionary.

        The tokens of a large corpus are all over the memory, and so are the entries of the
        dictionary: tokens are asked for before their turn, and what is known of a word is in one
        slot, which is asked for, too. A token that is no str can run any code when it is hashed,
        which may change the list: what was looked at after it is then looked at again.
        """
        cdef scan_tag tags[32]
        cdef PyObject *token
        cdef Py_ssize_t begin = 0, i, n
        cdef int32_t id_
        cdef bint foreign
        while begin < PyList_GET_SIZE(tokens):
            n = min(PyList_GET_SIZE(tokens) - begin, OBJECTS_AHEAD)
            if begin == 0:
                for i in range(n):
                    ask_for(PyList_GET_ITEM(tokens, i))
            for i in range(begin + n, min(begin + 2 * n, PyList_GET_SIZE(tokens))):
                ask_for(PyList_GET_ITEM(tokens, i))
            for i in range(n):
                token = PyList_GET_ITEM(tokens, begin + i)
                tags[i].high = 0
                if (
                    PyUnicode_CheckExact(token)
                    and PyUnicode_IS_COMPACT_ASCII(token)
                    and 1 <= PyUnicode_GET_LENGTH(token) <= SCAN_SHORT
                ):
                    tags[i] = scan_short_tag(
                        PyUnicode_1BYTE_DATA(token), PyUnicode_GET_LENGTH(token)
                    )
                    if self.short.slots != NULL:
                        scan_ask(&self.short, &tags[i])
            for i in range(n):
                id_ = SCAN_UNKNOWN
                if tags[i].high != 0 and self.short.slots != NULL:
                    id_ = scan_recall(&self.short, &tags[i])
                if id_ != SCAN_UNKNOWN:
                    self._count_token()
                    if id_ != SCAN_NONE:
                        self._write(id_)
                    continue
                foreign = not PyUnicode_CheckExact(PyList_GET_ITEM(tokens, begin + i))
                id_ = self._take(<object>PyList_GET_ITEM(tokens, begin + i))
                if tags[i].high != 0:
                    self._remember(&tags[i], id_)
                elif foreign:
                    n = i + 1
                    break
            begin += n
        return 0

    cdef int _read(self, tokens) except -1:
        if type(tokens) is list:
            return self._read_list(tokens)
        for token in tokens:
            self._take(token)
        return 0

    def read(self, tokens):
        """Read some tokens of a sentence, from any iterable."""
        cdef int64_t before = self.n_tokens
        self.in_lookup = False
        try:
            self._read(tokens)
        except TypeError as error:
            if not self.in_lookup:
                raise
            raise TypeError(
                f"token {self.n_tokens - before + 1} of sentence {self.n_sentences + 1} "
                f"cannot be a word: {error}"
            ) from error

    def end_sentence(self):
        """End a sentence: the tokens read since the last call, or none."""
        if self.n_out > 0:
            self.out_ptr[self.n_out - 1] |= SCAN_END
        else:
            self.leading_end = True
        self.n_sentences += 1

    def finish(self):
        """Hand the last piece to the segments."""
        self._next_piece()

    def counts(self):
        """Return the count of every key, in the order of ids; 0 for one that was forgotten."""
        return self.key_counts[: len(self.keys)]

    def entered(self):
        """Return a rank for every key by the time when its count last left 0."""
        return self.key_entered[: len(self.keys)]

    def forget(self, const int64_t[::1] ids not None):
        """Set the counts of keys to 0. They keep their ids, for the tokens already written."""
        cdef int64_t i
        for i in range(ids.shape[0]):
            self.n_live -= self.counts_ptr[ids[i]] != 0
            self.counts_ptr[ids[i]] = 0


def cut(const uint8_t[::1] text not None, int64_t start, int64_t n):
    """Return the end of the last white space in text[start:n], 0 where there is none."""
    cdef int64_t end
    if not 0 <= start <= n <= text.shape[0]:
        raise ValueError(f"[{start}, {n}) is not in a text of {text.shape[0]} bytes")
    with nogil:
        end = scan_cut(&text[0], start, n) if n > start else 0
    return end


def remap(
    int32_t[::1] ids not None, const int32_t[::1] id_map not None, int64_t length=0, int64_t phase=0
):
    """Map ids in place, dropping those that map to -1.

    With a `length`, sentences also end after so many ids, of which `phase` came before these.
    Returns how many are left, and whether a sentence ended before the first of them.
    """
    cdef int64_t n = ids.shape[0]
    cdef c_bool leading_end = False
    if n > 0 and length > 0:
        with nogil:
            n = scan_remap_fixed(&ids[0], n, &id_map[0], &leading_end, length, phase)
    elif n > 0:
        with nogil:
            n = scan_remap(&ids[0], n, &id_map[0], &leading_end)
    return n, leading_end


def spread(
    const uint8_t[::1] data not None, const int64_t[::1] offsets not None, bytes end not None
):
    """Return texts one after the other, text i being data[offsets[i]:offsets[i + 1]], with ends."""
    cdef int64_t n = offsets.shape[0] - 1
    cdef int64_t n_end = len(end)
    cdef int64_t i, size, at = 0
    cdef const char *mark = end
    cdef bytes joined
    cdef char *out
    if offsets[0] < 0 or offsets[n] > data.shape[0]:
        raise ValueError("texts do not fit in their buffer")
    joined = PyBytes_FromStringAndSize(NULL, offsets[n] - offsets[0] + n * n_end)
    out = joined
    for i in range(n):
        size = offsets[i + 1] - offsets[i]
        memcpy(out + at, &data[0] + offsets[i], size)
        memcpy(out + at + size, mark, n_end)
        at += size + n_end
    return joined


def lines(const uint8_t[::1] text not None, int64_t n):
    """Return the number of newlines in text[:n]."""
    cdef int64_t found = 0
    if n > 0:
        with nogil:
            found = scan_lines(&text[0], n)
    return found


def longest(const int32_t[::1] ids not None):
    """Return the number of ids in the longest sentence."""
    cdef int64_t n = ids.shape[0]
    if n > 0:
        with nogil:
            n = scan_longest(&ids[0], n)
    return n
