/* SPDX-License-Identifier: MIT */
/*
 * One file at a time, from folder to store:
 *
 *   look (worker) -> waiting -> copy (worker) -> child -> rows -> keep (worker) -> store -> After=
 *        ^                        |known                                  (commits while the next
 *        +--- inotify, the clock  +-> through                              file is on its way)
 *
 * The order at the end is what a kill at any moment must not break: the copy is on the disk before
 * the row says so, and the row is before the file may go. A kill before the row does the file once
 * more, under the same names; after it, the content is known.
 */
#include "daemon/import/queue_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/import/after.h"
#include "daemon/log.h"
#include "daemon/util.h"

const char *queue_problem(const struct queue *queue)
{
    return queue->disk_problem[0] ? queue->disk_problem : lookout_problem(queue->lookout);
}

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
        (void)after_import(queue->parts.worker, queue->parts.conf->import_folder, file, hash, what);
}

static const struct tell_callbacks tell_callbacks = {
    .on_event = on_event,
    .on_stored = on_stored,
};

static void note_result(void *userdata, const struct result *result)
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

static void put_result(struct queue *queue, const struct result *result)
{
    int r = tell_result(&queue->tell, result, intake_found(queue->intake));

    if (r < 0) {
        log_error_errno(r, "Failed to store the import of %s: %m", result->import.name);
        return;
    }
    note_result(queue, result);
}

static void store_result(struct queue *queue, const struct result *result)
{
    store_gather(queue->parts.store);
    put_result(queue, result);
    store_send(queue->parts.store);
}

/* ---- a file is through ------------------------------------------------------------------------- */

static void say_disk(struct queue *queue, const char *text)
{
    if (strcmp(queue->disk_problem, text) == 0)
        return;
    snprintf(queue->disk_problem, sizeof(queue->disk_problem), "%s", text);
    if (text[0])
        log_warning("%s", text);
    queue->callbacks->on_health(queue->userdata);
}

static void disk_failed(struct queue *queue, int error)
{
    char text[PAYLOAD_TEXT_MAX];

    snprintf(text, sizeof(text), "Files cannot be imported: the copies in the state folder: %s",
             strerrordesc_np(-error));
    say_disk(queue, text);
    lookout_retry(queue->lookout, LOOKOUT_RESCAN_USEC / 10);
}

static void have_result(struct queue *queue)
{
    const struct result *result = intake_result(queue->intake);
    const struct folder_file *file = intake_found(queue->intake);

    if (result->import.verdict != STORE_REFUSED)
        say_disk(queue, ""); /* it was kept */
    if (!past_said(&queue->past, &result->import))
        store_result(queue, result);
    if (file && !result->import.passes)
        lookout_settle(queue->lookout, file);
    else if (file &&
             queue->refused_usec < queue->begun_usec) /* else it was read in another world */
        lookout_leave(queue->lookout, file);
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
    if (file && past_is_taken(&queue->past, hash))
        on_stored(queue, file, hash);
    else if (file)
        lookout_settle(queue->lookout, file);
}

static bool reference(void *userdata, const char *runner, int64_t at_usec,
                      struct knee_reference *ret)
{
    const struct queue *queue = userdata;

    return queue->callbacks->reference(queue->userdata, runner, at_usec, ret);
}

static void on_intake(void *userdata, enum intake_outcome outcome, int error)
{
    struct queue *queue = userdata;

    switch (outcome) {
    case INTAKE_OK:
        have_result(queue);
        break;
    case INTAKE_E_KNOWN:
        have_known(queue);
        break;
    case INTAKE_E_UNREADABLE:
        lookout_deny(queue->lookout, intake_found(queue->intake), error);
        break;
    case INTAKE_E_DISK:
        disk_failed(queue, error);
        break;
    case INTAKE_E_CHANGED: /* the next look tells */
    case INTAKE_E_FAILED:
        break;
    }
    queue->intake = intake_free(queue->intake);
    if (outcome != INTAKE_E_DISK)
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

/* Kept copies come last: those that nobody knows have no name left, and their files may still be
 * found; and those that are known are there already. */
void queue_go_on(struct queue *queue)
{
    struct folder_file file;
    struct kept_file kept;
    const char *name = file.name, *owner;
    int r = 0;

    if (!queue_may_begin(queue) || handover_go_on(queue->handover) || queue->intake)
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

static void go_on(void *userdata)
{
    queue_go_on(userdata);
}

int queue_give(struct queue *queue, const char *hash, const char *from, const char *to,
               void (*done)(void *userdata, int result, size_t n_sessions), void *userdata)
{
    const struct handover_parts parts = { .intake = queue->intake_parts,
                                          .tell = &queue->tell,
                                          .ready = go_on,
                                          .on_result = note_result,
                                          .userdata = queue };

    if (queue->stopping || !handover_is_over(queue->handover))
        return -EBUSY;
    queue->handover = handover_free(queue->handover);
    rework_forget(&queue->rework, hash);
    return handover_new(&queue->handover, &parts, hash, from, to, done, userdata);
}

static bool is_busy(void *userdata)
{
    const struct queue *queue = userdata;

    return queue->intake || handover_is_busy(queue->handover);
}

static void on_problem(void *userdata)
{
    const struct queue *queue = userdata;

    queue->callbacks->on_health(queue->userdata);
}

static const struct lookout_callbacks lookout_callbacks = {
    .busy = is_busy,
    .on_looked = queue_on_looked,
    .on_problem = on_problem,
};

/* ---- life -------------------------------------------------------------------------------------- */

void queue_set_conf(struct queue *queue, const struct conf *conf)
{
    queue->parts.conf = conf;
    owners_set_conf(&queue->owners, conf);
    queue->refused_usec = clock_now_usec();
    lookout_set_conf(queue->lookout, conf);
    rework_want(&queue->rework);
    queue_go_on(queue);
}

json_t *queue_list(const struct queue *queue)
{
    return past_list(&queue->past, queue->intake_parts.choice);
}

static void set_parts(struct queue *queue, const struct import_parts *parts, struct choice *choice)
{
    queue->parts = *parts;
    queue->tell =
        (struct tell){ .store = parts->store, .callbacks = &tell_callbacks, .userdata = queue };
    queue->intake_parts = (struct intake_parts){
        .event = parts->event,
        .worker = parts->worker,
        .state_dir = parts->state_dir,
        .past = &queue->past,
        .owners = &queue->owners,
        .choice = choice,
        .made_usec = store_made_usec(parts->store),
        .reference = reference,
        .done = on_intake,
        .userdata = queue,
    };
    owners_set_conf(&queue->owners, parts->conf);
    rework_init(&queue->rework, &queue->intake_parts, parts->store, &queue_rework_callbacks, queue);
}

int queue_new(struct queue **ret, const struct import_parts *parts, struct choice *choice,
              const struct import_callbacks *callbacks, void *userdata)
{
    struct queue *queue = calloc(1, sizeof(*queue));
    int r;

    if (!queue)
        return -ENOMEM;
    queue->callbacks = callbacks;
    queue->userdata = userdata;
    set_parts(queue, parts, choice);
    r = queue_time(queue);
    if (r >= 0)
        r = lookout_new(&queue->lookout, parts->event, parts->worker, parts->conf,
                        &lookout_callbacks, queue);
    if (r < 0)
        queue_free(queue);
    else
        *ret = queue;
    return r;
}

void queue_stop(struct queue *queue)
{
    queue->stopping = true;
    lookout_stop(queue->lookout);
    queue->intake = intake_free(queue->intake);
    rework_stop(&queue->rework);
    queue->handover = handover_free(queue->handover);
}

struct queue *queue_free(struct queue *queue)
{
    if (!queue)
        return NULL;
    intake_free(queue->intake);
    rework_stop(&queue->rework);
    clock_timer_unref(queue->soon);
    handover_free(queue->handover);
    kept_free(queue->kept);
    tell_done(&queue->tell);
    owners_done(&queue->owners);
    lookout_free(queue->lookout);
    past_done(&queue->past);
    free(queue);
    return NULL;
}
