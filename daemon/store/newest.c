/* SPDX-License-Identifier: MIT */
/*
 * The latest moment that is known to have been: no right clock is before it. It is the end of a runner's last
 * session, not of any: one that a clock once dated ahead is not the last for ever. What is discarded
 * counts for nothing here, either, so that who has no other session can let the right time be believed; nor
 * does what was told of it, nor what the rules said, which rests on sessions.
 */
#include <jansson.h>
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

static int read_sessions(struct db *db, int64_t *ret_usec)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s,
                             "SELECT max(end_usec) FROM (SELECT max(seq), end_usec FROM sessions"
                             " WHERE file IS NULL AND state <> 'discarded' GROUP BY runner)"
                             " WHERE end_usec BETWEEN 0 AND ?");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_integer(&b, TIME_MAX_USEC);
    rc = b.rc == SQLITE_OK ? sqlite3_step(s) : b.rc;
    if (rc == SQLITE_ROW)
        (void)column_time(s, 0, ret_usec);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int is_of_discarded(struct db *db, const struct store_event *event, bool *ret)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, "SELECT 1 FROM sessions WHERE id = ? AND state = 'discarded'");
    json_t *body = rc == SQLITE_OK ? json_loads(event->body, 0, NULL) : NULL;
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, json_string_value(json_object_get(body, "id")));
    rc = binder_ask(&b, ret);
    json_decref(body);
    return rc;
}

int newest_read(struct db *db, const struct event_table *events, int64_t *ret_usec)
{
    int64_t newest_usec = 0;
    int rc = read_sessions(db, &newest_usec);

    for (size_t i = events->n;
         i-- > 0 && rc == SQLITE_OK;) { /* the latest first: few are asked of */
        const struct store_event *event = &events->rows[i];
        bool discarded;

        if (event->kind == EVENT_ALERT || event->at_usec <= newest_usec)
            continue;
        rc = is_of_discarded(db, event, &discarded);
        if (rc == SQLITE_OK && !discarded)
            newest_usec = event->at_usec;
    }
    if (rc == SQLITE_OK)
        *ret_usec = newest_usec;
    return rc;
}
