/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Treadmill Data, 0x2ACD of the Fitness Machine service, in the machine's own units.
 *
 * One record of the machine may come as several notifications: `more_data` says that others follow,
 * and treadmill_merge puts them together. A value the machine marks as not available has no bit in
 * `has`. Pace is never kept: makers disagree about its size and unit, and speed says the same.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

enum treadmill_field {
    TREADMILL_SPEED = 1u << 0,
    TREADMILL_AVERAGE_SPEED = 1u << 1,
    TREADMILL_TOTAL_DISTANCE = 1u << 2,
    TREADMILL_INCLINATION = 1u << 3,
    TREADMILL_RAMP_ANGLE = 1u << 4,
    TREADMILL_POSITIVE_GAIN = 1u << 5,
    TREADMILL_NEGATIVE_GAIN = 1u << 6,
    TREADMILL_ENERGY = 1u << 7,
    TREADMILL_ENERGY_PER_HOUR = 1u << 8,
    TREADMILL_ENERGY_PER_MINUTE = 1u << 9,
    TREADMILL_HEART_RATE = 1u << 10,
    TREADMILL_METABOLIC = 1u << 11,
    TREADMILL_ELAPSED = 1u << 12,
    TREADMILL_REMAINING = 1u << 13,
    TREADMILL_FORCE = 1u << 14,
    TREADMILL_POWER = 1u << 15,
    TREADMILL_STEPS = 1u << 16,
};

struct treadmill_record {
    uint32_t has;                  /* enum treadmill_field */
    bool more_data;                /* further notifications belong to this record */
    uint16_t speed, average_speed; /* 0.01 km/h */
    uint32_t total_distance_m;     /* 24 bits */
    int16_t inclination;           /* 0.1 % */
    int16_t ramp_angle;            /* 0.1 degree */
    uint16_t positive_gain_dm, negative_gain_dm;
    uint16_t energy_kcal, energy_per_hour_kcal;
    uint8_t energy_per_minute_kcal;
    uint8_t heart_rate_bpm;
    uint8_t heart_rate_from_end; /* bytes from its own to the end of the packet; 0: it has none */
    uint8_t metabolic;           /* 0.1 */
    uint16_t elapsed_s, remaining_s;
    int16_t force_n, power_w;
    uint32_t steps; /* 24 bits, counted by the machine */
};

enum decode_result treadmill_decode(const uint8_t *bytes, size_t length,
                                    struct treadmill_record *ret);

/* Adds a later part to a record: fields of the part win; complete when more_data has become false. */
void treadmill_merge(struct treadmill_record *record, const struct treadmill_record *part);
