/* SPDX-License-Identifier: MIT */
/*
 * What is told of a session, once each: its start, its end, that it is gone. An event goes out when
 * it is in the store, together with the result it tells of; so until the store answers it is ours.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/render.h"

#define UNSTORED_USEC (60 * UINT64_C(1000000)) /* between two tries, as the store's own */

struct told { /* an event on its way into the store */
    struct sessions *sessions;
    struct told *next;
    char session[SESSION_ID_MAX];
    struct store_event event;
};

static void free_told(struct told *told)
{
    struct told **at = &told->sessions->told;

    while (*at && *at != told)
        at = &(*at)->next;
    if (*at)
        *at = told->next;
    free(told->event.body);
    free(told);
}

static void on_committed(void *userdata, int result)
{
    struct told *told = userdata;
    size_t slot = sessions_find_slot(told->sessions, told->session);

    if (result < 0)
        log_warning("Event %s is not stored: %s", told->event.id,
                    store_why(told->sessions->parts.store, result));
    else if (told->event.kind == EVENT_SESSION_START && slot != TRACKER_NONE)
        tracker_told(told->sessions->tracker, clock_now_usec(), slot);
    told->sessions->callbacks->on_event(told->sessions->userdata, &told->event);
    free_told(told);
}

static struct told *tell_as(struct sessions *sessions, const struct news *news)
{
    const struct payload_session *summary = &news->session;
    struct told *told = calloc(1, sizeof(*told));

    if (!told)
        return NULL;
    told->sessions = sessions;
    told->next = sessions->told;
    sessions->told = told;
    memcpy(told->session, summary->id, sizeof(told->session));
    told->event.kind = news->kind;
    told->event.at_usec = news->at_usec;
    memcpy(told->event.id, news->id, sizeof(told->event.id));
    memcpy(told->event.runner, summary->runner, sizeof(told->event.runner));
    told->event.body = render_payload(CONTRACT_SESSION, summary);
    if (!told->event.body) {
        free_told(told);
        return NULL;
    }
    return told;
}

/* The same session tells the same thing under the same id, however often it is told. */
static struct told *tell(struct sessions *sessions, enum event_kind kind, int64_t at_usec,
                         const struct payload_session *summary)
{
    struct news news = { .kind = kind, .at_usec = at_usec, .session = *summary };

    snprintf(news.id, sizeof(news.id), "%.32s-%s", summary->id,
             kind == EVENT_SESSION_START ? "start"
             : kind == EVENT_RETRACTED   ? "gone"
                                         : "end");
    return tell_as(sessions, &news);
}

void sessions_put_start(struct sessions *sessions, const struct payload_session *summary)
{
    struct told *told = tell(sessions, EVENT_SESSION_START, summary->start_usec, summary);
    int r;

    if (!told)
        return;
    r = store_put_events(sessions->parts.store, &told->event, 1, on_committed, told);
    if (r < 0)
        on_committed(told, r);
}

/* ---- a result, and the event in the same transaction ------------------------------------------- */

/* There may be room for it later. */
static bool is_for_now(int r)
{
    return r == -ENOBUFS || r == -ENOMEM;
}

/* With all that goes with it: one without the other is worse than neither. */
static bool has_room(const struct sessions *sessions, const struct unstored *result)
{
    size_t n = 1 + sessions_count_those_merged(sessions, result->row.session.id);

    n += result->beside.start;
    n += result->beside.level.seconds > 0;
    return store_has_room_for(sessions->parts.store, n);
}

static void put_beside(struct sessions *sessions, struct unstored *result)
{
    if (result->beside.start)
        sessions_put_start(sessions, &result->row.session);
    result->beside.start = false;
    sessions_put_those_merged(sessions, result->row.session.id);
}

/* What is refused for good is told all the same; the rest is told when its result is in the store. */
static int try_put(struct sessions *sessions, struct unstored *result)
{
    const struct store_session *row = &result->row;

    if (!has_room(sessions, result))
        return -ENOBUFS;
    enum event_kind kind =
        row->session.state == SESSION_DISCARDED ? EVENT_RETRACTED : EVENT_SESSION_END;
    struct told *told = result->news ? tell(sessions, kind, result->at_usec, &row->session) : NULL;
    store_gather(sessions->parts.store);
    put_beside(sessions, result);
    int r = result->news && !told
                ? -ENOMEM
                : store_put_session(sessions->parts.store, row, told ? &told->event : NULL,
                                    told ? 1 : 0, told ? on_committed : NULL, told);

    if (r < 0 && told && is_for_now(r))
        free_told(told);
    else if (r < 0 && told)
        on_committed(told, r);
    if (r >= 0)
        sessions_put_level(sessions, &row->session, &result->beside.level);
    store_send(sessions->parts.store);
    return r;
}

static void arm_unstored(struct sessions *sessions)
{
    clock_timer_set(sessions->unstored_timer, clock_now_usec() + UNSTORED_USEC);
}

/* Its recording stands: beyond the bound it is made again from that. */
static void keep_unstored(struct sessions *sessions, const struct unstored *result)
{
    const char *id = result->row.session.id;

    if (sessions->n_unstored == UNSTORED_MAX) {
        log_error("The result of %s is stored after the next start", id);
        return;
    }
    log_warning("The store has no room for the result of %s: it waits", id);
    sessions->unstored[sessions->n_unstored++] = *result;
    if (sessions->n_unstored == 1)
        arm_unstored(sessions);
}

/* False: it is to wait. */
static bool is_settled(struct sessions *sessions, struct unstored *result)
{
    int r = try_put(sessions, result);

    if (r < 0 && !is_for_now(r))
        log_error_errno(r, "Failed to store the result of %s: %m", result->row.session.id);
    return !is_for_now(r);
}

/* In their order: a runner's last is the one that was stored last. */
void sessions_try_unstored(void *userdata, uint64_t now_usec)
{
    struct sessions *sessions = userdata;
    size_t n = 0;

    while (n < sessions->n_unstored && is_settled(sessions, &sessions->unstored[n]))
        n++;
    sessions->n_unstored -= n;
    memmove(sessions->unstored, sessions->unstored + n,
            sessions->n_unstored * sizeof(*sessions->unstored));
    if (sessions->n_unstored > 0)
        arm_unstored(sessions);
}

static void put(struct sessions *sessions, const struct store_session *row,
                const struct beside *beside, bool news, int64_t at_usec)
{
    struct unstored result = { .row = *row, .beside = *beside, .news = news, .at_usec = at_usec };

    store_gather(sessions->parts.store);
    if (sessions->n_unstored > 0 || !is_settled(sessions, &result))
        keep_unstored(sessions, &result);
    sessions->callbacks->on_result(sessions->userdata, row);
    store_send(sessions->parts.store);
}

/* A result that is worked out again long after (a database that was set aside) is no news. */
#define NEWS_USEC (INT64_C(86400) * 1000000)

/* While nobody knows the time, it is later than all that is stored. */
static bool is_news(const struct sessions *sessions, const struct payload_session *session)
{
    int64_t now_usec = timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET
                           ? store_newest_usec(sessions->parts.store)
                           : clock_wall_usec();

    return !session->end_usec || now_usec - session->end_usec < NEWS_USEC;
}

/* By the clock; without one, by what the database has ever known of it. */
static bool was_in_another(const struct sessions *sessions, const struct payload_session *session)
{
    const struct store *store = sessions->parts.store;

    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET && session->end_usec &&
        !store_is_dated(store))
        return true;
    return session->end_usec < store_made_usec(store);
}

/* old: derived anew from a recording of an earlier run of ours. One that ended before the database was
 * begun was in another, which told it; else we were killed before it came into this one. Of one that no
 * clock ever dated that is known while the database is new. */
void sessions_put_result(struct sessions *sessions, const struct store_session *row,
                         const struct beside *beside, bool old)
{
    struct store_session result = *row;
    struct beside with = *beside;
    bool news = !old || is_news(sessions, &row->session);

    result.rebuilt = old && was_in_another(sessions, &row->session);
    if (result.rebuilt && (row->session.end_usec || store_is_new(sessions->parts.store)))
        news = false;
    with.start = with.start && row->session.runner[0] && news;
    put(sessions, &result, &with, row->session.runner[0] && news, row->session.end_usec);
}

void sessions_put_discarded(struct sessions *sessions, const struct store_session *row,
                            const struct beside *beside, int64_t at_usec)
{
    put(sessions, row, beside, row->session.runner[0] != 0, at_usec);
}

/* ---- what was said of one that is over --------------------------------------------------------- */

struct batch { /* events that are told together, and somebody waits until they are stored */
    struct sessions *sessions;
    struct batch *next;
    struct told *told[NEWS_MAX];
    size_t n;
    store_committed done;
    void *userdata;
};

static void free_batch(struct batch *batch)
{
    struct batch **at = &batch->sessions->batches;

    while (*at != batch)
        at = &(*at)->next;
    *at = batch->next;
    free(batch);
}

static void tell_all(const struct batch *batch, int result)
{
    for (size_t i = 0; i < batch->n; i++)
        on_committed(batch->told[i], result);
}

static void on_batch(void *userdata, int result)
{
    struct batch *batch = userdata;

    tell_all(batch, result);
    batch->done(batch->userdata, result);
    free_batch(batch);
}

static int put_batch(struct batch *batch, const struct store_session *row)
{
    struct store_event events[NEWS_MAX];
    int r;

    for (size_t i = 0; i < batch->n; i++)
        events[i] = batch->told[i]->event;
    r = store_put_session(batch->sessions->parts.store, row, events, batch->n, on_batch, batch);
    if (r < 0) {
        log_error_errno(r, "Failed to store what was said of %s: %m", row->session.id);
        for (size_t i = 0; i < batch->n; i++)
            free_told(batch->told[i]);
        free_batch(batch);
    }
    return r;
}

int sessions_put_news(struct sessions *sessions, const struct store_session *row,
                      const struct news *news, size_t n, store_committed done, void *userdata)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    int r = -ENOMEM;

    store_gather(sessions->parts.store); /* with what is counted now in its place */
    if (batch) {
        *batch = (struct batch){
            .sessions = sessions, .next = sessions->batches, .done = done, .userdata = userdata
        };
        sessions->batches = batch;
        for (size_t i = 0; i < n; i++) {
            batch->told[batch->n] = tell_as(sessions, &news[i]);
            batch->n += batch->told[batch->n] != NULL;
        }
        r = put_batch(batch, row);
    }
    if (r >= 0)
        sessions->callbacks->on_result(sessions->userdata, row);
    store_send(sessions->parts.store);
    return r;
}

/* A disk that takes nothing never answers. */
void sessions_free_events(struct sessions *sessions)
{
    while (sessions->told)
        free_told(sessions->told);
    while (sessions->batches)
        free_batch(sessions->batches);
}
