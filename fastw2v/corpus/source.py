"""What training needs of an encoded corpus, wherever it is: in memory, on disk, or in the text."""

from __future__ import annotations

from typing import Protocol

from fastw2v.corpus.segments import Ids


class Reader(Protocol):
    """One pass over the ids of a corpus."""

    def view(self, begin: int, end: int) -> Ids:
        """Return the ids from position `begin` to `end`; they stay as long as the view is held.

        Without random access `begin` must never go back, and the memory of a view is used again
        after the next call but one with another `begin`.
        """

    def finish(self) -> None:
        """Say that all was read: CorpusError if there is more than there was."""

    def close(self) -> None:
        """Let go of files."""


class Source(Protocol):
    """An encoded corpus. A reader's ids have the sign bit set on the last one of every sentence."""

    @property
    def n_ids(self) -> int:
        """Tokens of the vocabulary."""

    @property
    def longest(self) -> int:
        """Such tokens in the longest sentence."""

    @property
    def random_access(self) -> bool:
        """Whether a reader can go back."""

    @property
    def n_bytes(self) -> int:
        """Bytes of text read."""

    @property
    def n_lines(self) -> int:
        """Lines read."""

    @property
    def n_sentences(self) -> int:
        """Sentences read."""

    @property
    def n_corpus(self) -> int:
        """Tokens read."""

    @property
    def n_invalid(self) -> int:
        """Tokens left out because they are not valid text."""

    @property
    def n_oov(self) -> int:
        """Tokens that are not in the vocabulary."""

    def open(self) -> Reader:
        """Begin a pass."""


class ArrayReader:
    """A pass over ids that are in memory."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def view(self, begin: int, end: int) -> Ids:
        """Return a part of the array."""
        return self._ids[begin:end]

    def finish(self) -> None:
        """Nothing can be left over."""

    def close(self) -> None:
        """Nothing is open."""
