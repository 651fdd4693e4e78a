/* SPDX-License-Identifier: MIT */
#include "lib/training/slope.h"

#include <math.h>
#include "lib/training/counter.h"

void slope_init(struct slope *slope)
{
    *slope = (struct slope){ .belt_pct = NAN, .set_pct = NAN };
    climb_init(&slope->climb);
}

void slope_belt(struct slope *slope, double grade_pct, uint64_t t_usec)
{
    slope->belt_pct = grade_pct;
    slope->belt_usec = t_usec;
}

void slope_set(struct slope *slope, double grade_pct)
{
    slope->set_pct = grade_pct;
}

double slope_grade_pct(const struct slope *slope, uint64_t t_usec, enum sample_source *ret_source)
{
    if (!isnan(slope->belt_pct) && t_usec <= slope->belt_usec + COUNTER_FRESH_USEC) {
        *ret_source = SAMPLE_SOURCE_BELT;
        return slope->belt_pct;
    }
    *ret_source = isnan(slope->set_pct) ? SAMPLE_SOURCE_NONE : SAMPLE_SOURCE_CONFIGURED;
    return slope->set_pct;
}

void slope_cover(struct slope *slope, double metres, uint64_t t_usec)
{
    enum sample_source source;
    double grade_pct = slope_grade_pct(slope, t_usec, &source);

    if (isnan(grade_pct))
        return;
    slope->climb_known = true;
    climb_feed(&slope->climb, metres, grade_pct / 100.0);
}
