/* SPDX-License-Identifier: MIT */
/*
 * After a start: every recording without a result is read back. It goes on, or it is closed and gets
 * its result now.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/clock.h"
#include "daemon/log.h"

static int read_or_say(const struct sessions *sessions, const char *id, struct recovered *ret)
{
    int r = sessions_read_recording(sessions, id, ret);

    return r < 0 ? log_error_errno(r, "Failed to read the recording %s: %m", id) : 0;
}

static bool is_merged_elsewhere(const struct backlog *backlog, const char *id)
{
    for (size_t i = 0; i < backlog->n_merged; i++)
        if (strcmp(backlog->merged[i], id) == 0)
            return true;
    return false;
}

static int note_merged(struct backlog *backlog, const char *id)
{
    char(*added)[SESSION_ID_MAX] = ARRAY_ADD(backlog->merged, backlog->n_merged);

    if (!added)
        return -ENOMEM;
    memcpy(*added, id, SESSION_ID_MAX);
    return 0;
}

/* ---- what one took in ---------------------------------------------------------------------------- */

/* They are in it, and perhaps in the memory of the kernel alone. */
static void take_for_merged(struct sessions *sessions, const char *id, const char *into)
{
    struct recording_file *file;
    int r;

    if (note_merged(&sessions->backlog, id) < 0)
        log_error("Failed to note that %s was merged: no memory", id);
    if (store_session_ended(sessions->parts.store, id))
        return;
    r = recorder_open(sessions->parts.recorder, into, &file);
    if (r < 0) {
        log_error_errno(r, "Failed to note that %s was merged: %m", id);
        return;
    }
    sessions_note_merged(sessions, id, into, file);
    recorder_close(file, NULL, NULL);
}

/* What was cut off is done again; what was written and cannot be read back, too, unless it was known to
 * be on the disk once: then it rotted, and the rest is as good as it gets. */
static void see_part(struct sessions *sessions, const struct joined_part *part, const char *into)
{
    bool is_whole = part->counts && part->sound == part->lines;

    if (strcmp(part->id, into) == 0)
        return;
    if (!is_whole && !store_session_ended(sessions->parts.store, part->id) &&
        recorder_has(sessions->parts.recorder, part->id))
        is_whole = sessions_merge_again(sessions, part->id, into) >= 0;
    if (is_whole || part->counts)
        take_for_merged(sessions, part->id, into);
}

/* Of its parts that are of this session the one that counts, or any. */
static const struct joined_part *find_part(const struct joined *joined, const char *id)
{
    const struct joined_part *found = NULL;

    for (size_t i = 0; i < joined->n; i++)
        if (strcmp(joined->parts[i].id, id) == 0 && (!found || joined->parts[i].counts))
            found = &joined->parts[i];
    return found;
}

/* Written before there were J lines: nothing tells whether all of it is there. */
static void see_unparted(struct sessions *sessions, const struct recovered *recovered,
                         const char *into)
{
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;

        if (recovered_letter(recovered, i) != 'M')
            continue;
        recovered_get(recovered, i, &record);
        if (!find_part(&recovered->joined, record.merged) && strcmp(record.merged, into) != 0)
            take_for_merged(sessions, record.merged, into);
    }
}

/* Which recordings did this one take in? Known before any is recovered: the one taken in may have
 * begun before or after the one that took it. */
static void see_merged(struct sessions *sessions, const char *id)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    const struct joined *joined = &recovered.joined;

    if (read_or_say(sessions, id, &recovered) < 0)
        return;
    for (size_t i = 0; i < joined->n; i++)
        if (find_part(joined, joined->parts[i].id) == &joined->parts[i])
            see_part(sessions, &joined->parts[i], id);
    see_unparted(sessions, &recovered, id);
}

/* ---- one that goes on, or ends -------------------------------------------------------------------- */

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

static void fill_slot(struct sessions *sessions, size_t slot, const char *id,
                      const struct recovered *recovered)
{
    struct kept *kept = &sessions->kept[slot];

    *kept = (struct kept){ .runner = TRACKER_NONE };
    snprintf(kept->id, SESSION_ID_MAX, "%s", id);
    sessions_feed(sessions, slot, recovered);
    kept->old = tracker_session(sessions->tracker, slot)->over;
}

/* What is nobody's may be in a recording of the backlog that was not looked at yet. */
static bool is_kept_for_later(struct sessions *sessions, size_t slot)
{
    struct backlog *backlog = &sessions->backlog;

    if (!backlog->timer || backlog->merged_is_known ||
        tracker_session(sessions->tracker, slot)->runner.id[0])
        return false;
    memcpy(backlog->ids[backlog->n++], sessions->kept[slot].id, SESSION_ID_MAX);
    return true;
}

/* It goes on: what it says of itself is written again, as some of it may have rotted. */
static void recall_declared(struct recording_file *file, const struct recovered *recovered)
{
    for (size_t i = 0; i < recovered->n; i++) {
        uint32_t at;
        size_t length;

        if (!recording_has_copies(recovered_letter(recovered, i)))
            continue;
        const char *said = recovered_said(recovered, i, &length, &at);
        recorder_recall(file, said, length, at);
    }
}

/* What is in the slot is nothing, or waits for the clock, or goes on. */
static int place(struct sessions *sessions, size_t slot, const struct recovered *recovered,
                 uint64_t now_usec)
{
    struct kept *kept = &sessions->kept[slot];
    const char *into = sessions_merged_into(tracker_session(sessions->tracker, slot));
    int r;

    if (is_kept_for_later(sessions, slot)) {
        tracker_free_slot(sessions->tracker, slot);
        return 0;
    }
    if (into && store_was_read(sessions->parts.store))
        (void)sessions_put_merged(sessions, kept->id, into);
    /* without a beginning it was killed while its first lines were written */
    if (into || !tracker_session(sessions->tracker, slot)->begun || is_done(sessions, slot)) {
        tracker_free_slot(sessions->tracker, slot);
        return 0;
    }
    if (is_to_be_deferred(sessions, slot)) {
        memcpy(sessions->deferred[sessions->n_deferred++], kept->id, SESSION_ID_MAX);
        tracker_free_slot(sessions->tracker, slot);
        return 0;
    }
    r = recorder_open(sessions->parts.recorder, kept->id, &kept->file);
    if (r >= 0 && !kept->old)
        recall_declared(kept->file, recovered);
    tracker_restored(sessions->tracker, slot, now_usec);
    return r;
}

static int recover_one(struct sessions *sessions, const char *id, uint64_t now_usec)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t slot;
    int r = read_or_say(sessions, id, &recovered);

    if (r < 0)
        return r;
    if (recovered.bad)
        log_warning("Recording %s: %zu lines could not be read; copies told %zu lines", id,
                    recovered.bad, recovered.found);
    slot = tracker_restore(sessions->tracker);
    if (slot == TRACKER_NONE)
        return -ENOBUFS;
    fill_slot(sessions, slot, id, &recovered);
    return place(sessions, slot, &recovered, now_usec);
}

static void maybe_recover(struct sessions *sessions, const char *id, uint64_t now_usec)
{
    if (!store_session_ended(sessions->parts.store, id) &&
        !is_merged_elsewhere(&sessions->backlog, id))
        (void)recover_one(sessions, id, now_usec);
}

/* The last session of a runner, or of nobody, whose result is stored: it may have been told to stop a moment ago. */
static void recall(struct sessions *sessions, const char *id, uint64_t now_usec)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t slot;

    if (!store_session_ended(sessions->parts.store, id) ||
        sessions_read_recording(sessions, id, &recovered) <
            0) /* it may be pruned: nothing to recall */
        return;
    slot = tracker_restore(sessions->tracker);
    if (slot == TRACKER_NONE)
        return;
    sessions_feed(sessions, slot, &recovered);
    tracker_recall(sessions->tracker, slot, now_usec);
}

/* ---- a long backlog ---------------------------------------------------------------------------- */

/* One recording a turn of the loop: first what each took in, then each itself, newest first. */
static void on_backlog(void *userdata, uint64_t now_usec)
{
    struct sessions *sessions = userdata;
    struct backlog *backlog = &sessions->backlog;
    const char *id = backlog->ids[backlog->next++];

    if (!backlog->merged_is_known)
        see_merged(sessions, id);
    else
        maybe_recover(sessions, id, now_usec);
    if (backlog->next == backlog->n && !backlog->merged_is_known) {
        backlog->merged_is_known = true;
        backlog->next = 0;
    }
    if (backlog->next < backlog->n) {
        clock_timer_set(backlog->timer, now_usec);
        return;
    }
    log_info("The %zu older recordings are read back", backlog->n);
    sessions_free_backlog(sessions);
}

void sessions_free_backlog(struct sessions *sessions)
{
    clock_timer_unref(sessions->backlog.timer);
    free(sessions->backlog.ids);
    free(sessions->backlog.merged);
    sessions->backlog = (struct backlog){ 0 };
}

static bool is_in(const char (*ids)[SESSION_ID_MAX], size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

/* Until all were looked at for what they took in, none of them has its result. */
bool sessions_is_reading(const struct sessions *sessions, const char *id)
{
    const struct backlog *backlog = &sessions->backlog;
    size_t from = backlog->merged_is_known ? backlog->next : 0;

    return !store_session_ended(sessions->parts.store, id) &&
           (is_in(sessions->deferred, sessions->n_deferred, id) ||
            (backlog->ids && is_in(backlog->ids + from, backlog->n - from, id)));
}

/* ---- at start ---------------------------------------------------------------------------------- */

struct written {
    int64_t nsec;
    char id[SESSION_ID_MAX];
};

static int newest_first(const void *a, const void *b)
{
    const struct written *x = a, *y = b;

    if (x->nsec != y->nsec)
        return x->nsec > y->nsec ? -1 : 1;
    return strcmp(y->id, x->id);
}

/* The recordings that have no result, the latest written to first. */
static int list_open(struct sessions *sessions, struct written **ret, size_t *ret_n)
{
    _cleanup_free_ char(*ids)[SESSION_ID_MAX] = NULL;
    _cleanup_free_ struct written *open = NULL;
    size_t n_ids = 0, n = 0;
    int r = recorder_list(sessions->parts.recorder, &ids, &n_ids);

    if (r < 0)
        return r;
    open = calloc(n_ids + 1, sizeof(*open));
    if (!open)
        return -ENOMEM;
    for (size_t i = 0; i < n_ids; i++) {
        if (store_session_ended(sessions->parts.store, ids[i]))
            continue;
        open[n].nsec = recorder_written_nsec(sessions->parts.recorder, ids[i]);
        memcpy(open[n++].id, ids[i], SESSION_ID_MAX);
    }
    if (n)
        qsort(open, n, sizeof(*open), newest_first);
    *ret = TAKE_PTR(open);
    *ret_n = n;
    return 0;
}

/* Those behind the first n_now; there is room for all. */
static int start_backlog(struct sessions *sessions, const struct written *open, size_t n,
                         size_t n_now, uint64_t now_usec)
{
    struct backlog *backlog = &sessions->backlog;

    backlog->ids = calloc(n, sizeof(*backlog->ids));
    if (!backlog->ids)
        return -ENOMEM;
    for (size_t i = n_now; i < n; i++)
        memcpy(backlog->ids[backlog->n++], open[i].id, SESSION_ID_MAX);
    log_info("%zu older recordings have no result: they are read back one by one", backlog->n);
    return clock_timer_new(&backlog->timer, sessions->parts.event, now_usec, on_backlog, sessions);
}

/*
 * Usually there is one, of the session that was open. After the database was lost there are all, and
 * reading years of them takes minutes: those that may still be open, which are among the last that
 * were written to, are read now, and the rest while the daemon works.
 */
int sessions_restore(struct sessions *sessions, uint64_t now_usec)
{
    _cleanup_free_ struct written *open = NULL;
    size_t n = 0, n_now;
    int r = list_open(sessions, &open, &n);

    if (r < 0)
        return log_error_errno(r, "Failed to list the recordings: %m");
    n_now = n < SESSIONS_AT_ONCE ? n : SESSIONS_AT_ONCE;
    if (n > n_now)
        r = start_backlog(sessions, open, n, n_now, now_usec);
    if (r < 0)
        log_error_errno(r, "Failed to read back %zu recordings: %m", n - n_now);
    for (size_t i = 0; i < n_now; i++)
        see_merged(sessions, open[i].id);
    for (size_t i = n_now; i-- > 0;) /* in the order they were made */
        maybe_recover(sessions, open[i].id, now_usec);
    for (size_t i = 0; i < sessions->n_last; i++)
        recall(sessions, sessions->last[i].id, now_usec);
    if (sessions->last_of_nobody[0]) /* of a shared belt, which may still turn */
        recall(sessions, sessions->last_of_nobody, now_usec);
    if (!sessions->backlog.timer)
        sessions_free_backlog(sessions);
    return r;
}

void sessions_restore_deferred(struct sessions *sessions, uint64_t now_usec)
{
    size_t n = sessions->n_deferred;

    sessions->n_deferred = 0;
    for (size_t i = 0; i < n; i++)
        (void)recover_one(sessions, sessions->deferred[i], now_usec);
}
