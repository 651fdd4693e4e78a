/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the slopes asked of the runner: the way on the level that would have cost as much (metabolic:
 * cheap downhill), the knee-load index (dear downhill), and how the level parts were run, which is
 * what the index of later sessions is compared with.
 *
 * Cost is added up row by row. Steps and distance come in lumps, so cadence and speed are taken over
 * blocks of ten seconds.
 */
#include "lib/metrics/knee.h"
#include "lib/metrics/level.h"
#include "lib/terrain/row.h"

#define EFFORT_BLOCK_S 10.0

struct effort {
    struct knee_reference own;
    struct {
        double s, metres, rise, steps, walked_s; /* rise: metres times grade */
        bool hushed;
    } block;
    double graded_m, graded_s; /* of known grade */
    double level_m;            /* as dear as those */
    double judged;             /* steps in the index */
    double knee_steps;
    struct level level;
};

void effort_init(struct effort *effort, const struct knee_reference *own);
/* The way from one row to the next. Where neither has a grade, it is left out. */
void effort_feed(struct effort *effort, const struct terrain_row *from,
                 const struct terrain_row *to);
/* What comes next does not join on. */
void effort_part(struct effort *effort);

/* Grade-adjusted speed over all of known grade; NAN: none. */
double effort_graded_speed_m_s(const struct effort *effort);
/* In level steps; NAN where fewer than four of five of all `steps`, of known grade or not, could be
 * judged. */
double effort_knee_steps(const struct effort *effort, double steps);
