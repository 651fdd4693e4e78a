/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The mean of what was said in the last few seconds: what a person can read while running, where a
 * single packet jumps (cadence is shown as the 10 s mean). Values are gathered in slots
 * of a quarter second, so that a sensor at 50 Hz costs no more memory than one at 1 Hz.
 *
 *        hold 3 s      span                        now
 *   |- - - - - - -|----x-------x---x---x-------x----|      x: a slot with values
 *                 |<-->|<----->|<->|<->|<----->|           each speaks for the time since the one before
 *
 * The mean is weighted by time: a pod reports on the strides since its last packet, so five seconds
 * at 4 Hz count as much as five at 1 Hz. After a silence longer than the hold nobody knows how long
 * the new value has been true: it speaks for its own slot alone.
 */
#include <stdbool.h>
#include <stdint.h>

#define WINDOW_SLOT_USEC UINT64_C(250000)
/* Longer without a value: there is no mean. */
#define WINDOW_HOLD_USEC     UINT64_C(3000000)
#define WINDOW_SPAN_MAX_USEC UINT64_C(12000000)
#define WINDOW_SLOTS         64 /* the longest span, the hold before it, and one to spare: 61 */

struct window {
    uint64_t span_usec, last_usec;
    bool any;
    struct {
        uint64_t index; /* of the slot on the time axis, + 1; 0 = empty */
        double sum;
        uint32_t n;
    } slot[WINDOW_SLOTS];
};

void window_init(struct window *window, uint64_t span_usec); /* cut to WINDOW_SPAN_MAX_USEC */
/* Values that are no number, and times before the latest, are left out. */
void window_feed(struct window *window, double value, uint64_t t_usec);
/* NAN when no value came within WINDOW_HOLD_USEC. */
double window_mean(const struct window *window, uint64_t t_usec);
/* Seconds of the span that values speak for: how much of a mean the mean is; 0 where it is NAN. */
double window_covered_s(const struct window *window, uint64_t t_usec);
