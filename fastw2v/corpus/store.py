"""A corpus in memory: one array of ids."""

from __future__ import annotations

from dataclasses import dataclass

from fastw2v.corpus import _scan
from fastw2v.corpus.segments import Ids, Totals
from fastw2v.corpus.source import ArrayReader

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
    def of(cls, ids: Ids, longest: int, totals: Totals) -> TokenStore:
        """Make a store of the ids that are left of all that was read."""
        return cls(
            ids=ids,
            longest=longest,
            n_sentences=totals.n_sentences,
            n_corpus=totals.n_tokens,
            n_oov=totals.n_tokens - totals.n_invalid - len(ids),
            n_bytes=totals.n_bytes,
            n_lines=totals.n_lines,
            n_invalid=totals.n_invalid,
        )

    @property
    def n_ids(self) -> int:
        """Tokens in `ids`."""
        return len(self.ids)

    @property
    def random_access(self) -> bool:
        """Any part can be had at any time."""
        return True

    def open(self) -> ArrayReader:
        """Begin a pass; see `fastw2v.corpus.source.Source`."""
        return ArrayReader(self.ids)
