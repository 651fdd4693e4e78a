/* SPDX-License-Identifier: MIT */
#include <math.h>
#include "lib/activity/place.h"

#define RADIUS_M 6378137.0
#define RADIANS  (M_PI / 180)

/* The haversine form: exact for the few metres between two points, where the arc cosine is not. */
double place_distance_m(double from_latitude_deg, double from_longitude_deg, double latitude_deg,
                        double longitude_deg)
{
    double up = sin((latitude_deg - from_latitude_deg) * RADIANS / 2);
    double along = sin((longitude_deg - from_longitude_deg) * RADIANS / 2);
    double h =
        up * up + cos(from_latitude_deg * RADIANS) * cos(latitude_deg * RADIANS) * along * along;

    return 2 * RADIUS_M * asin(sqrt(fmin(1, h)));
}
