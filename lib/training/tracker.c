/* SPDX-License-Identifier: MIT */
/*
 * Notifications are routed to the session they belong to, and sessions are opened and closed. The
 * decoded sample of a packet serves here only to see whether somebody moves: the session decodes the
 * recorded bytes again with a stream of its own, so that live and replay are one computation.
 */
#include <math.h>
#include <string.h>
#include "lib/training/tracker_course.h"
#include "lib/training/tracker_onset.h"
#include "lib/training/tracker_shared.h"

size_t tracker_size(void)
{
    return sizeof(struct tracker);
}

void tracker_init(struct tracker *tracker, const struct conf *conf,
                  const struct tracker_output *output, void *userdata)
{
    tracker->conf = conf;
    tracker->output = output;
    tracker->userdata = userdata;
    ring_reset(&tracker->ring, conf->n_sensors);
    for (size_t i = 0; i < conf->n_sensors; i++)
        tracker_init_sensor(&tracker->sensors[i], &conf->sensors[i]);
}

void tracker_preset_unit(struct tracker *tracker, size_t sensor, enum pod_unit unit,
                         const char *evidence)
{
    stream_set_unit(&tracker->sensors[sensor].stream, unit, evidence);
}

/* ---- in --------------------------------------------------------------------------------------- */

static void see_unit(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    size_t slot = tracker_slot_of_sensor(tracker, sensor);

    tracker->output->learnt(tracker->userdata, sensor);
    if (slot != TRACKER_NONE)
        tracker_emit_unit(tracker, slot, sensor, now_usec);
}

static void count(struct tracker_counts *counts, enum decode_result result)
{
    counts->packets++;
    if (result == DECODE_TRUNCATED)
        counts->truncated++;
    else if (result != DECODE_OK && result != DECODE_UNKNOWN)
        counts->malformed++;
}

static void keep_range(struct tracked_sensor *sensor, const uint8_t *bytes, size_t length)
{
    struct inclination_range range;

    if (inclination_range_decode(bytes, length, &range) != DECODE_OK)
        return;
    sensor->has_range = true;
    memcpy(sensor->range, bytes, sizeof(sensor->range));
}

/* A barometer speaks on the shelf as well as on an arm: that it does is no sign of its runner. */
static bool tells_of_a_body(uint16_t uuid)
{
    const struct gatt_characteristic *row = gatt_find(uuid);

    return row && row->kind != GATT_KIND_BAROMETER && row->kind != GATT_KIND_LOCATION;
}

static void route(struct tracker *tracker, size_t slot, const struct ring_entry *entry)
{
    tracker_emit_entry(tracker, slot, entry);
    tracker_report(tracker, slot);
}

void tracker_notification(struct tracker *tracker, uint64_t now_usec, size_t sensor, uint16_t uuid,
                          const uint8_t *bytes, size_t length)
{
    struct tracked_sensor *s = &tracker->sensors[sensor];
    struct ring_entry entry = { .t_usec = now_usec, .sensor = sensor, .uuid = uuid };
    struct sample sample;
    bool has_sample = false;
    size_t slot;

    if (sensor >= tracker->conf->n_sensors)
        return;
    if (length > RECORDING_BYTES_MAX)
        length = RECORDING_BYTES_MAX;
    if (tells_of_a_body(uuid))
        s->spoke_usec = now_usec;
    tracker_onset_stilled(tracker, sensor, now_usec);

    entry.length = (uint8_t)length;
    memcpy(entry.bytes, bytes, length);
    ring_push(&tracker->ring, &entry);
    slot = tracker_slot_of_sensor(tracker, sensor);
    if (slot != TRACKER_NONE)
        route(tracker, slot, &entry);
    if (uuid == GATT_INCLINATION_RANGE)
        keep_range(s, bytes, length);
    count(&s->counts, stream_feed(&s->stream, uuid, bytes, length, now_usec, &sample, &has_sample));
    if (has_sample && sample.has & SAMPLE_UNIT_DECIDED)
        see_unit(tracker, sensor, sample.t_usec);
    if (has_sample)
        tracker_onset_see(tracker, sensor, &sample);
    if (slot == TRACKER_NONE)
        tracker_onset_start(tracker, sensor, now_usec);
    tracker_shared_spoke(tracker, sensor, now_usec);
}

void tracker_link(struct tracker *tracker, uint64_t now_usec, size_t sensor, bool up)
{
    size_t slot = tracker_slot_of_sensor(tracker, sensor);
    struct record record = { .type = RECORD_LINK, .t_usec = now_usec, .up = up };

    stream_link(&tracker->sensors[sensor].stream, up, now_usec);
    if (slot == TRACKER_NONE)
        return;
    record.sensor = tracker_declare(tracker, slot, sensor, now_usec);
    if (record.sensor >= 0)
        tracker_emit(tracker, slot, &record);
}

void tracker_tick(struct tracker *tracker, uint64_t now_usec)
{
    tracker_shared_tick(tracker, now_usec);
    for (size_t i = 0; i < tracker->n_slots; i++) {
        struct slot *slot = &tracker->slots[i];

        if (!slot->used)
            continue;
        session_tick(&slot->session, now_usec);
        if (now_usec >= session_idle_at(&slot->session))
            tracker_close(tracker, i, now_usec, RECORD_END_IDLE, "ten idle minutes");
        else
            tracker_report(tracker, i);
    }
}

uint64_t tracker_next(const struct tracker *tracker, uint64_t now_usec)
{
    uint64_t next = SESSION_NEVER;

    for (size_t i = 0; i < tracker->n_slots; i++) {
        const struct slot *slot = &tracker->slots[i];
        uint64_t at;

        if (!slot->used)
            continue;
        at = session_idle_at(&slot->session);
        /* while it runs its pause is to be seen as well: once a second, as it is shown */
        if (session_state(&slot->session) != SESSION_PAUSED)
            at = now_usec + 1000000;
        if (slot->shared != TRACKER_NONE && tracker->sensors[slot->shared].undecided_until_usec &&
            tracker->sensors[slot->shared].undecided_until_usec < at)
            at = tracker->sensors[slot->shared].undecided_until_usec;
        if (at < next)
            next = at;
    }
    return next;
}

void tracker_clock_set(struct tracker *tracker, uint64_t now_usec)
{
    for (size_t i = 0; i < tracker->n_slots; i++)
        if (tracker->slots[i].used)
            tracker_emit_axis(tracker, i, now_usec);
}

void tracker_told(struct tracker *tracker, uint64_t now_usec, size_t slot)
{
    struct record record = { .type = RECORD_TOLD, .t_usec = now_usec };

    tracker_emit(tracker, slot, &record);
}

void tracker_local(struct tracker *tracker, size_t slot, const struct record *local)
{
    if (local->type == RECORD_LOCAL)
        tracker_emit(tracker, slot, local);
}

/* ---- said by a person ------------------------------------------------------------------------- */

enum tracker_result tracker_start(struct tracker *tracker, uint64_t now_usec, size_t runner)
{
    if (tracker_slot_of_runner(tracker, runner) != TRACKER_NONE)
        return TRACKER_E_ALREADY;
    tracker_release(tracker, runner);
    if (tracker_open(tracker, now_usec, runner, TRACKER_NONE, now_usec, SESSION_BY_COMMAND) ==
        TRACKER_NONE)
        return TRACKER_E_FULL;
    return TRACKER_OK;
}

enum tracker_result tracker_end(struct tracker *tracker, uint64_t now_usec, size_t slot,
                                bool discard, const char *why)
{
    if (slot >= TRACKER_SLOTS_MAX || !tracker->slots[slot].used)
        return TRACKER_E_NONE;
    tracker_close(tracker, slot, now_usec, discard ? RECORD_END_DISCARDED : RECORD_END_TOLD, why);
    return TRACKER_OK;
}

enum tracker_result tracker_incline(struct tracker *tracker, uint64_t now_usec, size_t runner,
                                    double percent)
{
    size_t slot = tracker_slot_of_runner(tracker, runner);
    struct record record = { .type = RECORD_INCLINE, .t_usec = now_usec, .incline_pct = percent };

    if (slot == TRACKER_NONE)
        return TRACKER_E_NONE;
    tracker_emit(tracker, slot, &record);
    return TRACKER_OK;
}

static void fill_route(struct record *record, const struct route_place *places, size_t n)
{
    record->route.n = n;
    for (size_t i = 0; i < n; i++) {
        record->route.places[i].distance_dm = (int32_t)lround(places[i].distance_m * 10);
        record->route.places[i].altitude_dm = (int32_t)lround(places[i].altitude_m * 10);
    }
}

enum tracker_result tracker_route(struct tracker *tracker, uint64_t now_usec, size_t runner,
                                  const struct route_place *places, size_t n)
{
    size_t slot = tracker_slot_of_runner(tracker, runner), at = 0;
    struct record record = { .type = RECORD_ROUTE, .t_usec = now_usec };

    if (slot == TRACKER_NONE)
        return TRACKER_E_NONE;
    do {
        size_t some = n - at < RECORDING_PLACES_MAX ? n - at : RECORDING_PLACES_MAX;

        fill_route(&record, places + at, some);
        tracker_emit(tracker, slot, &record);
        at += some;
    } while (at < n);
    return TRACKER_OK;
}

/* ---- reading ---------------------------------------------------------------------------------- */

const struct session *tracker_session(const struct tracker *tracker, size_t slot)
{
    return slot < tracker->n_slots && tracker->slots[slot].used ? &tracker->slots[slot].session
                                                                : NULL;
}

struct tracker_counts tracker_counts(const struct tracker *tracker, size_t sensor)
{
    return tracker->sensors[sensor].counts;
}

const struct stream *tracker_stream(const struct tracker *tracker, size_t sensor)
{
    return &tracker->sensors[sensor].stream;
}
