/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How a runner runs on the level: the median speed, and the cadence at a speed by a straight line
 * through what was seen. It is what the knee-load index compares a step with, and
 * it adds up over sessions: 28 days of it are the sum of their days.
 */
#include <stdint.h>

#define LEVEL_DAYS      28 /* how long a session is an example */
#define LEVEL_KEPT_DAYS 90 /* and at hand for a file that comes late; older ones are in the store */
#define LEVEL_MIN_S     1800.0 /* less level running says nothing about a runner */
#define LEVEL_SPEED_BIN 0.1    /* m/s */
#define LEVEL_BINS      80     /* up to 8 m/s; faster is in the last */

struct level {
    double seconds;
    /* of cadence and speed together, weighted by time */
    double cadence_s, sum_v, sum_vv, sum_c, sum_vc;
    float bin_s[LEVEL_BINS]; /* seconds at a speed */
};

void level_init(struct level *level);
/* Running at a grade within 2 % of level; a cadence that is not known (NAN) leaves the speed alone. */
void level_add(struct level *level, double speed_m_s, double cadence_spm, double seconds);
void level_merge(struct level *level, const struct level *other);
/* NAN: less than LEVEL_MIN_S. */
double level_speed_m_s(const struct level *level);
/* On the line at a speed; where all speeds were alike, the mean. NAN: less than LEVEL_MIN_S. */
double level_cadence_spm(const struct level *level, double speed_m_s);
