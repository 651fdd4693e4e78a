/* SPDX-License-Identifier: MIT */
#pragma once
/* Pressure, 0x2A6D of the Environmental Sensing service: of the air, as the sensor says it. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

/* 0.1 Pa */
enum decode_result pressure_decode(const uint8_t *bytes, size_t length, uint32_t *ret);
