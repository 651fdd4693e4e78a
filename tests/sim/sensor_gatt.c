/* SPDX-License-Identifier: MIT */
/* The attributes of a simulated sensor that can be read or written, and its truth as JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/sensor.h"
#include "tests/sim/device.h"

#define ATT_READ_NOT_PERMITTED  0x02
#define ATT_WRITE_NOT_PERMITTED 0x03
#define ATT_UNLIKELY            0x0e
#define ATT_HR_NOT_SUPPORTED    0x80 /* Heart Rate service: control point value not supported */
#define ATT_CCC_IMPROPER        0xfd /* an indication was not asked for */

static int read_bytes(struct packet *ret, const void *bytes, size_t length)
{
    *ret = (struct packet){ .length = length };
    memcpy(ret->bytes, bytes, length);
    return 0;
}

static int read_text(struct packet *ret, const char *text)
{
    return read_bytes(ret, text, strlen(text));
}

int sensor_read(const struct sensor *s, uint16_t uuid, struct packet *ret)
{
    const uint8_t rsc_feature[] = {
        (uint8_t)(s->rsc.stride_length | s->rsc.odometer << 1 | 1u << 2), 0
    };
    /* total distance, inclination (with it elevation), elapsed time; no targets */
    const uint8_t machine_feature[8] = { 0x04 | (s->treadmill.inclination ? 0x08 : 0), 0x10 };
    const uint8_t incline_range[] = {
        0xe2, 0xff, 0x96, 0x00, 0x05, 0x00
    }; /* -3.0 .. 15.0 % by 0.5 */
    const uint8_t battery = (uint8_t)s->battery_pct;

    switch (uuid) {
    case 0x2A19:
        return read_bytes(ret, &battery, 1);
    case 0x2A24:
        return read_text(ret, s->model);
    case 0x2A26:
        return read_text(ret, s->firmware);
    case 0x2A29:
        return read_text(ret, s->manufacturer);
    case 0x2A38: /* chest */
        return read_bytes(ret, "\x01", 1);
    case 0x2A65: /* nothing beside the power */
        return read_bytes(ret, "\0\0\0\0", 4);
    case 0x2A6A: /* speed, distance, position, elevation, status */
        return read_bytes(ret, "\x0f\0\x10\0", 4);
    case 0x2A54:
        return read_bytes(ret, rsc_feature, sizeof rsc_feature);
    case 0x2A5D: /* in shoe */
        return read_bytes(ret, "\x02", 1);
    case 0x2ACC:
        return read_bytes(ret, machine_feature, sizeof machine_feature);
    case 0x2AD5:
        return read_bytes(ret, incline_range, sizeof incline_range);
    default:
        return ATT_READ_NOT_PERMITTED;
    }
}

void sensor_read_ccc(struct sensor *s)
{
    s->ccc_read = true;
}

int sensor_subscribe(struct sensor *s, uint16_t uuid)
{
    const struct sensor_service_info *info = sensor_service_of(uuid);

    if (!info)
        return 0;
    s->truth.subscriptions[info - sensor_services]++;
    if (s->picky && !s->ccc_read)
        device_lose_link(s->device, LINK_YOUNG_DEATH_USEC);
    return s->unsubscribable & info->bit ? ATT_UNLIKELY : 0;
}

static void answer(struct packet *ret, uint8_t response, uint8_t op, uint8_t result)
{
    *ret = (struct packet){ .bytes = { response, op, result }, .length = 3 };
}

/* SC Control Point 2A55: only Set Cumulative Value is supported. */
static int write_rsc_control(struct sensor *s, const struct packet *value, bool indicating,
                             struct packet *ret_answer)
{
    const uint8_t *b = value->bytes;
    bool set = value->length == 5 && b[0] == 0x01;

    if (!indicating)
        return ATT_CCC_IMPROPER;
    if (set)
        s->rsc.odometer_start_m =
            (b[1] | (uint32_t)b[2] << 8 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 24) / 10.0 -
            s->body.distance_m;
    answer(ret_answer, 0x10, b[0], set ? 0x01 : 0x02);
    return 0;
}

int sensor_write(struct sensor *s, uint16_t uuid, const struct packet *value, bool indicating,
                 struct packet *ret_answer)
{
    ret_answer->length = 0;
    s->truth.writes++;
    if (value->length == 0)
        return ATT_UNLIKELY;
    switch (uuid) {
    case 0x2A39: /* reset energy expended */
        return value->length == 1 && value->bytes[0] == 1 ? 0 : ATT_HR_NOT_SUPPORTED;
    case 0x2A55:
        return write_rsc_control(s, value, indicating, ret_answer);
    case 0x2AD9: /* a machine that lets nobody steer it: operation not permitted */
        if (!indicating)
            return ATT_CCC_IMPROPER;
        answer(ret_answer, 0x80, value->bytes[0], 0x05);
        return 0;
    default:
        return ATT_WRITE_NOT_PERMITTED;
    }
}

/* ---- truth ---------------------------------------------------------------------------------- */

struct text {
    char *at;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->at, t->left, format, ap);
    va_end(ap);
    n = n < 0 ? 0 : (size_t)n >= t->left ? (int)t->left - 1 : n;
    t->at += n;
    t->left -= (size_t)n;
}

static void add_number(struct text *t, const char *key, double value)
{
    if (isfinite(value))
        add(t, ",\"%s\":%.3f", key, value);
    else
        add(t, ",\"%s\":null", key);
}

static void add_count(struct text *t, const char *key, uint64_t value)
{
    add(t, ",\"%s\":%" PRIu64, key, value);
}

static void add_by_uuid(struct text *t, const char *key, const struct sensor *s,
                        const uint64_t counts[SENSOR_SERVICES])
{
    const char *comma = "";

    add(t, ",\"%s\":{", key);
    for (size_t i = 0; i < SENSOR_SERVICES; i++) {
        if (!(s->services & sensor_services[i].bit))
            continue;
        add(t, "%s\"%04x\":%" PRIu64, comma, sensor_services[i].measurement, counts[i]);
        comma = ",";
    }
    add(t, "}");
}

static void add_state(struct text *t, const struct sensor *s)
{
    const struct {
        const char *key;
        bool value;
    } states[] = {
        { "awake", s->awake },
        { "advertising", s->advertising },
        { "linked", s->linked },
        { "taken", s->taken },
        { "subscribed", device_is_subscribed(s->device) },
        { "worn", s->body.worn },
        { "moving", body_is_moving(&s->body) },
    };

    for (size_t i = 0; i < ELEMENTSOF(states); i++)
        add(t, ",\"%s\":%s", states[i].key, states[i].value ? "true" : "false");
}

void sensor_truth_json(const struct sensor *s, char *ret, size_t size)
{
    struct text t = { ret, size };
    const struct sensor_truth *truth = &s->truth;
    const struct body *b = &s->body;
    bool belt = s->services & SENSOR_TREADMILL;

    add(&t, "{\"name\":\"%s\",\"kind\":\"%s\",\"address\":\"%s\"", s->name, s->kind, s->address);
    add_state(&t, s);
    add_by_uuid(&t, "sent", s, truth->notifications);
    add_by_uuid(&t, "subscriptions", s, truth->subscriptions);
    add_count(&t, "malformed", truth->malformed);
    add_count(&t, "connections", truth->connections);
    add_count(&t, "link_losses", truth->link_losses);
    add_count(&t, "refused", truth->refused);
    add_count(&t, "writes", truth->writes);
    add_count(&t, "taken_by_watch", truth->taken_by_watch);
    add_count(&t, "rr_sent", truth->rr_sent);
    add_number(&t, "t_s", b->t_s);
    add_number(&t, "speed_m_s", b->speed_m_s);
    add_number(&t, "cadence_spm", b->cadence_spm);
    add_number(&t, "heart_rate_bpm", s->shown_bpm > 0 ? s->shown_bpm : NAN);
    add_number(&t, "grade_pct", b->grade_pct);
    add_number(&t, "power_w", b->power_w);
    add_number(&t, "altitude_m", b->altitude_m);
    add_number(&t, "pressure_pa", b->pressure_pa);
    add_number(&t, "temperature_c", b->temperature_c);
    add_number(&t, "distance_m", b->distance_m);
    add_number(&t, "total_m",
               b->distance_m + (belt ? s->treadmill.distance_start_m : s->rsc.odometer_start_m));
    add_number(&t, "first_sent_m", truth->first_distance_m);
    add_number(&t, "last_sent_m", truth->last_distance_m);
    add_number(&t, "steps", b->steps);
    add_number(&t, "ascent_m", b->ascent_m);
    add_number(&t, "descent_m", b->descent_m);
    add_count(&t, "beats", b->beats);
    add_count(&t, "battery_pct", (uint64_t)s->battery_pct);
    add(&t, "}");
}
