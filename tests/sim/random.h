/* SPDX-License-Identifier: MIT */
#pragma once
/* Chance that is the same for the same seed (splitmix64): a failing run can be run again. */
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline double random_between(uint64_t *state, double low, double high)
{
    return low + (high - low) * (double)(random_next(state) >> 11) / 9007199254740992.0;
}

static inline uint64_t random_usec(uint64_t *state, double low_ms, double high_ms)
{
    return (uint64_t)(random_between(state, low_ms, high_ms) * 1000);
}
