# The C contract of csrc/rows.h.
from libc.stdint cimport int32_t, int64_t


cdef extern from "rows.h" nogil:
    struct rows_f32:
        const float *values
        size_t n
        size_t dim
        Py_ssize_t stride
        int32_t plain

    struct rows_f64:
        const double *values
        size_t n
        size_t dim
        Py_ssize_t stride
        int32_t plain

    void rows_unit_f32(const rows_f32 *rows, float *out)
    void rows_unit_f64(const rows_f64 *rows, double *out)
    void rows_lengths_f32(const rows_f32 *rows, double *out)
    void rows_lengths_f64(const rows_f64 *rows, double *out)
    void rows_cosines_f32(
        const rows_f32 *rows, const float *query, const int64_t *ids, size_t n_out, float *guesses,
        float *out
    )
    void rows_cosines_f64(
        const rows_f64 *rows, const double *query, const int64_t *ids, size_t n_out,
        double *guesses, float *out
    )
    void rows_estimates_f32(const rows_f32 *rows, const float *query, float *out)
    float rows_estimate_error(size_t dim)
