/* SPDX-License-Identifier: MIT */
/*
 * Notifications are routed to the session they belong to, and sessions are opened and closed. The
 * decoded sample of a packet serves here only to see whether somebody moves: the session decodes the
 * recorded bytes again with a stream of its own, so that live and replay are one computation.
 */
#include <math.h>
#include <string.h>
#include "lib/training/tracker_course.h"
#include "lib/training/tracker_shared.h"

#define STEP_GAP_USEC   (5 * UINT64_C(1000000))
#define EFFORT_GAP_USEC (10 * UINT64_C(1000000))

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

/* ---- what was seen ---------------------------------------------------------------------------- */

static void see_unit(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    const struct stream *stream = &tracker->sensors[sensor].stream;
    size_t slot = tracker_slot_of_sensor(tracker, sensor);
    struct record record = { .type = RECORD_UNIT, .t_usec = now_usec };

    tracker->output->learnt(tracker->userdata, sensor);
    if (slot == TRACKER_NONE || tracker->slots[slot].number[sensor] < 0)
        return;
    record.sensor = tracker->slots[slot].number[sensor];
    record.unit.unit = pod_unit_to_conf(stream_unit(stream));
    strncpy(record.unit.evidence, stream_evidence(stream), sizeof(record.unit.evidence) - 1);
    tracker_emit(tracker, slot, &record);
}

static void see_motion(struct tracker *tracker, size_t sensor, bool moving, uint64_t now_usec)
{
    struct tracked_sensor *s = &tracker->sensors[sensor];
    size_t runner = tracker_owner(tracker, sensor);

    onset_feed(&s->steps, moving, now_usec, STEP_GAP_USEC);
    if (!moving) {
        if (runner != TRACKER_NONE && tracker->runners[runner].still_usec > now_usec)
            tracker->runners[runner].still_usec = now_usec; /* no need to wait for its first word */
        return;
    }
    if (runner != TRACKER_NONE)
        tracker->runners[runner].still_usec = now_usec;
    tracker->output->moved(tracker->userdata, sensor, now_usec);
}

/* Above this a strap alone is taken for exercise. An estimate of the highest heart rate from age is off
 * by 10 bpm and more: no session is opened on a guess. */
static bool is_effort(const struct tracker *tracker, size_t runner, int heart_rate_bpm)
{
    const struct conf_runner *conf = &tracker->conf->runners[runner];

    return heart_load_is_effort(heart_rate_bpm, conf->max_heart_rate_bpm,
                                conf->rest_heart_rate_bpm);
}

static void see_effort(struct tracker *tracker, size_t sensor, bool effort, uint64_t t_usec)
{
    struct tracked_runner *runner = &tracker->runners[tracker_owner(tracker, sensor)];

    if (!effort)
        runner->effort_spent = false;
    effort = effort && !runner->effort_spent;
    onset_feed(&runner->effort, effort, t_usec, EFFORT_GAP_USEC);
    if (effort)
        tracker->output->strained(tracker->userdata, sensor, t_usec);
}

static void see_sample(struct tracker *tracker, size_t sensor, const struct sample *sample)
{
    size_t runner = tracker_owner(tracker, sensor);

    if (sample->has & SAMPLE_UNIT_DECIDED)
        see_unit(tracker, sensor, sample->t_usec);
    if (sample->has & SAMPLE_MOVING)
        see_motion(tracker, sensor, sample->moving, sample->t_usec);
    if (runner != TRACKER_NONE && sample->has & SAMPLE_HEART_RATE)
        see_effort(tracker, sensor, is_effort(tracker, runner, sample->heart_rate_bpm),
                   sample->t_usec);
}

/* Does any sensor that could tell movement speak for this runner? Then the heart need not. */
static bool motion_streams(const struct tracker *tracker, size_t runner, uint64_t now_usec)
{
    for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
        const struct tracked_sensor *s = &tracker->sensors[i];

        if (tracker_owner(tracker, i) == runner && s->steps.seen_usec &&
            now_usec <= s->steps.seen_usec + TRACKER_STREAM_USEC)
            return true;
    }
    return false;
}

/* ---- starting by itself ----------------------------------------------------------------------- */

static bool may_start(struct tracker *tracker, size_t runner, uint64_t now_usec)
{
    struct tracked_runner *r = &tracker->runners[runner];

    if (r->after_stop && now_usec >= r->still_usec + MOTION_PAUSE_USEC)
        r->after_stop = false;
    return !r->after_stop;
}

/* What the session before counted is not counted again. */
static uint64_t not_before_the_last(const struct tracker *tracker, size_t runner, uint64_t t_usec)
{
    uint64_t ended = runner == TRACKER_NONE ? 0 : tracker->runners[runner].ended_usec;

    return t_usec > ended ? t_usec : ended + 1; /* the step it ended with is its own */
}

static void start_by_steps(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    struct tracked_sensor *s = &tracker->sensors[sensor];
    size_t runner = tracker_owner(tracker, sensor), slot;
    bool shared = runner == TRACKER_NONE;

    if (!onset_reached(&s->steps, TRACKER_START_USEC))
        return;
    slot = tracker_open(tracker, now_usec, runner, shared ? sensor : TRACKER_NONE,
                        not_before_the_last(tracker, runner, s->steps.since_usec), "motion");
    if (shared && slot != TRACKER_NONE)
        tracker_shared_opened(tracker, sensor, s->steps.since_usec);
}

static void start_by_heart(struct tracker *tracker, size_t runner, uint64_t now_usec)
{
    const struct onset *effort = &tracker->runners[runner].effort;

    if (onset_reached(effort, TRACKER_EFFORT_USEC) && !motion_streams(tracker, runner, now_usec))
        tracker_open(tracker, now_usec, runner, TRACKER_NONE,
                     not_before_the_last(tracker, runner, effort->since_usec), "heart_rate");
}

static void maybe_start(struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    size_t runner = tracker_owner(tracker, sensor);

    /* stillness is told by time passing, so ask before this packet's own movement counts */
    if (runner != TRACKER_NONE && tracker->runners[runner].after_stop)
        return;
    start_by_steps(tracker, sensor, now_usec);
    if (runner != TRACKER_NONE && tracker_slot_of_runner(tracker, runner) == TRACKER_NONE)
        start_by_heart(tracker, runner, now_usec);
}

/* ---- in --------------------------------------------------------------------------------------- */

static void count(struct tracker_counts *counts, enum decode_result result)
{
    counts->packets++;
    if (result == DECODE_TRUNCATED)
        counts->truncated++;
    else if (result != DECODE_OK && result != DECODE_UNKNOWN)
        counts->malformed++;
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
    size_t runner, slot;

    if (sensor >= tracker->conf->n_sensors)
        return;
    if (length > RECORDING_BYTES_MAX)
        length = RECORDING_BYTES_MAX;
    if (tells_of_a_body(uuid))
        s->spoke_usec = now_usec;
    runner = tracker_owner(tracker, sensor);
    if (runner != TRACKER_NONE)
        may_start(tracker, runner, now_usec);

    entry.length = (uint8_t)length;
    memcpy(entry.bytes, bytes, length);
    ring_push(&tracker->ring, &entry);
    slot = tracker_slot_of_sensor(tracker, sensor);
    if (slot != TRACKER_NONE)
        route(tracker, slot, &entry);
    count(&s->counts, stream_feed(&s->stream, uuid, bytes, length, now_usec, &sample, &has_sample));
    if (has_sample)
        see_sample(tracker, sensor, &sample);
    if (slot == TRACKER_NONE)
        maybe_start(tracker, sensor, now_usec);
    tracker_shared_spoke(tracker, sensor, now_usec);
}

void tracker_link(struct tracker *tracker, uint64_t now_usec, size_t sensor, bool up)
{
    size_t slot = tracker_slot_of_sensor(tracker, sensor);
    struct record record = { .type = RECORD_LINK, .t_usec = now_usec, .up = up };

    stream_link(&tracker->sensors[sensor].stream, up, now_usec);
    if (slot == TRACKER_NONE)
        return;
    record.sensor = tracker_declare(tracker, slot, sensor);
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

/* ---- said by a person ------------------------------------------------------------------------- */

enum tracker_result tracker_start(struct tracker *tracker, uint64_t now_usec, size_t runner)
{
    if (tracker_slot_of_runner(tracker, runner) != TRACKER_NONE)
        return TRACKER_E_ALREADY;
    tracker->runners[runner].after_stop = false;
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
