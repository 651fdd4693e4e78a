/* SPDX-License-Identifier: MIT */
#include "lib/activity/outcome.h"

#include <math.h>

static double first_known(double stated, double recorded)
{
    return stated > 0 ? stated : recorded;
}

double outcome_limited(double value, double max)
{
    return value >= 0 && value <= max ? value : NAN;
}

static double elapsed_s(const struct outline_session *planned, const struct totals_session *counted,
                        double moving_s)
{
    double elapsed = planned->stated.elapsed_s;

    if (!(elapsed > 0) && counted->n_samples > 0)
        elapsed = (double)(counted->last_usec - planned->start_usec) / 1e6;
    elapsed = outcome_limited(elapsed, OUTCOME_SECONDS_MAX);
    if (isnan(elapsed) || elapsed < moving_s)
        elapsed = moving_s;
    return isnan(elapsed) ? 0 : elapsed;
}

static void set_feet(struct outcome *ret, const struct totals *totals, int i)
{
    const struct outline *outline = totals->outline;
    const struct activity_session *stated = &outline->sessions[i].stated;
    double stepping_s = totals_stepping_s(&totals->sessions[i], ret->moving_s);

    ret->steps = ret->cadence_mean_spm = NAN;
    if (activity_class_of(stated->sport) == ACTIVITY_CLASS_OTHER)
        return;
    ret->cadence_mean_spm =
        outcome_limited(first_known(outline->steps_per_cycle * stated->cycles_mean_per_min,
                                    totals_cadence_spm(totals, i)),
                        400);
    if (!(ret->cadence_mean_spm > 0)) /* 0 is written for the sensor that was not there */
        ret->cadence_mean_spm = NAN;
    ret->steps = outcome_limited(
        first_known(first_known(stated->steps, outline->steps_per_cycle * stated->cycles),
                    ret->cadence_mean_spm * stepping_s / 60),
        1e7);
}

static void set_heart(struct outcome *ret, const struct activity_session *stated,
                      const struct totals_session *counted)
{
    bool strap = counted->strap_bpm.weight_s > counted->heart_rate_bpm.weight_s;
    const struct totals_mean *mean = strap ? &counted->strap_bpm : &counted->heart_rate_bpm;

    ret->heart_rate_mean_bpm = outcome_limited(
        first_known(stated->heart_rate_mean_bpm, totals_heart_rate_bpm(counted)), 254);
    ret->heart_rate_max_bpm = outcome_limited(
        first_known(stated->heart_rate_max_bpm, mean->n > 0 ? mean->max : NAN), 254);
}

void outcome_of(const struct totals *totals, int session, struct outcome *ret)
{
    const struct outline_session *planned = &totals->outline->sessions[session];
    const struct totals_session *counted = &totals->sessions[session];
    double timer_s = counted->n_samples > 1 ? counted->timer_s : NAN;

    ret->moving_s =
        outcome_limited(first_known(planned->stated.timer_s, timer_s), OUTCOME_SECONDS_MAX);
    ret->distance_m = outcome_limited(first_known(planned->stated.distance_m, counted->distance_m),
                                      OUTCOME_DISTANCE_MAX);
    ret->elapsed_s = elapsed_s(planned, counted, ret->moving_s);
    set_feet(ret, totals, session);
    set_heart(ret, &planned->stated, counted);
}
