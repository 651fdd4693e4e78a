/* SPDX-License-Identifier: MIT */
/*
 * What was seen before: kept copies that the database does not know, or that would come to something
 * else now, and files that were refused for a reason that may pass. None of it hurries.
 */
#include "daemon/import/queue_private.h"

#include "daemon/clock.h"
#include "daemon/log.h"

#define SOON_USEC    UINT64_C(3000000)
#define REFUSED_USEC UINT64_C(3600000000) /* a date that is to come is waited for */

static void go_on(void *userdata)
{
    queue_go_on(userdata);
}

static void on_soon(void *userdata, uint64_t now_usec)
{
    struct queue *queue = userdata;

    queue->paused = false;
    queue_go_on(queue);
}

int queue_time(struct queue *queue)
{
    return clock_timer_new(&queue->soon, queue->parts.event, CLOCK_NEVER, on_soon, queue);
}

/* ---- refused files ----------------------------------------------------------------------------- */

/* A date in the future comes, a clock is set: files that may be taken by now are found once more. */
static void look_at_refused(struct queue *queue)
{
    queue->refused_usec = clock_now_usec();
    if (past_may_pass(&queue->past) && !queue->stopping)
        lookout_set_conf(queue->lookout, queue->parts.conf);
}

void queue_on_looked(void *userdata)
{
    struct queue *queue = userdata;

    queue_go_on(queue);
    if (lookout_is_idle(queue->lookout) && !queue->intake && !queue->paused &&
        kept_left(queue->kept) == 0)
        queue_say_disk(queue, ""); /* whoever wanted room is gone */
    if (clock_now_usec() - queue->refused_usec >= REFUSED_USEC && lookout_is_idle(queue->lookout))
        look_at_refused(queue);
}

/* Before a file comes in: which of them came into this database is told by when it was begun. */
static void note_clock(struct queue *queue)
{
    if (timekeeper_state(queue->parts.timekeeper) != CLOCK_UNSET)
        store_note_clock(queue->parts.store);
    queue->intake_parts.made_usec = store_made_usec(queue->parts.store);
}

void queue_clock_changed(struct queue *queue)
{
    note_clock(queue);
    look_at_refused(queue);
    queue_go_on(queue);
}

/* ---- what came in is read again ---------------------------------------------------------------- */

static bool rework_may_begin(void *userdata)
{
    return queue_may_begin(userdata);
}

static void on_reworked(void *userdata, const struct result *result)
{
    struct queue *queue = userdata;

    queue->callbacks->on_corrected(queue->userdata, result->sessions, result->n_sessions,
                                   result->choices, result->n_choices);
    queue_say_levels(queue, result);
}

static void on_rework_end(void *userdata)
{
    const struct queue *queue = userdata;

    queue->callbacks->on_all_corrected(queue->userdata);
}

const struct rework_callbacks queue_rework_callbacks = {
    .may_begin = rework_may_begin,
    .on_idle = go_on,
    .on_result = on_reworked,
    .on_end = on_rework_end,
};

void queue_session_changed(struct queue *queue, const struct store_session *session)
{
    if (session->file[0])
        rework_forget(&queue->rework, session->file);
    rework_want(&queue->rework);
    if (!queue->paused)
        clock_timer_set(queue->soon, clock_now_usec() + SOON_USEC); /* it is to be stored before */
}

/* ---- at start ---------------------------------------------------------------------------------- */

/* What was chosen of a recorded run is another row than its own, and may be the one that was lost. */
static void choose_twins(struct queue *queue)
{
    struct store_choice changes[CHOICE_CHANGES_MAX];
    size_t n = choice_decide_twins(queue->intake_parts.choice, changes);

    if (n == 0)
        return;
    log_warning("%zu sessions were counted besides others of the same run, or in their place none "
                "was: each run counts once",
                n);
    (void)store_put_choices(queue->parts.store, changes, n); /* or by the next start */
    queue->callbacks->on_sessions(queue->userdata, NULL, 0, changes, n);
    queue->callbacks->on_all_corrected(queue->userdata);
}

static void on_found(void *userdata)
{
    struct queue *queue = userdata;

    note_clock(queue);
    if (store_past_is_whole(queue->parts.store))
        choose_twins(queue);
    queue_go_on(queue);
}

void queue_read_past(struct queue *queue)
{
    const struct import_parts *parts = &queue->parts;
    int r;

    past_load(&queue->past, parts->store, parts->conf, queue->lookout);
    if (!store_past_is_whole(parts->store)) {
        log_warning("What was imported before cannot be read from the database: "
                    "nothing is imported until the next start");
        return;
    }
    r = kept_find(&queue->kept, parts->worker, parts->state_dir, parts->conf, &queue->past.kept,
                  on_found, queue);
    keys_free(&queue->past.kept); /* of whom a copy was taken away it may have come back */
    if (r < 0)
        log_warning_errno(r, "Kept copies that the database does not know are not looked for: %m");
    rework_want(&queue->rework);
}
