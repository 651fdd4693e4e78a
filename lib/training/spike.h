/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One run against the longest of the 30 x 24 h before it: the only rule here with a
 * cohort behind it that measured what it compares. The study's bins and hazard ratios are kept with
 * it, for the sentence; there is no ranking between them (1.64 > 1.52, and the intervals overlap).
 *
 * Recordings that restart within an hour are one run (our convention): a watch that was stopped at
 * a traffic light must not make two short runs of a long one.
 *
 * The same for descent by analogy, without any study: of runs and walks, for the knee brakes on
 * both.
 */
#include "lib/training/week.h"

#define SPIKE_WINDOW_S  (INT64_C(30) * 86400) /* the lower edge belongs to it */
#define SPIKE_RESTART_S 3600                  /* ours */

enum spike_measure { SPIKE_DISTANCE_M, SPIKE_DROP_M };

enum spike_bin {
    SPIKE_REFERENCE, /* ratio <= 1.10 */
    SPIKE_SMALL,     /* <= 1.30 */
    SPIKE_MODERATE,  /* <= 2.00 */
    SPIKE_LARGE,
    SPIKE_NO_BASELINE,
};

/* A run, or several that follow upon each other, as one. */
struct spike_run {
    int64_t start_s, end_s; /* start_s of the first, end_s of the last */
    int32_t day;            /* the first's */
    double total;           /* of the measure; the known part of it */
    bool known; /* all of it: each recording tells how far, and of descent enough has altitude */
    double coverage; /* 0..1: share of its distance with altitude; NAN: no distance */
};

struct spike_limits {
    double warning;  /* times the longest: 1.10 */
    double at_least; /* and so much more: 500 m, 15 m */
};

struct spike_verdict {
    enum verdict_word word; /* never caution: all bins above the reference are raised alike */
    enum spike_bin bin;     /* of the ratio alone */
    double reference;       /* longest before; NAN, as are the next, without a verdict */
    double limit;           /* the end of ok */
    double left;            /* max(0, limit - total) */
    double ratio;
    bool at_least;
};

/* The run that an outing belongs to, with what went before and, if it is not the last, after it.
 * False: not an outing that the measure counts. */
bool spike_run_of(const struct week_place *place, enum spike_measure measure,
                  const struct outing *outing, struct spike_run *ret);
/* The live run, or else the latest one that began on a day from `since` to today; false: none
 * did. */
bool spike_run_latest(const struct week_place *place, enum spike_measure measure, int32_t since,
                      struct spike_run *ret);
/* The run of most metres that started in the 30 x 24 h before start_s. False: none started then.
 * ret->known: each of those runs tells how far it was, and of descent all together have enough
 * altitude; ret->coverage: of all together. */
bool spike_longest_before(const struct week_place *place, enum spike_measure measure,
                          int64_t start_s, struct spike_run *ret);
/* What that is chosen from, in order: the latest `max` of them. *ret_all: how many there are; no other
 * than `max` are written. */
size_t spike_runs_before(const struct week_place *place, enum spike_measure measure,
                         int64_t start_s, struct spike_run *ret, size_t max, size_t *ret_all);
/* longest NULL: none. total NAN is a run that is yet to begin. */
void spike_judge(double total, bool known, const struct spike_run *longest,
                 const struct spike_limits *limits, struct spike_verdict *ret);

enum spike_bin spike_bin(double total, double longest);
const char *spike_bin_name(enum spike_bin bin); /* "small"; NULL past the end */
/* Hazard rate ratio of the bin against the reference bin; NAN: none (Frandsen 2025). */
double spike_hazard_ratio(enum spike_bin bin);
