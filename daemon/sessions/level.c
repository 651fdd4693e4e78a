/* SPDX-License-Identifier: MIT */
/*
 * What the steps of a runner are compared with: cadence and speed of level running in the sessions of
 * the last 28 days. It is fixed for a session when it begins and written into its
 * recording, so that its knee-load index is the same whenever it is worked out.
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

static void remember(struct sessions *sessions, const struct store_level *level)
{
    struct store_level *grown =
        reallocarray(sessions->levels, sessions->n_levels + 1, sizeof(*grown));

    if (!grown) {
        log_error("Out of memory: %s is no example for later sessions", level->id);
        return;
    }
    sessions->levels = grown;
    sessions->levels[sessions->n_levels++] = *level;
}

void sessions_forget_level(struct sessions *sessions, const char *id)
{
    for (size_t i = sessions->n_levels; i-- > 0;)
        if (strcmp(sessions->levels[i].id, id) == 0)
            sessions->levels[i] = sessions->levels[--sessions->n_levels];
}

static void forget_old(struct sessions *sessions)
{
    int64_t since_usec = clock_wall_usec() - KEPT_USEC;

    for (size_t i = sessions->n_levels; i-- > 0;)
        if (sessions->levels[i].start_usec < since_usec)
            sessions->levels[i] = sessions->levels[--sessions->n_levels];
}

void sessions_read_levels(struct sessions *sessions)
{
    size_t n;
    const struct store_level *rows = store_levels(sessions->parts.store, &n);

    for (size_t i = 0; i < n; i++)
        remember(sessions, &rows[i]);
}

void sessions_keep_level(struct sessions *sessions, const struct payload_session *summary,
                         const struct level *level)
{
    struct store_level row = { .start_usec = summary->start_usec, .level = *level };
    int r;

    if (summary->state != SESSION_ENDED || !summary->start_usec || !(level->seconds > 0) ||
        summary->start_usec < clock_wall_usec() - KEPT_USEC)
        return;
    memcpy(row.id, summary->id, sizeof(row.id));
    memcpy(row.runner, summary->runner, sizeof(row.runner));
    sessions_forget_level(sessions, row.id);
    remember(sessions, &row);
    r = store_put_level(sessions->parts.store, &row);
    if (r < 0)
        log_warning_errno(r, "Failed to keep how %s was run on the level: %m", row.id);
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
    struct knee_reference own = { .load_ratio = 1 };
    struct level all;

    level_init(&all);
    for (size_t i = 0; i < sessions->n_levels; i++)
        if (is_example(sessions, &sessions->levels[i], runner, at_usec))
            level_merge(&all, &sessions->levels[i].level);
    own.speed_m_s = level_speed_m_s(&all);
    own.cadence_spm = level_cadence_spm(&all, own.speed_m_s);
    if (isnan(own.speed_m_s) || isnan(own.cadence_spm))
        return false;
    *ret = own;
    return true;
}

/* What nobody can date is no reason to forget what was. */
bool sessions_own(struct sessions *sessions, const char *runner, struct record *ret)
{
    bool dated = timekeeper_state(sessions->parts.timekeeper) != CLOCK_UNSET;
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
