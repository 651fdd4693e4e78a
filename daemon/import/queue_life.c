/* SPDX-License-Identifier: MIT */
#include "daemon/import/queue_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "daemon/clock.h"

/* ---- what its parts ask ------------------------------------------------------------------------ */

static bool reference(void *userdata, const char *runner, int64_t at_usec,
                      struct knee_reference *ret)
{
    const struct queue *queue = userdata;

    return queue->callbacks->reference(queue->userdata, runner, at_usec, ret);
}

static bool is_busy(void *userdata)
{
    const struct queue *queue = userdata;

    return queue->intake || handover_is_busy(queue->handover);
}

static bool takes(void *userdata)
{
    const struct queue *queue = userdata;

    return store_past_is_whole(queue->parts.store);
}

static void on_problem(void *userdata)
{
    const struct queue *queue = userdata;

    queue->callbacks->on_health(queue->userdata);
}

static const struct lookout_callbacks lookout_callbacks = {
    .busy = is_busy,
    .takes = takes,
    .on_looked = queue_on_looked,
    .on_problem = on_problem,
};

/* ---- to another runner ------------------------------------------------------------------------- */

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
                                          .on_result = queue_note_result,
                                          .userdata = queue };

    if (!store_past_is_whole(queue->parts.store))
        return -EIO;
    if (queue->stopping || !handover_is_over(queue->handover))
        return -EBUSY;
    if (!store_has_room(queue->parts.store))
        return -ENOBUFS;
    queue->handover = handover_free(queue->handover);
    rework_forget(&queue->rework, hash);
    return handover_new(&queue->handover, &parts, hash, from, to, done, userdata);
}

/* ---- one that somebody waits for ----------------------------------------------------------------- */

int queue_ask(struct queue *queue, const char *runner, const char *name,
              void (*done)(void *userdata, const struct asked_answer *answer), void *userdata)
{
    const struct asked_where where = { .folder = queue->parts.conf->import_folder,
                                       .runner = runner,
                                       .name = name,
                                       .only = queue->parts.conf->n_runners == 1 };

    if (!store_past_is_whole(queue->parts.store) ||
        timekeeper_state(queue->parts.timekeeper) == CLOCK_UNSET)
        return -EAGAIN;
    if (queue->stopping)
        return -EBUSY;
    if (queue->is_asked)
        return strcmp(queue->asker, runner) == 0 && asked_again(queue->asked, name) ? 0 : -EBUSY;
    queue->asked = asked_free(queue->asked);
    snprintf(queue->asker, sizeof(queue->asker), "%s", runner);
    return asked_new(&queue->asked, queue->parts.folder_worker, &where, go_on, queue, done,
                     userdata);
}

/* ---- a folder that does not answer ------------------------------------------------------------- */

void queue_on_silence(struct queue *queue, bool silent)
{
    if (queue->stopping)
        return;
    if (silent && intake_is_reading(queue->intake)) {
        queue->intake = intake_free(queue->intake);
        queue->is_asked = false; /* who asked is told when their patience ends */
    }
    lookout_note_silence(queue->lookout, silent);
    queue_go_on(queue);
}

/* ---- life -------------------------------------------------------------------------------------- */

const char *queue_problem(const struct queue *queue)
{
    if (queue->parts.conf->import_folder[0] && !store_past_is_whole(queue->parts.store))
        return "Files are not imported until the next start: what was imported before could not be "
               "read from the database";
    return queue->disk_problem[0] ? queue->disk_problem : lookout_problem(queue->lookout);
}

void queue_set_conf(struct queue *queue, const struct conf *conf)
{
    queue->parts.conf = conf;
    owners_set_conf(&queue->owners, conf);
    queue->refused_usec = clock_now_usec();
    lookout_set_conf(queue->lookout, conf);
    if (!conf->import_folder[0])
        queue_say_disk(queue, ""); /* nothing is to come in */
    rework_want(&queue->rework);
    queue_go_on(queue);
}

size_t queue_waiting(const struct queue *queue)
{
    return lookout_waiting(queue->lookout) + (queue->intake ? 1 : 0);
}

json_t *queue_list(const struct queue *queue)
{
    return past_list(&queue->past, queue->intake_parts.choice);
}

static void set_parts(struct queue *queue, const struct import_parts *parts, struct choice *choice)
{
    queue->parts = *parts;
    queue->tell = (struct tell){ .store = parts->store,
                                 .callbacks = &queue_tell_callbacks,
                                 .userdata = queue };
    queue->intake_parts = (struct intake_parts){
        .event = parts->event,
        .worker = parts->worker,
        .folder_worker = parts->folder_worker,
        .state_dir = parts->state_dir,
        .past = &queue->past,
        .owners = &queue->owners,
        .choice = choice,
        .made_usec = store_made_usec(parts->store),
        .reference = reference,
        .done = queue_on_intake,
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
        r = lookout_new(&queue->lookout, parts->event, parts->folder_worker, parts->conf,
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
    queue->asked = asked_free(queue->asked);
}

struct queue *queue_free(struct queue *queue)
{
    if (!queue)
        return NULL;
    intake_free(queue->intake);
    rework_stop(&queue->rework);
    clock_timer_unref(queue->soon);
    handover_free(queue->handover);
    asked_free(queue->asked);
    kept_free(queue->kept);
    tell_done(&queue->tell);
    owners_done(&queue->owners);
    lookout_free(queue->lookout);
    past_done(&queue->past);
    free(queue);
    return NULL;
}
