/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A way that ends where it began ends at the same height. What a barometer says otherwise is the
 * weather, which goes on evenly enough to be spread over the time. Found in a first
 * reading of the session, taken out in the second.
 */
#include <stddef.h>
#include <stdint.h>

#define CLOSING_NEAR_M  30.0
#define CLOSING_POINTS  15            /* altitudes at either end whose mean is taken */
#define CLOSING_MAX_M   5.0           /* of error: a door, a warm wrist ... (ours) */
#define CLOSING_MAX_M_S (10.0 / 3600) /* ... and a front; more is no weather */

struct closing {
    size_t n;
    double first_m; /* sum of the first altitudes */
    double last_m[CLOSING_POINTS];
    int64_t first_usec, last_usec;
};

void closing_init(struct closing *closing);
/* An altitude, in order of time; one that is not known is passed over. */
void closing_feed(struct closing *closing, int64_t t_usec, double altitude_m);
/* Metres a second by which altitudes rise too much, where the ends are so far apart; 0: nothing to
 * take out, NAN apart being as good as far. */
double closing_drift_m_s(const struct closing *closing, double apart_m);
