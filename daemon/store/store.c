/* SPDX-License-Identifier: MIT */
/*
 * The store as the loop sees it: what was read at open, puts that are copied and handed to the queue,
 * and what is wrong in one sentence. The database itself is the worker's once the loop runs; what the
 * loop knows of it is a copy taken between two jobs.
 */
#include "daemon/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/store/queue.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define ANSWER_KEPT_USEC (24ULL * 3600 * 1000000)

struct store {
    struct db db;
    struct queue queue;

    struct session_table sessions;
    struct event_table events;
    struct sensor_table sensors;
    struct release_table releases;
    struct verdict_table verdicts;
    struct level_table levels;
    struct answer_table answers;
    bool was_read;
    struct bad_rows bad, bad_sessions; /* of all tables; of which sessions */

    enum db_state state; /* as it was after the last job */
    char aside[sizeof(((struct db *)NULL)->aside)];
    int found_version;

    char problem[PAYLOAD_TEXT_MAX];
    void (*on_problem)(void *userdata);
    void *on_problem_userdata;
};

/* ---- what is wrong ------------------------------------------------------------------------- */

/* The first that holds: what a person should do something about comes first. */
static void render_problem(const struct store *store, char *text, size_t size)
{
    const struct queue *queue = &store->queue;

    if (queue->error != 0 && queue->lost > 0)
        snprintf(text, size,
                 "The database " DB_NAME
                 " cannot be written (%s); %zu changes wait, %zu were lost.",
                 strerrordesc_np(-queue->error), queue->n, queue->lost);
    else if (queue->error != 0)
        snprintf(text, size,
                 "The database " DB_NAME " cannot be written (%s); %zu changes wait in memory.",
                 strerrordesc_np(-queue->error), queue->n);
    else if (store->state == DB_NEWER)
        snprintf(text, size,
                 "The database " DB_NAME " is a newer strided's (version %d, known up to %d):"
                 " left alone; results and events are in memory only.",
                 store->found_version, db_newest_version());
    else if (queue->lost > 0)
        snprintf(text, size, "%zu changes of the database were lost while it could not be written.",
                 queue->lost);
    else if (store->aside[0])
        snprintf(text, size, "The database was damaged: set aside as %s and begun anew.",
                 store->aside);
    else if (store->bad.n > 0)
        snprintf(text, size, "The database " DB_NAME " has %zu %s not valid and skipped.",
                 store->bad.n, store->bad.n == 1 ? "row that is" : "rows that are");
    else
        text[0] = '\0';
}

static void on_result(void *userdata)
{
    struct store *store = userdata;
    char text[sizeof(store->problem)];

    if (!store->queue.busy) { /* else the worker may be at it */
        store->state = store->db.state;
        store->found_version = store->db.found_version;
        memcpy(store->aside, store->db.aside, sizeof(store->aside));
    }
    render_problem(store, text, sizeof(text));
    if (strcmp(text, store->problem) == 0)
        return;
    memcpy(store->problem, text, sizeof(store->problem));
    if (store->on_problem)
        store->on_problem(store->on_problem_userdata);
}

const char *store_problem(const struct store *store)
{
    return store->problem[0] ? store->problem : NULL;
}

const char *store_why(const struct store *store, int error)
{
    return error == -EROFS && store->state == DB_NEWER ? store->problem : strerrordesc_np(-error);
}

void store_on_problem(struct store *store, void (*handler)(void *userdata), void *userdata)
{
    store->on_problem = handler;
    store->on_problem_userdata = userdata;
}

/* ---- opening ------------------------------------------------------------------------------- */

static void forget_all(struct store *store)
{
    session_table_free(&store->sessions);
    event_table_free(&store->events);
    sensor_table_free(&store->sensors);
    release_table_free(&store->releases);
    verdict_table_free(&store->verdicts);
    level_table_free(&store->levels);
    answer_table_free(&store->answers);
    store->bad = (struct bad_rows){ 0 };
}

static int read_all(struct store *store, int64_t wall_usec)
{
    struct db *db = &store->db;

    int rc = session_table_read(db, &store->sessions, &store->bad);
    store->bad_sessions = store->bad;
    if (rc == SQLITE_OK)
        rc = event_table_read(db, &store->events, &store->bad);
    if (rc == SQLITE_OK)
        rc = sensor_table_read(db, &store->sensors, &store->bad);
    if (rc == SQLITE_OK)
        rc = release_table_read(db, &store->releases, &store->bad);
    if (rc == SQLITE_OK)
        rc = verdict_table_read(db, &store->verdicts, &store->bad);
    if (rc == SQLITE_OK)
        rc = level_table_read(db, wall_usec, &store->levels, &store->bad);
    if (rc == SQLITE_OK)
        rc = answer_table_read(db, &store->answers, wall_usec, clock_now_usec(), &store->bad);
    return rc;
}

static int open_and_read(struct store *store, int64_t wall_usec)
{
    int rc = db_open(&store->db, wall_usec);
    if (rc != SQLITE_OK || store->db.state == DB_NEWER)
        return rc;
    rc = read_all(store, wall_usec);
    if (db_is_damage(rc)) { /* quick_check does not look at everything */
        forget_all(store);
        db_close(&store->db);
        if (db_set_aside(&store->db, wall_usec) < 0)
            return SQLITE_CANTOPEN;
        rc = db_open(&store->db, wall_usec);
        if (rc == SQLITE_OK)
            rc = read_all(store, wall_usec);
    }
    store->was_read = rc == SQLITE_OK;
    return rc;
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
    on_result(store);
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
    int64_t newest_usec = 0;

    for (size_t i = 0; i < store->sessions.n_last; i++)
        if (store->sessions.last[i].session.end_usec > newest_usec)
            newest_usec = store->sessions.last[i].session.end_usec;
    for (size_t i = 0; i < store->events.n; i++)
        if (store->events.rows[i].at_usec > newest_usec)
            newest_usec = store->events.rows[i].at_usec;
    return newest_usec;
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

const struct store_level *store_levels(const struct store *store, size_t *ret_n)
{
    *ret_n = store->levels.n;
    return store->levels.rows;
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
    rc = session_table_read_each(&store->db, handler, userdata, &bad);
    (void)sqlite3_db_release_memory(store->db.sqlite);
    if (bad.n > store->bad_sessions.n) {
        store->bad.n += bad.n - store->bad_sessions.n;
        store->bad_sessions = bad;
        on_result(store);
    }
    return rc == SQLITE_OK;
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
    if (store->was_read && import_table_each(&store->db, visit, userdata, &store->bad) != SQLITE_OK)
        log_error("Not all imports could be read from %s", store->db.path);
    if (store->was_read)
        (void)sqlite3_db_release_memory(store->db.sqlite);
    on_result(store);
}

/* ---- puts ---------------------------------------------------------------------------------- */

int store_put_session(struct store *store, const struct store_session *session,
                      const struct store_event *events, size_t n_events, store_committed committed,
                      void *userdata)
{
    struct put *put = NULL;

    int r = session_table_make_put(&put, session, events, n_events);
    if (r < 0)
        return r;
    put->committed = committed;
    put->userdata = userdata;
    r = queue_add(&store->queue, put);
    if (r < 0)
        return r;
    if (n_events > 0)
        event_table_free(&store->events);
    session_table_note_ended(&store->sessions,
                             session->session.id); /* else it is derived once more */
    return 0;
}

int store_put_import(struct store *store, const struct store_imported *imported,
                     store_committed committed, void *userdata)
{
    struct put *put = NULL;

    int r = import_table_make_put(&put, imported);
    if (r < 0)
        return r;
    put->committed = committed;
    put->userdata = userdata;
    r = queue_add(&store->queue, put);
    if (r < 0)
        return r;
    if (imported->n_events > 0)
        event_table_free(&store->events);
    return 0;
}

int store_put_choices(struct store *store, const struct store_choice *choices, size_t n)
{
    struct put *put = NULL;
    int r = import_table_make_choices(&put, choices, n);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_events(struct store *store, const struct store_event *events, size_t n_events,
                     store_committed committed, void *userdata)
{
    struct put *put = NULL;

    int r = event_table_make_put(&put, events, n_events);
    if (r < 0)
        return r;
    put->committed = committed;
    put->userdata = userdata;
    r = queue_add(&store->queue, put);
    if (r < 0)
        return r;
    event_table_free(&store->events); /* copied: these may have been the rows given */
    return 0;
}

int store_delete_event(struct store *store, const char *id)
{
    struct put *put = NULL;
    int r = event_table_make_delete(&put, id);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_mark_event(struct store *store, const char *id, int tries, bool refused)
{
    struct put *put = NULL;
    int r = event_table_make_mark(&put, id, tries, refused);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_sensor(struct store *store, const struct store_sensor *sensor)
{
    struct put *put = NULL;
    int r = sensor_table_make_put(&put, sensor);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_level(struct store *store, const struct store_level *level)
{
    struct put *put = NULL;
    int r = level_table_make_put(&put, level);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_release(struct store *store, const struct store_release *release)
{
    struct put *put = NULL;
    int r = release_table_make_put(&put, release);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_verdicts(struct store *store, const struct store_verdict *verdicts, size_t n,
                       const struct store_event *events, size_t n_events, store_committed committed,
                       void *userdata)
{
    struct put *put = NULL;

    int r = verdict_table_make_put(&put, verdicts, n, events, n_events);
    if (r < 0)
        return r;
    put->committed = committed;
    put->userdata = userdata;
    r = queue_add(&store->queue, put);
    if (r < 0)
        return r;
    if (n_events > 0)
        event_table_free(&store->events);
    verdict_table_free(&store->verdicts);
    return 0;
}

int store_put_answer(struct store *store, const char *transaction, const char *answer,
                     int64_t wall_usec)
{
    struct put *put = NULL;

    int r = answer_table_make_put(&put, transaction, answer, wall_usec);
    if (r < 0)
        return r;
    r = answer_table_remember(&store->answers, transaction, answer,
                              clock_now_usec() + ANSWER_KEPT_USEC);
    if (r < 0) {
        put_free(put);
        return r;
    }
    return queue_add(&store->queue, put);
}
