"""Frequent-word subsampling: which share of a word's occurrences is trained."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

ALWAYS = np.uint32(0xFFFFFFFF)


def keep_probability(counts: NDArray[np.int64], sample: float) -> NDArray[np.float64]:
    """Probability of keeping each occurrence of a word.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_words,)
        Occurrences in the corpus, all positive.
    sample : float
        Below 1 the threshold as a share of all tokens (1e-3 to 1e-5 are usual), from 1 on the
        count from which words are thinned out. 0 keeps everything.

    Returns
    -------
    ndarray of float64, shape (n_words,)
        In (0, 1]; a word's probability is (sqrt(c / t) + 1) * t / c for count c and threshold
        count t, at most 1.

    Source: word2vec.c, the line that computes `ran`; Mikolov et al. 2013 print another formula,
    1 - sqrt(t / f), and used this one. Thresholds from 1 on as in gensim.
    """
    if sample == 0:
        return np.ones(len(counts))
    if sample < 1:
        threshold = sample * float(counts.sum())
    else:
        # Counts end at 2**63, so more makes no difference.
        threshold = float(int(min(sample, 2.0**63) * (3.0 + math.sqrt(5.0)) / 2.0))
    # Not so small that its inverse is infinite.
    ratio: NDArray[np.float64] = np.maximum(
        threshold / counts.astype(np.float64), np.finfo(np.float64).tiny
    )
    keep: NDArray[np.float64] = np.minimum((np.sqrt(1.0 / ratio) + 1.0) * ratio, 1.0)
    return keep


def keep_thresholds(counts: NDArray[np.int64], sample: float) -> NDArray[np.uint32]:
    """The largest 32-bit draw that keeps an occurrence: probability = (threshold + 1) / 2**32.

    Parameters
    ----------
    counts, sample
        As for `keep_probability`.

    Returns
    -------
    ndarray of uint32, shape (n_words,)
        `ALWAYS` for words that are never dropped.
    """
    cells = np.floor(keep_probability(counts, sample) * 2.0**32)
    return (np.maximum(cells, 1.0) - 1.0).astype(np.uint32)
