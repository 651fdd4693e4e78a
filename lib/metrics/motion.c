/* SPDX-License-Identifier: MIT */
#include "lib/metrics/motion.h"

#include <math.h>

#define SECOND 1e6

void motion_init(struct motion *motion)
{
    *motion = (struct motion){ 0 };
    window_init(&motion->speed_m_s, MOTION_SPEED_USEC);
    window_init(&motion->cadence_spm, MOTION_CADENCE_USEC);
}

static void add(struct motion_sum *sum, double delta, enum sample_source source)
{
    if (!(delta >= 0) || !isfinite(delta))
        return;
    sum->sum += delta;
    sum->any = true;
    sum->source = source;
}

/* The odometer ran on over a silence: did the runner? */
static bool went_on(const struct sample *sample, double seconds)
{
    return sample->has & SAMPLE_GAP_BRIDGED && sample->has & SAMPLE_DISTANCE &&
           sample->distance_m > MOTION_SLOWEST_M_S * seconds;
}

static void see_moving(struct motion *motion, const struct sample *sample)
{
    uint64_t passed =
        motion->told && sample->t_usec > motion->told_usec ? sample->t_usec - motion->told_usec : 0;
    double seconds = (double)passed / SECOND;

    if (motion->told && sample->t_usec < motion->told_usec)
        return;
    if (passed <= MOTION_HOLD_USEC) {
        if (sample->moving)
            motion->moving_s += seconds;
    } else if (went_on(sample, seconds)) {
        motion->moving_s += seconds;
    } else if (motion->moving) {
        motion->gaps_s += seconds;
    }
    motion->told = true;
    motion->moving = sample->moving;
    motion->told_usec = sample->t_usec;
}

/* For the mean, steps and time must be of the same packets: steps that came over a silence are summed
 * but not divided. What was held back until the unit was decided comes in one lump, for all the motion
 * since steps were last told. */
static void see_steps(struct motion *motion, const struct sample *sample)
{
    bool held_back = sample->has & SAMPLE_UNIT_DECIDED;
    bool near = motion->stepped && sample->t_usec >= motion->stepped_usec &&
                sample->t_usec - motion->stepped_usec <= MOTION_HOLD_USEC;

    add(&motion->steps, sample->steps, sample->source);
    if ((held_back || near) && sample->steps >= 0 && isfinite(sample->steps)) {
        motion->cadence_steps += sample->steps;
        motion->cadence_s += motion->moving_s - motion->cadence_mark_s;
    }
    motion->cadence_mark_s = motion->moving_s;
    motion->stepped = true;
    if (sample->t_usec > motion->stepped_usec)
        motion->stepped_usec = sample->t_usec;
}

static void see_cadence(struct motion *motion, const struct sample *sample)
{
    double mean;

    window_feed(&motion->cadence_spm, sample->cadence_spm, sample->t_usec);
    motion->cadence_source = sample->source;
    mean = window_mean(&motion->cadence_spm, sample->t_usec);
    if (window_covered_s(&motion->cadence_spm, sample->t_usec) >= MOTION_MAX_COVER_S)
        motion->cadence_max_spm = fmax(motion->cadence_max_spm, mean);
}

void motion_feed(struct motion *motion, const struct sample *sample)
{
    if (sample->has & SAMPLE_DISTANCE)
        add(&motion->distance_m, sample->distance_m, sample->source);
    if (sample->has & SAMPLE_MOVING) /* before the steps, which are divided by it */
        see_moving(motion, sample);
    if (sample->has & SAMPLE_STEPS)
        see_steps(motion, sample);
    if (sample->has & SAMPLE_CADENCE)
        see_cadence(motion, sample);
    if (sample->has & SAMPLE_SPEED) {
        window_feed(&motion->speed_m_s, sample->speed_m_s, sample->t_usec);
        motion->speed_source = sample->source;
    }
}

/* ---- figures ---------------------------------------------------------------------------------- */

double motion_distance_m(const struct motion *motion)
{
    return motion->distance_m.any ? motion->distance_m.sum : NAN;
}

double motion_steps(const struct motion *motion)
{
    return motion->steps.any ? motion->steps.sum : NAN;
}

double motion_moving_s(const struct motion *motion)
{
    return motion->told ? motion->moving_s : NAN;
}

double motion_gaps_s(const struct motion *motion)
{
    return motion->told ? motion->gaps_s : NAN;
}

double motion_cadence_mean_spm(const struct motion *motion)
{
    if (motion->cadence_s < MOTION_ENOUGH_S || !(motion->cadence_steps > 0))
        return NAN;
    return motion->cadence_steps * 60 / motion->cadence_s;
}

double motion_cadence_max_spm(const struct motion *motion)
{
    return motion->cadence_max_spm > 0 ? motion->cadence_max_spm : NAN;
}

double motion_speed_m_s(const struct motion *motion, uint64_t t_usec)
{
    return window_mean(&motion->speed_m_s, t_usec);
}

double motion_cadence_spm(const struct motion *motion, uint64_t t_usec)
{
    return window_mean(&motion->cadence_spm, t_usec);
}

double motion_pace_of(double speed_m_s)
{
    return speed_m_s >= MOTION_SLOWEST_M_S && isfinite(speed_m_s) ? 1000 / speed_m_s : NAN;
}

/* Metres from one foot to the other: cadence counts both feet, so this is a step, not a stride. */
double motion_step_length_of(double speed_m_s, double cadence_spm)
{
    double metres = cadence_spm > 0 ? speed_m_s * 60 / cadence_spm : NAN;

    return metres >= MOTION_STEP_MIN_M && metres <= MOTION_STEP_MAX_M ? metres : NAN;
}

double motion_pace_s_per_km(const struct motion *motion, uint64_t t_usec)
{
    return motion_pace_of(motion_speed_m_s(motion, t_usec));
}

double motion_step_length_m(const struct motion *motion, uint64_t t_usec)
{
    return motion_step_length_of(motion_speed_m_s(motion, t_usec),
                                 motion_cadence_spm(motion, t_usec));
}
