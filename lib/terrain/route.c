/* SPDX-License-Identifier: MIT */
#include "lib/terrain/route.h"

#include <math.h>

void route_init(struct route *route, struct route_place *places, size_t size)
{
    *route = (struct route){ .places = places, .size = size, .step_m = ROUTE_STEP_M };
}

static void thin(struct route *route)
{
    size_t kept = 0;

    for (size_t i = 0; i < route->n; i += 2)
        route->places[kept++] = route->places[i];
    route->n = kept;
    route->step_m *= 2;
}

static void put(struct route *route)
{
    if (route->n == route->size)
        thin(route);
    route->places[route->n++] = route->last;
}

void route_add(struct route *route, double distance_m, double altitude_m)
{
    if (!isfinite(distance_m) || !isfinite(altitude_m) ||
        (route->n > 0 && distance_m <= route->last.distance_m))
        return;
    route->last = (struct route_place){ distance_m, altitude_m };
    if (route->n == 0 || distance_m - route->places[route->n - 1].distance_m >= route->step_m)
        put(route);
}

bool route_end(struct route *route)
{
    if (route->n > 0 && route->places[route->n - 1].distance_m < route->last.distance_m)
        put(route);
    return route->n >= 2;
}

/* The last place that is not behind a distance; the first is not. */
static size_t place_before(const struct route *route, double distance_m)
{
    size_t low = 0, high = route->n - 1;

    while (low < high) {
        size_t middle = (low + high + 1) / 2;

        if (route->places[middle].distance_m <= distance_m)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

double route_altitude_m(const struct route *route, double distance_m)
{
    const struct route_place *from, *to;

    if (route->n < 2 || !(distance_m >= route->places[0].distance_m) ||
        distance_m > route->places[route->n - 1].distance_m)
        return NAN;
    from = &route->places[place_before(route, distance_m)];
    if (from == &route->places[route->n - 1])
        return from->altitude_m;
    to = from + 1;
    return from->altitude_m + (to->altitude_m - from->altitude_m) *
                                  (distance_m - from->distance_m) /
                                  (to->distance_m - from->distance_m);
}
