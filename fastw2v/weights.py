"""The matrices W and W': padded, aligned, on huge pages, shared by all workers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
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
        """Allocate; W uniform in +-1 / dim, W' zero, as gensim starts."""
        self._allocate(n_words, dim, negative=negative, hs=hs)
        _randomize(self.vectors, np.random.default_rng(seed))

    def _allocate(self, n_words: int, dim: int, *, negative: bool, hs: bool) -> None:
        self.dim = dim
        self.shape = (n_words, -(-dim // LANES) * LANES)
        self.w_in: Matrix = zeros(self.shape, np.float32)
        self.w_ns: Matrix | None = zeros(self.shape, np.float32) if negative else None
        self.w_hs: Matrix | None = zeros(self.shape, np.float32) if hs else None

    @classmethod
    def of(cls, vectors: Matrix, w_ns: Matrix | None, w_hs: Matrix | None) -> Weights:
        """Copy matrices of the shape (n_words, dim), which need no padding."""
        self = cls.__new__(cls)
        self._allocate(*vectors.shape, negative=w_ns is not None, hs=w_hs is not None)
        self.vectors[:] = vectors
        for name, matrix in (("w_ns", w_ns), ("w_hs", w_hs)):
            if matrix is not None:
                self.put(name, matrix)
        return self

    @property
    def vectors(self) -> Matrix:
        """The word vectors: the view (n_words, dim) of W."""
        return self.w_in[:, : self.dim]

    def part(self, name: str) -> Matrix | None:
        """Return the view (n_words, dim) of `w_ns` or `w_hs`, None where it is not trained."""
        matrix: Matrix | None = getattr(self, name)
        return None if matrix is None else matrix[:, : self.dim]

    def put(self, name: str, values: npt.ArrayLike | None) -> None:
        """Set `w_ns` or `w_hs` to values of the shape (n_words, dim); None stands for zeros."""
        matrix = zeros(self.shape, np.float32)
        if values is not None:
            given = np.asarray(values, np.float32)
            if given.shape != self.vectors.shape:
                raise ValueError(
                    f"the output vectors must have the shape {self.vectors.shape} of the vectors, "
                    f"got {given.shape}"
                )
            matrix[:, : self.dim] = given
        setattr(self, name, matrix)

    def grown(self, n_words: int, seed: int) -> Weights:
        """Return a copy with more rows: new ones of W random, new ones of W' zero."""
        larger = Weights.__new__(Weights)
        larger._allocate(
            n_words, self.dim, negative=self.w_ns is not None, hs=self.w_hs is not None
        )
        n_old = len(self.w_in)
        for name in ("w_in", "w_ns", "w_hs"):
            old = getattr(self, name)
            if old is not None:
                getattr(larger, name)[:n_old] = old
        # Another stream than that of the first rows, which the seed alone determines.
        _randomize(larger.vectors[n_old:], np.random.default_rng([seed, n_old]))
        return larger

    def adopt(self, vectors: Matrix) -> None:
        """Make W hold `vectors`, shape (n_words, dim), unless it is W's own view already."""
        own = self.vectors
        if vectors.shape != own.shape:
            raise ValueError(
                f"wv.vectors must have the shape {own.shape} that the model was built with, "
                f"got {vectors.shape}; train a new one with vector_size={vectors.shape[1]}"
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


def _randomize(vectors: Matrix, rng: np.random.Generator) -> None:
    dim = vectors.shape[1]
    rows = max(_BLOCK // dim, 1)
    for start in range(0, len(vectors), rows):
        part = vectors[start : start + rows]
        part[:] = (rng.random(part.shape, dtype=np.float32) * 2 - 1) / np.float32(dim)
