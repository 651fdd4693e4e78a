/* SPDX-License-Identifier: MIT */
/*
 * A session is to go for good, or to come back before it has. What is kept of it says so first, then what it is made
 * of, then its row: in that order a kill leaves one that is deleted again at the next start. The way back ends with
 * what is kept of it.
 */
#include "daemon/corrections/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"

static void fail(struct request *request, int result)
{
    correction_refuse_and_end(request, "unavailable", NULL, "It could not be stored",
                              store_why(request->corrections->parts.store, result));
}

static void step(struct request *request, int r)
{
    if (r < 0)
        fail(request, r);
}

/* ---- it goes ----------------------------------------------------------------------------------- */

static void end_deleted(struct request *request)
{
    struct deleted *deleted = request->corrections->parts.deleted;
    const struct deleted_session *session = deleted_find(deleted, request->what.id);

    deleted_settled(deleted, request->what.id);
    correction_say_deleted(request, request->what.id, session ? session->at_usec : 0);
    correction_end(request);
}

static void on_deleted(void *userdata, int result)
{
    if (result < 0)
        fail(userdata, result);
    else
        end_deleted(userdata);
}

static void on_said(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        fail(request, result);
    else
        step(request, sessions_delete_stored(request->corrections->parts.sessions, &request->row,
                                             on_deleted, request));
}

/* Where it stays for the day it says that it counts for nothing; its database may be lost. */
static void on_aside(void *userdata, int result)
{
    struct request *request = userdata;
    const struct corrections_parts *parts = &request->corrections->parts;
    int64_t now_usec = clock_wall_usec();

    if (result < 0)
        fail(request, result);
    else if (store_session_is_by_hand(&request->row))
        step(request, logged_discard(parts->logged, request->row.session.id,
                                     now_usec > 0 ? now_usec : 1, on_said, request));
    else if (request->row.file[0])
        step(request, import_discard(parts->import, &request->row, on_said, request));
    else
        on_said(request, 0);
}

static void describe(const struct request *request, struct deleted_session *ret)
{
    const struct store_session *row = &request->row;

    *ret = (struct deleted_session){ .at_usec =
                                         sessions_now_usec(request->corrections->parts.sessions),
                                     .was = row->session.state,
                                     .by_hand = store_session_is_by_hand(row) };
    memcpy(ret->id, row->session.id, sizeof(ret->id));
    memcpy(ret->reason, row->reason, sizeof(ret->reason));
    memcpy(ret->runner, row->session.runner, sizeof(ret->runner));
    memcpy(ret->file, row->file, sizeof(ret->file));
}

void correction_delete(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    bool is_deleted = store_session_is_deleted(&request->row);
    struct deleted_session session;

    if (request->what.again && !deleted_find(parts->deleted, request->what.id))
        return end_deleted(request); /* it came back meanwhile */
    if (is_deleted && !request->what.again)
        return correction_refuse_and_end(request, "already", "id",
                                         "This session is deleted already", "undo=true, for a day");
    if (request->what.runner[0] && strcmp(request->what.runner, request->row.session.runner) != 0)
        return correction_refuse_anothers(request);
    if (!store_has_room_for(parts->store, 1)) /* nothing is said of what is refused */
        return fail(request, -ENOBUFS);
    describe(request, &session);
    step(request,
         deleted_keep(parts->deleted, &session, is_deleted ? on_deleted : on_aside, request));
}

/* Its database was lost: nothing but what it is made of is left. */
void correction_delete_lost(struct request *request)
{
    struct deleted *deleted = request->corrections->parts.deleted;
    const struct deleted_session *held = deleted_find(deleted, request->what.id);
    struct deleted_session session;

    if (!held)
        return end_deleted(request);
    session = *held;
    if (session.file[0]) /* its row comes back, and is to say it then */
        return correction_refuse_and_end(request, "busy", "id", "It has not been read back", "");
    step(request, deleted_keep(deleted, &session, on_deleted, request));
}

/* ---- it comes back ----------------------------------------------------------------------------- */

static void on_forgotten(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        return fail(request, result);
    correction_say_done(request, request->what.id, 1);
    correction_end(request);
}

static void on_stored(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        fail(request, result);
    else
        step(request, deleted_forget(request->corrections->parts.deleted, request->what.id,
                                     on_forgotten, request));
}

/* Without a row a run by hand is put by whoever keeps it, and a recording tells what it was. */
static void on_back(void *userdata, int result)
{
    struct request *request = userdata;
    const struct corrections_parts *parts = &request->corrections->parts;
    const struct deleted_session *gone = &request->gone;

    if (result < 0)
        deleted_comes_back(parts->deleted, gone->id, false);
    if (result == 0 && !request->has_row && gone->by_hand) {
        (void)logged_read_again(parts->logged);
        return on_stored(request, 0);
    }
    if (result == 0 && !request->has_row)
        result = sessions_make_again(parts->sessions, gone->id, &request->row);
    else if (result == 0) {
        request->row.session.state = gone->was;
        memcpy(request->row.reason, gone->reason, sizeof(request->row.reason));
    }
    if (result < 0)
        fail(request, result);
    else
        step(request, sessions_put_again(parts->sessions, &request->row, on_stored, request));
}

static int bring_back(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    const struct deleted_session *gone = &request->gone;

    if (!gone->file[0])
        return deleted_bring_back(parts->deleted, gone->id, on_back, request);
    if (gone->was == SESSION_DISCARDED) { /* it stays what was said of it before */
        on_back(request, 0);
        return 0;
    }
    return gone->by_hand ? logged_restore(parts->logged, gone->id, on_back, request)
                         : import_restore(parts->import, gone->file, gone->id, on_back, request);
}

static void begin_to_bring_back(struct request *request)
{
    struct deleted *deleted = request->corrections->parts.deleted;
    char id[SESSION_ID_MAX];
    int r;

    memcpy(id, request->gone.id, sizeof(id));
    deleted_comes_back(deleted, id, true);
    r = bring_back(request);
    if (r < 0)
        deleted_comes_back(deleted, id, false);
    step(request, r);
}

/* What is kept of it says whose it was; its file may be another's since. */
static bool is_theirs(const struct request *request, const struct store_session *row)
{
    const char *whose = row ? row->session.runner : request->gone.runner;

    return !request->what.runner[0] || strcmp(request->what.runner, whose) == 0;
}

void correction_undelete(struct request *request, const struct store_session *row)
{
    if (!is_theirs(request, row))
        return correction_refuse_anothers(request);
    request->has_row = row != NULL;
    if (row)
        request->row = *row;
    if (!row && request->gone.file[0] && !request->gone.by_hand)
        correction_refuse_and_end(request, "busy", "id",
                                  "Its file has not been read back since the database was lost",
                                  "the same again in a moment");
    else if (!store_has_room_for(request->corrections->parts.store, 1))
        fail(request, -ENOBUFS);
    else
        begin_to_bring_back(request);
}

int correction_begin_undelete(struct request *request, store_found found)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    const struct deleted_session *gone = deleted_find(parts->deleted, request->what.id);

    if (!gone) {
        correction_refuse_and_end(request, "not_found", "id",
                                  "No session of this id was deleted in the last day", "");
        return 0;
    }
    request->gone = *gone;
    return store_find_session(parts->store, request->what.id, found, request);
}
