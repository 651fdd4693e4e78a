/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Fitness Machine Status, 0x2ADA: what happened to the machine. Only what tells the belt's own
 * story is read; changes of targets (speed, incline, ...) show in the data soon enough.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/decode.h"

enum machine_status {
    MACHINE_STATUS_RESET,
    MACHINE_STATUS_STOPPED,
    MACHINE_STATUS_PAUSED,
    MACHINE_STATUS_SAFETY_KEY, /* stopped by the key or the emergency stop */
    MACHINE_STATUS_STARTED,    /* or resumed */
};

/* UNKNOWN for op codes we have no use for. */
enum decode_result machine_status_decode(const uint8_t *bytes, size_t length,
                                         enum machine_status *ret);
