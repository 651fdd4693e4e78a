/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Fitness Machine Feature, 0x2ACC. What a machine says it sends; machines say it wrongly (step
 * counts sent and not announced), so nothing is switched on or off by it.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

enum fitness_machine_field {
    FITNESS_MACHINE_AVERAGE_SPEED = 1u << 0,
    FITNESS_MACHINE_CADENCE = 1u << 1,
    FITNESS_MACHINE_TOTAL_DISTANCE = 1u << 2,
    FITNESS_MACHINE_INCLINATION = 1u << 3,
    FITNESS_MACHINE_ELEVATION_GAIN = 1u << 4,
    FITNESS_MACHINE_PACE = 1u << 5,
    FITNESS_MACHINE_STEP_COUNT = 1u << 6,
    FITNESS_MACHINE_RESISTANCE = 1u << 7,
    FITNESS_MACHINE_STRIDE_COUNT = 1u << 8,
    FITNESS_MACHINE_ENERGY = 1u << 9,
    FITNESS_MACHINE_HEART_RATE = 1u << 10,
    FITNESS_MACHINE_METABOLIC = 1u << 11,
    FITNESS_MACHINE_ELAPSED_TIME = 1u << 12,
    FITNESS_MACHINE_REMAINING_TIME = 1u << 13,
    FITNESS_MACHINE_POWER = 1u << 14,
    FITNESS_MACHINE_FORCE_AND_POWER = 1u << 15,
    FITNESS_MACHINE_USER_DATA = 1u << 16,
};

enum fitness_machine_target {
    FITNESS_MACHINE_TARGET_SPEED = 1u << 0,
    FITNESS_MACHINE_TARGET_INCLINATION = 1u << 1,
};

struct fitness_machine_feature {
    uint32_t fields;  /* enum fitness_machine_field */
    uint32_t targets; /* enum fitness_machine_target and others; we set none, ever */
    bool has_targets;
};

enum decode_result fitness_machine_feature_decode(const uint8_t *bytes, size_t length,
                                                  struct fitness_machine_feature *ret);
