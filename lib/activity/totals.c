/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lib/activity/totals.h"

#define BEAT_GAP_S  10 /* no heart is so slow: the strap was off */
#define SHARED_USEC INT64_C(300000000)
#define TAIL_USEC   INT64_C(60000000)
#define LATE_MAX    3   /* and a hundredth part */
#define RESTART_M   100 /* two recorders in one file may be as far apart */

void totals_init(struct totals *totals, const struct outline *outline)
{
    memset(totals, 0, sizeof(*totals));
    totals->outline = outline;
    for (int i = 0; i < ACTIVITY_PARTS_MAX; i++) {
        struct totals_session *session = &totals->sessions[i];
        session->first_usec = session->last_usec = session->beat_usec = ACTIVITY_NO_TIME;
        session->distance_m = NAN;
        session->heart_rate_bpm.last = session->cycles_per_min.last = NAN;
        session->strap_bpm.last = NAN;
    }
}

/* ---- sums ------------------------------------------------------------------------------------ */

static void mean_add(struct totals_mean *mean, double value, double held, double seconds)
{
    if (!isnan(value)) {
        mean->sum += value;
        mean->n++;
        mean->max = fmax(mean->max, value);
    }
    if (!isnan(held) && seconds > 0) {
        mean->sum_s += held * seconds;
        mean->weight_s += seconds;
    }
    mean->last = value;
}

/* A heart drifts from one value to the next: between two samples that both have one lies their mean. */
static double drifted(const struct totals_mean *mean, double value)
{
    return (value + mean->last) / 2;
}

static void heart_add(struct totals_mean *mean, double value, double seconds)
{
    mean_add(mean, value, drifted(mean, value), seconds);
}

/* The cadence of a point is that of the steps that led to it. Arms drift as a heart does: in open
 * water there is a point a minute. A cadence is one of moving: who stands where the point before was,
 * with the timer running, has none. */
static void cycles_add(struct totals_session *session, const struct outline_session *planned,
                       double value, double metres, double seconds)
{
    enum activity_sport sport = planned->stated.sport;
    struct totals_mean *mean = &session->cycles_per_min;
    bool stood = activity_class_of(sport) != ACTIVITY_CLASS_OTHER && value == 0 && metres == 0;
    double held = sport == ACTIVITY_SPORT_SWIMMING ? drifted(mean, value) : value;

    mean_add(mean, value, stood ? NAN : held, seconds);
    if (stood)
        session->stood_s += seconds;
}

double totals_covered_m(double before_m, double written_m, double *ret_farthest_m)
{
    if (written_m < before_m / 2 && before_m - written_m > RESTART_M) {
        *ret_farthest_m = written_m;
        return written_m;
    }
    *ret_farthest_m = fmax(before_m, written_m);
    return *ret_farthest_m - before_m;
}

static void add_distance(struct totals_session *session, double metres)
{
    session->distance_m = (isnan(session->distance_m) ? 0 : session->distance_m) + metres;
}

static double running_s(const struct totals *totals, int part, int64_t from_usec,
                        int64_t until_usec)
{
    return (double)outline_running_usec(totals->outline, part, from_usec, until_usec) / 1e6;
}

/* ---- samples --------------------------------------------------------------------------------- */

/* The way between two samples of two sessions lies partly in each: by the time in each. Sessions
 * with a night between them share nothing. */
static void split(struct totals *totals, struct totals_session *session, int64_t border_usec,
                  const struct activity_fact *fact, double *metres)
{
    struct totals_session *before = totals->previous;
    double first_s = running_s(totals, fact->part, before->last_usec, border_usec);
    double second_s = running_s(totals, fact->part, border_usec, fact->t_usec);
    double share = first_s + second_s > 0 ? first_s / (first_s + second_s) : 0;

    before->timer_s += first_s;
    session->timer_s += second_s;
    if (!isnan(*metres)) {
        add_distance(before, *metres * share);
        *metres -= *metres * share;
    }
}

static void begin_session(struct totals *totals, struct totals_session *session,
                          const struct outline_session *planned, const struct activity_fact *fact,
                          double *metres)
{
    session->first_usec = session->last_usec = fact->t_usec;
    if (totals->previous && totals->previous_part == fact->part &&
        planned->from_usec > totals->previous->last_usec &&
        fact->t_usec - totals->previous->last_usec <= SHARED_USEC)
        split(totals, session, planned->from_usec, fact, metres);
}

/* A part counts its distance from 0; a session of a FIT file from where the one before ended, or
 * from 0 as well. */
static double distance_since(struct totals *totals, const struct activity_fact *fact)
{
    if (fact->part != totals->previous_part)
        totals->farthest_m = 0;
    if (isnan(fact->sample.distance_m))
        return NAN;
    return totals_covered_m(totals->farthest_m, fact->sample.distance_m, &totals->farthest_m);
}

/* On the way from the bicycle to the run watches leave the zeros out, on the way to it they do not. */
static bool on_crank(const struct totals *totals, int i)
{
    const struct outline_session *planned = &totals->outline->sessions[i];

    if (planned->stated.sport == ACTIVITY_SPORT_TRANSITION && i > 0)
        planned--;
    return planned->stated.sport == ACTIVITY_SPORT_CYCLING;
}

/* Who rolls does not pedal slowly: a standing crank is no cadence. */
static double counted_cycles(const struct totals *totals, int i, double cycles_per_min)
{
    return cycles_per_min > 0 || !on_crank(totals, i) ? cycles_per_min : NAN;
}

/* A point that does not say when it was still lies on the way. */
static void add_timeless(struct totals *totals, const struct activity_fact *fact)
{
    double metres;

    if (!totals->previous || totals->previous_part != fact->part)
        return;
    metres = distance_since(totals, fact);
    if (!isnan(metres))
        add_distance(totals->previous, metres);
}

static void add_sample(struct totals *totals, const struct activity_fact *fact)
{
    int i = outline_session_at(totals->outline, fact->part, fact->t_usec);
    const struct outline_session *planned = &totals->outline->sessions[i < 0 ? 0 : i];
    struct totals_session *session = &totals->sessions[i < 0 ? 0 : i];
    double seconds, metres;

    if (fact->t_usec == ACTIVITY_NO_TIME)
        add_timeless(totals, fact);
    if (i < 0 || !outline_believes(totals->outline, fact))
        return;
    if (session->last_usec != ACTIVITY_NO_TIME && fact->t_usec < session->last_usec) {
        totals->n_late++;
        return;
    }
    metres = distance_since(totals, fact);
    if (session->first_usec == ACTIVITY_NO_TIME)
        begin_session(totals, session, planned, fact, &metres);
    seconds = running_s(totals, fact->part, session->last_usec, fact->t_usec);
    session->timer_s += seconds;
    session->last_usec = fact->t_usec;
    session->n_samples++;
    if (!isnan(metres))
        add_distance(session, metres);
    heart_add(&session->heart_rate_bpm, fact->sample.heart_rate_bpm, seconds);
    cycles_add(session, planned, counted_cycles(totals, i, fact->sample.cycles_per_min), metres,
               seconds);
    totals->previous = session;
    totals->previous_part = fact->part;
}

/* A strap is worn before the start and after the end. */
static void add_beat(struct totals *totals, const struct activity_fact *fact)
{
    int i = outline_session_at(totals->outline, fact->part, fact->t_usec);
    struct totals_session *session = &totals->sessions[i < 0 ? 0 : i];
    double seconds = 0;

    if (i < 0 || fact->t_usec < totals->outline->sessions[i].start_usec ||
        session->last_usec == ACTIVITY_NO_TIME || fact->t_usec > session->last_usec)
        return;
    if (session->beat_usec != ACTIVITY_NO_TIME && fact->t_usec > session->beat_usec)
        seconds = running_s(totals, fact->part, session->beat_usec, fact->t_usec);
    session->beat_usec = fact->t_usec;
    heart_add(&session->strap_bpm, fact->heart_rate_bpm, seconds < BEAT_GAP_S ? seconds : 0);
}

static void hear(void *context, const struct activity_fact *fact)
{
    if (fact->type == ACTIVITY_SAMPLE)
        add_sample(context, fact);
    else if (fact->type == ACTIVITY_HEART)
        add_beat(context, fact);
}

struct activity_sink totals_sink(struct totals *totals)
{
    return (struct activity_sink){ hear, totals };
}

/* The timer runs on behind the last sample, until the watch is told to stop; not for long, or the
 * stop is that of a watch that was forgotten. */
void totals_finish(struct totals *totals)
{
    for (int i = 0; i < totals->outline->n_sessions; i++) {
        const struct outline_session *planned = &totals->outline->sessions[i];
        struct totals_session *session = &totals->sessions[i];
        int64_t stop_usec = outline_last_stop_usec(totals->outline, planned->part);
        if (session->n_samples > 0 && planned->until_usec == INT64_MAX &&
            stop_usec > session->last_usec && stop_usec - session->last_usec <= TAIL_USEC)
            session->timer_s += running_s(totals, planned->part, session->last_usec, stop_usec);
    }
}

bool totals_are_gappy(const struct totals *totals)
{
    return totals->n_late > LATE_MAX && totals->n_late * 100 > totals->outline->n_dated;
}

/* ---- results --------------------------------------------------------------------------------- */

double totals_mean_over_time(const struct totals_mean *mean)
{
    return mean->weight_s > 0 ? mean->sum_s / mean->weight_s : totals_mean_over_points(mean);
}

double totals_mean_over_points(const struct totals_mean *mean)
{
    return mean->n > 0 ? mean->sum / (double)mean->n : NAN;
}

double totals_heart_rate_bpm(const struct totals_session *session)
{
    bool strap = session->strap_bpm.weight_s > session->heart_rate_bpm.weight_s;

    return totals_mean_over_time(strap ? &session->strap_bpm : &session->heart_rate_bpm);
}

double totals_cadence_spm(const struct totals *totals, int session)
{
    enum activity_class class = activity_class_of(totals->outline->sessions[session].stated.sport);

    if (class == ACTIVITY_CLASS_OTHER)
        return NAN;
    return totals->outline->steps_per_cycle *
           totals_mean_over_time(&totals->sessions[session].cycles_per_min);
}

double totals_stepping_s(const struct totals_session *session, double timer_s)
{
    double covered_s = session->cycles_per_min.weight_s + session->stood_s;

    return covered_s > 0 ? timer_s * session->cycles_per_min.weight_s / covered_s : timer_s;
}
