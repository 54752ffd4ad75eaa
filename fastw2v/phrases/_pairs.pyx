"""Bridge to csrc/phrases.c: words and phrases in tables, sentences and texts on their way through.

The memory that C borrows belongs to NumPy arrays that are kept beside the pointers.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItemWithError
from cpython.exc cimport PyErr_CheckSignals
from cpython.list cimport PyList_GET_ITEM
from cpython.long cimport PyLong_AsLong
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy, memmove, memset

from fastw2v.phrases._pairs cimport (
    PHRASES_DEFAULT,
    PHRASES_DONE,
    PHRASES_FULL,
    PHRASES_LONG,
    PHRASES_NONE,
    PHRASES_NPMI,
    PHRASES_SCORED,
    phrases_add,
    phrases_count,
    phrases_end_sentence,
    phrases_entry,
    phrases_find,
    phrases_hash,
    phrases_hash_words,
    phrases_join,
    phrases_length,
    phrases_merge,
    phrases_prune,
    phrases_rehash,
    phrases_rewrite,
    phrases_rule,
    phrases_run,
    phrases_score,
    phrases_slot,
    phrases_spell,
    phrases_status,
    phrases_stream,
    phrases_table,
    phrases_text,
    phrases_words,
)
from fastw2v.corpus._scan cimport (
    SCAN_DONE,
    SCAN_END,
    SCAN_FULL_ARENA,
    SCAN_FULL_WORDS,
    SCAN_SLACK,
    WordTable,
    scan_add,
    scan_status,
)

import numpy as np

from fastw2v import memory
from fastw2v.corpus.segments import Segments
from fastw2v.errors import CorpusError

cdef enum:
    BUFFER = 1 << 16   # tokens counted at a time
    SHORT = 256        # tokens of a sentence that needs no memory of its own


cdef class Lexicon:
    """Words by id, with the hashes from which those of phrases are made.

    Parameters
    ----------
    delimiter : str
        What joins the words of a phrase.
    connectors : iterable of str
        The connector words.
    """

    cdef WordTable table
    cdef phrases_words words
    cdef object hashes, powers, connectors, delimiter_bytes
    cdef int64_t cap
    cdef readonly str delimiter
    cdef dict index     # from str to id
    cdef int32_t n_indexed
    cdef int32_t n_checked
    # Words of a text that str.split() would take apart, as white space beyond ASCII is in them.
    cdef dict compounds

    def __init__(self, str delimiter not None, connectors):
        cdef const uint8_t[::1] view
        self.table = WordTable()
        self.delimiter = delimiter
        self.index = {}
        self.compounds = {}
        memset(&self.words, 0, sizeof(phrases_words))
        self.delimiter_bytes = encode(delimiter)
        self.words.n_delimiter = len(self.delimiter_bytes)
        view = self.delimiter_bytes + b"\0"
        self.delimiter_bytes = view.base
        self.words.delimiter = &view[0]
        self.words.delimiter_hash = phrases_hash(
            &view[0], self.words.n_delimiter, &self.words.delimiter_power
        )
        self.sync()
        for word in connectors:
            self.words.connector[self.add(word)] = 1

    def __len__(self):
        return self.table.table.n_words

    cdef int sync(self) except -1:
        """Follow the table, which may have grown: one more column than there may be words."""
        cdef uint64_t[::1] hashes, powers
        cdef uint8_t[::1] connectors
        cdef int64_t cap = <int64_t>self.table.table.word_cap + 1
        if cap != self.cap:
            hashes = memory.zeros((cap,), np.uint64)
            powers = memory.zeros((cap,), np.uint64)
            connectors = memory.zeros((cap,), np.uint8)
            n = self.words.n_words
            if n:
                hashes.base[:n] = self.hashes[:n]
                powers.base[:n] = self.powers[:n]
                connectors.base[:n] = self.connectors[:n]
            self.hashes, self.powers, self.connectors = hashes.base, powers.base, connectors.base
            self.words.hash, self.words.power = &hashes[0], &powers[0]
            self.words.connector = &connectors[0]
            self.cap = cap
        self.words.arena = self.table.table.arena
        self.words.offsets = self.table.table.offsets
        phrases_hash_words(&self.words, self.table.table.n_words)
        return 0

    cdef int32_t append(self, bytes word) except -1:
        """Append a word that is not in the table."""
        cdef const uint8_t[::1] view = word + bytes(SCAN_SLACK)
        cdef scan_status status
        while True:
            status = scan_add(&self.table.table, &view[0], PyBytes_GET_SIZE(word), 0)
            if status == SCAN_DONE:
                break
            self.table._grow(status)
        self.sync()
        return self.table.table.n_words - 1

    cpdef int32_t add(self, token) except -1:
        """Return the id of a token, a new one if need be."""
        self.index_all()
        token = exact(token)
        found = self.index.get(token)
        if found is not None:
            return found
        cdef int32_t id_ = self.append(encode(token))
        self.index[token] = id_
        self.n_indexed = id_ + 1
        return id_

    cdef int32_t spare(self, bytes word) except -1:
        """Write a word behind the last one, where it does not stay, and return its id."""
        cdef int32_t id_ = self.table.table.n_words
        cdef int64_t start, size = PyBytes_GET_SIZE(word)
        while self.table.table.word_cap <= id_:
            self.table._grow(SCAN_FULL_WORDS)
        start = self.table.table.offsets[id_]
        while self.table.table.arena_cap - start < size:
            self.table._grow(SCAN_FULL_ARENA)
        self.sync()
        memcpy(self.table.table.arena + start, PyBytes_AS_STRING(word), size)
        self.table.table.offsets[id_ + 1] = start + size
        self.words.hash[id_] = phrases_hash(
            self.table.table.arena + start, size, &self.words.power[id_]
        )
        return id_

    cdef str decode(self, int32_t id_):
        cdef int64_t start = self.table.table.offsets[id_]
        return PyUnicode_DecodeUTF8(
            <const char *>self.table.table.arena + start,
            self.table.table.offsets[id_ + 1] - start,
            "surrogatepass",
        )

    cdef int index_all(self) except -1:
        """Enter the words that came from texts into the index of strings."""
        while self.n_indexed < self.table.table.n_words:
            self.index[self.decode(self.n_indexed)] = self.n_indexed
            self.n_indexed += 1
        return 0

    cdef int check_new(self) except -1:
        """Look at the words that a text has added; UnicodeDecodeError for one that is not UTF-8."""
        cdef const uint8_t *arena
        cdef int64_t i
        cdef bint plain
        while self.n_checked < self.table.table.n_words:
            arena = self.table.table.arena
            plain = True
            for i in range(
                self.table.table.offsets[self.n_checked],
                self.table.table.offsets[self.n_checked + 1],
            ):
                # 0x1c to 0x1f are white space to str.split, but not to bytes.split.
                plain = plain and (arena[i] < 0x1c or 0x20 <= arena[i] < 0x80)
            if not plain:
                self._check(self.n_checked)
            self.n_checked += 1
        self.sync()
        return 0

    cdef int _check(self, int32_t id_) except -1:
        cdef int64_t start = self.table.table.offsets[id_]
        cdef bytes spelled = (<const char *>self.table.table.arena)[
            start:self.table.table.offsets[id_ + 1]
        ]
        try:
            word = spelled.decode()
        except UnicodeDecodeError:
            if id_ < self.n_indexed:  # a Python token, which no text holds
                return 0
            raise
        parts = word.split()
        if parts != [word]:
            self.compounds[id_] = np.array([self.add(part) for part in parts], dtype=np.int32)
        return 0

    cdef object expand(self, ids):
        """Take compounds apart; return the ids, and whether a sentence ends before the first."""
        cdef const int32_t[::1] view = ids
        cdef int64_t i, done = 0, last
        cdef bint leading_end = False
        pieces = []
        for i in range(view.shape[0]):
            parts = self.compounds.get(view[i] & INT32_MAX)
            if parts is None:
                continue
            pieces += [ids[done:i], parts.copy()]
            done = i + 1
            if view[i] < 0:  # the end goes to the last id there is
                ended = next((piece for piece in reversed(pieces) if len(piece)), None)
                if ended is None:
                    leading_end = True
                else:
                    last = len(ended) - 1
                    ended[last] |= SCAN_END
        pieces.append(ids[done:])
        return np.concatenate(pieces), leading_end

    def spell_words(self, const int32_t[::1] ids not None):
        """Return the bytes of words, one after the other, and where each begins: (n + 1,)."""
        cdef int64_t i, start, size, n = ids.shape[0]
        cdef int64_t[::1] offsets = np.zeros(n + 1, dtype=np.int64)
        cdef const int64_t *at = self.table.table.offsets
        for i in range(n):
            offsets[i + 1] = offsets[i] + at[ids[i] + 1] - at[ids[i]]
        cdef uint8_t[::1] out = np.empty(offsets[n] + 1, dtype=np.uint8)
        for i in range(n):
            start = at[ids[i]]
            size = at[ids[i] + 1] - start
            memcpy(&out[offsets[i]], self.table.table.arena + start, size)
        return out.base[: offsets[n]], offsets.base

    def add_spelled(self, const uint8_t[::1] spelled not None, const int64_t[::1] offsets not None):
        """Add words as `spell_words` returns them; return their ids."""
        cdef int64_t i
        cdef int32_t[::1] ids = np.empty(offsets.shape[0] - 1, dtype=np.int32)
        for i in range(ids.shape[0]):
            word = bytes(spelled[offsets[i]:offsets[i + 1]])
            ids[i] = self.add(word.decode("utf-8", "surrogatepass"))
        return ids.base


class BadTokenError(TypeError):
    """A token is not a str."""


cdef bytes encode(str token):
    return token.encode("utf-8", "surrogatepass")


cdef str exact(token):
    """Return a str, and no instance of a subclass."""
    if type(token) is str:
        return <str>token
    if not isinstance(token, str):
        raise BadTokenError(
            f"the words of phrases must be str, got {type(token).__name__} ({token!r})"
        )
    return str.__str__(token)


cdef class Rule:
    """When a pair of words is a phrase.

    Parameters
    ----------
    scoring : {"default", "npmi", "scored"}
        How to score it; "scored" takes the scores as they are in `scores`.
    threshold : float
        A score must be larger.
    min_count, len_vocab, corpus_words : float
        What the first two need.
    scores : ndarray of float64, shape (n_entries,)
        By entry.
    reading_off, readings, reading_scores : ndarray, shapes (n_entries + 1,), (n, 2), (n,)
        Which ways to read an entry are phrases, see csrc/phrases.h.
    """

    cdef phrases_rule rule
    cdef object arrays

    def __init__(
        self,
        str scoring not None,
        double threshold,
        double min_count=0.0,
        double len_vocab=0.0,
        double corpus_words=0.0,
        const double[::1] scores=None,
        const int64_t[::1] reading_off=None,
        const int32_t[:, ::1] readings=None,
        const double[::1] reading_scores=None,
    ):
        self.rule.scoring = {
            "default": PHRASES_DEFAULT, "npmi": PHRASES_NPMI, "scored": PHRASES_SCORED
        }[scoring]
        self.rule.threshold = threshold
        self.rule.min_count = min_count
        self.rule.len_vocab = len_vocab
        self.rule.corpus_words = corpus_words
        self.arrays = (scores, reading_off, readings, reading_scores)
        if self.rule.scoring == PHRASES_SCORED and scores.shape[0] > 0:
            self.rule.scores = &scores[0]
            self.rule.reading_off = &reading_off[0]
            if readings.shape[0] > 0:
                self.rule.readings = &readings[0, 0]
                self.rule.reading_score = &reading_scores[0]


cdef class PhraseTable:
    """Entries, words or phrases known by their spelling, with their counts."""

    cdef phrases_table table
    cdef readonly Lexicon lexicon
    cdef object slots, entries, pool, entry_of
    cdef int64_t n_words

    def __init__(self, Lexicon lexicon not None):
        memset(&self.table, 0, sizeof(phrases_table))
        self.lexicon = lexicon
        self._resize_entries(12)
        self._resize_pool(1 << 8)
        self.fit_words()

    def __len__(self):
        return self.table.n_entries

    cdef int fit_words(self) except -1:
        """Follow the lexicon, which may have grown."""
        cdef int32_t[::1] view
        self.lexicon.sync()
        if self.n_words != self.lexicon.cap:
            view = memory.zeros((self.lexicon.cap,), np.int32)
            view.base[self.n_words:] = PHRASES_NONE
            if self.n_words:
                view.base[: self.n_words] = self.entry_of
            self.entry_of = view.base
            self.table.entry_of = &view[0]
            self.n_words = self.lexicon.cap
        return 0

    cdef int _resize_entries(self, uint32_t slot_bits) except -1:
        cdef int64_t n = self.table.n_entries
        # With 5 of 8 slots taken, probes are still short.
        cdef int64_t cap = min(<int64_t>5 << (slot_bits - 3), <int64_t>INT32_MAX - 1)
        if cap <= n:
            raise CorpusError(
                f"there are more than {n:,} distinct words and pairs of words, and they are "
                f"numbered by 32-bit integers; set max_vocab_size"
            )
        cdef uint64_t[::1] slots = memory.zeros((<int64_t>1 << slot_bits,), np.uint64)
        cdef int64_t[:, ::1] entries = memory.zeros((cap, 2), np.int64)
        if n > 0:
            entries.base[:n] = self.entries[:n]
        self.slots, self.entries = slots.base, entries.base
        self.table.slots = <phrases_slot *>&slots[0]
        self.table.entries = <phrases_entry *>&entries[0, 0]
        self.table.slot_bits = slot_bits
        self.table.entry_cap = <int32_t>cap
        with nogil:
            phrases_rehash(&self.table, &self.lexicon.words)
        return 0

    cdef int _resize_pool(self, int64_t cap) except -1:
        if cap > INT32_MAX:
            raise CorpusError("there are too many phrases with connector words; count less text")
        cdef int32_t[::1] view = memory.zeros((cap,), np.int32)
        if self.table.n_pool > 0:
            view.base[: self.table.n_pool] = self.pool[: self.table.n_pool]
        self.pool = view.base
        self.table.pool = &view[0]
        self.table.pool_cap = <int32_t>cap
        return 0

    cdef int grow(self) except -1:
        """Double what is full."""
        if self.table.entry_cap - self.table.n_entries < 2:
            return self._resize_entries(self.table.slot_bits + 1)
        return self._resize_pool(2 * <int64_t>self.table.pool_cap)

    cdef int32_t find(self, token) except -2:
        """Return the entry with this spelling, or -1."""
        cdef int32_t id_
        self.lexicon.index_all()
        token = exact(token)
        found = self.lexicon.index.get(token)
        if found is not None:
            id_ = found
            self.fit_words()
        else:
            id_ = self.lexicon.spare(encode(token))
            self.fit_words()
        return phrases_find(&self.table, &self.lexicon.words, &id_, 1)

    def count(self, token):
        """Return the count of a word or phrase; 0 for one that is not in the table."""
        cdef int32_t entry = self.find(token)
        return self.table.entries[entry].count if entry != PHRASES_NONE else 0

    def add(self, token, int64_t count):
        """Add to the count of a word, or of a phrase given by its spelling."""
        cdef int32_t id_ = self.lexicon.add(token)
        self.fit_words()
        while phrases_add(&self.table, &self.lexicon.words, id_, count) == PHRASES_FULL:
            self.grow()

    def merge(self, PhraseTable source not None):
        """Add the counts of another table with the same lexicon."""
        cdef int32_t done = 0
        cdef phrases_status status
        if source.lexicon is not self.lexicon:
            raise ValueError("the tables must have the same lexicon")
        self.fit_words()
        while True:
            with nogil:
                status = phrases_merge(&self.table, &self.lexicon.words, &source.table, &done)
            if status == PHRASES_DONE:
                return
            self.grow()

    def prune(self, int64_t min_count):
        """Remove what counts less than `min_count`."""
        self.fit_words()
        with nogil:
            phrases_prune(&self.table, &self.lexicon.words, min_count)

    cdef str spell(self, int32_t entry, uint8_t[::1] room):
        """Return the spelling of an entry; `room` has the bytes."""
        cdef int32_t pair[2]
        cdef int64_t n, size
        cdef const int32_t *run = phrases_run(&self.table, entry, pair, &n)
        if n == 1:
            return self.lexicon.decode(run[0])
        size = phrases_length(&self.lexicon.words, run, n)
        phrases_spell(&self.lexicon.words, run, n, &room[0])
        return PyUnicode_DecodeUTF8(<const char *>&room[0], size, "surrogatepass")

    cdef int64_t longest(self) noexcept:
        """Bytes of the longest spelling."""
        cdef int32_t pair[2]
        cdef int64_t n, size, longest = 1
        cdef int32_t entry
        cdef const int32_t *run
        for entry in range(self.table.n_entries):
            run = phrases_run(&self.table, entry, pair, &n)
            size = phrases_length(&self.lexicon.words, run, n)
            longest = size if size > longest else longest
        return longest

    def items(self):
        """Return all entries as a dict from spelling to count, in the order in which they came."""
        cdef int32_t entry
        cdef dict found = {}
        self.fit_words()
        cdef uint8_t[::1] room = np.empty(self.longest(), dtype=np.uint8)
        for entry in range(self.table.n_entries):
            found[self.spell(entry, room)] = self.table.entries[entry].count
        return found

    def phrases(self, Rule rule not None, best):
        """Return the entries that are phrases, as a dict from spelling to score.

        A spelling that can be read in one way only is scored here, by the counts of its two words.
        Any other goes to `best`, which returns the best score of its readings, or None.
        """
        cdef int32_t entry
        cdef int32_t pair[2]
        cdef int32_t a, b
        cdef const int32_t *run
        cdef int64_t n, size, n_found, count
        cdef double score
        cdef dict found = {}
        cdef phrases_rule *law = &rule.rule
        self.fit_words()
        cdef uint8_t[::1] room = np.empty(self.longest(), dtype=np.uint8)
        for entry in range(self.table.n_entries):
            if entry % BUFFER == 0:
                PyErr_CheckSignals()
            count = self.table.entries[entry].count
            if law.scoring == PHRASES_DEFAULT and law.threshold >= 0 and count <= law.min_count:
                continue
            if law.scoring == PHRASES_NPMI and count < law.min_count:
                continue
            run = phrases_run(&self.table, entry, pair, &n)
            size = phrases_length(&self.lexicon.words, run, n)
            phrases_spell(&self.lexicon.words, run, n, &room[0])
            n_found = occurrences(
                &room[0], size, self.lexicon.words.delimiter, self.lexicon.words.n_delimiter
            )
            if n_found == 0:
                continue
            if n == 2 and n_found == 1:
                a = phrases_find(&self.table, &self.lexicon.words, &run[0], 1)
                b = phrases_find(&self.table, &self.lexicon.words, &run[1], 1)
                if a == PHRASES_NONE or b == PHRASES_NONE:
                    continue
                score = phrases_score(
                    law,
                    <double>self.table.entries[a].count,
                    <double>self.table.entries[b].count,
                    <double>count,
                )
                if score > law.threshold:
                    found[self.spell(entry, room)] = score
            else:
                spelled = self.spell(entry, room)
                value = best(spelled)
                if value is not None:
                    found[spelled] = value
        return found

    def join(self, Rule rule not None, sentence):
        """Return the tokens of a sentence with its phrases joined."""
        return self._join(rule, sentence, False)

    def analyse(self, Rule rule not None, sentence):
        """Return pairs (token or phrase, None or score)."""
        return self._join(rule, sentence, True)

    cdef list _join(self, Rule rule, sentence, bint scored):
        cdef list tokens = sentence if isinstance(sentence, list) else list(sentence)
        cdef int64_t n = len(tokens), i = 0, k
        cdef int32_t small_ids[SHORT]
        cdef uint64_t small_hashes[SHORT]
        cdef uint8_t small_glue[SHORT]
        cdef double small_scores[SHORT]
        cdef int32_t *ids = small_ids
        cdef uint64_t *hashes = small_hashes
        cdef uint8_t *glue = small_glue
        cdef double *scores = small_scores
        cdef int32_t[::1] ids_view
        cdef uint64_t[::1] hashes_view
        cdef uint8_t[::1] glue_view
        cdef double[::1] scores_view
        cdef PyObject *found
        cdef list out = []
        if n > SHORT:
            ids_view = np.empty(n, dtype=np.int32)
            hashes_view = np.empty(n, dtype=np.uint64)
            glue_view = np.empty(n, dtype=np.uint8)
            scores_view = np.empty(n, dtype=np.float64)
            ids, hashes, glue = &ids_view[0], &hashes_view[0], &glue_view[0]
            scores = &scores_view[0]
        self.lexicon.index_all()
        for i in range(n):
            token = <object>PyList_GET_ITEM(tokens, i)
            found = PyDict_GetItemWithError(self.lexicon.index, token)
            if found != NULL:
                ids[i] = <int32_t>PyLong_AsLong(<object>found)
            elif rule.rule.scoring == PHRASES_SCORED:  # all that matters is in the lexicon
                ids[i] = -1
            else:
                ids[i] = self.known(token)
        self.fit_words()
        phrases_join(
            &self.table, &self.lexicon.words, &rule.rule, ids, n, hashes, glue, scores
        )
        i = 0
        while i < n:
            k = i + 1
            while k < n and glue[k]:
                k += 1
            if k > i + 1:
                token = self.lexicon.delimiter.join(tokens[i:k])
                out.append((token, scores[i]) if scored else token)
            else:
                token = <object>PyList_GET_ITEM(tokens, i)
                out.append((token, None) if scored else token)
            i = k
        return out

    cdef int32_t known(self, token) except -2:
        """Return a new id for a token that is spelled like an entry, else -1."""
        if not isinstance(token, str) or self.lexicon.delimiter not in token:
            return -1
        return self.lexicon.add(token) if self.find(token) != PHRASES_NONE else -1

    def arrays(self):
        """Return counts (n,), runs of word ids one after the other, where each begins (n + 1,)."""
        cdef int32_t entry
        cdef int32_t pair[2]
        cdef const int32_t *run
        cdef int64_t n
        counts_array = np.empty(max(self.table.n_entries, 1), dtype=np.int64)
        cdef int64_t[::1] counts = counts_array
        cdef int64_t[::1] offsets = np.zeros(self.table.n_entries + 1, dtype=np.int64)
        for entry in range(self.table.n_entries):
            counts[entry] = self.table.entries[entry].count
            run = phrases_run(&self.table, entry, pair, &n)
            offsets[entry + 1] = offsets[entry] + n
        cdef int32_t[::1] runs = np.empty(offsets[self.table.n_entries] + 1, dtype=np.int32)
        for entry in range(self.table.n_entries):
            run = phrases_run(&self.table, entry, pair, &n)
            memcpy(&runs[offsets[entry]], run, n * sizeof(int32_t))
        return (
            counts_array[: self.table.n_entries],
            runs.base[: offsets[self.table.n_entries]],
            offsets.base,
        )

    def fill(
        self,
        const int64_t[::1] counts not None,
        const int32_t[::1] runs not None,
        const int64_t[::1] offsets not None,
    ):
        """Fill an empty table with what `arrays` returned. The ids must be those of words."""
        cdef int64_t i, n
        cdef phrases_entry *entry
        self.fit_words()
        while self.table.entry_cap < counts.shape[0]:
            self._resize_entries(self.table.slot_bits + 1)
        for i in range(counts.shape[0]):
            entry = &self.table.entries[i]
            entry.count = counts[i]
            n = offsets[i + 1] - offsets[i]
            entry.first = runs[offsets[i]]
            entry.last = PHRASES_NONE
            if n == 1:
                self.table.entry_of[entry.first] = <int32_t>i
            elif n == 2:
                entry.last = runs[offsets[i] + 1]
            else:
                while self.table.pool_cap - self.table.n_pool <= n:
                    self._resize_pool(2 * <int64_t>self.table.pool_cap)
                entry.first = self.table.n_pool
                entry.last = PHRASES_LONG
                self.table.pool[self.table.n_pool] = <int32_t>n
                memcpy(
                    &self.table.pool[self.table.n_pool + 1], &runs[offsets[i]], n * sizeof(int32_t)
                )
                self.table.n_pool += <int32_t>n + 1
        self.table.n_entries = <int32_t>counts.shape[0]
        with nogil:
            phrases_rehash(&self.table, &self.lexicon.words)


cdef int64_t occurrences(
    const uint8_t *text, int64_t n_text, const uint8_t *part, int64_t n_part
) noexcept:
    """How often a text has a part, overlaps included; of an empty part, the places in between."""
    cdef int64_t n = 0
    cdef const uint8_t *at = text
    cdef const uint8_t *end = text + n_text
    if n_part == 0:
        return n_text + 1
    while end - at >= n_part:
        at = <const uint8_t *>memchr(at, part[0], end - at - n_part + 1)
        if at == NULL:
            break
        n += memcmp(at, part, n_part) == 0
        at += 1
    return n


cdef class Counter:
    """Counts the words and pairs of a corpus into a new table.

    Parameters
    ----------
    lexicon : Lexicon
        Takes the words.
    max_entries : int
        After a sentence that leaves more entries than this, rare ones are removed: those that
        count less than `min_reduce`, which starts at 1 and grows by 1 every time.
    """

    cdef readonly PhraseTable table
    cdef Lexicon lexicon
    cdef phrases_stream stream
    cdef object buffer, segments
    cdef int64_t cap

    def __init__(self, Lexicon lexicon not None, int64_t max_entries):
        memset(&self.stream, 0, sizeof(phrases_stream))
        self.lexicon = lexicon
        self.table = PhraseTable(lexicon)
        self.segments = Segments()
        self.stream.max_entries = max_entries
        self.stream.min_reduce = 1
        self.stream.state.start = PHRASES_NONE
        self.stream.keep_ends = True
        self._resize(BUFFER)

    @property
    def n_tokens(self):
        """Tokens counted."""
        return self.stream.n_tokens

    @property
    def n_sentences(self):
        """Sentences ended."""
        return self.stream.n_sentences

    @property
    def min_reduce(self):
        """Count below which the next pruning removes."""
        return self.stream.min_reduce

    cdef int _resize(self, int64_t cap) except -1:
        cdef int32_t[::1] view = np.empty(cap, dtype=np.int32)
        if self.stream.n > 0:
            view.base[: self.stream.n] = self.buffer[: self.stream.n]
        self.buffer = view.base
        self.stream.ids = &view[0]
        self.cap = cap
        return 0

    cdef int flush(self) except -1:
        """Count what is in the buffer, and keep what the next token may make a run with."""
        cdef phrases_status status
        cdef int64_t kept_from
        self.table.fit_words()
        while True:
            with nogil:
                status = phrases_count(&self.table.table, &self.lexicon.words, &self.stream)
            if status == PHRASES_DONE:
                break
            self.table.grow()
        kept_from = self.stream.pos
        if self.stream.state.start != PHRASES_NONE:
            kept_from = self.stream.state.start
            self.stream.state.start = 0
        memmove(
            self.stream.ids,
            self.stream.ids + kept_from,
            (self.stream.n - kept_from) * sizeof(int32_t),
        )
        self.stream.n -= kept_from
        self.stream.pos -= kept_from
        if self.stream.n > self.cap // 2:
            self._resize(2 * self.cap)
        PyErr_CheckSignals()
        return 0

    def read_sentence(self, tokens):
        """Count a sentence, an iterable of str."""
        cdef int64_t n_before = self.stream.n
        cdef PyObject *found
        cdef int32_t id_
        if self.lexicon.n_indexed < self.lexicon.table.table.n_words:
            self.lexicon.index_all()
        for token in tokens:
            found = PyDict_GetItemWithError(self.lexicon.index, token)
            id_ = <int32_t>PyLong_AsLong(<object>found) if found != NULL else -1
            if id_ < 0:
                id_ = self.lexicon.add(token)
            if self.stream.n == self.cap:
                self.flush()
                n_before = self.stream.n
            self.stream.ids[self.stream.n] = id_
            self.stream.n += 1
        if self.stream.n > n_before:
            self.stream.ids[self.stream.n - 1] |= SCAN_END
        else:
            self.flush()
            phrases_end_sentence(&self.table.table, &self.lexicon.words, &self.stream)

    def read_text(
        self,
        const uint8_t[::1] text not None,
        int64_t n_text,
        int64_t text_pos,
        int64_t max_length,
        bint keep_ends,
    ):
        """Count a block of text, see csrc/scan.h; words are split as str.split() does.

        `max_length` is the number of tokens after which a sentence is cut, 0 for never; without
        `keep_ends` nothing else ends one.
        """
        cdef int32_t[::1] ids
        cdef int64_t done, n
        self.lexicon.table.count(text, n_text, text_pos, self.segments)
        self.lexicon.check_new()
        self.stream.max_length = max_length
        self.stream.keep_ends = keep_ends
        for piece in self.segments.pieces():
            array, leading_end = piece.ids, piece.leading_end
            if self.lexicon.compounds:
                array, more = self.lexicon.expand(array)
                leading_end = leading_end or more
            if leading_end:
                self.end_late()
            ids = array
            done = 0
            while done < ids.shape[0]:
                if self.stream.n == self.cap:
                    self.flush()
                n = min(ids.shape[0] - done, self.cap - self.stream.n)
                memcpy(self.stream.ids + self.stream.n, &ids[done], n * sizeof(int32_t))
                self.stream.n += n
                done += n

    cdef int end_late(self) except -1:
        """End the sentence of the last token read."""
        if not self.stream.keep_ends:
            return 0
        if self.stream.n > self.stream.pos:
            self.stream.ids[self.stream.n - 1] |= SCAN_END
        elif self.stream.state.length > 0:
            phrases_end_sentence(&self.table.table, &self.lexicon.words, &self.stream)
            self.stream.n = self.stream.pos = 0
        return 0

    def finish(self):
        """Count what is left, and end the sentence that is open."""
        self.flush()
        if self.stream.state.length > 0:
            phrases_end_sentence(&self.table.table, &self.lexicon.words, &self.stream)
        self.stream.n = self.stream.pos = 0
        self.stream.max_length = 0
        self.stream.keep_ends = True


cdef class Rewriter:
    """Joins the phrases of a text, block by block.

    Parameters
    ----------
    table : PhraseTable
        The phrases.
    rule : Rule
        Which of them to join.
    skip_blank : bool
        Leave out lines without words.
    """

    cdef PhraseTable table
    cdef Rule rule
    cdef phrases_text text
    cdef object out

    def __init__(self, PhraseTable table not None, Rule rule not None, bint skip_blank=False):
        memset(&self.text, 0, sizeof(phrases_text))
        self.text.skip_blank = skip_blank
        self.table = table
        self.rule = rule
        self._resize(1 << 20)
        table.fit_words()

    @property
    def n_lines(self):
        """Lines written."""
        return self.text.n_lines

    @property
    def n_written(self):
        """Words written, a phrase being one."""
        return self.text.n_words

    @property
    def n_phrases(self):
        """Phrases joined."""
        return self.text.n_phrases

    cdef int _resize(self, int64_t cap) except -1:
        cdef uint8_t[::1] view = np.empty(cap, dtype=np.uint8)
        self.out = view.base
        self.text.out = &view[0]
        self.text.out_cap = cap
        return 0

    def rewrite(self, const uint8_t[::1] text not None, int64_t n_text, bint final, write):
        """Read text[:n_text], call write(bytes-like) with what becomes of it.

        Returns the number of bytes that are done with; the others must come again, in front of
        the text that follows. There is none after a call with `final`.
        """
        cdef phrases_status status
        if not 0 <= n_text <= text.shape[0] - SCAN_SLACK:
            raise ValueError(f"a text of {n_text} bytes does not fit in {text.shape[0]}")
        self.text.text = &text[0]
        self.text.n_text = n_text
        self.text.done = 0
        self.text.final = final
        while True:
            with nogil:
                status = phrases_rewrite(
                    &self.table.table,
                    &self.table.lexicon.words,
                    &self.table.lexicon.table.table,
                    &self.rule.rule,
                    &self.text,
                )
            if self.text.n_out > 0:
                write(self.out[: self.text.n_out])
                self.text.n_out = 0
            elif status == PHRASES_FULL:
                self._resize(2 * self.text.out_cap)
            if status == PHRASES_DONE:
                return self.text.done
