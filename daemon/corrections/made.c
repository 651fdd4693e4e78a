/* SPDX-License-Identifier: MIT */
/* What is done for one who says something of a session: it is looked for, and given to whoever keeps it. */
#include "daemon/corrections/private.h"

#include <errno.h>
#include <string.h>
#include "daemon/clock.h"

/* There was one when this began to wait. */
static void refuse_gone_runner(struct request *request)
{
    correction_refuse_and_end(request, "not_found", "runner", "There is no such runner any more",
                              "");
}

static void on_committed(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        correction_refuse_and_end(request, "unavailable", NULL, "It could not be stored",
                                  store_why(request->corrections->parts.store, result));
    else {
        correction_say_done(request, request->row.session.id, 1);
        correction_end(request);
    }
}

static void begun(struct request *request, int r)
{
    if (r < 0)
        correction_refuse_and_end(request, "unavailable", NULL, "It could not be done now",
                                  strerrordesc_np(-r));
}

/* ---- of one that is stored --------------------------------------------------------------------- */

static void give_row(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    size_t runner = conf_find_runner(parts->conf, request->what.runner);

    if (runner == parts->conf->n_runners)
        refuse_gone_runner(request);
    else
        begun(request,
              sessions_give(parts->sessions, &request->row, runner, on_committed, request));
}

/* Of a file whose copy is gone, what depends on the runner cannot be worked out again. */
static void on_given(void *userdata, int result, size_t n_sessions)
{
    struct request *request = userdata;

    if (result == -ENOENT) {
        give_row(request);
    } else if (result < 0) {
        on_committed(request, result);
    } else {
        correction_say_done(request, request->row.session.id, n_sessions);
        correction_end(request);
    }
}

static void discard_row(struct request *request)
{
    begun(request, sessions_discard_stored(request->corrections->parts.sessions, clock_now_usec(),
                                           &request->row, on_committed, request));
}

/* What was said is beside the kept copy now. */
static void on_kept(void *userdata, int result)
{
    if (result < 0)
        on_committed(userdata, result);
    else
        discard_row(userdata);
}

static int discard_entered(struct request *request)
{
    int64_t at_usec = clock_wall_usec();

    return logged_discard(request->corrections->parts.logged, request->row.session.id,
                          at_usec > 0 ? at_usec : 1, on_kept, request);
}

static void discard_stored(struct request *request)
{
    if (request->what.runner[0] && strcmp(request->what.runner, request->row.session.runner) != 0)
        correction_refuse_anothers(request);
    else if (request->row.file[0] && !store_has_room_for(request->corrections->parts.store, 1))
        begun(request, -ENOBUFS); /* nothing is said beside the copy of what is refused */
    else if (store_session_is_by_hand(&request->row))
        begun(request, discard_entered(request));
    else if (request->row.file[0])
        begun(request,
              import_discard(request->corrections->parts.import, &request->row, on_kept, request));
    else
        discard_row(request);
}

static void on_given_by_hand(void *userdata, int result)
{
    if (result < 0)
        on_committed(userdata, result);
    else
        give_row(userdata);
}

static void assign_stored(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    size_t runner = conf_find_runner(parts->conf, request->what.runner);

    if (runner == parts->conf->n_runners)
        refuse_gone_runner(request);
    else if (strcmp(request->what.runner, request->row.session.runner) == 0)
        correction_refuse_and_end(request, "already", "runner", "It is this runner's already", "");
    else if (!store_has_room_for(parts->store, 2)) /* before its text says so */
        begun(request, -ENOBUFS);
    else if (store_session_is_by_hand(&request->row))
        begun(request, logged_give(parts->logged, request->row.session.id, request->what.runner,
                                   on_given_by_hand, request));
    else if (request->row.file[0])
        begun(request,
              import_give(parts->import, &request->row, request->what.runner, on_given, request));
    else
        give_row(request);
}

/* "merged into ID": the lines of a belt are in its runner's recording, and so are its figures. */
static const char *merged_into(const struct store_session *row)
{
    static const char before[] = STORE_MERGED;

    return strncmp(row->reason, before, strlen(before)) == 0 ? row->reason + strlen(before) : NULL;
}

static void correct_stored(struct request *request)
{
    const char *into = merged_into(&request->row);

    if (into)
        correction_refuse_and_end(request, "already", "id",
                                  "It is a part of another session by now", into);
    else if (request->what.kind == CORRECTION_DELETE)
        correction_delete(request);
    else if (request->row.session.state == SESSION_DISCARDED)
        correction_refuse_and_end(request, "already", "id", "This session is discarded already",
                                  "");
    else if (request->what.kind == CORRECTION_NOTE)
        correction_note(request, request->row.session.id, request->row.session.runner);
    else if (request->what.kind == CORRECTION_DISCARD)
        discard_stored(request);
    else
        assign_stored(request);
}

static void on_found(void *userdata, int result, const struct store_session *row)
{
    struct request *request = userdata;

    if (request->what.kind == CORRECTION_UNDELETE && (result == 0 || result == -ENOENT)) {
        correction_undelete(request, row);
    } else if (result == -ENOENT && request->what.again) {
        correction_delete_lost(request);
    } else if (result == -ENOENT) {
        correction_refuse_and_end(request, "not_found", "id",
                                  request->what.id[0] ? "There is no such session"
                                                      : "This runner has no session yet",
                                  "the id of any that was recorded or came in as a file");
    } else if (result < 0) {
        correction_refuse_and_end(request, "unavailable", NULL, "What is stored cannot be read now",
                                  store_why(request->corrections->parts.store, result));
    } else if (!request->done) { /* who asked was told that it is not done */
        correction_end(request);
    } else {
        request->row = *row;
        correct_stored(request);
    }
}

/* ---- of one that is not ------------------------------------------------------------------------ */

/* On a belt that tells nobody who is on it, a person may. */
static void assign_in_hand(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    size_t runner = conf_find_runner(parts->conf, request->what.runner);
    char id[SESSION_ID_MAX];
    int r;

    if (runner == parts->conf->n_runners)
        return refuse_gone_runner(request);
    r = sessions_give_open(parts->sessions, clock_now_usec(), request->what.id, runner, id);
    if (r == TRACKER_OK)
        correction_say_done(request, id, 1);
    else if (r == TRACKER_E_REFUSED)
        correction_refuse(
            request, "unavailable", "id",
            "It cannot be put into the runner's open session; nothing has changed",
            "the same once it has ended; session stop ends it, and the journal says why");
    else
        correction_refuse(
            request, "busy", "id", "The session is open, or its result is not stored yet",
            "the same once it has ended, the clock is known and the disk has room; session stop "
            "ends it");
    correction_end(request);
}

static void discard_in_hand(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    const char *name = request->what.runner;
    size_t runner = name[0] ? conf_find_runner(parts->conf, name) : TRACKER_NONE;
    char id[SESSION_ID_MAX];
    int r;

    if (runner == parts->conf->n_runners)
        return refuse_gone_runner(request);
    r = sessions_stop(parts->sessions, clock_now_usec(), runner, request->what.id, true, id);
    if (r == SESSIONS_E_ANOTHERS)
        return correction_refuse_anothers(request);
    if (r == TRACKER_OK)
        correction_say_done(request, id, 1);
    else
        correction_refuse(request, "not_found", "id", "There is no such session", "");
    correction_end(request);
}

static void correct_in_hand(struct request *request)
{
    if (request->what.kind == CORRECTION_DISCARD)
        discard_in_hand(request);
    else if (request->what.kind == CORRECTION_NOTE)
        correction_note_in_hand(request);
    else if (request->what.kind == CORRECTION_DELETE)
        correction_refuse_and_end(
            request, "busy", "id", "The session is open, or its result is not stored yet",
            "the same once it has ended, the clock is known and the disk has room; session stop "
            "ends it");
    else
        assign_in_hand(request);
}

void correction_begin(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    int r;

    if (!request->done) { /* who asked has waited in vain, and was told so */
        correction_end(request);
        return;
    }
    if (request->what.kind == CORRECTION_LOG) {
        correction_log(request);
        return;
    }
    if (request->what.kind == CORRECTION_UNDELETE) {
        begun(request, correction_begin_undelete(request, on_found));
        return;
    }
    if (request->what.kind == CORRECTION_NOTE && !request->what.id[0]) {
        begun(request, correction_note_latest(request, on_found));
        return;
    }
    if (sessions_has_in_hand(parts->sessions, request->what.id)) {
        correct_in_hand(request);
        return;
    }
    if (sessions_is_reading(parts->sessions, request->what.id) ||
        (logged_is_reading(parts->logged) &&
         !store_session_ended(parts->store, request->what.id))) {
        correction_refuse_and_end(
            request, "busy", "id", "The session has not been read back since the start",
            "the same again in a moment; some minutes where the database was lost");
        return;
    }
    r = store_find_session(parts->store, request->what.id, on_found, request);
    if (r == -EINVAL)
        correction_refuse_and_end(request, "bad_argument", "id",
                                  "There is no such session: none can be called that",
                                  "letters, digits and . _ - + :, the first a letter or digit");
    else
        begun(request, r);
}
