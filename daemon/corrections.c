/* SPDX-License-Identifier: MIT */
#include "daemon/corrections.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/util.h"

#define WAITING_MAX   64
#define PATIENCE_USEC UINT64_C(15000000) /* of whoever asked; a D-Bus client's is 25 s */

struct request {
    struct corrections *corrections;
    struct request *next;
    struct correction what;
    correction_done done; /* NULL: answered already */
    void *userdata;
    uint64_t until_usec;
    struct store_session row; /* as it is stored */
};

struct corrections {
    struct corrections_parts parts;
    struct clock_timer *timer;
    struct request *first, **end; /* the first is under way */
    size_t n;
    bool stopping;
};

/* ---- answering --------------------------------------------------------------------------------- */

static void tell(struct request *request, const struct correction_answer *answer)
{
    if (request->done)
        request->done(request->userdata, answer);
    request->done = NULL;
}

static void refuse(struct request *request, const char *code, const char *argument,
                   const char *message, const char *allowed)
{
    struct correction_answer refusal = { .code = code, .argument = argument, .message = message };

    snprintf(refusal.allowed, sizeof(refusal.allowed), "%s", allowed);
    tell(request, &refusal);
}

static void begin(struct request *request);

/* They are in the order in which their patience ends. */
static void arm(struct corrections *corrections)
{
    const struct request *request = corrections->first;

    while (request && !request->done)
        request = request->next;
    clock_timer_set(corrections->timer, request ? request->until_usec : CLOCK_NEVER);
}

static void end(struct request *request)
{
    struct corrections *corrections = request->corrections;

    corrections->first = request->next;
    corrections->n--;
    if (!corrections->first)
        corrections->end = &corrections->first;
    free(request);
    arm(corrections);
    if (corrections->first && !corrections->stopping)
        begin(corrections->first);
}

static void refuse_and_end(struct request *request, const char *code, const char *argument,
                           const char *message, const char *allowed)
{
    refuse(request, code, argument, message, allowed);
    end(request);
}

static void say_done(struct request *request, const char *id, size_t n)
{
    struct correction_answer done = { .n_sessions = n };

    snprintf(done.id, sizeof(done.id), "%s", id);
    tell(request, &done);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct corrections *corrections = userdata;

    for (struct request *request = corrections->first; request; request = request->next)
        if (request->until_usec <= now_usec)
            refuse(request, "unavailable", NULL,
                   "The disk has not taken it yet: see problems in status",
                   "the same again once it does");
    arm(corrections);
}

static void on_committed(void *userdata, int result)
{
    struct request *request = userdata;

    if (result < 0)
        refuse_and_end(request, "unavailable", NULL, "It could not be stored",
                       store_why(request->corrections->parts.store, result));
    else {
        say_done(request, request->row.session.id, 1);
        end(request);
    }
}

static void begun(struct request *request, int r)
{
    if (r < 0)
        refuse_and_end(request, "unavailable", NULL, "It could not be done now",
                       strerrordesc_np(-r));
}

/* ---- of one that is stored --------------------------------------------------------------------- */

static void give_row(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;

    begun(request, sessions_give(parts->sessions, &request->row,
                                 conf_find_runner(parts->conf, request->what.runner), on_committed,
                                 request));
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
        say_done(request, request->row.session.id, n_sessions);
        end(request);
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

static void discard_stored(struct request *request)
{
    if (request->what.runner[0] && strcmp(request->what.runner, request->row.session.runner) != 0)
        refuse_and_end(request, "bad_argument", "runner",
                       "The session of this id is not of this runner",
                       "its own runner, or the id alone");
    else if (request->row.file[0])
        begun(request,
              import_discard(request->corrections->parts.import, &request->row, on_kept, request));
    else
        discard_row(request);
}

static void assign_stored(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    size_t runner = conf_find_runner(parts->conf, request->what.runner);

    if (runner == parts->conf->n_runners) /* there was one when this began to wait */
        refuse_and_end(request, "not_found", "runner", "There is no such runner any more", "");
    else if (strcmp(request->what.runner, request->row.session.runner) == 0)
        refuse_and_end(request, "already", "runner", "It is this runner's already", "");
    else if (request->row.file[0])
        begun(request,
              import_give(parts->import, &request->row, request->what.runner, on_given, request));
    else
        give_row(request);
}

/* "merged into ID": the lines of a belt are in its runner's recording, and so are its figures. */
static const char *merged_into(const struct store_session *row)
{
    static const char before[] = "merged into ";

    return strncmp(row->reason, before, strlen(before)) == 0 ? row->reason + strlen(before) : NULL;
}

static void correct_stored(struct request *request)
{
    const char *into = merged_into(&request->row);

    if (into)
        refuse_and_end(request, "already", "id", "It is a part of another session by now", into);
    else if (request->row.session.state == SESSION_DISCARDED)
        refuse_and_end(request, "already", "id", "This session is discarded already", "");
    else if (request->what.kind == CORRECTION_DISCARD)
        discard_stored(request);
    else
        assign_stored(request);
}

static void on_found(void *userdata, int result, const struct store_session *row)
{
    struct request *request = userdata;

    if (result == -ENOENT) {
        refuse_and_end(request, "not_found", "id", "There is no such session",
                       "the id of any that was recorded or came in as a file");
    } else if (result < 0) {
        refuse_and_end(request, "unavailable", NULL, "What is stored cannot be read now",
                       store_why(request->corrections->parts.store, result));
    } else if (!request->done) { /* who asked was told that it is not done */
        end(request);
    } else {
        request->row = *row;
        correct_stored(request);
    }
}

/* ---- of one that is not ------------------------------------------------------------------------ */

static void refuse_open(struct request *request)
{
    refuse_and_end(request, "busy", "id", "The session is open, or nobody knows yet when it was",
                   "the same once it has ended and the clock is known; session stop ends it");
}

static void discard_in_hand(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    const char *name = request->what.runner;
    size_t runner = name[0] ? conf_find_runner(parts->conf, name) : TRACKER_NONE;
    char id[SESSION_ID_MAX];
    int r = sessions_stop(parts->sessions, clock_now_usec(), runner, request->what.id, true, id);

    if (r == TRACKER_OK)
        say_done(request, id, 1);
    else if (r == SESSIONS_E_ANOTHERS)
        refuse(request, "bad_argument", "runner", "The session of this id is not of this runner",
               "its own runner, or the id alone");
    else
        refuse(request, "not_found", "id", "There is no such session", "");
    end(request);
}

static void begin(struct request *request)
{
    const struct corrections_parts *parts = &request->corrections->parts;
    int r;

    arm(request->corrections);
    if (sessions_has_in_hand(parts->sessions, request->what.id)) {
        if (request->what.kind == CORRECTION_DISCARD)
            discard_in_hand(request);
        else
            refuse_open(request);
        return;
    }
    r = store_find_session(parts->store, request->what.id, on_found, request);
    if (r == -EINVAL)
        refuse_and_end(request, "bad_argument", "id",
                       "There is no such session: none can be called that",
                       "letters, digits and . _ - + :, the first a letter or digit");
    else
        begun(request, r);
}

void corrections_make(struct corrections *corrections, const struct correction *what,
                      correction_done done, void *userdata)
{
    struct request *request = corrections->n < WAITING_MAX ? calloc(1, sizeof(*request)) : NULL;
    struct request one = { .corrections = corrections,
                           .what = *what,
                           .done = done,
                           .userdata = userdata,
                           .until_usec = clock_now_usec() + PATIENCE_USEC };

    if (!request) {
        refuse(&one, "busy", NULL, "Too much is being done already", "the same again later");
        return;
    }
    *request = one;
    *corrections->end = request;
    corrections->end = &request->next;
    if (++corrections->n == 1)
        begin(request);
}

/* ---- life -------------------------------------------------------------------------------------- */

int corrections_new(struct corrections **ret, const struct corrections_parts *parts)
{
    struct corrections *corrections = calloc(1, sizeof(*corrections));
    int r;

    if (!corrections)
        return -ENOMEM;
    corrections->parts = *parts;
    corrections->end = &corrections->first;
    r = clock_timer_new(&corrections->timer, parts->event, CLOCK_NEVER, on_timer, corrections);
    if (r < 0)
        corrections_free(corrections);
    else
        *ret = corrections;
    return r;
}

void corrections_set_conf(struct corrections *corrections, const struct conf *conf)
{
    corrections->parts.conf = conf;
}

void corrections_stop(struct corrections *corrections)
{
    if (!corrections)
        return;
    corrections->stopping = true;
    for (struct request *request = corrections->first; request; request = request->next)
        refuse(request, "unavailable", NULL, "strided is stopping",
               "the same again once it is back");
    clock_timer_set(corrections->timer, CLOCK_NEVER);
}

struct corrections *corrections_free(struct corrections *corrections)
{
    if (!corrections)
        return NULL;
    for (struct request *next; corrections->first; corrections->first = next) {
        next = corrections->first->next;
        free(corrections->first);
    }
    clock_timer_unref(corrections->timer);
    free(corrections);
    return NULL;
}
