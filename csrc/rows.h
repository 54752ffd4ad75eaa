/* Rows of floats: lengths, rows at length 1, and the cosines between one row and many.
 *
 * A row at length 1 is the row times 1 / length, rounded to the type of the row; a row whose length
 * is 1 already, within what rounding can do, is left as it is, so that doing it twice changes
 * nothing. A cosine is the dot product of two rows at length 1; near 1 it is divided by the lengths
 * that rounding has left them. So it does not matter whether a row comes at its own length or at
 * length 1: the bits of the cosine are the same. They are also the same for both orders of the two
 * rows, and exactly 1 for a row with itself.
 *
 * Every sum over a row has 64 bytes of lanes, added up in one tree, and every product is fused with
 * its addition. The order is that of the dimensions and depends on nothing else: not on the number
 * of rows, their pitch, or the width of a vector register.
 *
 * Rows of zeros have the cosine 0 with everything; NaN and infinities give NaN.
 */
#ifndef W2V_ROWS_H
#define W2V_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* A matrix that is borrowed: n rows of dim values, stride values from one row to the next. With
 * `plain` the functions are those in plain C, whatever the machine has. */
struct rows_f32 {
    const float *values;
    size_t n;
    size_t dim;
    ptrdiff_t stride;
    int32_t plain;
};
struct rows_f64 {
    const double *values;
    size_t n;
    size_t dim;
    ptrdiff_t stride;
    int32_t plain;
};

/* out[i * dim ..] = row i at length 1. */
void rows_unit_f32(const struct rows_f32 *rows, float *out);
void rows_unit_f64(const struct rows_f64 *rows, double *out);

/* out[i] = length of row i. */
void rows_lengths_f32(const struct rows_f32 *rows, double *out);
void rows_lengths_f64(const struct rows_f64 *rows, double *out);

/* out[i] = cosine of row i, or of row ids[i] if ids is not NULL, with a query at length 1; n_out of
 * them.
 *
 * guesses, if it is not NULL and ids is, are n_out numbers that the caller keeps from one call to
 * the next, for the same rows; anything to begin with. They are the sums of the squares of the
 * rows, and change no bit: a row is brought to length 1 by its guess, and again if the guess turns
 * out wrong. With right ones it is enough to look at each row once. */
void rows_cosines_f32(const struct rows_f32 *rows, const float *query, const int64_t *ids,
                      size_t n_out, float *guesses, float *out);
void rows_cosines_f64(const struct rows_f64 *rows, const double *query, const int64_t *ids,
                      size_t n_out, double *guesses, float *out);

/* out[i] = the cosine of row i with a query at length 1, nearly: rows_estimate_error(dim) bounds
 * its distance to what rows_cosines gives. Rows that are too long or too short for that, or zero,
 * or not finite, get infinity. It is several times faster where the rows are in a cache. */
void rows_estimates_f32(const struct rows_f32 *rows, const float *query, float *out);
float rows_estimate_error(size_t dim);

#endif
