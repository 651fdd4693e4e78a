/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/measures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COVERAGE_PCT 80 /* of the distance that has an altitude */

const struct measure measures[MEASURES] = {
    { "distance_m", "running", "distance", "far", UNIT_FAR },
    { "moving_s", "running", "time", "long", UNIT_TIME },
    { "downhill_drop_m", "descent", "descent", "far", UNIT_HIGH },
    { "downhill_distance_m", "downhill", "downhill", "far", UNIT_FAR },
};

static bool is_missing(const char *verdict)
{
    return strncmp(verdict, "insufficient", strlen("insufficient")) == 0;
}

const char *measure_verdict(const char *verdict)
{
    if (!verdict)
        return "off";
    if (strcmp(verdict, "no_baseline") == 0)
        return "no baseline";
    return is_missing(verdict) ? "no verdict" : verdict;
}

bool measure_missing(const struct measure *measure, const json_t *figures,
                     char ret[MEASURE_MISSING_MAX])
{
    const char *verdict = json_string_value(json_object_get(figures, "verdict"));
    double coverage = stridectl_number(json_object_get(figures, "coverage_pct"));
    char what[MEASURE_MISSING_MAX / 2];

    if (!verdict || !is_missing(verdict))
        return false;
    if (strcmp(verdict, "insufficient_history") == 0)
        snprintf(what, sizeof(what), "it takes 14 days on record, and two weeks that are known");
    else if (coverage < COVERAGE_PCT)
        snprintf(what, sizeof(what), "%.0f %% of the distance has altitude, and it takes %d %%",
                 floor(coverage), COVERAGE_PCT);
    else
        snprintf(what, sizeof(what), "a session of these days does not tell how %s it was",
                 measure->how);
    snprintf(ret, MEASURE_MISSING_MAX, "No verdict on %s: %s.", measure->name, what);
    return true;
}
