"""The exceptions that fastw2v raises beside Python's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class FastW2VError(Exception):
    """Base of the errors below; the command line prints them as one line."""


class DivergenceError(FastW2VError, FloatingPointError):
    """Training produced a value that is not finite."""


class CorpusError(FastW2VError, ValueError):
    """A corpus cannot be read; the message names the file and the line."""


class CorpusNotFoundError(FastW2VError, FileNotFoundError, TypeError):
    """There is no such corpus file. gensim says so with a TypeError, which this is too."""


class EmptyVocabularyError(FastW2VError, RuntimeError):
    """No word is left to train on: the corpus is empty, or `min_count` removed everything."""


class FormatError(FastW2VError, ValueError):
    """A vector file is damaged, or cannot hold what it was asked to hold."""


class TruncatedFileError(FormatError, EOFError):
    """A vector file ends before the number of vectors that its header promises."""


class ThreadError(FastW2VError, RuntimeError):
    """The system refuses to start a thread."""


class Way(NamedTuple):
    """What takes less memory: a parameter, and how to change it, with {} where its name goes."""

    name: str
    how: str


class NotEnoughMemoryError(FastW2VError, MemoryError):
    """Something takes more memory than there is; the message says what, and what takes less.

    Attributes
    ----------
    what : str
        What there was not enough memory for, and how much that was if it is known.
    ways : sequence of Way
        Parameters of the call by which it takes less.
    limited : bool
        Whether it is a limit of the process that was met.
    """

    def __init__(self, what: str, ways: Sequence[Way] = (), limited: bool = False) -> None:
        super().__init__(what, ways, limited)
        self.what, self.ways, self.limited = what, ways, limited

    def __str__(self) -> str:
        return self.text([way.how.format(way.name) for way in self.ways])

    def text(self, ways: Sequence[str]) -> str:
        """Say it with ways that are spelled out."""
        limit = ["a higher limit on the memory of the process (ulimit -v)"] * self.limited
        helps = ", ".join([*ways, *limit])
        return f"there is not enough memory {self.what}" + f"; what helps: {helps}" * bool(helps)
