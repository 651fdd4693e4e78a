/* SPDX-License-Identifier: MIT */
/*
 * A strap is heard each second, and its silence is a gap; a recorder writes a point when something has
 * changed, and the 10 s between two of its points are none. So where two points that both know the heart
 * lie further apart than a rate may hold, but not too far, the straight line between them is told each
 * second. Closer points are told as they are, exactly as live ones.
 */
#include "lib/activity/exertion.h"

#include <math.h>
#include <string.h>

#define THINNED_USEC UINT64_C(30000000) /* no recorder is seen to leave out more while it hears */
#define STEP_USEC    UINT64_C(1000000)

static void init_stream(struct exertion_stream *stream, const struct heart_profile *profile)
{
    heart_load_init(&stream->load, profile);
    stream->bpm = NAN;
    stream->t_usec = ACTIVITY_NO_TIME;
}

void exertion_init(struct exertion *exertion, const struct outline *outline,
                   const struct exertion_runner *runner)
{
    struct heart_profile profile = { .sex = runner->sex,
                                     .max_bpm = runner->max_bpm,
                                     .rest_bpm = runner->rest_bpm };

    memset(exertion, 0, sizeof(*exertion));
    exertion->outline = outline;
    for (int i = 0; i < ACTIVITY_PARTS_MAX; i++) {
        int64_t start_usec = i < outline->n_sessions ? outline->sessions[i].start_usec : 0;
        profile.age_years = outline_dated(outline, start_usec)
                                ? heart_age_years(runner->birth_year, start_usec)
                                : 0;
        init_stream(&exertion->sessions[i].samples, &profile);
        init_stream(&exertion->sessions[i].strap, &profile);
    }
}

/* NAN: none that a heart can have; no line is drawn to it. */
static double known_bpm(double bpm)
{
    return bpm >= HEART_MIN_BPM && bpm <= HEART_MAX_BPM ? bpm : NAN;
}

static void fill(struct exertion_stream *stream, double bpm, uint64_t passed_usec)
{
    if (isnan(stream->bpm) || isnan(bpm) || passed_usec <= HEART_HOLD_USEC ||
        passed_usec > THINNED_USEC)
        return;
    for (uint64_t at = STEP_USEC; at < passed_usec; at += STEP_USEC) {
        double share = (double)at / (double)passed_usec;
        heart_load_feed(&stream->load, stream->bpm + share * (bpm - stream->bpm),
                        stream->axis_usec + at);
    }
}

static void feed(const struct exertion *exertion, struct exertion_stream *stream,
                 const struct activity_fact *fact, double written_bpm)
{
    double bpm = known_bpm(written_bpm);
    uint64_t passed_usec = 0;

    if (stream->t_usec != ACTIVITY_NO_TIME && fact->t_usec < stream->t_usec)
        return;
    if (stream->t_usec != ACTIVITY_NO_TIME)
        passed_usec = (uint64_t)outline_running_usec(exertion->outline, fact->part, stream->t_usec,
                                                     fact->t_usec);
    fill(stream, bpm, passed_usec);
    stream->axis_usec += passed_usec;
    stream->t_usec = fact->t_usec;
    stream->bpm = bpm;
    heart_load_feed(&stream->load, bpm, stream->axis_usec);
}

static void hear(void *context, const struct activity_fact *fact)
{
    struct exertion *exertion = context;
    bool sample = fact->type == ACTIVITY_SAMPLE;
    struct exertion_session *session;
    int i;

    if ((!sample && fact->type != ACTIVITY_HEART) ||
        !outline_dated(exertion->outline, fact->t_usec) ||
        (sample && !outline_believes(exertion->outline, fact)))
        return;
    i = outline_session_at(exertion->outline, fact->part, fact->t_usec);
    if (i < 0)
        return;
    session = &exertion->sessions[i];
    if (sample)
        feed(exertion, &session->samples, fact, fact->sample.heart_rate_bpm);
    else if (fact->t_usec >= exertion->outline->sessions[i].start_usec &&
             fact->t_usec <= session->samples.t_usec) /* it is worn before the start and after */
        feed(exertion, &session->strap, fact, fact->heart_rate_bpm);
}

struct activity_sink exertion_sink(struct exertion *exertion)
{
    return (struct activity_sink){ hear, exertion };
}

const struct heart_load *exertion_load(const struct exertion *exertion, int session)
{
    const struct exertion_session *s = &exertion->sessions[session];

    return s->strap.load.known_s > s->samples.load.known_s ? &s->strap.load : &s->samples.load;
}
