/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The mean of what was said in the last few seconds: what a person can read while running, where a
 * single packet jumps. Values are gathered in slots of a quarter second, so that a sensor at 50 Hz
 * costs no more memory than one at 1 Hz and weighs no more either.
 */
#include <stdint.h>

#define WINDOW_SLOT_USEC UINT64_C(250000)
#define WINDOW_SLOTS     48                /* up to 12 s */
#define WINDOW_HOLD_USEC UINT64_C(3000000) /* after this long without a value there is no mean */

struct window {
    uint64_t span_usec, last_usec;
    struct {
        uint64_t index; /* of the slot on the time axis, + 1; 0 = empty */
        double sum;
        uint32_t n;
    } slot[WINDOW_SLOTS];
};

void window_init(struct window *window, uint64_t span_usec); /* at most 12 s */
void window_feed(struct window *window, double value, uint64_t t_usec);
/* NAN when no value came within WINDOW_HOLD_USEC. */
double window_mean(const struct window *window, uint64_t t_usec);
