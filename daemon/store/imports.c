/* SPDX-License-Identifier: MIT */
/*
 * Files that came in, by content and runner: what was made of one is never made of it again. A row,
 * its sessions and what is told of them are one transaction, so a process that is killed has
 * imported a file or has not. Of one that was refused the row is replaced when the next try says
 * otherwise; one that was taken stays as it is, until it is read again (outdated.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define CHOICES_MAX 1024

static bool choice_is_valid(const struct store_choice *choice)
{
    return recording_id_is_valid(choice->id) &&
           (!choice->instead[0] || recording_id_is_valid(choice->instead));
}

/* ---- reading ------------------------------------------------------------------------------- */

int import_table_each(struct db *db,
                      void (*visit)(void *userdata, const struct store_import *import),
                      void *userdata, struct bad_rows *bad)
{
    struct store_import row;
    sqlite3_stmt *s;

    int rc = sqlite3_prepare_v2(db->sqlite, "SELECT " IMPORT_COLUMNS " FROM imports ORDER BY seq",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        bool valid = import_row_read(s, &row);
        if (valid || import_row_read_whose(s, &row))
            visit(userdata, &row);
        bad->n += !valid;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct import_put { /* the arrays stand behind it */
    struct store_import import;
    char from[32], given[STORE_REASON_MAX];
    struct store_session *sessions;
    struct store_level *levels;
    struct store_choice *choices;
    size_t n_sessions, n_levels, n_choices;
    bool again;
    struct event_rows *events;
};

int import_table_prepare(struct db *db)
{
    int rc = import_row_prepare(db);

    if (rc != SQLITE_OK)
        return rc;
    rc = db_prepare(db, &db->give_import,
                    "UPDATE imports SET verdict = 'refused', reason = ?, sessions = 0"
                    " WHERE hash = ? AND runner = ?");
    if (rc != SQLITE_OK)
        return rc;
    rc = db_prepare(db, &db->name_import,
                    "UPDATE imports SET (name, size, mtime_nsec) = (SELECT name, size, mtime_nsec"
                    " FROM imports WHERE hash = ?1 AND runner = ?2)"
                    " WHERE hash = ?1 AND runner = ?3"
                    " AND EXISTS (SELECT 1 FROM imports WHERE hash = ?1 AND runner = ?2)");
    if (rc != SQLITE_OK)
        return rc;
    return db_prepare(db, &db->put_choice, "UPDATE sessions SET instead = ? WHERE id = ?");
}

/* The same content, with the name that it came in by; of its earlier owner it is known for ever, and
 * does not come in again. */
static int apply_given(struct db *db, const struct import_put *put)
{
    struct binder name = { .statement = db->name_import }, give = { .statement = db->give_import };
    int rc;

    bind_text(&name, put->import.hash);
    bind_text(&name, put->from);
    bind_text(&name, put->import.runner);
    rc = binder_run(&name);
    if (rc != SQLITE_OK)
        return rc;
    bind_text(&give, put->given);
    bind_text(&give, put->import.hash);
    bind_text(&give, put->from);
    return binder_run(&give);
}

struct left { /* sessions of a file */
    struct store_session *rows;
    size_t n;
};

static int read_left(struct db *db, const struct import_put *put, struct left *ret)
{
    struct binder b = { 0 };
    struct store_session row, *added;
    int rc = session_row_select(db, "WHERE file = ? AND runner = ?", &b.statement);

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, put->import.hash);
    bind_text(&b, put->from);
    while ((rc = sqlite3_step(b.statement)) == SQLITE_ROW) {
        if (!session_row_read(b.statement, &row))
            continue;
        added = ARRAY_ADD(ret->rows, ret->n);
        if (!added)
            break;
        *added = row;
    }
    sqlite3_finalize(b.statement);
    return rc == SQLITE_ROW ? SQLITE_NOMEM : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* What of it was not read now is its new owner's too: another reading may find it again, for them. */
static int apply_left(struct db *db, const struct import_put *put)
{
    struct left left = { 0 };
    int rc = strcmp(put->from, put->import.runner) == 0 ? SQLITE_OK : read_left(db, put, &left);

    for (size_t i = 0; i < left.n && rc == SQLITE_OK; i++) {
        struct store_session *row = &left.rows[i];

        memcpy(row->session.runner, put->import.runner, sizeof(row->session.runner));
        row->rebuilt = row->session.state != SESSION_ENDED; /* it counted for nobody: no news */
        if (row->session.state == SESSION_ENDED) {
            row->session.state = SESSION_DISCARDED;
            snprintf(row->reason, sizeof(row->reason), STORE_NOT_IN_FILE);
        }
        rc = session_row_apply(db, row);
    }
    free(left.rows);
    return rc;
}

static int apply_choice(struct db *db, const struct store_choice *choice)
{
    struct binder b = { .statement = db->put_choice };
    int rc;

    bind_text(&b, choice->instead);
    bind_text(&b, choice->id);
    rc = binder_run(&b);
    return rc == SQLITE_OK ? level_row_mark(db, choice->id) : rc;
}

/* What a person deleted no reading of its file brings back: it goes to the file's new owner as it is, and what it was
 * is gone for good or may come back yet. Only the store knows which, at this place in the line. */
static int apply_session(struct db *db, const struct store_session *session)
{
    struct store_session row = *session, was;
    bool deleted;
    int rc = session_row_find_deleted(db, row.session.id, &was, &deleted);

    if (rc != SQLITE_OK)
        return rc;
    if (deleted) {
        row.session.state = was.session.state;
        memcpy(row.reason, was.reason, sizeof(row.reason));
        if (store_session_is_blank(&was))
            store_session_blank(&row);
        row.rebuilt = true; /* it counts for nobody: no news */
    }
    return session_row_apply(db, &row);
}

/* Behind its session. */
static int apply_level(struct db *db, const struct store_level *level)
{
    struct store_level row = *level;
    struct store_session was;
    bool deleted;
    int rc = session_row_find_deleted(db, row.id, &was, &deleted);

    if (rc != SQLITE_OK)
        return rc;
    if (deleted && store_session_is_blank(&was))
        level_init(&row.level);
    return level_row_apply(db, &row);
}

static int apply_sessions(struct db *db, const struct import_put *put)
{
    int rc = SQLITE_OK;

    if (rc == SQLITE_OK && put->from[0])
        rc = apply_given(db, put);
    for (size_t i = 0; i < put->n_sessions && rc == SQLITE_OK; i++)
        rc = apply_session(db, &put->sessions[i]);
    if (rc == SQLITE_OK && put->from[0])
        rc = apply_left(db, put);
    for (size_t i = 0; i < put->n_levels && rc == SQLITE_OK; i++)
        rc = apply_level(db, &put->levels[i]);
    for (size_t i = 0; i < put->n_choices && rc == SQLITE_OK; i++)
        rc = apply_choice(db, &put->choices[i]);
    return rc;
}

/* What its steps are compared with is asked at the end: its own sessions are no news by then. */
static int apply_put(struct db *db, const void *rows)
{
    const struct import_put *put = rows;
    const struct store_import *import = &put->import;
    int rc = SQLITE_OK;

    if (import->hash[0])
        rc = put->again ? import_row_apply_again(db, import) : import_row_apply(db, import);
    if (rc == SQLITE_OK)
        rc = apply_sessions(db, put);
    if (rc == SQLITE_OK && import->hash[0])
        rc = import_row_settle(db, import, put->n_sessions > 0);
    return rc == SQLITE_OK && put->events ? event_rows_apply(db, put->events) : rc;
}

static void free_put(void *rows)
{
    struct import_put *put = rows;

    event_rows_free(put->events);
    free(put->sessions);
    free(put->levels);
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
    if (n > IMPORT_SESSIONS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!session_row_is_valid(&sessions[i]))
            return -EINVAL;
    put->n_sessions = n;
    return copy((void **)&put->sessions, sessions, n, sizeof(*sessions));
}

static int take_levels(struct import_put *put, const struct store_level *levels, size_t n)
{
    if (n > IMPORT_SESSIONS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!level_row_is_valid(&levels[i]))
            return -EINVAL;
    put->n_levels = n;
    return copy((void **)&put->levels, levels, n, sizeof(*levels));
}

static int take_given(struct import_put *put, const char *from, const char *given)
{
    if (!from || !from[0])
        return 0;
    if (!text_is_topic_level(from) || !given || !text_is_plain(given, strlen(given)))
        return -EINVAL;
    snprintf(put->from, sizeof(put->from), "%s", from);
    snprintf(put->given, sizeof(put->given), "%s", given);
    return 0;
}

static size_t bytes_of(const struct import_put *put)
{
    return sizeof(*put) + put->n_sessions * sizeof(*put->sessions) +
           put->n_levels * sizeof(*put->levels) + put->n_choices * sizeof(*put->choices) +
           (put->events ? event_rows_bytes(put->events) : 0);
}

int import_table_make_put(struct put **ret, const struct store_imported *imported)
{
    _cleanup_(free_putp) struct import_put *put = calloc(1, sizeof(*put));
    int r;

    if (!put)
        return -ENOMEM;
    if (!import_row_is_valid(imported->import))
        return -EINVAL;
    put->import = *imported->import;
    put->again = imported->again;
    r = take_given(put, imported->from, imported->given);
    if (r >= 0)
        r = take_sessions(put, imported->sessions, imported->n_sessions);
    if (r >= 0)
        r = take_levels(put, imported->levels, imported->n_levels);
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

static int apply_forget(struct db *db, const void *rows)
{
    return import_row_forget_reading(db, rows);
}

int import_table_make_forget(struct put **ret, const char *hash)
{
    if (!text_is_hash(hash))
        return -EINVAL;
    char *copy = strdup(hash);
    if (!copy)
        return -ENOMEM;
    return put_new(ret, apply_forget, copy, free, STORE_HASH_MAX);
}
