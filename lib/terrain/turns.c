/* SPDX-License-Identifier: MIT */
#include "lib/terrain/turns.h"

#include <math.h>

void turns_init(struct turns *turns, double threshold_m)
{
    *turns = (struct turns){ .threshold_m = threshold_m };
}

static bool far_enough(const struct turns *turns, double metres)
{
    return metres >= turns->threshold_m && metres > 0;
}

static void turn(struct turns *turns, int direction, double anchor_m, double altitude_m)
{
    turns->direction = direction;
    turns->anchor_m = anchor_m;
    turns->low_m = turns->high_m = altitude_m;
}

static void find_direction(struct turns *turns, double altitude_m)
{
    turns->low_m = fmin(turns->low_m, altitude_m);
    turns->high_m = fmax(turns->high_m, altitude_m);
    if (far_enough(turns, altitude_m - turns->low_m))
        turn(turns, 1, turns->low_m, altitude_m);
    else if (far_enough(turns, turns->high_m - altitude_m))
        turn(turns, -1, turns->high_m, altitude_m);
}

static void climb(struct turns *turns, double altitude_m)
{
    turns->high_m = fmax(turns->high_m, altitude_m);
    if (!far_enough(turns, turns->high_m - altitude_m))
        return;
    turns->ascent_m += turns->high_m - turns->anchor_m;
    turn(turns, -1, turns->high_m, altitude_m);
}

static void descend(struct turns *turns, double altitude_m)
{
    turns->low_m = fmin(turns->low_m, altitude_m);
    if (!far_enough(turns, altitude_m - turns->low_m))
        return;
    turns->descent_m += turns->anchor_m - turns->low_m;
    turn(turns, 1, turns->low_m, altitude_m);
}

void turns_feed(struct turns *turns, double altitude_m)
{
    if (!isfinite(altitude_m))
        return;
    if (!turns->any) {
        turns->any = true;
        turn(turns, 0, altitude_m, altitude_m);
    } else if (turns->direction == 0) {
        find_direction(turns, altitude_m);
    } else if (turns->direction > 0) {
        climb(turns, altitude_m);
    } else {
        descend(turns, altitude_m);
    }
}

/* The open leg, signed. It became one by being far enough. */
static double open_leg_m(const struct turns *turns)
{
    if (turns->direction == 0)
        return 0;
    return (turns->direction > 0 ? turns->high_m : turns->low_m) - turns->anchor_m;
}

double turns_ascent_m(const struct turns *turns)
{
    return turns->ascent_m + fmax(0, open_leg_m(turns));
}

double turns_descent_m(const struct turns *turns)
{
    return turns->descent_m + fmax(0, -open_leg_m(turns));
}

void turns_part(struct turns *turns)
{
    double ascent_m = turns_ascent_m(turns), descent_m = turns_descent_m(turns);

    *turns = (struct turns){ .threshold_m = turns->threshold_m,
                             .ascent_m = ascent_m,
                             .descent_m = descent_m };
}
