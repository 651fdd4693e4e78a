/* SPDX-License-Identifier: MIT */
#pragma once
/* What tracker.c (routing, start and end), tracker_shared.c (whose is the belt) and
 * tracker_restore.c (after a crash) share. Nobody else includes this. */
#include "lib/training/onset.h"
#include "lib/training/ring.h"
#include "lib/training/tracker.h"

struct tracked_sensor {
    struct stream stream;
    struct tracker_counts counts;
    struct onset steps;
    uint64_t spoke_usec, moved_usec; /* 0 = never */

    /* a shared sensor only */
    uint64_t undecided_until_usec; /* its own session waits for its owner; 0 = nothing to decide */
    uint64_t shared_since_usec;
    size_t owner; /* the runner it was found to belong to, until that session closes */
};

struct tracked_runner {
    struct onset effort;
    bool after_stop;     /* told to stop: no new session before a still moment */
    bool effort_spent;   /* told to stop: nor from this effort, before the heart calmed down */
    uint64_t still_usec; /* the latest movement after being told */
    uint64_t ended_usec; /* of the latest session: no other of this runner begins before it */
};

struct slot {
    bool used;
    size_t runner;                /* TRACKER_NONE: unassigned */
    size_t shared;                /* the shared sensor that opened it, or TRACKER_NONE */
    int number[CONF_SENSORS_MAX]; /* of a sensor in this recording; -1 = not declared yet */
    int n_numbers;
    enum session_state shown; /* as last reported */
    struct session session;
};

struct tracker {
    const struct conf *conf;
    const struct tracker_output *output;
    void *userdata;
    struct tracked_sensor sensors[CONF_SENSORS_MAX];
    struct tracked_sensor spare[CONF_SENSORS_MAX]; /* for tracker_set_conf */
    struct tracked_runner runners[CONF_RUNNERS_MAX];
    struct slot slots[TRACKER_SLOTS_MAX];
    size_t n_slots; /* those behind were never used: a slot is large, and most never are */
    struct ring ring;
};

/* tracker.c */
size_t tracker_open(struct tracker *tracker, uint64_t now_usec, size_t runner, size_t shared,
                    uint64_t begin_usec, const char *why);
void tracker_emit(struct tracker *tracker, size_t slot, const struct record *record);
void tracker_emit_axis(struct tracker *tracker, size_t slot, uint64_t now_usec);
void tracker_emit_runner(struct tracker *tracker, size_t slot, size_t runner);
int tracker_declare(struct tracker *tracker, size_t slot, size_t sensor);
void tracker_emit_entry(struct tracker *tracker, size_t slot, const struct ring_entry *entry);
void tracker_close(struct tracker *tracker, size_t slot, uint64_t t_usec, enum record_end how,
                   const char *why);
void tracker_report(struct tracker *tracker, size_t slot);
/* tracker_restore.c: the numbers of a session's sensors, as its recording declares them. */
void tracker_tie_sensors(struct tracker *tracker, size_t slot);
/* tracker_shared.c */
bool tracker_is_shared(const struct tracker *tracker, size_t sensor);
/* The runner whose sensor this is now: its own, or found for a shared one; TRACKER_NONE. */
size_t tracker_owner(const struct tracker *tracker, size_t sensor);
size_t tracker_slot_of_sensor(const struct tracker *tracker, size_t sensor);
void tracker_shared_opened(struct tracker *tracker, size_t sensor, uint64_t since_usec);
void tracker_shared_tick(struct tracker *tracker, uint64_t now_usec);
void tracker_shared_closed(struct tracker *tracker, size_t slot);
