/* SPDX-License-Identifier: MIT */
/* What the lines of a session add up to. */
#include "lib/terrain/terrain.h"

#define GRADE_STALE_M 25.0 /* further on, the hill is another one */

static enum terrain_source main_source(const double source_m[TERRAIN_SOURCES])
{
    int most = TERRAIN_NONE;

    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++)
        if (source_m[i] > 0 && (most == TERRAIN_NONE || source_m[i] > source_m[most]))
            most = i;
    return (enum terrain_source)most;
}

static void sum_up_ascent(const struct terrain *terrain, struct terrain_figures *ret)
{
    ret->ascent_m = ret->descent_m = NAN;
    if (ret->source == TERRAIN_NONE)
        return;
    ret->ascent_m =
        turns_ascent_m(&terrain->fine) + turns_ascent_m(&terrain->coarse) + terrain->climb.ascent_m;
    ret->descent_m = turns_descent_m(&terrain->fine) + turns_descent_m(&terrain->coarse) +
                     terrain->climb.descent_m;
}

static void sum_up_downhill(const struct terrain *terrain, struct terrain_figures *ret)
{
    static const struct stretch_total unknown = { 0, NAN, NAN, NAN, NAN, NAN, NAN };

    ret->downhill = ret->altitude_m > 0 ? stretch_total(&terrain->stretch) : unknown;
    ret->steep_share =
        ret->downhill.drop_m > 0 ? ret->downhill.steep_m / ret->downhill.drop_m : NAN;
}

void terrain_figures(const struct terrain *terrain, struct terrain_figures *ret)
{
    *ret = (struct terrain_figures){ .distance_m = terrain->here.distance_m };
    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++) {
        ret->source_m[i] = terrain->source_m[i];
        if (terrain_source_is_fine((enum terrain_source)i))
            ret->altitude_m += terrain->source_m[i];
    }
    ret->source = main_source(ret->source_m);
    ret->low_quality = ret->source == TERRAIN_GPS;
    sum_up_ascent(terrain, ret);
    sum_up_downhill(terrain, ret);
    ret->graded_speed_m_s = effort_graded_speed_m_s(&terrain->effort);
    ret->knee_steps = effort_knee_steps(&terrain->effort, terrain->steps);
}

double terrain_grade(const struct terrain *terrain, enum terrain_source *ret_source)
{
    double since_m = terrain->here.distance_m - terrain->last.distance_m;
    bool known = terrain->last_known && !isnan(terrain->last.grade) && since_m <= GRADE_STALE_M;

    *ret_source = known ? terrain->line : TERRAIN_NONE;
    return known ? terrain->last.grade : NAN;
}
