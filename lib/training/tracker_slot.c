/* SPDX-License-Identifier: MIT */
/*
 * The slots of open sessions: whose is a slot, whose is a sensor, and what is written into the
 * recording of one. A record is written before it takes effect: what is shown cannot be more than
 * what was recorded.
 */
#include "lib/training/tracker_slot.h"

#include <math.h>
#include <string.h>

void tracker_init_sensor(struct tracked_sensor *sensor, const struct conf_sensor *conf)
{
    *sensor = (struct tracked_sensor){ .owner = TRACKER_NONE, .held_of = TRACKER_NONE };
    stream_init(&sensor->stream, conf, POD_UNIT_UNDECIDED);
}

/* ---- whose ------------------------------------------------------------------------------------ */

size_t tracker_find_runner(const struct conf *conf, const char *id)
{
    size_t i = id[0] ? conf_find_runner(conf, id) : conf->n_runners;

    return i < conf->n_runners ? i : TRACKER_NONE;
}

bool tracker_is_shared(const struct tracker *tracker, size_t sensor)
{
    return tracker->conf->sensors[sensor].runner < 0;
}

size_t tracker_owner(const struct tracker *tracker, size_t sensor)
{
    if (tracker_is_shared(tracker, sensor))
        return tracker->sensors[sensor].owner;
    return (size_t)tracker->conf->sensors[sensor].runner;
}

size_t tracker_slot_of_sensor(const struct tracker *tracker, size_t sensor)
{
    size_t owner = tracker_owner(tracker, sensor);

    /* first its own, which it has until it is given to somebody */
    for (size_t i = 0; i < tracker->n_slots; i++)
        if (tracker->slots[i].used && tracker->slots[i].runner == TRACKER_NONE &&
            tracker->slots[i].shared == sensor)
            return i;
    return owner == TRACKER_NONE ? TRACKER_NONE : tracker_slot_of_runner(tracker, owner);
}

size_t tracker_other_of_runner(const struct tracker *tracker, size_t but, size_t runner)
{
    for (size_t i = 0; i < tracker->n_slots && runner != TRACKER_NONE; i++)
        if (i != but && tracker->slots[i].used && tracker->slots[i].runner == runner)
            return i;
    return TRACKER_NONE;
}

size_t tracker_slot_of_runner(const struct tracker *tracker, size_t runner)
{
    for (size_t i = 0; i < tracker->n_slots; i++)
        if (tracker->slots[i].used && tracker->slots[i].runner == runner)
            return i;
    return TRACKER_NONE;
}

/* ---- taken and free --------------------------------------------------------------------------- */

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

size_t tracker_take_slot(struct tracker *tracker, size_t runner, size_t shared)
{
    size_t slot = free_slot(tracker);

    if (slot == TRACKER_NONE)
        return slot;
    init_slot(&tracker->slots[slot], runner, shared);
    if (slot >= tracker->n_slots)
        tracker->n_slots = slot + 1;
    return slot;
}

static void tie_number(struct tracker *tracker, size_t slot, int number)
{
    const struct conf_sensor *declared = &tracker->slots[slot].session.sensors[number].conf;

    for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
        const struct conf_sensor *conf = &tracker->conf->sensors[i];

        if (strcmp(conf->name, declared->name) == 0 &&
            strcmp(conf->address, declared->address) == 0)
            tracker->slots[slot].number[i] = number;
    }
}

/* The numbers of the file are tied to today's configuration by name and address. */
void tracker_tie_numbers(struct tracker *tracker, size_t slot)
{
    tracker->slots[slot].n_numbers = 0;
    for (int n = 0; n < RECORDING_SENSORS_MAX; n++) {
        if (!tracker->slots[slot].session.sensors[n].declared)
            continue;
        tracker->slots[slot].n_numbers = n + 1;
        tie_number(tracker, slot, n);
    }
}

#define FACTOR_SAME 1e-5 /* six digits of it are recorded */

static bool counts_alike(const struct session_sensor *recorded, const struct conf_sensor *conf,
                         const struct stream *stream)
{
    enum pod_unit then = stream_unit(&recorded->stream), now = stream_unit(stream);

    return fabs(recorded->conf.factor - conf->factor) < FACTOR_SAME &&
           (then == POD_UNIT_UNDECIDED || now == POD_UNIT_UNDECIDED || then == now);
}

/* One that goes to another counts on there; should it come back, its counter stands elsewhere. */
static bool stays_theirs(const struct session *session, const struct conf *conf, size_t sensor)
{
    const char *id = session->runner.id;
    int runner = conf->sensors[sensor].runner;

    return runner < 0 || !id[0] || strcmp(conf->runners[runner].id, id) == 0;
}

bool tracker_goes_on(const struct slot *slot, int number, const struct conf *conf, size_t sensor,
                     const struct stream *stream)
{
    return number >= 0 &&
           counts_alike(&slot->session.sensors[number], &conf->sensors[sensor], stream) &&
           stays_theirs(&slot->session, conf, sensor);
}

void tracker_untie_changed(struct tracker *tracker, size_t slot)
{
    struct slot *s = &tracker->slots[slot];

    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        if (!tracker_goes_on(s, s->number[i], tracker->conf, i, &tracker->sensors[i].stream))
            s->number[i] = -1;
}

/* ---- told to stop ----------------------------------------------------------------------------- */

void tracker_hold_sensor(struct tracker *tracker, size_t sensor, size_t runner, uint64_t still_usec)
{
    tracker->sensors[sensor].hold = (struct hold){ true, still_usec };
    tracker->sensors[sensor].held_of = runner;
}

void tracker_hold_runner(struct tracker *tracker, size_t runner, uint64_t still_usec)
{
    tracker->runners[runner].hold = (struct hold){ true, still_usec };
    tracker->runners[runner].effort_spent = true;
}

void tracker_release(struct tracker *tracker, size_t runner)
{
    tracker->runners[runner].hold.on = false;
    for (size_t i = 0; i < tracker->conf->n_sensors; i++) {
        struct tracked_sensor *sensor = &tracker->sensors[i];

        if (!sensor->hold.on || sensor->held_of != runner)
            continue;
        sensor->hold.on = false;
        sensor->steps.on = false;
    }
}

/* ---- records ---------------------------------------------------------------------------------- */

void tracker_emit(struct tracker *tracker, size_t slot, const struct record *record)
{
    tracker->output->record(tracker->userdata, slot, record);
    session_apply(&tracker->slots[slot].session, record);
}

static bool has_same_zones(const struct heart_load *heart, double max_bpm)
{
    return heart->max_bpm == max_bpm || (isnan(heart->max_bpm) && isnan(max_bpm));
}

/* By a date the age may be known, and with it the zones of what was heard until now. */
void tracker_emit_axis(struct tracker *tracker, size_t slot, uint64_t now_usec)
{
    const struct session *session = &tracker->slots[slot].session;
    const double max_bpm = session->heart.max_bpm;
    struct record record = { .type = RECORD_AXIS, .t_usec = now_usec };

    tracker->output->axis(tracker->userdata, now_usec, &record);
    record.type = RECORD_AXIS;
    record.t_usec = now_usec;
    tracker_emit(tracker, slot, &record);
    if (session->last_heart_sample_usec && !has_same_zones(&session->heart, max_bpm))
        tracker->output->reordered(tracker->userdata, slot);
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
    record = (struct record){ .type = RECORD_OWN };
    if (runner != TRACKER_NONE && tracker->output->own(tracker->userdata, runner, &record))
        tracker_emit(tracker, slot, &record);
}

/* A session hears only what is in its recording, and this was read before it began. */
static void emit_range(struct tracker *tracker, size_t slot, size_t sensor, uint64_t t_usec)
{
    const struct tracked_sensor *s = &tracker->sensors[sensor];
    struct record record = { .type = RECORD_NOTIFICATION, .t_usec = t_usec };

    if (!s->has_range)
        return;
    record.sensor = tracker->slots[slot].number[sensor];
    record.notification.uuid = GATT_INCLINATION_RANGE;
    record.notification.length = sizeof(s->range);
    memcpy(record.notification.bytes, s->range, sizeof(s->range));
    tracker_emit(tracker, slot, &record);
}

int tracker_declare(struct tracker *tracker, size_t slot, size_t sensor, uint64_t t_usec)
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
    emit_range(tracker, slot, sensor, t_usec);
    return record.sensor;
}

void tracker_emit_unit(struct tracker *tracker, size_t slot, size_t sensor, uint64_t now_usec)
{
    const struct stream *stream = &tracker->sensors[sensor].stream;
    struct record record = { .type = RECORD_UNIT, .t_usec = now_usec };

    record.sensor = tracker->slots[slot].number[sensor];
    if (record.sensor < 0)
        return;
    record.unit.unit = pod_unit_to_conf(stream_unit(stream));
    strncpy(record.unit.evidence, stream_evidence(stream), sizeof(record.unit.evidence) - 1);
    tracker_emit(tracker, slot, &record);
}

/* A person said it meanwhile: the steps that wait for it are told with the next packet. */
static bool unit_is_news(const struct tracker *tracker, size_t slot, size_t sensor)
{
    const struct slot *s = &tracker->slots[slot];

    return stream_unit(&s->session.sensors[s->number[sensor]].stream) == POD_UNIT_UNDECIDED &&
           stream_unit(&tracker->sensors[sensor].stream) != POD_UNIT_UNDECIDED;
}

static bool is_range(const struct tracked_sensor *sensor, const struct ring_entry *entry)
{
    return entry->uuid == GATT_INCLINATION_RANGE && sensor->has_range &&
           entry->length == sizeof(sensor->range) &&
           memcmp(entry->bytes, sensor->range, sizeof(sensor->range)) == 0;
}

void tracker_emit_entry(struct tracker *tracker, size_t slot, const struct ring_entry *entry)
{
    struct record record = { .type = RECORD_NOTIFICATION, .t_usec = entry->t_usec };
    bool is_new;

    if (entry->t_usec > tracker->sensors[entry->sensor].counted_usec)
        tracker->sensors[entry->sensor].counted_usec = entry->t_usec;
    is_new = tracker->slots[slot].number[entry->sensor] < 0;
    record.sensor = tracker_declare(tracker, slot, entry->sensor, entry->t_usec);
    if (record.sensor < 0)
        return;
    if (is_new && is_range(&tracker->sensors[entry->sensor], entry))
        return; /* said with the sensor */
    if (unit_is_news(tracker, slot, entry->sensor))
        tracker_emit_unit(tracker, slot, entry->sensor, entry->t_usec);
    record.notification.uuid = entry->uuid;
    record.notification.length = entry->length;
    memcpy(record.notification.bytes, entry->bytes, entry->length);
    tracker_emit(tracker, slot, &record);
}

void tracker_emit_past(struct tracker *tracker, size_t slot, uint64_t since_usec,
                       const bool theirs[CONF_SENSORS_MAX])
{
    uint64_t began_usec = session_began(&tracker->slots[slot].session);
    uint64_t counted_usec[CONF_SENSORS_MAX];
    struct ring_entry entry;
    size_t cursor = 0;

    for (size_t i = 0; i < tracker->conf->n_sensors; i++)
        counted_usec[i] = tracker->sensors[i].counted_usec;
    while (ring_next(&tracker->ring, since_usec, &cursor, &entry)) {
        if (entry.sensor >= tracker->conf->n_sensors || !theirs[entry.sensor])
            continue;
        /* what was before it began is not counted: it tells where a counter stood, but not of one that
         * went on counting for another */
        if (counted_usec[entry.sensor] <= began_usec || entry.t_usec > counted_usec[entry.sensor])
            tracker_emit_entry(tracker, slot, &entry);
    }
}

void tracker_report(struct tracker *tracker, size_t slot)
{
    enum session_state state = session_state(&tracker->slots[slot].session);

    if (state == tracker->slots[slot].shown)
        return;
    tracker->slots[slot].shown = state;
    tracker->output->changed(tracker->userdata, slot);
}
