/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How steep it is here, and what was climbed. A belt that tells its inclination knows; a person who
 * set one is believed where no belt speaks; and otherwise nobody knows, which is not the same as level.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/metrics/climb.h"
#include "lib/sample.h"

struct slope {
    double belt_pct; /* NAN: no belt told it yet */
    uint64_t belt_usec;
    double set_pct; /* by a person; NAN */
    struct climb climb;
    bool climb_known; /* some distance was covered at a known grade */
};

void slope_init(struct slope *slope);
void slope_belt(struct slope *slope, double grade_pct, uint64_t t_usec);
/* grade_pct NAN: not known any more. */
void slope_set(struct slope *slope, double grade_pct);
/* NAN and SAMPLE_SOURCE_NONE when nobody knows. */
double slope_grade_pct(const struct slope *slope, uint64_t t_usec, enum sample_source *ret_source);
/* So much distance was covered up to t_usec. */
void slope_cover(struct slope *slope, double metres, uint64_t t_usec);
