/* Random numbers as a pure function of (key, counter): no state to share, save or restore.
 *
 * A token is kept or dropped, and its window drawn, by the draw at its own position in the corpus,
 * so the decision is the same whichever worker looks at it and wherever a chunk begins.
 *
 * Source: the output function of SplitMix64 (Steele, Lea, Flood 2014; constants by Stafford).
 */
#ifndef W2V_RNG_H
#define W2V_RNG_H

#include "compiler.h"
#include <stdint.h>

FORCE_INLINE uint64_t rng_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Draw number `counter` of the stream `key`: 64 uniform bits. */
FORCE_INLINE uint64_t rng_at(uint64_t key, uint64_t counter) {
    return rng_mix(key + (counter + 1) * 0x9e3779b97f4a7c15u);
}

/* The key of a sub-stream: streams of different (key, index) pairs are unrelated. */
FORCE_INLINE uint64_t rng_key(uint64_t key, uint64_t index) {
    return rng_mix(rng_at(key, index) ^ 0xd1b54a32d192ed03u);
}

/* Uniform in [0, n) from 32 random bits (Lemire's multiplication; bias below n / 2^32). */
FORCE_INLINE uint32_t rng_below(uint32_t bits, uint32_t n) {
    return (uint32_t)(((uint64_t)bits * n) >> 32);
}

#endif
