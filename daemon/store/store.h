/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What is kept besides the recordings: session results, event rows not yet delivered, what was
 * learnt of a sensor, who was let go, what was said of a rule, answered transactions. SQLite (WAL) on
 * the worker; one file a table under store/. What the loop needs all the time is read once, at open;
 * afterwards its own memory is the truth and the store follows it. One result of any age, and files to
 * be read again, are asked for when they are needed.
 *
 * A database that is damaged is set aside (renamed with a suffix, never deleted) and begun anew; a
 * newer one than we know is left alone and the daemon runs without a store. Both are said by
 * store_problem() and never stop the service.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "daemon/worker.h"
#include "lib/metrics/knee.h"
#include "lib/note.h"
#include "lib/payload.h"

#define STORE_EVENTS_MAX  10000                     /* rows */
#define STORE_EVENTS_USEC (90ULL * 86400 * 1000000) /* 90 days */

/* What was said of one run is kept as long as the event that says it may wait for the broker. When that
 * is given up, what takes it back would be the first that is heard of it; and the rules look back 42
 * days at most, so that no verdict has a part in it any more. */
#define STORE_TOLD_USEC STORE_EVENTS_USEC
#define STORE_TOLD_MAX  256 /* as many are kept though they are older: by a clock that was ahead */

#define STORE_HASH_MAX   65 /* SHA-256 in hexadecimal, with the NUL */
#define STORE_REASON_MAX 240
#define STORE_DIGEST_MAX 17 /* of a session's id, in hexadecimal, with the NUL */

struct store;

struct store_event {       /* one row of `events`: a fact told once to a runner's subscribers */
    char id[EVENT_ID_MAX]; /* stable over every try */
    enum event_kind kind;
    char runner[32]; /* "" = nobody's (unassigned) */
    int64_t at_usec; /* UTC */
    char *body;      /* JSON object on one line, at most 16 KiB; owned by the row */
    int tries;       /* refusals so far */
    bool refused;    /* marked: refused three times, holds up nobody */
};

struct store_sensor { /* what was learnt of a device, kept by sensor name and address */
    char name[32];
    char address[18];
    char cadence_unit[8]; /* steps, strides */
    char evidence[160];
    int64_t decided_usec;
};

struct store_release { /* a sensor is let go, as a person asked, until */
    char name[32];
    char address[18];
    char boot_id[33];        /* in this boot: */
    int64_t until_boot_usec; /* on its clock, which never jumps */
    int64_t until_usec;      /* and in any other; 0: the wall clock was not known */
    int64_t length_usec;     /* as asked for; 0: it is over */
};

struct store_session {
    struct payload_session session;
    int utc_offset_s;
    char reason[64]; /* why it ended */
    /* Of a session that came in as a file: its state is `ended`, its sources say `file` */
    char file[STORE_HASH_MAX]; /* hash of its content; "" = recorded live */
    char sport[16];            /* the file's word for it */
    char device[96];           /* the recorder, as the file names it */
    int64_t samples;
    bool barometric; /* its altitude was measured by air pressure */
    char instead
        [SESSION_ID_MAX]; /* the same run as this one, which counts in its place; "" = none */
    struct note note;     /* what was said of it, as it is read; never written with the row */
    /* Not stored: made again after the database was lost. What was said of it then is not known, so
     * nothing is said of it now. */
    bool rebuilt;
};
/* A result of which nothing is known. */
static inline void store_session_init(struct store_session *session)
{
    *session = (struct store_session){ 0 };
    payload_session_init(&session->session);
    note_init(&session->note);
}

/* Entered by a person, and recorded by nothing: its `file` is of no import. */
#define STORE_BY_HAND "hand"
static inline bool store_session_is_by_hand(const struct store_session *session)
{
    return strcmp(session->session.source.distance, STORE_BY_HAND) == 0;
}
/* And nobody said when it began: its start is no more than a moment of its day. */
#define STORE_BY_HAND_UNTIMED "logged by hand, nobody said when"
static inline bool store_session_is_untimed(const struct store_session *session)
{
    return store_session_is_by_hand(session) && strcmp(session->reason, STORE_BY_HAND_UNTIMED) == 0;
}

/* Why one is discarded whose lines are in another's recording by now, with the id of that one behind it. */
#define STORE_MERGED "merged into "

/* A person deleted it: for a day its row stays, and then goes. No list tells of it. */
#define STORE_DELETED "deleted by command"
static inline bool store_session_is_deleted(const struct store_session *session)
{
    return strcmp(session->reason, STORE_DELETED) == 0;
}

/* Of one that is gone for good and has to stay, as others came in with it: which it is, and no figure. */
void store_session_blank(struct store_session *session);
bool store_session_is_blank(const struct store_session *session);

struct store_verdict { /* what a runner was told of a rule and is not over, by runner and rule */
    char runner[32], rule[32];
    char standing[12], level[12]; /* ok, caution, warning: what stands; the latest verdict */
    int64_t since_usec, said_usec, run_start_usec, run_end_usec; /* UTC; 0: none */
    /* "": what is so of the rule. Else what was said of one run alone, by the digest of its session's
     * id; standing `ok`: it was taken back. Those of the last STORE_TOLD_USEC are kept, and the
     * last STORE_TOLD_MAX. */
    char session[STORE_DIGEST_MAX];
    /* What a person said to what is so of the rule: they have seen it; nothing is to be told from then
     * until then, but what is worse than this. 0, "": nothing */
    int64_t seen_usec, snoozed_usec, snoozed_until_usec;
    char snoozed[12];
};

/* A message about a rule as it was told; the last STORE_SAID_MAX are kept. */
#define STORE_SAID_MAX      2048
#define STORE_SAID_TOLD_MAX 64 /* in one answer */
struct store_said {
    char id[EVENT_ID_MAX]; /* of its event */
    char runner[32], rule[32];
    char news[12];    /* crossed, reminded, cleared, retracted */
    char verdict[24]; /* then */
    char day[11];     /* local */
    int64_t at_usec;
    double value, reference, limit; /* NAN: not known */
    char evidence[2];               /* "": none */
    char sentence[PAYLOAD_SENTENCE_MAX];
    char
        session[STORE_DIGEST_MAX]; /* digest of the id of the one that brought it about; "": none */
    int64_t acknowledged_usec;     /* 0: nobody said that they have seen it */
    char session_id[SESSION_ID_MAX]; /* as it is found when it is read; "": not found */
};
/* All that was said of a rule until now was seen by a person. */
struct store_seen {
    char runner[32], rule[32]; /* rule "": of any */
    int64_t at_usec;
};

struct
    store_unjudged { /* a session that came to the log of a runner, or left it, and is not judged */
    char runner[32];
    char id[SESSION_ID_MAX];
};

enum store_outcome {
    STORE_IMPORTED,
    STORE_PARTLY, /* as far as the file is sound */
    STORE_REFUSED,
};

const char *store_outcome_name(enum store_outcome outcome); /* "imported"; NULL past the end */

struct store_import { /* one file and what became of it; one row a content and runner */
    char hash[STORE_HASH_MAX];
    char runner[32];
    char name[256]; /* as it was found, with the folders below the runner's */
    int64_t size, mtime_nsec;
    int64_t at_usec;
    enum store_outcome verdict;
    char reason[STORE_REASON_MAX]; /* for a person; "" = nothing to say */
    int n_sessions;
    bool passes; /* it is refused, and the reason may pass */
    /* What it was last read with. */
    uint64_t read_with; /* digest of the reader and of what it knew of the runner; 0: not known */
    int64_t compared_usec; /* start of its run whose steps were to be compared; 0: none */
    double own_cadence_spm, own_speed_m_s; /* with these; NAN: not known */
};
/* One of which nothing is known. */
static inline void store_import_init(struct store_import *import)
{
    *import = (struct store_import){ .own_cadence_spm = NAN, .own_speed_m_s = NAN };
}

struct store_choice { /* the one of two sessions that are the same run */
    char id[SESSION_ID_MAX];
    char runner[32];              /* whose both are; not stored with it */
    char instead[SESSION_ID_MAX]; /* "" = it counts itself */
};

/* How a session was run on the level: what the next ones are compared with. */
struct store_level {
    char id[SESSION_ID_MAX];
    char runner[32];
    int64_t start_usec; /* UTC */
    struct level level;
};

int store_open(struct store **ret, struct worker *worker, const char *state_dir, int64_t wall_usec);
/* After worker_free: all writes are through. What a disk refused is tried once more; no callback. */
struct store *store_free(struct store *store);
const char *store_problem(const struct store *store); /* plain sentence or NULL; may change later */
/* Why rows were refused with this -errno: of a newer database its sentence, for -EROFS misleads. */
const char *store_why(const struct store *store, int error);
void store_on_problem(struct store *store, void (*handler)(void *userdata), void *userdata);

/*
 * False: the database is newer, or could not be read at open. The lists below are empty then, and
 * that a session has no result row means nothing.
 */
bool store_was_read(const struct store *store);
/* And all that was asked for since, before the loop ran, could be read: what has no row is not there. */
bool store_past_is_whole(const struct store *store);

/* What was read at open; borrowed, until the first put of the same table */
const struct store_event *store_events(const struct store *store, size_t *ret_n);
const struct store_session *store_last_sessions(const struct store *store,
                                                size_t *ret_n); /* newest per runner */
/* The latest wall time of a runner's last session or an event in it, as it was at open; of what is not
 * discarded, and of no alert. 0: none */
int64_t store_newest_usec(const struct store *store);
const struct store_sensor *store_sensors(const struct store *store, size_t *ret_n);
const struct store_release *store_releases(const struct store *store, size_t *ret_n);
const struct store_verdict *store_verdicts(const struct store *store, size_t *ret_n);
/* In the order they came in. A session's row is unjudged from its commit on, unless it is rebuilt. */
const struct store_unjudged *store_unjudged(const struct store *store, size_t *ret_n);
/* When the database was begun: a session that ended before was in another. 0: not known. */
int64_t store_made_usec(const struct store *store);
/* False: the clock was never known since it was begun, so a session that has a date was in another. */
bool store_is_dated(const struct store *store);
/* It was begun at this start. */
bool store_is_new(const struct store *store);
/* The wall clock is known, or was set while it is: of a database that was begun before, that moment is told
 * by it now. */
void store_note_clock(struct store *store);
/* Of sessions of the last LEVEL_KEPT_DAYS that ended and were not discarded. */
const struct store_level *store_levels(const struct store *store, size_t *ret_n);
/* Reads every result, in the order they ended. Only before the loop runs. False: not all of them
 * could be read, or there are none to be had (see store_was_read). */
bool store_read_sessions(struct store *store,
                         void (*handler)(void *userdata, const struct store_session *session),
                         void *userdata);
bool store_session_ended(const struct store *store,
                         const char *id); /* a result row stands already */

/*
 * One result while the loop runs, as it stands when all that was put before is on the disk; `found` runs
 * once, on the loop, never from inside the call and not from store_free. 0 with the row, borrowed; -ENOENT:
 * there is none; else why nobody knows. Returns -EINVAL for what is no id; then, and on any other error,
 * `found` does not run.
 */
typedef void (*store_found)(void *userdata, int result, const struct store_session *session);
int store_find_session(struct store *store, const char *id, store_found found, void *userdata);
/* The recorded one of the runner that ended last. */
int store_find_last(struct store *store, const char *runner, store_found found, void *userdata);
/* Of all that count, from files, too, the one of the runner that began last. */
int store_find_latest(struct store *store, const char *runner, store_found found, void *userdata);

/*
 * Some rows of one table, in its order, as they stand when all that was put before is on the disk; `paged` runs
 * as `found` does, with the rows, borrowed, or -errno and NULL. A row that is not valid is none.
 */
enum store_page_of {
    STORE_PAGE_SESSIONS, /* by their start, undated ones first */
    STORE_PAGE_VERDICTS, /* by rule, and by run */
    STORE_PAGE_IMPORTS,  /* as they came in */
    STORE_PAGE_SAID,     /* as they were said */
    STORE_PAGE_KINDS,
};
struct store_page_question {
    enum store_page_of of;
    char runner[32]; /* whose; "": anybody's, and nobody's */
    size_t limit;
    bool count; /* how many there are of each, too */
    /* Of sessions: */
    bool newest_first;
    bool not_nobodys;
    char from[11], to[11]; /* of these local days, both included; "" = without that bound */
    /* Of sessions and verdicts: behind this one in their order, which is a session's id, or a verdict's
     * "RULE:SESSION"; "" = from the first on */
    char beyond[SESSION_ID_MAX];
    int64_t after; /* of the others: behind this place; 0 = from the first on */
};
struct store_page {
    const struct store_session *sessions;
    const struct store_verdict *verdicts;
    const struct store_import *imports;
    const struct store_said *said; /* without their session_id */
    size_t n;
    const int64_t *places; /* of imports and of what was said, for `after` */
    bool more;             /* there are some behind these */
    bool lost;             /* there is no session `beyond` */
    int64_t counts[STORE_PAGE_KINDS];
};
typedef void (*store_paged)(void *userdata, int result, const struct store_page *page);
int store_read_page(struct store *store, const struct store_page_question *question,
                    store_paged paged, void *userdata);

/*
 * What a runner was told of the rules since a moment, newest first, STORE_SAID_TOLD_MAX at most; more: there
 * was more. before: only what was told before that one of the runner's, by its id; "": all. -ENOENT as the
 * result: there is none of that id. As store_find_session.
 */
typedef void (*store_said_found)(void *userdata, int result, const struct store_said *rows,
                                 size_t n, bool more);
int store_find_said(struct store *store, const char *runner, int64_t since_usec, const char *before,
                    store_said_found found, void *userdata);

/* Every import, oldest first; as store_read_sessions. Of one that is not valid at least its content and its
 * runner, if they are: it is there, and nothing of it is to be made anew. */
void store_each_import(struct store *store,
                       void (*visit)(void *userdata, const struct store_import *import),
                       void *userdata);

/*
 * Writes; each call is all or nothing, done on the worker, in order. Arguments are copied. Answers
 * 0, or -EINVAL (a value out of its range), -ENOBUFS (the disk refuses, and what waits is at its
 * bound), -ENOMEM: then nothing is written and `committed` does not run.
 *
 * `committed` (may be NULL) runs once, on the loop, never from inside the call: with 0 when the rows
 * are on the disk and survive a power cut, with -errno when they were refused for good (-EROFS: the
 * database is a newer strided's). While a disk is full or read-only it waits. An event whose id
 * stands already is kept as it stands.
 */
typedef void (*store_committed)(void *userdata, int result);
/* What is put between the two is one transaction: a session and what follows from it share an fsync.
 * They may be nested. */
void store_gather(struct store *store);
void store_send(struct store *store);
/* A result with its event would be taken now; what is refused for lack of room counts as lost. */
bool store_has_room(const struct store *store);
bool store_has_room_for(const struct store *store, size_t n); /* so many of them */
int store_put_session(struct store *store, const struct store_session *session,
                      const struct store_event *events, size_t n_events, store_committed committed,
                      void *userdata);
int store_put_events(struct store *store, const struct store_event *events, size_t n_events,
                     store_committed committed, void *userdata);
/* Why a session of a file was taken away by no person. */
#define STORE_NOT_IN_FILE "read again, it is not in its file"
/* An import with its sessions, the choices they bring about and the events that tell of it. Its file stands:
 * where there is no room for it, nothing is counted as lost. */
struct store_imported {
    const struct store_import *import;
    const char *
        from; /* NULL, "", or who had it until now, whose other sessions of it go with it, discarded: */
    const char *given; /* and what their row is to say, which counts for nothing from now on */
    const struct store_session *sessions;
    size_t n_sessions;
    const struct store_level *levels; /* how they were run on the level; 0 s: not at all */
    size_t n_levels;
    const struct store_choice *choices;
    size_t n_choices;
    const struct store_event *events;
    size_t n_events;
    bool again; /* the row is there: what was read changes, and what the file was called stays */
};
int store_put_import(struct store *store, const struct store_imported *imported,
                     store_committed committed, void *userdata);

/*
 * The next file behind `after` that was read with something else than it would be now: its row, what
 * its sessions are, and what its steps are to be compared with by all that is known. It is asked of the
 * worker, behind all that was put before; a look takes a bounded time, and goes on from `at`.
 */
struct store_outdated {
    int64_t at;    /* the place of the row, or as far as was looked */
    bool found;    /* a row; else only `at`, `n_lost` and `end` */
    bool end;      /* there is none behind it */
    size_t n_lost; /* so many on the way there have no copy any more: they stay as they are */
    struct store_import import;
    bool settings; /* the reader or the runner is another; else what its steps are compared with */
    struct knee_reference own; /* NAN: not known */
    int64_t own_usec;          /* before the run that began then; 0: there is none to compare */
    const struct store_session *sessions;
    size_t n_sessions;
};
struct store_reader { /* of one runner's files, now */
    char runner[32];
    uint64_t read_with;
};
struct store_outdated_question {
    int64_t after;                      /* 0: from the first on */
    const struct store_reader *readers; /* copied; a file of anybody else is not outdated */
    size_t n_readers;
    /* On the worker: is there anything to read again? */
    bool (*has_copy)(void *where, const char *runner, const char *hash);
    void *where; /* outlives the worker */
    void (*done)(void *userdata, int error, const struct store_outdated *outdated); /* once */
    void *userdata;
};
int store_find_outdated(struct store *store, const struct store_outdated_question *question);
/* What that file was read with is not known any more: it is outdated. */
int store_forget_reading(struct store *store, const char *hash);
int store_put_choices(struct store *store, const struct store_choice *choices, size_t n);
/* What is said of a session by now; it may be one that has no row yet. */
int store_put_note(struct store *store, const char *id, const struct note *note,
                   store_committed committed, void *userdata);
/* The very same was in the database at open. */
bool store_has_note(const struct store *store, const char *id, const struct note *note);
/* Of one that was deleted nothing stays, nor of what was said of it; but of a file that it shares with others (of
 * which some may be on their way out, too) its row stays. `purged` is as `committed`; whole: its row was dropped, and
 * those of its file that had to stay; -EAGAIN: the row of one of a file does not say that it is deleted, or is not
 * there (yet): nothing was done. */
typedef void (*store_purged)(void *userdata, int result, bool whole);
int store_purge_session(struct store *store, const char *id, const char *file, bool shared,
                        store_purged purged, void *userdata);
int store_delete_event(struct store *store, const char *id);
int store_mark_event(struct store *store, const char *id, int tries, bool refused);
int store_put_sensor(struct store *store, const struct store_sensor *sensor);
int store_put_level(struct store *store, const struct store_level *level);
/* As store_find_session, of how one was run on the level that is an example by then; -ENOENT: it is none. */
typedef void (*store_level_found)(void *userdata, int result, const struct store_level *level);
int store_find_level(struct store *store, const char *id, store_level_found found, void *userdata);
int store_put_release(struct store *store, const struct store_release *release);
/* What was said, with the events that say it and the sessions that are judged by it. */
struct store_judged {
    const struct store_verdict *verdicts;
    size_t n_verdicts;
    const struct store_event *events;
    size_t n_events;
    const struct store_unjudged *sessions;
    size_t n_sessions;
    const struct store_said *said;
    size_t n_said;
    const struct store_seen *seen; /* also of what is said with it */
    size_t n_seen;
};
int store_put_judged(struct store *store, const struct store_judged *judged,
                     store_committed committed, void *userdata);
/* Transactions answered in the last 24 h: the answer is kept to be given again. */
const char *store_answer(const struct store *store, const char *transaction); /* NULL: never seen */
int store_put_answer(struct store *store, const char *transaction, const char *answer,
                     int64_t wall_usec);
/* The wall clock may have been set: what was dated by it before is dated anew. */
int store_clock_set(struct store *store, int64_t wall_usec);
