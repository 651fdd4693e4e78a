/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a file is about: its sessions, when its timer stood, and whether it is to be taken at all.
 *
 * A FIT file may state its sessions before, between or behind the samples, so which sample belongs
 * to which is only known at the end. A file is therefore read twice: the first time for the outline,
 * which is small and of a fixed size, the second time for whatever is made of its samples (totals.h).
 */
#include "lib/activity/activity.h"

#define OUTLINE_EVENTS_MAX 2048 /* starts and stops of the timer; further ones are not heard */
#define OUTLINE_REASON_MAX 160

/* Dates in between are believed: a watch that never saw a satellite writes 1989. */
struct outline_limits {
    int64_t oldest_usec, newest_usec;
};
/* 2000-01-01; before that there was no FIT, TCX or GPX. */
#define OUTLINE_OLDEST_USEC INT64_C(946684800000000)

enum outline_verdict {
    OUTLINE_OK,
    OUTLINE_TROUBLE,   /* taken as far as it goes: `troubles` says why not further */
    OUTLINE_E_TROUBLE, /* `troubles` says why it is refused */
    OUTLINE_E_KIND,    /* a course, a workout, ...: `kind` */
    OUTLINE_E_NOTHING, /* no session and no track */
    OUTLINE_E_UNDATED, /* no usable time */
};

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

struct outline_pause {
    int64_t from_usec, until_usec;
    int part;
};

struct outline {
    struct outline_limits limits;
    struct activity_file file; /* of the activity, in a chain of several */
    bool have_file, barometer;
    bool too_old, too_new; /* a time was told that is not believed */
    uint64_t n_samples, n_dated;
    int n_troubles;
    struct activity_trouble troubles[8]; /* the first ones, and in the last place the last */
    int n_sessions;
    struct outline_session sessions[ACTIVITY_PARTS_MAX];
    int n_pauses;
    struct outline_pause pauses[OUTLINE_EVENTS_MAX]; /* by part, then time */
    /* 2: cadence counts strides, as it should; 1: this writer counts steps */
    double steps_per_cycle;
    /* while reading */
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
/* All facts were heard. Returns outline_judge. */
enum outline_verdict outline_finish(struct outline *outline);
enum outline_verdict outline_judge(const struct outline *outline);

static inline bool outline_dated(const struct outline *outline, int64_t t_usec)
{
    return t_usec != ACTIVITY_NO_TIME && t_usec >= outline->limits.oldest_usec &&
           t_usec <= outline->limits.newest_usec;
}
/* The session a moment belongs to; -1 = none. */
int outline_session_at(const struct outline *outline, int part, int64_t t_usec);
/* How much of [from, until) the timer ran. */
int64_t outline_running_usec(const struct outline *outline, int part, int64_t from_usec,
                             int64_t until_usec);
/* When the timer of a part was stopped for good; ACTIVITY_NO_TIME: not told. */
int64_t outline_last_stop_usec(const struct outline *outline, int part);
/* Why, for a person: "Refused: it is a course, not something that was done." */
void outline_reason(const struct outline *outline, enum outline_verdict verdict,
                    char ret[OUTLINE_REASON_MAX]);
