/* SPDX-License-Identifier: MIT */
/*
 * Sessions that are in the log and not judged yet. Its result is committed first, and what the rules
 * make of it is another transaction: who is killed in between finds here, at the next start, what is
 * still to be judged. A row is written with the result, and goes with the verdicts and the events.
 *
 *   sessions + unjudged  --judged in memory-->  verdicts + told_runs + events, unjudged gone
 *   one transaction                             one transaction
 *
 * One row a runner: a session that is given to another is to be judged for both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"

#define UNJUDGED_MAX                                                                               \
    4096 /* more are not judged by this start: those that came last wait for the next */

bool unjudged_is_valid(const struct store_unjudged *row)
{
    return text_is_topic_level(row->runner) && recording_id_is_valid(row->id);
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_row(sqlite3_stmt *s, struct store_unjudged *ret)
{
    struct store_unjudged row = { 0 };

    if (!column_text(s, 0, row.runner, sizeof(row.runner)) ||
        !column_text(s, 1, row.id, sizeof(row.id)) || !unjudged_is_valid(&row))
        return false;
    *ret = row;
    return true;
}

static int add_row(struct unjudged_table *table, const struct store_unjudged *row)
{
    struct store_unjudged *added = ARRAY_ADD(table->rows, table->n);

    if (!added)
        return SQLITE_NOMEM;
    *added = *row;
    return SQLITE_OK;
}

int unjudged_table_read(struct db *db, struct unjudged_table *ret, struct bad_rows *bad)
{
    struct store_unjudged row;
    sqlite3_stmt *s;
    int added = SQLITE_OK;

    int rc = sqlite3_prepare_v2(db->sqlite, "SELECT runner, id FROM unjudged ORDER BY seq LIMIT ?",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int(s, 1, UNJUDGED_MAX);
    while (added == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        if (read_row(s, &row))
            added = add_row(ret, &row);
        else
            bad->n++;
    sqlite3_finalize(s);
    return added != SQLITE_OK ? added : rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void unjudged_table_free(struct unjudged_table *table)
{
    free(table->rows);
    *table = (struct unjudged_table){ 0 };
}

/* ---- writing ------------------------------------------------------------------------------- */

int unjudged_table_prepare(struct db *db)
{
    int rc = db_prepare(db, &db->put_unjudged,
                        "INSERT OR IGNORE INTO unjudged (runner, id) VALUES (?, ?)");

    if (rc == SQLITE_OK) /* in whose log it was, if it is in another's now or in nobody's */
        rc = db_prepare(db, &db->put_left,
                        "INSERT OR IGNORE INTO unjudged (runner, id)"
                        " SELECT runner, id FROM sessions WHERE id = ?1 AND runner IS NOT ?2"
                        " AND runner IS NOT NULL AND state = 'ended'"
                        " AND start_usec IS NOT NULL AND day IS NOT NULL");
    if (rc == SQLITE_OK)
        rc = db_prepare(db, &db->drop_unjudged, "DELETE FROM unjudged WHERE runner = ? AND id = ?");
    return rc;
}

int unjudged_apply_session(struct db *db, const struct store_session *row)
{
    struct binder left = { .statement = db->put_left }, put = { .statement = db->put_unjudged };
    int rc;

    if (row->rebuilt)
        return SQLITE_OK;
    bind_text(&left, row->session.id);
    bind_text(&left, row->session.runner);
    rc = binder_run(&left);
    if (rc != SQLITE_OK || !row->session.runner[0])
        return rc;
    bind_text(&put, row->session.runner);
    bind_text(&put, row->session.id);
    return binder_run(&put);
}

int unjudged_apply_judged(struct db *db, const struct store_unjudged *row)
{
    struct binder b = { .statement = db->drop_unjudged };

    bind_text(&b, row->runner);
    bind_text(&b, row->id);
    return binder_run(&b);
}
