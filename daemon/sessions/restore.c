/* SPDX-License-Identifier: MIT */
/*
 * After a start: every recording without a result is read back. It goes on, or it is closed and gets
 * its result now.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

static int read_or_say(const struct sessions *sessions, const char *id, struct recovered *ret)
{
    int r = sessions_read_recording(sessions, id, ret);

    return r < 0 ? log_error_errno(r, "Failed to read the recording %s: %m", id) : 0;
}

static bool is_merged_elsewhere(char (*merged)[SESSION_ID_MAX], size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(merged[i], id) == 0)
            return true;
    return false;
}

/* Which recordings did this one take in? Known before any is recovered: the one taken in may have
 * begun before or after the one that took it. */
static void see_merged(struct sessions *sessions, const char *id, char (*merged)[SESSION_ID_MAX],
                       size_t *n_merged)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };

    if (read_or_say(sessions, id, &recovered) < 0)
        return;
    for (size_t i = 0; i < recovered.n; i++)
        if (recovered.records[i].type == RECORD_MERGED && *n_merged < TRACKER_SLOTS_MAX) {
            memcpy(merged[(*n_merged)++], recovered.records[i].merged, SESSION_ID_MAX);
            if (!store_session_ended(sessions->parts.store, recovered.records[i].merged))
                sessions_put_merged(sessions, recovered.records[i].merged, id);
        }
}

/* An unreadable store says nothing of what it holds: whatever has an end is taken for done. */
static bool is_done(const struct sessions *sessions, size_t slot)
{
    return tracker_session(sessions->tracker, slot)->over && !store_was_read(sessions->parts.store);
}

/* Whether a session of an earlier boot goes on is a question to the clock, which timedate1 answers in
 * a moment. What belongs to this boot is not kept waiting. */
static bool is_to_be_deferred(const struct sessions *sessions, size_t slot)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    return !session->over && strcmp(session->axis.boot_id, clock_boot_id()) != 0 &&
           !timekeeper_is_settled(sessions->parts.timekeeper) &&
           sessions->n_deferred < TRACKER_SLOTS_MAX;
}

static int recover_one(struct sessions *sessions, const char *id, uint64_t now_usec)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t slot;
    int r;

    r = read_or_say(sessions, id, &recovered);
    if (r < 0)
        return r;
    if (recovered.bad)
        log_warning("Recording %s: %zu lines could not be read and are left out", id,
                    recovered.bad);
    slot = tracker_restore(sessions->tracker);
    if (slot == TRACKER_NONE)
        return -ENOBUFS;
    sessions->kept[slot] = (struct kept){ .runner = TRACKER_NONE };
    snprintf(sessions->kept[slot].id, SESSION_ID_MAX, "%s", id);
    sessions_feed(sessions, slot, &recovered);
    sessions->kept[slot].old = tracker_session(sessions->tracker, slot)->over;
    /* without a beginning it was killed while its first lines were written */
    if (!tracker_session(sessions->tracker, slot)->begun || is_done(sessions, slot)) {
        tracker_free_slot(sessions->tracker, slot);
        return 0;
    }
    if (is_to_be_deferred(sessions, slot)) {
        snprintf(sessions->deferred[sessions->n_deferred++], SESSION_ID_MAX, "%s", id);
        tracker_free_slot(sessions->tracker, slot);
        return 0;
    }
    r = recorder_open(sessions->parts.recorder, id, &sessions->kept[slot].file);
    tracker_restored(sessions->tracker, slot, now_usec);
    return r;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

int sessions_restore(struct sessions *sessions, uint64_t now_usec)
{
    char merged[TRACKER_SLOTS_MAX][SESSION_ID_MAX];
    _cleanup_free_ char(*ids)[SESSION_ID_MAX] = NULL;
    size_t n = 0, n_merged = 0;
    int r;

    r = recorder_list(sessions->parts.recorder, &ids, &n);
    if (r < 0)
        return log_error_errno(r, "Failed to list the recordings: %m");
    if (n)
        qsort(ids, n, sizeof(*ids), compare_ids);
    for (size_t i = 0; i < n; i++)
        if (!store_session_ended(sessions->parts.store, ids[i]))
            see_merged(sessions, ids[i], merged, &n_merged);
    for (size_t i = 0; i < n; i++)
        if (!store_session_ended(sessions->parts.store, ids[i]) &&
            !is_merged_elsewhere(merged, n_merged, ids[i]))
            (void)recover_one(sessions, ids[i], now_usec);
    return 0;
}

void sessions_restore_deferred(struct sessions *sessions, uint64_t now_usec)
{
    size_t n = sessions->n_deferred;

    sessions->n_deferred = 0;
    for (size_t i = 0; i < n; i++)
        (void)recover_one(sessions, sessions->deferred[i], now_usec);
}
