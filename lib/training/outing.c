/* SPDX-License-Identifier: MIT */
#include "lib/training/outing.h"

/* Of one session: above, a file or a sensor is wrong and not the runner fast. */
#define METRES_MAX  1e6
#define SECONDS_MAX (14 * 86400.0)
#define COUNT_MAX   1e8
#define COVERED_PCT 80
#define REST_SHARE  4    /* a hike of a day moves for a quarter of it, */
#define REST_S      3600 /* and some rest for an hour in a short run */

/* A figure in units of 1/scale; false and 0 where there is none. */
static bool fixed(double value, double scale, double max, uint32_t *ret)
{
    bool known = value >= 0 && value <= max;

    *ret = known ? (uint32_t)llround(value * scale) : 0;
    return known;
}

static void set_terrain(struct outing *outing, const struct outing_figures *figures)
{
    uint32_t *altitude = &outing->altitude_mm;

    fixed(figures->altitude_m, 1000, METRES_MAX, altitude);
    if (*altitude > outing->distance_mm)
        *altitude = outing->distance_mm;
    if (!fixed(figures->drop_m, 1000, METRES_MAX, &outing->drop_mm))
        *altitude = 0; /* an altitude nobody could make a descent of is as good as none */
    outing->ascent_mm = outing->downhill_mm = 0;
    if (*altitude == 0) {
        outing->drop_mm = 0;
        return;
    }
    if (fixed(figures->ascent_m, 1000, METRES_MAX, &outing->ascent_mm))
        outing->has |= OUTING_ASCENT;
    if (fixed(figures->downhill_m, 1000, METRES_MAX, &outing->downhill_mm))
        outing->has |= OUTING_DOWNHILL;
}

void outing_set_figures(struct outing *outing, const struct outing_figures *figures)
{
    outing->has = 0;
    if (fixed(figures->distance_m, 1000, METRES_MAX, &outing->distance_mm))
        outing->has |= OUTING_DISTANCE;
    if (fixed(figures->moving_s, 1000, SECONDS_MAX, &outing->moving_ms))
        outing->has |= OUTING_MOVING;
    if (fixed(figures->steps, 1, COUNT_MAX, &outing->steps))
        outing->has |= OUTING_STEPS;
    if (fixed(figures->heart_load, 100, COUNT_MAX / 100, &outing->load_centi))
        outing->has |= OUTING_LOAD;
    if (fixed(figures->knee_steps, 10, COUNT_MAX, &outing->knee_deci))
        outing->has |= OUTING_KNEE;
    set_terrain(outing, figures);
}

double outing_elapsed_s(double elapsed_s, double moving_s)
{
    if (!(elapsed_s > 0))
        return 0;
    return moving_s > 0 ? fmin(elapsed_s, REST_SHARE * moving_s + REST_S) : elapsed_s;
}

int64_t outing_end_s(const struct outing *outing)
{
    return outing->start_s + outing->elapsed_s;
}

bool outing_altitude_covers(uint64_t altitude_mm, uint64_t distance_mm)
{
    return altitude_mm * 100 >= distance_mm * COVERED_PCT;
}
