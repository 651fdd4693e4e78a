/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Who is running, since when and whose packet is it: notifications of all sensors in, records of
 * sessions out. The tracker decides what a session cannot decide of itself:
 *
 *  - Start. A runner who moves for 10 s has a session, counted from the first of those steps; the
 *    last 30 s of notifications of the runner's sensors are recorded first. A heart rate at half the
 *    reserve for 2 min without a moving sensor makes a heart-rate session. A person can say so too.
 *  - End. Ten idle minutes, or when told: what still moves then begins nothing before it stood for 10 s.
 *  - Whose. A sensor with Runner=NAME is NAME's. A shared one (Runner=auto, several runners) has a
 *    session of its own from its first movement, and after 2 min belongs to the one runner whose own
 *    sensor streamed meanwhile, from its start; with none or two it stays unassigned.
 *    A shared barometer has no session of its own and joins one in the same way.
 *
 * Every record passes through output->record before it is applied to the session, so what was
 * recorded and what is shown cannot differ. No clock, no file: the caller gives the time and keeps
 * the files.
 */
#include "lib/conf.h"
#include "lib/recording.h"
#include "lib/training/session.h"

#define TRACKER_SLOTS_MAX    48 /* open sessions: one a runner and one a shared sensor */
#define TRACKER_START_USEC   (10 * UINT64_C(1000000))
#define TRACKER_PREROLL_USEC (30 * UINT64_C(1000000))
#define TRACKER_EFFORT_USEC  (120 * UINT64_C(1000000))
/* Within which the owner of a shared belt shows. */
#define TRACKER_SHARED_USEC (120 * UINT64_C(1000000))
#define TRACKER_STREAM_USEC (10 * UINT64_C(1000000)) /* a sensor streams: it spoke this recently */

struct tracker;

struct tracker_output {
    /* The wall clock as it is now, for the A record of a new session and its id. */
    void (*axis)(void *userdata, uint64_t now_usec, struct record *ret);
    /* What the runner's steps are compared with, as an OWN record; false: not known. */
    bool (*own)(void *userdata, size_t runner, struct record *ret);
    /* A session opens; the callee makes its id and its recording. */
    void (*opened)(void *userdata, size_t slot);
    /* A record for the slot's recording, before it takes effect. */
    void (*record)(void *userdata, size_t slot, const struct record *record);
    /* State or owner changed. */
    void (*changed)(void *userdata, size_t slot);
    /* Ended or discarded; the slot is free afterwards. */
    void (*closed)(void *userdata, size_t slot);
    /* Its recording has lines out of order, or one that tells more of those before it: its session is
     * made anew (tracker_rebuild) and goes on. */
    void (*reordered)(void *userdata, size_t slot);
    /* Its lines go into the recording of another slot, whose session is made anew of them; the slot is
     * free afterwards. false: they cannot, and nothing has changed. */
    bool (*merge)(void *userdata, size_t slot, size_t into);
    /* A sensor saw a step or a moving belt. */
    void (*moved)(void *userdata, size_t sensor, uint64_t now_usec);
    /* The heart works as hard as in exercise: a session may come of it. */
    void (*strained)(void *userdata, size_t sensor, uint64_t now_usec);
    /* Steps or strides was decided for a sensor: to be kept. */
    void (*learnt)(void *userdata, size_t sensor);
};
#define TRACKER_NONE SIZE_MAX

struct tracker_counts { /* packets of one sensor since the start */
    uint64_t packets, malformed, truncated;
};

/* The size of a tracker; the caller allocates it (zeroed) and owns it. conf and output are borrowed. */
size_t tracker_size(void);
void tracker_init(struct tracker *tracker, const struct conf *conf,
                  const struct tracker_output *output, void *userdata);
/* What was decided of a sensor on an earlier day. */
void tracker_preset_unit(struct tracker *tracker, size_t sensor, enum pod_unit unit,
                         const char *evidence);
/* A reloaded config: sensors and runners are found again by name; sessions go on. */
void tracker_set_conf(struct tracker *tracker, const struct conf *conf);

void tracker_notification(struct tracker *tracker, uint64_t now_usec, size_t sensor, uint16_t uuid,
                          const uint8_t *bytes, size_t length);
void tracker_link(struct tracker *tracker, uint64_t now_usec, size_t sensor, bool up);
/* Time passes; the caller arms its timer for tracker_next. */
void tracker_tick(struct tracker *tracker, uint64_t now_usec);
uint64_t tracker_next(const struct tracker *tracker, uint64_t now_usec);
/* The wall clock was set or came to be trusted: open recordings get a new A record. */
void tracker_clock_set(struct tracker *tracker, uint64_t now_usec);

/* The event of the slot's start is in the store: it need not be told again after a crash. */
void tracker_told(struct tracker *tracker, uint64_t now_usec, size_t slot);

/* What local time was when the slot's session began: it holds from now on. A RECORD_LOCAL; another is none. */
void tracker_local(struct tracker *tracker, size_t slot, const struct record *local);

/* Said by a person. 0, or a positive outcome. */
enum tracker_result {
    TRACKER_OK = 0,
    TRACKER_E_ALREADY = 1, /* start: one is open already */
    TRACKER_E_NONE,        /* nothing is open that this could be done to */
    TRACKER_E_FULL,        /* no slot left */
    TRACKER_E_REFUSED, /* give: the two recordings cannot be put into one; nothing has changed */
};
enum tracker_result tracker_start(struct tracker *tracker, uint64_t now_usec, size_t runner);
enum tracker_result tracker_end(struct tracker *tracker, uint64_t now_usec, size_t slot,
                                bool discard, const char *why);
/* One of a shared belt that is nobody's so far is this runner's, from its start. E_ALREADY: it is somebody's;
 * E_NONE: no belt tells of it, or the runner is on another; E_REFUSED. */
enum tracker_result tracker_give(struct tracker *tracker, size_t slot, size_t runner);
/* percent NAN: not known any more. */
enum tracker_result tracker_incline(struct tracker *tracker, uint64_t now_usec, size_t runner,
                                    double percent);
/* Heights from where the runner is on, metre by metre as lib/terrain/route.h has them; n 0: no route
 * any more. */
enum tracker_result tracker_route(struct tracker *tracker, uint64_t now_usec, size_t runner,
                                  const struct route_place *places, size_t n);

/* Reading */
const struct session *tracker_session(const struct tracker *tracker, size_t slot); /* NULL: free */
size_t tracker_slot_of_runner(const struct tracker *tracker, size_t runner); /* or TRACKER_NONE */
struct tracker_counts tracker_counts(const struct tracker *tracker, size_t sensor);
const struct stream *tracker_stream(const struct tracker *tracker, size_t sensor);

/*
 * Restoring: an open slot is made from the records of a recording (in order of time, A lines first).
 * Nothing is recorded while it is fed. After the last one the slot is live: its times are shifted to
 * the axis of the file by the A record that tracker_restored writes.
 */
size_t tracker_restore(struct tracker *tracker); /* a slot, or TRACKER_NONE */
void tracker_restore_feed(struct tracker *tracker, size_t slot, const struct record *record);
/* Goes on with it; or, when it must end (idle too long, or the clock between is unknown), ends it. */
void tracker_restored(struct tracker *tracker, size_t slot, uint64_t now_usec);
/* Of one that is over and done with, instead of tracker_restored: learns from it alone whether its
 * runner was told to stop and may still be moving, and frees the slot. */
void tracker_recall(struct tracker *tracker, size_t slot, uint64_t now_usec);
/* Begins anew from an empty session in the same slot, to be fed by tracker_restore_feed: after the
 * caller has put two recordings into one. */
void tracker_rebuild(struct tracker *tracker, size_t slot);
void tracker_free_slot(struct tracker *tracker, size_t slot);
