/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Supported Inclination Range, 0x2AD5. A range of 0..0 is a machine that has the characteristic and
 * no incline motor: the inclination it sends is then no measurement (lib/sensor/belt.h).
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

#define INCLINATION_RANGE_BYTES 6

struct inclination_range {
    int16_t minimum, maximum; /* 0.1 % */
    uint16_t increment;       /* 0.1 % */
};

/* OUT_OF_RANGE when the minimum is above the maximum. */
enum decode_result inclination_range_decode(const uint8_t *bytes, size_t length,
                                            struct inclination_range *ret);
