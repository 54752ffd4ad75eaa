"""A corpus that is tokenised again in every epoch: nothing of its size is in memory or on disk.

Blocks of text are encoded by a few threads, some blocks ahead of whoever takes the ids, and come
out in the order of the text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from fastw2v import memory
from fastw2v.corpus._scan import KeyTable, WordTable
from fastw2v.corpus.readers import BlockReader, Text
from fastw2v.corpus.segments import Block, Ids, Ledger, Piece, Segments
from fastw2v.corpus.store import END
from fastw2v.errors import CorpusError
from fastw2v.vocab import Vocabulary

Sentences = Iterable[Iterable[Hashable]]

BLOCK_BYTES = 1 << 20
"""Text that a thread encodes at a time: less than when all ids are kept, to take less memory."""

BLOCKS_AHEAD = 2
"""Encoded blocks of text that wait for each thread that encodes them."""


def encode_blocks(
    paths: Sequence[Path], table: WordTable, *, workers: int, block_size: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Encode text files, block by block in the order of the text.

    Parameters
    ----------
    paths : sequence of Path
        Text files.
    table : WordTable
        The vocabulary; nothing is added to it.
    workers : int
        Threads that read and encode.
    block_size : int
        Bytes of text that a thread takes at a time.

    Yields
    ------
    Block
        Its `worker` means nothing.
    """
    done: dict[int, Block] = {}
    change = threading.Condition()
    room = threading.Semaphore(workers * (1 + BLOCKS_AHEAD))
    failures: list[BaseException] = []
    stopped = False
    n_busy = workers

    def body(reader: BlockReader) -> None:
        nonlocal n_busy
        text, segments = Text(), Segments()
        try:
            while True:
                room.acquire()
                if stopped or not reader.next(text):
                    break
                ledger = table.encode(text.bytes, text.n, segments)
                with change:
                    done[text.number] = Block(text.number, 0, ledger, segments.pieces())
                    change.notify_all()
        except BaseException as error:  # handed to the one who takes the blocks
            failures.append(error)
        with change:
            n_busy -= 1
            change.notify_all()
        room.release()  # for the next thread that has to notice the end

    with BlockReader(paths, block_size) as reader:
        threads = [
            threading.Thread(target=body, args=(reader,), name=f"fastw2v-encode-{rank}")
            for rank in range(workers)
        ]
        try:
            for thread in threads:
                thread.start()
            number = 0
            while True:
                with change:
                    while not (number in done or failures or n_busy == 0):
                        change.wait()
                    block = done.pop(number, None)
                if failures:
                    raise failures[0]
                if block is None:
                    return
                yield block
                room.release()
                number += 1
        finally:
            stopped = True
            for _ in threads:
                room.release()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()


def encode_iterable(sentences: Sentences, vocabulary: Vocabulary) -> Iterator[Block]:
    """Encode Python sentences, a segment at a time; as for `encode_blocks`."""
    segments = Segments()
    table = KeyTable(vocabulary.index, segments, growing=False)
    n_tokens = n_sentences = number = 0

    def block(pieces: list[Piece]) -> Block:
        nonlocal n_tokens, n_sentences, number
        ledger = Ledger(
            table.n_tokens - n_tokens, table.n_sentences - n_sentences, True, False, False
        )
        n_tokens, n_sentences, number = table.n_tokens, table.n_sentences, number + 1
        return Block(number - 1, 0, ledger, pieces)

    for sentence in sentences:
        table.read(sentence.tolist() if isinstance(sentence, np.ndarray) else sentence)
        table.end_sentence()
        if pieces := segments.pieces():
            yield block(pieces)
    table.finish()
    yield block(segments.pieces())


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
    n_ids, longest, n_bytes, n_lines, n_sentences, n_corpus, n_invalid : int
        As in `Source`.
    """

    random_access = False

    def __init__(
        self,
        blocks: Callable[[], Iterator[Block]],
        check: Callable[[], None],
        what: str,
        *,
        n_ids: int,
        longest: int,
        n_bytes: int,
        n_lines: int,
        n_sentences: int,
        n_corpus: int,
        n_invalid: int,
    ) -> None:
        self._blocks = blocks
        self._check = check
        self._what = what
        self.n_ids = n_ids
        self.longest = longest
        self.n_bytes = n_bytes
        self.n_lines = n_lines
        self.n_sentences = n_sentences
        self.n_corpus = n_corpus
        self.n_invalid = n_invalid
        self.n_oov = n_corpus - n_invalid - n_ids

    def open(self) -> StreamReader:
        """Begin a pass over the text."""
        self._check()
        return StreamReader(joined_blocks(self._blocks()), self._check, self._what)


def joined_blocks(blocks: Iterator[Block]) -> Iterator[Ids]:
    """Yield the ids of blocks; closing this closes the blocks."""
    try:
        yield from joined(piece for block in blocks for piece in block.pieces)
    finally:
        close = getattr(blocks, "close", None)
        if close is not None:
            close()


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


def identity(path: Path) -> tuple[int, int, int, int]:
    """Return what changes when a file is written to or replaced."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
