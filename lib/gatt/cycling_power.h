/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Cycling Power Measurement, 0x2A63 of the Cycling Power service, in the sensor's own units. It is
 * also how running pods tell the runner's power: there is no characteristic for that. What is about
 * cranks and wheels is read to know what is whole; only the power is used (lib/sensor/power.h).
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

enum cycling_power_field {
    CYCLING_POWER_BALANCE = 1u << 0,
    CYCLING_POWER_TORQUE = 1u << 1,
    CYCLING_POWER_WHEEL = 1u << 2,
    CYCLING_POWER_CRANK = 1u << 3,
    CYCLING_POWER_EXTREME_FORCE = 1u << 4,
    CYCLING_POWER_EXTREME_TORQUE = 1u << 5,
    CYCLING_POWER_EXTREME_ANGLES = 1u << 6,
    CYCLING_POWER_TOP_DEAD_SPOT = 1u << 7,
    CYCLING_POWER_BOTTOM_DEAD_SPOT = 1u << 8,
    CYCLING_POWER_ENERGY = 1u << 9,
};
#define CYCLING_POWER_FIELDS 0x3FFu /* all of them */

struct cycling_power {
    uint32_t has; /* enum cycling_power_field */
    int16_t power_w;
    bool balance_is_left;   /* the balance is the left pedal's share; else whose is not known */
    bool torque_from_crank; /* else from the wheel */
    bool offset_compensation;
    uint8_t balance_half_pct; /* 0..200 */
    uint16_t torque_32_nm;    /* 1/32 N m, accumulated */
    uint32_t wheel_revolutions;
    uint16_t wheel_event_2048; /* 1/2048 s */
    uint16_t crank_revolutions;
    uint16_t crank_event_1024; /* 1/1024 s */
    int16_t force_max_n, force_min_n;
    int16_t torque_max_32_nm, torque_min_32_nm;
    uint16_t angle_max_deg, angle_min_deg; /* 12 bits each */
    uint16_t top_dead_spot_deg, bottom_dead_spot_deg;
    uint16_t energy_kj;
};

enum decode_result cycling_power_decode(const uint8_t *bytes, size_t length,
                                        struct cycling_power *ret);
