/* SPDX-License-Identifier: MIT */
#pragma once
/* Elevation, 0x2A6C of the Environmental Sensing service: above whatever the sensor takes for sea
 * level, so only differences mean something. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

/* cm */
enum decode_result elevation_decode(const uint8_t *bytes, size_t length, int32_t *ret);
