/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A place on the way: what one module of this folder hands to the next. Distance and steps count from
 * the start of the session, so what lies between two rows is the difference.
 */
#include <math.h>
#include <stdbool.h>

struct terrain_row {
    double t_s;
    double distance_m;
    double altitude_m;
    double grade; /* rise over run; NAN: not known */
    double steps; /* NAN: not known */
    bool walking; /* towards here */
    bool hushed;  /* towards here nobody counted all of the steps */
};

#define TERRAIN_SLOW_M_S 0.5 /* slower for longer than 5 s is standing */

/* Seconds on the way between two rows; standing at a light is none. */
static inline double terrain_moving_s(const struct terrain_row *from, const struct terrain_row *to)
{
    double s = to->t_s - from->t_s;
    bool stood = s > 5 && to->distance_m - from->distance_m < TERRAIN_SLOW_M_S * s;

    return stood ? 0 : s;
}
