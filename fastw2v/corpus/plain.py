"""A corpus as plain text: words between white space, a sentence on a line.

For those who read text by the one rule of csrc/scan.h, whatever the corpus is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import _scan
from fastw2v.corpus.blocks import Source, Text
from fastw2v.corpus.clean import cleaner
from fastw2v.corpus.inputs import Input
from fastw2v.corpus.invalid import BadWord
from fastw2v.corpus.opening import open_text_source
from fastw2v.corpus.readers import BLOCK_SIZE, BlockReader
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.segments import IntList, InvalidTextError, TokenList
from fastw2v.corpus.sequences import Sequences
from fastw2v.errors import CorpusError

_Bytes = npt.NDArray[np.uint8]

_SPACE, _NEWLINE = 32, 10
_IS_SPACE = np.zeros(256, dtype=bool)
_IS_SPACE[list(b" \t\n\v\f\r")] = True

_BATCH = 1 << 20


class Plain(NamedTuple):
    """A block of plain text.

    Attributes
    ----------
    bytes : ndarray of uint8
        The text is `bytes[:n]`; white space follows, as csrc/scan.h requires.
    n : int
        Length of the text in bytes; its last byte is white space.
    pos : int
        Position of its first byte, all blocks one after the other.
    """

    bytes: _Bytes
    n: int
    pos: int


class PlainText:
    """Inputs of words, which can be read any number of times.

    Parameters
    ----------
    inputs : sequence of Input
        Files; see `fastw2v.corpus.inputs.resolve`.
    reading : Reading
        What a word and a sentence is. Where a newline ends a sentence, a line is a line of the
        text, blank or not; where something else does, every sentence is a line.
    as_text : bool
        Whether the files are text, compressed or not, whatever their names.
    """

    def __init__(
        self, inputs: Sequence[Input], reading: Reading = PLAIN, *, as_text: bool = False
    ) -> None:
        self.inputs = inputs
        self.reading = reading
        self._as_text = as_text

    @property
    def has_blank_lines(self) -> bool:
        """Whether a blank line is one of the input; otherwise it is nothing."""
        return self.reading.sentence_split == "line"

    def open(self, block_size: int = BLOCK_SIZE) -> PlainReader:
        """Begin to read."""
        kind = _Texts if self._as_text else BlockReader
        reader = kind(self.inputs, block_size, self.reading)
        return PlainReader(reader, self.reading, has_choice=not self._as_text)


class _Texts(BlockReader):
    """Files that are text whatever their names."""

    def _open(self, item: Input) -> Source:
        return open_text_source(item, self._block_size, self._cancelled)


class PlainReader:
    """One reading of a corpus, block by block; to be used in a `with` statement.

    Parameters
    ----------
    reader : BlockReader
        The inputs.
    reading : Reading
        What a word and a sentence is.
    has_choice : bool
        Whether messages mention the options of `reading`.
    """

    def __init__(self, reader: BlockReader, reading: Reading, *, has_choice: bool) -> None:
        self._reader = reader
        self._reading = reading
        self._has_choice = has_choice
        self._text = Text()
        self._source = -1
        self._lines_before = self._n_lines = 0  # of the input: before the block, and with it

    def __enter__(self) -> PlainReader:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._reader.__exit__()

    @property
    def n_read(self) -> int:
        """Bytes read of what is stored."""
        return self._reader.n_read

    def __iter__(self) -> Iterator[Plain]:
        """Yield the blocks; their memory is used again.

        Raises
        ------
        OSError
            If an input cannot be read.
        CorpusError
            If an input is damaged, or holds whole numbers or a word that text cannot hold; if a
            function that is the tokenizer returns something else than str; where the text is
            cleaned, also if it is not UTF-8, naming file and line.
        """
        pos = 0
        for data, n in self._blocks():
            if n:
                yield Plain(data, n, pos)
                pos += n

    def invalid(self) -> CorpusError:
        """Return what to raise for the last block, which is not UTF-8."""
        text, name = self._text, self._name
        if text.list is None:
            try:
                cleaner(PLAIN).clean(text.bytes, text.n, True, True)
            except InvalidTextError as error:
                bad = BadWord(text, error.place)
                return bad.error(name, self._lines_before, has_choice=self._has_choice)
        return CorpusError(f"{name}: there is a word that is not UTF-8")

    @property
    def _name(self) -> str:
        return self._reader.inputs[self._text.source].name

    def _blocks(self) -> Iterator[tuple[_Bytes, int]]:
        reading = self._reading
        if callable(reading.tokenizer) or reading.length:
            yield from _written(Sequences(self._reader, reading))
            return
        cleaned = None if reading.is_plain else cleaner(reading)
        text = self._text
        while self._reader.next(text):
            if isinstance(text.list, IntList):
                raise CorpusError(f"{self._name} holds whole numbers, and words are wanted")
            if text.list is not None:
                yield self._spelled(text.list)
                continue
            self._pass_by(text)
            # The newline that was added to the input, if the last line had its own.
            n_added = int(text.last and text.line_shift < 0)
            if cleaned is None:
                yield text.bytes, text.n - n_added
                continue
            try:
                cleaned.clean(text.bytes, text.n, text.at_line_start, text.last)
            except InvalidTextError as error:
                bad = BadWord(text, error.place)
                raise bad.error(self._name, self._lines_before) from None
            # Another one is added by the cleaner; what splits at newlines keeps every one of them.
            n_added += text.last
            yield cleaned.out, cleaned.n_out - (n_added if reading.sentence_split == "line" else 0)

    def _pass_by(self, text: Text) -> None:
        """Count lines, for messages."""
        if text.source != self._source:
            self._source, self._n_lines = text.source, 0
        self._lines_before = self._n_lines
        self._n_lines += _scan.lines(text.bytes, text.n)

    def _spelled(self, words: TokenList) -> tuple[_Bytes, int]:
        """Return lists of words as text."""
        first, last = int(words.rows[0]), int(words.rows[-1])
        offsets = words.offsets[first : last + 1]
        data, begins = words.bytes[offsets[0] : offsets[-1]], offsets - offsets[0]
        for place in np.flatnonzero(np.diff(begins) == 0)[:1]:
            raise self._no_word(data, begins, int(place))
        for at in np.flatnonzero(_IS_SPACE[data])[:1]:
            raise self._no_word(data, begins, int(np.searchsorted(begins, at, side="right")) - 1)
        spread = np.frombuffer(_scan.spread(words.bytes, offsets, b" "), dtype=np.uint8)
        text = np.full(len(spread) + _scan.SLACK, _NEWLINE, dtype=np.uint8)
        text[: len(spread)] = spread
        # Word i is followed by one space, and so is each before it.
        ends = np.unique(words.rows[1:] - first)
        ends = ends[ends > 0]
        text[begins[ends] + ends - 1] = _NEWLINE
        return text, len(spread)

    def _no_word(self, data: _Bytes, begins: npt.NDArray[np.int64], place: int) -> CorpusError:
        word = data[begins[place] : begins[place + 1]].tobytes().decode(errors="replace")
        return CorpusError(f"{self._name}: {_no_word(word)}")


def _written(sentences: Iterable[Iterable[Hashable]]) -> Iterator[tuple[_Bytes, int]]:
    """Write sentences of Python objects to text."""
    lines: list[bytes] = []
    size = 0
    for sentence in sentences:
        line = b" ".join(map(_encoded, sentence))
        lines.append(line + b"\n")
        size += len(line) + 1
        if size >= _BATCH:
            yield _padded(lines), size
            lines, size = [], 0
    yield _padded(lines), size


def _padded(lines: list[bytes]) -> _Bytes:
    return np.frombuffer(b"".join(lines) + b"\n" * _scan.SLACK, dtype=np.uint8)


def _encoded(token: Hashable) -> bytes:
    if not isinstance(token, (str, bytes)):
        raise CorpusError(f"words must be str, the tokenizer returned {token!r}")
    word = token if isinstance(token, bytes) else token.encode(errors="surrogatepass")
    if word.split() != [word]:
        raise CorpusError(_no_word(word.decode(errors="replace")))
    return word


def _no_word(word: str) -> str:
    return f"the word {word!r} cannot be written to a text, where white space is between words"
