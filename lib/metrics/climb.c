/* SPDX-License-Identifier: MIT */
#include "lib/metrics/climb.h"

#include <math.h>

void climb_init(struct climb *climb)
{
    *climb = (struct climb){ 0 };
}

void climb_feed(struct climb *climb, double distance_m, double grade)
{
    double rise_m;

    /* one NAN would stay in the sums for good, and a belt that is set back does not climb */
    if (!(distance_m > 0) || !isfinite(distance_m) || !isfinite(grade))
        return;
    /* sin(atan(g)): the vertical part of a way along the slope, as geometry has it */
    rise_m = distance_m * grade / sqrt(1 + grade * grade);
    if (rise_m > 0)
        climb->ascent_m += rise_m;
    else
        climb->descent_m -= rise_m;
}
