/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The runner as one sensor feels them: a script or pinned values, integrated tick by tick into the
 * counters that the sensor sends. This is the truth a test compares with.
 */
#include <stdbool.h>
#include <stdint.h>
#include "tests/sim/script.h"

#define BODY_BEATS_MAX 64 /* beats in one tick */

struct body {
    const struct script *script;
    double start_s; /* the script begins so many seconds after the simulator */
    double start_altitude_m;
    double drift_pa_h; /* weather: what the pressure changes in an hour */
    double noise;      /* relative, of speed and of RR intervals; 0 = none */
    uint64_t random, air_random;

    double t_s; /* since the simulator began */
    /* values of this moment */
    double speed_m_s, cadence_spm, heart_rate_bpm, grade_pct;
    double power_w;
    double altitude_m;  /* where it is */
    double pressure_pa; /* of the air there, with the weather and a little noise */
    double temperature_c;
    bool worn;
    unsigned flags; /* enum segment_flag of the script */
    /* pinned by the `set` command; NAN: by the script */
    double pin_speed, pin_cadence, pin_heart_rate, pin_grade, pin_power, pin_temperature;
    int pin_worn; /* -1: by the script */
    /* counted */
    double distance_m, steps, ascent_m, descent_m;
    double still_s; /* since the last movement */
    /* the heart's beats that ended in this tick */
    double to_next_beat_s, last_rr_s;
    uint16_t rr_1024[BODY_BEATS_MAX];
    int n_rr;
    uint64_t beats, rr_sum_1024;
};

void body_init(struct body *body, const struct script *script, uint64_t seed);
void body_step(struct body *body, double dt_s);
bool body_is_moving(const struct body *body);
