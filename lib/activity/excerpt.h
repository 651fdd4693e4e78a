/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One session of a file, as the facts of a file of its own: what a writer (fit_write.h) needs to say the
 * same of it. They are told in the order of a recorder:
 *
 *   the timer starts | sample, sample .. | it stops, starts | .. lap | it stops | session
 *
 * Samples are those that totals.h counts: a stray, one that is late or has no time is left out. Their
 * distance is that of the session, from 0 on, where the file gives any; cadence is of one foot, also from a
 * writer of steps. Whence the heights are is told before the first one. A session without laps is one
 * lap. What the session comes to is outcome.h's, so the same as of the file itself; climbs only as stated.
 *
 *   struct excerpt excerpt;               the outline is finished, session is excerpt_find's
 *   excerpt_init(&excerpt, &outline, session, false, &sink);
 *   for each fact of the file:  excerpt_sink(&excerpt)
 *   excerpt_finish(&excerpt);
 *
 * A writer that has to count them first takes two of these, in two readings: both tell the same.
 */
#include "lib/activity/outcome.h"

struct excerpt {
    const struct outline *outline; /* borrowed, finished */
    int session;                   /* of it */
    bool barometric;
    struct activity_sink sink; /* its context is borrowed */
    struct totals totals;      /* of what was heard so far */
    bool begun, running, source_told;
    int pause; /* the next one of the outline's */
    uint64_t n_laps;
};

/* The session of a finished outline that starts then, to the microsecond. Of several it is the one at `place`,
 * counted over those that have a date, as report_make counts; -1: no place is known. -1: there is none, or
 * it cannot be told which. */
int excerpt_find(const struct outline *outline, int64_t start_usec, int place);

/* session: excerpt_find's. barometric: a barometer measured the heights though the file does not say so. */
void excerpt_init(struct excerpt *excerpt, const struct outline *outline, int session,
                  bool barometric, const struct activity_sink *sink);
/* Hears every fact of the file. */
struct activity_sink excerpt_sink(struct excerpt *excerpt);
/* All facts were heard: tells the last ones. */
void excerpt_finish(struct excerpt *excerpt);
