/* SPDX-License-Identifier: MIT */
#include "lib/digest.h"
#include "lib/gatt/elevation.h"
#include "lib/gatt/pressure.h"
#include "lib/sensor/barometer.h"
#include "lib/sensor/limits.h"
#include "lib/sensor/power.h"
#include "lib/sensor/stream.h"

/* Some stacks deliver one notification two or three times. */
#define DUPLICATE_USEC (SENSOR_SECOND_USEC / 100)

void stream_init(struct stream *stream, const struct conf_sensor *sensor, enum pod_unit unit)
{
    *stream = (struct stream){ 0 };
    pod_init(&stream->pod, sensor->factor, sensor->cadence_unit, unit);
    strap_init(&stream->strap);
    belt_init(&stream->belt, sensor->factor);
    location_init(&stream->location);
}

void stream_set_conf(struct stream *stream, const struct conf_sensor *sensor)
{
    enum pod_unit unit = pod_unit_from_conf(sensor->cadence_unit);

    pod_set_factor(&stream->pod, sensor->factor);
    belt_set_factor(&stream->belt, sensor->factor);
    if (unit == POD_UNIT_UNDECIDED) {
        if (unit_is_configured(&stream->pod.unit)) /* it said so until now */
            stream_set_unit(stream, unit, "");
    } else if (unit != stream_unit(stream)) {
        stream_set_unit(stream, unit, UNIT_CONFIGURED);
    }
}

void stream_set_unit(struct stream *stream, enum pod_unit unit, const char *evidence)
{
    unit_set(&stream->pod.unit, unit, evidence);
}

void stream_expect(struct stream *stream, uint16_t uuid)
{
    const struct gatt_characteristic *characteristic = gatt_find(uuid);
    enum gatt_kind kind = characteristic ? characteristic->kind : GATT_KIND_NONE;

    if (kind > stream->kind)
        stream->kind = kind;
    switch (kind) {
    case GATT_KIND_POD:
        stream->has_pod = true;
        break;
    case GATT_KIND_STRAP:
        stream->has_strap = true;
        break;
    case GATT_KIND_BELT:
        stream->has_belt = true;
        break;
    case GATT_KIND_POWER: /* what these mean depends on nothing else the device shows */
    case GATT_KIND_BAROMETER:
    case GATT_KIND_LOCATION:
    case GATT_KIND_NONE:
        break;
    }
}

void stream_link(struct stream *stream, bool up, uint64_t now_usec)
{
    strap_link(&stream->strap, up, now_usec);
    if (!up)
        belt_link_lost(&stream->belt);
}

static bool is_duplicate(struct stream_last *last, const uint8_t *at, size_t length,
                         uint64_t now_usec)
{
    struct stream_last now = { true, now_usec, digest_bytes(DIGEST_OF_NOTHING, at, length) };
    bool same = last->any && last->hash == now.hash && now_usec >= last->usec &&
                now_usec - last->usec < DUPLICATE_USEC;
    *last = now;
    return same;
}

/* ---- one characteristic each ----------------------------------------------------------------- */

/* A device's RSC beside its belt: what the feet do, and nothing the belt says as well. */
static void keep_cadence_only(struct sample *sample)
{
    sample->source = SAMPLE_SOURCE_BELT;
    sample->has &= SAMPLE_CADENCE | SAMPLE_STEPS | SAMPLE_UNIT_DECIDED;
}

static enum decode_result feed_rsc(struct stream *stream, const uint8_t *at, size_t length,
                                   uint64_t now_usec, struct sample *sample, bool *ret_has)
{
    struct rsc rsc;
    enum decode_result result = rsc_decode(at, length, &rsc), possible;

    if (!decode_is_usable(result) || is_duplicate(&stream->last_pod, at, length, now_usec))
        return result;
    possible = pod_feed(&stream->pod, &rsc, now_usec, sample);
    if (!decode_is_usable(possible))
        return possible;
    sample->source = stream->has_strap ? SAMPLE_SOURCE_STRAP : SAMPLE_SOURCE_POD;
    if (stream->has_belt)
        keep_cadence_only(sample);
    *ret_has = sample->has != 0;
    return result;
}

static enum decode_result feed_heart_rate(struct stream *stream, const uint8_t *at, size_t length,
                                          uint64_t now_usec, struct sample *sample, bool *ret_has)
{
    struct heart_rate frame;
    enum decode_result result = heart_rate_decode(at, length, &frame), possible;

    if (!decode_is_usable(result) || is_duplicate(&stream->last_strap, at, length, now_usec))
        return result;
    possible = strap_feed(&stream->strap, &frame, now_usec, sample);
    sample->source = SAMPLE_SOURCE_STRAP;
    *ret_has = true;
    return decode_is_usable(possible) ? result : possible;
}

static enum decode_result feed_treadmill(struct stream *stream, const uint8_t *at, size_t length,
                                         uint64_t now_usec, struct sample *sample, bool *ret_has)
{
    struct treadmill_record record;
    enum decode_result result = treadmill_decode(at, length, &record);

    if (!decode_is_usable(result) || is_duplicate(&stream->last_belt, at, length, now_usec))
        return result;
    *ret_has = belt_feed(&stream->belt, &record, now_usec, sample);
    if (*ret_has) {
        sample->source = SAMPLE_SOURCE_BELT;
        if (stream->has_pod)
            sample->has &= ~(uint32_t)(SAMPLE_CADENCE | SAMPLE_STEPS);
    }
    return result;
}

static enum decode_result feed_status(struct stream *stream, const uint8_t *at, size_t length,
                                      uint64_t now_usec, struct sample *sample, bool *ret_has)
{
    enum machine_status status;
    enum decode_result result = machine_status_decode(at, length, &status);

    if (!decode_is_usable(result))
        return result;
    *ret_has = belt_status(&stream->belt, status, now_usec, sample);
    if (*ret_has)
        sample->source = SAMPLE_SOURCE_BELT;
    return result;
}

static enum decode_result feed_range(struct stream *stream, const uint8_t *at, size_t length)
{
    struct inclination_range range;
    enum decode_result result = inclination_range_decode(at, length, &range);

    if (decode_is_usable(result))
        belt_set_range(&stream->belt, &range);
    return result;
}

static enum decode_result feed_power(struct stream *stream, const uint8_t *at, size_t length,
                                     uint64_t now_usec, struct sample *sample, bool *ret_has)
{
    struct cycling_power packet;
    enum decode_result result = cycling_power_decode(at, length, &packet), possible;

    if (!decode_is_usable(result) || is_duplicate(&stream->last_power, at, length, now_usec))
        return result;
    possible = power_feed(&packet, now_usec, sample);
    *ret_has = decode_is_usable(possible);
    return *ret_has ? result : possible;
}

static enum decode_result feed_location(struct stream *stream, const uint8_t *at, size_t length,
                                        uint64_t now_usec, struct sample *sample, bool *ret_has)
{
    struct location_speed packet;
    enum decode_result result = location_speed_decode(at, length, &packet), possible;

    if (!decode_is_usable(result))
        return result;
    possible = location_feed(&stream->location, &packet, now_usec, sample);
    *ret_has = decode_is_usable(possible) && sample->has;
    return decode_is_usable(possible) ? result : possible;
}

static enum decode_result feed_pressure(const uint8_t *at, size_t length, uint64_t now_usec,
                                        struct sample *sample, bool *ret_has)
{
    uint32_t pressure_dpa;
    enum decode_result result = pressure_decode(at, length, &pressure_dpa);

    if (result == DECODE_OK)
        result = barometer_pressure(pressure_dpa, now_usec, sample);
    *ret_has = result == DECODE_OK;
    return result;
}

static enum decode_result feed_elevation(const uint8_t *at, size_t length, uint64_t now_usec,
                                         struct sample *sample, bool *ret_has)
{
    int32_t elevation_cm;
    enum decode_result result = elevation_decode(at, length, &elevation_cm);

    if (result == DECODE_OK)
        result = barometer_elevation(elevation_cm, now_usec, sample);
    *ret_has = result == DECODE_OK;
    return result;
}

static enum decode_result feed_temperature(const uint8_t *at, size_t length, uint64_t now_usec,
                                           struct sample *sample, bool *ret_has)
{
    struct temperature temperature;
    enum decode_result result = temperature_decode(at, length, &temperature);

    if (result == DECODE_OK)
        result = barometer_temperature(&temperature, now_usec, sample);
    *ret_has = result == DECODE_OK && sample->has;
    return result;
}

static enum decode_result dispatch(struct stream *stream, uint16_t uuid, const uint8_t *at,
                                   size_t length, uint64_t now_usec, struct sample *sample,
                                   bool *ret_has)
{
    switch (uuid) {
    case GATT_RSC_MEASUREMENT:
        return feed_rsc(stream, at, length, now_usec, sample, ret_has);
    case GATT_HEART_RATE_MEASUREMENT:
        return feed_heart_rate(stream, at, length, now_usec, sample, ret_has);
    case GATT_TREADMILL_DATA:
        return feed_treadmill(stream, at, length, now_usec, sample, ret_has);
    case GATT_MACHINE_STATUS:
        return feed_status(stream, at, length, now_usec, sample, ret_has);
    case GATT_INCLINATION_RANGE:
        return feed_range(stream, at, length);
    case GATT_CYCLING_POWER_MEASUREMENT:
        return feed_power(stream, at, length, now_usec, sample, ret_has);
    case GATT_LOCATION_AND_SPEED:
        return feed_location(stream, at, length, now_usec, sample, ret_has);
    case GATT_PRESSURE:
        return feed_pressure(at, length, now_usec, sample, ret_has);
    case GATT_ELEVATION:
        return feed_elevation(at, length, now_usec, sample, ret_has);
    case GATT_TEMPERATURE:
        return feed_temperature(at, length, now_usec, sample, ret_has);
    default:
        return DECODE_UNKNOWN;
    }
}

enum decode_result stream_feed(struct stream *stream, uint16_t uuid, const uint8_t *at,
                               size_t length, uint64_t now_usec, struct sample *ret,
                               bool *ret_has_sample)
{
    struct sample sample = { 0 };
    bool has_sample = false;
    enum decode_result result;

    stream_expect(stream, uuid);
    result = dispatch(stream, uuid, at, length, now_usec, &sample, &has_sample);
    if (has_sample)
        *ret = sample;
    *ret_has_sample = has_sample;
    return result;
}

void stream_forget_steps(struct stream *stream)
{
    stream->pod.held_counts = 0;
}

enum pod_unit stream_unit(const struct stream *stream)
{
    return stream->pod.unit.verdict;
}

const char *stream_evidence(const struct stream *stream)
{
    return stream->pod.unit.evidence;
}

const char *stream_kind(const struct stream *stream)
{
    return gatt_kind_name(stream->kind);
}
