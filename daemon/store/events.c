/* SPDX-License-Identifier: MIT */
/*
 * Facts that a runner's subscribers are told once: kept until the broker acknowledged them. `seq` is
 * the order they are told in; `id` is the same at every try, also after a restart, and a second put
 * of an id changes nothing.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define BODY_MAX  16384
#define TRIES_MAX 1000

struct event_rows {
    size_t n;
    struct store_event rows[];
};

/* ---- what a row may be --------------------------------------------------------------------- */

static bool body_is_object(const char *body, size_t length)
{
    if (length > BODY_MAX || !text_is_plain(body, length))
        return false;
    json_t *json = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
    bool is_object = json_is_object(json);
    json_decref(json);
    return is_object;
}

static bool is_valid(const struct store_event *event)
{
    size_t id_length = strnlen(event->id, sizeof(event->id));
    size_t runner_length = strnlen(event->runner, sizeof(event->runner));

    return id_length > 0 && id_length < sizeof(event->id) && text_is_plain(event->id, id_length) &&
           event_kind_name(event->kind) && runner_length < sizeof(event->runner) &&
           (runner_length == 0 || text_is_topic_level(event->runner)) && event->at_usec >= 0 &&
           event->at_usec <= TIME_MAX_USEC && event->tries >= 0 && event->tries <= TRIES_MAX &&
           event->body && body_is_object(event->body, strlen(event->body));
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool kind_from_name(const char *name, enum event_kind *ret)
{
    for (enum event_kind kind = 0; event_kind_name(kind); kind++)
        if (strcmp(event_kind_name(kind), name) == 0) {
            *ret = kind;
            return true;
        }
    return false;
}

/* ret->body is to be freed when true */
static bool read_row(sqlite3_stmt *s, struct store_event *ret)
{
    struct store_event event = { 0 };
    char kind[32];
    _cleanup_free_ char *body = malloc(BODY_MAX + 1);
    int64_t tries, refused;

    if (!body || !column_text(s, 0, event.id, sizeof(event.id)) ||
        !column_text(s, 1, kind, sizeof(kind)) || !kind_from_name(kind, &event.kind) ||
        !column_text(s, 2, event.runner, sizeof(event.runner)) ||
        !column_time(s, 3, &event.at_usec) || !column_text(s, 4, body, BODY_MAX + 1) ||
        !column_integer(s, 5, 0, TRIES_MAX, &tries) || !column_integer(s, 6, 0, 1, &refused))
        return false;
    event.tries = (int)tries;
    event.refused = refused != 0;
    event.body = body;
    if (!is_valid(&event))
        return false;
    event.body = strdup(body); /* as small as it is */
    *ret = event;
    return event.body != NULL;
}

/* More rows than are kept: the oldest go, alerts last. Whoever tells them has its own bound. */
static int drop_beyond_bound(struct db *db)
{
    char sql[200];
    snprintf(sql, sizeof(sql),
             "DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY kind = 'alert', seq"
             " LIMIT max(0, (SELECT count(*) FROM events) - %d))",
             STORE_EVENTS_MAX);
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

static int append_row(sqlite3_stmt *s, struct event_table *table, struct bad_rows *bad)
{
    struct store_event *row = ARRAY_ADD(table->rows, table->n);

    if (!row)
        return SQLITE_NOMEM;
    if (!read_row(s, row)) {
        table->n--;
        bad->n++;
    }
    return SQLITE_OK;
}

int event_table_read(struct db *db, struct event_table *ret, struct bad_rows *bad)
{
    sqlite3_stmt *s;

    int rc = drop_beyond_bound(db);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_prepare_v2(db->sqlite,
                            "SELECT id, kind, runner, at_usec, body, tries, refused FROM events"
                            " ORDER BY seq",
                            -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        int grown = append_row(s, ret, bad);
        if (grown != SQLITE_OK) {
            sqlite3_finalize(s);
            return grown;
        }
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void free_bodies(struct store_event *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(rows[i].body);
}

void event_table_free(struct event_table *table)
{
    free_bodies(table->rows, table->n);
    free(table->rows);
    *table = (struct event_table){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

int event_table_prepare(struct db *db)
{
    int rc = db_prepare(db, &db->put_event,
                        "INSERT INTO events (id, kind, runner, at_usec, body, tries, refused)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING");
    if (rc != SQLITE_OK)
        return rc;
    rc = db_prepare(db, &db->delete_event, "DELETE FROM events WHERE id = ?");
    if (rc != SQLITE_OK)
        return rc;
    return db_prepare(db, &db->mark_event, "UPDATE events SET tries = ?, refused = ? WHERE id = ?");
}

void event_rows_free(struct event_rows *rows)
{
    if (rows)
        free_bodies(rows->rows, rows->n);
    free(rows);
}

static void event_rows_freep(struct event_rows **rows)
{
    event_rows_free(*rows);
}

int event_rows_new(struct event_rows **ret, const struct store_event *events, size_t n)
{
    _cleanup_(event_rows_freep) struct event_rows *rows =
        calloc(1, sizeof(*rows) + n * sizeof(rows->rows[0]));
    if (!rows)
        return -ENOMEM;
    for (; rows->n < n; rows->n++) {
        const struct store_event *event = &events[rows->n];
        if (!is_valid(event))
            return -EINVAL;
        rows->rows[rows->n] = *event;
        rows->rows[rows->n].body = strdup(event->body);
        if (!rows->rows[rows->n].body)
            return -ENOMEM;
    }
    *ret = TAKE_PTR(rows);
    return 0;
}

size_t event_rows_bytes(const struct event_rows *rows)
{
    size_t bytes = sizeof(*rows);
    for (size_t i = 0; i < rows->n; i++)
        bytes += sizeof(rows->rows[i]) + strlen(rows->rows[i].body);
    return bytes;
}

int event_rows_apply(struct db *db, const struct event_rows *rows)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; i < rows->n && rc == SQLITE_OK; i++) {
        const struct store_event *event = &rows->rows[i];
        struct binder b = { .statement = db->put_event };
        bind_text(&b, event->id);
        bind_text(&b, event_kind_name(event->kind));
        bind_text(&b, event->runner);
        bind_time(&b, event->at_usec);
        bind_text(&b, event->body);
        bind_integer(&b, event->tries);
        bind_integer(&b, event->refused);
        rc = binder_run(&b);
    }
    return rc;
}

static int apply_put(struct db *db, const void *rows)
{
    return event_rows_apply(db, rows);
}

static void free_put(void *rows)
{
    event_rows_free(rows);
}

int event_table_make_put(struct put **ret, const struct store_event *events, size_t n)
{
    struct event_rows *rows = NULL;
    int r = event_rows_new(&rows, events, n);
    if (r < 0)
        return r;
    return put_new(ret, apply_put, rows, free_put, event_rows_bytes(rows));
}

struct mark {
    char id[40];
    int tries;
    bool refused;
};

static int mark_new(struct mark **ret, const char *id, int tries, bool refused)
{
    size_t length = strlen(id);
    if (length == 0 || length >= sizeof((*ret)->id) || tries < 0 || tries > TRIES_MAX)
        return -EINVAL;
    struct mark *mark = malloc(sizeof(*mark));
    if (!mark)
        return -ENOMEM;
    *mark = (struct mark){ .tries = tries, .refused = refused };
    memcpy(mark->id, id, length + 1);
    *ret = mark;
    return 0;
}

static int apply_delete(struct db *db, const void *rows)
{
    const struct mark *mark = rows;
    struct binder b = { .statement = db->delete_event };
    bind_text(&b, mark->id);
    return binder_run(&b);
}

int event_table_make_delete(struct put **ret, const char *id)
{
    struct mark *mark = NULL;
    int r = mark_new(&mark, id, 0, false);
    return r < 0 ? r : put_new(ret, apply_delete, mark, free, sizeof(*mark));
}

static int apply_mark(struct db *db, const void *rows)
{
    const struct mark *mark = rows;
    struct binder b = { .statement = db->mark_event };
    bind_integer(&b, mark->tries);
    bind_integer(&b, mark->refused);
    bind_text(&b, mark->id);
    return binder_run(&b);
}

int event_table_make_mark(struct put **ret, const char *id, int tries, bool refused)
{
    struct mark *mark = NULL;
    int r = mark_new(&mark, id, tries, refused);
    return r < 0 ? r : put_new(ret, apply_mark, mark, free, sizeof(*mark));
}
