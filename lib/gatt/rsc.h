/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * RSC Measurement, 0x2A53 of the Running Speed and Cadence service, in the sensor's own units.
 * Cadence is '1/min' and nothing more: whether that is steps of both feet or strides of one is
 * decided in lib/sensor/unit.h. Stride length has the same doubt and is not used for anything.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

enum rsc_field {
    RSC_STRIDE_LENGTH = 1u << 0,
    RSC_TOTAL_DISTANCE = 1u << 1,
};

struct rsc {
    uint32_t has;       /* enum rsc_field */
    bool running;       /* as the sensor says; several leave it clear at 12 km/h: not used */
    uint16_t speed_256; /* 1/256 m/s */
    uint8_t cadence;    /* 1/min */
    uint16_t stride_length_cm;
    uint32_t total_distance_dm; /* 1/10 m */
};

enum decode_result rsc_decode(const uint8_t *bytes, size_t length, struct rsc *ret);
