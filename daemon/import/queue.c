/* SPDX-License-Identifier: MIT */
/*
 * One file at a time, from folder to store:
 *
 *   look (worker) -> waiting -> copy (worker) -> child -> rows -> keep (worker) -> store -> After=
 *        ^                        |known                                  (commits while the next
 *        +--- inotify, the clock  +-> through                              file is on its way)
 *
 * What touches the import folder (look, copy's reading, After=) is on a worker of its own, as it may hang.
 *
 * The order at the end is what a kill at any moment must not break: the copy is on the disk before
 * the row says so, and the row is before the file may go. A kill before the row does the file once
 * more, under the same names; after it, the content is known.
 */
#include "daemon/import/queue_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/import/after.h"
#include "daemon/log.h"
#include "daemon/util.h"

#define REFUSED_USEC (LOOKOUT_RESCAN_USEC / 10)

/* ---- to the store ------------------------------------------------------------------------------ */

static void on_event(void *userdata, const struct store_event *event)
{
    const struct queue *queue = userdata;

    queue->callbacks->on_event(queue->userdata, event);
}

static void on_stored(void *userdata, const struct folder_file *file, const char *hash)
{
    struct queue *queue = userdata;
    enum conf_after what = queue->parts.conf->import_after;

    lookout_settle(queue->lookout, file);
    if (what != CONF_AFTER_KEEP && !queue->stopping)
        (void)after_import(queue->parts.folder_worker, queue->parts.conf->import_folder, file, hash,
                           what);
}

const struct tell_callbacks queue_tell_callbacks = {
    .on_event = on_event,
    .on_stored = on_stored,
};

void queue_say_levels(const struct queue *queue, const struct result *result)
{
    for (size_t i = 0; i < result->n_sessions; i++)
        queue->callbacks->on_level(queue->userdata, &result->sessions[i].session,
                                   &result->levels[i].level);
}

void queue_note_result(void *userdata, const struct result *result)
{
    struct queue *queue = userdata;
    char given[STORE_REASON_MAX];

    result_log(result);
    result_given(result, given);
    past_give(&queue->past, result->import.hash, result->from, given);
    past_note(&queue->past, &result->import);
    if (result->n_sessions > 0)
        queue->callbacks->on_sessions(queue->userdata, result->sessions, result->n_sessions,
                                      result->choices, result->n_choices);
    queue_say_levels(queue, result);
    rework_want(&queue->rework); /* others may be compared with it */
}

static int put_result(struct queue *queue, const struct result *result)
{
    int r = tell_result(&queue->tell, result, intake_found(queue->intake));

    if (r < 0) {
        choice_undo(queue->intake_parts.choice);
        return log_error_errno(r, "Failed to store the import of %s: %m", result->import.name);
    }
    choice_keep(queue->intake_parts.choice);
    queue_note_result(queue, result);
    return 0;
}

static int store_result(struct queue *queue, const struct result *result)
{
    int r;

    store_gather(queue->parts.store);
    r = put_result(queue, result);
    store_send(queue->parts.store);
    return r;
}

/* ---- a file is through ------------------------------------------------------------------------- */

void queue_say_disk(struct queue *queue, const char *text)
{
    if (strcmp(queue->disk_problem, text) == 0)
        return;
    snprintf(queue->disk_problem, sizeof(queue->disk_problem), "%s", text);
    if (text[0])
        log_warning("%s", text);
    queue->callbacks->on_health(queue->userdata);
}

static void pause_for_a_while(struct queue *queue)
{
    queue->paused = true;
    clock_timer_set(queue->soon, clock_now_usec() + REFUSED_USEC);
}

/* What refused it would refuse the next one as well. */
static void try_again_later(struct queue *queue)
{
    if (intake_found(queue->intake))
        lookout_retry(queue->lookout, REFUSED_USEC);
    else
        kept_put_back(queue->kept);
    pause_for_a_while(queue);
}

static void disk_failed(struct queue *queue, int error)
{
    char text[PAYLOAD_TEXT_MAX], room[40];

    if (error == -ENOSPC)
        snprintf(room, sizeof(room), "less than %d MB are free", (int)(COPY_RESERVE >> 20));
    snprintf(text, sizeof(text), "Files cannot be imported: the copies in the state folder: %s",
             error == -ENOSPC ? room : strerrordesc_np(-error));
    queue_say_disk(queue, text);
    try_again_later(queue);
}

static void have_result(struct queue *queue)
{
    const struct result *result = intake_result(queue->intake);
    const struct folder_file *file = intake_found(queue->intake);

    if (result->import.verdict != STORE_REFUSED)
        queue_say_disk(queue, ""); /* it was kept */
    if (!past_said(&queue->past, &result->import) && store_result(queue, result) < 0)
        return try_again_later(queue);
    if (file && !result->import.passes)
        lookout_settle(queue->lookout, file);
    else if (file &&
             queue->refused_usec < queue->begun_usec) /* else it was read in another world */
        lookout_leave(queue->lookout, file);
}

/* The others may have it, and this one when there is some. */
static void have_no_room(struct queue *queue)
{
    const struct result *result = intake_result(queue->intake);

    if (!past_said(&queue->past, &result->import))
        store_result(queue, result);
    lookout_postpone(queue->lookout, intake_found(queue->intake), "");
}

static void have_unsaid(struct queue *queue, int error)
{
    char text[PAYLOAD_TEXT_MAX], name[COPY_UNREAD_MAX];

    intake_unread(queue->intake, name);
    snprintf(text, sizeof(text), FOLDER_COPIES "/%s in the state folder cannot be read: %s", name,
             strerrordesc_np(-error));
    lookout_postpone(queue->lookout, intake_found(queue->intake), text);
}

/* It may have come back, or lies there since a time when no file was to go. */
static void have_known(struct queue *queue)
{
    const struct folder_file *file = intake_found(queue->intake);
    const char *hash = intake_hash(queue->intake);

    if (file && intake_result(queue->intake)) { /* there is something to be seen of it */
        result_log(intake_result(queue->intake));
        past_show(&queue->past, &intake_result(queue->intake)->import);
    }
    if (intake_lacks_days(queue->intake) && store_forget_reading(queue->parts.store, hash) >= 0)
        rework_want(&queue->rework);
    if (file && past_is_taken(&queue->past, hash))
        on_stored(queue, file, hash);
    else if (file)
        lookout_settle(queue->lookout, file);
}

/* To whoever waits for it. What it is of is told before it is gone. */
static void tell_asker(struct queue *queue, enum intake_outcome outcome, int error)
{
    struct asked_answer answer = { .known = outcome == INTAKE_E_KNOWN };

    if (!queue->is_asked || !queue->asked)
        return;
    if (outcome == INTAKE_E_CHANGED)
        return asked_refuse(queue->asked, "unavailable", "It changed while it was read",
                            "the same again once it is whole");
    if (outcome != INTAKE_OK && outcome != INTAKE_E_KNOWN && outcome != INTAKE_E_ROOM)
        return asked_refuse(queue->asked, "unavailable", "It cannot be read now",
                            error < 0 ? strerrordesc_np(-error) : "the journal says why");
    answer.result = intake_result(queue->intake);
    answer.hash = outcome == INTAKE_E_ROOM ? "" : intake_hash(queue->intake);
    asked_answer(queue->asked, &answer);
}

void queue_on_intake(void *userdata, enum intake_outcome outcome, int error)
{
    struct queue *queue = userdata;

    switch (outcome) {
    case INTAKE_OK:
        have_result(queue);
        break;
    case INTAKE_E_KNOWN:
        have_known(queue);
        break;
    case INTAKE_E_ROOM:
        have_no_room(queue);
        break;
    case INTAKE_E_UNREADABLE:
        lookout_deny(queue->lookout, intake_found(queue->intake), error);
        break;
    case INTAKE_E_DISK:
        disk_failed(queue, error);
        break;
    case INTAKE_E_UNSAID:
        have_unsaid(queue, error);
        break;
    case INTAKE_E_CHANGED: /* the next look tells */
    case INTAKE_E_FAILED:
        break;
    }
    tell_asker(queue, outcome, error);
    queue->is_asked = false;
    queue->intake = intake_free(queue->intake);
    queue_go_on(queue);
}

/* ---- the next one ------------------------------------------------------------------------------ */

/* Whose it is must be known for a row; it is looked at again with the next configuration and after
 * the next start, if it still lies there. */
static void refuse_unowned(struct queue *queue, const struct folder_file *file, const char *why)
{
    _cleanup_free_ struct result *result = calloc(1, sizeof(*result));

    if (result) {
        result_init(result, file, "", "", clock_wall_usec());
        result_refuse(result, "Refused: %s", why);
        result_log(result);
        past_show(&queue->past, &result->import);
    }
    lookout_leave(queue->lookout, file);
}

/* NULL: there is none. */
static const char *take_owned(struct queue *queue, struct folder_file *ret)
{
    const char *owner = NULL, *why = NULL;

    while (!owner && lookout_take(queue->lookout, ret)) {
        owner = owners_of(&queue->owners, ret, &why);
        if (!owner)
            refuse_unowned(queue, ret, why);
    }
    return owner;
}

/* Of one that came in before all would be made anew, and told, by who does not know that it did. */
static bool may_give(const struct queue *queue)
{
    return !queue->stopping && store_past_is_whole(queue->parts.store) &&
           !rework_is_busy(&queue->rework) && !handover_is_busy(queue->handover) &&
           timekeeper_state(queue->parts.timekeeper) != CLOCK_UNSET;
}

bool queue_may_begin(const struct queue *queue)
{
    return may_give(queue) && !queue->paused && !queue->intake;
}

/* Somebody waits for it, and needs neither the folder nor what a pause waits for. What is read of the folder,
 * which may hang, is read again. True: it is busy with that. */
static bool give(struct queue *queue)
{
    if (!handover_is_ready(queue->handover) || !may_give(queue))
        return false;
    if (intake_is_reading(queue->intake)) {
        if (queue->is_asked)
            asked_refuse(queue->asked, "busy", "A file is on its way to another runner",
                         "the same again in a moment");
        queue->is_asked = false;
        queue->intake = intake_free(queue->intake);
        lookout_retry(queue->lookout, 0);
    }
    return !queue->intake && handover_go_on(queue->handover);
}

/* Somebody waits for it: it goes before all that is found. True: it is under way. */
static bool take_asked(struct queue *queue)
{
    const struct folder_file *file = asked_file(queue->asked);

    if (!file)
        return false;
    asked_begun(queue->asked);
    queue->begun_usec = clock_now_usec();
    if (intake_file(&queue->intake, &queue->intake_parts, queue->asker,
                    queue->parts.conf->import_folder, file) < 0) {
        asked_refuse(queue->asked, "no_memory", "Out of memory", "");
        return false;
    }
    intake_insist(queue->intake);
    queue->is_asked = true;
    return true;
}

/* Kept copies come last: those that nobody knows have no name left, and their files may still be
 * found; and those that are known are there already. */
void queue_go_on(struct queue *queue)
{
    struct folder_file file;
    struct kept_file kept;
    const char *name = file.name, *owner;
    int r = 0;

    if (give(queue) || !queue_may_begin(queue))
        return;
    if (!store_has_room(queue->parts.store)) /* it would be read for nothing */
        return pause_for_a_while(queue);
    if (take_asked(queue))
        return;
    owner = take_owned(queue, &file);
    if (owner) {
        queue->begun_usec = clock_now_usec();
        r = intake_file(&queue->intake, &queue->intake_parts, owner,
                        queue->parts.conf->import_folder, &file);
    } else if (lookout_is_idle(queue->lookout) && kept_take(queue->kept, &kept)) {
        r = intake_kept(&queue->intake, &queue->intake_parts, &kept);
        name = kept.hash;
    } else if (lookout_is_idle(queue->lookout)) {
        rework_go_on(&queue->rework);
    }
    if (r < 0)
        log_error_errno(r, "Failed to copy %s: %m", name);
}
