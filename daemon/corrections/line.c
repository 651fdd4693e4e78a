/* SPDX-License-Identifier: MIT */
/* Who waits for what: one after the other is begun, and each is answered, in time. */
#include "daemon/corrections/private.h"

#include <stdio.h>
#include <stdlib.h>
#include "daemon/clock.h"

#define WAITING_MAX   64
#define PATIENCE_USEC UINT64_C(15000000) /* of whoever asked; a D-Bus client's is 25 s */

/* ---- answering --------------------------------------------------------------------------------- */

static void tell(struct request *request, const struct correction_answer *answer)
{
    if (request->done)
        request->done(request->userdata, answer);
    request->done = NULL;
}

void correction_refuse(struct request *request, const char *code, const char *argument,
                       const char *message, const char *allowed)
{
    struct correction_answer refusal = { .code = code, .argument = argument, .message = message };

    snprintf(refusal.allowed, sizeof(refusal.allowed), "%s", allowed);
    tell(request, &refusal);
}

/* They are in the order in which their patience ends. */
static void arm(struct corrections *corrections)
{
    const struct request *request = corrections->first;

    while (request && !request->done)
        request = request->next;
    clock_timer_set(corrections->timer, request ? request->until_usec : CLOCK_NEVER);
}

void correction_end(struct request *request)
{
    struct corrections *corrections = request->corrections;

    corrections->first = request->next;
    corrections->n--;
    if (!corrections->first)
        corrections->end = &corrections->first;
    free(request);
    arm(corrections);
    if (corrections->first && !corrections->stopping)
        corrections->begin(corrections->first);
}

void correction_refuse_and_end(struct request *request, const char *code, const char *argument,
                               const char *message, const char *allowed)
{
    correction_refuse(request, code, argument, message, allowed);
    correction_end(request);
}

void correction_say_done(struct request *request, const char *id, size_t n)
{
    struct correction_answer done = { .n_sessions = n };

    snprintf(done.id, sizeof(done.id), "%s", id);
    tell(request, &done);
}

void correction_say_noted(struct request *request, const struct note *note)
{
    struct correction_answer done = { .n_sessions = 1, .note = *note };

    snprintf(done.id, sizeof(done.id), "%s", request->row.session.id);
    tell(request, &done);
}

void correction_say_logged(struct request *request, const char *instead)
{
    struct correction_answer done = { .n_sessions = 1, .note = request->what.note };

    snprintf(done.id, sizeof(done.id), "%s", request->row.session.id);
    snprintf(done.instead, sizeof(done.instead), "%s", instead);
    tell(request, &done);
}

void correction_say_deleted(struct request *request, const char *id, int64_t at_usec)
{
    struct correction_answer done = { .n_sessions = 1, .deleted_usec = at_usec };

    snprintf(done.id, sizeof(done.id), "%s", id);
    tell(request, &done);
}

void correction_refuse_anothers(struct request *request)
{
    correction_refuse_and_end(request, "bad_argument", "runner",
                              "The session of this id is not of this runner",
                              "its own runner, or the id alone");
}

/* What is under way goes on, and a run that is entered twice may count twice. */
static bool may_be_entered(const struct request *request)
{
    return request->what.kind == CORRECTION_LOG && request == request->corrections->first;
}

static const char *what_helps(const struct request *request)
{
    if (may_be_entered(request))
        return "a look at sessions before it is entered again: it goes on";
    return request->what.kind == CORRECTION_LOG ? "the same again once it does: nothing was done"
                                                : "the same again once it does";
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct corrections *corrections = userdata;

    for (struct request *request = corrections->first; request; request = request->next)
        if (request->until_usec <= now_usec)
            correction_refuse(request, "unavailable", NULL,
                              "The disk has not taken it yet: see problems in status",
                              what_helps(request));
    arm(corrections);
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
        correction_refuse(&one, "busy", NULL, "Too much is being done already",
                          "the same again later");
        return;
    }
    *request = one;
    *corrections->end = request;
    corrections->end = &request->next;
    arm(corrections);
    if (++corrections->n == 1)
        corrections->begin(request);
}

/* ---- the line itself --------------------------------------------------------------------------- */

int correction_line_open(struct corrections *corrections)
{
    corrections->end = &corrections->first;
    return clock_timer_new(&corrections->timer, corrections->parts.event, CLOCK_NEVER, on_timer,
                           corrections);
}

void corrections_stop(struct corrections *corrections)
{
    if (!corrections)
        return;
    corrections->stopping = true;
    for (struct request *request = corrections->first; request; request = request->next)
        correction_refuse(request, "unavailable", NULL, "strided is stopping",
                          may_be_entered(request)
                              ? "a look at sessions once it is back, before it is entered again"
                              : "the same again once it is back");
    clock_timer_set(corrections->timer, CLOCK_NEVER);
}

void correction_line_drop(struct corrections *corrections)
{
    for (struct request *next; corrections->first; corrections->first = next) {
        next = corrections->first->next;
        free(corrections->first);
    }
    clock_timer_unref(corrections->timer);
}
