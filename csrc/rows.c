#include "rows.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compiler.h"

#if W2V_X86_64
#include <immintrin.h>
#endif

/* Four instances of one template: two types, with and without 256-bit registers. The bits are the
 * same, because every multiplication and addition is fused, or none. */
#define REAL      float
#define MASK      int32_t
#define ROWS      rows_f32
#define LANES     16
#define EPSILON   FLT_EPSILON
#define TINY      1e-30f
#define HUGE_     1e30f
#define ROOT      sqrtf
#define MAGNITUDE fabsf
#define FUSED     fmaf
#define NAME(x)   W2V_JOIN(x, f32_any)
#include "rows_tmpl.h"
#undef NAME
#if W2V_X86_64
W2V_TARGET_BEGIN("avx2,fma")
#define NAME(x)         W2V_JOIN(x, f32_avx2)
#define MULADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "rows_tmpl.h"
#undef NAME
#undef MULADD
W2V_TARGET_END
#endif
#undef REAL
#undef MASK
#undef ROWS
#undef LANES
#undef EPSILON
#undef TINY
#undef HUGE_
#undef ROOT
#undef MAGNITUDE
#undef FUSED

#define REAL      double
#define MASK      int64_t
#define ROWS      rows_f64
#define LANES     8
#define EPSILON   DBL_EPSILON
#define TINY      1e-280
#define HUGE_     1e280
#define ROOT      sqrt
#define MAGNITUDE fabs
#define FUSED     fma
#define NAME(x)   W2V_JOIN(x, f64_any)
#include "rows_tmpl.h"
#undef NAME
#if W2V_X86_64
W2V_TARGET_BEGIN("avx2,fma")
#define NAME(x)         W2V_JOIN(x, f64_avx2)
#define MULADD(a, b, c) _mm256_fmadd_pd(a, b, c)
#include "rows_tmpl.h"
#undef NAME
#undef MULADD
W2V_TARGET_END
#endif
#undef REAL
#undef MASK
#undef ROWS
#undef LANES
#undef EPSILON
#undef TINY
#undef HUGE_
#undef ROOT
#undef MAGNITUDE
#undef FUSED

/* The estimates may add in any order, so they may fuse. */
#define NAME(x)         W2V_JOIN(x, f32_any)
#define MULADD(a, b, c) ((a) * (b) + (c))
#include "rows_estimate.h"
#undef NAME
#undef MULADD
#if W2V_X86_64
W2V_TARGET_BEGIN("avx2,fma")
#define NAME(x)         W2V_JOIN(x, f32_fma)
#define MULADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "rows_estimate.h"
#undef NAME
#undef MULADD
W2V_TARGET_END
#endif

#if W2V_X86_64
#define HAS_AVX2(rows)                                                                             \
    (!(rows)->plain && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#define CALL(function, type, ...)                                                                  \
    (HAS_AVX2(rows) ? function##_##type##_avx2(__VA_ARGS__) : function##_##type##_any(__VA_ARGS__))
#else
#define CALL(function, type, ...) function##_##type##_any(__VA_ARGS__)
#endif

void rows_unit_f32(const struct rows_f32 *rows, float *out) { CALL(unit, f32, rows, out); }
void rows_unit_f64(const struct rows_f64 *rows, double *out) { CALL(unit, f64, rows, out); }
void rows_lengths_f32(const struct rows_f32 *rows, double *out) { CALL(lengths, f32, rows, out); }
void rows_lengths_f64(const struct rows_f64 *rows, double *out) { CALL(lengths, f64, rows, out); }

void rows_cosines_f32(const struct rows_f32 *rows, const float *query, const int64_t *ids,
                      size_t n_out, float *guesses, float *out) {
    CALL(cosines, f32, rows, query, ids, n_out, guesses, out);
}

void rows_cosines_f64(const struct rows_f64 *rows, const double *query, const int64_t *ids,
                      size_t n_out, double *guesses, float *out) {
    CALL(cosines, f64, rows, query, ids, n_out, guesses, out);
}

void rows_estimates_f32(const struct rows_f32 *rows, const float *query, float *out) {
    if (rows->dim >= 8) {
#if W2V_X86_64
        if (HAS_AVX2(rows)) {
            estimates_f32_fma(rows, query, out);
            return;
        }
#endif
        estimates_f32_any(rows, query, out);
    } else {
        for (size_t i = 0; i < rows->n; i++) out[i] = HUGE_VALF;
    }
}

float rows_estimate_error(size_t dim) {
    /* More than the bound of the errors of both ways: d / 8 additions in a lane, d / 16 that may go
     * into a length which is taken for 1, and a few more. */
    return (float)(dim / 4 + 64) * FLT_EPSILON;
}
