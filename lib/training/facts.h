/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A session that is over, told as a file of an activity tells it: so that it can be written as one
 * (lib/activity/fit_write.h). Its records are gone through twice: the first time to know how it ended,
 * the second time a sample a second is told from what was so at the moment.
 *
 * Whoever reads the file adds up nothing: session and lap state the totals, and those are the figures
 * of the result, with the hills as they are seen from the end. What the hills were made of goes along
 * beside the samples, as it was told: the heights, and the grade where somebody said one.
 */
#include <stddef.h>
#include "lib/activity/activity.h"
#include "lib/training/session.h"

enum facts_result {
    FACTS_OK = 0,
    FACTS_E_OPEN = 1, /* it has not ended */
    FACTS_E_DATE,     /* no clock ever told when it was */
    FACTS_E_GONE,     /* discarded, or nothing but a recording of nobody */
};

struct facts_source { /* its records in order of time, the same at each call */
    void (*get)(const void *context, size_t i, struct record *ret);
    const void *context;
    size_t n;
};

struct facts {
    struct facts_source source;
    struct payload_session summary;
    double descent_m;
    enum terrain_source heights; /* of one source alone: those of two do not fit together */
    bool indoors;
    int64_t offset_usec;           /* wall = axis + offset */
    uint64_t begin_usec, end_usec; /* on the axis */
};

/* Writes *ret on FACTS_OK only; `scratch` is a session's room, for this call and the next. */
enum facts_result facts_of_records(struct facts *ret, const struct facts_source *source,
                                   struct session *scratch);
/* The same facts at each call. */
void facts_tell(const struct facts *facts, const struct activity_sink *sink,
                struct session *scratch);
