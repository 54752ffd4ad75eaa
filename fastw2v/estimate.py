"""How much memory and time a training run will take, before it begins."""

from __future__ import annotations

import time
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

CALIBRATION_SECONDS = 0.5
CALIBRATION_BYTES = 1 << 30
_FIRST_TOKENS, _MOST_TOKENS = 50_000, 4_000_000
# Two workers on two cores train at 1.6 to 1.9 times the speed of one (benchmarks/README.md).
SCALING = 0.85


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
    """Words of the vocabulary per second, before subsampling, that one worker was measured at.

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
    settings: Settings,
    vector_size: int,
    sentence_length: float,
    *,
    seed: int = 1,
) -> Speed:
    """Train one worker on made-up text for half a second and see how fast it is.

    The text is random: words by their frequencies, sentences of one length. Real text is somewhat
    kinder to caches.

    Parameters
    ----------
    counts : ndarray of int64, shape (V,)
        Occurrences of the words of the vocabulary.
    settings : Settings
        Hyper-parameters of one epoch and one worker.
    vector_size : int
        Dimensions.
    sentence_length : float
        Words of a sentence.

    Returns
    -------
    Speed
    """
    stride = -(-vector_size // 16) * 16
    matrices = 1 + bool(settings.negative) + bool(settings.hs)
    n_words = min(len(counts), max(CALIBRATION_BYTES // (4 * stride * matrices), 1000))
    counts = np.sort(counts)[::-1][:n_words].copy()
    weights = Weights(
        n_words, vector_size, negative=settings.negative > 0,
        hs=bool(settings.hs), seed=seed,
    )  # fmt: skip
    n_tokens = _FIRST_TOKENS
    while True:
        store = _made_up(counts, n_tokens, max(round(sentence_length), 1), seed)
        trainer = Trainer(weights, counts, store, settings, seed=seed, stream=0)
        began = time.perf_counter()
        trainer.run()
        seconds = time.perf_counter() - began
        if seconds >= CALIBRATION_SECONDS / 3 or n_tokens >= _MOST_TOKENS:
            return Speed(n_tokens / max(seconds, 1e-9), n_words)
        growth = CALIBRATION_SECONDS / max(seconds, CALIBRATION_SECONDS / 20)
        n_tokens = min(int(n_tokens * growth), _MOST_TOKENS)


def _made_up(
    counts: NDArray[np.int64], n_tokens: int, sentence_length: int, seed: int
) -> TokenStore:
    sums = np.cumsum(counts)
    draws = np.random.default_rng(seed).integers(0, sums[-1], n_tokens)
    ids = np.searchsorted(sums, draws, side="right").astype(np.int32)
    ids[sentence_length - 1 :: sentence_length] |= END
    ids[-1] |= END
    return TokenStore(
        ids=ids,
        longest=min(sentence_length, n_tokens),
        n_sentences=-(-n_tokens // sentence_length),
        n_corpus=n_tokens,
        n_oov=0,
        n_bytes=0,
    )


def seconds(n_ids: int, epochs: int, workers: int, found: Speed) -> float:
    """Estimate the time of training, with as many workers as there are cores at most.

    Every worker beyond the first is taken for 0.85 of one.
    """
    busy = min(config.n_threads(workers), config.n_threads(-1))
    return n_ids * epochs / (found.words_per_second * (1 + SCALING * (busy - 1)))
