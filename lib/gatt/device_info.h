/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The strings of the Device Information service (0x2A24 model .. 0x2A29 manufacturer), and any
 * other text a peer chose, such as its name: made safe to print, to log and to publish as JSON.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

/* Writes valid UTF-8 with its NUL, never half a character. Text ends at the first NUL byte; spaces
 * at both ends go; what is not UTF-8 or not printable (controls, line separators, direction
 * overrides) becomes '?'. TRUNCATED when `size` is too small for all of it; SHORT only for size 0. */
enum decode_result device_info_text(const uint8_t *bytes, size_t length, char *ret, size_t size);
