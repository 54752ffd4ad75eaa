/* The vocabulary of the kernels in AVX-512 F and DQ: a vector of sixteen floats. */
#ifndef W2V_SIMD_AVX512_H
#define W2V_SIMD_AVX512_H

#include "compiler.h"
#include "lookup_x86.h"
#include "w2v.h"
#include <immintrin.h>

/* Thirty-two registers: 24 sums, 4 sources and factors from memory; scores: 16 sums. */
enum { VF_LANES = 16, TILE_ROWS = 6, TILE_COLS = 4, SCORE_ROWS = 16, SUM_COLS = 13 };
typedef __m512 vf;

FORCE_INLINE vf vf_zero(void) { return _mm512_setzero_ps(); }
FORCE_INLINE vf vf_set1(float a) { return _mm512_set1_ps(a); }
FORCE_INLINE vf vf_load(const float *p) { return _mm512_load_ps(p); }
/* For floats that were stored four at a time: one load across several stores would wait for all. */
FORCE_INLINE vf vf_load_fours(const float *p) {
    const __m256 low =
        _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(p)), _mm_load_ps(p + 4), 1);
    const __m256 high =
        _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(p + 8)), _mm_load_ps(p + 12), 1);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}
FORCE_INLINE void vf_store(float *p, vf a) { _mm512_store_ps(p, a); }
FORCE_INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
FORCE_INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
FORCE_INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }

/* table[bin of x]; x outside the limits, or NaN, goes to the first or the last bin: max and min
 * return their second operand where the first is NaN. */
FORCE_INLINE vf vf_lookup(const float *table, vf x) {
    const vf scale = vf_set1((float)W2V_SIGMOID_BINS / (2.0f * W2V_SIGMOID_LIMIT));
    vf at = vf_fma(x, scale, vf_set1((float)W2V_SIGMOID_BINS / 2));
    at = _mm512_max_ps(at, vf_zero());
    at = _mm512_min_ps(at, vf_set1((float)(W2V_SIGMOID_BINS - 1)));
    const __m512i bin = _mm512_cvttps_epi32(at);
    const __m256 low = look_up_eight(table, _mm512_castsi512_si256(bin));
    const __m256 high = look_up_eight(table, _mm512_extracti32x8_epi32(bin, 1));
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

/* out[r] = the sum of the 16 lanes of sum[r], by the tree of w2v.h. */
FORCE_INLINE void vf_reduce4(float *out, vf sum[4][1]) {
    __m128 four[4];
    UNROLL for (int r = 0; r < 4; r++) {
        const __m256 eight =
            _mm256_add_ps(_mm512_castps512_ps256(sum[r][0]), _mm512_extractf32x8_ps(sum[r][0], 1));
        four[r] = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    }
    const __m128 ab = _mm_add_ps(_mm_unpacklo_ps(four[0], four[1]),
                                 _mm_unpackhi_ps(four[0], four[1])); /* a02 b02 a13 b13 */
    const __m128 cd =
        _mm_add_ps(_mm_unpacklo_ps(four[2], four[3]), _mm_unpackhi_ps(four[2], four[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab)));
}

FORCE_INLINE void vf_transpose(vf row[VF_LANES]) {
    vf pair[16], quad[16], half[16];
    UNROLL for (int i = 0; i < 16; i += 2) {
        pair[i] = _mm512_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm512_unpackhi_ps(row[i], row[i + 1]);
    }
    UNROLL for (int i = 0; i < 16; i += 4) {
        quad[i] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    /* 128-bit lanes: quad[4 b + j] holds, in lane l, column 4 l + j of rows 4 b .. 4 b + 3. */
    UNROLL for (int j = 0; j < 4; j++) {
        half[j] = _mm512_shuffle_f32x4(quad[j], quad[4 + j], 0x88);
        half[4 + j] = _mm512_shuffle_f32x4(quad[j], quad[4 + j], 0xdd);
        half[8 + j] = _mm512_shuffle_f32x4(quad[8 + j], quad[12 + j], 0x88);
        half[12 + j] = _mm512_shuffle_f32x4(quad[8 + j], quad[12 + j], 0xdd);
    }
    UNROLL for (int j = 0; j < 4; j++) {
        row[j] = _mm512_shuffle_f32x4(half[j], half[8 + j], 0x88);
        row[8 + j] = _mm512_shuffle_f32x4(half[j], half[8 + j], 0xdd);
        row[4 + j] = _mm512_shuffle_f32x4(half[4 + j], half[12 + j], 0x88);
        row[12 + j] = _mm512_shuffle_f32x4(half[4 + j], half[12 + j], 0xdd);
    }
}

#endif
