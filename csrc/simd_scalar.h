/* The vocabulary of the kernels in plain C: a vector of one float. */
#ifndef W2V_SIMD_SCALAR_H
#define W2V_SIMD_SCALAR_H

#include "compiler.h"
#include "w2v.h"
#include <math.h>
#include <string.h>

enum { VF_LANES = 1, TILE_ROWS = 4, TILE_COLS = 3, SCORE_ROWS = 1, SUM_COLS = 2 };
typedef float vf;

FORCE_INLINE vf vf_zero(void) { return 0.0f; }
FORCE_INLINE vf vf_set1(float a) { return a; }
FORCE_INLINE vf vf_load(const float *p) { return *p; }
FORCE_INLINE vf vf_load_fours(const float *p) { return vf_load(p); } /* see simd_avx2.h */
FORCE_INLINE void vf_store(float *p, vf a) { *p = a; }
FORCE_INLINE vf vf_add(vf a, vf b) { return a + b; }
FORCE_INLINE vf vf_mul(vf a, vf b) { return a * b; }

/* a * b + c, rounded once.
 *
 * Without the instruction, through double: a * b is exact there (2 x 24 bits in 53); the sum is
 * rounded to odd, that is, an inexact sum gets an odd last bit, so that rounding it once more, to
 * float, cannot see a tie that is none (Boldo, Melquiond 2008). The error of the sum is Knuth's. */
FORCE_INLINE vf vf_fma(vf a, vf b, vf c) {
#if W2V_FAST_FMAF
    return fmaf(a, b, c);
#else
    const double product = (double)a * (double)b, addend = c;
    double sum = product + addend;
    const double shadow = sum - product;
    const double error = (product - (sum - shadow)) + (addend - shadow);
    int64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if (error != 0.0 && !(bits & 1)) bits += (error > 0.0) == (sum > 0.0) ? 1 : -1;
    memcpy(&sum, &bits, sizeof sum);
    return (float)sum;
#endif
}

/* table[bin of x]; x outside the limits, or NaN, goes to the first or the last bin. */
FORCE_INLINE vf vf_lookup(const float *table, vf x) {
    const float scale = (float)W2V_SIGMOID_BINS / (2.0f * W2V_SIGMOID_LIMIT);
    float at = vf_fma(x, scale, (float)W2V_SIGMOID_BINS / 2);
    at = at > 0.0f ? at : 0.0f;
    at = at < (float)(W2V_SIGMOID_BINS - 1) ? at : (float)(W2V_SIGMOID_BINS - 1);
    return table[(int32_t)at];
}

/* out[r] = the sum of the 16 lanes of sum[r], by the tree of w2v.h. */
FORCE_INLINE void vf_reduce4(float *out, vf sum[4][W2V_LANES]) {
    for (int r = 0; r < 4; r++) {
        for (int width = W2V_LANES / 2; width > 0; width /= 2)
            for (int lane = 0; lane < width; lane++) sum[r][lane] += sum[r][lane + width];
        out[r] = sum[r][0];
    }
}

FORCE_INLINE void vf_transpose(vf row[VF_LANES]) { (void)row; }

#endif
