"""Read a corpus as blocks: of text that holds whole words, or of lists of tokens.

Every input is read once, and its blocks are handed out in their order to any number of threads.
Inputs follow one another, or some are read side by side: decompressing takes longer than counting.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from fastw2v.corpus import _scan
from fastw2v.corpus.blocks import Source, Text
from fastw2v.corpus.inputs import AnyInput, Input, resolve
from fastw2v.corpus.opening import open_source
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.crew import Flag

__all__ = ["BLOCK_SIZE", "BlockReader", "Text"]

BLOCK_SIZE = 4 << 20
"""Bytes per read: few enough for the cache, enough to make a thread's turn worth it."""


# Blocks of one input have positions below those of the next one's, and eight times the last one is
# still a 64-bit number: see `files.read_block`.
_POSITIONS = 1 << 59


class _Lane:
    """An input that is being read.

    Attributes
    ----------
    number : int
        Which input it is.
    source : Source or None
        None until it is opened.
    is_busy : bool
        Whether a thread is reading it.
    n_blocks, pos : int
        Blocks that were read, and the position after the last one.
    """

    def __init__(self, number: int, pos: int) -> None:
        self.number = number
        self.source: Source | None = None
        self.is_busy = True
        self.n_blocks = 0
        self.pos = pos


class BlockReader:
    """Hands out blocks of text that end where a word ends, or lists of tokens.

    A block ends with its last white space; what follows opens the next block. A newline is added
    to the end of every file, so that a file always ends a sentence. A byte order mark is skipped.

    Parameters
    ----------
    inputs : sequence of path, binary file or Input
        Each is opened once, in their order.
    block_size : int
        Bytes per block, apart from what a cut moves to the next one. A word that is longer than
        this makes its block longer.
    reading : Reading
        Options.
    n_open : int
        Inputs that several threads may read side by side; a thread that finds one busy reads
        another. With 1 the blocks come in the order of the corpus.

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
        n_open: int = 1,
    ) -> None:
        if block_size < 1:
            raise ValueError(f"block_size must be 1 or more, got {block_size}")
        self.inputs = resolve(inputs)
        self._reading = reading
        self._block_size = block_size
        self._n_open = n_open
        self._lock = threading.Lock()
        self._change = threading.Condition(self._lock)
        self._cancelled = Flag()
        self._lanes: list[_Lane] = []  # in the order of the inputs
        self._n_begun = 0
        self._end = len(self.inputs)
        self._n_blocks = 0
        self._bytes_before = self._read_before = 0  # of the inputs that were read to their end

    def __enter__(self) -> BlockReader:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.cancel()
        lanes, self._lanes = self._lanes, []
        for lane in lanes:
            if lane.source is not None:
                lane.source.close()

    @property
    def n_bytes(self) -> int:
        """Bytes of text read."""
        with self._lock:
            sources = [lane.source for lane in self._lanes if lane.source is not None]
            return self._bytes_before + sum(source.n_text for source in sources)

    @property
    def n_read(self) -> int:
        """Bytes read of what is stored."""
        with self._lock:
            sources = [lane.source for lane in self._lanes if lane.source is not None]
            return self._read_before + sum(source.n_read for source in sources)

    def _open(self, item: Input) -> Source:
        return open_source(item, self._reading, self._block_size, self._cancelled)

    def cancel(self) -> None:
        """Hand out no more blocks, and end the waiting for inputs that are silent."""
        self._cancelled.set()
        self.stop_at(0)

    def stop_at(self, source: int) -> None:
        """Hand out no more blocks of this input, or of those after it."""
        with self._lock:
            self._end = min(self._end, source)
            self._change.notify_all()

    def next(self, text: Text) -> bool:
        """Read the next block into `text`; return False when there is none. Thread-safe.

        `text.source` is set in any case, so that whoever catches an exception knows which input
        it is about. That input is then not read on.
        """
        while True:
            lane = self._take()
            if lane is None:
                return False
            text.source = lane.number
            try:
                if lane.source is None:
                    lane.source = self._open(self.inputs[lane.number])
                found = lane.source.next(text)
            except BaseException:
                self._finish(lane)
                raise
            if found:
                break
            self._finish(lane)
        text.place, text.pos = lane.n_blocks, lane.pos
        lane.n_blocks += 1
        if text.list is None:
            lane.pos += text.n
        else:
            lane.pos += int(text.list.rows[-1] - text.list.rows[0]) + 1
        with self._lock:
            text.number = self._n_blocks
            self._n_blocks += 1
            lane.is_busy = False
            self._change.notify()
        if text.list is None:
            text.bytes[text.n : text.n + _scan.SLACK] = 10
        return True

    def _take(self) -> _Lane | None:
        """Return an input that no thread is reading; None if there is none left."""
        with self._lock:
            while True:
                lanes = [lane for lane in self._lanes if lane.number < self._end]
                for lane in lanes:
                    if not lane.is_busy:
                        lane.is_busy = True
                        return lane
                if len(lanes) < self._n_open and self._n_begun < self._end:
                    lane = _Lane(self._n_begun, self._n_begun * (_POSITIONS // len(self.inputs)))
                    self._n_begun += 1
                    self._lanes.append(lane)
                    return lane
                if not lanes:
                    return None
                self._change.wait()

    def _finish(self, lane: _Lane) -> None:
        """Close an input that was read to its end, or failed."""
        with self._lock:
            if lane.source is not None:
                self._bytes_before += lane.source.n_text
                self._read_before += lane.source.n_read
            self._lanes.remove(lane)
            self._change.notify_all()
        if lane.source is not None:
            lane.source.close()
