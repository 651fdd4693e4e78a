/* SPDX-License-Identifier: MIT */
#pragma once
/* Temperature, 0x2A6E of the Environmental Sensing service: where the sensor is, be it a pocket. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

struct temperature {
    bool known;
    int16_t centidegrees; /* 0.01 degrees Celsius */
};

/* OUT_OF_RANGE below absolute zero. */
enum decode_result temperature_decode(const uint8_t *bytes, size_t length, struct temperature *ret);
