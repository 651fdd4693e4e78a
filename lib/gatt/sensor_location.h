/* SPDX-License-Identifier: MIT */
#pragma once
/* Sensor Location, 0x2A5D: where a footpod (or a bicycle's sensor) sits. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

/* OUT_OF_RANGE for the reserved numbers 17..255. */
enum decode_result sensor_location_decode(const uint8_t *bytes, size_t length, uint8_t *ret);
/* "top_of_shoe", "in_shoe", "hip", ...; NULL for a reserved number. */
const char *sensor_location_name(uint8_t location);
