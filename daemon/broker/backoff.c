/* SPDX-License-Identifier: MIT */
#include "daemon/broker/backoff.h"

#include <sys/random.h>

#define SECOND        1000000ULL
#define BACKOFF_FIRST (1 * SECOND)
#define BACKOFF_MAX   (120 * SECOND)

uint64_t backoff_usec(unsigned tries)
{
    uint64_t delay = BACKOFF_FIRST << (tries < 7 ? tries : 7);
    uint32_t chance = 0;

    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        chance = UINT32_MAX / 2;
    delay = delay < BACKOFF_MAX ? delay : BACKOFF_MAX;
    return delay - delay / 4 + delay / 4 * (chance % 1024) / 1024;
}
