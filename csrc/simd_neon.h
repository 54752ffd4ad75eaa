/* The vocabulary of the kernels in NEON (AArch64): a vector of four floats. */
#ifndef W2V_SIMD_NEON_H
#define W2V_SIMD_NEON_H

#include "compiler.h"
#include "w2v.h"
#include <arm_neon.h>

/* Thirty-two registers: 24 sums, 6 sources and 1 factor; scores: 24 sums, 4 of the panel. */
enum { VF_LANES = 4, TILE_ROWS = 4, TILE_COLS = 6, SCORE_ROWS = 6, SUM_COLS = 13 };
typedef float32x4_t vf;

FORCE_INLINE vf vf_zero(void) { return vdupq_n_f32(0.0f); }
FORCE_INLINE vf vf_set1(float a) { return vdupq_n_f32(a); }
FORCE_INLINE vf vf_load(const float *p) { return vld1q_f32(p); }
FORCE_INLINE vf vf_load_fours(const float *p) { return vf_load(p); } /* see simd_avx2.h */
FORCE_INLINE void vf_store(float *p, vf a) { vst1q_f32(p, a); }
FORCE_INLINE vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
FORCE_INLINE vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
FORCE_INLINE vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }

/* table[bin of x]; x outside the limits, or NaN, goes to the first or the last bin: vmaxnm
 * returns the number where the other operand is NaN. */
FORCE_INLINE vf vf_lookup(const float *table, vf x) {
    const vf scale = vf_set1((float)W2V_SIGMOID_BINS / (2.0f * W2V_SIGMOID_LIMIT));
    vf at = vf_fma(x, scale, vf_set1((float)W2V_SIGMOID_BINS / 2));
    at = vmaxnmq_f32(at, vf_zero());
    at = vminq_f32(at, vf_set1((float)(W2V_SIGMOID_BINS - 1)));
    const int32x4_t bin = vcvtq_s32_f32(at);
    vf found = vf_zero();
    found = vld1q_lane_f32(table + vgetq_lane_s32(bin, 0), found, 0);
    found = vld1q_lane_f32(table + vgetq_lane_s32(bin, 1), found, 1);
    found = vld1q_lane_f32(table + vgetq_lane_s32(bin, 2), found, 2);
    return vld1q_lane_f32(table + vgetq_lane_s32(bin, 3), found, 3);
}

/* out[r] = the sum of the 16 lanes of sum[r], by the tree of w2v.h. */
FORCE_INLINE void vf_reduce4(float *out, vf sum[4][W2V_LANES / VF_LANES]) {
    UNROLL for (int r = 0; r < 4; r++) {
        const vf four = vaddq_f32(vaddq_f32(sum[r][0], sum[r][2]), vaddq_f32(sum[r][1], sum[r][3]));
        const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
        out[r] = vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
    }
}

FORCE_INLINE void vf_transpose(vf row[VF_LANES]) {
    const float32x4x2_t ab = vtrnq_f32(row[0], row[1]), cd = vtrnq_f32(row[2], row[3]);
    row[0] = vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]));
    row[1] = vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]));
    row[2] = vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]));
    row[3] = vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]));
}

#endif
