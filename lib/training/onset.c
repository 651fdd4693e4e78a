/* SPDX-License-Identifier: MIT */
#include "lib/training/onset.h"

void onset_feed(struct onset *onset, bool holds, uint64_t t_usec, uint64_t max_gap_usec)
{
    bool near = onset->seen_usec && t_usec <= onset->seen_usec + max_gap_usec;

    if (!holds)
        onset->on = false;
    else if (!onset->on || !near) {
        /* what the first packet tells happened since the packet before it */
        onset->since_usec = near ? onset->seen_usec : t_usec;
        onset->on = true;
    }
    onset->seen_usec = t_usec;
}

bool onset_reached(const struct onset *onset, uint64_t for_usec, uint64_t now_usec,
                   uint64_t max_gap_usec)
{
    return onset->on && onset->seen_usec - onset->since_usec >= for_usec &&
           now_usec <= onset->seen_usec + max_gap_usec;
}
