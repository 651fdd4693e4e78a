/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One quantity that several sources tell (distance: belt, pod, strap), counted once.
 *
 * Each source has its own running sum. The best source that spoke within the last five seconds
 * decides; the others only keep their sums. When a source takes over, the total goes on from what it
 * was when that source was last in step with it, plus what the source has counted since: a pod that
 * comes back with an odometer that ran on fills the gap, and a gap that a lesser source has already
 * filled is not filled twice. The total never goes back.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/sample.h"

#define COUNTER_SOURCES    (SAMPLE_SOURCE_CONFIGURED + 1)
#define COUNTER_FRESH_USEC (5 * UINT64_C(1000000)) /* five missed packets at the usual 1 Hz */

struct counter {
    const uint8_t *rank; /* by enum sample_source; 0 = never counts, 1 = best; borrowed constant */
    double total;
    bool any; /* something was counted, be it 0: the total is known */
    enum sample_source active;
    struct {
        bool ever;
        uint64_t seen_usec;
        double sum, mark_total, mark_sum;
    } source[COUNTER_SOURCES];
};

extern const uint8_t counter_rank_distance[COUNTER_SOURCES]; /* belt > pod > strap's RSC */
extern const uint8_t counter_rank_cadence[COUNTER_SOURCES];  /* pod > strap's RSC > belt */

void counter_init(struct counter *counter, const uint8_t *rank);
/* The source of best rank that spoke within COUNTER_FRESH_USEC; SAMPLE_SOURCE_NONE if none did. */
enum sample_source counter_best(const struct counter *counter, uint64_t t_usec);
/* A source spoke; delta may be 0. Returns by how much the total grew. */
double counter_feed(struct counter *counter, enum sample_source source, double delta,
                    uint64_t t_usec);
/* The source spoke, but what it says belongs to the time before counting began. */
void counter_touch(struct counter *counter, enum sample_source source, uint64_t t_usec);
