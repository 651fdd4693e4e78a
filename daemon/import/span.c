/* SPDX-License-Identifier: MIT */
#include "daemon/import/span.h"

#include <math.h>
#include <string.h>
#include "lib/activity/fit_write.h"
#include "lib/training/outing.h"

/* Sensors of ours tell of themselves once a second; a FIT file of ours is no better than its original. */
static uint64_t samples_of(const struct store_session *row)
{
    if (row->file[0] || isnan(row->session.moving_s))
        return strcmp(row->device, FIT_WRITE_DEVICE) == 0 ? 0 : (uint64_t)row->samples;
    return (uint64_t)row->session.moving_s;
}

static int64_t end_of(const struct payload_session *s)
{
    double elapsed_s = (double)(s->end_usec - s->start_usec) / 1e6;
    double longest_s = outing_elapsed_s(elapsed_s, s->moving_s);

    return longest_s < elapsed_s ? s->start_usec + (int64_t)(longest_s * 1e6) : s->end_usec;
}

/* Satellites know no descent, and what was configured nobody measured. */
static bool is_measured(const char *grade)
{
    return grade[0] && strcmp(grade, "gps") != 0 && strcmp(grade, "configured") != 0;
}

void span_describe(struct span *span, const struct store_session *row)
{
    const struct payload_session *s = &row->session;
    uint64_t n = samples_of(row);

    span->start_usec = s->start_usec;
    span->end_usec = end_of(s);
    span->on_foot = s->kind == SESSION_RUN || s->kind == SESSION_WALK;
    span->distance = s->distance_m > 0;
    span->grade = row->file[0] ? row->barometric : is_measured(s->hills.source);
    span->heart_rate = s->heart_rate_mean_bpm > 0;
    span->cadence = s->cadence_mean_spm > 0;
    span->drop = s->hills.drop_m >= 0;
    span->n_samples = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

struct duplicate_session span_as_duplicate(const struct span *span, const char *id)
{
    return (struct duplicate_session){
        .id = id,
        .start_usec = span->start_usec,
        .end_usec = span->end_usec,
        .on_foot = span->on_foot,
        .distance = span->distance,
        .grade = span->grade,
        .heart_rate = span->heart_rate,
        .cadence = span->cadence,
        .drop = span->drop,
        .n_samples = span->n_samples,
    };
}
