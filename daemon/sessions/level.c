/* SPDX-License-Identifier: MIT */
/*
 * What the steps of a runner are compared with: cadence and speed of level running in the sessions of
 * the last 28 days. It is fixed for a session when it begins and written into its
 * recording, so that its knee-load index is the same whenever it is worked out. A file's is worked out
 * by the sessions before it, whenever those came in: the latest are here, in the order they were run,
 * which gives the same sums to the last digit however they came; all of them are in the store.
 */
#include "daemon/sessions/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

#define DAY_USEC  (INT64_C(86400) * 1000000)
#define DAYS_USEC (LEVEL_DAYS * DAY_USEC)
#define KEPT_USEC (LEVEL_KEPT_DAYS * DAY_USEC)

/* As the store has them in order. */
static bool is_before(const struct store_level *a, const struct store_level *b)
{
    if (a->start_usec != b->start_usec)
        return a->start_usec < b->start_usec;
    return strcmp(a->id, b->id) < 0;
}

static void remember(struct sessions *sessions, const struct store_level *level)
{
    struct store_level *grown =
        reallocarray(sessions->levels, sessions->n_levels + 1, sizeof(*grown));
    size_t at = sessions->n_levels;

    if (!grown) {
        log_error("Out of memory: %s is no example for later sessions", level->id);
        return;
    }
    sessions->levels = grown;
    while (at > 0 && is_before(level, &grown[at - 1]))
        at--;
    memmove(&grown[at + 1], &grown[at], (sessions->n_levels - at) * sizeof(*grown));
    grown[at] = *level;
    sessions->n_levels++;
}

static void drop(struct sessions *sessions, size_t i)
{
    struct store_level *at = &sessions->levels[i];

    memmove(at, at + 1, (--sessions->n_levels - i) * sizeof(*at));
}

void sessions_forget_level(struct sessions *sessions, const char *id)
{
    for (size_t i = sessions->n_levels; i-- > 0;)
        if (strcmp(sessions->levels[i].id, id) == 0)
            drop(sessions, i);
}

/* Behind all that is known. */
static int64_t latest_usec(const struct sessions *sessions)
{
    int64_t latest = 0;

    for (size_t i = 0; i < sessions->n_levels; i++)
        if (sessions->levels[i].start_usec >= latest)
            latest = sessions->levels[i].start_usec + 1;
    return latest;
}

static bool is_dated(const struct sessions *sessions)
{
    return timekeeper_state(sessions->parts.timekeeper) != CLOCK_UNSET;
}

/* What is at hand. Nobody's clock of decades ahead makes what was run last a thing of the past. */
static int64_t kept_since_usec(const struct sessions *sessions)
{
    return (is_dated(sessions) ? clock_wall_usec() : latest_usec(sessions)) - KEPT_USEC;
}

static void forget_old(struct sessions *sessions)
{
    int64_t since_usec = kept_since_usec(sessions);

    for (size_t i = sessions->n_levels; i-- > 0;)
        if (sessions->levels[i].start_usec < since_usec)
            drop(sessions, i);
}

void sessions_read_levels(struct sessions *sessions)
{
    size_t n;
    const struct store_level *rows = store_levels(sessions->parts.store, &n);

    while (n-- > 0) /* the newest are first there, and last here */
        remember(sessions, &rows[n]);
}

static bool level_row(struct store_level *ret, const struct payload_session *summary,
                      const struct level *level)
{
    if (summary->state != SESSION_ENDED || !summary->start_usec)
        return false;
    *ret = (struct store_level){ .start_usec = summary->start_usec, .level = *level };
    memcpy(ret->id, summary->id, sizeof(ret->id));
    memcpy(ret->runner, summary->runner, sizeof(ret->runner));
    return true;
}

void sessions_take_level(struct sessions *sessions, const struct store_level *row)
{
    sessions_forget_level(sessions, row->id);
    if (row->level.seconds > 0 && row->start_usec >= kept_since_usec(sessions))
        remember(sessions, row);
}

void sessions_note_level(struct sessions *sessions, const struct payload_session *summary,
                         const struct level *level)
{
    struct store_level row;

    if (level_row(&row, summary, level))
        sessions_take_level(sessions, &row);
    else
        sessions_forget_level(sessions, summary->id);
}

void sessions_put_level(struct sessions *sessions, const struct payload_session *summary,
                        const struct level *level)
{
    struct store_level row;
    int r;

    if (!level_row(&row, summary, level) || !(level->seconds > 0))
        return;
    r = store_put_level(sessions->parts.store, &row);
    if (r < 0)
        log_warning_errno(r, "Failed to keep how %s was run on the level: %m", row.id);
}

/* Of the same run twice, only that which counts. */
static bool is_example(const struct sessions *sessions, const struct store_level *row,
                       const char *runner, int64_t at_usec)
{
    return strcmp(row->runner, runner) == 0 && row->start_usec < at_usec &&
           row->start_usec >= at_usec - DAYS_USEC &&
           (!sessions->callbacks->counts ||
            sessions->callbacks->counts(sessions->userdata, row->id));
}

bool sessions_reference(const struct sessions *sessions, const char *runner, int64_t at_usec,
                        struct knee_reference *ret)
{
    struct level all;

    if (at_usec - DAYS_USEC < kept_since_usec(sessions))
        return false;
    level_init(&all);
    for (size_t i = 0; i < sessions->n_levels; i++)
        if (is_example(sessions, &sessions->levels[i], runner, at_usec))
            level_merge(&all, &sessions->levels[i].level);
    return knee_reference_of(&all, ret);
}

/* What nobody can date is no reason to forget what was. */
bool sessions_own(struct sessions *sessions, const char *runner, struct record *ret)
{
    bool dated = is_dated(sessions);
    struct knee_reference own = { NAN, NAN, 1 };
    int64_t at_usec = dated ? clock_wall_usec() : latest_usec(sessions);
    bool known;

    if (dated)
        forget_old(sessions);
    known = sessions_reference(sessions, runner, at_usec, &own);
    ret->own.speed_m_s = own.speed_m_s;
    ret->own.cadence_spm = own.cadence_spm;
    return known;
}
