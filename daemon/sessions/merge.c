/* SPDX-License-Identifier: MIT */
/*
 * Two recordings into one: what a shared belt recorded goes into the session of the runner it is
 * found to belong to, and that session is made anew from all the lines.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

void sessions_feed(struct sessions *sessions, size_t slot, const struct recovered *recovered)
{
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;

        recovered_get(recovered, i, &record);
        tracker_restore_feed(sessions->tracker, slot, &record);
    }
}

int sessions_reread(struct sessions *sessions, size_t slot)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    int r = sessions_read_recording(sessions, sessions->kept[slot].id, &recovered);

    if (r < 0)
        return log_error_errno(r, "Failed to read back session %s: %m", sessions->kept[slot].id);
    tracker_rebuild(sessions->tracker, slot);
    sessions_feed(sessions, slot, &recovered);
    return 0;
}

/* The recording whose lines another took in stays as it is, with a result that says so: it is not
 * to be taken for a session that waits to be closed. */
void sessions_put_merged(struct sessions *sessions, const char *id, const char *into)
{
    struct store_session row;
    int r;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    row.session.state = SESSION_DISCARDED;
    snprintf(row.reason, sizeof(row.reason), "merged into %.40s", into);
    r = store_put_session(sessions->parts.store, &row, NULL, 0, NULL, NULL);
    if (r < 0)
        log_error_errno(r, "Failed to store that %s was merged: %m", id);
}

/* Whose it is, on which clock and how it ended is said by the recording that takes the lines in; that
 * the start of the other was told is not that its own was. */
static bool is_its_own(enum record_type type)
{
    return type == RECORD_RUNNER || type == RECORD_OWN || type == RECORD_AXIS ||
           type == RECORD_END || type == RECORD_TOLD;
}

/* Sensor numbers are per file: the merged lines get numbers of their own behind those in use. */
static void append_renumbered(struct sessions *sessions, size_t into,
                              const struct recovered *recovered)
{
    const struct session *session = tracker_session(sessions->tracker, into);
    size_t left_out = 0;
    int base = 0;

    for (int i = 0; i < RECORDING_SENSORS_MAX; i++)
        if (session->sensors[i].declared)
            base = i + 1;
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;

        recovered_get(recovered, i, &record);
        if (is_its_own(record.type))
            continue;
        record.sensor += base;
        if (record.sensor < RECORDING_SENSORS_MAX)
            sessions_record(sessions, into, &record);
        else
            left_out++;
    }
    if (left_out)
        log_warning("session %s: %zu lines of another stay out: it has %d sensors already",
                    sessions->kept[into].id, left_out, RECORDING_SENSORS_MAX);
}

static int merge(struct sessions *sessions, size_t slot, size_t into)
{
    struct kept *from = &sessions->kept[slot];
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    struct record merged = { .type = RECORD_MERGED, .t_usec = clock_now_usec() };
    int r = sessions_read_recording(sessions, from->id, &recovered);

    if (r >= 0 && recovered.boots > 1)
        r = -EXDEV; /* times of two boots do not compare with those of the other recording */
    if (r < 0)
        return log_error_errno(r, "Failed to read back session %s: %m", from->id);
    memcpy(merged.merged, from->id, sizeof(merged.merged));
    sessions_record(sessions, into, &merged);
    append_renumbered(sessions, into, &recovered);
    return sessions_reread(sessions, into);
}

void sessions_merge(struct sessions *sessions, size_t slot, size_t into)
{
    if (merge(sessions, slot, into) >= 0) { /* else it stays what it is: nobody's, and whole */
        log_info("session %s: its lines are in %s now", sessions->kept[slot].id,
                 sessions->kept[into].id);
        sessions_put_merged(sessions, sessions->kept[slot].id, sessions->kept[into].id);
    }
    recorder_close(TAKE_PTR(sessions->kept[slot].file), NULL, NULL);
}
