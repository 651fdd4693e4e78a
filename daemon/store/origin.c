/* SPDX-License-Identifier: MIT */
/*
 * When this database was begun. A machine without a battery clock begins it at some time of long ago: until
 * the clock is known that moment is written as less than 0, and no file came in before.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

int origin_table_begin(struct db *db, int64_t wall_usec)
{
    char sql[80];

    db->made_usec = wall_usec > 0 ? wall_usec : 1;
    db->made_is_sure = false;
    snprintf(sql, sizeof(sql), "INSERT INTO origin (made_usec) VALUES (-%" PRId64 ")",
             db->made_usec);
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

/* A database of long ago, or one that somebody edited, may have none. */
int origin_table_read(struct db *db)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "SELECT made_usec FROM origin");
    int64_t usec = 0;

    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW && !column_integer(s, 0, -TIME_MAX_USEC, TIME_MAX_USEC, &usec))
        usec = 0;
    db->made_usec = usec < 0 ? -usec : usec;
    db->made_is_sure = usec >= 0;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int apply_put(struct db *db, const void *rows)
{
    const int64_t *made_usec = rows;
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "UPDATE origin SET made_usec = ?");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_integer(&b, *made_usec);
    return binder_run(&b);
}

int origin_table_make_put(struct put **ret, int64_t made_usec)
{
    int64_t *row;

    if (made_usec <= 0 || made_usec > TIME_MAX_USEC)
        return -EINVAL;
    row = malloc(sizeof(*row));
    if (!row)
        return -ENOMEM;
    *row = made_usec;
    return put_new(ret, apply_put, row, free, sizeof(*row));
}
