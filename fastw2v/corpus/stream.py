"""A corpus that is tokenised again in every epoch: nothing of its size is in memory or on disk.

Blocks of text are encoded by a few threads, some blocks ahead of whoever takes the ids, and come
out in the order of the text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from fastw2v import memory
from fastw2v.corpus._clean import Cleaner
from fastw2v.corpus._ints import IntTable
from fastw2v.corpus._scan import KeyTable, WordTable, remap
from fastw2v.corpus.clean import cleaner
from fastw2v.corpus.clean import table as table_of_characters
from fastw2v.corpus.files import Table, mixed, read_block
from fastw2v.corpus.inputs import AnyInput
from fastw2v.corpus.invalid import BadWord
from fastw2v.corpus.readers import BlockReader, Text
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.segments import (
    Block,
    Ids,
    IntList,
    InvalidTextError,
    Ledger,
    Piece,
    Segments,
    Totals,
)
from fastw2v.corpus.sequences import Sequences
from fastw2v.corpus.store import END
from fastw2v.crew import ClosedError, Crew, Queue
from fastw2v.errors import CorpusError
from fastw2v.iterables import items_of, tokens_of
from fastw2v.vocab import Vocabulary

Sentences = Iterable[Iterable[Hashable]]

_Numbered = tuple[int, Block | BadWord]

BLOCK_BYTES = 1 << 20
"""Text that a thread encodes at a time: less than when all ids are kept, to take less memory."""

_SEGMENT = BLOCK_BYTES // 4
"""Ids of a segment: a block of text has fewer, and those of all blocks that wait are in memory."""

BLOCKS_AHEAD = 2
"""Encoded blocks of text that wait for each thread that encodes them."""


class Encoding(Protocol):
    """Encoded blocks in the order of the corpus; the `worker` of a block means nothing."""

    @property
    def n_bytes(self) -> int:
        """Bytes of text read so far."""

    @property
    def n_read(self) -> int:
        """Bytes read so far, as they are stored."""

    def __iter__(self) -> Iterator[Block]: ...

    def close(self) -> None:
        """Stop the threads and close the files."""


class EncodedBlocks:
    """Inputs of text, of lists of words or of whole numbers, encoded by several threads.

    Parameters
    ----------
    inputs : sequence of path, binary file or Input
        As for `fastw2v.corpus.scan_files`.
    vocabulary : Vocabulary
        Words that it lacks are left out.
    reading : Reading
        What a word and a sentence is; its tokenizer is no function.
    workers : int
        Threads that read and encode.
    block_size : int
        Bytes of text that a thread takes at a time.

    Raises
    ------
    CorpusError
        While it is iterated: if something cannot be read, naming file and line.
    """

    def __init__(
        self,
        inputs: Sequence[AnyInput],
        vocabulary: Vocabulary,
        reading: Reading = PLAIN,
        *,
        workers: int,
        block_size: int = BLOCK_BYTES,
    ) -> None:
        self._reader = BlockReader(inputs, block_size, reading)
        self._vocabulary = vocabulary
        self._reading = reading
        self._workers = workers
        self._tables: dict[bool, Table] = {}
        self._lock = threading.Lock()
        self._blocks = self._run()

    @property
    def n_bytes(self) -> int:
        """Bytes of text read so far."""
        return self._reader.n_bytes

    @property
    def n_read(self) -> int:
        """Bytes read so far, as they are stored."""
        return self._reader.n_read

    def __iter__(self) -> Iterator[Block]:
        return self._blocks

    def close(self) -> None:
        """Stop the threads and close the files."""
        self._blocks.close()

    def _table(self, text: Text) -> Table:
        """Return the vocabulary as a table for blocks of this kind, which all threads share."""
        holds_ints = isinstance(text.list, IntList)
        with self._lock:
            if not self._tables:
                self._tables[holds_ints] = self._new_table(holds_ints)
            elif holds_ints not in self._tables:
                raise mixed(self._reader.inputs[text.source].name, holds_ints)
            return self._tables[holds_ints]

    def _new_table(self, holds_ints: bool) -> Table:
        table: Table = IntTable() if holds_ints else WordTable()
        table.add(self._vocabulary.keys)
        return table

    def _encode(self, room: Queue[None], encoded: Queue[_Numbered | None]) -> None:
        """Encode blocks as long as there is room for another; None follows the last one."""
        encoder = _FixedLengths if self._reading.length else _Shared
        encode = encoder(self._table, self._new_table, len(self._vocabulary))
        text, segments = Text(), Segments(_SEGMENT)
        cleaned = None if self._reading.is_plain else cleaner(self._reading)
        try:
            while True:
                room.get()
                if not self._reader.next(text):
                    return
                block: Block | BadWord
                try:
                    ledger = encode.read(text, cleaned, segments)
                    block = Block(text.place, 0, ledger, segments.pieces(), text.source)
                except InvalidTextError as error:
                    block = BadWord(text, error.place)
                encoded.put((text.number, block))
        except ClosedError:
            return
        finally:
            encoded.put(None)

    def _run(self) -> Generator[Block, None, None]:
        room: Queue[None] = Queue()
        for _ in range(self._workers * (1 + BLOCKS_AHEAD)):
            room.put(None)
        encoded: Queue[_Numbered | None] = Queue()

        def stop() -> None:
            room.close()
            self._reader.cancel()

        if not self._reading.is_plain:
            table_of_characters()  # once, before several threads ask for it
        place = _Place(len(self._vocabulary), self._reading.length)
        bodies = [lambda: self._encode(room, encoded)] * self._workers
        done: dict[int, Block | BadWord] = {}
        number, n_busy = 0, self._workers
        with self._reader as reader, Crew(bodies, stop, "fastw2v-encode"):
            while True:
                while n_busy and number not in done:
                    found = encoded.get()
                    if found is None:
                        n_busy -= 1
                    else:
                        done[found[0]] = found[1]
                block = done.pop(number, None)
                if block is None:
                    return
                if isinstance(block, BadWord):
                    name = reader.inputs[block.source].name
                    raise block.error(name, place.lines_before(block.source))
                place.pass_by(block)
                yield block
                room.put(None)
                number += 1


class _Shared:
    """Encodes blocks with the table that all threads share."""

    def __init__(
        self, shared: Callable[[Text], Table], _new: Callable[[bool], Table], _n_words: int
    ) -> None:
        self._shared = shared

    def read(self, text: Text, cleaned: Cleaner | None, segments: Segments) -> Ledger:
        return read_block(self._shared(text), text, cleaned, segments, growing=False)


class _FixedLengths:
    """Numbers all words of blocks, those outside the vocabulary after the others.

    Where a sentence of fixed length ends depends on them, too. The table is begun anew before it
    has many more words than the vocabulary.
    """

    def __init__(
        self, _shared: Callable[[Text], Table], new: Callable[[bool], Table], n_words: int
    ) -> None:
        self._new = new
        self._most = 2 * n_words + (1 << 16)
        self._table: Table | None = None

    def read(self, text: Text, cleaned: Cleaner | None, segments: Segments) -> Ledger:
        if self._table is None or len(self._table) > self._most:
            # Lists are refused where sentences have a fixed length, so these are words.
            self._table = self._new(False)
        return read_block(self._table, text, cleaned, segments, growing=True)


class _Place:
    """Where in the corpus the next block is, and what depends on that."""

    def __init__(self, n_words: int, length: int) -> None:
        self._n_words = n_words
        self._length = length
        self._source = -1
        self._n_lines = self._n_ids = 0
        self._to_vocab: Ids = np.empty(0, dtype=np.int32)

    def lines_before(self, source: int) -> int:
        """Return the lines of an input that were passed."""
        return self._n_lines if source == self._source else 0

    def pass_by(self, block: Block) -> None:
        """Go past a block; cut it into sentences of a fixed length if there is one."""
        if block.source != self._source:
            self._source, self._n_lines, self._n_ids = block.source, 0, 0
        self._n_lines += block.ledger.n_lines
        if self._length:
            for piece in block.pieces:
                self._cut(piece)

    def _cut(self, piece: Piece) -> None:
        n_ids = len(piece.ids)
        largest = int((piece.ids & ~END).max(initial=0))
        if largest >= len(self._to_vocab):
            self._to_vocab = np.full(2 * largest + self._n_words + 1, -1, dtype=np.int32)
            self._to_vocab[: self._n_words] = np.arange(self._n_words)
        phase = self._n_ids % self._length
        n_kept, leading_end = remap(piece.ids, self._to_vocab, self._length, phase)
        piece.ids = piece.ids[:n_kept]
        piece.leading_end |= leading_end
        self._n_ids += n_ids


class EncodedSentences:
    """Sentences of Python objects, encoded a segment at a time by whoever takes the blocks.

    Parameters
    ----------
    sentences : iterable of iterables of hashable
        The corpus.
    vocabulary : Vocabulary
        Tokens that it lacks are left out.
    """

    def __init__(self, sentences: Sentences, vocabulary: Vocabulary) -> None:
        self._sentences = sentences
        self._vocabulary = vocabulary
        self._blocks = self._run()

    @property
    def n_bytes(self) -> int:
        """Bytes of text: there are none."""
        return 0

    @property
    def n_read(self) -> int:
        """Bytes of files: there are none."""
        return 0

    def __iter__(self) -> Iterator[Block]:
        return self._blocks

    def close(self) -> None:
        """Stop."""
        self._blocks.close()

    def _extra(self) -> tuple[int, int, int]:
        """Return lines, invalid tokens and replaced tokens read so far."""
        return 0, 0, 0

    def _run(self) -> Generator[Block, None, None]:
        segments = Segments(_SEGMENT)
        table = KeyTable(self._vocabulary.index, segments, growing=False)
        n_tokens = n_sentences = n_lines = n_invalid = n_replaced = number = 0

        def block(pieces: list[Piece]) -> Block:
            nonlocal n_tokens, n_sentences, n_lines, n_invalid, n_replaced, number
            lines, invalid, replaced = self._extra()
            ledger = Ledger(
                n_tokens=table.n_tokens - n_tokens + invalid - n_invalid,
                n_sentences=table.n_sentences - n_sentences,
                has_newline=True,
                joins=False,
                open=False,
                n_lines=lines - n_lines,
                n_invalid=invalid - n_invalid,
                n_replaced=replaced - n_replaced,
            )
            n_tokens, n_sentences, number = table.n_tokens, table.n_sentences, number + 1
            n_lines, n_invalid, n_replaced = lines, invalid, replaced
            return Block(number - 1, 0, ledger, pieces)

        for sentence in items_of(self._sentences):
            if not isinstance(sentence, (list, tuple)):
                sentence = tokens_of(sentence, table.n_sentences + 1)
            table.read(sentence)
            table.end_sentence()
            if pieces := segments.pieces():
                yield block(pieces)
        table.finish()
        yield block(segments.pieces())


class EncodedLines(EncodedSentences):
    """Inputs whose lines a function splits into tokens, encoded by whoever takes the blocks.

    Parameters
    ----------
    inputs, vocabulary, reading, block_size
        As for `EncodedBlocks`; the tokenizer is a function.
    """

    def __init__(
        self,
        inputs: Sequence[AnyInput],
        vocabulary: Vocabulary,
        reading: Reading,
        *,
        block_size: int = BLOCK_BYTES,
    ) -> None:
        self._reader = BlockReader(inputs, block_size, reading)
        self._sequences = Sequences(self._reader, reading)
        super().__init__(self._sequences, vocabulary)

    @property
    def n_bytes(self) -> int:
        """Bytes of text read so far."""
        return self._reader.n_bytes

    @property
    def n_read(self) -> int:
        """Bytes read so far, as they are stored."""
        return self._reader.n_read

    def _extra(self) -> tuple[int, int, int]:
        found = self._sequences
        return found.n_lines, found.n_invalid, found.n_replaced

    def _run(self) -> Generator[Block, None, None]:
        with self._reader:
            yield from super()._run()


def joined(pieces: Iterable[Piece]) -> Iterator[Ids]:
    """Yield the ids of pieces, each with its sentence's end if it has one.

    Whether an id ends a sentence can depend on what follows it, so one id is held back.
    """
    last: Ids = np.empty(0, dtype=np.int32)
    for piece in pieces:
        if piece.leading_end:
            last |= END
        if len(piece.ids):
            yield last
            yield piece.ids[:-1]
            last = piece.ids[-1:].copy()
    last |= END
    yield last


class StreamReader:
    """A pass over ids that come one after the other.

    Two buffers take turns: a view with a new beginning goes to the buffer that the last but one
    had, and takes over what it shares with the last one.
    """

    def __init__(self, ids: Iterator[Ids], check: Callable[[], None], what: str) -> None:
        self._ids = ids
        self._check = check
        self._what = what
        self._rest: Ids = np.empty(0, dtype=np.int32)
        self._buffers: list[Ids] = [self._rest, self._rest]
        self._begin = self._end = 0

    def view(self, begin: int, end: int) -> Ids:
        """Return the ids from position `begin`, which never goes back, to `end`."""
        if not self._begin <= begin <= self._end <= max(end, self._end):
            raise ValueError(f"[{begin}, {end}) is not in reach of a stream at {self._end}")
        if begin != self._begin:
            kept = self._buffers[0][begin - self._begin : self._end - self._begin]
            self._buffers.reverse()
            self._reserve(end - begin, 0)
            self._buffers[0][: len(kept)] = kept
            self._begin = begin
        self._reserve(end - begin, self._end - begin)
        while self._end < end:
            if not len(self._rest):
                self._rest = self._next()
            taken = self._rest[: end - self._end]
            at = self._end - begin
            self._buffers[0][at : at + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            self._end += len(taken)
        return self._buffers[0][: end - begin]

    def _reserve(self, n: int, n_used: int) -> None:
        if len(self._buffers[0]) < n:
            larger = memory.zeros((n + n // 64,), np.int32)
            larger[:n_used] = self._buffers[0][:n_used]
            self._buffers[0] = larger

    def _next(self) -> Ids:
        for ids in self._ids:
            if len(ids):
                return ids
        raise CorpusError(
            f"{self._what} has changed since it was counted: it ends after {self._end:,} words of "
            "the vocabulary"
        )

    def finish(self) -> None:
        """Say that all was read; CorpusError if the text has more, or has been written to."""
        self._check()
        if len(self._rest) or any(len(ids) for ids in self._ids):
            raise CorpusError(
                f"{self._what} has changed since it was counted: it goes on after "
                f"{self._end:,} words of the vocabulary"
            )

    def close(self) -> None:
        """Close the files and drop the buffers."""
        close = getattr(self._ids, "close", None)
        if close is not None:
            close()
        self._buffers = [self._rest, self._rest]


class Stream:
    """A corpus that is encoded again in every pass; see `fastw2v.corpus.source.Source`.

    Parameters
    ----------
    blocks : callable
        Begins a pass: returns the encoded blocks, in order.
    check : callable
        Raises CorpusError if the text is not what it was; called before and after every pass.
    what : str
        What the corpus is, for messages.
    n_ids, longest : int
        As in `Source`.
    totals : Totals
        What the corpus held.
    """

    random_access = False

    def __init__(
        self,
        blocks: Callable[[], Encoding],
        check: Callable[[], None],
        what: str,
        *,
        n_ids: int,
        longest: int,
        totals: Totals,
    ) -> None:
        self._blocks = blocks
        self._check = check
        self._what = what
        self.n_ids = n_ids
        self.longest = longest
        self.n_bytes = totals.n_bytes
        self.n_lines = totals.n_lines
        self.n_sentences = totals.n_sentences
        self.n_corpus = totals.n_tokens
        self.n_invalid = totals.n_invalid
        self.n_oov = totals.n_tokens - totals.n_invalid - n_ids

    def open(self) -> StreamReader:
        """Begin a pass over the text."""
        self._check()
        return StreamReader(joined_blocks(self._blocks()), self._check, self._what)


def joined_blocks(blocks: Encoding) -> Iterator[Ids]:
    """Yield the ids of blocks; closing this closes the blocks."""
    try:
        yield from joined(piece for block in blocks for piece in block.pieces)
    finally:
        blocks.close()


class Longest:
    """The length of the longest sentence, found piece by piece."""

    def __init__(self) -> None:
        self._open = 0
        self.value = 0

    def add(self, ids: Ids) -> None:
        """Look at the next ids."""
        if not len(ids):
            return
        ends = np.flatnonzero(ids < 0)
        if not len(ends):
            self._open += len(ids)
        else:
            first = self._open + int(ends[0]) + 1
            between = int(np.diff(ends).max(initial=0))
            self.value = max(self.value, first, between)
            self._open = len(ids) - 1 - int(ends[-1])
        self.value = max(self.value, self._open)


def identity(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is written to or replaced."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
