"""Find out what an input is, and open it as a source of blocks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from fastw2v.corpus import arrow, decompress, jsonl, mistakes
from fastw2v.corpus.blocks import ListSource, Source, Stored, TextSource
from fastw2v.corpus.decompress import ReadAhead, Stream
from fastw2v.corpus.inputs import Input
from fastw2v.corpus.reading import Reading
from fastw2v.corpus.segments import IntList, TokenList
from fastw2v.crew import Flag
from fastw2v.errors import CorpusError

_HEAD = 8


class _Records(Protocol):
    """Values of one kind, from a file or from memory."""

    def kind(self) -> type | None:
        """Return str for texts, list for lists of words, int for lists of whole numbers."""

    def texts(self) -> Iterator[bytes]:
        """Yield some documents at a time."""

    def lists(self) -> Iterator[TokenList | IntList]:
        """Yield some sentences at a time."""


class Joined(io.RawIOBase):
    """Pieces of text as one stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read some bytes; 0 at the end."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        n = min(len(buffer), len(self._piece))
        buffer[:n] = self._piece[:n]
        self._piece = self._piece[n:]
        return n


def open_source(
    item: Input, reading: Reading, block_size: int, cancelled: Flag | None = None
) -> Source:
    """Open an input.

    Parameters
    ----------
    item : Input
        Compressed, Parquet and Arrow files are known by their first bytes; JSON lines by the name
        (.jsonl, .ndjson, before the name's ending for compression) or because `reading.field` was
        given; all else is text.
    reading : Reading
        Options.
    block_size : int
        Bytes of text in a block.
    cancelled : Flag, optional
        As for `Input.open`.

    Returns
    -------
    Source

    Raises
    ------
    OSError
        If it cannot be opened.
    CorpusError
        If it is no text, needs a library that is not there, or does not hold what `reading` says.
    """
    if item.data is not None:
        opened: Source = item.data(reading, block_size)
        return opened
    raw = item.open(cancelled)
    try:
        head = raw.head(_HEAD)
        kind = arrow.format_of(head)
        if kind is not None:
            column = arrow.Column.from_file(item, kind, raw, reading)
            return records_source(column, column, item.name, reading, block_size)
        kind = decompress.format_of(head)
        file: io.BufferedIOBase | None = None
        if kind is not None:
            file = decompress.decompressed(raw, item.name, kind)
        if reading.field is not None or _is_jsonl(item.name):
            if found := mistakes.of_head(raw.head(mistakes.HEAD)):
                raise CorpusError(f"{item.name} is {found}")
            lines = io.BufferedReader(raw) if file is None else file
            records = jsonl.Records(lines, item.name, reading)
            return records_source(records, raw, item.name, reading, block_size)
        stream: Stream = raw if file is None else ReadAhead(file)
        return TextSource(stream, raw, item.name, block_size)
    except BaseException:
        raw.close()
        raise


def open_text_source(item: Input, block_size: int, cancelled: Flag | None = None) -> Source:
    """Open an input that is text, compressed or not, whatever its name."""
    raw = item.open(cancelled)
    try:
        kind = decompress.format_of(raw.head(_HEAD))
        stream: Stream = raw
        if kind is not None:
            stream = ReadAhead(decompress.decompressed(raw, item.name, kind))
        return TextSource(stream, raw, item.name, block_size)
    except BaseException:
        raw.close()
        raise


def records_source(
    records: _Records, stored: Stored, name: str, reading: Reading, block_size: int
) -> Source:
    """Return the texts or lists of records as a source of blocks."""
    kind = records.kind()
    if kind is str:
        return TextSource(Joined(records.texts()), stored, name, block_size, is_file=False)
    if reading.is_for_text:
        raise CorpusError(
            f"{name} holds lists of tokens, and tokenizer=, lowercase= and sentence_split= are for "
            "text: leave them out"
        )
    return ListSource(records.lists(), stored)


def is_plain_text(item: Input, reading: Reading) -> bool:
    """Tell whether a file is read as it is: not decompressed, no JSON, not cleaned."""
    if not reading.is_plain or reading.field is not None or _is_jsonl(item.name):
        return False
    raw = item.open()
    try:
        head = raw.head(_HEAD)
    finally:
        raw.close()
    return arrow.format_of(head) is None and decompress.format_of(head) is None


def _is_jsonl(name: str) -> bool:
    return any(suffix.lower() in jsonl.SUFFIXES for suffix in Path(name).suffixes[-2:])
