/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Altitude once a second, smoothed: a running median over 5 s against spikes, then a running mean over
 * 15 s against noise. Two ways:
 *
 *   final   centred: each value from what lies on both sides of it, so a hill is neither shifted nor
 *           flattened to one side. Comes SMOOTH_DELAY seconds late.
 *   live    trailing: from the past alone; lags 9 s behind, without waiting.
 *
 *   raw       x x x x x x x x x x                  a pair of samples d seconds before and after the
 *   median      |-2..+2|                           centre counts when both are known. At the ends and
 *   mean             |-7..+7|                      beside a hole the window is so by itself the largest
 *   finished  x|                 9 s behind        symmetric one, and nothing leans to one side.
 *
 * One value in, one out, in order: a caller keeps what belongs to them in a queue of SMOOTH_DELAY + 1.
 * Units are the caller's (metres). A hole is NAN: NAN comes out where NAN went in, never a guess. Memory
 * is the two rings below, no matter how long the stream.
 */
#include <stdbool.h>
#include <stddef.h>

#define SMOOTH_MEDIAN 5
#define SMOOTH_MEAN   15
#define SMOOTH_DELAY  (SMOOTH_MEDIAN / 2 + SMOOTH_MEAN / 2)

struct smooth {
    bool live;
    size_t fed;                                      /* values, flushes not counted */
    size_t taken;                                    /* values that came out */
    size_t seen;                                     /* values and flushes */
    double median[SMOOTH_MEDIAN], mean[SMOOTH_MEAN]; /* rings: what the window goes over */
};

void smooth_init_final(struct smooth *smooth);
void smooth_init_live(struct smooth *smooth);
/* One second. Returns true with the next smoothed value: live that of this second, final that of the
 * second SMOOTH_DELAY before (the first ones return false and leave *ret alone). What is not finite
 * counts as a hole. */
bool smooth_feed(struct smooth *smooth, double value, double *ret);
/* At the end, until it returns false: the values that still waited for seconds to come. After that the
 * stream is over. */
bool smooth_flush(struct smooth *smooth, double *ret);
