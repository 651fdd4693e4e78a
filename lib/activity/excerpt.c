/* SPDX-License-Identifier: MIT */
#include "lib/activity/excerpt.h"

#include <math.h>

#define SUB_SPORT_BELT    1 /* FIT's number for a treadmill */
#define SUB_SPORT_GENERIC 0

bool excerpt_find(struct excerpt *ret, const struct outline *outline, const struct report *report,
                  int64_t start_usec)
{
    *ret = (struct excerpt){ .outline = outline, .session = -1 };
    for (int i = 0; i < outline->n_sessions && ret->session < 0; i++)
        if (outline->sessions[i].start_usec == start_usec)
            ret->session = i;
    for (uint32_t i = 0; i < report->n_sessions && !ret->report; i++)
        if (report->sessions[i].start_usec == start_usec)
            ret->report = &report->sessions[i];
    return ret->session >= 0 && ret->report;
}

static const struct outline_session *planned_of(const struct excerpt *excerpt)
{
    return &excerpt->outline->sessions[excerpt->session];
}

/* ---- the timer ------------------------------------------------------------------------------- */

static void tell_timer(struct excerpt *excerpt, bool running, int64_t t_usec)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, t_usec);

    fact.running = running;
    activity_emit(&excerpt->to, &fact);
}

/* Those of its pauses that begin or end up to a moment, and not before the session did. */
static void tell_pauses(struct excerpt *excerpt, int64_t until_usec)
{
    const struct outline_session *planned = planned_of(excerpt);

    while (excerpt->n_pauses < excerpt->outline->n_pauses) {
        const struct outline_pause *pause = &excerpt->outline->pauses[excerpt->n_pauses];
        bool its_own = pause->part == planned->part && pause->until_usec > planned->start_usec &&
                       pause->until_usec < excerpt->report->end_usec;

        if (its_own && pause->from_usec > until_usec)
            return;
        if (its_own && !excerpt->paused)
            tell_timer(excerpt, false,
                       pause->from_usec > planned->start_usec ? pause->from_usec
                                                              : planned->start_usec);
        excerpt->paused = its_own;
        if (its_own && pause->until_usec > until_usec)
            return;
        if (its_own)
            tell_timer(excerpt, true, pause->until_usec);
        excerpt->paused = false;
        excerpt->n_pauses++;
    }
}

/* ---- what stands in the file ------------------------------------------------------------------ */

/* FIT's are those of one foot, or of a crank. */
static double cycles_of(const struct excerpt *excerpt, double cycles_per_min)
{
    enum activity_class class = activity_class_of(planned_of(excerpt)->stated.sport);
    double steps_per_cycle = excerpt->outline->steps_per_cycle;

    return class == ACTIVITY_CLASS_OTHER ? cycles_per_min : cycles_per_min * steps_per_cycle / 2;
}

/* A part counts from 0 and may hold other sessions: theirs is none of it. */
static double covered_m(struct excerpt *excerpt, const struct activity_fact *fact)
{
    if (fact->part != excerpt->part)
        excerpt->farthest_m = 0;
    excerpt->part = fact->part;
    if (isnan(fact->sample.distance_m))
        return NAN;
    return totals_covered_m(excerpt->farthest_m, fact->sample.distance_m, &excerpt->farthest_m);
}

static void hear_sample(struct excerpt *excerpt, const struct activity_fact *fact)
{
    int session = outline_session_at(excerpt->outline, fact->part, fact->t_usec);
    struct activity_fact own = *fact;
    double metres;

    if (!outline_believes(excerpt->outline, fact) ||
        (session == excerpt->session && fact->t_usec < excerpt->last_usec))
        return;
    metres = covered_m(excerpt, fact);
    if (session != excerpt->session)
        return;
    tell_pauses(excerpt, fact->t_usec);
    if (!isnan(metres))
        excerpt->distance_m += metres;
    own.sample.distance_m = isnan(metres) ? NAN : excerpt->distance_m;
    own.sample.cycles_per_min = cycles_of(excerpt, fact->sample.cycles_per_min);
    excerpt->last_usec = fact->t_usec;
    activity_emit(&excerpt->to, &own);
}

static void hear_lap(struct excerpt *excerpt, const struct activity_fact *fact)
{
    const struct outline_session *planned = planned_of(excerpt);
    int64_t start_usec = fact->lap.start_usec;

    if (fact->part != planned->part || !outline_dated(excerpt->outline, fact->t_usec) ||
        start_usec == ACTIVITY_NO_TIME || start_usec < planned->from_usec ||
        start_usec >= planned->until_usec)
        return;
    excerpt->n_laps++;
    activity_emit(&excerpt->to, fact);
}

static void hear(void *context, const struct activity_fact *fact)
{
    if (fact->type == ACTIVITY_SAMPLE)
        hear_sample(context, fact);
    else if (fact->type == ACTIVITY_LAP)
        hear_lap(context, fact);
}

struct activity_sink excerpt_sink(struct excerpt *excerpt)
{
    return (struct activity_sink){ hear, excerpt };
}

/* ---- its begin and its end ---------------------------------------------------------------------- */

void excerpt_begin(struct excerpt *excerpt, struct activity_sink to)
{
    int64_t start_usec = planned_of(excerpt)->start_usec;
    struct activity_fact device = activity_fact(ACTIVITY_DEVICE, start_usec);

    excerpt->to = to;
    excerpt->part = -1;
    excerpt->farthest_m = excerpt->distance_m = 0;
    excerpt->last_usec = INT64_MIN;
    excerpt->n_pauses = 0;
    excerpt->n_laps = 0;
    excerpt->paused = false;
    device.device.barometer = excerpt->outline->barometer;
    device.device.route = excerpt->outline->route;
    activity_emit(&to, &device);
    tell_timer(excerpt, true, start_usec);
}

/* A file that has none: all of it is one. */
static void tell_lap(const struct excerpt *excerpt)
{
    const struct activity_session *stated = &planned_of(excerpt)->stated;
    const struct report_session *report = excerpt->report;
    struct activity_fact fact = activity_fact(ACTIVITY_LAP, report->end_usec);

    fact.lap.start_usec = report->start_usec;
    fact.lap.elapsed_s = report->elapsed_s;
    fact.lap.timer_s = report->moving_s;
    fact.lap.distance_m = report->distance_m;
    fact.lap.ascent_m = report->hills.ascent_m;
    fact.lap.descent_m = stated->descent_m;
    activity_emit(&excerpt->to, &fact);
}

static void tell_session(const struct excerpt *excerpt)
{
    const struct activity_session *stated = &planned_of(excerpt)->stated;
    const struct report_session *report = excerpt->report;
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, report->start_usec);
    struct activity_session *session = &fact.session;

    session->sport = stated->sport;
    session->indoors = stated->indoors;
    session->sub_sport = stated->sub_sport;
    if (session->sub_sport < 0)
        session->sub_sport = stated->indoors ? SUB_SPORT_BELT : SUB_SPORT_GENERIC;
    session->elapsed_s = report->elapsed_s;
    session->timer_s = report->moving_s;
    session->distance_m = report->distance_m;
    session->heart_rate_mean_bpm = report->heart_rate_mean_bpm;
    session->heart_rate_max_bpm = report->heart_rate_max_bpm;
    session->cycles_mean_per_min = report->cadence_mean_spm / 2;
    session->cycles = report->steps / 2;
    session->ascent_m = report->hills.ascent_m;
    session->descent_m = stated->descent_m;
    activity_emit(&excerpt->to, &fact);
}

void excerpt_finish(struct excerpt *excerpt)
{
    tell_pauses(excerpt, INT64_MAX);
    tell_timer(excerpt, false, excerpt->report->end_usec);
    if (excerpt->n_laps == 0)
        tell_lap(excerpt);
    tell_session(excerpt);
}
