/* SPDX-License-Identifier: MIT */
/*
 * Results of sessions, derived from their recordings. A result that is computed again (a better
 * formula, a damaged database) replaces the row and keeps its place; the newest of a runner is the
 * one that ended last, not the one with the latest start: a clock that was once wrong would stay the
 * newest for years.
 *
 * Of ten years of rows only the newest per runner and one hash an id stay in memory (60 KB): enough
 * to know at start which recordings have their result already.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "lib/digest.h"

#define LAST_MAX 64 /* runners, also such as are configured no more */

/* ---- which have ended ---------------------------------------------------------------------- */

int session_table_note_ended(struct session_table *table, const char *id)
{
    return keys_add(&table->ended, digest_text(id));
}

bool session_table_has_ended(const struct session_table *table, const char *id)
{
    return keys_has(&table->ended, digest_text(id));
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool has_last_of(const struct session_table *table, const char *runner)
{
    for (size_t i = 0; i < table->n_last; i++)
        if (strcmp(table->last[i].session.runner, runner) == 0)
            return true;
    return false;
}

/* Rows come newest first, so the first valid one of a runner is the last of theirs: only that is read
 * whole. */
static int take_last(sqlite3_stmt *whole, int64_t seq, struct session_table *table,
                     struct bad_rows *bad)
{
    int rc;

    sqlite3_bind_int64(whole, 1, seq);
    rc = sqlite3_step(whole);
    if (rc == SQLITE_ROW && session_row_read(whole, &table->last[table->n_last]))
        table->n_last++;
    else if (rc == SQLITE_ROW)
        bad->n++;
    sqlite3_reset(whole);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* id, runner, seq, whether it is nobody's last: entered by hand, or deleted */
static int take_row(sqlite3_stmt *s, sqlite3_stmt *whole, struct session_table *table,
                    struct bad_rows *bad)
{
    char id[SESSION_ID_MAX], runner[32];
    int rc = SQLITE_OK;

    if (!column_text(s, 0, id, sizeof(id)) || !recording_id_is_valid(id) ||
        !column_text(s, 1, runner, sizeof(runner))) {
        bad->n++;
        return SQLITE_OK;
    }
    if (!sqlite3_column_int(s, 3) && table->n_last < LAST_MAX && !has_last_of(table, runner))
        rc = take_last(whole, sqlite3_column_int64(s, 2), table, bad);
    if (rc != SQLITE_OK)
        return rc;
    return keys_add(&table->ended, digest_text(id)) < 0 ? SQLITE_NOMEM : SQLITE_OK;
}

static int take_rows(sqlite3_stmt *s, sqlite3_stmt *whole, struct session_table *ret,
                     struct bad_rows *bad)
{
    int rc, taken = SQLITE_OK;

    while (taken == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        taken = take_row(s, whole, ret, bad);
    return taken != SQLITE_OK ? taken : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int session_table_read(struct db *db, struct session_table *ret, struct bad_rows *bad)
{
    sqlite3_stmt *s = NULL, *whole = NULL;
    int rc;

    ret->last = calloc(LAST_MAX, sizeof(*ret->last));
    if (!ret->last)
        return SQLITE_NOMEM;
    /* a file of long ago is not its runner's last session, and neither recording nor text is behind it */
    rc = sqlite3_prepare_v2(db->sqlite,
                            "SELECT id, runner, seq, file IS NOT NULL"
                            " OR reason IS '" STORE_DELETED "' FROM sessions"
                            " WHERE file IS NULL OR source_distance = '" STORE_BY_HAND "'"
                            " ORDER BY seq DESC",
                            -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = session_row_select(db, "WHERE seq = ?", &whole);
    keys_gather(&ret->ended);
    if (rc == SQLITE_OK)
        rc = take_rows(s, whole, ret, bad);
    keys_order(&ret->ended);
    sqlite3_finalize(s);
    sqlite3_finalize(whole);
    return rc;
}

/* Only its id was looked at when the database was opened. */
static void take_bad(struct db *db, sqlite3_stmt *s, struct session_table *table,
                     struct bad_rows *bad)
{
    char id[SESSION_ID_MAX], file[STORE_HASH_MAX];
    int rc = SQLITE_OK;

    bad->n++;
    if (column_text(s, 0, id, sizeof(id)))
        keys_remove(&table->ended, digest_text(id));
    if (session_row_file(s, file))
        rc = import_row_forget_reading(db, file);
    if (rc != SQLITE_OK)
        log_warning("A session that is not valid is not read again from its file before the next "
                    "start: %s",
                    sqlite3_errstr(rc));
}

int session_table_read_each(struct db *db, struct session_table *table,
                            void (*handler)(void *userdata, const struct store_session *row),
                            void *userdata, struct bad_rows *bad)
{
    struct store_session row;
    sqlite3_stmt *s;

    int rc = session_row_select(db, "ORDER BY seq", &s);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (session_row_read(s, &row))
            handler(userdata, &row);
        else
            take_bad(db, s, table, bad);
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void session_table_free(struct session_table *table)
{
    free(table->last);
    keys_free(&table->ended);
    *table = (struct session_table){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

struct session_put {
    struct store_session row;
    struct event_rows *events; /* told of it, in the same transaction */
};

static int apply_put(struct db *db, const void *rows)
{
    const struct session_put *put = rows;

    int rc = session_row_apply(db, &put->row);
    if (rc == SQLITE_OK)
        rc = level_row_mark(db, put->row.session.id); /* it may be gone */
    return rc == SQLITE_OK ? event_rows_apply(db, put->events) : rc;
}

static void free_put(void *rows)
{
    struct session_put *put = rows;
    event_rows_free(put->events);
    free(put);
}

int session_table_make_put(struct put **ret, const struct store_session *session,
                           const struct store_event *events, size_t n_events)
{
    if (!session_row_is_valid(session))
        return -EINVAL;
    struct session_put *put = calloc(1, sizeof(*put));
    if (!put)
        return -ENOMEM;
    put->row = *session;
    int r = event_rows_new(&put->events, events, n_events);
    if (r < 0) {
        free(put);
        return r;
    }
    return put_new(ret, apply_put, put, free_put, sizeof(*put) + event_rows_bytes(put->events));
}
