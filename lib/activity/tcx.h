/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * TCX, Garmin's Training Center Database: activities of laps of tracks of points. A lap states its
 * distance and the time its timer ran; what an activity states is the sum. Where a track ends within
 * a lap, and at a point that has a time and nothing else, the timer stood. So it did where no point
 * comes for long and nothing is covered, unless the lap says that its timer ran all the while. A file
 * with courses or workouts only says so (ACTIVITY_FILE) and gives no samples.
 */
#include "lib/activity/activity.h"

/* Where an element stands; what a name means depends on it. */
enum tcx_place {
    TCX_OUTSIDE,
    TCX_COURSES, /* or workouts: nothing in here was done */
    TCX_ACTIVITY,
    TCX_LAP,
    TCX_TRACK,
    TCX_POINT,
    TCX_CREATOR,
};

struct tcx_sum { /* of the laps; weights are seconds of the timer; NAN: a lap does not state it */
    int laps;
    double timer_s, distance_m, steps;
    double heart_rate_max_bpm;
    double heart_rate_s, heart_rate_weight_s;
    double cycles_s, cycles_weight_s;
};

#define TCX_GAPS_MAX 32 /* of a lap; further ones are pauses, whatever the lap says */
struct tcx_gap {
    int64_t from_usec, until_usec;
};

struct tcx {
    struct activity_sink sink;
    enum tcx_place place;
    int part; /* -1 before the first activity */
    bool any_sample, any_course, any_workout, file_told;
    enum activity_sport sport;
    int64_t start_usec, last_usec; /* of this activity; ACTIVITY_NO_TIME before */
    double last_distance_m;
    bool standing; /* the timer was told to have stopped */
    bool track_ended_in_lap;
    struct tcx_sum sum;
    struct activity_fact lap, point;
    double lap_heart_rate_bpm, lap_heart_rate_max_bpm, lap_cycles_per_min, lap_steps;
    bool in_mean_heart_rate, in_max_heart_rate;
    int64_t lap_point_usec;            /* its first point; ACTIVITY_NO_TIME: none yet */
    struct tcx_gap gaps[TCX_GAPS_MAX]; /* silence in the lap, perhaps pauses */
    int n_gaps;
    bool point_has_more; /* than a time */
};

void tcx_init(struct tcx *tcx, const struct activity_sink *sink);
void tcx_start(struct tcx *tcx, const char *name, const char **attributes);
void tcx_finish(struct tcx *tcx, const char *name, const char *text);
void tcx_end(struct tcx *tcx);
