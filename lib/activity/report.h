/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a file came to, of a fixed size and without a pointer: the process that reads files hands it
 * through a pipe to one that does not trust it, as it was fed by a stranger. report_is_sound is what
 * stands between them. Both are the same program of the same build, so it needs no other format.
 */
#include "lib/activity/exertion.h"
#include "lib/activity/outcome.h"
#include "lib/activity/outline_verdict.h"
#include "lib/activity/relief.h"
#include "lib/terrain/hills.h"

#define REPORT_MAGIC UINT32_C(0x53545234) /* this struct, in this form */
/* What is made of a file. One more, when the same bytes come to other figures than before: then all
 * that came in is read again (daemon/import/rework.h). */
#define REPORT_FORMULA       2
#define REPORT_SECONDS_MAX   OUTCOME_SECONDS_MAX
#define REPORT_DISTANCE_MAX  OUTCOME_DISTANCE_MAX
#define REPORT_TRIMP_MAX     1e4
#define REPORT_EDWARDS_MAX   6e4
#define REPORT_LEVEL_MAX     1e9
#define REPORT_TIME_MAX_USEC INT64_C(253402300799000000) /* the year 9999 */

struct report_session {
    int32_t sport;   /* enum activity_sport */
    uint8_t indoors; /* treadmill, track under a roof */
    uint8_t pad[3];  /* 0 */
    int64_t start_usec, end_usec;
    uint64_t n_samples;
    /* outcome.h */
    double elapsed_s, moving_s, distance_m;
    double steps, cadence_mean_spm;
    double heart_rate_mean_bpm, heart_rate_max_bpm;
    /* From the samples alone; NAN: nothing that can tell, or not enough known of the runner. */
    double trimp, edwards, zone_s[5];
    /* By lib/terrain, as of any other run; NAN: nothing that can tell. */
    struct hills hills; /* the ascent else as stated */
    struct level level; /* how that was in this run; nothing of any other sport */
};

struct report {
    uint32_t magic;
    int32_t verdict; /* enum outline_verdict */
    char reason[OUTLINE_REASON_MAX];
    char maker[ACTIVITY_TEXT_MAX], product[ACTIVITY_TEXT_MAX];
    uint32_t barometer; /* 0, 1 */
    uint32_t n_sessions;
    struct report_session sessions[ACTIVITY_PARTS_MAX];
};

struct report_parts { /* all of them finished, of the same file */
    const struct outline *outline;
    const struct totals *totals;
    const struct relief *relief;
    const struct exertion *exertion;
};
/* A refused file has no sessions; nothing but the outline is looked at then. */
void report_make(struct report *report, const struct report_parts *parts,
                 enum outline_verdict verdict);
/* Every value is one that report_make could have made. */
bool report_is_sound(const struct report *report);
bool report_is_taken(const struct report *report);
/* When the first of its runs began whose steps can be compared; 0: there is none. */
int64_t report_comparable_usec(const struct report *report);
