"""Read a corpus as blocks: of text that holds whole words, or of lists of tokens.

All inputs are read one after the other, each once, and the blocks are handed out in their order to
any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from fastw2v.corpus import _scan
from fastw2v.corpus.blocks import Source, Text
from fastw2v.corpus.inputs import AnyInput, Input, resolve
from fastw2v.corpus.opening import open_source
from fastw2v.corpus.reading import PLAIN, Reading

__all__ = ["BLOCK_SIZE", "BlockReader", "Text"]

BLOCK_SIZE = 4 << 20
"""Bytes asked for at a time: few enough for the cache, enough to make a thread's turn worth it."""


class BlockReader:
    """Hands out blocks of text that end where a word ends, or lists of tokens.

    A block ends with its last white space; what follows opens the next block. A newline is added
    to the end of every file, so that a file always ends a sentence. A byte order mark is skipped.

    Parameters
    ----------
    inputs : sequence of path, binary file or Input
        Read one after the other, each opened once. Waiting for a pipe's next bytes cannot be
        interrupted.
    block_size : int
        Bytes per block, apart from what a cut moves to the next one. A word that is longer than
        this makes its block longer.
    reading : Reading
        Options.

    Attributes
    ----------
    n_bytes : int
        Bytes of text read.
    n_read : int
        Bytes read of what is stored.
    """

    def __init__(
        self,
        inputs: Sequence[AnyInput],
        block_size: int = BLOCK_SIZE,
        reading: Reading = PLAIN,
    ) -> None:
        if block_size < 1:
            raise ValueError(f"block_size must be 1 or more, got {block_size}")
        self.inputs = resolve(inputs)
        self._reading = reading
        self._block_size = block_size
        self._lock = threading.Lock()
        self._source: Source | None = None
        self._n_opened = 0
        self._n_blocks = 0
        self._pos = 0
        # Bytes of text and bytes stored of the inputs before, and the open one: in one place, so
        # that a thread that looks sees all three of the same moment.
        self._progress: tuple[int, int, Source | None] = (0, 0, None)

    def __enter__(self) -> BlockReader:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None

    @property
    def n_bytes(self) -> int:
        """Bytes of text read."""
        before, _, source = self._progress
        return before + (0 if source is None else source.n_text)

    @property
    def n_read(self) -> int:
        """Bytes read of what is stored."""
        _, before, source = self._progress
        return before + (0 if source is None else source.n_read)

    def _open(self, item: Input) -> Source:
        return open_source(item, self._reading, self._block_size)

    def next(self, text: Text) -> bool:
        """Read the next block into `text`; return False when there is none. Thread-safe."""
        with self._lock:
            while True:
                if self._source is None:
                    if self._n_opened == len(self.inputs):
                        return False
                    item = self.inputs[self._n_opened]
                    self._source = self._open(item)
                    self._n_opened += 1
                    self._progress = (self.n_bytes, self.n_read, self._source)
                source = self._source
                if source.next(text):
                    break
                self._source = None
                self._progress = (self.n_bytes, self.n_read, None)
                source.close()
            text.number, text.pos = self._n_blocks, self._pos
            text.source = self._n_opened - 1
            self._n_blocks += 1
            if text.list is None:
                self._pos += text.n
            else:
                self._pos += int(text.list.rows[-1] - text.list.rows[0]) + 1
        if text.list is None:
            text.bytes[text.n : text.n + _scan.SLACK] = 10
        return True
