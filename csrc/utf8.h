/* UTF-8 as Python decodes it: no overlong forms, no surrogates, nothing above U+10FFFF. */

#ifndef FASTW2V_UTF8_H
#define FASTW2V_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

/* Byte 0 in the low bits on every machine; compilers make one load of it. */
FORCE_INLINE uint64_t load8(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

#define BYTES(value) (UINT64_C(0x0101010101010101) * (value))
#define HIGH_BITS    BYTES(0x80)

FORCE_INLINE bool continues(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* The code point at p, and its length in *n. If the bytes are none it is -1, and *n how many of
 * them Python would replace by one U+FFFD: those that begin a code point, or one. Reads a byte only
 * if the ones before it may have one more, so any byte that is no continuation ends the reading. */
static inline int32_t utf8_decode(const uint8_t *p, int64_t *n) {
    const uint8_t a = p[0];
    *n = 1;
    if (a < 0x80) return a;
    if (a < 0xc2 || a > 0xf4) return -1;
    const uint8_t b = p[1];
    if (!continues(b)) return -1;
    if (a < 0xe0) {
        *n = 2;
        return (a & 0x1f) << 6 | (b & 0x3f);
    }
    if (a < 0xf0) {
        if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f)) return -1;
        *n = 2;
        if (!continues(p[2])) return -1;
        *n = 3;
        return (a & 0x0f) << 12 | (b & 0x3f) << 6 | (p[2] & 0x3f);
    }
    if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f)) return -1;
    *n = 2;
    if (!continues(p[2])) return -1;
    *n = 3;
    if (!continues(p[3])) return -1;
    *n = 4;
    return (a & 0x07) << 18 | (b & 0x3f) << 12 | (p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

/* Write a code point; returns its length, 1 .. 4. */
static inline int64_t utf8_encode(uint8_t *out, int32_t point) {
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (uint8_t)(0xc0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | point >> 18);
    out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (point & 0x3f));
    return 4;
}

/* Whether the n bytes at p are UTF-8; 8 more are readable. What follows them must not be counted
 * in: a last code point that only its neighbours complete is none. */
static inline bool utf8_valid(const uint8_t *p, int64_t n) {
    int64_t i = 0;
    while (i < n) {
        if ((load8(p + i) & HIGH_BITS) == 0) {
            i += 8;
            continue;
        }
        int64_t length;
        if (utf8_decode(p + i, &length) < 0) return false;
        i += length;
        if (i > n) return false;
    }
    return true;
}

#endif
