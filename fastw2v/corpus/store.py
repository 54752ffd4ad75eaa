"""The corpus as the trainer reads it: one array of ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastw2v import memory
from fastw2v.corpus import _scan
from fastw2v.corpus.segments import Ids, Piece

END = _scan.END
"""Sign bit, set on the last id of a sentence; `value & 0x7fffffff` is the id."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenStore:
    """The in-vocabulary tokens of a corpus, in order, and the ledger of those that are not.

    Attributes
    ----------
    ids : ndarray of int32, shape (n_tokens,)
        C-contiguous. The last token of every sentence has the sign bit (`END`) set. A sentence
        may have any length. A sentence without a token in the vocabulary leaves no trace.
    longest : int
        Tokens in `ids` of the longest sentence.
    n_sentences : int
        Sentences read. A blank line of a file is none; an empty item of an iterable is one.
    n_corpus : int
        Tokens read.
    n_oov : int
        Tokens read that are not in the vocabulary:
        `len(ids) == n_corpus - n_invalid - n_oov`.
    n_bytes : int
        Bytes of text read; 0 for an iterable.
    n_lines : int
        Lines of text read; 0 for an iterable.
    n_invalid : int
        Tokens read that were left out because they are not text.
    """

    ids: Ids
    longest: int
    n_sentences: int
    n_corpus: int
    n_oov: int
    n_bytes: int
    n_lines: int = 0
    n_invalid: int = 0

    @classmethod
    def from_pieces(
        cls, pieces: list[Piece], *, n_sentences: int, n_corpus: int, n_bytes: int
    ) -> TokenStore:
        """Join pieces of vocabulary ids, in corpus order.

        `pieces` is emptied on the way, so that each segment goes back to the system once it has
        been copied: the peak is one array and a few segments, not two arrays.
        """
        ids: Ids = memory.zeros((sum(len(piece.ids) for piece in pieces),), np.int32)
        n = 0
        pieces.reverse()
        while pieces:
            piece = pieces.pop()
            if piece.leading_end and n:
                ids[n - 1] |= END
            ids[n : n + len(piece.ids)] = piece.ids
            n += len(piece.ids)
        if n:
            ids[n - 1] |= END
        return cls(
            ids=ids,
            longest=_scan.longest(ids),
            n_sentences=n_sentences,
            n_corpus=n_corpus,
            n_oov=n_corpus - n,
            n_bytes=n_bytes,
        )
