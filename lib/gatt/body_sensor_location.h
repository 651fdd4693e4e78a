/* SPDX-License-Identifier: MIT */
#pragma once
/* Body Sensor Location, 0x2A38: where on the body a heart-rate sensor sits. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

/* OUT_OF_RANGE for the reserved numbers 7..255. */
enum decode_result body_sensor_location_decode(const uint8_t *bytes, size_t length, uint8_t *ret);
/* "chest", "wrist", ...; NULL for a reserved number. */
const char *body_sensor_location_name(uint8_t location);
