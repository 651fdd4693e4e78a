/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The knee-load index: an estimate of what the joint behind the kneecap carries a step, 1 being a step
 * at the runner's own cadence and own easy speed on the level (evidence D):
 *
 *     (cadence / own)^-1.6 * (speed / own)^0.25 * (1 + 3.4 * descent) * (body + carried) / body
 *
 * Walking: 0.5 in place of the first two. Cadence ratio 0.85 .. 1.15, speed ratio 0.6 .. 1.8, descent
 * 0 .. 0.20; uphill counts as level. It is an index: "8 200 level steps", to be compared with the same
 * runner's other sessions. Never newtons, body weights, stress or damage; no warning comes from it.
 */
#include <stdbool.h>
#include "lib/metrics/level.h"

#define KNEE_LABEL "knee-load index (level steps)"

/* What a step is compared with. */
struct knee_reference {
    double cadence_spm; /* the runner's own, of level running; NAN: not known */
    double speed_m_s;   /* median level speed of the last 28 days; NAN: not known */
    double load_ratio;  /* (body + carried) / body; 1: nothing carried */
};

/* Of all the level running there is to compare with; false: it is too little. */
bool knee_reference_of(const struct level *level, struct knee_reference *ret);
/* One step; grade is rise over run. NAN where anything it needs is not known; a walking step needs
 * neither cadence nor speed. */
double knee_step(const struct knee_reference *own, double cadence_spm, double speed_m_s,
                 double grade, bool walking);
