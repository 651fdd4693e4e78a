/* SPDX-License-Identifier: MIT */
#include "lib/training/figure.h"

#include <stdio.h>
#include <stdlib.h>

#define M_MILE       1609.344
#define M_FOOT       0.3048
#define ABOUT_PCT    20 /* a smaller difference is not known to the percent */
#define TIMES_ENOUGH 10 /* percent of more than that say nothing */

static void text_of_time(char ret[FIGURE_MAX], double value)
{
    long minutes = lround(value / 60);

    if (minutes < 60)
        snprintf(ret, FIGURE_MAX, "%ld min", minutes);
    else
        snprintf(ret, FIGURE_MAX, "%ld h %02ld min", minutes / 60, minutes % 60);
}

void figure_text(char ret[FIGURE_MAX], double value, enum rule_unit unit, enum conf_units units)
{
    bool imperial = units == CONF_UNITS_IMPERIAL;

    if (!isfinite(value)) {
        snprintf(ret, FIGURE_MAX, "unknown");
        return;
    }
    switch (unit) {
    case RULE_UNIT_METRES_FAR:
        snprintf(ret, FIGURE_MAX, imperial ? "%.1f mi" : "%.1f km",
                 value / (imperial ? M_MILE : 1000));
        break;
    case RULE_UNIT_METRES_HIGH:
        snprintf(ret, FIGURE_MAX, imperial ? "%.0f ft" : "%.0f m", value / (imperial ? M_FOOT : 1));
        break;
    case RULE_UNIT_SECONDS:
        text_of_time(ret, value);
        break;
    case RULE_UNIT_NONE:
        snprintf(ret, FIGURE_MAX, "%.1f", value);
        break;
    }
}

void figure_change(char ret[FIGURE_MAX], double ratio)
{
    long pct;

    if (!isfinite(ratio)) {
        snprintf(ret, FIGURE_MAX, "unknown");
        return;
    }
    if (ratio > TIMES_ENOUGH) {
        snprintf(ret, FIGURE_MAX, "more than %d times as much", TIMES_ENOUGH);
        return;
    }
    pct = lround((ratio - 1) * 100);
    snprintf(ret, FIGURE_MAX, labs(pct) < ABOUT_PCT ? "about %+ld %%" : "%+ld %%", pct);
}
