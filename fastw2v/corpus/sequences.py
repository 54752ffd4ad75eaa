"""Files as sentences of Python objects: for what only Python can decide, in one thread."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator

from fastw2v.corpus.clean import cleaner
from fastw2v.corpus.invalid import BadWord, not_utf8
from fastw2v.corpus.readers import BlockReader, Text
from fastw2v.corpus.reading import Reading, Tokenizer
from fastw2v.corpus.segments import IntList, InvalidTextError, TokenList
from fastw2v.errors import CorpusError
from fastw2v.iterables import as_python, is_iterable, is_text, items_of


class Sequences:
    """The sentences of files, once: words as bytes, whole numbers as int, or what a function says.

    Parameters
    ----------
    reader : BlockReader
        The files.
    reading : Reading
        What a word and a sentence is.

    Attributes
    ----------
    n_lines, n_invalid, n_replaced : int
        Of what was read so far, as in `fastw2v.corpus.segments.Totals`.
    """

    def __init__(self, reader: BlockReader, reading: Reading) -> None:
        self._reader = reader
        self._reading = reading
        self._lines_before = 0  # of the lines so far, those of inputs before this one
        self.n_lines = self.n_invalid = self.n_replaced = 0

    def __iter__(self) -> Iterator[Iterable[Hashable]]:
        tokenizer = self._reading.tokenizer
        if callable(tokenizer):
            return self._tokenized(tokenizer)
        if self._reading.length:
            return self._of_length(self._reading.length)
        return (words for words in self._split() if words is not None)

    def _blocks(self) -> Iterator[Text]:
        text = Text()
        source = -1
        while self._reader.next(text):
            if text.source != source:
                source, self._lines_before = text.source, self.n_lines
            yield text

    def _split(self) -> Iterator[list[Hashable] | None]:
        """Yield sentences, and None where a document ends."""
        cleaned = cleaner(self._reading)
        carry = b""
        for text in self._blocks():
            if text.list is not None:
                yield from _rows(text.list)
                continue
            try:
                cleaned.clean(text.bytes, text.n, text.at_line_start, text.last)
            except InvalidTextError as error:
                bad = BadWord(text, error.place)
                name = self._reader.inputs[text.source].name
                raise bad.error(name, self.n_lines - self._lines_before) from None
            self.n_lines += cleaned.n_lines + text.line_shift
            self.n_invalid += cleaned.n_skipped
            self.n_replaced += cleaned.n_replaced
            *lines, carry = (carry + cleaned.out[: cleaned.n_out].tobytes()).split(b"\n")
            for line in lines:
                words: list[Hashable] = [*line.split()]
                if words:
                    yield words
            if text.last:
                yield None

    def _of_length(self, length: int) -> Iterator[list[Hashable]]:
        sentence: list[Hashable] = []
        for words in self._split():
            if words is not None:
                sentence += words
            n_whole = len(sentence) // length * length
            for start in range(0, n_whole, length):
                yield sentence[start : start + length]
            del sentence[:n_whole]
            if words is None and sentence:
                yield sentence
                sentence = []

    def _tokenized(self, tokenizer: Tokenizer) -> Iterator[Iterable[Hashable]]:
        carry = b""
        for text in self._blocks():
            assert text.list is None  # the reader refuses lists where there is a function
            *lines, carry = (carry + text.bytes[: text.n].tobytes()).split(b"\n")
            name = self._reader.inputs[text.source].name
            if text.line_shift < 0:
                lines.pop()  # only the newline that was added
            for line in lines:
                self.n_lines += 1
                decoded = self._decode(line, name).removesuffix("\r")
                yield tokens_by(tokenizer, decoded.lower() if self._reading.lowercase else decoded)

    def _decode(self, line: bytes, name: str) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            bad = [word for word in line.split() if not _is_utf8(word)]
            if self._reading.errors == "strict":
                number = self.n_lines - self._lines_before
                raise not_utf8(name, number, bad[0]) from error
        if self._reading.errors == "replace":
            self.n_replaced += len(bad)
            return line.decode(errors="replace")
        self.n_invalid += len(bad)
        return b" ".join(word for word in line.split() if _is_utf8(word)).decode()


def tokens_by(tokenizer: Tokenizer, line: str) -> Iterable[Hashable]:
    """Return the tokens of a line; CorpusError if a function does not return any."""
    tokens = as_python(tokenizer(line))
    if is_text(tokens) or not is_iterable(tokens):
        raise CorpusError(
            f"the tokenizer must return a list of tokens, and returned {type(tokens).__name__} "
            f"({tokens!r:.60}) for the line {line[:60]!r}"
        )
    return items_of(tokens)


def _rows(block: TokenList | IntList) -> Iterator[list[Hashable]]:
    rows = block.rows.tolist()
    for begin, end in itertools.pairwise(rows):
        if isinstance(block, IntList):
            yield block.values[begin:end].tolist()
        else:
            cuts = block.offsets[begin : end + 1].tolist()
            yield [block.bytes[cut:after].tobytes() for cut, after in itertools.pairwise(cuts)]


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True
