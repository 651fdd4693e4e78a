/* SPDX-License-Identifier: MIT */
#include "daemon/import/handover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/util.h"

enum step {
    RENAMING, /* on the worker */
    READY,
    READING,
    RETURNING, /* on the worker: it could not be read or stored now */
    OVER,      /* or on its way into the store, where whoever waits is told from */
};

struct handover {
    struct handover_parts parts;
    struct intake_parts intake_parts;
    struct kept_file kept; /* where it goes */
    char from[CONF_ID_MAX];
    enum step step;
    bool dead; /* freed by the end of that step */
    int error; /* that it goes back for */
    struct intake *intake;
    handover_done done;
    void *userdata;
};

static void end(struct handover *handover, int result, size_t n)
{
    handover->step = OVER;
    handover->done(handover->userdata, result, n);
    handover->parts.ready(handover->parts.userdata);
}

/* ---- nothing comes of it -------------------------------------------------------------------------- */

static void on_returned(void *userdata, int result)
{
    struct handover *handover = userdata;

    if (result < 0)
        log_warning("The kept copy %s/%s cannot be given back to %s: %s", handover->kept.runner,
                    handover->kept.hash, handover->from, strerrordesc_np(-result));
    if (handover->dead)
        free(handover);
    else
        end(handover, handover->error, 0);
}

/* Whose the copy is says whose the sessions are at the next start: it is to say what the rows say. */
static void give_back(struct handover *handover, int error)
{
    const struct intake_parts *parts = &handover->parts.intake;
    int r = said_give(parts->worker, parts->state_dir, handover->kept.hash, handover->kept.runner,
                      handover->from, on_returned, handover);

    handover->step = RETURNING;
    handover->error = error;
    if (r < 0)
        on_returned(handover, r);
}

/* ---- it is read -------------------------------------------------------------------------------- */

static void store(struct handover *handover)
{
    const struct result *result = intake_result(handover->intake);
    int r;

    store_gather(handover->parts.tell->store);
    r = tell_given(handover->parts.tell, result, handover->done, handover->userdata);
    if (r < 0) {
        choice_undo(handover->parts.intake.choice);
        log_error_errno(r, "Failed to store the import of %s: %m", result->import.name);
    } else {
        choice_keep(handover->parts.intake.choice);
        handover->parts.on_result(handover->parts.userdata, result);
    }
    store_send(handover->parts.tell->store);
    handover->intake = intake_free(handover->intake);
    if (r < 0) {
        give_back(handover, r);
        return;
    }
    handover->step = OVER;
    handover->parts.ready(handover->parts.userdata);
}

static bool reference(void *userdata, const char *runner, int64_t at_usec,
                      struct knee_reference *ret)
{
    const struct intake_parts *parts = &((const struct handover *)userdata)->parts.intake;

    return parts->reference(parts->userdata, runner, at_usec, ret);
}

/* Only what can never be read, or is not there, is -ENOENT. */
static int why_unread(const struct result *result, enum intake_outcome outcome, int error)
{
    if (result)
        return result->import.passes ? -EAGAIN : -ENOENT;
    if (outcome == INTAKE_E_FAILED && (error == COPY_E_DAMAGED || error == -ENOENT))
        return -ENOENT;
    return error < 0 && error != -ENOENT ? error : -EIO;
}

static void on_intake(void *userdata, enum intake_outcome outcome, int error)
{
    struct handover *handover = userdata;
    const struct result *result = outcome == INTAKE_OK ? intake_result(handover->intake) : NULL;
    int r;

    if (result && result->import.verdict != STORE_REFUSED) {
        store(handover);
        return;
    }
    log_warning("The kept copy %s/%s, given by %s, cannot be read: %s", handover->kept.runner,
                handover->kept.hash, handover->from,
                result ? result->import.reason : strerrordesc_np(error < 0 ? -error : EIO));
    r = why_unread(result, outcome, error);
    handover->intake = intake_free(handover->intake);
    if (r == -ENOENT)
        end(handover, r, 0);
    else
        give_back(handover, r);
}

bool handover_go_on(struct handover *handover)
{
    int r;

    if (!handover || handover->step != READY)
        return handover_is_busy(handover);
    handover->step = READING;
    r = intake_given(&handover->intake, &handover->intake_parts, &handover->kept, handover->from);
    if (r < 0)
        give_back(handover, r);
    return handover_is_busy(handover);
}

bool handover_is_ready(const struct handover *handover)
{
    return handover && handover->step == READY;
}

bool handover_is_busy(const struct handover *handover)
{
    return handover && handover->step == READING;
}

bool handover_is_over(const struct handover *handover)
{
    return !handover || handover->step == OVER;
}

/* ---- the first step: its copy ------------------------------------------------------------------ */

static void on_renamed(void *userdata, int result)
{
    struct handover *handover = userdata;

    if (handover->dead) {
        free(handover);
    } else if (result < 0) {
        end(handover, result, 0);
    } else {
        handover->step = READY;
        handover->parts.ready(handover->parts.userdata);
    }
}

int handover_new(struct handover **ret, const struct handover_parts *parts, const char *hash,
                 const char *from, const char *to, handover_done done, void *userdata)
{
    struct handover *handover = calloc(1, sizeof(*handover));
    int r;

    if (!handover)
        return -ENOMEM;
    handover->parts = *parts;
    handover->intake_parts = parts->intake;
    handover->intake_parts.done = on_intake;
    handover->intake_parts.reference = reference;
    handover->intake_parts.userdata = handover;
    handover->done = done;
    handover->userdata = userdata;
    snprintf(handover->kept.runner, sizeof(handover->kept.runner), "%s", to);
    snprintf(handover->kept.hash, sizeof(handover->kept.hash), "%s", hash);
    snprintf(handover->from, sizeof(handover->from), "%s", from);
    r = said_give(parts->intake.worker, parts->intake.state_dir, hash, from, to, on_renamed,
                  handover);
    if (r < 0)
        free(handover);
    else
        *ret = handover;
    return r;
}

struct handover *handover_free(struct handover *handover)
{
    if (!handover)
        return NULL;
    handover->intake = intake_free(handover->intake);
    if (handover->step == RENAMING || handover->step == RETURNING)
        handover->dead = true;
    else
        free(handover);
    return NULL;
}
