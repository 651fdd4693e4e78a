/* SPDX-License-Identifier: MIT */
/*
 * Files that came in, by content and runner: what was made of one is never made of it again. A row,
 * its sessions and what is told of them are one transaction, so a process that is killed has
 * imported a file or has not. Of one that was refused the row is replaced when the next try says
 * otherwise; one that was taken stays as it is.
 */
#include <errno.h>
#include <string.h>

#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define SESSIONS_MAX 64
#define CHOICES_MAX  1024

static const char *const verdict_names[] = {
    [STORE_IMPORTED] = "imported", [STORE_PARTLY] = "partly", [STORE_REFUSED] = "refused"
};

const char *store_outcome_name(enum store_outcome verdict)
{
    return (size_t)verdict < ELEMENTSOF(verdict_names) ? verdict_names[verdict] : NULL;
}

/* ---- what a row may be --------------------------------------------------------------------- */

static bool is_valid(const struct store_import *import)
{
    return text_is_hash(import->hash) && text_is_topic_level(import->runner) &&
           text_is_plain(import->name, strlen(import->name)) && import->size >= 0 &&
           import->at_usec >= 0 && import->at_usec <= TIME_MAX_USEC &&
           store_outcome_name(import->verdict) &&
           text_is_plain(import->reason, strlen(import->reason)) && import->n_sessions >= 0 &&
           import->n_sessions <= SESSIONS_MAX;
}

static bool choice_is_valid(const struct store_choice *choice)
{
    return recording_id_is_valid(choice->id) &&
           (!choice->instead[0] || recording_id_is_valid(choice->instead));
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool verdict_from_name(const char *name, enum store_outcome *ret)
{
    for (enum store_outcome verdict = 0; store_outcome_name(verdict); verdict++)
        if (strcmp(store_outcome_name(verdict), name) == 0) {
            *ret = verdict;
            return true;
        }
    return false;
}

static bool read_row(sqlite3_stmt *s, struct store_import *ret)
{
    struct store_import row = { 0 };
    char verdict[16];
    int64_t n;

    if (!column_text(s, 0, row.hash, sizeof(row.hash)) ||
        !column_text(s, 1, row.runner, sizeof(row.runner)) ||
        !column_text(s, 2, row.name, sizeof(row.name)) ||
        !column_integer(s, 3, 0, INT64_MAX, &row.size) ||
        !column_integer(s, 4, INT64_MIN, INT64_MAX, &row.mtime_nsec) ||
        !column_integer(s, 5, 0, TIME_MAX_USEC, &row.at_usec) ||
        !column_text(s, 6, verdict, sizeof(verdict)) || !verdict_from_name(verdict, &row.verdict) ||
        !column_text(s, 7, row.reason, sizeof(row.reason)) ||
        !column_integer(s, 8, 0, SESSIONS_MAX, &n))
        return false;
    row.n_sessions = (int)n;
    if (!is_valid(&row))
        return false;
    *ret = row;
    return true;
}

int import_table_each(struct db *db,
                      void (*visit)(void *userdata, const struct store_import *import),
                      void *userdata, struct bad_rows *bad)
{
    struct store_import row;
    sqlite3_stmt *s;

    int rc = sqlite3_prepare_v2(db->sqlite,
                                "SELECT hash, runner, name, size, mtime_nsec, at_usec, verdict,"
                                " reason, sessions FROM imports ORDER BY seq",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (read_row(s, &row))
            visit(userdata, &row);
        else
            bad->n++;
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct import_put { /* the arrays stand behind it */
    struct store_import import;
    struct store_session *sessions;
    struct store_choice *choices;
    size_t n_sessions, n_choices;
    struct event_rows *events;
};

int import_table_prepare(struct db *db)
{
    int rc = db_prepare(db, &db->put_import,
                        "INSERT INTO imports (hash, runner, name, size, mtime_nsec, at_usec,"
                        " verdict, reason, sessions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        " ON CONFLICT (hash, runner) DO UPDATE SET name = excluded.name,"
                        " size = excluded.size, mtime_nsec = excluded.mtime_nsec,"
                        " at_usec = excluded.at_usec, verdict = excluded.verdict,"
                        " reason = excluded.reason, sessions = excluded.sessions"
                        " WHERE verdict = 'refused'");
    if (rc != SQLITE_OK)
        return rc;
    return db_prepare(db, &db->put_choice, "UPDATE sessions SET instead = ? WHERE id = ?");
}

static int apply_import(struct db *db, const struct store_import *import)
{
    struct binder b = { .statement = db->put_import };

    bind_text(&b, import->hash);
    bind_text(&b, import->runner);
    bind_text(&b, import->name);
    bind_integer(&b, import->size);
    bind_integer(&b, import->mtime_nsec);
    bind_integer(&b, import->at_usec);
    bind_text(&b, store_outcome_name(import->verdict));
    bind_text(&b, import->reason);
    bind_integer(&b, import->n_sessions);
    return binder_run(&b);
}

static int apply_choice(struct db *db, const struct store_choice *choice)
{
    struct binder b = { .statement = db->put_choice };

    bind_text(&b, choice->instead);
    bind_text(&b, choice->id);
    return binder_run(&b);
}

static int apply_put(struct db *db, const void *rows)
{
    const struct import_put *put = rows;
    int rc = put->import.hash[0] ? apply_import(db, &put->import) : SQLITE_OK;

    for (size_t i = 0; i < put->n_sessions && rc == SQLITE_OK; i++)
        rc = session_row_apply(db, &put->sessions[i]);
    for (size_t i = 0; i < put->n_choices && rc == SQLITE_OK; i++)
        rc = apply_choice(db, &put->choices[i]);
    return rc == SQLITE_OK && put->events ? event_rows_apply(db, put->events) : rc;
}

static void free_put(void *rows)
{
    struct import_put *put = rows;

    event_rows_free(put->events);
    free(put->sessions);
    free(put->choices);
    free(put);
}

static void free_putp(struct import_put **put)
{
    if (*put)
        free_put(*put);
}

/* A copy of n items; NULL for none of them. */
static int copy(void **ret, const void *items, size_t n, size_t size)
{
    if (n == 0)
        return 0;
    *ret = reallocarray(NULL, n, size);
    if (!*ret)
        return -ENOMEM;
    memcpy(*ret, items, n * size);
    return 0;
}

static int take_choices(struct import_put *put, const struct store_choice *choices, size_t n)
{
    if (n > CHOICES_MAX)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!choice_is_valid(&choices[i]))
            return -EINVAL;
    put->n_choices = n;
    return copy((void **)&put->choices, choices, n, sizeof(*choices));
}

static int take_sessions(struct import_put *put, const struct store_session *sessions, size_t n)
{
    if (n > SESSIONS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!session_row_is_valid(&sessions[i]))
            return -EINVAL;
    put->n_sessions = n;
    return copy((void **)&put->sessions, sessions, n, sizeof(*sessions));
}

static size_t bytes_of(const struct import_put *put)
{
    return sizeof(*put) + put->n_sessions * sizeof(*put->sessions) +
           put->n_choices * sizeof(*put->choices) +
           (put->events ? event_rows_bytes(put->events) : 0);
}

int import_table_make_put(struct put **ret, const struct store_imported *imported)
{
    _cleanup_(free_putp) struct import_put *put = calloc(1, sizeof(*put));
    int r;

    if (!put)
        return -ENOMEM;
    if (!is_valid(imported->import))
        return -EINVAL;
    put->import = *imported->import;
    r = take_sessions(put, imported->sessions, imported->n_sessions);
    if (r >= 0)
        r = take_choices(put, imported->choices, imported->n_choices);
    if (r >= 0)
        r = event_rows_new(&put->events, imported->events, imported->n_events);
    if (r < 0)
        return r;
    size_t bytes = bytes_of(put);
    return put_new(ret, apply_put, TAKE_PTR(put), free_put, bytes);
}

int import_table_make_choices(struct put **ret, const struct store_choice *choices, size_t n)
{
    _cleanup_(free_putp) struct import_put *put = calloc(1, sizeof(*put));
    int r;

    if (!put)
        return -ENOMEM;
    r = take_choices(put, choices, n);
    if (r < 0)
        return r;
    size_t bytes = bytes_of(put);
    return put_new(ret, apply_put, TAKE_PTR(put), free_put, bytes);
}
