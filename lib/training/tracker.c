/* SPDX-License-Identifier: MIT */
/*
 * Notifications are routed to the session they belong to, and sessions are opened and closed. The
 * decoded sample of a packet serves here only to see whether somebody moves: the session decodes the
 * recorded bytes again with a stream of its own, so that live and replay are one computation.
 */
#include "lib/training/tracker_private.h"

#include <string.h>

#define STEP_GAP_USEC   (5 * UINT64_C(1000000))
#define EFFORT_GAP_USEC (10 * UINT64_C(1000000))

size_t tracker_size(void)
{
    return sizeof(struct tracker);
}

static void init_sensor(struct tracked_sensor *sensor, const struct conf_sensor *conf)
{
    *sensor = (struct tracked_sensor){ .owner = TRACKER_NONE };
    stream_init(&sensor->stream, conf, POD_UNIT_UNDECIDED);
}

void tracker_init(struct tracker *tracker, const struct conf *conf,
                  const struct tracker_output *output, void *userdata)
{
    tracker->conf = conf;
    tracker->output = output;
    tracker->userdata = userdata;
    for (size_t i = 0; i < conf->n_sensors; i++)
        init_sensor(&tracker->sensors[i], &conf->sensors[i]);
}

void tracker_preset_unit(struct tracker *tracker, size_t sensor, enum pod_unit unit,
                         const char *evidence)
{
    stream_set_unit(&tracker->sensors[sensor].stream, unit, evidence);
}

/* ---- records ---------------------------------------------------------------------------------- */

void tracker_emit(struct tracker *tracker, size_t slot, const struct record *record)
{
    tracker->output->record(tracker->userdata, slot, record);
    session_apply(&tracker->slots[slot].session, record);
}

void tracker_emit_axis(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    struct record record = { .type = RECORD_AXIS, .t_usec = now_usec };

    tracker->output->axis(tracker->userdata, now_usec, &record);
    record.type = RECORD_AXIS;
    record.t_usec = now_usec;
    tracker_emit(tracker, slot, &record);
}

void tracker_emit_runner(struct tracker *tracker, size_t slot, size_t runner)
{
    struct record record = { .type = RECORD_RUNNER };

    record.runner.mass_kg = NAN;
    record.runner.incline_pct = NAN;
    if (runner != TRACKER_NONE) {
        const struct conf_runner *conf = &tracker->conf->runners[runner];

        memcpy(record.runner.id, conf->id, sizeof(record.runner.id));
        record.runner.sex = conf->sex;
        record.runner.birth_year = conf->birth_year;
        record.runner.max_heart_rate_bpm = conf->max_heart_rate_bpm;
        record.runner.rest_heart_rate_bpm = conf->rest_heart_rate_bpm;
        record.runner.mass_kg = conf->mass_kg;
        record.runner.incline_pct = conf->live_incline_pct;
    }
    tracker->slots[slot].runner = runner;
    tracker_emit(tracker, slot, &record);
}

/* The number of a sensor in the slot's recording, declared when it first has something to say;
 * -1 when a recording has as many sensors as it can hold. */
int tracker_declare(struct tracker *tracker, size_t slot, size_t sensor)
{
    struct slot *s = &tracker->slots[slot];
    const struct conf_sensor *conf = &tracker->conf->sensors[sensor];
    const struct stream *stream = &tracker->sensors[sensor].stream;
    struct record record = { .type = RECORD_SENSOR };

    if (s->number[sensor] >= 0 || s->n_numbers >= RECORDING_SENSORS_MAX)
        return s->number[sensor];
    s->number[sensor] = s->n_numbers++;
    record.sensor = s->number[sensor];
    memcpy(record.declared.name, conf->name, sizeof(record.declared.name));
    memcpy(record.declared.address, conf->address, sizeof(record.declared.address));
    record.declared.unit = pod_unit_to_conf(stream_unit(stream));
    record.declared.factor = conf->factor;
    record.declared.pod = stream->has_pod;
    record.declared.strap = stream->has_strap;
    record.declared.belt = stream->has_belt;
    tracker_emit(tracker, slot, &record);
    return record.sensor;
}

void tracker_emit_entry(struct tracker *tracker, size_t slot, const struct ring_entry *entry)
{
    struct record record = { .type = RECORD_NOTIFICATION, .t_usec = entry->t_usec };

    record.sensor = tracker_declare(tracker, slot, entry->sensor);
    if (record.sensor < 0)
        return;
    record.notification.uuid = entry->uuid;
    record.notification.length = entry->length;
    memcpy(record.notification.bytes, entry->bytes, entry->length);
    tracker_emit(tracker, slot, &record);
}

/* Tells the owner of the slot when its state is another than when last told. */
void tracker_report(struct tracker *tracker, size_t slot)
{
    enum session_state state = session_state(&tracker->slots[slot].session);

    if (state == tracker->slots[slot].shown)
        return;
    tracker->slots[slot].shown = state;
    tracker->output->changed(tracker->userdata, slot);
}

/* ---- opening and closing ---------------------------------------------------------------------- */

static size_t free_slot(const struct tracker *tracker)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (!tracker->slots[i].used)
            return i;
    return TRACKER_NONE;
}

void tracker_free_slot(struct tracker *tracker, size_t slot)
{
    tracker->slots[slot].used = false;
}

static void init_slot(struct slot *slot, size_t runner, size_t shared)
{
    slot->used = true;
    slot->runner = runner;
    slot->shared = shared;
    slot->n_numbers = 0;
    for (size_t i = 0; i < CONF_SENSORS_MAX; i++)
        slot->number[i] = -1;
    session_init(&slot->session);
    slot->shown = session_state(&slot->session);
}

/* A free slot, made ready; TRACKER_NONE. */
static size_t take_slot(struct tracker *tracker, size_t runner, size_t shared)
{
    size_t slot = free_slot(tracker);

    if (slot == TRACKER_NONE)
        return slot;
    init_slot(&tracker->slots[slot], runner, shared);
    if (slot >= tracker->n_slots)
        tracker->n_slots = slot + 1;
    return slot;
}

size_t tracker_restore(struct tracker *tracker)
{
    return take_slot(tracker, TRACKER_NONE, TRACKER_NONE);
}

/* The time before: packets of the sensors that are this session's, as old as may matter. */
static void emit_preroll(struct tracker *tracker, size_t slot, uint64_t since_usec)
{
    const struct ring_entry *entry;
    size_t cursor = 0;

    while ((entry = ring_next(&tracker->ring, since_usec, &cursor)))
        if (entry->sensor < tracker->conf->n_sensors &&
            tracker_slot_of_sensor(tracker, entry->sensor) == slot)
            tracker_emit_entry(tracker, slot, entry);
}

size_t tracker_open(struct tracker *tracker, uint64_t now_usec, size_t runner, size_t shared,
                    uint64_t begin_usec, const char *why)
{
    size_t slot = take_slot(tracker, runner, shared);
    struct record begin = { .type = RECORD_BEGIN, .t_usec = begin_usec };
    uint64_t preroll = now_usec > TRACKER_PREROLL_USEC ? now_usec - TRACKER_PREROLL_USEC : 0;

    if (slot == TRACKER_NONE)
        return slot;
    tracker->output->opened(tracker->userdata, slot);
    tracker_emit_axis(tracker, slot, now_usec);
    tracker_emit_runner(tracker, slot, runner);
    strncpy(begin.end.why, why, sizeof(begin.end.why) - 1);
    tracker_emit(tracker, slot, &begin);
    emit_preroll(tracker, slot, begin_usec < preroll ? begin_usec : preroll);
    tracker->slots[slot].shown = session_state(&tracker->slots[slot].session);
    tracker->output->changed(tracker->userdata, slot);
    return slot;
}

void tracker_close(struct tracker *tracker, size_t slot, uint64_t t_usec, enum record_end how,
                   const char *why)
{
    struct record record = { .type = RECORD_END, .t_usec = t_usec, .end = { .how = how } };
    size_t runner = tracker->slots[slot].runner;

    strncpy(record.end.why, why, sizeof(record.end.why) - 1);
    tracker_emit(tracker, slot, &record);
    if (runner != TRACKER_NONE) {
        /* whoever said stop may still be walking home: that is no new run */
        tracker->runners[runner].after_stop = how != RECORD_END_IDLE;
        tracker->runners[runner].effort_spent = how != RECORD_END_IDLE;
        tracker->runners[runner].still_usec = t_usec;
        tracker->runners[runner].ended_usec = session_ended(&tracker->slots[slot].session);
    }
    tracker_shared_closed(tracker, slot);
    tracker->output->closed(tracker->userdata, slot, TRACKER_NONE);
    tracker_free_slot(tracker, slot);
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
    if (!moving)
        return;
    s->moved_usec = now_usec;
    if (runner != TRACKER_NONE)
        tracker->runners[runner].still_usec = now_usec;
    tracker->output->moved(tracker->userdata, sensor, now_usec);
}

/* Half the heart-rate reserve: the mark above which a strap alone is taken for exercise. An estimate
 * of the highest heart rate from age is off by 10 bpm and more: no session is opened on a guess. */
static bool is_effort(const struct tracker *tracker, size_t runner, int heart_rate_bpm)
{
    const struct conf_runner *conf = &tracker->conf->runners[runner];

    if (!conf->max_heart_rate_bpm || !conf->rest_heart_rate_bpm)
        return false; /* without both there is no reserve to be half of */
    return 2 * heart_rate_bpm >= conf->max_heart_rate_bpm + conf->rest_heart_rate_bpm;
}

static void see_effort(struct tracked_runner *runner, bool effort, uint64_t t_usec)
{
    if (!effort)
        runner->effort_spent = false;
    onset_feed(&runner->effort, effort && !runner->effort_spent, t_usec, EFFORT_GAP_USEC);
}

static void see_sample(struct tracker *tracker, size_t sensor, const struct sample *sample)
{
    size_t runner = tracker_owner(tracker, sensor);

    if (sample->has & SAMPLE_UNIT_DECIDED)
        see_unit(tracker, sensor, sample->t_usec);
    if (sample->has & SAMPLE_MOVING)
        see_motion(tracker, sensor, sample->moving, sample->t_usec);
    if (runner != TRACKER_NONE && sample->has & SAMPLE_HEART_RATE)
        see_effort(&tracker->runners[runner], is_effort(tracker, runner, sample->heart_rate_bpm),
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

    if (r->after_stop && now_usec >= r->still_usec + SESSION_PAUSE_USEC)
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
    ring_push(&tracker->ring, now_usec, sensor, uuid, bytes, length);
    s->spoke_usec = now_usec;
    runner = tracker_owner(tracker, sensor);
    if (runner != TRACKER_NONE)
        may_start(tracker, runner, now_usec);

    entry.length = (uint8_t)length;
    memcpy(entry.bytes, bytes, length);
    slot = tracker_slot_of_sensor(tracker, sensor);
    if (slot != TRACKER_NONE)
        route(tracker, slot, &entry);
    count(&s->counts, stream_feed(&s->stream, uuid, bytes, length, now_usec, &sample, &has_sample));
    if (has_sample)
        see_sample(tracker, sensor, &sample);
    if (slot == TRACKER_NONE)
        maybe_start(tracker, sensor, now_usec);
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
    if (tracker_open(tracker, now_usec, runner, TRACKER_NONE, now_usec, "command") == TRACKER_NONE)
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

/* ---- reading ---------------------------------------------------------------------------------- */

const struct session *tracker_session(const struct tracker *tracker, size_t slot)
{
    return slot < tracker->n_slots && tracker->slots[slot].used ? &tracker->slots[slot].session
                                                                : NULL;
}

size_t tracker_slot_of_runner(const struct tracker *tracker, size_t runner)
{
    for (size_t i = 0; i < tracker->n_slots; i++)
        if (tracker->slots[i].used && tracker->slots[i].runner == runner)
            return i;
    return TRACKER_NONE;
}

struct tracker_counts tracker_counts(const struct tracker *tracker, size_t sensor)
{
    return tracker->sensors[sensor].counts;
}

const struct stream *tracker_stream(const struct tracker *tracker, size_t sensor)
{
    return &tracker->sensors[sensor].stream;
}

bool tracker_sensor_moving(const struct tracker *tracker, size_t sensor, uint64_t now_usec)
{
    uint64_t moved = tracker->sensors[sensor].moved_usec;

    return moved && now_usec <= moved + TRACKER_STREAM_USEC;
}

/* ---- a reloaded configuration ----------------------------------------------------------------- */

static size_t find_sensor(const struct conf *conf, const struct conf_sensor *like)
{
    for (size_t i = 0; i < conf->n_sensors; i++)
        if (strcmp(conf->sensors[i].name, like->name) == 0 &&
            strcmp(conf->sensors[i].address, like->address) == 0)
            return i;
    return TRACKER_NONE;
}

static size_t find_runner(const struct conf *conf, const char *id)
{
    for (size_t i = 0; i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, id) == 0)
            return i;
    return TRACKER_NONE;
}

static void remap_slot(struct slot *slot, const struct conf *from, const struct conf *to)
{
    int number[CONF_SENSORS_MAX];

    memcpy(number, slot->number, sizeof(number));
    for (size_t i = 0; i < CONF_SENSORS_MAX; i++)
        slot->number[i] = -1;
    for (size_t i = 0; i < from->n_sensors; i++) {
        size_t there = find_sensor(to, &from->sensors[i]);

        if (there != TRACKER_NONE)
            slot->number[there] = number[i];
    }
    if (slot->runner != TRACKER_NONE)
        slot->runner = find_runner(to, from->runners[slot->runner].id);
    if (slot->shared != TRACKER_NONE)
        slot->shared = find_sensor(to, &from->sensors[slot->shared]);
}

/* The owner that a shared sensor was found to have lives on under the runner's new index. */
static void remap_sensors(struct tracker *tracker, const struct conf *from, const struct conf *to)
{
    memcpy(tracker->spare, tracker->sensors, sizeof(tracker->spare));
    for (size_t i = 0; i < to->n_sensors; i++) {
        struct tracked_sensor *s = &tracker->sensors[i];
        size_t was = find_sensor(from, &to->sensors[i]);

        if (was == TRACKER_NONE) {
            init_sensor(s, &to->sensors[i]);
            continue;
        }
        *s = tracker->spare[was];
        stream_set_conf(&s->stream, &to->sensors[i]);
        if (s->owner != TRACKER_NONE)
            s->owner = find_runner(to, from->runners[s->owner].id);
    }
}

void tracker_set_conf(struct tracker *tracker, const struct conf *conf)
{
    const struct conf *from = tracker->conf;

    remap_sensors(tracker, from, conf);
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker->slots[i].used)
            remap_slot(&tracker->slots[i], from, conf);
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        tracker->runners[i] = (struct tracked_runner){ 0 };
    /* the ring speaks in old indexes: what it holds is half a minute at most */
    tracker->ring.used = 0;
    tracker->conf = conf;
}
