"""The matrices W and W': aligned, on huge pages, shared by all workers.

Kernels read rows that begin at multiples of 64 bytes; everybody else expects plain C-contiguous
arrays. Both have the same memory: rows lie close together until an epoch begins, are spread to
their places then, and are packed again when it ends.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from fastw2v._core import LANES, start_rows
from fastw2v.memory import zeros

Matrix = NDArray[np.float32]

_ROWS = 1 << 12
"""Rows that are moved at a time."""

_NAMES = {"w_ns": "syn1neg", "w_hs": "syn1"}


class Weights:
    """W, and W' of each objective that is trained.

    Every matrix is (n_words, stride) float32; stride is `dim` rounded up to a multiple of 16. While
    the rows are spread, row i of a matrix is row i, and its columns from `dim` on are zero. While
    they are packed, row i is in the `dim` numbers from i dim on of the flattened matrix.

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
    is_spread : bool
        Whether the rows are where kernels find them; at first they are packed.
    """

    def __init__(self, n_words: int, dim: int, *, negative: bool, hs: bool, seed: int) -> None:
        """Allocate; W uniform in +-1 / dim, W' zero, as in gensim."""
        self._allocate(n_words, dim, negative=negative, hs=hs)
        start_rows(self.vectors, seed, 0)

    def _allocate(self, n_words: int, dim: int, *, negative: bool, hs: bool) -> None:
        self.dim = dim
        self.is_spread = False
        self.shape = (n_words, -(-dim // LANES) * LANES)
        self.w_in: Matrix = zeros(self.shape, np.float32)
        self.w_ns: Matrix | None = zeros(self.shape, np.float32) if negative else None
        self.w_hs: Matrix | None = zeros(self.shape, np.float32) if hs else None

    @classmethod
    def of(cls, vectors: Matrix, w_ns: Matrix | None, w_hs: Matrix | None) -> Weights:
        """Copy matrices of the shape (n_words, dim)."""
        self = cls.__new__(cls)
        self._allocate(*vectors.shape, negative=w_ns is not None, hs=w_hs is not None)
        self.vectors[:] = vectors
        for name, matrix in (("w_ns", w_ns), ("w_hs", w_hs)):
            if matrix is not None:
                self.put(name, matrix)
        return self

    @property
    def vectors(self) -> Matrix:
        """The word vectors: a view (n_words, dim) of W, C-contiguous while the rows are packed."""
        return self._view(self.w_in)

    def part(self, name: str) -> Matrix | None:
        """Return such a view of `w_ns` or `w_hs`, None where it is not trained."""
        matrix: Matrix | None = getattr(self, name)
        return None if matrix is None else self._view(matrix)

    def _view(self, matrix: Matrix) -> Matrix:
        if self.is_spread:
            return matrix[:, : self.dim]
        n_words, dim = len(matrix), self.dim
        return matrix.reshape(-1)[: n_words * dim].reshape(n_words, dim)

    def spread(self) -> None:
        """Move the rows to where kernels find them; arrays that show them packed are void then."""
        if not self.is_spread:
            for matrix in self._matrices():
                self._move(matrix, spread=True)
            self.is_spread = True

    def pack(self) -> None:
        """Move the rows back; arrays that showed them packed before show them again."""
        if self.is_spread:
            for matrix in self._matrices():
                self._move(matrix, spread=False)
            self.is_spread = False

    def _matrices(self) -> list[Matrix]:
        return [matrix for matrix in (self.w_in, self.w_ns, self.w_hs) if matrix is not None]

    def _move(self, matrix: Matrix, *, spread: bool) -> None:
        """Move rows within their memory, from the last to the first or from the first to the last.

        So no row is overwritten before it has been moved; within a block NumPy ensures it.
        """
        n_words, stride = matrix.shape
        if self.dim == stride:
            return
        flat = matrix.reshape(-1)
        starts = range(0, n_words, _ROWS)
        for start in reversed(starts) if spread else starts:
            end = min(start + _ROWS, n_words)
            packed = flat[start * self.dim : end * self.dim].reshape(-1, self.dim)
            rows = matrix[start:end]
            if spread:
                rows[:, : self.dim] = packed
                rows[:, self.dim :] = 0
            else:
                packed[:] = rows[:, : self.dim]

    def put(self, name: str, values: npt.ArrayLike | None) -> None:
        """Set `w_ns` or `w_hs` to values of the shape (n_words, dim); None stands for zeros."""
        given = None if values is None else np.asarray(values, np.float32)
        if given is not None and given.shape != self.vectors.shape:
            raise ValueError(
                f"the output vectors {_NAMES[name]} must have the shape {self.vectors.shape} of "
                f"the vectors, got {given.shape}"
            )
        if getattr(self, name) is None:
            setattr(self, name, zeros(self.shape, np.float32))
        self.part(name)[:] = 0 if given is None else given  # type: ignore[index]

    def grown(self, n_words: int, seed: int) -> Weights:
        """Return a copy with more rows: new ones of W random, new ones of W' zero."""
        larger = Weights.__new__(Weights)
        larger._allocate(
            n_words, self.dim, negative=self.w_ns is not None, hs=self.w_hs is not None
        )
        n_old = len(self.w_in)
        for new, old in zip(larger._matrices(), self._matrices(), strict=True):
            larger._view(new)[:n_old] = self._view(old)
        start_rows(larger.vectors[n_old:], seed, n_old)
        return larger

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
        parts = self._matrices() if self.is_spread else map(self._view, self._matrices())
        return all(bool(np.isfinite(np.add.reduce(part, axis=None))) for part in parts)
