"""What a scan leaves behind: counts of all words, and the corpus in provisional ids."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fastw2v import crew
from fastw2v.corpus import _scan
from fastw2v.corpus.join import join
from fastw2v.corpus.segments import Block, Ids, Piece, Totals
from fastw2v.corpus.store import TokenStore
from fastw2v.vocab import Vocabulary

_Longs = npt.NDArray[np.int64]


class Words(Protocol):
    """The words of a scan, by provisional id."""

    def __len__(self) -> int: ...

    def keys(self, ids: _Longs) -> list[Hashable]:
        """Return words as the user knows them."""

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""


class Scan:
    """A corpus that was read once: every distinct word with its count, and all tokens.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_raw,)
        Occurrences of every distinct word, in first-seen order.
    n_tokens, n_sentences, n_bytes, n_lines, n_invalid, n_replaced : int
        What was read, as in `fastw2v.corpus.segments.Totals`.
    """

    def __init__(
        self,
        words: Words,
        order: _Longs,
        counts: _Longs,
        blocks: list[Block] | None,
        to_words: list[Ids | None],
        totals: Totals,
        length: int = 0,
    ) -> None:
        """Take over what a reader gathered.

        Parameters
        ----------
        words : Words
            The words of all tokens.
        order : ndarray of int64, shape (n_raw,)
            Ids in `words` of the words that count, in first-seen order.
        counts : ndarray of int64, shape (n_raw,)
            Their counts.
        blocks : list of Block
            The tokens in corpus order; each block's ids are from the table of its worker. None if
            they were only counted.
        to_words : list of ndarray of int32, or None
            For each table, the map from its ids to those of `words`; None where they are the same.
        totals : Totals
            What was read.
        length : int
            Tokens of a sentence, where sentences have a fixed length; otherwise 0.
        """
        self.counts = counts
        self.n_tokens = totals.n_tokens
        self.n_sentences = totals.n_sentences
        self.n_bytes = totals.n_bytes
        self.n_lines = totals.n_lines
        self.n_invalid = totals.n_invalid
        self.n_replaced = totals.n_replaced
        self._order = order
        self._words: Words | None = words
        self._blocks = blocks
        self._to_words = to_words
        self._length = length

    def __repr__(self) -> str:
        return (
            f"Scan<{self.n_tokens:,} tokens, {len(self.counts):,} distinct words, "
            f"{self.n_sentences:,} sentences>"
        )

    def _live_words(self) -> Words:
        if self._words is None:
            raise ValueError("this scan was encoded, which consumes it; scan the corpus again")
        return self._words

    def keys(self, ids: npt.ArrayLike) -> list[Hashable]:
        """Return the words of some positions of `counts`.

        Parameters
        ----------
        ids : array-like of int
            Positions in `counts`.

        Returns
        -------
        list
            str for a corpus read from files, else the tokens themselves.

        Raises
        ------
        CorpusError
            If a word of a file is not UTF-8; the message names file and line.
        ValueError
            If the scan was consumed by `encode`.
        """
        positions = np.asarray(ids, dtype=np.int64)
        return self._live_words().keys(self._order[positions])

    def encode(self, vocabulary: Vocabulary, *, workers: int = 1) -> TokenStore:
        """Turn the scanned tokens into vocabulary ids. This consumes the scan.

        Parameters
        ----------
        vocabulary : Vocabulary
            Any vocabulary, of this corpus or of another one.
        workers : int
            Number of threads.

        Returns
        -------
        TokenStore
            Peak memory is 4 bytes per token and a few segments of 8 MiB per worker.

        Raises
        ------
        ValueError
            If the scan was consumed before.
        """
        crew.check_workers(workers)
        words = self._live_words()
        if self._blocks is None:
            raise ValueError("this scan only counted; scan with keep_ids=True, or encode the text")
        work = _phased(self._blocks, self._length)
        self._blocks = []
        self._words = None

        vocab_of: Ids = np.full(len(words), -1, dtype=np.int32)
        found = words.find(vocabulary.keys)
        present = found >= 0
        vocab_of[found[present]] = np.flatnonzero(present)
        del words  # the table goes before the ids are joined, which is the peak

        to_vocab = [vocab_of if ids is None else vocab_of[ids] for ids in self._to_words]
        self._to_words = []
        parts = iter(work)
        lock = threading.Lock()

        def body(_rank: int, stop: crew.Flag) -> None:
            while not stop.is_set():
                with lock:
                    part = next(parts, None)
                if part is None:
                    return
                piece, table, phase = part
                n_kept, leading_end = _scan.remap(piece.ids, to_vocab[table], self._length, phase)
                piece.ids = piece.ids[:n_kept]
                piece.leading_end |= leading_end

        crew.run(body, workers)
        pieces = [piece for piece, _, _ in work]
        work.clear()
        ids, longest = join(pieces, workers)
        return TokenStore(
            ids=ids,
            longest=longest,
            n_sentences=self.n_sentences,
            n_corpus=self.n_tokens,
            n_oov=self.n_tokens - self.n_invalid - len(ids),
            n_bytes=self.n_bytes,
            n_lines=self.n_lines,
            n_invalid=self.n_invalid,
        )


def _phased(blocks: list[Block], length: int) -> list[tuple[Piece, int, int]]:
    """Return the pieces, the table of each, and where in a sentence of fixed length it begins."""
    work: list[tuple[Piece, int, int]] = []
    source = before = 0
    for block in blocks:
        if block.source != source:
            source, before = block.source, 0
        for piece in block.pieces:
            work.append((piece, block.worker, before % length if length else 0))
            before += len(piece.ids)
    return work
