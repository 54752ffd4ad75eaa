"""How much memory and time a training run will take, before it begins."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import config
from fastw2v.corpus.store import END, TokenStore
from fastw2v.subsampling import ALWAYS, keep_thresholds
from fastw2v.trainer import Settings, Trainer
from fastw2v.weights import Weights

# Beside the matrices a word has its text, its place in a list and in a dictionary, and its count.
BYTES_PER_WORD = 200
# Python, NumPy, buffers of the readers, and the workers' scratch memory.
BASE_BYTES = 80 << 20
WINDOW_BYTES = 128 << 20
"""Two windows of ids; see `fastw2v.feed`."""

SAMPLE_IDS = 2_000_000
"""Ids of the corpus that the speed is measured on."""
WARM_UP_SECONDS, CALIBRATION_SECONDS = 0.2, 0.6
LONGEST_SECONDS = 4.0
"""All that may take by the clock, where other programs have the processors."""
CALIBRATION_BYTES = 1 << 30
# So many that time is up before, and the learning rate hardly falls, as in a long training.
MOST_EPOCHS = 1_000_000
# Two workers on two cores train at 1.6 to 1.9 times the speed of one (benchmarks/README.md).
SCALING = 0.85
ACCURACY = 1.3
"""Factor that a training on idle cores may be faster or slower by than the estimate."""


class Memory(NamedTuple):
    """Bytes: the model, all ids, all else; and both sums, ids in memory or a window at a time."""

    model: int
    ids: int
    other: int

    @property
    def in_ram(self) -> int:
        """Peak with memory="ram"."""
        return self.model + self.ids + self.other

    @property
    def bounded(self) -> int:
        """Peak with memory="bounded" or a cache."""
        return self.model + min(self.ids, WINDOW_BYTES) + self.other


class Speed(NamedTuple):
    """Words of the vocabulary, before subsampling, that one worker trains in a second of its own.

    `n_words` is how many words the measured model had, which is fewer than the vocabulary where its
    matrices would not fit in a gigabyte.
    """

    words_per_second: float
    n_words: int


def memory(n_words: int, n_ids: int, *, vector_size: int, negative: int, hs: int) -> Memory:
    """Estimate the peak memory of training.

    Parameters
    ----------
    n_words, n_ids : int
        Size of the vocabulary, and tokens of it in the corpus.
    vector_size, negative, hs : int
        Hyper-parameters.

    Returns
    -------
    Memory
        Without what counting takes for words that are left out.
    """
    stride = -(-vector_size // 16) * 16
    matrices = 1 + bool(negative) + bool(hs)
    return Memory(
        model=4 * stride * n_words * matrices + BYTES_PER_WORD * n_words,
        ids=4 * n_ids,
        other=BASE_BYTES,
    )


def trained_share(counts: NDArray[np.int64], sample: float) -> float:
    """Return the expected share of the tokens of the vocabulary that subsampling leaves."""
    thresholds = keep_thresholds(counts, sample).astype(np.float64)
    kept = np.where(thresholds == ALWAYS, 1.0, (thresholds + 1) / 2.0**32)
    return float((kept * counts).sum() / counts.sum())


def speed(
    counts: NDArray[np.int64],
    ids: NDArray[np.int32],
    longest: int,
    settings: Settings,
    vector_size: int,
    *,
    seed: int = 1,
) -> Speed:
    """Train one worker on some of the corpus for less than a second and see how fast it is.

    What counts is the processor time that this took, so that other programs hardly matter.

    Parameters
    ----------
    counts : ndarray of int64, shape (V,)
        Occurrences of the words of the vocabulary in the whole corpus.
    ids : ndarray of int32
        A part of the corpus, as `TokenStore` holds it.
    longest : int
        Ids in its longest sentence.
    settings : Settings
        Hyper-parameters of the job.
    vector_size : int
        Dimensions.

    Returns
    -------
    Speed
    """
    stride = -(-vector_size // 16) * 16
    matrices = 1 + bool(settings.negative) + bool(settings.hs)
    n_words = min(len(counts), max(CALIBRATION_BYTES // (4 * stride * matrices), 1000))
    if n_words < len(counts):  # rare words stand for still rarer ones
        counts, ids = counts[:n_words], (ids & ~END) % n_words | (ids & END)
    store = TokenStore(ids, longest, n_sentences=1, n_corpus=len(ids), n_oov=0, n_bytes=0)
    weights = Weights(
        n_words, vector_size, negative=settings.negative > 0,
        hs=bool(settings.hs), seed=seed,
    )  # fmt: skip
    settings = replace(settings, workers=1, epochs=MOST_EPOCHS, shuffle=0, compute_loss=False)
    trainer = Trainer(weights, counts, store, settings, seed=seed, stream=0)
    began, deadline = time.process_time(), time.monotonic() + LONGEST_SECONDS
    marks: list[tuple[int, float]] = []  # words done, and processor time

    def mark(n_done: int) -> None:
        now = time.process_time() - began
        if (marks and now - marks[0][1] >= CALIBRATION_SECONDS) or time.monotonic() > deadline:
            raise _EnoughError
        if not marks and now >= WARM_UP_SECONDS:
            marks.append((n_done, now))

    with contextlib.suppress(_EnoughError):
        trainer.run(
            lambda progress: mark(progress.words),
            on_epoch_begin=lambda: mark(trainer.report.ledger.corpus),
        )
    n_before, before = marks[0] if marks else (0, 0.0)
    n_done = max(trainer.report.ledger.corpus - n_before, 1)
    return Speed(n_done / max(trainer.report.cpu_seconds - before, 1e-9), n_words)


class _EnoughError(Exception):
    """The time for measuring is over."""


def seconds(n_ids: int, epochs: int, workers: int, found: Speed) -> float:
    """Estimate the time of training, with as many workers as there are cores at most.

    Every worker beyond the first is taken for 0.85 of one.
    """
    busy = min(config.n_threads(workers), config.n_threads(-1))
    return n_ids * epochs / (found.words_per_second * (1 + SCALING * (busy - 1)))
