"""Nogil bridge to csrc/rows.c.

A matrix comes as a buffer whose rows are contiguous, with any pitch; the type decides the instance.
"""

from libc.stdint cimport int32_t, int64_t

import os

import numpy as np

cdef int32_t PLAIN = os.environ.get("FASTW2V_ISA") == "scalar"

ctypedef fused real:
    float
    double


cdef Py_ssize_t pitch(const real[:, :] matrix) except -1:
    """Values from one row to the next; the row itself must be without gaps."""
    if matrix.shape[1] > 1 and matrix.strides[1] != sizeof(real):
        raise ValueError("the rows of the matrix have gaps")
    if matrix.strides[0] % <Py_ssize_t>sizeof(real):
        raise ValueError("the pitch of the rows is no multiple of their type")
    return matrix.strides[0] // <Py_ssize_t>sizeof(real)


def unit(const real[:, :] matrix not None):
    """Return the rows at length 1, (n, d), in a new matrix of the same type."""
    cdef rows_f32 rows32
    cdef rows_f64 rows64
    out_array = np.empty(
        (matrix.shape[0], matrix.shape[1]), np.float32 if real is float else np.float64
    )
    cdef real[:, ::1] out = out_array
    if out.size == 0:
        return out_array
    if real is float:
        rows32 = rows_f32(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_unit_f32(&rows32, &out[0, 0])
    else:
        rows64 = rows_f64(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_unit_f64(&rows64, &out[0, 0])
    return out_array


def lengths(const real[:, :] matrix not None):
    """Return the lengths of the rows, (n,) float64."""
    cdef rows_f32 rows32
    cdef rows_f64 rows64
    out_array = np.zeros(matrix.shape[0])
    cdef double[::1] out = out_array
    if matrix.shape[0] == 0 or matrix.shape[1] == 0:
        return out_array
    if real is float:
        rows32 = rows_f32(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_lengths_f32(&rows32, &out[0])
    else:
        rows64 = rows_f64(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_lengths_f64(&rows64, &out[0])
    return out_array


def cosines(
    const real[:, :] matrix not None, const real[::1] query not None, ids=None, guesses=None
):
    """Return the cosines of the rows, or of the rows `ids` (int64), with a query at length 1.

    `guesses`, (n,) of the type of the matrix, makes the next call for the same rows quicker, and is
    written to; csrc/rows.h has more.

    Raises
    ------
    ValueError
        If the query has another length, or there are not as many guesses as rows.
    IndexError
        If there is no such row.
    """
    cdef rows_f32 rows32
    cdef rows_f64 rows64
    cdef const int64_t[::1] chosen
    cdef const int64_t *first = NULL
    cdef real[::1] kept
    cdef real *guess = NULL
    cdef Py_ssize_t n_out = matrix.shape[0], i
    if query.shape[0] != matrix.shape[1]:
        raise ValueError(f"a query of {query.shape[0]} values for rows of {matrix.shape[1]}")
    if ids is not None:
        chosen = ids
        n_out = chosen.shape[0]
        for i in range(n_out):
            if not 0 <= chosen[i] < matrix.shape[0]:
                raise IndexError(f"there is no row {chosen[i]} among {matrix.shape[0]}")
        if n_out:
            first = &chosen[0]
    if guesses is not None:
        kept = guesses
        if kept.shape[0] != matrix.shape[0]:
            raise ValueError(f"{kept.shape[0]} guesses for {matrix.shape[0]} rows")
    out_array = np.zeros(n_out, np.float32)
    cdef float[::1] out = out_array
    if n_out == 0 or matrix.shape[1] == 0:
        return out_array
    if guesses is not None:
        guess = &kept[0]
    if real is float:
        rows32 = rows_f32(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_cosines_f32(&rows32, &query[0], first, n_out, guess, &out[0])
    else:
        rows64 = rows_f64(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_cosines_f64(&rows64, &query[0], first, n_out, guess, &out[0])
    return out_array


def estimates(const float[:, :] matrix not None, const float[::1] query not None):
    """Return the cosines of the rows with a query at length 1, nearly, and the bound of the error.

    Rows that have to be looked at by `cosines` get infinity.

    Raises
    ------
    ValueError
        If the query has another length.
    """
    cdef rows_f32 rows
    if query.shape[0] != matrix.shape[1]:
        raise ValueError(f"a query of {query.shape[0]} values for rows of {matrix.shape[1]}")
    out_array = np.zeros(matrix.shape[0], np.float32)
    cdef float[::1] out = out_array
    if matrix.shape[0] and matrix.shape[1]:
        rows = rows_f32(&matrix[0, 0], matrix.shape[0], matrix.shape[1], pitch(matrix), PLAIN)
        with nogil:
            rows_estimates_f32(&rows, &query[0], &out[0])
    return out_array, rows_estimate_error(matrix.shape[1])
