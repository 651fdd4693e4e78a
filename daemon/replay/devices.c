/* SPDX-License-Identifier: MIT */
#include "daemon/replay/devices.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_USEC UINT64_C(60000000)
#define SILENT_USEC UINT64_C(10000000) /* as the daemon has it */

void devices_init(struct devices *devices, struct print *print)
{
    *devices = (struct devices){ .print = print };
}

/* ---- what is said ------------------------------------------------------------------------------ */

/* Who ended a link is in no recording. */
static void set_state(const struct device *device, uint64_t t_usec, struct payload_sensor *ret)
{
    bool is_up = device->up && !device->off;
    const char *reason = "";

    if (is_up && t_usec - device->heard_usec < SILENT_USEC) {
        ret->state = SENSOR_STREAMING;
    } else if (is_up) {
        ret->state = SENSOR_SILENT;
        reason = "subscribed, but no packets for 10 s";
    } else {
        ret->state = SENSOR_ABSENT;
        reason = !device->heard_usec ? "not heard yet"
                 : device->off       ? "not heard since the machine began anew"
                                     : "its link went down: lost, or let go";
    }
    snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
}

static void fill(const struct devices *devices, const struct device *device, uint64_t t_usec,
                 struct payload_sensor *ret)
{
    memset(ret, 0, sizeof(*ret)); /* two are compared by their bytes */
    payload_sensor_init(ret);
    memcpy(ret->name, device->name, sizeof(ret->name));
    memcpy(ret->runner, device->runner, sizeof(ret->runner));
    snprintf(ret->kind, sizeof(ret->kind), "%s", stream_kind(&device->stream));
    snprintf(ret->cadence_unit, sizeof(ret->cadence_unit), "%s",
             pod_unit_name(stream_unit(&device->stream)));
    set_state(device, t_usec, ret);
    ret->malformed = (double)device->malformed;
    ret->truncated = (double)device->truncated;
    ret->drops = (double)device->drops;
    if (devices->print->text)
        ret->reason[0] = '\0'; /* a value of that form is one word */
    else
        memcpy(ret->address, device->address, sizeof(ret->address));
}

/* A message for each packet would say the same of all but its time. */
static void say(struct devices *devices, struct device *device, uint64_t t_usec, bool last)
{
    struct payload_sensor now;

    if (!device->declared || (devices->print->text && !last))
        return;
    fill(devices, device, t_usec, &now);
    if (!last && device->told && memcmp(&now, &device->shown, sizeof(now)) == 0)
        return;
    device->shown = now;
    device->told = true;
    if (!devices->print->text)
        now.last_seen_usec = device->seen_usec;
    print_sensor(devices->print, &now);
}

static bool state_changed(const struct device *device, uint64_t t_usec)
{
    struct payload_sensor now;

    set_state(device, t_usec, &now);
    return device->told && now.state != device->shown.state;
}

/* ---- what comes in ----------------------------------------------------------------------------- */

static void pass_time(struct devices *devices, uint64_t t_usec)
{
    bool due = devices->next_usec && t_usec >= devices->next_usec;

    for (size_t i = 0; i < RECORDING_SENSORS_MAX; i++)
        if (due || state_changed(&devices->all[i], t_usec))
            say(devices, &devices->all[i], t_usec, false);
    if (!devices->next_usec || due)
        devices->next_usec = t_usec + MINUTE_USEC;
}

static void expect(struct stream *stream, const struct record *record)
{
    if (record->declared.pod)
        stream_expect(stream, GATT_RSC_MEASUREMENT);
    if (record->declared.strap)
        stream_expect(stream, GATT_HEART_RATE_MEASUREMENT);
    if (record->declared.belt)
        stream_expect(stream, GATT_TREADMILL_DATA);
}

/* A sensor is of the runner whose line stands above its own; it is declared again as it shows more. */
static void declare(struct devices *devices, struct device *device, const struct record *record)
{
    const struct conf_sensor conf = { .cadence_unit = record->declared.unit,
                                      .factor = record->declared.factor };

    if (!device->declared)
        stream_init(&device->stream, &conf, POD_UNIT_UNDECIDED);
    device->declared = true;
    memcpy(device->name, record->declared.name, sizeof(device->name));
    memcpy(device->address, record->declared.address, sizeof(device->address));
    if (devices->runner[0])
        memcpy(device->runner, devices->runner, sizeof(device->runner));
    expect(&device->stream, record);
}

static void hear(struct devices *devices, struct device *device, uint64_t t_usec)
{
    int64_t wall_usec = recording_axis_wall(&devices->axis, t_usec);

    device->heard_usec = t_usec;
    device->seen_usec = devices->clock == CLOCK_UNSET || wall_usec < 0 ? 0 : wall_usec;
}

static void take_packet(struct device *device, const struct record *record, uint64_t t_usec)
{
    struct sample sample;
    bool has_sample;
    const uint8_t *bytes = record->notification.bytes;
    enum decode_result result =
        stream_feed(&device->stream, record->notification.uuid, bytes, record->notification.length,
                    t_usec, &sample, &has_sample);

    if (result == DECODE_TRUNCATED)
        device->truncated++;
    else if (result != DECODE_OK && result != DECODE_UNKNOWN)
        device->malformed++;
}

static void take_link(struct device *device, const struct record *record, uint64_t t_usec)
{
    stream_link(&device->stream, record->up, t_usec);
    device->drops += device->up && !device->off && !record->up;
    device->up = record->up;
    device->off = false;
}

/* No link outlives the machine: that is no drop. */
static void take_axis(struct devices *devices, const struct record *record)
{
    bool another = devices->boot_id[0] &&
                   memcmp(devices->boot_id, record->axis.boot_id, sizeof(devices->boot_id)) != 0;

    recording_axis_feed(&devices->axis, record);
    memcpy(devices->boot_id, record->axis.boot_id, sizeof(devices->boot_id));
    devices->clock = record->axis.clock;
    for (size_t i = 0; another && i < RECORDING_SENSORS_MAX; i++)
        devices->all[i].off = true;
}

static void take_of_sensor(struct devices *devices, struct device *device,
                           const struct record *record)
{
    uint64_t t_usec = recording_axis_time(&devices->axis, record->t_usec);

    if (!device->declared)
        return;
    pass_time(devices, t_usec);
    if (record->type == RECORD_UNIT) {
        stream_set_unit(&device->stream, pod_unit_from_conf(record->unit.unit),
                        record->unit.evidence);
    } else if (record->type == RECORD_LINK) {
        take_link(device, record, t_usec);
        hear(devices, device, t_usec);
    } else {
        device->off = false;
        device->up = true; /* also where the recording began later than the link */
        take_packet(device, record, t_usec);
        hear(devices, device, t_usec);
    }
    if (!device->told || state_changed(device, t_usec))
        say(devices, device, t_usec, false);
}

void devices_feed(struct devices *devices, const struct record *record)
{
    bool is_one = record->sensor >= 0 && record->sensor < RECORDING_SENSORS_MAX;

    if (record->type == RECORD_AXIS)
        take_axis(devices, record);
    else if (record->type == RECORD_RUNNER)
        memcpy(devices->runner, record->runner.id, sizeof(devices->runner));
    else if (record->type == RECORD_SENSOR && is_one)
        declare(devices, &devices->all[record->sensor], record);
    else if ((record->type == RECORD_NOTIFICATION || record->type == RECORD_LINK ||
              record->type == RECORD_UNIT) &&
             is_one)
        take_of_sensor(devices, &devices->all[record->sensor], record);
}

void devices_end(struct devices *devices)
{
    uint64_t t_usec = 0;

    for (size_t i = 0; i < RECORDING_SENSORS_MAX; i++)
        if (devices->all[i].heard_usec > t_usec)
            t_usec = devices->all[i].heard_usec;
    for (size_t i = 0; i < RECORDING_SENSORS_MAX; i++)
        say(devices, &devices->all[i], t_usec, true);
}
