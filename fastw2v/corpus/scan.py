"""What a scan leaves behind: counts of all words, and the corpus in provisional ids."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import _scan, threads
from fastw2v.corpus.segments import Ids, Piece
from fastw2v.corpus.store import TokenStore

if TYPE_CHECKING:
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
    n_tokens, n_sentences, n_bytes : int
        What was read, as in `TokenStore`.
    """

    def __init__(
        self,
        words: Words,
        order: _Longs,
        counts: _Longs,
        pieces: list[tuple[Piece, int]] | None,
        to_words: list[Ids | None],
        *,
        n_tokens: int,
        n_sentences: int,
        n_bytes: int,
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
        pieces : list of (Piece, int)
            The tokens in corpus order, and which table their ids are from; None if they were only
            counted.
        to_words : list of ndarray of int32, or None
            For each table, the map from its ids to those of `words`; None where they are the same.
        n_tokens, n_sentences, n_bytes : int
            What was read.
        """
        self.counts = counts
        self.n_tokens = n_tokens
        self.n_sentences = n_sentences
        self.n_bytes = n_bytes
        self._order = order
        self._words: Words | None = words
        self._pieces = pieces
        self._to_words = to_words

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
        threads.check_workers(workers)
        words = self._live_words()
        if self._pieces is None:
            raise ValueError("this scan only counted; scan with keep_ids=True, or encode the text")
        pieces, self._pieces = self._pieces, []
        self._words = None

        vocab_of: Ids = np.full(len(words), -1, dtype=np.int32)
        found = words.find(vocabulary.keys)
        present = found >= 0
        vocab_of[found[present]] = np.flatnonzero(present)
        del words  # the table goes before the ids are joined, which is the peak

        to_vocab = [vocab_of if ids is None else vocab_of[ids] for ids in self._to_words]
        self._to_words = []
        work = iter(pieces)
        lock = threading.Lock()

        def body(_rank: int, stop: threading.Event) -> None:
            while not stop.is_set():
                with lock:
                    item = next(work, None)
                if item is None:
                    return
                piece, table = item
                n_kept, leading_end = _scan.remap(piece.ids, to_vocab[table])
                piece.ids = piece.ids[:n_kept]
                piece.leading_end |= leading_end

        threads.run(body, workers)
        mapped = [piece for piece, _ in pieces]
        pieces.clear()
        return TokenStore.from_pieces(
            mapped,
            n_sentences=self.n_sentences,
            n_corpus=self.n_tokens,
            n_bytes=self.n_bytes,
        )
