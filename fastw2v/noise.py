"""The noise distribution of negative sampling, and the table it is drawn from."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastw2v import _core

# Logarithm of the largest weight that surely does not round to infinity.
_LARGEST = math.log(float(np.finfo(np.float32).max)) - 1


def noise_weights(counts: NDArray[np.int64], exponent: float) -> NDArray[np.float64]:
    """Weights proportional to the noise distribution, `counts ** exponent`.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_words,)
        Occurrences of each word, all positive.
    exponent : float
        1 draws words as often as they occur, 0 all alike, negative values prefer rare words.
        0.75 is the paper's (Mikolov et al. 2013, section 2.2).

    Returns
    -------
    ndarray of float64, shape (n_words,)
        Powers of the counts relative to the largest, or to the smallest where these would be too
        large, rounded to 24 bits: C libraries differ in the last bit of `pow`, and the table must
        be the same on all of them.
    """
    distinct, place = np.unique(counts, return_inverse=True)
    unit = float(distinct[-1])
    if exponent < 0 and -exponent * math.log(unit / float(distinct[0])) > _LARGEST:
        unit = float(distinct[0])
    powers = [math.pow(float(count) / unit, exponent) for count in distinct]
    rounded = np.array(powers, dtype=np.float32).astype(np.float64)
    weights: NDArray[np.float64] = np.maximum(rounded, np.finfo(np.float32).tiny)[place]
    return weights


def alias_table(counts: NDArray[np.int64], exponent: float) -> NDArray[np.uint32]:
    """Walker's alias table of the noise distribution: one draw, one look-up.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_words,)
        Occurrences of each word, all positive.
    exponent : float
        Power that the counts are raised to.

    Returns
    -------
    ndarray of uint32, shape (n_words, 2)
        Per column the largest 32-bit draw that stays in it, and the word taken otherwise. The
        probability of each word is exact to 2**-32.

    Source: Vose 1991, "A linear algorithm for generating random numbers with a given
    distribution".
    """
    return _core.alias_table(noise_weights(counts, exponent))


def cumulative_table(counts: NDArray[np.int64], exponent: float, domain: int) -> NDArray[np.uint32]:
    """The noise distribution summed up, as gensim keeps it in `cum_table`.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_words,)
        Occurrences of each word, all positive.
    exponent : float
        Power that the counts are raised to.
    domain : int
        What the whole distribution is worth, below 2**32.

    Returns
    -------
    ndarray of uint32, shape (n_words,)
        Rounded sums; the last one is `domain`.
    """
    floats = counts.astype(np.float64)
    with np.errstate(over="ignore"):
        sums = np.cumsum(floats**exponent)
    if len(sums) and not 0 < sums[-1] < math.inf:
        sums = np.cumsum((floats / (floats.max() if exponent > 0 else floats.min())) ** exponent)
    return np.rint(sums / sums[-1:] * domain).astype(np.uint32)
