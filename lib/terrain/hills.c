/* SPDX-License-Identifier: MIT */
#include "lib/terrain/hills.h"

#include <string.h>
#include "lib/metrics/pace.h"
#include "lib/terrain/terrain.h"

void hills_init(struct hills *hills)
{
    *hills = (struct hills){ .altitude_m = NAN,
                             .coverage_pct = NAN,
                             .ascent_m = NAN,
                             .drop_m = NAN,
                             .downhill_m = NAN,
                             .downhill_s = NAN,
                             .downhill_steps = NAN,
                             .steep_pct = NAN,
                             .pace_s_per_km = NAN,
                             .knee_load_steps = NAN };
}

static double percent(double share)
{
    return 100 * share;
}

void hills_of_figures(struct hills *ret, const struct terrain_figures *figures)
{
    hills_init(ret);
    ret->altitude_m = figures->altitude_m;
    if (figures->distance_m > 0)
        ret->coverage_pct = percent(fmin(1, figures->altitude_m / figures->distance_m));
    ret->ascent_m = figures->ascent_m;
    ret->drop_m = figures->downhill.drop_m;
    ret->downhill_m = figures->downhill.distance_m;
    ret->downhill_s = figures->downhill.time_s;
    ret->downhill_steps = figures->downhill.steps;
    ret->steep_pct = percent(figures->steep_share);
    ret->pace_s_per_km = pace_s_per_km(figures->graded_speed_m_s);
    ret->knee_load_steps = figures->knee_steps;
    strncpy(ret->source, terrain_source_name(figures->source), sizeof(ret->source) - 1);
}
