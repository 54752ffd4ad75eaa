"""The precomputed tables of sigma(x) and softplus(x) = log(1 + e^x)."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from fastw2v._core import SIGMOID_BINS, SIGMOID_LIMIT


@functools.cache
def tables() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sigma and softplus at the centres of equal bins over [-8, 8).

    Returns
    -------
    sigmoid, softplus : ndarray of float32, shape (4096,)
        Read-only. Sigma taken from its bin is off by at most 4.9e-4; see csrc/w2v.h. Computed in
        double by the C library one by one, because NumPy's own `exp` differs between processors.
    """
    width = 2 * SIGMOID_LIMIT / SIGMOID_BINS
    centres = [(index + 0.5) * width - SIGMOID_LIMIT for index in range(SIGMOID_BINS)]
    sigmoid = np.array([1.0 / (1.0 + math.exp(-x)) for x in centres], dtype=np.float32)
    softplus = np.array([math.log1p(math.exp(x)) for x in centres], dtype=np.float32)
    sigmoid.flags.writeable = False
    softplus.flags.writeable = False
    return sigmoid, softplus
