/* SPDX-License-Identifier: MIT */
#include "lib/training/gait.h"

#include <math.h>
#include "lib/sample.h"

/* Outside of this, speed and cadence do not belong together. */
#define STEP_LENGTH_MIN_M 0.2
#define STEP_LENGTH_MAX_M 2.5

#define MEAN_MIN_S 10

void gait_init(struct gait *gait)
{
    *gait = (struct gait){ .speed_m_s = NAN };
    window_init(&gait->cadence_spm, GAIT_CADENCE_USEC);
    window_init(&gait->step_length_m, GAIT_STEP_LENGTH_USEC);
}

void gait_speed(struct gait *gait, double speed_m_s, uint64_t t_usec)
{
    gait->speed_m_s = speed_m_s;
    gait->speed_usec = t_usec;
}

static void see_step_length(struct gait *gait, double cadence_spm, uint64_t t_usec)
{
    double length_m = gait->speed_m_s * 60.0 / cadence_spm;

    if (t_usec <= gait->speed_usec + SAMPLE_HOLD_USEC && length_m >= STEP_LENGTH_MIN_M &&
        length_m <= STEP_LENGTH_MAX_M)
        window_feed(&gait->step_length_m, length_m, t_usec);
}

void gait_cadence(struct gait *gait, double cadence_spm, uint64_t counts_from_usec, uint64_t t_usec)
{
    double mean_spm;

    window_feed(&gait->cadence_spm, cadence_spm, t_usec);
    see_step_length(gait, cadence_spm, t_usec);
    mean_spm = window_mean(&gait->cadence_spm, t_usec);
    /* after a dropout the mean is that of one packet */
    if (t_usec >= counts_from_usec + GAIT_CADENCE_USEC && !isnan(mean_spm) &&
        window_covered_s(&gait->cadence_spm, t_usec) >= GAIT_CADENCE_COVER_S)
        gait->max_spm = fmax(gait->max_spm, mean_spm);
}

void gait_steps(struct gait *gait, double steps, double moving_s, bool whole)
{
    if (whole) {
        gait->steps += steps;
        gait->seconds += moving_s - gait->mark_s;
    }
    gait->mark_s = moving_s;
}

double gait_mean_spm(const struct gait *gait)
{
    return gait->seconds >= MEAN_MIN_S ? gait->steps * 60.0 / gait->seconds : NAN;
}
