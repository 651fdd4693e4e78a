/* SPDX-License-Identifier: MIT */
/* Packets and links as lines; a sensor is declared when it is heard first. */
#include <math.h>
#include <string.h>
#include "daemon/records/private.h"
#include "lib/training/tracker.h"

static bool put_record(struct records *records, const struct record *record)
{
    char line[RECORDING_LINE_MAX];
    size_t length = recording_format(record, line, sizeof(line));

    return length > 0 && records_put(records, line, length);
}

void records_put_axis(struct records *records, uint64_t now_usec)
{
    struct record record = { .type = RECORD_AXIS, .t_usec = now_usec };

    memcpy(record.axis.boot_id, clock_boot_id(), 32);
    record.axis.wall_usec = clock_wall_usec();
    record.axis.clock = timekeeper_state(records->parts.timekeeper);
    (void)put_record(records, &record);
}

/* ---- whose, and with what ---------------------------------------------------------------------- */

static void put_runner(struct records *records, const struct conf_sensor *sensor)
{
    struct record record = { .type = RECORD_RUNNER };

    record.runner.mass_kg = record.runner.incline_pct = NAN;
    if (sensor->runner >= 0) {
        const struct conf_runner *runner = &records->parts.conf->runners[sensor->runner];

        memcpy(record.runner.id, runner->id, sizeof(record.runner.id));
        record.runner.sex = runner->sex;
        record.runner.birth_year = runner->birth_year;
        record.runner.max_heart_rate_bpm = runner->max_heart_rate_bpm;
        record.runner.rest_heart_rate_bpm = runner->rest_heart_rate_bpm;
        record.runner.mass_kg = runner->mass_kg;
        record.runner.incline_pct = runner->live_incline_pct;
    }
    (void)put_record(records, &record);
}

static void put_sensor(struct records *records, size_t sensor)
{
    const struct conf_sensor *conf = &records->parts.conf->sensors[sensor];
    const struct stream *stream = tracker_stream(sessions_tracker(records->parts.sessions), sensor);
    struct record record = { .type = RECORD_SENSOR, .sensor = records->number[sensor] };

    memcpy(record.declared.name, conf->name, sizeof(record.declared.name));
    memcpy(record.declared.address, conf->address, sizeof(record.declared.address));
    record.declared.unit = stream ? pod_unit_to_conf(stream_unit(stream)) : conf->cadence_unit;
    record.declared.factor = conf->factor;
    record.declared.pod = stream && stream->has_pod;
    record.declared.strap = stream && stream->has_strap;
    record.declared.belt = stream && stream->has_belt;
    (void)put_record(records, &record);
}

/* -1: it is not recorded. */
static int number_of(struct records *records, size_t sensor)
{
    const struct conf *conf = records->parts.conf;

    if (records->state == RECORDS_IDLE || records->state == RECORDS_CLOSING ||
        sensor >= conf->n_sensors ||
        (records->now.sensor[0] && strcmp(conf->sensors[sensor].name, records->now.sensor) != 0))
        return -1;
    if (records->number[sensor] >= 0)
        return records->number[sensor];
    if (records->n_numbers == RECORDING_SENSORS_MAX) {
        records->now.lost++;
        return -1;
    }
    records->number[sensor] = records->n_numbers++;
    records->now.n_sensors = (size_t)records->n_numbers;
    put_runner(records, &conf->sensors[sensor]);
    put_sensor(records, sensor);
    return records->number[sensor];
}

/* ---- what comes in ----------------------------------------------------------------------------- */

static void put_link(struct records *records, uint64_t now_usec, size_t sensor, bool up)
{
    struct record record = { .type = RECORD_LINK, .t_usec = now_usec, .up = up };

    record.sensor = number_of(records, sensor);
    if (record.sensor < 0)
        return;
    if (put_record(records, &record))
        records->now.link_changes++;
}

/* Links there are already, so that a replay knows of them. */
void records_begin_lines(struct records *records, uint64_t now_usec)
{
    static const char header[] = RECORDING_HEADER "\n";

    memset(records->number, 0xff, sizeof(records->number));
    records->n_numbers = 0;
    (void)records_put(records, header, strlen(header));
    records_put_axis(records, now_usec);
    for (size_t i = 0; i < records->parts.conf->n_sensors; i++)
        if (records->up[i])
            put_link(records, now_usec, i, true);
    records->now.link_changes = 0;
}

void records_link(struct records *records, uint64_t now_usec, size_t sensor, bool up)
{
    if (sensor >= CONF_SENSORS_MAX)
        return;
    records->up[sensor] = up;
    put_link(records, now_usec, sensor, up);
}

void records_notification(struct records *records, uint64_t now_usec, size_t sensor, uint16_t uuid,
                          const uint8_t *bytes, size_t length)
{
    struct record record = { .type = RECORD_NOTIFICATION, .t_usec = now_usec };

    record.sensor = number_of(records, sensor);
    if (record.sensor < 0)
        return;
    if (length > RECORDING_BYTES_MAX) {
        records->now.lost++;
        return;
    }
    record.notification.uuid = uuid;
    record.notification.length = (uint8_t)length;
    memcpy(record.notification.bytes, bytes, length);
    if (put_record(records, &record))
        records->now.packets++;
}

/* A sensor under another index is the same one; one under the same name with another address is not. */
void records_set_conf(struct records *records, const struct conf *conf)
{
    const struct conf *from = records->parts.conf;
    int number[CONF_SENSORS_MAX];
    bool up[CONF_SENSORS_MAX] = { false };

    memset(number, 0xff, sizeof(number));
    for (size_t i = 0; i < from->n_sensors; i++) {
        size_t there = conf_find_same_sensor(conf, from->sensors[i].name, from->sensors[i].address);

        if (there == conf->n_sensors)
            continue;
        number[there] = records->number[i];
        up[there] = records->up[i];
    }
    memcpy(records->number, number, sizeof(number));
    memcpy(records->up, up, sizeof(up));
    records->parts.conf = conf;
}

void records_clock_changed(struct records *records, uint64_t now_usec)
{
    if (records->state == RECORDS_OPENING || records->state == RECORDS_RUNNING)
        records_put_axis(records, now_usec);
}
