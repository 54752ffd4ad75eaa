/* Rows of floats: lengths, rows at length 1, and the cosines between one row and many.
 *
 * A row at length 1 is the row times 1 / length, rounded to the type of the row; a row whose length
 * is 1 already, within what rounding can do, is left as it is, so that doing it twice changes
 * nothing. A cosine is a function of two rows at length 1. So it does not matter whether a row
 * comes at its own length or at length 1: the bits of the cosine are the same. They are also the
 * same for both orders of the two rows, and exactly 1 for a row with itself.
 *
 * Every sum over a row has 16 lanes, added up in one tree. The order is that of the dimensions and
 * depends on nothing else: not on the number of rows, their pitch, or the width of a vector
 * register.
 *
 * Rows of zeros have the cosine 0 with everything; NaN and infinities give NaN.
 */
#ifndef W2V_ROWS_H
#define W2V_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* A matrix that is borrowed: n rows of dim values, stride values from one row to the next. */
struct rows_f32 {
    const float *values;
    size_t n;
    size_t dim;
    ptrdiff_t stride;
};
struct rows_f64 {
    const double *values;
    size_t n;
    size_t dim;
    ptrdiff_t stride;
};

/* out[i * dim ..] = row i at length 1. */
void rows_unit_f32(const struct rows_f32 *rows, float *out);
void rows_unit_f64(const struct rows_f64 *rows, double *out);

/* out[i] = length of row i. */
void rows_lengths_f32(const struct rows_f32 *rows, double *out);
void rows_lengths_f64(const struct rows_f64 *rows, double *out);

/* out[i] = cosine of row i, or of row ids[i] if ids is not NULL, with a query at length 1; n_out of
 * them. */
void rows_cosines_f32(const struct rows_f32 *rows, const float *query, const int64_t *ids,
                      size_t n_out, float *out);
void rows_cosines_f64(const struct rows_f64 *rows, const double *query, const int64_t *ids,
                      size_t n_out, float *out);

/* out[i] = the cosine of row i with a query at length 1, nearly: rows_estimate_error(dim) bounds
 * its distance to what rows_cosines gives. Rows that are too long or too short for that, or zero,
 * or not finite, get infinity. It is several times faster where the rows are in a cache. */
void rows_estimates_f32(const struct rows_f32 *rows, const float *query, float *out);
float rows_estimate_error(size_t dim);

#endif
