/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The sessions of this gateway with their recordings and results: the tracker decides, and this file
 * keeps what it decides. Each open session has an id, a recording that grows, and at its end a row
 * in the store, committed together with the event that tells of it.
 *
 * Start is recovery: every recording without a result is read back; it goes on, or is closed and
 * gets its result now.
 */
#include "daemon/recording/recorder.h"
#include "daemon/store/store.h"
#include "daemon/timekeeper.h"
#include "lib/logged.h"
#include "lib/training/tracker.h"

struct sessions;

struct sessions_callbacks {
    /* A session opened, paused, resumed, ended or found its runner. `summary` is borrowed. */
    void (*on_session)(void *userdata, const struct payload_session *summary);
    /* A session has its result, or another than it had; borrowed. */
    void (*on_result)(void *userdata, const struct store_session *result);
    /* An event that is in the store now, to be sent; borrowed. */
    void (*on_event)(void *userdata, const struct store_event *event);
    void (*on_moved)(void *userdata, size_t sensor, uint64_t now_usec);
    /* A heart works as hard as in exercise. */
    void (*on_strained)(void *userdata, size_t sensor, uint64_t now_usec);
    /* What a sensor's cadence counts is known now. */
    void (*on_learnt)(void *userdata, size_t sensor);
    /* A runner's session opened (true; asked: a person began it) or closed. */
    void (*on_open)(void *userdata, size_t runner, bool open, bool asked, uint64_t now_usec);
    /* Of the same run twice one counts: whether it is this. NULL: all do. */
    bool (*counts)(void *userdata, const char *id);
};

struct sessions_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    struct recorder *recorder;
    struct store *store;
    struct timekeeper *timekeeper;
};

int sessions_new(struct sessions **ret, const struct sessions_parts *parts,
                 const struct sessions_callbacks *callbacks, void *userdata);
struct sessions *sessions_free(struct sessions *sessions);
/* Reads back what is not closed. Once, before the loop runs: what was begun in an earlier boot, and
 * can only go on if the time between is known, by itself when the clock is settled. */
int sessions_recover(struct sessions *sessions, uint64_t now_usec);
void sessions_set_conf(struct sessions *sessions, const struct conf *conf);

void sessions_notification(struct sessions *sessions, uint64_t now_usec, size_t sensor,
                           uint16_t uuid, const uint8_t *bytes, size_t length);
void sessions_link(struct sessions *sessions, uint64_t now_usec, size_t sensor, bool up);
void sessions_clock_changed(struct sessions *sessions, uint64_t now_usec);

#define SESSIONS_E_ANOTHERS 8 /* beside tracker_result: the session is not of this runner */

/* Said by a person; outcomes as tracker_result. runner: index. id "" = the runner's open one; with an
 * id the runner may be TRACKER_NONE, else it must be theirs. By its id one that has ended and waits for
 * a date, or for room in the store, can be discarded too. ret_id: of the session it was done to; untouched when refused. */
int sessions_start(struct sessions *sessions, uint64_t now_usec, size_t runner,
                   char ret_id[SESSION_ID_MAX]);
int sessions_stop(struct sessions *sessions, uint64_t now_usec, size_t runner, const char *id,
                  bool discard, char ret_id[SESSION_ID_MAX]);
/* One that is open and nobody's is this runner's; ret_id as above, of their session. TRACKER_E_ALREADY,
 * TRACKER_E_NONE. */
int sessions_give_open(struct sessions *sessions, uint64_t now_usec, const char *id, size_t runner,
                       char ret_id[SESSION_ID_MAX]);
/* It is open, or has ended and waits for a date or for room: the store has no row of it yet. */
bool sessions_has_in_hand(const struct sessions *sessions, const char *id);
/* The i-th of those that are over and wait for a date, or for room on the disk: they have no row; false: there
 * are no more. */
bool sessions_waiting(const struct sessions *sessions, size_t i, struct payload_session *ret);
/* Whose such a one is; "": nobody's. false: it is none, and nothing is returned. */
bool sessions_whose_in_hand(const struct sessions *sessions, const char *id,
                            char ret_runner[CONF_ID_MAX]);
/* After a start: it was recorded, and is to be read back yet; whether it goes on or is over is not known. */
bool sessions_is_reading(const struct sessions *sessions, const char *id);
/*
 * Said by a person of one that is over, recorded or from a file, as the store has it: it is to count for
 * nothing; or it is this runner's, and was recorded. It is so at once; `done` runs, once and on the loop,
 * when it is on the disk, as the store's `committed` does. When the call fails, it does not, nothing is
 * told, and only its recording says so.
 */
int sessions_discard_stored(struct sessions *sessions, uint64_t now_usec,
                            const struct store_session *stored, store_committed done,
                            void *userdata);
int sessions_give(struct sessions *sessions, const struct store_session *stored, size_t runner,
                  store_committed done, void *userdata);
/*
 * A run that its runner tells, whose runner, day, start and length are filled in: when it was, and when it was
 * said. Once that is kept it is put, with what tells of it, unless it is rebuilt or discarded; `done` as above.
 */
enum sessions_logged {
    SESSIONS_LOGGED_OK,
    SESSIONS_LOGGED_E_CLOCK,  /* nobody knows what day it is */
    SESSIONS_LOGGED_E_FUTURE, /* it would not be over yet */
};
enum sessions_logged sessions_date_logged(const struct sessions *sessions, struct logged_run *run);
int sessions_put_logged(struct sessions *sessions, const struct store_session *row,
                        store_committed done, void *userdata);
/*
 * One that is over goes, as the store has it; or comes back, as this says that it was: a retracted event, or one of
 * its end, goes with it. What it is made of is not touched. `done` as above.
 */
int sessions_delete_stored(struct sessions *sessions, const struct store_session *stored,
                           store_committed done, void *userdata);
int sessions_put_again(struct sessions *sessions, const struct store_session *row,
                       store_committed done, void *userdata);
/* What its recording tells of one that the database has not. < 0: it does not. */
int sessions_make_again(struct sessions *sessions, const char *id, struct store_session *ret);
int64_t sessions_now_usec(const struct sessions *sessions); /* UTC; 0: nobody knows */
int sessions_incline(struct sessions *sessions, uint64_t now_usec, size_t runner, double percent);
int sessions_route(struct sessions *sessions, uint64_t now_usec, size_t runner,
                   const struct route_place *places, size_t n);

/* Reading: open sessions by slot (0 .. TRACKER_SLOTS_MAX); false where none is open. */
bool sessions_live(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                   struct payload_live *ret, size_t *ret_runner);
bool sessions_summary(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                      struct payload_session *ret);
/* As the result of the open session would be now. */
bool sessions_result(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                     struct store_session *ret);
/* What only a person can mend about the open session of the slot; false: nothing. */
bool sessions_problem(const struct sessions *sessions, size_t slot, char ret[PAYLOAD_TEXT_MAX]);
/* The runner's open or last session; false: there never was one. */
bool sessions_last(const struct sessions *sessions, const char *runner,
                   struct payload_session *ret);
size_t sessions_slot_of_runner(const struct sessions *sessions, size_t runner);
const struct tracker *sessions_tracker(const struct sessions *sessions);
/* What the packets of a sensor have shown, beside what its link has: counts, unit, kind. */
void sessions_describe_sensor(const struct sessions *sessions, size_t sensor,
                              struct payload_sensor *payload);
/* How the runner ran on the level in the LEVEL_DAYS before a moment; false: too little is known, or so
 * long ago that only the store knows. */
bool sessions_reference(const struct sessions *sessions, const char *runner, int64_t at_usec,
                        struct knee_reference *ret);
/* One more example of it, which is stored with its file; or another than it was. */
void sessions_note_level(struct sessions *sessions, const struct payload_session *summary,
                         const struct level *level);
/* Every recording is written, synced and closed as it stands (the sessions stay open): at stop, while there
 * is a worker. What the disk did not take before is tried at once. */
void sessions_flush(struct sessions *sessions);
