/* Text 64 bytes at a time: questions whose answer is a bit for each byte. */

#ifndef FASTW2V_LOOK_H
#define FASTW2V_LOOK_H

#include <stdint.h>
#include <string.h>

#include "compiler.h"
#include "utf8.h"

#if W2V_X86_64
#include <emmintrin.h>
#endif

enum { LOOK = 64 }; /* bytes looked at */

/* Vectors of every machine that has them; elsewhere the compiler spells them out. In an answer a
 * byte is all ones or zero. */
typedef uint8_t bytes16 W2V_VECTOR(16);

FORCE_INLINE bytes16 load16(const uint8_t *p) {
    bytes16 bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

FORCE_INLINE bytes16 splat(uint8_t byte) {
    return (bytes16){byte, byte, byte, byte, byte, byte, byte, byte,
                     byte, byte, byte, byte, byte, byte, byte, byte};
}

FORCE_INLINE bytes16 are(bytes16 bytes, uint8_t byte) { return (bytes16)(bytes == splat(byte)); }

FORCE_INLINE bytes16 are_between(bytes16 bytes, uint8_t first, uint8_t last) {
    return (bytes16)(bytes - splat(first) <= splat((uint8_t)(last - first)));
}

/* What bytes.split() of Python splits at. */
FORCE_INLINE bytes16 are_space(bytes16 bytes) {
    return are_between(bytes, '\t', '\r') | are(bytes, ' ');
}

/* The top bits of 16 bytes, the first one lowest. */
FORCE_INLINE uint64_t top_bits(bytes16 bytes) {
#if W2V_X86_64
    return (uint64_t)(uint32_t)_mm_movemask_epi8((__m128i)bytes);
#else
    uint8_t stored[16];
    memcpy(stored, &bytes, sizeof stored);
    uint64_t found = 0;
    for (int i = 0; i < 2; i++) {
        const uint64_t bits = (load8(stored + 8 * i) & HIGH_BITS) >> 7;
        found |= (bits * UINT64_C(0x0102040810204080) >> 56) << 8 * i;
    }
    return found;
#endif
}

/* The n lowest bits, n in 0 .. 64. */
FORCE_INLINE uint64_t low_bits(int64_t n) { return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0); }

#endif
