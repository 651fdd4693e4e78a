/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Downhill stretches: what the rules count as descent. A stretch opens where it falls by
 * 3 % or more, ends where it falls by less than 2 %, and counts if it drops 3 m or more over 30 m or
 * more. Below that, the noise of a barometer and the camber of a road would add up to a hill.
 *
 *     -1 %   -3 %    -5 %   -2.5 %   -1.5 %           of it, what falls by 10 % or more is steep, and
 *     _______ |                        | _______      what was walked is told apart
 *            \|________________________|/
 */
#include <stdbool.h>
#include "lib/terrain/row.h"

#define STRETCH_ENTER      -0.03
#define STRETCH_LEAVE      -0.02
#define STRETCH_STEEP      -0.10
#define STRETCH_DROP_M     3.0
#define STRETCH_DISTANCE_M 30.0
#define STRETCH_LEVEL      0.02 /* of either sign: level */

struct stretch_total {
    unsigned n;
    double drop_m, distance_m, time_s;
    double steps;    /* NAN: of no stretch known */
    double steep_m;  /* of the drop */
    double walked_m; /* of the drop */
};

struct stretch {
    bool open;
    struct terrain_row first, last; /* of the open one */
    struct stretch_total here;      /* of the open one: time, steep_m and walked_m */
    struct stretch_total total;     /* of those that are over */
};

void stretch_init(struct stretch *stretch);
/* Rows in order, with their grade; NAN ends a stretch. */
void stretch_feed(struct stretch *stretch, const struct terrain_row *row);
/* What comes next does not join on: an open stretch ends with the row it had last. */
void stretch_part(struct stretch *stretch);
/* With the open one, as soon as it would count. */
struct stretch_total stretch_total(const struct stretch *stretch);
