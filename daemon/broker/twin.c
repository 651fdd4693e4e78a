/* SPDX-License-Identifier: MIT */
#include "daemon/broker/twin.h"
#include <string.h>

static void remember(struct twin *twin, uint64_t now_usec)
{
    memmove(twin->lost_usec, twin->lost_usec + 1, sizeof(twin->lost_usec) - sizeof(now_usec));
    twin->lost_usec[TWIN_LOSSES - 1] = now_usec;
    if (twin->n < TWIN_LOSSES)
        twin->n++;
}

bool twin_lost(struct twin *twin, enum twin_word word, uint64_t up_usec, uint64_t now_usec)
{
    if (up_usec >= TWIN_WINDOW_USEC) /* no twin lets us be for so long */
        *twin = (struct twin){ 0 };
    if (word == TWIN_OTHER_WORD || (word == TWIN_NO_WORD && up_usec >= TWIN_SHORT_USEC))
        return false;
    remember(twin, now_usec);
    twin->told = twin->told || word == TWIN_TAKEN_OVER;
    if (twin->n == TWIN_LOSSES && now_usec - twin->lost_usec[0] <= TWIN_WINDOW_USEC)
        twin->suspected = true;
    return twin->suspected;
}

void twin_not_connected(struct twin *twin)
{
    twin->n = 0;
}
