/* SPDX-License-Identifier: MIT */
#pragma once
/* Navigation, 0x2A68 of the Location and Navigation service: the way to where the runner wants to be. */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/date_time.h"
#include "lib/gatt/decode.h"
#include "lib/gatt/location_speed.h"

enum navigation_field {
    NAVIGATION_REMAINING_DISTANCE = 1u << 0,
    NAVIGATION_REMAINING_HEIGHT = 1u << 1,
    NAVIGATION_ARRIVAL = 1u << 2, /* all of it known */
    NAVIGATION_BEARING = 1u << 3, /* these two are in every packet; absent: no angle */
    NAVIGATION_HEADING = 1u << 4,
};

struct navigation {
    uint32_t has; /* enum navigation_field */
    enum position_status status;
    bool heading_by_compass;
    bool to_destination; /* else to the next waypoint */
    bool waypoint_reached, destination_reached;
    uint16_t bearing_centideg, heading_centideg; /* 0..35999 */
    uint32_t remaining_distance_dm;              /* 24 bits */
    int32_t remaining_height_cm;
    struct date_time arrival;
};

enum decode_result navigation_decode(const uint8_t *bytes, size_t length, struct navigation *ret);
