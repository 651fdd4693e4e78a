/* SPDX-License-Identifier: MIT */
/* The activities of a file: which part is being read, what its laps state, and their sum: what the
 * activity does. */
#include <math.h>
#include <string.h>
#include "lib/activity/tcx_private.h"
#include "lib/activity/xml_text.h"

void tcx_emit(struct tcx *tcx, struct activity_fact *fact)
{
    fact->part = tcx->part < 0 ? 0 : tcx->part;
    activity_emit(&tcx->sink, fact);
}

void tcx_emit_file(struct tcx *tcx, enum activity_kind kind)
{
    struct activity_fact fact = activity_fact(ACTIVITY_FILE, ACTIVITY_NO_TIME);

    fact.file.kind = kind;
    if (!tcx->file_told)
        tcx_emit(tcx, &fact);
    tcx->file_told = true;
}

void tcx_begin_activity(struct tcx *tcx, enum activity_sport sport)
{
    tcx_emit_file(tcx, ACTIVITY_KIND_ACTIVITY);
    tcx->place = TCX_ACTIVITY;
    tcx->part++;
    tcx->sport = sport;
    tcx->start_usec = tcx->last_usec = ACTIVITY_NO_TIME;
    tcx->any_sample = tcx->standing = false;
    tcx->sum = (struct tcx_sum){ .heart_rate_max_bpm = NAN };
}

/* Both only when every lap states it: that of one lap is none of the activity. */
static double total(const struct tcx_sum *sum, double of_laps)
{
    return sum->laps ? of_laps : NAN;
}

static double mean(double sum, double weight, double timer_s)
{
    return weight > 0 && weight >= timer_s ? sum / weight : NAN;
}

void tcx_finish_activity(struct tcx *tcx)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, tcx->start_usec);
    const struct tcx_sum *sum = &tcx->sum;

    fact.session.sport = tcx->sport;
    fact.session.timer_s = total(sum, sum->timer_s);
    fact.session.distance_m = total(sum, sum->distance_m);
    fact.session.steps = total(sum, sum->steps);
    fact.session.heart_rate_mean_bpm =
        mean(sum->heart_rate_s, sum->heart_rate_weight_s, sum->timer_s);
    fact.session.heart_rate_max_bpm = sum->heart_rate_max_bpm;
    fact.session.cycles_mean_per_min = mean(sum->cycles_s, sum->cycles_weight_s, sum->timer_s);
    activity_session_limit(&fact.session);
    tcx->place = TCX_OUTSIDE;
    tcx_emit(tcx, &fact);
}

void tcx_begin_lap(struct tcx *tcx, const char **attributes)
{
    const char *start = xml_attribute(attributes, "StartTime");

    tcx->place = TCX_LAP;
    tcx->lap = activity_fact(ACTIVITY_LAP, ACTIVITY_NO_TIME);
    tcx->lap.lap.start_usec = start ? xml_time_usec(start) : ACTIVITY_NO_TIME;
    if (tcx->start_usec == ACTIVITY_NO_TIME)
        tcx->start_usec = tcx->lap.lap.start_usec;
    tcx->lap_heart_rate_bpm = tcx->lap_heart_rate_max_bpm = NAN;
    tcx->lap_cycles_per_min = tcx->lap_steps = NAN;
    tcx->track_ended_in_lap = false;
    tcx->lap_point_usec = ACTIVITY_NO_TIME;
    tcx->n_gaps = 0;
}

static void weigh(double value, double weight, double *sum, double *weights)
{
    if (isnan(value) || !(weight > 0))
        return;
    *sum += value * weight;
    *weights += weight;
}

static void emit_pause(struct tcx *tcx, const struct tcx_gap *gap)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, gap->from_usec);

    tcx_emit(tcx, &fact);
    fact.t_usec = gap->until_usec;
    fact.running = true;
    tcx_emit(tcx, &fact);
}

/* What passed between the first point of the lap and its last, and its timer does not have, were
 * pauses; a lap that does not state its time had nothing but pauses. */
static void tell_pauses(struct tcx *tcx)
{
    double timer_s = tcx->lap.lap.timer_s, missing_s;

    if (tcx->n_gaps == 0)
        return;
    missing_s = (double)(tcx->last_usec - tcx->lap_point_usec) / 1e6 - timer_s;
    for (int i = 0; i < tcx->n_gaps; i++) {
        const struct tcx_gap *gap = &tcx->gaps[i];
        double gap_s = (double)(gap->until_usec - gap->from_usec) / 1e6;

        if (missing_s < gap_s / 2)
            continue;
        emit_pause(tcx, gap);
        missing_s -= gap_s;
    }
    tcx->n_gaps = 0;
}

void tcx_finish_lap(struct tcx *tcx)
{
    struct tcx_sum *sum = &tcx->sum;
    const struct activity_lap *lap = &tcx->lap.lap;

    tell_pauses(tcx);
    tcx->place = TCX_ACTIVITY;
    sum->laps++;
    sum->timer_s += lap->timer_s;
    sum->distance_m += lap->distance_m;
    sum->steps += tcx->lap_steps;
    sum->heart_rate_max_bpm = fmax(sum->heart_rate_max_bpm, tcx->lap_heart_rate_max_bpm);
    weigh(tcx->lap_heart_rate_bpm, lap->timer_s, &sum->heart_rate_s, &sum->heart_rate_weight_s);
    weigh(tcx->lap_cycles_per_min, lap->timer_s, &sum->cycles_s, &sum->cycles_weight_s);
    tcx->lap.t_usec = tcx->last_usec;
    activity_lap_limit(&tcx->lap.lap);
    tcx_emit(tcx, &tcx->lap);
}

static double positive(double value)
{
    return value > 0 ? value : NAN;
}

void tcx_take_lap_value(struct tcx *tcx, const char *name, const char *text)
{
    double number = xml_number(text);

    if (strcmp(name, "TotalTimeSeconds") == 0 && number >= 0)
        tcx->lap.lap.timer_s = number;
    else if (strcmp(name, "DistanceMeters") == 0 && number >= 0)
        tcx->lap.lap.distance_m = number;
    else if (strcmp(name, "Value") == 0 && tcx->in_mean_heart_rate)
        tcx->lap_heart_rate_bpm = positive(number);
    else if (strcmp(name, "Value") == 0 && tcx->in_max_heart_rate)
        tcx->lap_heart_rate_max_bpm = positive(number);
    else if (strcmp(name, "Cadence") == 0 || strcmp(name, "AvgRunCadence") == 0)
        tcx->lap_cycles_per_min = number;
    else if (strcmp(name, "Steps") == 0)
        tcx->lap_steps = number;
    else if (strcmp(name, "AverageHeartRateBpm") == 0)
        tcx->in_mean_heart_rate = false;
    else if (strcmp(name, "MaximumHeartRateBpm") == 0)
        tcx->in_max_heart_rate = false;
}
