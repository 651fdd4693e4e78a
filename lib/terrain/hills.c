/* SPDX-License-Identifier: MIT */
#include "lib/terrain/hills.h"

#include <stddef.h>
#include <string.h>
#include "lib/metrics/pace.h"
#include "lib/terrain/terrain.h"

#define AT(field) offsetof(struct hills, field)

static const struct {
    size_t offset;
    double min, max;
} bounds[] = {
    { AT(altitude_m), 0, HILLS_WAY_MAX_M },
    { AT(coverage_pct), 0, 100 },
    { AT(ascent_m), 0, HILLS_HEIGHT_MAX_M },
    { AT(drop_m), 0, HILLS_HEIGHT_MAX_M },
    { AT(downhill_m), 0, HILLS_WAY_MAX_M },
    { AT(downhill_s), 0, HILLS_TIME_MAX_S },
    { AT(downhill_steps), 0, HILLS_STEPS_MAX },
    { AT(steep_pct), 0, 100 },
    { AT(pace_s_per_km), HILLS_PACE_MIN_S, HILLS_PACE_MAX_S },
    { AT(knee_load_steps), 0, HILLS_KNEE_MAX_STEPS },
};

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

/* NAN is not within. */
static bool is_within(const struct hills *hills, size_t i)
{
    double value = *(const double *)(const void *)((const char *)hills + bounds[i].offset);

    return value >= bounds[i].min && value <= bounds[i].max;
}

void hills_limit(struct hills *hills)
{
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
        if (!is_within(hills, i))
            *(double *)(void *)((char *)hills + bounds[i].offset) = NAN;
}

static bool is_source(const char source[16])
{
    for (int i = 0; i < TERRAIN_SOURCES; i++)
        if (strncmp(source, terrain_source_name((enum terrain_source)i), 16) == 0)
            return true;
    return false;
}

bool hills_are_sound(const struct hills *hills)
{
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        double value = *(const double *)(const void *)((const char *)hills + bounds[i].offset);
        if (!isnan(value) && !is_within(hills, i))
            return false;
    }
    return is_source(hills->source);
}
