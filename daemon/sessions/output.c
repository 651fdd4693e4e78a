/* SPDX-License-Identifier: MIT */
/*
 * What the tracker says, carried out: a session opens, is recorded, changes, is over. It says so
 * again at each change; what is told once of a session is told by the first of them that can.
 */
#include "daemon/sessions/private.h"

#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"

static void on_axis(void *userdata, uint64_t now_usec, struct record *ret)
{
    struct sessions *sessions = userdata;

    memcpy(ret->axis.boot_id, clock_boot_id(), 32);
    /* of that moment: what was done since would put the start of the session off by as much */
    ret->axis.wall_usec = clock_wall_usec() - (int64_t)(clock_now_usec() - now_usec);
    ret->axis.clock = timekeeper_state(sessions->parts.timekeeper);
}

static bool on_own(void *userdata, size_t runner, struct record *ret)
{
    struct sessions *sessions = userdata;

    return sessions_own(sessions, sessions->parts.conf->runners[runner].id, ret);
}

static void on_opened(void *userdata, size_t slot)
{
    sessions_open_slot(userdata, slot);
}

static void on_record(void *userdata, size_t slot, const struct record *record)
{
    sessions_record(userdata, slot, record);
}

void sessions_tell_open(struct sessions *sessions, size_t slot, uint64_t now_usec)
{
    struct kept *kept = &sessions->kept[slot];
    size_t runner = TRACKER_NONE;

    for (size_t i = 0; i < sessions->parts.conf->n_runners; i++)
        if (tracker_slot_of_runner(sessions->tracker, i) == slot)
            runner = i;
    if (kept->told_open || runner == TRACKER_NONE)
        return;
    kept->told_open = true;
    kept->runner = runner;
    sessions->callbacks->on_open(sessions->userdata, runner, true,
                                 tracker_session(sessions->tracker, slot)->asked, now_usec);
}

void sessions_tell_start(struct sessions *sessions, size_t slot,
                         const struct payload_session *summary)
{
    struct kept *kept = &sessions->kept[slot];

    if (kept->told_start || !kept->told_open || !summary->start_usec ||
        tracker_session(sessions->tracker, slot)->told)
        return;
    kept->told_start = true;
    if (kept->file) /* before its start is told: a power cut must not take what was told of */
        recorder_sync(kept->file);
    sessions_put_start(sessions, summary);
}

static void on_changed(void *userdata, size_t slot)
{
    struct sessions *sessions = userdata;
    uint64_t now_usec = clock_now_usec();
    struct store_session row;

    sessions_keep_day(sessions, slot);
    sessions_summarise(sessions, slot, now_usec, &row);
    sessions_tell_open(sessions, slot, now_usec);
    sessions_log(&row, row.session.runner[0] ? " for " : "", row.session.runner, "");
    sessions_tell_start(sessions, slot, &row.session);
    sessions_show(sessions, &row.session);
}

/* What cannot be read back is as it was, but for the order. */
static void on_reordered(void *userdata, size_t slot)
{
    (void)sessions_reread(userdata, slot);
}

static bool on_merge(void *userdata, size_t slot, size_t into)
{
    return sessions_merge(userdata, slot, into);
}

static void on_closed(void *userdata, size_t slot)
{
    struct sessions *sessions = userdata;

    sessions_keep_day(sessions, slot);
    if (sessions->kept[slot].file) /* before its result is stored, which is made again from it */
        recorder_sync(sessions->kept[slot].file);
    sessions_close_result(sessions, slot);
    if (sessions->kept[slot].file)
        recorder_close(TAKE_PTR(sessions->kept[slot].file), NULL, NULL);
    /* one that is read back: the time was set since, and nobody will say so once more */
    if (timekeeper_state(sessions->parts.timekeeper) != CLOCK_UNSET)
        sessions_date_the_undated(sessions, clock_now_usec());
}

static void on_moved(void *userdata, size_t sensor, uint64_t now_usec)
{
    struct sessions *sessions = userdata;

    sessions->callbacks->on_moved(sessions->userdata, sensor, now_usec);
}

static void on_strained(void *userdata, size_t sensor, uint64_t now_usec)
{
    struct sessions *sessions = userdata;

    sessions->callbacks->on_strained(sessions->userdata, sensor, now_usec);
}

static void on_learnt(void *userdata, size_t sensor)
{
    struct sessions *sessions = userdata;
    const struct conf_sensor *conf = &sessions->parts.conf->sensors[sensor];
    const struct stream *stream = tracker_stream(sessions->tracker, sensor);
    struct store_sensor row = { .decided_usec = clock_wall_usec() };
    int r;

    snprintf(row.name, sizeof(row.name), "%s", conf->name);
    snprintf(row.address, sizeof(row.address), "%s", conf->address);
    snprintf(row.cadence_unit, sizeof(row.cadence_unit), "%s", pod_unit_name(stream_unit(stream)));
    snprintf(row.evidence, sizeof(row.evidence), "%s", stream_evidence(stream));
    log_notice("%s: its cadence counts %s (%s)", row.name, row.cadence_unit, row.evidence);
    r = store_put_sensor(sessions->parts.store, &row);
    if (r < 0)
        log_warning_errno(r, "Failed to keep what %s counts: %m", row.name);
    sessions->callbacks->on_learnt(sessions->userdata, sensor);
}

const struct tracker_output sessions_output = {
    .axis = on_axis,
    .own = on_own,
    .opened = on_opened,
    .record = on_record,
    .changed = on_changed,
    .closed = on_closed,
    .reordered = on_reordered,
    .merge = on_merge,
    .moved = on_moved,
    .strained = on_strained,
    .learnt = on_learnt,
};
