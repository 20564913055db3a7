/* Seeded pseudo-random numbers: one state for each party that draws, so that
 * what one draws does not depend on when another does. Xorshift, 32 bits. */

#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static inline uint32_t random_next(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x;
}

/* From 0 to `limit` - 1. */
static inline uint32_t random_below(uint32_t *state, uint32_t limit) {
    return (uint32_t)(((uint64_t)random_next(state) * limit) >> 32);
}

/* Where the party of this number starts; never the state 0, which stays 0. */
static inline uint32_t random_start(uint32_t seed, uint32_t party) {
    uint32_t x = seed * 0x9E3779B9u + party * 0x85EBCA6Bu;
    x ^= x >> 16;
    x *= 0x7FEB352Du;
    x ^= x >> 15;
    return x | 1u;
}

#endif
