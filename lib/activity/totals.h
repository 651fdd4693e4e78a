/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the samples of each session add up to, whatever the file states about it: the second reading.
 *
 * Means are over the time the timer ran, not over points: most watches write a point when something
 * changes. The mean over points stands beside it, for comparison with programs that take that one.
 */
#include "lib/activity/outline.h"

struct totals_mean {
    double sum_s, weight_s; /* over time */
    double last;            /* value of the sample before; NAN = it had none */
    double sum;             /* over points */
    uint64_t n;
    double max;
};

struct totals_session {
    uint64_t n_samples;
    int64_t first_usec, last_usec; /* ACTIVITY_NO_TIME: no sample */
    double distance_m;             /* NAN: no sample says */
    double timer_s;
    struct totals_mean heart_rate_bpm;
    struct totals_mean cycles_per_min; /* what stands, feet or cranks, does not count as 0 */
    double stood_s;                    /* on both feet, while the timer ran */
    struct totals_mean strap_bpm;      /* loaded from the strap afterwards */
    int64_t beat_usec;
};

struct totals {
    const struct outline *outline; /* borrowed, finished */
    uint64_t n_late;               /* samples older than the one before: left out */
    double farthest_m;             /* as written, up to now in this part */
    int previous_part;
    struct totals_session *previous;                    /* of the sample before; NULL at first */
    struct totals_session sessions[ACTIVITY_PARTS_MAX]; /* as the outline's */
};

void totals_init(struct totals *totals, const struct outline *outline);
struct activity_sink totals_sink(struct totals *totals);
/* All facts were heard. */
void totals_finish(struct totals *totals);

/* So many samples were left out as late that a stretch is missing, beyond the few that recorders mix up. */
bool totals_are_gappy(const struct totals *totals);

/* What was covered since the sample before, of which before_m was the farthest up to then, in metres as
 * written. Distances only grow; one that falls far, to less than half, began anew (a device that
 * restarted). A smaller step back is a correction: it waits until it is made up for. */
double totals_covered_m(double before_m, double written_m, double *ret_farthest_m);

double totals_mean_over_time(const struct totals_mean *mean);   /* NAN: none */
double totals_mean_over_points(const struct totals_mean *mean); /* NAN: none */
/* From the samples, or from the strap where it covers more of the time. */
double totals_heart_rate_bpm(const struct totals_session *session);
/* Steps of both feet a minute; NAN where the sport has none or no sample says. */
double totals_cadence_spm(const struct totals *totals, int session);
/* How much of so much time of the timer the mean cadence is one of: less what the runner stood. */
double totals_stepping_s(const struct totals_session *session, double timer_s);
