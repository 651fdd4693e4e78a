/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the log of days comes to over a week, or over any days: for looking back at, not for judging.
 * Calendar weeks begin on Monday, as those of ISO 8601 do, whatever WeekStart= a rule goes by.
 *
 * Absent is absent: where there were outings and none of them told a figure it is NAN; a week
 * without any is 0, which is known. Descent and ascent are those of the ways that had a height: at
 * least so much.
 */
#include <stddef.h>
#include "lib/training/ledger.h"

#define HISTORY_WEEKS_MAX 520
#define HISTORY_LABEL_MAX 12 /* "2026-W47" with the NUL, and room for other years */

struct history {
    unsigned runs, walks, others;
    double distance_m, moving_s;              /* of runs */
    double longest_run_m;                     /* NAN without a run that tells it */
    double drop_m, downhill_m, ascent_m;      /* of runs and walks, as the rules count them */
    double walked_m, walked_s, walked_drop_m; /* of walks */
    double load;                              /* heart load of everything, Banister's AU */
};
/* All days from..to, both included. */
void history_of_days(const struct ledger *ledger, int32_t from, int32_t to, struct history *ret);

struct history_week {
    int32_t start; /* its Monday */
    struct history figures;
};
/* The last `most` weeks up to the one of `today`, oldest first; none before that of the first outing.
 * Returns how many: 0 where nothing was ever done until today. */
size_t history_weeks(const struct ledger *ledger, int32_t today, size_t most,
                     struct history_week *ret);
int32_t history_week_start(int32_t day);
/* "2026-W47" of a Monday. */
void history_week_label(int32_t start, char ret[static HISTORY_LABEL_MAX]);
