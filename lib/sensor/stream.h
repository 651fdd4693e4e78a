/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * All that one configured sensor remembers: bytes of its characteristics go in, samples come out.
 * A device can be several things at once: a strap with RSC, a treadmill that also sends RSC. Its
 * distance is counted once: what has a belt gives distance, speed and movement by the belt only, and
 * its RSC only adds cadence and steps (which then do not come from the machine's step counter). Power,
 * air and height are told beside all that, by whichever device.
 *
 * The same bytes in and out again give the same samples: this is what a replay runs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"
#include "lib/gatt/decode.h"
#include "lib/gatt/gatt.h"
#include "lib/sample.h"
#include "lib/sensor/belt.h"
#include "lib/sensor/location.h"
#include "lib/sensor/pod.h"
#include "lib/sensor/strap.h"

struct stream_last { /* to see a packet that was delivered twice */
    bool any;
    uint64_t usec, hash;
};

struct stream {
    struct pod pod;
    struct strap strap;
    struct belt belt;
    struct location location;
    bool has_pod, has_strap, has_belt; /* characteristics the device has shown */
    enum gatt_kind kind;               /* the highest of them */
    struct stream_last last_pod, last_strap, last_belt, last_power;
};

/* `unit` is the decision kept from earlier for this sensor, POD_UNIT_UNDECIDED for none. */
void stream_init(struct stream *stream, const struct conf_sensor *sensor, enum pod_unit unit);
/* A reloaded config: Factor from now on, and CadenceUnit= where it says one. Where it says one no more,
 * the unit is undecided, unless data decided it. */
void stream_set_conf(struct stream *stream, const struct conf_sensor *sensor);
/* The unit was decided elsewhere: on an earlier day, or by a recording. */
void stream_set_unit(struct stream *stream, enum pod_unit unit, const char *evidence);
/* The device has this characteristic (services resolved). Feeding tells the same, a packet later:
 * without this call the RSC of a strap is a pod's until its first heart-rate packet. */
void stream_expect(struct stream *stream, uint16_t uuid);
/* What waits for the unit was before anybody counted. */
void stream_forget_steps(struct stream *stream);
/* The link came or went: what was heard over another one is no beginning. */
void stream_link(struct stream *stream, bool up, uint64_t now_usec);

/* bytes: one notification, or one value that was read. *ret_has_sample is always written, *ret only
 * when that is true: also with OUT_OF_RANGE, for a value that came and cannot be is 'not known'.
 * UNKNOWN: not a characteristic we read. */
enum decode_result stream_feed(struct stream *stream, uint16_t uuid, const uint8_t *bytes,
                               size_t length, uint64_t now_usec, struct sample *ret,
                               bool *ret_has_sample);

/* The unit of the cadence and what it was decided by; "" while undecided. */
enum pod_unit stream_unit(const struct stream *stream);
const char *stream_evidence(const struct stream *stream);
/* gatt_kind_name; "" while nothing is known of it. */
const char *stream_kind(const struct stream *stream);
