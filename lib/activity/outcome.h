/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What one session comes to. The recorder's own totals come first: they are what its owner saw on the
 * watch, and what other programs show. Where it states none, its samples speak.
 */
#include "lib/activity/totals.h"

#define OUTCOME_SECONDS_MAX  (14 * 86400.0) /* as much as one session may take */
#define OUTCOME_DISTANCE_MAX 1e6

struct outcome {      /* NAN: neither states nor adds up to any that can be */
    double elapsed_s; /* never NAN: 0 */
    double moving_s;  /* while the timer ran */
    double distance_m;
    double steps, cadence_mean_spm; /* of both feet; NAN where the sport has none */
    double heart_rate_mean_bpm, heart_rate_max_bpm;
};

/* A figure that can be: from 0 to max; else NAN. */
double outcome_limited(double value, double max);
/* Of finished ones; session: of the outline's. */
void outcome_of(const struct totals *totals, int session, struct outcome *ret);
