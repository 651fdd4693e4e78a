/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A receiver of satellites: packets of 0x2A67 to samples. Only its height is used, and the source of
 * the sample says what it is worth: BAROMETER where the receiver made it of air pressure, LOCATION
 * else. Its speed and distance are left alone: a pod or a belt counts every metre already, and a
 * place is nobody's business.
 *
 * A height of satellites counts while the position is good. Many receivers have no status and send 0
 * ('none') for ever; one that has ever sent another is believed when it says 'none'. A position
 * estimated or last known was not measured now.
 */
#include <stdbool.h>
#include <stdint.h>
#include "lib/gatt/location_speed.h"
#include "lib/sample.h"

struct location {
    bool tells_status;
};

void location_init(struct location *location);
/* Fills all of *ret, which may say nothing (has == 0: no height, or none to be believed). OUT_OF_RANGE
 * for a height nobody runs at: nothing is written. */
enum decode_result location_feed(struct location *location, const struct location_speed *packet,
                                 uint64_t now_usec, struct sample *ret);
