"""The four models: their parameters, and the arithmetic and memory traffic that they need.

Operations are those of the algorithm, a multiply-add counted as two, whatever a program does in
addition. A (row, row) pair takes a dot product and two scaled additions, 6 operations per
dimension; CBOW adds a sum over the window and its way back, 2 per dimension and context word.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.config import NoiseSharing

MODELS: dict[str, dict[str, Any]] = {
    "sg-ns": {"sg": 1, "hs": 0, "negative": 5, "alpha": 0.025},
    "cbow-ns": {"sg": 0, "hs": 0, "negative": 5, "alpha": 0.05},
    "sg-hs": {"sg": 1, "hs": 1, "negative": 0, "alpha": 0.025},
    "cbow-hs": {"sg": 0, "hs": 1, "negative": 0, "alpha": 0.05},
}
TITLES = {
    "sg-ns": "skip-gram NS",
    "cbow-ns": "CBOW NS",
    "sg-hs": "skip-gram HS",
    "cbow-hs": "CBOW HS",
}


def mean_contexts(window: int, sentence_length: int) -> float:
    """Context words of a window, on average, when its radius is drawn from 1 to `window`."""
    at = np.arange(sentence_length)
    return float(
        np.mean(
            [
                np.minimum(at, radius) + np.minimum(sentence_length - 1 - at, radius)
                for radius in range(1, window + 1)
            ]
        )
    )


def mean_path(lengths: NDArray[np.int64], counts: NDArray[np.int64]) -> float:
    """Nodes on the Huffman path of a token, on average, for the lengths of the words' paths."""
    return float(np.average(lengths, weights=counts))


def flops_per_word(
    model: str, dim: int, contexts: float, negative: int = 5, path: float = 0.0
) -> float:
    """Operations that a trained word needs.

    Parameters
    ----------
    model : str
        A name of `MODELS`.
    dim : int
        Dimensions in use, without padding.
    contexts, path : float
        Means over the words: context words, nodes on the path.
    negative : int
        Noise words of a pair (skip-gram) or window (CBOW).
    """
    targets = path if MODELS[model]["hs"] else 1 + negative
    if MODELS[model]["sg"]:
        return 6 * dim * contexts * targets
    return 6 * dim * targets + 2 * dim * contexts


def bytes_per_word(
    model: str,
    dim: int,
    contexts: float,
    sharing: NoiseSharing,
    negative: int = 5,
    path: float = 0.0,
) -> float:
    """Bytes of W and W' that a trained word must read and write, counting a row once per block.

    A word brings one row of W that was not near before, its own row of W', and its share of the
    noise rows (or `negative` per pair if nothing is shared), which count once for all blocks that
    they serve, or the nodes of its path. A row has `dim` floats rounded up to 16.
    """
    row = 2 * 4 * (-(-dim // 16) * 16)  # read and written
    if MODELS[model]["hs"]:
        return row * (1 + path)
    if sharing.block_size:
        noise = sharing.noise_rows / (sharing.block_size * sharing.noise_blocks)
    else:
        noise = negative * (contexts if MODELS[model]["sg"] else 1)
    return row * (2 + noise)
