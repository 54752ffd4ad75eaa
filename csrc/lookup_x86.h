/* Eight entries of a table, loaded one by one and not by a gather instruction.
 *
 * Where microcode closes Gather Data Sampling (CVE-2022-40982; Intel's server processors from
 * Skylake to Ice Lake), nothing may go on with what a gather has read before the gather is
 * complete; and on AMD's processors a gather is a microcoded loop. Eight loads are about as fast as
 * the best gather.
 */
#ifndef W2V_LOOKUP_X86_H
#define W2V_LOOKUP_X86_H

#include "compiler.h"
#include <immintrin.h>
#include <stdint.h>

/* table[bin[i]], for eight bins that are not negative */
FORCE_INLINE __m256 look_up_eight(const float *table, __m256i bin) {
    const __m128i half[2] = {_mm256_castsi256_si128(bin), _mm256_extracti128_si256(bin, 1)};
    __m128 four[2];
    UNROLL for (int i = 0; i < 2; i++) {
        const uint64_t ab = (uint64_t)_mm_cvtsi128_si64(half[i]);
        const uint64_t cd = (uint64_t)_mm_extract_epi64(half[i], 1);
        const __m128 a = _mm_load_ss(table + (uint32_t)ab), b = _mm_load_ss(table + (ab >> 32));
        const __m128 c = _mm_load_ss(table + (uint32_t)cd), d = _mm_load_ss(table + (cd >> 32));
        four[i] = _mm_movelh_ps(_mm_insert_ps(a, b, 0x10), _mm_insert_ps(c, d, 0x10));
    }
    return _mm256_insertf128_ps(_mm256_castps128_ps256(four[0]), four[1], 1);
}

#endif
