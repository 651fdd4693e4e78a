/* SPDX-License-Identifier: MIT */
/*
 * A session that was deleted goes for good, with all that is told of it and was said because of it. Of a file with
 * others in it the row stays, as the file would bring it again: it says that it is deleted, and has no figures.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/recording/disk.h"
#include "daemon/store/columns.h"
#include "daemon/store/private.h"
#include "daemon/util.h"
#include "lib/digest.h"

struct purge { /* the worker's until it is answered */
    struct store *store;
    struct purge *next;
    char id[SESSION_ID_MAX], file[STORE_HASH_MAX];
    bool shared, whole;
    bool known; /* its row stands, or it needs none */
    store_purged answer;
    void *userdata;
};

/* ---- on the worker ------------------------------------------------------------------------- */

static int has_others(struct db *db, const char *file, bool *ret)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(
        db, &s, "SELECT 1 FROM sessions WHERE file = ? AND reason IS NOT '" STORE_DELETED "'");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, file);
    return binder_ask(&b, ret);
}

static int drop(struct db *db, const char *sql, const char *id)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(db, &s, sql);
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, id);
    return binder_run(&b);
}

/* With those whose lines it took in: they count for nothing, and say whose they were. */
static int drop_row(struct db *db, const char *id)
{
    char merged[sizeof(STORE_MERGED) + SESSION_ID_MAX];
    int rc = drop(db, "DELETE FROM sessions WHERE id = ? AND reason = '" STORE_DELETED "'", id);

    snprintf(merged, sizeof(merged), STORE_MERGED "%.40s", id);
    if (rc == SQLITE_OK)
        rc = drop(db, "DELETE FROM sessions WHERE reason = ? AND state = 'discarded'", merged);
    return rc == SQLITE_OK ? drop(db, "DELETE FROM levels WHERE id = ?", id) : rc;
}

/* With those of it that went before, and had to stay for the sake of others. */
static int drop_rows_of_file(struct db *db, const char *file)
{
    int rc = drop(db,
                  "DELETE FROM levels WHERE id IN (SELECT id FROM sessions WHERE file = ?"
                  " AND reason = '" STORE_DELETED "')",
                  file);

    return rc == SQLITE_OK
               ? drop(db, "DELETE FROM sessions WHERE file = ? AND reason = '" STORE_DELETED "'",
                      file)
               : rc;
}

/* What the rules said because of it. */
static int drop_said(struct db *db, const char *id)
{
    char digest[STORE_DIGEST_MAX];
    int rc;

    snprintf(digest, sizeof(digest), "%016" PRIx64, digest_text(id));
    rc = drop(db, "DELETE FROM said WHERE session = ?", digest);
    return rc == SQLITE_OK ? drop(db, "DELETE FROM told_runs WHERE session = ?", digest) : rc;
}

/* Nothing of it is to be judged: that is over. */
static int blank_row(struct db *db, const char *id)
{
    struct store_session row;
    bool found;
    int rc = session_row_find_deleted(db, id, &row, &found);

    if (rc != SQLITE_OK)
        return rc;
    rc = drop(db, "DELETE FROM levels WHERE id = ?", id);
    if (rc != SQLITE_OK || !found)
        return rc;
    store_session_blank(&row);
    row.rebuilt = true;
    return session_row_apply(db, &row);
}

static int is_there(struct db *db, const char *id, bool *ret)
{
    _cleanup_(db_finalizep) sqlite3_stmt *s = NULL;
    int rc = db_prepare_once(
        db, &s, "SELECT 1 FROM sessions WHERE id = ? AND reason = '" STORE_DELETED "'");
    struct binder b = { .statement = s };

    if (rc != SQLITE_OK)
        return rc;
    bind_text(&b, id);
    return binder_ask(&b, ret);
}

/* What a lost database does not say yet, because the file's copy is not read back, is not taken for nothing:
 * its other sessions would go with it. */
static int apply_to_file(struct db *db, struct purge *purge)
{
    bool others = purge->shared;
    int rc = is_there(db, purge->id, &purge->known);

    if (rc != SQLITE_OK || !purge->known)
        return rc;
    if (!others)
        rc = has_others(db, purge->file, &others);
    if (rc == SQLITE_OK && !others)
        rc = drop_rows_of_file(db, purge->file);
    if (rc == SQLITE_OK && others)
        rc = blank_row(db, purge->id);
    purge->whole = !others;
    return rc;
}

static int apply(struct db *db, const void *rows)
{
    struct purge *purge = *(struct purge *const *)rows;
    int rc;

    purge->known = purge->whole = true;
    rc = purge->file[0] ? apply_to_file(db, purge) : drop_row(db, purge->id);
    if (rc == SQLITE_OK && purge->known)
        rc = drop(db, "DELETE FROM notes WHERE id = ?", purge->id);
    if (rc == SQLITE_OK && purge->known)
        rc = drop_said(db, purge->id);
    db->forget = db->forget || purge->known;
    return rc;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void unlink_and_free(struct purge *purge)
{
    struct purge **at = &purge->store->purges;

    while (*at != purge)
        at = &(*at)->next;
    *at = purge->next;
    free(purge);
}

static void on_committed(void *userdata, int result)
{
    struct purge *purge = userdata;

    if (result >= 0 && !purge->known)
        result = -EAGAIN;
    purge->answer(purge->userdata, result, purge->whole);
    unlink_and_free(purge);
}

static int post(struct store *store, struct purge *purge)
{
    struct purge **row = malloc(sizeof(struct purge *));
    struct put *put = NULL;
    int r;

    if (!row)
        return -ENOMEM;
    *row = purge;
    r = put_new(&put, apply, row, free, sizeof(*purge));
    if (r < 0)
        return r;
    put->committed = on_committed;
    put->userdata = purge;
    return queue_add(&store->queue, put);
}

int store_purge_session(struct store *store, const char *id, const char *file, bool shared,
                        store_purged purged, void *userdata)
{
    struct purge *purge = recording_id_is_valid(id) ? calloc(1, sizeof(*purge)) : NULL;
    int r;

    if (!purge)
        return recording_id_is_valid(id) ? -ENOMEM : -EINVAL;
    *purge = (struct purge){ .store = store,
                             .next = store->purges,
                             .shared = shared,
                             .answer = purged,
                             .userdata = userdata };
    snprintf(purge->id, sizeof(purge->id), "%s", id);
    snprintf(purge->file, sizeof(purge->file), "%s", file);
    store->purges = purge;
    r = post(store, purge);
    if (r < 0)
        unlink_and_free(purge);
    return r;
}

void store_free_purges(struct store *store)
{
    while (store->purges)
        unlink_and_free(store->purges);
}
