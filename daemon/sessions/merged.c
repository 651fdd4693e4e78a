/* SPDX-License-Identifier: MIT */
/*
 * A recording whose lines another took in stays as it is, with a result that says so: it is not to be
 * taken for a session that waits to be closed. That is so when the lines are on the disk: a power cut
 * before that leaves two sessions, and neither without its metres. If the other ends before, its result
 * holds those metres, and both are stored together.
 *
 *   lines ──sync──> an end in the recording ──> its row
 *             └─ the other ends first: its row, and the other's
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

struct merged { /* its lines are not known to be on the disk yet */
    struct sessions *sessions;
    struct merged *next;
    char id[SESSION_ID_MAX], into[SESSION_ID_MAX];
    bool is_stored;
};

int sessions_put_merged(struct sessions *sessions, const char *id, const char *into)
{
    struct store_session row;
    int r;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    row.session.state = SESSION_DISCARDED;
    snprintf(row.reason, sizeof(row.reason), STORE_MERGED "%.40s", into);
    r = store_put_session(sessions->parts.store, &row, NULL, 0, NULL, NULL);
    if (r < 0)
        log_error_errno(r, "Failed to store that %s was merged: %m", id);
    return r;
}

const char *sessions_merged_into(const struct session *session)
{
    return session->discarded && strncmp(session->why, STORE_MERGED, strlen(STORE_MERGED)) == 0
               ? session->why + strlen(STORE_MERGED)
               : NULL;
}

static void free_merged(struct merged *merged)
{
    struct merged **at = &merged->sessions->merged;

    while (*at != merged)
        at = &(*at)->next;
    *at = merged->next;
    free(merged);
}

static void on_disk(void *userdata)
{
    struct merged *merged = userdata;
    struct record record = { .type = RECORD_END, .t_usec = clock_now_usec() };

    record.end.how = RECORD_END_DISCARDED;
    snprintf(record.end.why, sizeof(record.end.why), STORE_MERGED "%.40s", merged->into);
    sessions_record_late(merged->sessions, merged->id, &record, 1);
    if (!merged->is_stored)
        (void)sessions_put_merged(merged->sessions, merged->id, merged->into); /* its end says so */
    free_merged(merged);
}

void sessions_note_merged(struct sessions *sessions, const char *id, const char *into,
                          struct recording_file *file)
{
    struct merged *merged = calloc(1, sizeof(*merged));
    int r = -ENOMEM;

    if (merged) {
        *merged = (struct merged){ .sessions = sessions, .next = sessions->merged };
        snprintf(merged->id, sizeof(merged->id), "%s", id);
        snprintf(merged->into, sizeof(merged->into), "%s", into);
        sessions->merged = merged;
        r = recorder_when_on_disk(file, on_disk, merged);
    }
    if (r < 0) /* the next start finds it out */
        log_error_errno(r, "Failed to note that %s was merged: %m", id);
}

static bool is_to_be_put(const struct merged *merged, const char *into)
{
    return !merged->is_stored && strcmp(merged->into, into) == 0;
}

size_t sessions_count_those_merged(const struct sessions *sessions, const char *into)
{
    size_t n = 0;

    for (const struct merged *merged = sessions->merged; merged; merged = merged->next)
        n += is_to_be_put(merged, into);
    return n;
}

void sessions_put_those_merged(struct sessions *sessions, const char *into)
{
    for (struct merged *merged = sessions->merged; merged; merged = merged->next)
        if (is_to_be_put(merged, into))
            merged->is_stored = sessions_put_merged(sessions, merged->id, into) >= 0;
}

void sessions_free_merged(struct sessions *sessions)
{
    while (sessions->merged) {
        recorder_never_mind(sessions->parts.recorder, sessions->merged);
        free_merged(sessions->merged);
    }
}
