/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What each table's file gives to the rest of the store: its statements, its changes as puts, and
 * its rows as they were at open. Rows are input: one that is not valid is skipped and counted.
 */
#include "daemon/keys.h"
#include "daemon/store/db.h"

#define CLOCK_SET_USEC INT64_C(1000000) /* a wall clock that is off by less was not set */

struct bad_rows {
    size_t n;
};

/* session_row.c: one result of a session */
int session_row_prepare(struct db *db);
bool session_row_is_valid(const struct store_session *row); /* to be written */
int session_row_apply(struct db *db, const struct store_session *row);
int session_row_select(struct db *db, const char *which, sqlite3_stmt **ret); /* WHERE, ORDER BY */
bool session_row_read(sqlite3_stmt *s, struct store_session *ret);            /* false: not valid */
/* The one of that id, if it was deleted; `found`: it was. */
int session_row_find_deleted(struct db *db, const char *id, struct store_session *ret, bool *found);
/* The hash of its file, also where the row is not valid; false: it is of none. */
bool session_row_file(sqlite3_stmt *s, char ret[static STORE_HASH_MAX]);

/* notes.c */
#define NOTE_COLUMNS "effort, surface, shoes"
struct note_table {
    struct keys said; /* digests of what was read: id and words */
};
int note_table_read(struct db *db, struct note_table *ret);
bool note_table_has(const struct note_table *table, const char *id, const struct note *note);
/* NOTE_COLUMNS from there on. */
void note_columns_read(sqlite3_stmt *s, int first, struct note *ret);
int note_table_make_put(struct put **ret, const char *id, const struct note *note);
void note_table_free(struct note_table *table);

/* sessions.c */
struct session_table {
    struct store_session *last; /* newest per runner */
    size_t n_last;
    struct keys ended; /* digests of the ids */
};
int session_table_read(struct db *db, struct session_table *ret, struct bad_rows *bad);
int session_table_note_ended(struct session_table *table, const char *id);
bool session_table_has_ended(const struct session_table *table, const char *id);
/* All there are, in the order they ended. One that is not valid has not ended: its recording tells, or its
 * file, which is read again. */
int session_table_read_each(struct db *db, struct session_table *table,
                            void (*handler)(void *userdata, const struct store_session *row),
                            void *userdata, struct bad_rows *bad);
int session_table_make_put(struct put **ret, const struct store_session *session,
                           const struct store_event *events, size_t n_events);
void session_table_free(struct session_table *table);

/* import_row.c: one file that came in */
#define IMPORT_COLUMNS                                                                             \
    "hash, runner, name, size, mtime_nsec, at_usec, verdict, reason, sessions, passes, read_with," \
    " compared_usec, own_cadence_spm, own_speed_m_s"
#define IMPORT_SESSIONS_MAX 64
int import_row_prepare(struct db *db);
bool import_row_is_valid(const struct store_import *import);
bool import_row_read(sqlite3_stmt *s, struct store_import *ret); /* false: not valid */
/* Of one that is not valid: which file it is about, and whose. All else is not known. */
bool import_row_read_whose(sqlite3_stmt *s, struct store_import *ret);
int import_row_apply(struct db *db, const struct store_import *import);
/* Of one that is there only what it was read with, and came to. */
int import_row_apply_again(struct db *db, const struct store_import *import);
/* Is it compared with something else than it would be now? Behind all that it came to; of one that was
 * not read it is not asked. */
int import_row_settle(struct db *db, const struct store_import *import, bool read);
/* What it was read with is not known any more: it is read again. */
int import_row_forget_reading(struct db *db, const char *hash);

/* imports.c */
int import_table_prepare(struct db *db);
int import_table_each(struct db *db,
                      void (*visit)(void *userdata, const struct store_import *import),
                      void *userdata, struct bad_rows *bad);
int import_table_make_put(struct put **ret, const struct store_imported *imported);
int import_table_make_forget(struct put **ret, const char *hash);
int import_table_make_choices(struct put **ret, const struct store_choice *choices, size_t n);

/* pages.c: what was read of a page; its rows are to be freed */
struct page_rows {
    struct store_session *sessions;
    struct store_verdict *verdicts;
    struct store_import *imports;
    struct store_said *said;
    int64_t *places;
};
int page_read(struct db *db, const struct store_page_question *question, struct page_rows *rows,
              struct store_page *ret);
void page_rows_free(struct page_rows *rows);

/* outdated.c */
int outdated_make_put(struct put **ret, const struct store_outdated_question *question);

/* origin.c */
int origin_table_begin(struct db *db, int64_t wall_usec);
int origin_table_read(struct db *db);
int origin_table_make_put(struct put **ret, int64_t made_usec); /* the clock is known by now */

/* events.c */
struct event_table {
    struct store_event *rows;
    size_t n;
};
struct event_rows; /* a copy of rows, on its way to the disk */
int event_table_prepare(struct db *db);
int event_table_read(struct db *db, struct event_table *ret, struct bad_rows *bad);
int event_rows_new(struct event_rows **ret, const struct store_event *events, size_t n);
size_t event_rows_bytes(const struct event_rows *rows);
int event_rows_apply(struct db *db, const struct event_rows *rows);
void event_rows_free(struct event_rows *rows);
int event_table_make_put(struct put **ret, const struct store_event *events, size_t n);
int event_table_make_delete(struct put **ret, const char *id);
int event_table_make_mark(struct put **ret, const char *id, int tries, bool refused);
void event_table_free(struct event_table *table);

/* newest.c: 0: none */
int newest_read(struct db *db, const struct event_table *events, int64_t *ret_usec);

/* sensors.c */
struct sensor_table {
    struct store_sensor *rows;
    size_t n;
};
int sensor_table_prepare(struct db *db);
int sensor_table_read(struct db *db, struct sensor_table *ret, struct bad_rows *bad);
int sensor_table_make_put(struct put **ret, const struct store_sensor *sensor);
void sensor_table_free(struct sensor_table *table);

/* releases.c */
struct release_table {
    struct store_release *rows;
    size_t n;
};
int release_table_prepare(struct db *db);
int release_table_read(struct db *db, struct release_table *ret, struct bad_rows *bad);
int release_table_make_put(struct put **ret, const struct store_release *release);
void release_table_free(struct release_table *table);

/* verdicts.c */
struct verdict_table {
    struct store_verdict *rows;
    size_t n;
};
int verdict_table_prepare(struct db *db);
int verdict_table_read(struct db *db, struct verdict_table *ret, struct bad_rows *bad);
/* All that was said to a runner, by rule and run. */
int verdict_row_select(struct db *db, const char *runner, const char *beyond, sqlite3_stmt **ret);
bool verdict_row_read(sqlite3_stmt *s, struct store_verdict *ret); /* false: not valid */
int verdict_table_make_put(struct put **ret, const struct store_judged *judged);
void verdict_table_free(struct verdict_table *table);

/* said.c: messages about rules, and that they were seen */
struct said_rows; /* a copy of rows, on its way to the disk */
int said_table_prepare(struct db *db);
int said_rows_new(struct said_rows **ret, const struct store_judged *judged); /* NULL: none */
size_t said_rows_bytes(const struct said_rows *rows);
int said_rows_apply(struct db *db, const struct said_rows *rows);
void said_rows_free(struct said_rows *rows);
bool said_digest_is_valid(const char *digest); /* of a session's id; "": none */

/* said_told.c: asked for while the loop runs */
#define SAID_COLUMNS                                                                               \
    "id, rule, news, verdict, day, at_usec, value, reference, up_to, evidence, sentence, session," \
    " acknowledged_usec"
/* Without its runner. False: it is not valid. */
bool said_row_read(sqlite3_stmt *s, struct store_said *ret);
/* asked counts them while they wait, or are answered. */
int said_make_question(struct put **ret, unsigned *asked, const char *runner, int64_t since_usec,
                       const char *before, store_said_found found, void *userdata);

/* unjudged.c: sessions whose verdicts are not committed yet */
struct unjudged_table {
    struct store_unjudged *rows;
    size_t n;
};
int unjudged_table_prepare(struct db *db);
int unjudged_table_read(struct db *db, struct unjudged_table *ret, struct bad_rows *bad);
bool unjudged_is_valid(const struct store_unjudged *row);
/* With a session's row, and before it: the row there was says whose it is no more. */
int unjudged_apply_session(struct db *db, const struct store_session *row);
int unjudged_apply_judged(struct db *db, const struct store_unjudged *row);
void unjudged_table_free(struct unjudged_table *table);

/* levels.c */
struct level_table {
    struct store_level *rows; /* of the last LEVEL_KEPT_DAYS */
    size_t n;
};
int level_table_prepare(struct db *db);
int level_table_read(struct db *db, int64_t wall_usec, struct level_table *ret,
                     struct bad_rows *bad);
int level_table_make_put(struct put **ret, const struct store_level *row);
int level_table_make_question(struct put **ret, const char *id, store_level_found found,
                              void *userdata);
void level_table_free(struct level_table *table);
bool level_row_is_valid(const struct store_level *row);
int level_row_apply(struct db *db, const struct store_level *row); /* 0 s: it goes */
/* A session counts no more, or again: the files that were compared with it are marked. */
int level_row_mark(struct db *db, const char *id);
/* How a runner ran on the level in the LEVEL_DAYS before a moment; NAN: too little is known. */
int level_row_reference(struct db *db, const char *runner, int64_t at_usec,
                        struct knee_reference *ret);

/* answers.c: the memory is the truth here, also for what was put since open */
#define ANSWER_KEPT_USEC (24 * 3600 * INT64_C(1000000))
struct answer_table {
    struct answer *first, *last; /* oldest first */
    size_t n, bytes;
    int64_t dated_with_usec; /* the wall clock less the one that never jumps, in the database */
};
int answer_table_prepare(struct db *db);
int answer_table_read(struct db *db, struct answer_table *table, int64_t wall_usec,
                      uint64_t now_usec, struct bad_rows *bad);
int answer_table_remember(struct answer_table *table, const char *transaction, const char *answer,
                          uint64_t until_usec);
const char *answer_table_find(const struct answer_table *table, const char *transaction,
                              uint64_t now_usec);
int answer_table_make_put(struct put **ret, const char *transaction, const char *answer,
                          int64_t wall_usec);
/* The wall clock was set since the rows were dated. */
bool answer_table_is_off(const struct answer_table *table, int64_t wall_usec, uint64_t now_usec);
/* By it, each is as old as it is in memory; *ret stays as it is if there is none. */
int answer_table_make_dates(struct put **ret, const struct answer_table *table, int64_t wall_usec,
                            uint64_t now_usec);
void answer_table_free(struct answer_table *table);

/* put.c: takes the rows over, also when it fails */
int put_new(struct put **ret, int (*apply)(struct db *db, const void *rows), void *rows,
            void (*rows_free)(void *rows), size_t bytes);
struct put *put_free(struct put *put);
