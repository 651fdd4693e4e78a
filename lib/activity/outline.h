/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a file is about: its sessions, and when its timer stood; whether it is to be taken at all is
 * outline_verdict.h's.
 *
 * A FIT file may state its sessions before, between or behind the samples, so which sample belongs
 * to which is only known at the end. A file is therefore read twice: the first time for the outline,
 * which is small and of a fixed size, the second time for whatever is made of its samples (totals.h).
 */
#include "lib/activity/activity.h"

#define OUTLINE_EVENTS_MAX 2048 /* starts and stops of the timer; further ones are not heard */
#define OUTLINE_STRAYS_MAX 32   /* further ones are believed */
#define OUTLINE_AHEAD_MAX  3 /* samples in a row that a clock was wrong for; of more nobody knows */

/* Dates in between are believed: a watch that never saw a satellite writes 1989. */
struct outline_limits {
    int64_t oldest_usec, newest_usec;
};
/* 2000-01-01; before that there was no FIT, TCX or GPX. */
#define OUTLINE_OLDEST_USEC INT64_C(946684800000000)

struct outline_session {
    struct activity_session stated; /* what the file says; everything NAN when it does not */
    bool is_stated;
    int part;
    int64_t start_usec; /* stated, else that of its first sample */
    /* Its samples: those of this part in [from, until). */
    int64_t from_usec, until_usec;
};

struct outline_event {
    int64_t t_usec;
    int part, order;
    bool running;
};

/* The time of a sample that lies hours ahead of the one before, and the next go on where that was. */
struct outline_stray {
    int64_t t_usec;
    int part;
};

struct outline_pause {
    int64_t from_usec, until_usec;
    int part;
};

struct outline {
    struct outline_limits limits;
    struct activity_file file;        /* of the activity, in a chain of several */
    bool have_file, barometer, route; /* route: whence the heights are */
    bool too_old, too_new;            /* a time was told that is not believed */
    uint64_t n_samples, n_dated;
    uint64_t n_beside; /* of n_samples: of undated parts, and no time: as a plan beside a run */
    int n_troubles;
    struct activity_trouble troubles[8]; /* the first ones, and in the last place the last */
    int n_sessions;
    struct outline_session sessions[ACTIVITY_PARTS_MAX];
    int n_pauses;
    struct outline_pause pauses[OUTLINE_EVENTS_MAX]; /* by part, then time */
    int n_strays;
    struct outline_stray strays[OUTLINE_STRAYS_MAX];
    /* 2: cadence counts strides, as it should; 1: this writer counts steps */
    double steps_per_cycle;
    /* while reading */
    int part;           /* of the sample before */
    uint64_t n_waiting; /* samples of it that have no time, as long as none is dated */
    bool part_dated;
    int64_t last_usec;                     /* of the dated sample before in it */
    int64_t base_usec;                     /* of the one before those that lie ahead */
    int64_t ahead_usec[OUTLINE_AHEAD_MAX]; /* of those, until it is known what they are */
    int n_ahead;
    int64_t first_usec; /* of all dated samples */
    struct activity_choice choice;
    int n_events;
    struct outline_event events[OUTLINE_EVENTS_MAX];
    double cycles_sum;
    uint64_t n_cycles;
};

void outline_init(struct outline *outline, const struct outline_limits *limits);
/* A sink for the first reading. */
struct activity_sink outline_sink(struct outline *outline);
/* All facts were heard. */
void outline_finish(struct outline *outline);

static inline bool outline_dated(const struct outline *outline, int64_t t_usec)
{
    return t_usec != ACTIVITY_NO_TIME && t_usec >= outline->limits.oldest_usec &&
           t_usec <= outline->limits.newest_usec;
}
/* Of a finished one: that a sample's time is dated, and no stray. */
bool outline_believes(const struct outline *outline, const struct activity_fact *sample);
/* The session a moment belongs to; -1 = none. */
int outline_session_at(const struct outline *outline, int part, int64_t t_usec);
/* How much of [from, until) the timer ran. */
int64_t outline_running_usec(const struct outline *outline, int part, int64_t from_usec,
                             int64_t until_usec);
/* When the timer of a part was stopped for good; ACTIVITY_NO_TIME: not told. */
int64_t outline_last_stop_usec(const struct outline *outline, int part);
