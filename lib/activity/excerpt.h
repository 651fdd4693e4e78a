/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One session out of a file that may hold several, as facts that make a file of their own (fit_write.h):
 * for whoever wants a run that came in as GPX or TCX in another form. What stands in the file goes on as
 * it stands; what the session came to is what the report says. Nothing is made up: what neither knows is
 * NAN there too.
 *
 *   excerpt_find(&excerpt, &outline, &report, start_usec)
 *   excerpt_begin(&excerpt, sink); read the file once more with excerpt_sink(); excerpt_finish(&excerpt);
 *
 * The last line as often as the facts are wanted: each time they are the same.
 */
#include "lib/activity/outline.h"
#include "lib/activity/report.h"

struct excerpt {
    const struct outline *outline; /* borrowed, finished */
    int session;                   /* of the outline */
    const struct report_session *report;
    /* while reading */
    struct activity_sink to;
    int part; /* of the sample before */
    double farthest_m, distance_m;
    int64_t last_usec;
    int n_pauses; /* the next one to be told */
    bool paused;
    uint32_t n_laps;
};

/* The session that begins then, to the microsecond. Both are borrowed, of the same file. False: the file
 * has none. */
bool excerpt_find(struct excerpt *ret, const struct outline *outline, const struct report *report,
                  int64_t start_usec);
void excerpt_begin(struct excerpt *excerpt, struct activity_sink to);
struct activity_sink excerpt_sink(struct excerpt *excerpt);
void excerpt_finish(struct excerpt *excerpt);
