"""Cosines between vectors, and the rows of a matrix that are nearest to a vector.

There is one function for every cosine, `cosines`: it brings both vectors to length 1 in their own
type and adds up along each row by itself. So equal questions get equal bits: a word or its vector,
at its own length or at length 1, alone or among others, all rows or a few.

Searching does not need those bits for every row. It first takes estimates, which are quicker
because they may add in any order, and whose error is bounded; then `cosines` decides among the rows
that can be among the nearest, whatever the errors are. The answer is exactly that of `cosines` for
all rows.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fastw2v.keyedvectors import _rows

Floats: TypeAlias = npt.NDArray[Any]
Rows: TypeAlias = npt.NDArray[np.int64]

_BLOCK_ROWS = 8192
_BLOCK_QUERIES = 256
_GROUP = 32
_EPSILON = float(np.finfo(np.float32).eps)


def plain(given: Any, what: str) -> npt.NDArray[Any]:
    """Return what a user gave for vectors as an array of NumPy's own class.

    Raises
    ------
    TypeError
        If it is sparse, which NumPy would take for one object.
    ValueError
        If values are masked, which would count again.
    """
    if hasattr(given, "toarray"):
        raise TypeError(f"{what} must be dense: give its toarray(), not {type(given).__name__}")
    if isinstance(given, np.ma.MaskedArray) and np.ma.is_masked(given):
        raise ValueError(f"{what} has masked values: give its filled(0), or leave these rows out")
    return np.asarray(given)


def floats(given: Any, dtype: npt.DTypeLike, what: str) -> Floats:
    """Return what a user gave for vectors in a type of floats that holds every value.

    Parameters
    ----------
    given : array-like of numbers
        The same object is returned if it is an array of this type.
    dtype : dtype-like
        The type.
    what : str
        What to call it.

    Raises
    ------
    TypeError
        As `plain`.
    ValueError
        As `plain`; if these are no real numbers, or one is too large.
    """
    if type(given) is np.ndarray and given.dtype == dtype:
        return given
    array = plain(given, what)
    if array.dtype.kind in "cmM":
        raise ValueError(f"{what} must be real numbers, not {array.dtype}")
    try:
        with np.errstate(over="raise"):
            if array.dtype.kind == "O":
                array = array.astype(np.float64)
            return array.astype(dtype, copy=False)
    except FloatingPointError as error:
        raise ValueError(
            f"{what} has values too large for {np.dtype(dtype)}, as {np.nanmax(np.abs(array))!s}"
        ) from error


def unit(vectors: Floats) -> Floats:
    """Return vectors at length 1, (d,) or (n, d), in a new array of their type; zeros stay zeros.

    A vector whose length is 1 within rounding is not changed.
    """
    matrix = np.atleast_2d(vectors)
    units = np.empty(matrix.shape, vectors.dtype)
    for start in range(0, len(matrix), _BLOCK_ROWS):
        units[start : start + _BLOCK_ROWS] = _rows.unit(_borrowed(matrix[start:][:_BLOCK_ROWS]))
    return units.reshape(vectors.shape)


def unit_double(vector: Floats) -> Floats:
    """Return a vector at length 1 in float64; zeros stay zeros.

    It is rounded to the type of the vector, float32 at least, like those that are compared.
    """
    rounded = vector.astype(np.float32) if vector.dtype.itemsize < 4 else vector
    return unit(rounded).astype(np.float64)


def lengths(matrix: Floats) -> npt.NDArray[np.float64]:
    """Return the lengths of the rows of a matrix, (n,)."""
    return np.concatenate(
        [
            _rows.lengths(_borrowed(matrix[start : start + _BLOCK_ROWS]))
            for start in range(0, max(len(matrix), 1), _BLOCK_ROWS)
        ]
    )


def cosines(
    matrix: Floats, vector: Floats, rows: Rows | None = None, guesses: Floats | None = None
) -> npt.NDArray[np.float32]:
    """Return the cosines between a vector, (d,), and the rows of a matrix, (n, d).

    Parameters
    ----------
    matrix : (n, d) ndarray of floats
        Any pitch of the rows.
    vector : (d,) ndarray
        Any length.
    rows : (m,) int64 ndarray, optional
        The rows to compare, all by default.
    guesses : (n,) ndarray of the matrix's type, optional
        Kept by the caller from one call to the next for the same rows, zeros to begin with. It
        changes no bit, and makes the next call up to twice as quick if the rows are the same then;
        `csrc/rows.h` says how.

    Returns
    -------
    (n,) or (m,) float32 ndarray
        Between -1 and 1; 0 where one of the vectors is zero, NaN where one is not finite.
    """
    return _cosines(matrix, _query(matrix, vector), rows, guesses)


def _query(matrix: Floats, vector: Floats) -> Floats:
    """Return a vector at length 1, without gaps, in the type that rows are compared in."""
    working = _working_type(matrix.dtype)
    given = floats(vector, working, "the vector")
    query: Floats = _rows.unit(np.ascontiguousarray(given)[None])[0]
    return query


def _cosines(
    matrix: Floats, query: Floats, rows: Rows | None, guesses: Floats | None = None
) -> npt.NDArray[np.float32]:
    """Answer `cosines` for a query at length 1."""
    if matrix.dtype == query.dtype and _is_borrowable(matrix):
        return _rows.cosines(matrix, query, rows, guesses)
    if rows is not None:
        return _rows.cosines(_borrowed(matrix[rows]), query)
    parts = [
        _rows.cosines(_borrowed(matrix[start : start + _BLOCK_ROWS]), query)
        for start in range(0, max(len(matrix), 1), _BLOCK_ROWS)
    ]
    return np.concatenate(parts)


def nearest(matrix: Floats, vector: Floats, k: int) -> tuple[Rows, npt.NDArray[np.float32]]:
    """Return the k rows with the largest cosines to a vector, and these, best first.

    Equal ones come in the order of the rows, NaN last. The cosines are those of `cosines`.
    """
    candidates = None
    query = _query(matrix, vector)
    # A vector without a direction is NaN throughout.
    if (
        0 < k < len(matrix) // 4
        and matrix.dtype == np.float32
        and _is_borrowable(matrix)
        and not np.isnan(query[0])
    ):
        estimates, error = _rows.estimates(matrix, query)
        candidates = _can_be_among(estimates, k, 2 * error)
    scores = _cosines(matrix, query, candidates)
    best = largest(scores, k)
    return (best if candidates is None else candidates[best]), scores[best]


def _can_be_among(estimates: npt.NDArray[np.float32], k: int, margin: float) -> Rows:
    """Return the rows that can be among the k largest if an estimate is off by half the margin."""
    # The k-th largest of the maxima of groups is not above the k-th largest of all.
    n_whole = len(estimates) - len(estimates) % _GROUP
    groups = estimates[:n_whole].reshape(_GROUP, -1).max(axis=0)
    if len(groups) < 4 * k:
        groups = estimates
    bound = np.partition(groups, len(groups) - k)[len(groups) - k]
    if np.isinf(bound) or np.isinf(groups.max()):
        # Rows without an estimate count for nothing, and are all to be looked at.
        known = np.where(np.isinf(estimates), -np.inf, estimates)
        bound = np.partition(known, len(known) - k)[len(known) - k]
    return np.flatnonzero(estimates >= bound - margin)


def nearest_to_each(
    matrix: Floats, vectors: Floats, n_wanted: npt.NDArray[np.int64]
) -> list[tuple[Rows, npt.NDArray[np.float32]]]:
    """Answer `nearest` for many vectors, (m, d), with matrix products.

    Parameters
    ----------
    matrix : (n, d) ndarray
        Where to look.
    vectors : (m, d) ndarray
        What to look for.
    n_wanted : (m,) int ndarray
        How many rows for each.

    Returns
    -------
    list of (rows, cosines)
        The same bits as `nearest` gives for each vector.
    """
    k = int(n_wanted.max(initial=1))
    few = len(vectors) < 4 or len(matrix) < 4 * _GROUP * k
    if few or k > _BLOCK_ROWS // _GROUP // 4 or not np.isfinite(vectors).all():
        return [
            nearest(matrix, vector, int(wanted))
            for vector, wanted in zip(vectors, n_wanted, strict=True)
        ]
    answers = []
    for start in range(0, len(vectors), _BLOCK_QUERIES):
        block = vectors[start : start + _BLOCK_QUERIES]
        for vector, wanted, candidates in zip(
            block,
            n_wanted[start : start + _BLOCK_QUERIES].tolist(),
            _candidates_of_each(matrix, block, k),
            strict=True,
        ):
            scores = cosines(matrix, vector, candidates)
            best = largest(scores, wanted)
            answers.append((candidates[best], scores[best]))
    return answers


def _candidates_of_each(matrix: Floats, vectors: Floats, k: int) -> list[Rows]:
    """Return for each vector the rows that can be among its k nearest, ascending."""
    queries = _float32_units(vectors)
    # The bound of a sum of d products in any order, on both sides.
    margin = (2 * matrix.shape[1] + 64) * 2 * _EPSILON
    bounds = np.full((len(queries), 1), -np.inf, np.float32)
    found: list[tuple[Rows, Rows, npt.NDArray[np.float32]]] = []
    for start in range(0, len(matrix), _BLOCK_ROWS):
        block = _float32_units(matrix[start : start + _BLOCK_ROWS])
        undefined = np.isnan(block[:, 0])
        block[undefined] = 0
        scores = queries @ block.T
        scores[:, undefined] = -np.inf
        n_whole = len(block) - len(block) % _GROUP
        groups = scores[:, :n_whole].reshape(len(queries), _GROUP, -1).max(axis=1)
        if groups.shape[1] >= k:
            kth = np.partition(groups, groups.shape[1] - k)[:, groups.shape[1] - k, None]
            np.maximum(bounds, kth, out=bounds)
        at = np.flatnonzero(scores >= bounds - margin)
        found.append((at // len(block), at % len(block) + start, scores.ravel()[at]))
    numbers, rows, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(numbers, kind="stable")
    rows, values = rows[order], values[order]
    ends = np.searchsorted(numbers[order], np.arange(len(queries) + 1))
    candidates = []
    for number in range(len(queries)):
        part = slice(ends[number], ends[number + 1])
        chosen, estimates = rows[part], values[part]
        if len(chosen) > k:
            chosen = chosen[estimates >= np.partition(estimates, -k)[-k] - margin]
        candidates.append(chosen)
    return candidates


def _float32_units(vectors: Floats) -> npt.NDArray[np.float32]:
    return _rows.unit(_borrowed(vectors)).astype(np.float32, copy=False)


def largest(scores: Floats, k: int) -> Rows:
    """Return where the k largest are, best first; of equal ones the first, NaN last."""
    order = np.where(np.isnan(scores), np.inf, -scores)
    if k >= len(order):
        return np.argsort(order, kind="stable")
    if k < 1:
        return np.empty(0, np.int64)
    limit = np.partition(order, k - 1)[k - 1]
    chosen = np.flatnonzero(order <= limit)
    return chosen[np.argsort(order[chosen], kind="stable")][:k]


def _working_type(dtype: np.dtype[Any]) -> type[np.floating[Any]]:
    return np.float64 if dtype.itemsize > 4 else np.float32


def _is_borrowable(matrix: Floats) -> bool:
    return (
        (matrix.shape[1] == 1 or matrix.strides[1] == matrix.itemsize)
        and matrix.strides[0] % matrix.itemsize == 0
        and matrix.dtype.isnative
        and matrix.flags.aligned
    )


def _borrowed(matrix: Floats) -> Floats:
    """Return the matrix as the compiled code takes it: float32 or float64, rows without gaps."""
    working = _working_type(matrix.dtype)
    if matrix.dtype == working and _is_borrowable(matrix):
        return matrix
    return np.ascontiguousarray(floats(matrix, working, "vectors"))
