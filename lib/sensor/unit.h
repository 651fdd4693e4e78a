/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Does this pod count steps of both feet, or strides of one? The characteristic says '1/min' and
 * makers read it both ways; a wrong guess halves or doubles every step of the runner's history.
 * So it is decided once per sensor, from data, with the data kept as a sentence, and never again.
 *
 * While running, the two do not overlap: steps are 140..220 a minute, strides 70..110. The verdict
 * is by the medians over 30 s at 2.0 m/s and more. Walking they do overlap (110 steps, 55 strides;
 * but 100 strides of a fast runner look like a walker's steps), and without running there is often
 * no honest answer. After five minutes of walking it is decided only if one of the two readings is of
 * nobody: 220 steps a minute and more, or steps longer than 1.8 m. How short they are decides nothing,
 * for at a slow walk a real step is shorter than half a metre. Else the question stays open (cadence is
 * not known) until the runner runs or CadenceUnit= says it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"

enum pod_unit { POD_UNIT_UNDECIDED, POD_UNIT_STEPS, POD_UNIT_STRIDES };

#define UNIT_WINDOW   40 /* looks kept: 30 s at one in 0.9 s, or 5 min at one in 9 s */
#define UNIT_EVIDENCE 96

#define UNIT_CONFIGURED "configured" /* the evidence of a unit that CadenceUnit= says */

struct unit_window {
    uint64_t total_usec, since_usec; /* seen at all, and since the last look */
    size_t n;
    float raw[UNIT_WINDOW]; /* counts a minute */
    float speed_m_s[UNIT_WINDOW];
};

struct unit {
    enum pod_unit verdict;
    char evidence[UNIT_EVIDENCE]; /* "median 86 at 3.0 m/s over 30 s"; "" while undecided */
    struct unit_window running, walking;
};

/* A configured unit wins over `preset`, the decision made earlier (UNDECIDED: none was). */
void unit_init(struct unit *unit, enum conf_cadence_unit configured, enum pod_unit preset);
/* One packet that spoke for elapsed_usec, with the cadence as it was sent (counts a minute, of steps or
 * strides); true when it was the one that decided. */
bool unit_feed(struct unit *unit, double raw, double speed_m_s, uint64_t elapsed_usec);
/* Steps a count: 1 or 2; 0 while undecided. */
int unit_factor(const struct unit *unit);
/* The rule itself: steps a count by the medians over at least 30 s of running. */
int unit_rule(double median_raw, double median_speed_m_s);
/* Said from outside: configured, decided on an earlier day, or by a recording. */
void unit_set(struct unit *unit, enum pod_unit verdict, const char *evidence);
/* It is the configuration that says so, and no data. */
bool unit_is_configured(const struct unit *unit);
/* The configuration's word for it and back; UNDECIDED is AUTO. */
enum pod_unit pod_unit_from_conf(enum conf_cadence_unit unit);
enum conf_cadence_unit pod_unit_to_conf(enum pod_unit unit);
/* "steps", "strides"; "" while undecided. */
const char *pod_unit_name(enum pod_unit unit);
/* The opposite; UNDECIDED for every other word. */
enum pod_unit pod_unit_from_name(const char *name);
