/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How somebody steps: cadence now, on average and at most, and the length of a step.
 *
 * The mean is of steps and the seconds they were made in, counted where both are known. The maximum is
 * of the ten-second mean, never of one packet. The length of a step is of one moment: a mean speed
 * over a mean cadence of another time would be half a metre off whenever the pace changes.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/metrics/window.h"

#define GAIT_CADENCE_USEC     (10 * UINT64_C(1000000)) /* shown is the mean of so long */
#define GAIT_CADENCE_COVER_S  9.0 /* of the ten: a maximum of less is one packet's; ours */
#define GAIT_STEP_LENGTH_USEC (5 * UINT64_C(1000000))

struct gait {
    struct window cadence_spm;
    struct window step_length_m; /* of packets whose speed and cadence belong together */
    double max_spm;              /* 0: not seen */
    double steps, seconds;       /* for the mean */
    double mark_s;               /* seconds of movement when steps were last told */
    double speed_m_s;            /* as last told; NAN */
    uint64_t speed_usec;
};

void gait_init(struct gait *gait);
void gait_speed(struct gait *gait, double speed_m_s, uint64_t t_usec);
/* No maximum is taken before counts_from_usec has been a whole mean ago. */
void gait_cadence(struct gait *gait, double cadence_spm, uint64_t counts_from_usec,
                  uint64_t t_usec);
/* Steps made since they were last told; moving_s: all seconds of movement so far. whole: the steps are
 * those of all the time since then, else (after a silence) nobody knows in what time they were made. */
void gait_steps(struct gait *gait, double steps, double moving_s, bool whole);
/* NAN of less than ten seconds: that is no mean. */
double gait_mean_spm(const struct gait *gait);
