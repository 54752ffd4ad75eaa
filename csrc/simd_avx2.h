/* The vocabulary of the kernels in AVX2 and FMA: a vector of eight floats. */
#ifndef W2V_SIMD_AVX2_H
#define W2V_SIMD_AVX2_H

#include "compiler.h"
#include "lookup_x86.h"
#include "w2v.h"
#include <immintrin.h>

/* Sixteen registers: 12 sums, 3 sources and 1 factor; scores: 12 sums, 2 of the panel, 1 factor. */
enum { VF_LANES = 8, TILE_ROWS = 4, TILE_COLS = 3, SCORE_ROWS = 6, SUM_COLS = 13 };
typedef __m256 vf;

FORCE_INLINE vf vf_zero(void) { return _mm256_setzero_ps(); }
FORCE_INLINE vf vf_set1(float a) { return _mm256_set1_ps(a); }
FORCE_INLINE vf vf_load(const float *p) { return _mm256_load_ps(p); }
/* For floats that were stored four at a time: one load across two stores would wait for both. */
FORCE_INLINE vf vf_load_fours(const float *p) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(p)), _mm_load_ps(p + 4), 1);
}
FORCE_INLINE void vf_store(float *p, vf a) { _mm256_store_ps(p, a); }
FORCE_INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
FORCE_INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
FORCE_INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }

/* table[bin of x]; x outside the limits, or NaN, goes to the first or the last bin: max and min
 * return their second operand where the first is NaN. */
FORCE_INLINE vf vf_lookup(const float *table, vf x) {
    const vf scale = vf_set1((float)W2V_SIGMOID_BINS / (2.0f * W2V_SIGMOID_LIMIT));
    vf at = vf_fma(x, scale, vf_set1((float)W2V_SIGMOID_BINS / 2));
    at = _mm256_max_ps(at, vf_zero());
    at = _mm256_min_ps(at, vf_set1((float)(W2V_SIGMOID_BINS - 1)));
    return look_up_eight(table, _mm256_cvttps_epi32(at));
}

/* out[r] = the sum of the 16 lanes of sum[r], by the tree of w2v.h. */
FORCE_INLINE void vf_reduce4(float *out, vf sum[4][W2V_LANES / VF_LANES]) {
    __m128 four[4];
    UNROLL for (int r = 0; r < 4; r++) {
        const vf eight = _mm256_add_ps(sum[r][0], sum[r][1]);
        four[r] = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    }
    const __m128 ab = _mm_add_ps(_mm_unpacklo_ps(four[0], four[1]),
                                 _mm_unpackhi_ps(four[0], four[1])); /* a02 b02 a13 b13 */
    const __m128 cd =
        _mm_add_ps(_mm_unpacklo_ps(four[2], four[3]), _mm_unpackhi_ps(four[2], four[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab)));
}

FORCE_INLINE void vf_transpose(vf row[VF_LANES]) {
    vf pair[8], quad[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
    UNROLL for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        row[i] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20);
        row[i + 4] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31);
    }
}

#endif
