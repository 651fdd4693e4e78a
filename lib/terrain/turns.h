/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Ascent and descent by turning points: a reversal counts once the profile has come back
 * by the threshold from its extreme, and then the whole leg counts.
 *
 *              B              A-B counts when the profile is 3 m below B: all of it. The ripple on the
 *             / \     D       way up (less than 3 m deep) is part of the leg, so noise adds nothing
 *        /\  /   \   /        and, other than with a dead band, no turn loses 3 m.
 *       /  \/     \ /         The leg that is not over counts when it is 3 m already.
 *      A           C
 */
#include <stdbool.h>

#define TURNS_FINE_M   3.0  /* a barometer's */
#define TURNS_COARSE_M 10.0 /* of satellites, which err by that much */

struct turns {
    double threshold_m;
    bool any;
    int direction; /* of the open leg: 1 up, -1 down, 0: not yet known */
    double low_m, high_m, anchor_m;
    double ascent_m, descent_m; /* of the legs that are over */
};

void turns_init(struct turns *turns, double threshold_m);
/* Altitudes in order; what is not finite is passed over. */
void turns_feed(struct turns *turns, double altitude_m);
/* What comes next has nothing to do with what was: the open leg is over. */
void turns_part(struct turns *turns);
/* With the open leg. */
double turns_ascent_m(const struct turns *turns);
double turns_descent_m(const struct turns *turns);
