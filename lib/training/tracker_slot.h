/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files of the tracker share; nobody else includes this. From the bottom:
 *
 *   tracker_slot     whose is a slot or a sensor, and what is written into the recording of one
 *   tracker_shared   whose is the belt
 *   tracker_course   a session opens and closes
 *   tracker_onset    it begins by itself
 *   tracker_conf     a reloaded configuration
 *   tracker_restore  after a crash
 *   tracker          what comes in
 */
#include "lib/training/onset.h"
#include "lib/training/ring.h"
#include "lib/training/tracker.h"

/* Told to stop: no new session before a still moment. */
struct hold {
    bool on;
    uint64_t still_usec; /* the latest movement since; to come while nobody was heard yet */
};

struct tracked_sensor {
    struct stream stream;
    struct tracker_counts counts;
    struct onset steps;
    uint64_t spoke_usec; /* of a body; 0 = never */
    /* what it said until then is some session's, and of nobody else, also what a recording that has no
     * number left for it could not take; 0 = nothing is */
    uint64_t counted_usec;
    struct hold hold; /* of a session that it was part of */
    size_t held_of;   /* the runner of that session; TRACKER_NONE: nobody's */

    bool has_range; /* a belt: 0x2AD5 as it was read, once a link */
    uint8_t range[INCLINATION_RANGE_BYTES];

    /* a shared sensor only */
    uint64_t undecided_until_usec; /* it waits for its owner; 0 = nothing to decide */
    uint64_t shared_since_usec;
    size_t owner; /* the runner it was found to belong to, until that session closes */
};

struct tracked_runner {
    struct onset effort;
    struct hold hold;
    bool effort_spent;   /* told to stop: nor from this effort, before the heart calmed down */
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

void tracker_init_sensor(struct tracked_sensor *sensor, const struct conf_sensor *conf);

/* ---- whose ------------------------------------------------------------------------------------ */
/* The index of a runner in a configuration; TRACKER_NONE of "" too, which is nobody. */
size_t tracker_find_runner(const struct conf *conf, const char *id);
bool tracker_is_shared(const struct tracker *tracker, size_t sensor);
/* The runner whose sensor this is now: its own, or found for a shared one; TRACKER_NONE. */
size_t tracker_owner(const struct tracker *tracker, size_t sensor);
size_t tracker_slot_of_sensor(const struct tracker *tracker, size_t sensor);

/* A session of the runner's besides this one, as while one is read back; TRACKER_NONE. */
size_t tracker_other_of_runner(const struct tracker *tracker, size_t but, size_t runner);

/* A free slot, made ready; TRACKER_NONE when there is none. */
size_t tracker_take_slot(struct tracker *tracker, size_t runner, size_t shared);
/* The numbers of a session's sensors, as its recording declares them. */
void tracker_tie_numbers(struct tracker *tracker, size_t slot);
/* What a recording declared of a sensor holds for all its packets: one that counts otherwise from now on,
 * or for another runner, is declared anew, under another number. One whose unit nobody knew yet is only
 * told it. conf says how it counts now, and whose sensor it is; number -1, not declared: false. */
bool tracker_goes_on(const struct slot *slot, int number, const struct conf *conf, size_t sensor,
                     const struct stream *stream);
/* Those that were tied and count otherwise today, or for another, have no number any more. */
void tracker_untie_changed(struct tracker *tracker, size_t slot);

/* ---- told to stop ----------------------------------------------------------------------------- */
/* Whoever said stop may still be walking home, or the belt runs out: that is no new run. still_usec: they
 * are taken to move until then, as now_usec is told; it may be ahead, while nobody can be heard yet. */
void tracker_hold_sensor(struct tracker *tracker, size_t sensor, size_t runner,
                         uint64_t still_usec);
void tracker_hold_runner(struct tracker *tracker, size_t runner, uint64_t still_usec);
/* A person says that the runner begins, from now on: what moved before is no part of it. */
void tracker_release(struct tracker *tracker, size_t runner);

/* ---- records ---------------------------------------------------------------------------------- */
void tracker_emit(struct tracker *tracker, size_t slot, const struct record *record);
void tracker_emit_axis(struct tracker *tracker, size_t slot, uint64_t now_usec);
void tracker_emit_runner(struct tracker *tracker, size_t slot, size_t runner);
/* The unit of a sensor that the recording has declared is known; of one that it has not, nothing. */
void tracker_emit_unit(struct tracker *tracker, size_t slot, size_t sensor, uint64_t now_usec);
void tracker_emit_entry(struct tracker *tracker, size_t slot, const struct ring_entry *entry);
/* What the ring has since since_usec of the sensors that are `theirs`, except what was counted already. */
void tracker_emit_past(struct tracker *tracker, size_t slot, uint64_t since_usec,
                       const bool theirs[CONF_SENSORS_MAX]);
/* The number of a sensor in the slot's recording, declared when it first has something to say, at
 * t_usec; -1 when a recording has as many sensors as it can hold. */
int tracker_declare(struct tracker *tracker, size_t slot, size_t sensor, uint64_t t_usec);
/* Tells the owner of the slot when its state is another than when last told. */
void tracker_report(struct tracker *tracker, size_t slot);
