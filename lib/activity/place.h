/* SPDX-License-Identifier: MIT */
#pragma once
/* Places on Earth. */

/* Along the surface of a sphere; degrees, never below 0. Its radius, 6378.137 km, is what the
 * ellipsoid's two curvatures average to at 45 degrees, where most people run: within 0.3 % anywhere
 * between the 25th and the 65th parallel, and nearer on every way that comes back. */
double place_distance_m(double from_latitude_deg, double from_longitude_deg, double latitude_deg,
                        double longitude_deg);
