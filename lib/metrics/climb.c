/* SPDX-License-Identifier: MIT */
#include "lib/metrics/climb.h"

#include <math.h>

void climb_init(struct climb *climb)
{
    *climb = (struct climb){ 0 };
}

void climb_feed(struct climb *climb, double distance_m, double grade)
{
    double rise_m = distance_m * grade / sqrt(1 + grade * grade);

    if (rise_m > 0)
        climb->ascent_m += rise_m;
    else
        climb->descent_m -= rise_m;
}
