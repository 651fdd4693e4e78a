/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A treadmill: packets of 0x2ACD to samples. What it remembers: the parts of a split record, the
 * odometer, the record before, and the machine's step counter.
 *
 * Speed is the machine's. One that has never sent a speed but counts metres (some ellipticals) gets
 * the speed of its metres over 2.5 s and more. Distance: see odometer.h. Grade is the inclination,
 * unless the machine says that its range is 0..0: then it cannot know its slope, and what a person
 * has set may hold. Moving is a speed above 0. The machine's heart rate is not used: it is whoever's
 * strap the machine found, often 0, and the runner's own strap is there. Cadence and steps come from
 * the step counter some machines append, read as steps of both feet (72 a minute at 2.3 km/h).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"
#include "lib/gatt/inclination_range.h"
#include "lib/gatt/machine_status.h"
#include "lib/gatt/treadmill.h"
#include "lib/sample.h"
#include "lib/sensor/odometer.h"

#define BELT_LOOKS 12 /* of the step counter, one a second */

struct belt {
    double factor; /* of speed and distance, from the config */
    bool level;    /* the machine has no incline */

    bool has_partial;
    uint64_t partial_usec;
    struct treadmill_record partial;

    bool started;
    uint64_t last_usec;
    double last_speed_m_s; /* holds until the next record */
    bool speed_seen;
    struct odometer odometer;

    bool has_anchor; /* for the speed of a machine that sends none */
    uint64_t anchor_usec;
    uint32_t anchor_total_m;
    double derived_m_s;

    bool has_gain;
    uint16_t positive_dm, negative_dm;

    bool has_steps;
    uint32_t steps;
    uint64_t steps_usec;
    size_t n_looks; /* oldest first */
    uint64_t look_usec[BELT_LOOKS];
    uint32_t look_steps[BELT_LOOKS];
};

/* factor: of speed and distance, 0.5 to 2. */
void belt_init(struct belt *belt, double factor);
void belt_set_factor(struct belt *belt, double factor);
/* Half a record is worth nothing after the link was lost. */
void belt_link_lost(struct belt *belt);
/* What the machine says that it can be set to. */
void belt_set_range(struct belt *belt, const struct inclination_range *range);
/* True when a record is complete and *ret written (all of it but the source). */
bool belt_feed(struct belt *belt, const struct treadmill_record *record, uint64_t now_usec,
               struct sample *ret);
/* True when the machine's word makes a sample: it stopped. */
bool belt_status(struct belt *belt, enum machine_status status, uint64_t now_usec,
                 struct sample *ret);
