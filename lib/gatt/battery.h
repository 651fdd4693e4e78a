/* SPDX-License-Identifier: MIT */
#pragma once
/* Battery Level, 0x2A19. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

/* Percent; OUT_OF_RANGE above 100 (reserved). */
enum decode_result battery_decode(const uint8_t *bytes, size_t length, uint8_t *ret);
