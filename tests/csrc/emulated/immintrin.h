/* Stands before the compiler's own header: the AVX-512 intrinsics that csrc/ uses, written out lane
 * by lane after Intel's description, so that the AVX-512 kernels run on a processor without it. */
#ifndef EMULATED_IMMINTRIN_H
#define EMULATED_IMMINTRIN_H

#include_next <immintrin.h>
#include <math.h>
#include <string.h>

typedef struct {
    float lane[16];
} emu512;
typedef struct {
    int lane[16];
} emu512i;

#define EMULATED static inline __attribute__((unused))
#define EACH     for (int i = 0; i < 16; i++)
#define LANES(body)                                                                                \
    emu512 out;                                                                                    \
    EACH out.lane[i] = (body);                                                                     \
    return out

EMULATED emu512 emu_set1(float a) { LANES(a); }
EMULATED emu512 emu_load(const float *p) { LANES(p[i]); }
EMULATED void emu_store(float *p, emu512 a) { memcpy(p, a.lane, sizeof a.lane); }
EMULATED emu512 emu_add(emu512 a, emu512 b) { LANES(a.lane[i] + b.lane[i]); }
EMULATED emu512 emu_mul(emu512 a, emu512 b) { LANES(a.lane[i] * b.lane[i]); }
EMULATED emu512 emu_fma(emu512 a, emu512 b, emu512 c) {
    LANES(fmaf(a.lane[i], b.lane[i], c.lane[i]));
}
/* The second operand where the comparison fails, that is, also where one is NaN. */
EMULATED emu512 emu_max(emu512 a, emu512 b) {
    LANES(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]);
}
EMULATED emu512 emu_min(emu512 a, emu512 b) {
    LANES(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]);
}
EMULATED emu512i emu_truncate(emu512 a) {
    emu512i out;
    EACH out.lane[i] = (int)a.lane[i];
    return out;
}

/* Within each quarter: the low or high halves interleaved, or two picks of a and two of b. */
EMULATED emu512 emu_unpack(emu512 a, emu512 b, int high) {
    LANES((i % 2 ? b : a).lane[i / 4 * 4 + high * 2 + i % 4 / 2]);
}
EMULATED emu512 emu_shuffle(emu512 a, emu512 b, int picks) {
    LANES((i % 4 < 2 ? a : b).lane[i / 4 * 4 + (picks >> (i % 4 * 2) & 3)]);
}
/* Two quarters of a, then two of b. */
EMULATED emu512 emu_shuffle_quarters(emu512 a, emu512 b, int picks) {
    LANES((i / 4 < 2 ? a : b).lane[(picks >> (i / 4 * 2) & 3) * 4 + i % 4]);
}
EMULATED __m256 emu_half(emu512 a, int high) {
    __m256 out;
    memcpy(&out, a.lane + high * 8, sizeof out);
    return out;
}
EMULATED __m256i emu_half_of_ints(emu512i a, int high) {
    __m256i out;
    memcpy(&out, a.lane + high * 8, sizeof out);
    return out;
}
EMULATED emu512 emu_with_half(emu512 a, __m256 half, int high) {
    memcpy(a.lane + high * 8, &half, sizeof half);
    return a;
}

#define __m512                          emu512
#define __m512i                         emu512i
#define _mm512_setzero_ps()             emu_set1(0.0f)
#define _mm512_set1_ps(a)               emu_set1(a)
#define _mm512_load_ps(p)               emu_load(p)
#define _mm512_store_ps(p, a)           emu_store(p, a)
#define _mm512_add_ps(a, b)             emu_add(a, b)
#define _mm512_mul_ps(a, b)             emu_mul(a, b)
#define _mm512_fmadd_ps(a, b, c)        emu_fma(a, b, c)
#define _mm512_max_ps(a, b)             emu_max(a, b)
#define _mm512_min_ps(a, b)             emu_min(a, b)
#define _mm512_cvttps_epi32(a)          emu_truncate(a)
#define _mm512_unpacklo_ps(a, b)        emu_unpack(a, b, 0)
#define _mm512_unpackhi_ps(a, b)        emu_unpack(a, b, 1)
#define _mm512_shuffle_ps(a, b, n)      emu_shuffle(a, b, n)
#define _mm512_shuffle_f32x4(a, b, n)   emu_shuffle_quarters(a, b, n)
#define _mm512_castps512_ps256(a)       emu_half(a, 0)
#define _mm512_extractf32x8_ps(a, n)    emu_half(a, n)
#define _mm512_castsi512_si256(a)       emu_half_of_ints(a, 0)
#define _mm512_extracti32x8_epi32(a, n) emu_half_of_ints(a, n)
#define _mm512_castps256_ps512(a)       emu_with_half(emu_set1(NAN), a, 0)
#define _mm512_insertf32x8(a, b, n)     emu_with_half(a, b, n)

#endif
