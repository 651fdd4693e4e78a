/* SPDX-License-Identifier: MIT */
/*
 * What is to be changed: the rows are copied into a put, which the queue takes to the disk. What was
 * read of the same table at open was lent until then, and goes.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/store/private.h"

#define ASKED_MAX 4 /* questions that wait for a disk: each has room for its answer */

#define RESULT_BYTES_MAX (32 * 1024) /* with its event, whose body is 16 KiB at most */

static int post(struct store *store, struct put *put, store_committed committed, void *userdata)
{
    put->committed = committed;
    put->userdata = userdata;
    return queue_add(&store->queue, put);
}

void store_gather(struct store *store)
{
    queue_gather(&store->queue);
}

void store_send(struct store *store)
{
    queue_send(&store->queue);
}

bool store_has_room(const struct store *store)
{
    return queue_has_room(&store->queue, RESULT_BYTES_MAX);
}

bool store_has_room_for(const struct store *store, size_t n)
{
    return queue_has_room_for(&store->queue, n, n * RESULT_BYTES_MAX);
}

int store_put_session(struct store *store, const struct store_session *session,
                      const struct store_event *events, size_t n_events, store_committed committed,
                      void *userdata)
{
    struct put *put = NULL;

    int r = session_table_make_put(&put, session, events, n_events);
    if (r < 0)
        return r;
    r = post(store, put, committed, userdata);
    if (r < 0)
        return r;
    if (n_events > 0)
        event_table_free(&store->events);
    session_table_note_ended(&store->sessions,
                             session->session.id); /* else it is derived once more */
    return 0;
}

int store_put_import(struct store *store, const struct store_imported *imported,
                     store_committed committed, void *userdata)
{
    struct put *put = NULL;

    int r = import_table_make_put(&put, imported);
    if (r < 0)
        return r;
    put->committed = committed;
    put->userdata = userdata;
    r = queue_try(&store->queue, put);
    if (r < 0)
        return r;
    if (imported->n_events > 0)
        event_table_free(&store->events);
    return 0;
}

int store_put_choices(struct store *store, const struct store_choice *choices, size_t n)
{
    struct put *put = NULL;
    int r = import_table_make_choices(&put, choices, n);
    return r < 0 ? r : queue_add(&store->queue, put);
}

/* One that was begun in an earlier life, whose clock was never known, has no more in it than one that is
 * begun now. */
void store_note_clock(struct store *store)
{
    int64_t made_usec = clock_wall_usec() - (int64_t)(clock_now_usec() - store->opened_usec);
    struct put *put = NULL;

    store->clock_is_known = true;
    if (!store->was_read || store->made_is_sure ||
        (store->made_is_put && llabs(made_usec - store->made_usec) < CLOCK_SET_USEC))
        return;
    if (origin_table_make_put(&put, made_usec) < 0 || queue_add(&store->queue, put) < 0)
        return; /* the next time, or the next start */
    store->made_usec = made_usec;
    store->made_is_put = true;
}

int store_find_outdated(struct store *store, const struct store_outdated_question *question)
{
    struct put *put = NULL;
    int r = outdated_make_put(&put, question);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_forget_reading(struct store *store, const char *hash)
{
    struct put *put = NULL;
    int r = import_table_make_forget(&put, hash);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_events(struct store *store, const struct store_event *events, size_t n_events,
                     store_committed committed, void *userdata)
{
    struct put *put = NULL;

    int r = event_table_make_put(&put, events, n_events);
    if (r < 0)
        return r;
    r = post(store, put, committed, userdata);
    if (r < 0)
        return r;
    event_table_free(&store->events); /* copied: these may have been the rows given */
    return 0;
}

int store_delete_event(struct store *store, const char *id)
{
    struct put *put = NULL;
    int r = event_table_make_delete(&put, id);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_mark_event(struct store *store, const char *id, int tries, bool refused)
{
    struct put *put = NULL;
    int r = event_table_make_mark(&put, id, tries, refused);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_sensor(struct store *store, const struct store_sensor *sensor)
{
    struct put *put = NULL;
    int r = sensor_table_make_put(&put, sensor);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_level(struct store *store, const struct store_level *level)
{
    struct put *put = NULL;
    int r = level_table_make_put(&put, level);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_find_level(struct store *store, const char *id, store_level_found found, void *userdata)
{
    struct put *put = NULL;
    int r = level_table_make_question(&put, id, found, userdata);
    return r < 0 ? r : queue_try(&store->queue, put); /* the next start knows it: nothing is lost */
}

int store_put_note(struct store *store, const char *id, const struct note *note,
                   store_committed committed, void *userdata)
{
    struct put *put = NULL;
    int r = note_table_make_put(&put, id, note);
    return r < 0 ? r : post(store, put, committed, userdata);
}

int store_put_release(struct store *store, const struct store_release *release)
{
    struct put *put = NULL;
    int r = release_table_make_put(&put, release);
    return r < 0 ? r : queue_add(&store->queue, put);
}

int store_put_judged(struct store *store, const struct store_judged *judged,
                     store_committed committed, void *userdata)
{
    struct put *put = NULL;

    int r = verdict_table_make_put(&put, judged);
    if (r < 0)
        return r;
    r = post(store, put, committed, userdata);
    if (r < 0)
        return r;
    if (judged->n_events > 0)
        event_table_free(&store->events);
    if (judged->n_verdicts > 0)
        verdict_table_free(&store->verdicts);
    if (judged->n_sessions > 0)
        unjudged_table_free(&store->unjudged);
    return 0;
}

int store_find_said(struct store *store, const char *runner, int64_t since_usec, const char *before,
                    store_said_found found, void *userdata)
{
    struct put *put = NULL;
    int r = store->n_asked >= ASKED_MAX ? -EBUSY
                                        : said_make_question(&put, &store->n_asked, runner,
                                                             since_usec, before, found, userdata);

    return r < 0 ? r : queue_try(&store->queue, put); /* it may be asked again: nothing is lost */
}

int store_clock_set(struct store *store, int64_t wall_usec)
{
    uint64_t now_usec = clock_now_usec();
    struct put *put = NULL;

    if (!answer_table_is_off(&store->answers, wall_usec, now_usec))
        return 0;
    int r = answer_table_make_dates(&put, &store->answers, wall_usec, now_usec);
    if (r >= 0 && put)
        r = queue_add(&store->queue, put);
    if (r >= 0)
        store->answers.dated_with_usec = wall_usec - (int64_t)now_usec;
    return r;
}

int store_put_answer(struct store *store, const char *transaction, const char *answer,
                     int64_t wall_usec)
{
    struct put *put = NULL;

    int r = answer_table_make_put(&put, transaction, answer, wall_usec);
    if (r < 0)
        return r;
    r = answer_table_remember(&store->answers, transaction, answer,
                              clock_now_usec() + ANSWER_KEPT_USEC);
    if (r < 0) {
        put_free(put);
        return r;
    }
    (void)store_clock_set(store, wall_usec); /* before it drops by date what is too old */
    return queue_add(&store->queue, put);
}
