/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Has something gone on long enough to be meant? Ten seconds of steps, two minutes of effort: a
 * condition that has held without a break, and since when. A break is a fact that says otherwise or
 * a silence that is too long to speak for it.
 */
#include <stdbool.h>
#include <stdint.h>

struct onset {
    bool on;
    uint64_t since_usec; /* it holds from here: the fact before the first that said so, if near */
    uint64_t seen_usec;  /* the latest fact, of either kind; 0 = none yet */
};

/* max_gap_usec: facts further apart than this do not belong together. */
void onset_feed(struct onset *onset, bool holds, uint64_t t_usec, uint64_t max_gap_usec);
/* A fact that is older than max_gap_usec speaks of now no more. */
bool onset_reached(const struct onset *onset, uint64_t for_usec, uint64_t now_usec,
                   uint64_t max_gap_usec);
