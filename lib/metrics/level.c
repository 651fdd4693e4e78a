/* SPDX-License-Identifier: MIT */
#include "lib/metrics/level.h"

#include <math.h>
#include <stddef.h>

#define SPREAD_MIN 0.05 /* m/s, of the speeds: below it a slope is noise */

void level_init(struct level *level)
{
    *level = (struct level){ 0 };
}

void level_add(struct level *level, double speed_m_s, double cadence_spm, double seconds)
{
    size_t bin;

    if (!(speed_m_s > 0) || !isfinite(speed_m_s) || !(seconds > 0) || !isfinite(seconds))
        return;
    bin = (size_t)fmin(LEVEL_BINS - 1, speed_m_s / LEVEL_SPEED_BIN);
    level->bin_s[bin] += (float)seconds;
    level->seconds += seconds;
    if (!(cadence_spm > 0) || !isfinite(cadence_spm))
        return;
    level->cadence_s += seconds;
    level->sum_v += seconds * speed_m_s;
    level->sum_vv += seconds * speed_m_s * speed_m_s;
    level->sum_c += seconds * cadence_spm;
    level->sum_vc += seconds * speed_m_s * cadence_spm;
}

void level_merge(struct level *level, const struct level *other)
{
    level->seconds += other->seconds;
    level->cadence_s += other->cadence_s;
    level->sum_v += other->sum_v;
    level->sum_vv += other->sum_vv;
    level->sum_c += other->sum_c;
    level->sum_vc += other->sum_vc;
    for (size_t i = 0; i < LEVEL_BINS; i++)
        level->bin_s[i] += other->bin_s[i];
}

double level_speed_m_s(const struct level *level)
{
    double below_s = 0;
    size_t bin = 0;

    if (level->seconds < LEVEL_MIN_S)
        return NAN;
    while (bin < LEVEL_BINS - 1 && below_s + level->bin_s[bin] < level->seconds / 2)
        below_s += level->bin_s[bin++];
    /* evenly spread within the bin */
    return LEVEL_SPEED_BIN * ((double)bin + (level->seconds / 2 - below_s) / level->bin_s[bin]);
}

double level_cadence_spm(const struct level *level, double speed_m_s)
{
    double n = level->cadence_s, mean_v, mean_c, variance, slope = 0;

    if (n < LEVEL_MIN_S || !isfinite(speed_m_s))
        return NAN;
    mean_v = level->sum_v / n;
    mean_c = level->sum_c / n;
    variance = level->sum_vv / n - mean_v * mean_v;
    if (variance > SPREAD_MIN * SPREAD_MIN)
        slope = (level->sum_vc / n - mean_v * mean_c) / variance;
    return mean_c + slope * (speed_m_s - mean_v);
}
