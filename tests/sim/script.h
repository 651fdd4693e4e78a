/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a runner does, second by second: named scenarios, each a list of segments. The same scenario
 * drives pod, strap and belt, so that what they send fits together.
 */
#include <stdbool.h>

#define SEGMENT_FOREVER 1e12

enum segment_flag {
    SEGMENT_UNWORN = 1 << 0,   /* nobody wears anything */
    SEGMENT_POD_LOST = 1 << 1, /* the pod is out of range: its link dies, its odometer goes on */
    SEGMENT_STRAP_LOST = 1 << 2,
    SEGMENT_STEP = 1 << 3, /* at its values at once, no ramp */
};

struct segment {
    double duration_s;
    double speed_m_s;
    double cadence_spm; /* steps of both feet */
    double heart_rate_bpm;
    double grade_pct;
    unsigned flags;
};

struct script {
    const char *name;
    bool loops;
    const struct segment *segments; /* the last one lasts for ever, unless the script loops */
    int n_segments;
};

struct script_point {                         /* where the script is at a moment */
    double speed_m_s, cadence_spm, grade_pct; /* ramped */
    double heart_rate_bpm;                    /* where the heart is heading */
    unsigned flags;
};

const struct script *script_find(const char *name); /* NULL: no such */
const char *script_names(void);                     /* for an error message */
struct script_point script_at(const struct script *script, double t_s);
