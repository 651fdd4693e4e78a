/* SPDX-License-Identifier: MIT */
#pragma once
/* RSC Feature, 0x2A54: what a running sensor says it can send. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

enum rsc_feature {
    RSC_FEATURE_STRIDE_LENGTH = 1u << 0,
    RSC_FEATURE_TOTAL_DISTANCE = 1u << 1,
    RSC_FEATURE_WALKING_OR_RUNNING = 1u << 2, /* clear: the measurement's bit means nothing */
    RSC_FEATURE_CALIBRATION = 1u << 3,
    RSC_FEATURE_LOCATIONS = 1u << 4,
};

/* Bits of enum rsc_feature; reserved ones are kept as sent. */
enum decode_result rsc_feature_decode(const uint8_t *bytes, size_t length, uint16_t *ret);
