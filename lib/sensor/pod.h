/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A footpod (or the RSC of a strap): packets of 0x2A53 to samples. What it remembers: the unit of
 * its cadence, its odometer, and the packet before, whose values hold until the next one comes.
 *
 * Moving is cadence above 0. A speed without cadence (a pod in a car, a filter that fades after the
 * stop) is no movement and no steps; its metres still count if the pod counts them. Only a device
 * that has never sent a cadence is judged by its speed. The walking/running bit is not used.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/conf.h"
#include "lib/gatt/decode.h"
#include "lib/gatt/rsc.h"
#include "lib/sample.h"
#include "lib/sensor/odometer.h"
#include "lib/sensor/unit.h"

struct pod {
    double factor; /* of speed and distance, from the config */
    struct unit unit;
    struct odometer odometer;
    bool started;
    uint64_t last_usec;
    double last_raw, last_speed_m_s; /* hold until the next packet; raw: counts a minute */
    bool cadence_seen;
    uint64_t moved_usec; /* last packet with a cadence */
    double held_counts;  /* steps or strides, while it is not known which */
};

/* factor: of speed and distance, 0.5 to 2; configured and preset: see unit_init. */
void pod_init(struct pod *pod, double factor, enum conf_cadence_unit configured,
              enum pod_unit preset);
void pod_set_factor(struct pod *pod, double factor);
/* Fills all of *ret but the source. OUT_OF_RANGE for a speed nobody runs: nothing is written. */
enum decode_result pod_feed(struct pod *pod, const struct rsc *rsc, uint64_t now_usec,
                            struct sample *ret);
