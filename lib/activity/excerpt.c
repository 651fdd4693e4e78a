/* SPDX-License-Identifier: MIT */
#include "lib/activity/excerpt.h"

#include <math.h>
#include <string.h>

/* FIT's numbers of what is indoors */
enum { SUB_SPORT_TREADMILL = 1, SUB_SPORT_INDOOR_CYCLING = 6, SUB_SPORT_INDOOR_WALKING = 27 };

/* ---- which ----------------------------------------------------------------------------------- */

int excerpt_find(const struct outline *outline, int64_t start_usec, int place)
{
    int found = -1, at_place = -1, n_found = 0, n_dated = 0;

    for (int i = 0; i < outline->n_sessions; i++) {
        if (!outline_dated(outline, outline->sessions[i].start_usec))
            continue;
        if (outline->sessions[i].start_usec == start_usec) {
            n_found++;
            found = i;
            if (n_dated == place)
                at_place = i;
        }
        n_dated++;
    }
    return n_found > 1 ? at_place : found;
}

void excerpt_init(struct excerpt *excerpt, const struct outline *outline, int session,
                  bool barometric, const struct activity_sink *sink)
{
    memset(excerpt, 0, sizeof(*excerpt));
    excerpt->outline = outline;
    excerpt->session = session;
    excerpt->barometric = barometric || outline->barometer;
    excerpt->sink = *sink;
    totals_init(&excerpt->totals, outline);
}

static const struct outline_session *planned_of(const struct excerpt *excerpt)
{
    return &excerpt->outline->sessions[excerpt->session];
}

static const struct totals_session *counted_of(const struct excerpt *excerpt)
{
    return &excerpt->totals.sessions[excerpt->session];
}

/* ---- the timer ------------------------------------------------------------------------------- */

static void tell_timer(struct excerpt *excerpt, int64_t t_usec, bool running)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, t_usec);

    fact.running = running;
    excerpt->running = running;
    activity_emit(&excerpt->sink, &fact);
}

/* The next pause of this session that lasts; NULL: none. */
static const struct outline_pause *next_pause(struct excerpt *excerpt)
{
    const struct outline *outline = excerpt->outline;
    const struct outline_session *planned = planned_of(excerpt);

    for (; excerpt->pause < outline->n_pauses; excerpt->pause++) {
        const struct outline_pause *pause = &outline->pauses[excerpt->pause];

        if (pause->part == planned->part && pause->until_usec > pause->from_usec &&
            pause->until_usec > planned->from_usec)
            return pause->from_usec < planned->until_usec ? pause : NULL;
    }
    return NULL;
}

/* What became of it until a moment. Who stopped it did so behind the sample of that moment. */
static void tell_pauses(struct excerpt *excerpt, int64_t t_usec)
{
    for (const struct outline_pause *pause; (pause = next_pause(excerpt));) {
        if (excerpt->running && pause->from_usec < t_usec)
            tell_timer(excerpt, pause->from_usec, false);
        else if (!excerpt->running && pause->until_usec <= t_usec) {
            tell_timer(excerpt, pause->until_usec, true);
            excerpt->pause++;
        } else {
            return;
        }
    }
}

/* Recorders round: the first sample may be before the start. A session of several in one part may begin
 * in a pause. */
static void begin(struct excerpt *excerpt, int64_t first_usec)
{
    int64_t start_usec = planned_of(excerpt)->start_usec;
    const struct outline_pause *pause;

    if (excerpt->begun)
        return;
    excerpt->begun = true;
    if (first_usec < start_usec)
        start_usec = first_usec;
    while ((pause = next_pause(excerpt)) && pause->until_usec <= start_usec)
        excerpt->pause++;
    if (!pause || pause->from_usec >= start_usec)
        tell_timer(excerpt, start_usec, true);
}

/* ---- samples --------------------------------------------------------------------------------- */

/* Whence the heights are, where that says that they are good. */
static void tell_source(struct excerpt *excerpt, const struct activity_fact *sample)
{
    struct activity_fact fact = activity_fact(ACTIVITY_DEVICE, sample->t_usec);

    if (excerpt->source_told || isnan(sample->sample.altitude_m))
        return;
    excerpt->source_told = true;
    fact.device.barometer = excerpt->barometric;
    fact.device.route = excerpt->outline->route;
    if (fact.device.barometer || fact.device.route)
        activity_emit(&excerpt->sink, &fact);
}

static bool counts_steps(const struct excerpt *excerpt)
{
    return excerpt->outline->steps_per_cycle == 1 &&
           activity_class_of(planned_of(excerpt)->stated.sport) != ACTIVITY_CLASS_OTHER;
}

static void take_sample(struct excerpt *excerpt, const struct activity_fact *sample)
{
    struct activity_fact fact = *sample;

    begin(excerpt, fact.t_usec);
    tell_pauses(excerpt, fact.t_usec);
    tell_source(excerpt, sample);
    fact.part = 0;
    if (!isnan(fact.sample.distance_m))
        fact.sample.distance_m = counted_of(excerpt)->distance_m;
    if (counts_steps(excerpt))
        fact.sample.cycles_per_min /= 2;
    activity_emit(&excerpt->sink, &fact);
}

/* ---- laps and the session -------------------------------------------------------------------- */

/* How long it took is told of no lap of a TCX file; but when. */
static void take_lap(struct excerpt *excerpt, const struct activity_fact *lap)
{
    struct activity_fact fact = *lap;

    if (!outline_dated(excerpt->outline, fact.t_usec) ||
        outline_session_at(excerpt->outline, fact.part, fact.t_usec) != excerpt->session)
        return;
    if (isnan(fact.lap.elapsed_s) && outline_dated(excerpt->outline, fact.lap.start_usec) &&
        fact.lap.start_usec <= fact.t_usec)
        fact.lap.elapsed_s =
            fmax((double)(fact.t_usec - fact.lap.start_usec) / 1e6, fact.lap.timer_s);
    fact.part = 0;
    excerpt->n_laps++;
    activity_emit(&excerpt->sink, &fact);
}

static void hear(void *context, const struct activity_fact *fact)
{
    struct excerpt *excerpt = context;
    struct activity_sink totals = totals_sink(&excerpt->totals);
    uint64_t n_samples = counted_of(excerpt)->n_samples;

    activity_emit(&totals, fact);
    if (counted_of(excerpt)->n_samples > n_samples)
        take_sample(excerpt, fact);
    else if (fact->type == ACTIVITY_LAP)
        take_lap(excerpt, fact);
}

struct activity_sink excerpt_sink(struct excerpt *excerpt)
{
    return (struct activity_sink){ hear, excerpt };
}

static int sub_sport_of(const struct activity_session *stated)
{
    if (stated->sub_sport >= 0 || !stated->indoors)
        return stated->sub_sport;
    switch (stated->sport) {
    case ACTIVITY_SPORT_RUNNING:
        return SUB_SPORT_TREADMILL;
    case ACTIVITY_SPORT_CYCLING:
        return SUB_SPORT_INDOOR_CYCLING;
    case ACTIVITY_SPORT_WALKING:
    case ACTIVITY_SPORT_HIKING:
        return SUB_SPORT_INDOOR_WALKING;
    case ACTIVITY_SPORT_UNKNOWN:
    case ACTIVITY_SPORT_SWIMMING:
    case ACTIVITY_SPORT_TRANSITION:
    case ACTIVITY_SPORT_OTHER:
        break;
    }
    return -1;
}

/* Strides of a foot where there are feet, else what turned, as stated or counted. */
static void set_cycles(struct activity_session *ret, const struct excerpt *excerpt,
                       const struct outcome *outcome)
{
    if (activity_class_of(ret->sport) != ACTIVITY_CLASS_OTHER) {
        ret->cycles_mean_per_min = outcome->cadence_mean_spm / 2;
        ret->cycles = outcome->steps / 2;
    } else if (!(ret->cycles_mean_per_min > 0)) {
        ret->cycles_mean_per_min = totals_mean_over_time(&counted_of(excerpt)->cycles_per_min);
    }
}

static void tell_session(struct excerpt *excerpt, const struct outcome *outcome)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, planned_of(excerpt)->start_usec);
    struct activity_session *session = &fact.session;

    *session = planned_of(excerpt)->stated;
    set_cycles(session, excerpt, outcome);
    session->steps = NAN; /* they are its cycles */
    session->sub_sport = sub_sport_of(session);
    session->elapsed_s = outcome->elapsed_s;
    session->timer_s = outcome->moving_s;
    session->distance_m = outcome->distance_m;
    session->heart_rate_mean_bpm = outcome->heart_rate_mean_bpm;
    session->heart_rate_max_bpm = outcome->heart_rate_max_bpm;
    activity_emit(&excerpt->sink, &fact);
}

static void tell_whole_lap(struct excerpt *excerpt, int64_t end_usec, const struct outcome *outcome)
{
    struct activity_fact fact = activity_fact(ACTIVITY_LAP, end_usec);
    const struct outline_session *planned = planned_of(excerpt);

    fact.lap.start_usec = planned->start_usec;
    fact.lap.elapsed_s = outcome->elapsed_s;
    fact.lap.timer_s = outcome->moving_s;
    fact.lap.distance_m = outcome->distance_m;
    fact.lap.ascent_m = planned->stated.ascent_m;
    fact.lap.descent_m = planned->stated.descent_m;
    if (excerpt->n_laps == 0)
        activity_emit(&excerpt->sink, &fact);
}

void excerpt_finish(struct excerpt *excerpt)
{
    int64_t start_usec = planned_of(excerpt)->start_usec, end_usec;
    struct outcome outcome;

    totals_finish(&excerpt->totals);
    outcome_of(&excerpt->totals, excerpt->session, &outcome);
    end_usec = counted_of(excerpt)->n_samples > 0 ? counted_of(excerpt)->last_usec
                                                  : start_usec + (int64_t)(outcome.elapsed_s * 1e6);
    if (end_usec == start_usec && counted_of(excerpt)->n_samples == 0)
        outcome.elapsed_s = NAN; /* nobody says */
    begin(excerpt, start_usec);
    tell_pauses(excerpt, end_usec);
    if (excerpt->running)
        tell_timer(excerpt, end_usec, false);
    tell_whole_lap(excerpt, end_usec, &outcome);
    tell_session(excerpt, &outcome);
}
