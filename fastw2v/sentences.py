"""Corpora in files as iterables of sentences, under gensim's names.

Each can be iterated any number of times; the file is opened when an iteration begins. Words are
what `str.split` leaves: runs of characters between white space, which is more than ASCII's. Files
may be compressed with gzip, bzip2, xz or Zstandard; their content tells, not their name.
"""

from __future__ import annotations

import codecs
import io
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from fastw2v.corpus import decompress, mistakes
from fastw2v.corpus.inputs import Input
from fastw2v.errors import CorpusError
from fastw2v.formats.atomic import atomic_write
from fastw2v.iterables import sentences_in, tokens_of
from fastw2v.paths import expanded

AnyPath: TypeAlias = "str | os.PathLike[str]"

MAX_SENTENCE_LENGTH = 10_000
"""Words after which gensim cuts a sentence."""

_CHUNK = 1 << 16
_ASCII_SPACE = b" \t\n\v\f\r"


def open_text(path: AnyPath) -> io.BufferedIOBase:
    """Open a file for reading bytes, decompressing it where its first bytes say so.

    Parameters
    ----------
    path : path-like
        A file or a pipe; a pipe is read as it is.

    Returns
    -------
    BufferedIOBase

    Raises
    ------
    OSError
        As `open` would.
    CorpusError
        If there is no library for its compression.
    """
    path = expanded(path)
    kind = _compression(path)
    if kind is None:
        return path.open("rb")
    raw = Input(str(path), path).open()
    try:
        return io.BufferedReader(_Decompressed(raw, str(path), kind), decompress.CHUNK)
    except BaseException:
        raw.close()
        raise


def _compression(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return decompress.format_of(file.read(decompress.HEAD))


class _Decompressed(io.RawIOBase):
    """What is in a compressed file, which is closed with it."""

    def __init__(self, raw: io.RawIOBase, name: str, kind: str) -> None:
        self._raw = raw
        self._text = decompress.decompressed(raw, name, kind)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._text.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._text.close()
            self._raw.close()
        super().close()


class LineSentence:
    """A text file with a sentence per line. Blank lines are skipped.

    Parameters
    ----------
    source : path or file object
        What to read. A file object, of bytes or of str, is rewound before every iteration.
    max_sentence_length : int or None
        A longer line becomes several sentences of so many words; None leaves it whole.
    limit : int or None
        Number of lines to read.

    Raises
    ------
    TypeError, ValueError
        If a parameter is none of these.
    OSError
        When an iteration begins and the file cannot be opened.
    CorpusError
        At a line that is not UTF-8, or damaged compressed data.
    """

    def __init__(
        self,
        source: Any,
        max_sentence_length: int | None = MAX_SENTENCE_LENGTH,
        limit: int | None = None,
    ) -> None:
        if not isinstance(source, (str, os.PathLike)) and not hasattr(source, "seek"):
            raise TypeError(
                f"source must be a path or a file object that can be rewound, "
                f"got {type(source).__name__} ({source!r})"
            )
        check_length(max_sentence_length)
        if limit is not None and limit < 0:
            raise ValueError(f"limit must be None or 0 or more, got {limit}")
        self.source = source
        self.max_sentence_length = max_sentence_length
        self.limit = limit

    def __iter__(self) -> Iterator[list[str]]:
        if isinstance(self.source, (str, os.PathLike)):
            with open_text(self.source) as file:
                yield from self._sentences(file, os.fspath(self.source))
        else:
            self.source.seek(0)
            yield from self._sentences(self.source, str(getattr(self.source, "name", self.source)))

    def _sentences(self, lines: Iterable[str | bytes], name: str) -> Iterator[list[str]]:
        most = self.max_sentence_length
        number = 0
        try:
            for line in itertools.islice(lines, self.limit):
                number += 1
                if isinstance(line, bytes):
                    if number == 1:
                        line = _first(line, name)
                    line = line.decode()
                elif number == 1:
                    line = line.removeprefix("\ufeff")
                words = line.split()
                if most is None or len(words) <= most:
                    if words:
                        yield words
                    continue
                for start in range(0, len(words), most):
                    yield words[start : start + most]
        except UnicodeDecodeError as error:
            raise CorpusError(f"{name}, line {number}: {not_utf8(error)}") from error
        except Exception as error:
            found = decompress.damage(error, name, f"line {number}")
            if found is None:
                raise
            raise found from error


class PathLineSentences:
    """All files of a directory, in the order of their names, as `LineSentence` reads each.

    Parameters
    ----------
    source : path
        A directory; its subdirectories are not entered. Or a single file.
    max_sentence_length : int or None
        As for `LineSentence`.
    limit : int or None
        Number of lines to read of each file.

    Attributes
    ----------
    input_files : list of str
        The files.

    Raises
    ------
    ValueError
        If `source` is neither a file nor a directory.
    """

    def __init__(
        self,
        source: AnyPath,
        max_sentence_length: int | None = MAX_SENTENCE_LENGTH,
        limit: int | None = None,
    ) -> None:
        path = expanded(source)
        if path.is_dir():
            files = sorted(child.name for child in path.iterdir() if not child.is_dir())
            self.input_files = [str(path / name) for name in files]
        elif path.exists():
            self.input_files = [str(path)]
        else:
            raise ValueError(f"input is neither a file nor a path: {os.fspath(source)!r}")
        check_length(max_sentence_length)
        self.source = os.fspath(source)
        self.max_sentence_length = max_sentence_length
        self.limit = limit

    def __iter__(self) -> Iterator[list[str]]:
        for sentences in self.parts():
            yield from sentences

    def parts(self) -> list[LineSentence]:
        """Return one `LineSentence` for each file."""
        return [LineSentence(f, self.max_sentence_length, self.limit) for f in self.input_files]


class Text8Corpus:
    """A text without sentences, such as text8, in pieces of equal length.

    Parameters
    ----------
    fname : path
        The file. Lines mean nothing.
    max_sentence_length : int
        Number of words in a piece; the last one may have fewer.

    Raises
    ------
    OSError
        When an iteration begins and the file cannot be opened.
    CorpusError
        At text that is not UTF-8, or damaged compressed data.
    """

    def __init__(self, fname: AnyPath, max_sentence_length: int = MAX_SENTENCE_LENGTH) -> None:
        if max_sentence_length is None or max_sentence_length < 1:
            raise ValueError(f"max_sentence_length must be 1 or more, got {max_sentence_length}")
        self.fname = fname
        self.max_sentence_length = max_sentence_length

    def __iter__(self) -> Iterator[list[str]]:
        words: list[str] = []
        n = self.max_sentence_length
        for text in self._texts():
            words += text.split()
            n_whole = len(words) // n * n
            for start in range(0, n_whole, n):
                yield words[start : start + n]
            del words[:n_whole]
        if words:
            yield words

    def _texts(self) -> Iterator[str]:
        """Yield parts of the file that end where a word ends."""
        rest = b""
        done = 0
        name = os.fspath(self.fname)
        try:
            with open_text(self.fname) as file:
                while chunk := file.read(_CHUNK):
                    if not done:
                        chunk = _first(chunk, name)
                    end = max(chunk.rfind(space) for space in _ASCII_SPACE) + 1
                    text = rest + chunk[:end] if end else b""
                    rest = chunk[end:] if end else rest + chunk
                    yield text.decode()
                    done += len(text) or 1
                yield rest.decode()
        except UnicodeDecodeError as error:
            raise CorpusError(f"{name}, after {done:,} bytes: {not_utf8(error)}") from error
        except Exception as error:
            found = decompress.damage(error, name, f"{done:,} bytes")
            if found is None:
                raise
            raise found from error


class BrownCorpus:
    """The Brown corpus in its original form: a directory of files, with a tag after every word.

    Parameters
    ----------
    dirname : path
        The directory. Files are read in the order of their names.

    Yields
    ------
    list of str
        A sentence of tokens "word/tg": lower case, and two letters of the tag. What is not tagged
        by letters, as punctuation, is left out; so are sentences without a token.
    """

    def __init__(self, dirname: AnyPath) -> None:
        self.dirname = dirname

    def __iter__(self) -> Iterator[list[str]]:
        for path in sorted(expanded(self.dirname).iterdir()):
            if not path.is_file():
                continue
            for line in LineSentence(path, None):
                parts = [token.split("/") for token in line]
                words = [
                    f"{part[0].lower()}/{part[1][:2].lower()}"
                    for part in parts
                    if len(part) == 2 and part[1][:2].isalpha()
                ]
                if words:
                    yield words


def save_as_line_sentence(corpus: Iterable[Iterable[str]], filename: AnyPath) -> None:
    """Write sentences to a file that `LineSentence` reads.

    Parameters
    ----------
    corpus : iterable of iterables of str
        The sentences.
    filename : path
        The file; an old one is replaced when all is written.

    Raises
    ------
    ValueError
        If a token is empty or has white space in it, so that it would not be read back.
    TypeError
        If `corpus` is no corpus, but a text or the name of a file.
    """
    sentences = sentences_in(corpus, "corpus")
    with atomic_write(filename) as file:
        for number, sentence in enumerate(sentences, 1):
            tokens = list(tokens_of(sentence, number))
            for token in tokens:
                if token.split() != [token]:
                    raise ValueError(
                        f"sentence {number}: the token {token!r} would not be read back, "
                        f"as words are split at white space"
                    )
            file.write((" ".join(tokens) + "\n").encode())


def _first(data: bytes, name: str) -> bytes:
    """Return the first bytes of a text without a byte order mark; CorpusError if it is none."""
    kind = mistakes.of_head(data)
    if kind is not None:
        raise CorpusError(f"{name} is {kind}")
    return data.removeprefix(codecs.BOM_UTF8)


def check_length(max_sentence_length: int | None) -> None:
    """Raise ValueError unless it is None or 1 or more."""
    if max_sentence_length is not None and max_sentence_length < 1:
        raise ValueError(
            f"max_sentence_length must be None or 1 or more, got {max_sentence_length}"
        )


def not_utf8(error: UnicodeDecodeError) -> str:
    """Say what is wrong with bytes that are no UTF-8, and what to do."""
    bad = bytes(error.object[error.start : error.start + 10])
    return (
        f"{bad!r} is not UTF-8 ({error.reason}); re-encode the file first, for example: "
        f"iconv -f ISO-8859-1 -t UTF-8 FILE > NEW_FILE"
    )
