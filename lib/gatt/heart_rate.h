/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Heart Rate Measurement, 0x2A37 of the Heart Rate service: what the strap said, in its own units.
 * Whether to believe it (0 bpm, a strap off the body) is lib/sensor/strap.h.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"
#include "lib/sample.h"

enum heart_rate_field {
    HEART_RATE_ENERGY = 1u << 0,
    HEART_RATE_RR = 1u << 1, /* the flag was set; n_rr may still be 0 */
};

enum heart_rate_contact {
    HEART_RATE_CONTACT_UNSUPPORTED, /* the strap cannot tell, which is not 'no contact' */
    HEART_RATE_CONTACT_NONE,
    HEART_RATE_CONTACT_YES,
};

struct heart_rate {
    uint32_t has; /* enum heart_rate_field */
    enum heart_rate_contact contact;
    uint16_t bpm;
    uint16_t energy_kj;
    uint16_t rr_1024[SAMPLE_RR_MAX]; /* 1/1024 s, oldest first */
    int n_rr;
};

enum decode_result heart_rate_decode(const uint8_t *bytes, size_t length, struct heart_rate *ret);
