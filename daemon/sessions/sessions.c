/* SPDX-License-Identifier: MIT */
/*
 * The tracker decides, the other files of this folder carry it out. Here is what it is told, its one
 * timer, and what is read of it.
 */
#include "daemon/sessions/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"

/* ---- life ------------------------------------------------------------------------------------- */

static void rearm(struct sessions *sessions, uint64_t now_usec)
{
    uint64_t next_usec = tracker_next(sessions->tracker, now_usec);

    /* a session that runs is looked at each second: not a timer set anew with each packet */
    if (next_usec >= sessions->armed_usec)
        return;
    sessions->armed_usec = next_usec;
    clock_timer_set(sessions->timer, next_usec);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct sessions *sessions = userdata;

    sessions->armed_usec = CLOCK_NEVER;
    tracker_tick(sessions->tracker, now_usec);
    rearm(sessions, now_usec);
}

static void preset_units(struct sessions *sessions)
{
    const struct conf *conf = sessions->parts.conf;
    size_t n;
    const struct store_sensor *rows = store_sensors(sessions->parts.store, &n);

    for (size_t row = 0; row < n; row++) {
        size_t i = conf_find_same_sensor(conf, rows[row].name, rows[row].address);
        if (i < conf->n_sensors && conf->sensors[i].cadence_unit == CONF_CADENCE_AUTO)
            tracker_preset_unit(sessions->tracker, i, pod_unit_from_name(rows[row].cadence_unit),
                                rows[row].evidence);
    }
}

int sessions_new(struct sessions **ret, const struct sessions_parts *parts,
                 const struct sessions_callbacks *callbacks, void *userdata)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));
    int r;

    if (!sessions)
        return -ENOMEM;
    *sessions = (struct sessions){
        .parts = *parts, .callbacks = callbacks, .userdata = userdata, .armed_usec = CLOCK_NEVER
    };
    sessions->tracker = calloc(1, tracker_size());
    r = sessions->tracker
            ? clock_timer_new(&sessions->timer, parts->event, CLOCK_NEVER, on_timer, sessions)
            : -ENOMEM;
    if (r >= 0)
        r = clock_timer_new(&sessions->unstored_timer, parts->event, CLOCK_NEVER,
                            sessions_try_unstored, sessions);
    if (r < 0) {
        sessions_free(sessions);
        return r;
    }
    tracker_init(sessions->tracker, parts->conf, &sessions_output, sessions);
    preset_units(sessions);
    sessions_load_zones(sessions);
    sessions_read_last(sessions);
    sessions_read_levels(sessions);
    *ret = sessions;
    return 0;
}

static void close_recordings(struct sessions *sessions)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (sessions->kept[i].file)
            recorder_close(TAKE_PTR(sessions->kept[i].file), NULL, NULL);
}

struct sessions *sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return NULL;
    close_recordings(sessions); /* none after sessions_flush: the worker may be gone */
    clock_timer_unref(sessions->timer);
    clock_timer_unref(sessions->unstored_timer);
    sessions_free_backlog(sessions);
    sessions_free_events(sessions);
    sessions_free_merged(sessions);
    sessions_free_zones(sessions);
    free(sessions->levels);
    free(sessions->tracker);
    free(sessions);
    return NULL;
}

void sessions_flush(struct sessions *sessions)
{
    sessions_try_unstored(sessions, clock_now_usec());
    close_recordings(sessions);
    recorder_write(sessions->parts.recorder);
}

int sessions_recover(struct sessions *sessions, uint64_t now_usec)
{
    int r = sessions_restore(sessions, now_usec);

    rearm(sessions, now_usec);
    return r;
}

void sessions_set_conf(struct sessions *sessions, const struct conf *conf)
{
    tracker_set_conf(sessions->tracker, conf);
    sessions->parts.conf = conf;
    sessions_load_zones(sessions);
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        sessions->kept[i].told_open = false;
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(sessions->tracker, i))
            sessions_tell_open(sessions, i, clock_now_usec());
    preset_units(sessions);
}

/* ---- in --------------------------------------------------------------------------------------- */

void sessions_notification(struct sessions *sessions, uint64_t now_usec, size_t sensor,
                           uint16_t uuid, const uint8_t *bytes, size_t length)
{
    tracker_notification(sessions->tracker, now_usec, sensor, uuid, bytes, length);
    rearm(sessions, now_usec);
}

void sessions_link(struct sessions *sessions, uint64_t now_usec, size_t sensor, bool up)
{
    tracker_link(sessions->tracker, now_usec, sensor, up);
}

void sessions_clock_changed(struct sessions *sessions, uint64_t now_usec)
{
    struct payload_session summary;

    tracker_clock_set(sessions->tracker, now_usec);
    if (timekeeper_is_settled(sessions->parts.timekeeper)) {
        sessions_restore_deferred(sessions, now_usec);
        rearm(sessions, now_usec);
    }
    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        return;
    sessions_date_the_undated(sessions, now_usec);
    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++) {
        if (!tracker_session(sessions->tracker, slot))
            continue;
        sessions_keep_day(sessions, slot);
        (void)sessions_summary(sessions, slot, now_usec, &summary);
        sessions_tell_start(sessions, slot, &summary);
    }
}

int sessions_start(struct sessions *sessions, uint64_t now_usec, size_t runner,
                   char ret_id[SESSION_ID_MAX])
{
    int r = tracker_start(sessions->tracker, now_usec, runner);

    if (r == TRACKER_OK)
        memcpy(ret_id, sessions->kept[tracker_slot_of_runner(sessions->tracker, runner)].id,
               SESSION_ID_MAX);
    rearm(sessions, now_usec);
    return r;
}

static size_t find_open(const struct sessions *sessions, size_t runner, const char *id)
{
    if (!id[0])
        return runner == TRACKER_NONE ? TRACKER_NONE
                                      : tracker_slot_of_runner(sessions->tracker, runner);
    return sessions_find_slot(sessions, id);
}

int sessions_stop(struct sessions *sessions, uint64_t now_usec, size_t runner, const char *id,
                  bool discard, char ret_id[SESSION_ID_MAX])
{
    size_t slot = find_open(sessions, runner, id);

    if (slot == TRACKER_NONE)
        return discard && id[0] ? sessions_discard_waiting(sessions, now_usec, runner, id, ret_id)
                                : TRACKER_E_NONE;
    if (runner != TRACKER_NONE && slot != tracker_slot_of_runner(sessions->tracker, runner))
        return SESSIONS_E_ANOTHERS;
    memcpy(ret_id, sessions->kept[slot].id, SESSION_ID_MAX);
    return tracker_end(sessions->tracker, now_usec, slot, discard,
                       discard ? DISCARDED_WHY : "stopped by command");
}

int sessions_give_open(struct sessions *sessions, uint64_t now_usec, const char *id, size_t runner,
                       char ret_id[SESSION_ID_MAX])
{
    size_t slot = sessions_find_slot(sessions, id);
    int r = slot == TRACKER_NONE ? TRACKER_E_NONE : tracker_give(sessions->tracker, slot, runner);

    if (r == TRACKER_OK)
        memcpy(ret_id, sessions->kept[tracker_slot_of_runner(sessions->tracker, runner)].id,
               SESSION_ID_MAX);
    rearm(sessions, now_usec);
    return r;
}

int sessions_incline(struct sessions *sessions, uint64_t now_usec, size_t runner, double percent)
{
    return tracker_incline(sessions->tracker, now_usec, runner, percent);
}

int sessions_route(struct sessions *sessions, uint64_t now_usec, size_t runner,
                   const struct route_place *places, size_t n)
{
    return tracker_route(sessions->tracker, now_usec, runner, places, n);
}

/* ---- reading ---------------------------------------------------------------------------------- */

bool sessions_live(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                   struct payload_live *ret, size_t *ret_runner)
{
    const struct session *session = tracker_session(sessions->tracker, slot);

    if (!session)
        return false;
    session_live(session, now_usec, ret);
    ret->clock = timekeeper_state(sessions->parts.timekeeper);
    ret->t_usec = ret->clock == CLOCK_UNSET ? 0 : clock_wall_usec();
    memcpy(ret->session, sessions->kept[slot].id, sizeof(ret->session));
    *ret_runner = sessions->kept[slot].told_open ? sessions->kept[slot].runner : TRACKER_NONE;
    return true;
}

bool sessions_summary(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                      struct payload_session *ret)
{
    struct store_session row;

    if (!sessions_result(sessions, slot, now_usec, &row))
        return false;
    *ret = row.session;
    return true;
}

bool sessions_result(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                     struct store_session *ret)
{
    if (!tracker_session(sessions->tracker, slot))
        return false;
    sessions_summarise(sessions, slot, now_usec, ret);
    return true;
}

size_t sessions_slot_of_runner(const struct sessions *sessions, size_t runner)
{
    return tracker_slot_of_runner(sessions->tracker, runner);
}

const struct tracker *sessions_tracker(const struct sessions *sessions)
{
    return sessions->tracker;
}

void sessions_describe_sensor(const struct sessions *sessions, size_t sensor,
                              struct payload_sensor *payload)
{
    struct tracker_counts counts = tracker_counts(sessions->tracker, sensor);
    const struct stream *stream = tracker_stream(sessions->tracker, sensor);

    payload->malformed = (double)counts.malformed;
    payload->truncated = (double)counts.truncated;
    snprintf(payload->cadence_unit, sizeof(payload->cadence_unit), "%s",
             pod_unit_name(stream_unit(stream)));
    if (!payload->kind[0])
        snprintf(payload->kind, sizeof(payload->kind), "%s", stream_kind(stream));
    if (timekeeper_state(sessions->parts.timekeeper) == CLOCK_UNSET)
        payload->last_seen_usec = 0;
}
