/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A route as heights over distance, to be followed by the distance of a footpod: where the runner is
 * 1 200 m on the way, the hill is that of 1 200 m. Made of the points of a file (their way along it is
 * what its reader says) in the memory of the caller, however many there are: when it is full, every
 * second place goes and steps twice as wide are taken from there on.
 *
 *     points   . . ....  .   .  .       taken when a step further than the last one
 *     places   x   x     x   x  x       200 km in 4096 places: one in 80 m
 */
#include <stdbool.h>
#include <stddef.h>

#define ROUTE_STEP_M   5.0
#define ROUTE_SIZE_MIN 4
#define ROUTE_SIZE_MAX 2048 /* places of a file, wherever they are kept: a marathon's one in 40 m */

struct route_place {
    double distance_m, altitude_m;
};

struct route {
    struct route_place *places; /* the caller's */
    size_t size, n;
    double step_m;
    struct route_place last; /* added; the end of the route */
};

/* size at least ROUTE_SIZE_MIN. */
void route_init(struct route *route, struct route_place *places, size_t size);
/* The next point. One without an altitude is passed over (the line between its neighbours stands for
 * it), and so is one that is not further than the one before. */
void route_add(struct route *route, double distance_m, double altitude_m);
/* All points were added. false: fewer than two heights, so it says nothing. */
bool route_end(struct route *route);
/* NAN before the first height, and behind the last: the runner has left the route. */
double route_altitude_m(const struct route *route, double distance_m);
