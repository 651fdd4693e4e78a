/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the heart did in each session of a file: its samples through lib/metrics/heart_load, so that the
 * loads mean what those of a live session mean. A sink, best together with totals.h.
 *
 * Time is what the timer ran: in a pause nothing is summed and nothing is missing. A strap that was read
 * out afterwards tells beside the samples; of the two the one that knows more of the time is taken.
 */
#include "lib/activity/outline.h"
#include "lib/metrics/heart_load.h"

struct exertion_runner { /* 0 = not given */
    enum conf_sex sex;
    int max_bpm, rest_bpm, birth_year;
};

struct exertion_stream {
    struct heart_load load;
    double bpm;         /* of the point before; NAN: it had none */
    int64_t t_usec;     /* of the point before; ACTIVITY_NO_TIME: there is none */
    uint64_t axis_usec; /* how long the timer had run then */
};

struct exertion {
    const struct outline *outline; /* borrowed, finished */
    struct exertion_session {
        struct exertion_stream samples, strap;
    } sessions[ACTIVITY_PARTS_MAX]; /* as the outline's */
};

void exertion_init(struct exertion *exertion, const struct outline *outline,
                   const struct exertion_runner *runner);
struct activity_sink exertion_sink(struct exertion *exertion);
/* All facts of a session were heard. */
const struct heart_load *exertion_load(const struct exertion *exertion, int session);
