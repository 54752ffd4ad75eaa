"""Feed the workers of an epoch: which tokens are in memory when, and in which order they come.

The corpus is cut into chunks of up to 8,192 tokens, and an epoch goes through it in windows of
2,048 chunks: 64 MiB of ids. While the workers train one window the next one is loaded, so two are
in memory at most, wherever the corpus is. Within a window the chunks come in a random order,
another one every epoch; a worker that finds a window used up goes on to the next.

    in the order of the text   window w holds chunks 2048 w to 2048 (w + 1) - 1
    shuffled                   64 blocks of 32 neighbouring chunks, from anywhere in the corpus

Both orders depend on the seed and the length of the corpus and on nothing else. Sentences are not
cut at the borders: a chunk looks beyond them as far as its windows reach, and what it sees there,
the halo, is loaded with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fastw2v._core import N_SLOTS, Session
from fastw2v.corpus.segments import Ids
from fastw2v.corpus.source import Reader, Source

# Tokens that a worker claims at once: long enough to make the claim free, short enough to keep
# the workers level at the end of an epoch. Small corpora are cut in at least 16 pieces.
LARGEST_CHUNK, SMALLEST_CHUNK, CHUNKS = 8192, 256, 16

WINDOW_CHUNKS = 2048
"""Chunks in a window; two windows of the largest chunks take 128 MiB."""

BLOCK_CHUNKS = 32
"""Neighbouring chunks that a shuffled corpus keeps together, so that disks read 1 MiB at a time."""

FIRST_HALO = 1 << 12
"""Tokens that are loaded beyond a border at first; more where a window reaches further."""

_Longs = npt.NDArray[np.int64]


def chunk_tokens(n_ids: int) -> int:
    """Tokens in a chunk of a corpus of so many."""
    return min(max(n_ids // CHUNKS, SMALLEST_CHUNK), LARGEST_CHUNK)


def load_whole(session: Session, ids: Ids) -> None:
    """Put a corpus into the first slot, in one window, in the order of an epoch that has begun."""
    n_chunks = -(-len(ids) // chunk_tokens(len(ids)))
    order = session.window_order(0, n_chunks)
    session.load(0, 0, order, np.zeros(n_chunks, np.int32), [(0, ids)])


class Feed:
    """Loads windows into the slots of a session and tells the workers which slot is next.

    One thread calls `load_windows` while each worker goes through `slots`.

    Parameters
    ----------
    session : Session
        Where the windows go.
    source : Source
        The corpus.
    n_workers : int
        How many workers go through `slots`.
    chunk : int
        Tokens of a chunk, as the session has it.
    shuffle : bool
        Take blocks from anywhere instead of going through the text.

    Raises
    ------
    ValueError
        If a corpus that can only be read front to back is to be shuffled.
    """

    def __init__(
        self, session: Session, source: Source, n_workers: int, *, chunk: int, shuffle: bool
    ) -> None:
        if shuffle and not source.random_access:
            raise ValueError(
                "shuffle needs the encoded corpus in memory or in a cache; this one is tokenised "
                "again in every epoch and comes in the order of the text. Give cache_dir=, or "
                "memory='ram', or leave shuffle off"
            )
        self._session = session
        self._source = source
        self._n_workers = n_workers
        self._shuffle = shuffle
        self._chunk = chunk
        self._n_chunks = -(-source.n_ids // self._chunk)
        self._n_blocks = -(-self._n_chunks // BLOCK_CHUNKS)
        per_window = max(WINDOW_CHUNKS // BLOCK_CHUNKS, 1) if shuffle else WINDOW_CHUNKS
        self._per_window = per_window
        self.n_windows = -(-(self._n_blocks if shuffle else self._n_chunks) // per_window)
        self._lock = threading.Lock()
        self._change = threading.Condition(self._lock)
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Start over. The session's epoch has begun, and no worker is busy."""
        self._n_ready = 0
        self._n_left = [0] * self.n_windows
        self._stopped = False
        self._left_halo = 0
        self._turn = 0
        self._blocks = self._session.block_order(self._n_blocks) if self._shuffle else None

    def end_epoch(self) -> None:
        """Let go of the windows. No worker is busy."""
        for slot in range(N_SLOTS):
            self._session.unload(slot)

    def stop(self) -> None:
        """Make everybody who waits return."""
        with self._lock:
            self._stopped = True
            self._change.notify_all()

    def load_windows(self) -> None:
        """Load one window after the other, each as soon as a slot is free."""
        reader = self._source.open()
        try:
            for window in range(self.n_windows):
                with self._lock:
                    while not (self._stopped or self._is_free(window)):
                        self._change.wait()
                    if self._stopped:
                        return
                slot = window % N_SLOTS
                self._session.unload(slot)
                if self._blocks is None:
                    self._load_next(reader, window, slot)
                else:
                    self._load_blocks(reader, window, slot, self._blocks)
                with self._lock:
                    self._n_ready = window + 1
                    self._change.notify_all()
            reader.finish()
        finally:
            reader.close()

    def slots(self) -> Iterator[int]:
        """Yield the slot of every window, once it is loaded; the caller works until it is empty."""
        for window in range(self.n_windows):
            with self._lock:
                while not self._stopped and self._n_ready <= window:
                    self._change.wait()
                if self._stopped:
                    return
            yield window % N_SLOTS
            with self._lock:
                self._n_left[window] += 1
                if self._n_left[window] == self._n_workers:
                    self._change.notify_all()

    def _is_free(self, window: int) -> bool:
        return window < N_SLOTS or self._n_left[window - N_SLOTS] == self._n_workers

    def _load_next(self, reader: Reader, window: int, slot: int) -> None:
        first = window * WINDOW_CHUNKS
        n = min(WINDOW_CHUNKS, self._n_chunks - first)
        end = self._end(first + n)
        low = first * self._chunk - self._left_halo
        view = self._with_right_halo(reader, low, end)
        self._left_halo = self._session.left_halo(view, low, end)
        order = first + self._session.window_order(window, n)
        self._session.load(slot, first, order, np.zeros(n, np.int32), [(low, view)])

    def _load_blocks(self, reader: Reader, window: int, slot: int, blocks: _Longs) -> None:
        chosen = blocks[window * self._per_window : (window + 1) * self._per_window]
        views: list[tuple[int, Ids]] = []
        chunks: list[_Longs] = []
        for block in chosen.tolist():
            first = block * BLOCK_CHUNKS
            last = min(first + BLOCK_CHUNKS, self._n_chunks)
            begin = first * self._chunk
            low, left = begin, -1
            halo = min(FIRST_HALO, begin)
            while left < 0:
                low = begin - halo
                left = self._session.left_halo(reader.view(low, begin), low, begin)
                halo = min(2 * halo, begin)
            views.append(
                (begin - left, self._with_right_halo(reader, begin - left, self._end(last)))
            )
            chunks.append(np.arange(first, last))
        parts = np.repeat(np.arange(len(views), dtype=np.int32), [len(c) for c in chunks])
        turns = self._session.window_order(window, len(parts))
        order = np.concatenate(chunks)[turns]
        self._session.load(slot, self._turn, order, parts[turns], views)
        self._turn += len(order)

    def _with_right_halo(self, reader: Reader, low: int, end: int) -> Ids:
        """Read the tokens from `low` to `end`, and as many more as chunks up to `end` look at."""
        n_ids, halo = self._source.n_ids, FIRST_HALO
        while True:
            high = min(end + halo, n_ids)
            view = reader.view(low, high)
            n_right = self._session.right_halo(view, low, end)
            if n_right >= 0:
                return view
            halo *= 2

    def _end(self, chunk: int) -> int:
        """Position where chunk number `chunk` begins, or the end of the corpus."""
        return min(chunk * self._chunk, self._source.n_ids)
