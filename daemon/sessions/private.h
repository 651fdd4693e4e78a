/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind sessions.h share; each uses those below it only:
 *   sessions.c   life, what comes in, reading
 *   output.c     what the tracker says
 *   restore.c    recordings without a result, read back at start
 *   merge.c      two recordings into one
 *   results.c    how a session ended
 *   logged.c     one that nothing recorded
 *   deleted.c    one that goes for good, or comes back
 *   corrected.c  what a person says of one that is over
 *   final.c      its hills, seen from its end; all its figures, made anew
 *   events.c     what is told of it
 *   level.c      what the steps of its runner are compared with
 *   merged.c     what was merged, until it is on the disk
 *   last.c       what each runner is shown with
 *   heart.c      what its loads leave out
 *   slot.c       its id, its recording, its summary
 *   days.c       the local day it belongs to
 */
#include "daemon/recording/recovery.h"
#include "daemon/sessions/sessions.h"
#include "daemon/util.h"

#define UNDATED_MAX  32 /* results that wait for a clock; more in one boot are not kept back */
#define UNSTORED_MAX 16 /* results that wait for room; more are made again at the next start */
#define SESSIONS_AT_ONCE                                                                           \
    48 /* recordings read back before the daemon is ready: as many as can be open */
#define DISCARDED_WHY "discarded by command"

struct zone;

struct kept { /* what stands beside a slot of the tracker */
    char id[SESSION_ID_MAX];
    struct recording_file *file;
    bool told_open;  /* on_open(true) was said */
    bool told_start; /* the event of its start was put */
    bool old;        /* it was over when it was read back: its end may have been told before */
    size_t runner;
};

struct undated { /* a session that ended while nobody knew the time */
    struct store_session row;
    bool old, told_start;          /* as of its slot */
    uint64_t begin_usec, end_usec; /* boottime */
    uint64_t discarded_usec;       /* after its end; 0: it is not */
    struct level level;            /* how it was run on the level; 0 s: not */
    bool zones_by_age;             /* its date tells them */
};

struct beside { /* what is stored together with a result */
    bool start; /* the event of its start, which was not told yet */
    struct level level;
};

struct unstored { /* a result that the store had no room for, with what tells of it */
    struct store_session row;
    struct beside beside;
    bool news;
    int64_t at_usec;
};

#define NEWS_MAX 2

struct news { /* told of a session that is over */
    enum event_kind kind;
    char id[40]; /* of the event */
    int64_t at_usec;
    struct payload_session session;
};

/* Recordings without a result, beyond those that are read at start. */
struct backlog {
    char (*ids)[SESSION_ID_MAX];
    size_t n, next;
    bool merged_is_known; /* each was looked at for what it took in; now each gets its result */
    char (*merged)[SESSION_ID_MAX];
    size_t n_merged;
    struct clock_timer *timer;
};

struct sessions {
    struct sessions_parts parts;
    const struct sessions_callbacks *callbacks;
    void *userdata;
    struct tracker *tracker;
    struct merged *merged;                /* those that are not known to be on the disk */
    struct told *told;                    /* those the store has not answered yet */
    struct batch *batches;                /* for which somebody waits */
    struct zone *zones[CONF_RUNNERS_MAX]; /* of the runners, by index; NULL: UTC */
    struct kept kept[TRACKER_SLOTS_MAX];
    struct undated undated[UNDATED_MAX];
    size_t n_undated;
    struct unstored unstored[UNSTORED_MAX]; /* in the order they ended */
    size_t n_unstored;
    struct clock_timer *unstored_timer;
    struct payload_session last[CONF_RUNNERS_MAX]; /* of each runner, open or not */
    size_t n_last;
    char last_of_nobody[SESSION_ID_MAX]; /* as it was at start; "": there is none */
    struct store_level *levels;          /* of the last LEVEL_KEPT_DAYS, of all runners */
    size_t n_levels;
    struct clock_timer *timer;
    uint64_t armed_usec;                              /* CLOCK_NEVER: not */
    char deferred[TRACKER_SLOTS_MAX][SESSION_ID_MAX]; /* recordings, until the clock is settled */
    size_t n_deferred;
    struct backlog backlog;
};

/* output.c */
extern const struct tracker_output sessions_output;
/* Each once a session: that it is its runner's, when it has one; that it began, when it has a date too. */
void sessions_tell_open(struct sessions *sessions, size_t slot, uint64_t now_usec);
void sessions_tell_start(struct sessions *sessions, size_t slot,
                         const struct payload_session *summary);

/* restore.c */
int sessions_restore(struct sessions *sessions, uint64_t now_usec);
void sessions_restore_deferred(struct sessions *sessions, uint64_t now_usec);
void sessions_free_backlog(struct sessions *sessions);

/* merge.c */
void sessions_feed(struct sessions *sessions, size_t slot, const struct recovered *recovered);
/* The slot's session is made anew from what its recording holds now. */
int sessions_reread(struct sessions *sessions, size_t slot);
/* false: they cannot be put into one, which was said; nothing has changed. */
bool sessions_merge(struct sessions *sessions, size_t slot, size_t into);
/* Of two that are not open, what was cut off. -EXDEV: they are of two boots. */
int sessions_merge_again(struct sessions *sessions, const char *id, const char *into);

/* merged.c */
int sessions_put_merged(struct sessions *sessions, const char *id, const char *into);
/* The session that has its lines, if its recording ends with that; NULL: it does not. Borrowed. */
const char *sessions_merged_into(const struct session *session);
/* Its lines were appended to `file`, the recording of `into`: it is put when they are on the disk. */
void sessions_note_merged(struct sessions *sessions, const char *id, const char *into,
                          struct recording_file *file);
/* How many there are, to be put before a result of `into` is, and with it. */
size_t sessions_count_those_merged(const struct sessions *sessions, const char *into);
void sessions_put_those_merged(struct sessions *sessions, const char *into);
void sessions_free_merged(struct sessions *sessions);

/* results.c */
void sessions_log(const struct store_session *row, const char *before, const char *detail,
                  const char *after);
void sessions_close_result(struct sessions *sessions, size_t slot);
void sessions_date_the_undated(struct sessions *sessions, uint64_t now_usec);
/* Of one that waits for its date or for room in the store; runner TRACKER_NONE: whosever it is. */
int sessions_discard_waiting(struct sessions *sessions, uint64_t now_usec, size_t runner,
                             const char *id, char ret_id[SESSION_ID_MAX]);

/* corrected.c */
/* When a person says it now; UTC. */
int64_t sessions_said_at_usec(const struct sessions *sessions,
                              const struct payload_session *session);
/* To the log, to the recording and in its row. */
void sessions_say_discarded(struct sessions *sessions, uint64_t now_usec,
                            struct store_session *row);

/* final.c */
/* Of a session that is over: the row gets the figures of its hills that look ahead; how it was run on the
 * level, if that is known. */
void sessions_finalise(struct sessions *sessions, size_t slot, uint64_t now_usec,
                       struct store_session *row, struct level *ret_level);
/* Of a session that is over: all figures but its day, as its recording tells them now, and what it says of
 * that. < 0: it does not, and nothing is returned. */
int sessions_rework(struct sessions *sessions, const char *id, struct store_session *ret,
                    struct level *ret_level, struct session_local *ret_local);

/* events.c */
void sessions_try_unstored(void *userdata, uint64_t now_usec);
void sessions_put_start(struct sessions *sessions, const struct payload_session *summary);
/* What is beside it waits for room with it. */
void sessions_put_result(struct sessions *sessions, const struct store_session *row,
                         const struct beside *beside, bool old);
/* at_usec: of the discard, long after the end maybe; UTC */
void sessions_put_discarded(struct sessions *sessions, const struct store_session *row,
                            const struct beside *beside, int64_t at_usec);
/* A row with what is told of it; at most NEWS_MAX. `done` runs when both are stored; when this fails, nothing
 * is told or counted. */
int sessions_put_news(struct sessions *sessions, const struct store_session *row,
                      const struct news *news, size_t n, store_committed done, void *userdata);
void sessions_free_events(struct sessions *sessions);

/* level.c */
void sessions_read_levels(struct sessions *sessions);
void sessions_forget_level(struct sessions *sessions, const char *id);
/* As the store has it: an example from now on, unless it is too old. */
void sessions_take_level(struct sessions *sessions, const struct store_level *row);
/* Of one that was recorded here, with its row. */
void sessions_put_level(struct sessions *sessions, const struct payload_session *summary,
                        const struct level *level);
/* An OWN record of the runner; false: too little is known. */
bool sessions_own(struct sessions *sessions, const char *runner, struct record *ret);

/* last.c; sessions_last */
void sessions_read_last(struct sessions *sessions);
/* Passes it on, as its runner's last. */
void sessions_show(struct sessions *sessions, const struct payload_session *summary);
/* Passes it on, unless its runner has a later one. */
void sessions_show_unless_later(struct sessions *sessions, const struct payload_session *summary);
/* To its runner it is none any more: the one before is shown, if there was one. */
void sessions_show_lost(struct sessions *sessions, const struct payload_session *lost);

/* heart.c */
void sessions_log_heart(const struct sessions *sessions, size_t slot);

/* slot.c */
size_t sessions_find_slot(const struct sessions *sessions, const char *id);
void sessions_open_slot(struct sessions *sessions, size_t slot);
void sessions_record(struct sessions *sessions, size_t slot, const struct record *record);
/* Of one that is not open. A recording that is gone is not begun anew for that. */
void sessions_record_late(struct sessions *sessions, const char *id, const struct record *records,
                          size_t n);
int sessions_read_recording(const struct sessions *sessions, const char *id, struct recovered *ret);
void sessions_summarise(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                        struct store_session *ret);

/* days.c */
void sessions_load_zones(struct sessions *sessions);
void sessions_free_zones(struct sessions *sessions);
/* Seconds east of UTC by the zone that is in force for them now; 0: nobody's. */
int32_t sessions_offset_s(const struct sessions *sessions, const char *runner_id, int64_t utc_s);
/* By what its recording says of its runner's local time, else by the zone in force now. */
void sessions_date(const struct sessions *sessions, const struct session_local *local,
                   struct payload_session *session, int *ret_utc_offset_s);
/* The zone in force, for its recording; false: it says so already, or there is nothing to say. */
bool sessions_make_local(const struct sessions *sessions, const struct session_local *local,
                         const char *runner, int64_t start_usec, struct record *ret);
/* One that has a start and a runner keeps the day that these give it now: before anybody is told of it. */
void sessions_keep_day(struct sessions *sessions, size_t slot);
