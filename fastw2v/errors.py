"""The exceptions that fastw2v raises beside Python's own."""

from __future__ import annotations


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
