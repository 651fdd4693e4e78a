/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the legs did in a session: distance, steps, time in motion, cadence, speed, and what is made of
 * them. It sums what it is told: which source counts for which figure is the caller's to decide (belt,
 * pod or strap: DESIGN 4.10), who clears the bits of `has` that do not. Each figure keeps the source
 * it came from last.
 *
 * Time between two packets is in motion when the later one says so and it came within the hold of 3 s
 * (science 5.1). A longer silence after motion is a gap; but where the odometer ran on over it, faster
 * than anyone walks slowly, the runner did too.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/metrics/window.h"
#include "lib/sample.h"

#define MOTION_HOLD_USEC    WINDOW_HOLD_USEC
#define MOTION_CADENCE_USEC UINT64_C(10000000) /* science 5.1: display the 10 s mean */
#define MOTION_SPEED_USEC   UINT64_C(5000000)  /* our convention: steady enough, soon enough */
#define MOTION_MAX_COVER_S  9.0  /* of the 10 s: a maximum of less is one packet's; ours */
#define MOTION_ENOUGH_S     10.0 /* of known cadence: less is no mean; our convention */
#define MOTION_SLOWEST_M_S  0.5 /* below: standing; a pace would be over 33 min a km (science 4.2) */
#define MOTION_STEP_MIN_M   0.2 /* outside these two speed and cadence do not belong together; ours */
#define MOTION_STEP_MAX_M   2.5

struct motion_sum {
    double sum;
    bool any; /* a source spoke: 0 is a figure */
    enum sample_source source;
};

struct motion {
    struct motion_sum distance_m, steps;
    double moving_s, gaps_s;
    bool told, moving; /* a packet told whether there is motion; the last one told that there is */
    uint64_t told_usec;
    bool stepped;
    uint64_t stepped_usec;
    double cadence_steps, cadence_s, cadence_mark_s; /* steps and the seconds they were made in */
    double cadence_max_spm;
    struct window speed_m_s, cadence_spm;
    enum sample_source speed_source, cadence_source;
};

void motion_init(struct motion *motion);
/* In order of time. Deltas that are negative or no number are left out; a packet from the past adds
 * its deltas, but no time. */
void motion_feed(struct motion *motion, const struct sample *sample);

/* Sums; NAN where no source told them. */
double motion_distance_m(const struct motion *motion);
double motion_steps(const struct motion *motion);
double motion_moving_s(const struct motion *motion);
double motion_gaps_s(const struct motion *motion);
/* Steps over the time in motion in which they were counted; NAN for less than MOTION_ENOUGH_S. */
double motion_cadence_mean_spm(const struct motion *motion);
double motion_cadence_max_spm(const struct motion *motion); /* of the 10 s mean */

/* What is true now; NAN after 3 s of silence. */
double motion_speed_m_s(const struct motion *motion, uint64_t t_usec);
double motion_cadence_spm(const struct motion *motion, uint64_t t_usec);
double motion_pace_s_per_km(const struct motion *motion, uint64_t t_usec);
double motion_step_length_m(const struct motion *motion, uint64_t t_usec);

/* The same from figures known otherwise; NAN where there is none. */
double motion_pace_of(double speed_m_s);
double motion_step_length_of(double speed_m_s, double cadence_spm);
