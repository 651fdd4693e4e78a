/* SPDX-License-Identifier: MIT */
/*
 * The session that each runner is shown with: the open one, or the last that ended. One of long ago that
 * gets its result now is not it, and one that is theirs no more makes place for the one before.
 */
#include "daemon/sessions/private.h"

#include <stdio.h>
#include <string.h>
#include "daemon/log.h"

static void note_last(struct sessions *sessions, const struct payload_session *summary)
{
    size_t i = 0;

    if (!summary->runner[0])
        return;
    while (i < sessions->n_last && strcmp(sessions->last[i].runner, summary->runner) != 0)
        i++;
    if (i == CONF_RUNNERS_MAX)
        i = 0; /* more runners came and went than there can be: the first is long gone */
    else if (i == sessions->n_last)
        sessions->n_last++;
    sessions->last[i] = *summary;
}

void sessions_read_last(struct sessions *sessions)
{
    size_t n;
    const struct store_session *rows = store_last_sessions(sessions->parts.store, &n);

    for (size_t i = 0; i < n; i++)
        if (rows[i].session.runner[0])
            note_last(sessions, &rows[i].session);
        else
            snprintf(sessions->last_of_nobody, SESSION_ID_MAX, "%s", rows[i].session.id);
}

bool sessions_last(const struct sessions *sessions, const char *runner, struct payload_session *ret)
{
    for (size_t i = 0; i < sessions->n_last; i++)
        if (strcmp(sessions->last[i].runner, runner) == 0) {
            *ret = sessions->last[i];
            return true;
        }
    return false;
}

void sessions_show(struct sessions *sessions, const struct payload_session *summary)
{
    note_last(sessions, summary);
    sessions->callbacks->on_session(sessions->userdata, summary);
}

/* One of long ago that gets its result only now, or another, is not its runner's last. */
void sessions_show_unless_later(struct sessions *sessions, const struct payload_session *summary)
{
    struct payload_session last;

    if (!sessions_last(sessions, summary->runner, &last) || last.start_usec <= summary->start_usec)
        sessions_show(sessions, summary);
}

/* As its runner's last it stays shown, as gone, if they have none before it. */
static void on_found_last(void *userdata, int result, const struct store_session *row)
{
    struct sessions *sessions = userdata;
    struct payload_session last;

    if (result != 0 || !sessions_last(sessions, row->session.runner, &last) ||
        last.state != SESSION_DISCARDED)
        return; /* they have run meanwhile */
    sessions_show(sessions, &row->session);
}

void sessions_show_lost(struct sessions *sessions, const struct payload_session *lost)
{
    struct payload_session last;
    int r;

    if (!lost->runner[0] || !sessions_last(sessions, lost->runner, &last) ||
        strcmp(last.id, lost->id) != 0)
        return;
    last.state = SESSION_DISCARDED;
    sessions_show(sessions, &last);
    r = store_find_last(sessions->parts.store, lost->runner, on_found_last, sessions);
    if (r < 0)
        log_warning_errno(r, "What %s did before %s is not shown: %m", lost->runner, lost->id);
}
