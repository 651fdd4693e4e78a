/* SPDX-License-Identifier: MIT */
/*
 * What the steps of a runner are compared with: cadence and speed of level running in the sessions of
 * the last 28 days (science 5.1, 5.3). It is fixed for a session when it begins and written into its
 * recording, so that its knee-load index is the same whenever it is worked out.
 */
#include "daemon/sessions/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

#define DAYS_USEC (LEVEL_DAYS * INT64_C(86400) * 1000000)

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
    int64_t since_usec = clock_wall_usec() - DAYS_USEC;

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

    if (summary->state != SESSION_ENDED || !summary->start_usec || !(level->seconds > 0))
        return;
    memcpy(row.id, summary->id, sizeof(row.id));
    memcpy(row.runner, summary->runner, sizeof(row.runner));
    sessions_forget_level(sessions, row.id);
    remember(sessions, &row);
    r = store_put_level(sessions->parts.store, &row);
    if (r < 0)
        log_warning_errno(r, "Failed to keep how %s was run on the level: %m", row.id);
}

/* What nobody can date is no reason to forget what was. */
bool sessions_own(struct sessions *sessions, const char *runner, struct record *ret)
{
    struct level all;

    if (timekeeper_state(sessions->parts.timekeeper) != CLOCK_UNSET)
        forget_old(sessions);
    level_init(&all);
    for (size_t i = 0; i < sessions->n_levels; i++)
        if (strcmp(sessions->levels[i].runner, runner) == 0)
            level_merge(&all, &sessions->levels[i].level);
    ret->own.speed_m_s = level_speed_m_s(&all);
    ret->own.cadence_spm = level_cadence_spm(&all, ret->own.speed_m_s);
    return !isnan(ret->own.speed_m_s) && !isnan(ret->own.cadence_spm);
}
