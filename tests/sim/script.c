/* SPDX-License-Identifier: MIT */
/* The scenarios: see script.h. Cadences are even, so that a pod that counts strides says the same. */
#include <math.h>
#include <stddef.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/script.h"

#define RAMP_S 8.0 /* from one speed to the next, as a runner takes */

/* A whole training: 12 minutes and a half, with everything that goes wrong in one. */
static const struct segment run[] = {
    { 5, 0, 0, 70, 0, 0 },
    { 120, 2.4, 160, 125, 0, 0 }, /* warm-up */
    { 60, 4.2, 182, 172, 0, 0 },
    { 60, 2.2, 156, 150, 0, 0 },
    { 20, 4.2, 182, 172, 0, 0 },
    { 20, 4.2, 182, 172, 0, SEGMENT_POD_LOST }, /* the dropout, in the middle of an interval */
    { 20, 4.2, 182, 172, 0, 0 },
    { 60, 2.2, 156, 150, -3, 0 },
    { 60, 4.2, 182, 174, -3, 0 },
    { 60, 2.2, 156, 150, 1, 0 },
    { 60, 4.2, 182, 175, 1, SEGMENT_STRAP_LOST },
    { 60, 2.2, 156, 150, 0, 0 },
    { 120, 2.2, 156, 135, 0, 0 }, /* cool-down */
    { 30, 1.4, 112, 110, 0, 0 },
    { SEGMENT_FOREVER, 0, 0, 80, 0, 0 },
};
/* What a person watches for a minute: it moves at once and has a dropout. */
static const struct segment demo[] = {
    { 2, 0, 0, 96, 0, 0 },
    { 14, 2.8, 164, 124, 0, 0 },
    { 12, 3.9, 180, 150, -2, 0 },
    { 5, 3.9, 180, 156, -2, SEGMENT_POD_LOST },
    { 6, 3.9, 180, 160, -2, 0 },
    { 8, 2.6, 162, 150, 0, 0 },
    { SEGMENT_FOREVER, 0, 0, 110, 0, 0 },
};
/* A treadmill for 20 minutes as always, and then it tilts: much more downhill than was usual. */
static const struct segment tilt[] = {
    { 5, 0, 0, 70, 0, 0 },
    { 1200, 3.0, 170, 146, 0, 0 },
    { 480, 3.0, 170, 138, -8, 0 },
    { SEGMENT_FOREVER, 0, 0, 80, 0, 0 },
};
static const struct segment steady[] = {
    { SEGMENT_FOREVER, 3.0, 170, 140, 0, SEGMENT_STEP },
};
static const struct segment walk[] = {
    { SEGMENT_FOREVER, 1.4, 112, 98, 0, SEGMENT_STEP },
};
static const struct segment idle[] = {
    { SEGMENT_FOREVER, 0, 0, 62, 0, SEGMENT_STEP },
};
static const struct segment off[] = {
    { SEGMENT_FOREVER, 0, 0, 0, 0, SEGMENT_UNWORN | SEGMENT_STEP },
};
static const struct segment intervals[] = {
    { 60, 4.4, 184, 172, 0, 0 },
    { 60, 2.2, 156, 145, 0, 0 },
};
static const struct segment hills[] = {
    { 60, 2.8, 166, 150, 4, 0 },
    { 30, 3.0, 170, 140, 0, 0 },
    { 60, 3.2, 174, 132, -6, 0 },
    { 30, 3.0, 170, 138, 0, 0 },
};

#define SCRIPT(table, loops_)                                                                      \
    {                                                                                              \
#table, loops_, table, ELEMENTSOF(table)                                                   \
    }
static const struct script scripts[] = {
    SCRIPT(run, false),    SCRIPT(demo, false),     SCRIPT(tilt, false),
    SCRIPT(steady, false), SCRIPT(walk, false),     SCRIPT(idle, false),
    SCRIPT(off, false),    SCRIPT(intervals, true), SCRIPT(hills, true),
};

const struct script *script_find(const char *name)
{
    for (size_t i = 0; i < ELEMENTSOF(scripts); i++)
        if (strcmp(scripts[i].name, name) == 0)
            return &scripts[i];
    return NULL;
}

const char *script_names(void)
{
    return "run, demo, tilt, steady, walk, idle, off, intervals, hills";
}

static double script_length_s(const struct script *script)
{
    double sum = 0;

    for (int i = 0; i < script->n_segments; i++)
        sum += script->segments[i].duration_s;
    return sum;
}

static double ramp(double from, double to, double share)
{
    return from + (to - from) * share;
}

struct script_point script_at(const struct script *script, double t_s)
{
    static const struct segment still = { .cadence_spm = 0 };
    const struct segment *now = script->segments, *before = &still;
    double length_s = script_length_s(script), share;
    int i = 0;

    if (script->loops && t_s >= length_s) {
        t_s = fmod(t_s, length_s);
        before = &script->segments[script->n_segments - 1];
    }
    while (i + 1 < script->n_segments && t_s >= now->duration_s) {
        t_s -= now->duration_s;
        before = now;
        now = &script->segments[++i];
    }
    share = now->flags & SEGMENT_STEP ? 1 : fmin(1, t_s / fmin(RAMP_S, now->duration_s));
    return (struct script_point){
        .speed_m_s = ramp(before->speed_m_s, now->speed_m_s, share),
        .cadence_spm = ramp(before->cadence_spm, now->cadence_spm, share),
        .grade_pct = ramp(before->grade_pct, now->grade_pct, share),
        .heart_rate_bpm = now->heart_rate_bpm,
        .flags = now->flags,
    };
}
