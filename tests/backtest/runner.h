/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Runners that never were: a plan of sessions, scattered by chance. The chance is the (a
 * session differs from its plan by 20 % and its descent by 50 %, as a coefficient of variation) and
 * is not chosen for what comes out; runner_print shows all of it.
 */
#include <stdint.h>
#include <stdio.h>

#define RUNNER_SESSION_CV 0.20
#define RUNNER_DESCENT_CV 0.50
#define RUNNER_PACE_CV    0.05 /* of the seconds a kilometre takes */

enum runner_kind {
    RUNNER_STEADY,
    RUNNER_BUILDING,
    RUNNER_RECKLESS,
    RUNNER_RETURNING,
    RUNNER_HOLIDAY,
    RUNNER_RAMP,    /* steady, then 15 % more each week from RUNNER_ONSET_DAY on */
    RUNNER_DOUBLED, /* steady, then one week of twice as much */
    RUNNER_KINDS,
};
#define RUNNER_ONSET_DAY (26 * 7)

struct runner_session {
    double distance_m, moving_s;
    double drop_m; /* as much up as down */
};

struct runner {
    enum runner_kind kind;
    uint64_t random;
};

void runner_init(struct runner *runner, enum runner_kind kind, uint64_t seed);
/* The session of a day, day after day from 0 on (a Monday). 0: a day of rest. */
int runner_day(struct runner *runner, int day, struct runner_session *ret);
const char *runner_name(enum runner_kind kind);
void runner_print(FILE *to);
