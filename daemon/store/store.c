/* SPDX-License-Identifier: MIT */
/* The store as the loop sees it: it is opened before the loop runs, and what was read then is kept. */
#include "daemon/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/store/private.h"
#include "daemon/util.h"

/* ---- opening ------------------------------------------------------------------------------- */

static void forget_all(struct store *store)
{
    session_table_free(&store->sessions);
    event_table_free(&store->events);
    sensor_table_free(&store->sensors);
    release_table_free(&store->releases);
    verdict_table_free(&store->verdicts);
    unjudged_table_free(&store->unjudged);
    level_table_free(&store->levels);
    note_table_free(&store->notes);
    answer_table_free(&store->answers);
    store->bad = (struct bad_rows){ 0 };
    store->newest_usec = 0;
}

static int read_all(struct store *store, int64_t wall_usec)
{
    struct db *db = &store->db;

    int rc = session_table_read(db, &store->sessions, &store->bad);
    store->bad_sessions = store->bad;
    if (rc == SQLITE_OK)
        rc = event_table_read(db, &store->events, &store->bad);
    if (rc == SQLITE_OK)
        rc = newest_read(db, &store->events, &store->newest_usec);
    if (rc == SQLITE_OK)
        rc = sensor_table_read(db, &store->sensors, &store->bad);
    if (rc == SQLITE_OK)
        rc = release_table_read(db, &store->releases, &store->bad);
    if (rc == SQLITE_OK)
        rc = verdict_table_read(db, &store->verdicts, &store->bad);
    if (rc == SQLITE_OK)
        rc = unjudged_table_read(db, &store->unjudged, &store->bad);
    if (rc == SQLITE_OK)
        rc = level_table_read(db, wall_usec, &store->levels, &store->bad);
    if (rc == SQLITE_OK)
        rc = note_table_read(db, &store->notes);
    if (rc == SQLITE_OK)
        rc = answer_table_read(db, &store->answers, wall_usec, clock_now_usec(), &store->bad);
    return rc;
}

static void take_origin(struct store *store)
{
    store->made_usec = store->db.made_usec;
    store->made_is_sure = store->db.made_is_sure;
    store->made_is_put = false;
    store->is_new = store->db.found_version == 0;
    store->n_aside = store->db.n_aside;
    store->opened_usec = clock_now_usec();
}

static int open_and_read(struct store *store, int64_t wall_usec)
{
    int rc = db_open(&store->db, wall_usec);
    if (rc != SQLITE_OK || store->db.state == DB_NEWER)
        return rc;
    rc = read_all(store, wall_usec);
    if (db_is_damage(rc)) { /* the check does not look at everything */
        forget_all(store);
        db_close(&store->db);
        if (db_set_aside(&store->db, wall_usec) < 0)
            return SQLITE_CANTOPEN;
        rc = db_open(&store->db, wall_usec);
        if (rc == SQLITE_OK)
            rc = read_all(store, wall_usec);
    }
    store->was_read = rc == SQLITE_OK;
    take_origin(store);
    return rc;
}

/* One that was damaged may have made room for another: that has a beginning of its own. */
static void on_result(void *userdata)
{
    struct store *store = userdata;

    store_look_for_problem(store);
    if (store->queue.busy || store->db.state != DB_OPEN || store->n_aside == store->db.n_aside)
        return;
    take_origin(store);
    if (store->clock_is_known)
        store_note_clock(store);
}

static void store_freep(struct store **store)
{
    store_free(*store);
}

int store_open(struct store **ret, struct worker *worker, const char *state_dir, int64_t wall_usec)
{
    _cleanup_(store_freep) struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return -ENOMEM;
    if (asprintf(&store->db.path, "%s/" DB_NAME, state_dir) < 0) {
        store->db.path = NULL;
        return -ENOMEM;
    }
    int r = queue_init(&store->queue, &store->db, worker, on_result, store);
    if (r < 0)
        return r;
    int rc = open_and_read(store, wall_usec);
    if (rc != SQLITE_OK) {
        r = db_errno(&store->db, rc);
        db_close(&store->db);
        forget_all(store);
        queue_retry_later(&store->queue, r);
    }
    store_look_for_problem(store);
    if (store->state == DB_NEWER || store->bad.n > 0)
        log_error("%s", store->problem);
    *ret = TAKE_PTR(store);
    return 0;
}

struct store *store_free(struct store *store)
{
    if (!store)
        return NULL;
    if (store->queue.db)
        queue_done(&store->queue);
    db_close(&store->db);
    store_free_lookups(store);
    store_free_pagings(store);
    store_free_purges(store);
    forget_all(store);
    free(store->db.path);
    free(store);
    return NULL;
}

/* ---- what was read ------------------------------------------------------------------------- */

bool store_was_read(const struct store *store)
{
    return store->was_read;
}

const struct store_event *store_events(const struct store *store, size_t *ret_n)
{
    *ret_n = store->events.n;
    return store->events.rows;
}

const struct store_session *store_last_sessions(const struct store *store, size_t *ret_n)
{
    *ret_n = store->sessions.n_last;
    return store->sessions.last;
}

int64_t store_newest_usec(const struct store *store)
{
    return store->newest_usec;
}

const struct store_sensor *store_sensors(const struct store *store, size_t *ret_n)
{
    *ret_n = store->sensors.n;
    return store->sensors.rows;
}

const struct store_release *store_releases(const struct store *store, size_t *ret_n)
{
    *ret_n = store->releases.n;
    return store->releases.rows;
}

const struct store_verdict *store_verdicts(const struct store *store, size_t *ret_n)
{
    *ret_n = store->verdicts.n;
    return store->verdicts.rows;
}

const struct store_unjudged *store_unjudged(const struct store *store, size_t *ret_n)
{
    *ret_n = store->unjudged.n;
    return store->unjudged.rows;
}

bool store_is_dated(const struct store *store)
{
    return !store->was_read || store->made_is_sure || store->made_is_put;
}

bool store_is_new(const struct store *store)
{
    return store->was_read && store->is_new;
}

int64_t store_made_usec(const struct store *store)
{
    return store->was_read ? store->made_usec : 0;
}

const struct store_level *store_levels(const struct store *store, size_t *ret_n)
{
    *ret_n = store->levels.n;
    return store->levels.rows;
}

bool store_past_is_whole(const struct store *store)
{
    return store->was_read && !store->partly_read;
}

/* At open a row is read as far as it is needed; that it is not valid may show only here. What SQLite
 * kept of the pages is let go: nobody reads them again. */
bool store_read_sessions(struct store *store,
                         void (*handler)(void *userdata, const struct store_session *session),
                         void *userdata)
{
    struct bad_rows bad = { 0 };
    int rc;

    if (!store->was_read || store->queue.busy)
        return false;
    rc = session_table_read_each(&store->db, &store->sessions, handler, userdata, &bad);
    (void)sqlite3_db_release_memory(store->db.sqlite);
    store->partly_read |= rc != SQLITE_OK;
    if (bad.n > store->bad_sessions.n) {
        store->bad.n += bad.n - store->bad_sessions.n;
        store->bad_sessions = bad;
        store_look_for_problem(store);
    }
    return rc == SQLITE_OK;
}

bool store_has_note(const struct store *store, const char *id, const struct note *note)
{
    return note_table_has(&store->notes, id, note);
}

bool store_session_ended(const struct store *store, const char *id)
{
    return session_table_has_ended(&store->sessions, id);
}

const char *store_answer(const struct store *store, const char *transaction)
{
    return answer_table_find(&store->answers, transaction, clock_now_usec());
}

void store_each_import(struct store *store,
                       void (*visit)(void *userdata, const struct store_import *import),
                       void *userdata)
{
    if (store->was_read &&
        import_table_each(&store->db, visit, userdata, &store->bad) != SQLITE_OK) {
        log_error("Not all imports could be read from %s", store->db.path);
        store->partly_read = true;
    }
    if (store->was_read)
        (void)sqlite3_db_release_memory(store->db.sqlite);
    store_look_for_problem(store);
}
