"""Sentences from Python: any iterable of iterables of hashable tokens, read once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from fastw2v.corpus._scan import KeyTable
from fastw2v.corpus.join import join
from fastw2v.corpus.reporter import Progress, Reporter
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.segments import Block, Ids, Ledger, Scratch, Segments, Totals
from fastw2v.corpus.store import TokenStore
from fastw2v.iterables import n_items, sentences_in, tokens_of
from fastw2v.vocab import TrimRule, Vocabulary, survives

Sentences = Iterable[Iterable[Hashable]]


class KeyWords:
    """The words of a scan of Python objects; see `fastw2v.corpus.scan.Words`."""

    def __init__(self, keys: list[Hashable], index: dict[Hashable, int]) -> None:
        self._keys = keys
        self._index = index

    def __len__(self) -> int:
        return len(self._keys)

    def keys(self, ids: npt.NDArray[np.int64]) -> list[Hashable]:
        """Return the tokens themselves, each as it was first met."""
        return [self._keys[i] for i in ids.tolist()]

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""
        get = self._index.get
        return np.fromiter((get(key, -1) for key in keys), dtype=np.int32, count=len(keys))


class Cap:
    """The `max_vocab_size` of gensim: forget rare words while counting.

    After a sentence that leaves more than `max_vocab_size` words in the table, the words that
    occurred less than `min_reduce` times are forgotten, and `min_reduce`, which starts at 1, grows
    by 1. A forgotten word that occurs again counts from 0. (gensim 4.4, `utils.prune_vocab`.)

    Here a forgotten word loses its count but keeps its id, because the text is read once and its
    earlier tokens are already written: if it is in the vocabulary in the end, all its tokens are
    trained on, as in gensim, which reads the text again. So the cap decides which words survive,
    but it does not bound the memory of the scan.

    Parameters
    ----------
    max_vocab_size : int
        Number of words from which on rare ones are forgotten.
    trim_rule : callable, optional
        Decides instead of the count; see `Vocabulary.from_scan`.
    """

    def __init__(self, max_vocab_size: int, trim_rule: TrimRule | None = None) -> None:
        if max_vocab_size < 1:
            raise ValueError(f"max_vocab_size must be None or 1 or more, got {max_vocab_size}")
        self._max_vocab_size = max_vocab_size
        self._trim_rule = trim_rule
        self._min_reduce = 1

    def apply(self, table: KeyTable) -> None:
        """Forget words if there are too many. Called after every sentence."""
        if table.n_live <= self._max_vocab_size:
            return
        counts = table.counts()
        live = np.flatnonzero(counts)
        if self._trim_rule is None:
            rare = live[counts[live] < self._min_reduce]
        else:
            rule, floor = self._trim_rule, self._min_reduce
            kept = [survives(table.keys[i], int(counts[i]), floor, rule) for i in live.tolist()]
            rare = live[~np.array(kept, dtype=bool)]
        table.forget(rare)
        self._min_reduce += 1


def scan_sentences(
    sentences: Sentences,
    *,
    max_vocab_size: int | None = None,
    trim_rule: TrimRule | None = None,
    progress: Progress | None = None,
    keep_ids: bool = True,
) -> Scan:
    """Count the words of an iterable and keep its tokens as provisional ids, in one pass.

    Parameters
    ----------
    sentences : iterable of iterables of hashable
        Sentences are lists, tuples, generators, NumPy arrays (their elements become Python
        objects) or any other iterables. Tokens are str, int, tuples, ...; equal tokens are one
        word. An empty sentence counts as a sentence.
    max_vocab_size : int, optional
        Forget rare words while counting, exactly as gensim does; see `Cap`.
    trim_rule : callable, optional
        Used while forgetting; see `Vocabulary.from_scan`.
    progress : callable or bool, optional
        Called as progress(sentences read, sentences in all or None).
    keep_ids : bool
        Whether to keep the tokens, 4 bytes each; without them the scan cannot be encoded.

    Returns
    -------
    Scan

    Raises
    ------
    TypeError
        If `sentences` or a sentence is not iterable, or a token is not hashable.
    """
    cap = None if max_vocab_size is None else Cap(max_vocab_size, trim_rule)
    index: dict[Hashable, int] = {}
    segments = Segments() if keep_ids else Scratch()
    table = KeyTable(index, segments, growing=True)
    _read(sentences, table, cap, progress)
    totals = Totals(table.n_tokens, table.n_sentences)
    words = KeyWords(table.keys, index)
    return key_scan(table, segments if keep_ids else None, words, totals)


def encode_sentences(
    sentences: Sentences,
    vocabulary: Vocabulary,
    *,
    progress: Progress | None = None,
    segment_tokens: int | None = None,
) -> TokenStore:
    """Turn an iterable into ids of an existing vocabulary, in one pass.

    Parameters
    ----------
    sentences : iterable of iterables of hashable
        As in `scan_sentences`.
    vocabulary : Vocabulary
        Tokens that it lacks are left out, and counted in `n_oov`.
    progress : callable or bool, optional
        As in `scan_sentences`.
    segment_tokens : int, optional
        Ids to make room for at a time: fewer than the default for a corpus known to be small.

    Returns
    -------
    TokenStore

    Raises
    ------
    TypeError
        As in `scan_sentences`.
    """
    segments = Segments(segment_tokens)
    table = KeyTable(vocabulary.index, segments, growing=False)
    _read(sentences, table, None, progress)
    return key_store(table, segments, Totals(table.n_tokens, table.n_sentences))


def key_scan(table: KeyTable, segments: Segments | None, words: KeyWords, totals: Totals) -> Scan:
    """Make a scan of what a growing table has read."""
    table.finish()
    live = np.flatnonzero(table.counts())
    order = live[np.argsort(table.entered()[live])]
    blocks = None if segments is None else [key_block(table, segments)]
    return Scan(words, order, table.counts()[order], blocks, [None], totals)


def key_store(table: KeyTable, segments: Segments, totals: Totals) -> TokenStore:
    """Make a store of what a table that does not grow has read."""
    table.finish()
    ids, longest = join(segments.pieces())
    return TokenStore.of(ids, longest, totals)


def key_block(table: KeyTable, segments: Segments) -> Block:
    """Return all pieces as one block."""
    ledger = Ledger(table.n_tokens, table.n_sentences, True, False, False)
    return Block(0, 0, ledger, segments.pieces())


def _read(
    sentences: Sentences, table: KeyTable, cap: Cap | None, progress: Progress | None
) -> None:
    with Reporter(progress, n_items(sentences), "sentence") as reporter:
        for sentence in sentences_in(sentences):
            if not isinstance(sentence, (list, tuple)):
                sentence = tokens_of(sentence, table.n_sentences + 1)
            table.read(sentence)
            table.end_sentence()
            if cap is not None:
                cap.apply(table)
            if progress:
                reporter.report(table.n_sentences)
        reporter.finish(table.n_sentences)
