"""The matrices W and W': padded, aligned, on huge pages, shared by all workers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastw2v._core import LANES
from fastw2v.memory import zeros

Matrix = NDArray[np.float32]

_BLOCK = 1 << 22


class Weights:
    """W, and W' of each objective that is trained.

    Every matrix is (n_words, stride) float32; stride is `dim` rounded up to a multiple of 16, and
    the columns from `dim` on are zero.

    Attributes
    ----------
    w_in : ndarray
        W; its rows are the word vectors.
    w_ns : ndarray or None
        W' of negative sampling, one row per word.
    w_hs : ndarray or None
        W' of hierarchical softmax, one row per inner node of the Huffman tree (and one spare).
    dim : int
        Dimensions in use.
    """

    def __init__(self, n_words: int, dim: int, *, negative: bool, hs: bool, seed: int) -> None:
        """Allocate; W uniform in +-0.5 / dim, W' zero, as word2vec.c starts."""
        self.dim = dim
        self.shape = (n_words, -(-dim // LANES) * LANES)
        self.w_in: Matrix = zeros(self.shape, np.float32)
        self.w_ns: Matrix | None = zeros(self.shape, np.float32) if negative else None
        self.w_hs: Matrix | None = zeros(self.shape, np.float32) if hs else None
        rng = np.random.default_rng(seed)
        rows = max(_BLOCK // dim, 1)
        for start in range(0, n_words, rows):
            part = self.vectors[start : start + rows]
            part[:] = (rng.random(part.shape, dtype=np.float32) - np.float32(0.5)) / np.float32(dim)

    @property
    def vectors(self) -> Matrix:
        """The word vectors: the view (n_words, dim) of W."""
        return self.w_in[:, : self.dim]

    def adopt(self, vectors: Matrix) -> None:
        """Make W hold `vectors`, shape (n_words, dim), unless it is W's own view already."""
        own = self.vectors
        if vectors.shape != own.shape:
            raise ValueError(
                f"wv.vectors must have the shape {own.shape} that the model was built with, "
                f"got {vectors.shape}"
            )
        if vectors.ctypes.data != own.ctypes.data or vectors.strides != own.strides:
            own[:] = vectors

    def finite(self) -> bool:
        """Whether no matrix holds NaN or Inf."""
        return all(
            bool(np.isfinite(np.add.reduce(matrix, axis=None)))
            for matrix in (self.w_in, self.w_ns, self.w_hs)
            if matrix is not None
        )
