/* SPDX-License-Identifier: MIT */
/*
 * One result is read while the loop runs, because a person asked for it by its id. Ten years of them are
 * not kept in memory, and the loop waits for no disk: so the question stands in line with the changes, is
 * answered on the worker, and sees all that was put before it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/private.h"

struct lookup { /* the worker's until it is answered */
    struct store *store;
    struct lookup *next;
    const char *which;        /* WHERE, with one text to be bound */
    char key[SESSION_ID_MAX]; /* that text */
    struct store_session row;
    bool found;
    store_found answer;
    void *userdata;
};

/* ---- on the worker ------------------------------------------------------------------------- */

/* A row that is not valid is none. */
static int apply(struct db *db, const void *rows)
{
    struct lookup *lookup = *(struct lookup *const *)rows;
    struct binder b = { 0 };
    int rc = session_row_select(db, lookup->which, &b.statement);

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, lookup->key);
    rc = sqlite3_step(b.statement);
    lookup->found = rc == SQLITE_ROW && session_row_read(b.statement, &lookup->row);
    sqlite3_finalize(b.statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void unlink_and_free(struct lookup *lookup)
{
    struct lookup **at = &lookup->store->lookups;

    while (*at != lookup)
        at = &(*at)->next;
    *at = lookup->next;
    free(lookup);
}

static void on_committed(void *userdata, int result)
{
    struct lookup *lookup = userdata;

    if (result == 0 && !lookup->found)
        result = -ENOENT;
    lookup->answer(lookup->userdata, result, result == 0 ? &lookup->row : NULL);
    unlink_and_free(lookup);
}

static int post(struct store *store, struct lookup *lookup)
{
    struct lookup **row = malloc(sizeof(struct lookup *));
    struct put *put = NULL;
    int r;

    if (!row)
        return -ENOMEM;
    *row = lookup;
    r = put_new(&put, apply, row, free, sizeof(*lookup));
    if (r < 0)
        return r;
    put->committed = on_committed;
    put->userdata = lookup;
    return queue_add(&store->queue, put);
}

static int look_up(struct store *store, const char *which, const char *key, store_found found,
                   void *userdata)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    int r;

    if (!lookup)
        return -ENOMEM;
    *lookup =
        (struct lookup){ .store = store, .next = store->lookups, .which = which, .answer = found };
    lookup->userdata = userdata;
    snprintf(lookup->key, sizeof(lookup->key), "%s", key);
    store->lookups = lookup;
    r = post(store, lookup);
    if (r < 0)
        unlink_and_free(lookup);
    return r;
}

int store_find_session(struct store *store, const char *id, store_found found, void *userdata)
{
    if (!recording_id_is_valid(id))
        return -EINVAL;
    return look_up(store, "WHERE id = ?", id, found, userdata);
}

/* As at open: a file of long ago is not its runner's last. */
int store_find_last(struct store *store, const char *runner, store_found found, void *userdata)
{
    return look_up(store,
                   "WHERE runner = ? AND file IS NULL AND reason IS NOT '" STORE_DELETED "'"
                   " ORDER BY seq DESC LIMIT 1",
                   runner, found, userdata);
}

int store_find_latest(struct store *store, const char *runner, store_found found, void *userdata)
{
    return look_up(store,
                   "WHERE runner = ? AND state = 'ended' AND instead IS NULL"
                   " ORDER BY start_usec DESC, seq DESC LIMIT 1",
                   runner, found, userdata);
}

void store_free_lookups(struct store *store)
{
    while (store->lookups)
        unlink_and_free(store->lookups);
}
