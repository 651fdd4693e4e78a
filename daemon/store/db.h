/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The database file: opened, checked, brought to the newest version, set aside when damaged; and
 * puts, the changes that are written to it. Runs on the worker, except that store_open opens and
 * reads before the loop runs. What is called `rc` is an SQLite code, `r` a -errno.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/store/store.h"

#define DB_NAME "strided.db"

enum db_state {
    DB_CLOSED, /* not opened yet, or given up after a failure: to be opened again */
    DB_OPEN,
    DB_NEWER, /* written by a newer strided: left alone for good */
};

struct db {
    char *path;
    enum db_state state;
    sqlite3 *sqlite;
    int found_version;
    int64_t made_usec; /* when it was begun; 0: not known */
    bool made_is_sure; /* the clock was known */
    char aside[64];    /* file name of the damaged one, when there was one */
    int n_aside;
    bool let_go;  /* after the commit: what was kept of the pages */
    bool forget;  /* and what the log still has of rows that were dropped */
    int os_error; /* errno of what we did ourselves to the files; 0 = ask SQLite */

    /* Prepared once an open; finalized with the connection */
    sqlite3_stmt *begin, *commit, *rollback;
    sqlite3_stmt *savepoint, *release, *rollback_to;
    sqlite3_stmt *put_session;
    sqlite3_stmt *put_event, *delete_event, *mark_event;
    sqlite3_stmt *put_sensor;
    sqlite3_stmt *put_release;
    sqlite3_stmt *put_verdict, *put_told_run, *drop_told_runs;
    sqlite3_stmt *put_said;
    sqlite3_stmt *put_unjudged, *put_left, *drop_unjudged;
    sqlite3_stmt *put_level;
    sqlite3_stmt *put_answer, *date_answer, *prune_answers;
    sqlite3_stmt *put_import, *give_import, *name_import, *put_choice;
};

/* One change, all or nothing. Belongs to the worker while its job is under way. */
struct put {
    struct put *next;
    int (*apply)(struct db *db, const void *rows); /* an SQLite code */
    void (*rows_free)(void *rows);
    void *rows;
    size_t bytes; /* about, for the bound on what waits */
    int result;   /* 0 or -errno once db_write returned SQLITE_OK */
    store_committed committed;
    void *userdata;
};

/* SQLITE_OK: open, or newer; else nothing is open and it may be tried again. */
int db_open(struct db *db, int64_t wall_usec);
void db_close(struct db *db);

/*
 * Writes all of the list in one transaction, opening the database when it is closed and beginning
 * anew when it turns out to be damaged. SQLITE_OK: every put has its result, the good ones are on the
 * disk. Else none is, and the database is closed.
 */
int db_write(struct db *db, struct put *puts, int64_t wall_usec);

/* db.c, for the tables */
int db_prepare(struct db *db, sqlite3_stmt **ret, const char *sql);
int db_run(sqlite3_stmt *statement); /* to its end; resets and unbinds */
/* One that is needed seldom and not kept: 5 KB of memory each. Finalized with the cleanup attribute. */
int db_prepare_once(struct db *db, sqlite3_stmt **ret, const char *sql);
void db_finalizep(sqlite3_stmt **statement);

/* code.c */
int db_errno(const struct db *db, int rc); /* a -errno for a sentence */
bool db_is_damage(int rc);
bool db_is_rows_own(int rc);

/* migrate.c */
int db_newest_version(void);
int db_migrate(struct db *db, int version, int64_t wall_usec);

/* aside.c: renames database, -wal and -shm; remembers the name */
int db_set_aside(struct db *db, int64_t wall_usec);
bool db_has_log(const struct db *db);     /* a -wal that is not empty */
bool db_is_headless(const struct db *db); /* no database, but the log of one */
