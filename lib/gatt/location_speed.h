/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Location and Speed, 0x2A67 of the Location and Navigation service, in the sensor's own units. What
 * of it is believed is in lib/sensor/location.h: a height of satellites is no barometer's.
 */
#include <stddef.h>
#include <stdint.h>
#include "lib/gatt/date_time.h"
#include "lib/gatt/decode.h"

enum location_speed_field {
    LOCATION_SPEED = 1u << 0,
    LOCATION_TOTAL_DISTANCE = 1u << 1,
    LOCATION_POSITION = 1u << 2, /* on the globe, that is */
    LOCATION_ELEVATION = 1u << 3,
    LOCATION_HEADING = 1u << 4,
    LOCATION_ROLLING_TIME = 1u << 5,
    LOCATION_UTC = 1u << 6, /* all of it known */
};

/* A sensor that has no status sends 0 as well: see its LN Feature, or what else it has sent. */
enum position_status {
    POSITION_STATUS_NONE,
    POSITION_STATUS_OK,
    POSITION_STATUS_ESTIMATED,
    POSITION_STATUS_LAST_KNOWN,
};

enum elevation_source {
    ELEVATION_FROM_POSITION,
    ELEVATION_FROM_PRESSURE,
    ELEVATION_FROM_DATABASE,
    ELEVATION_FROM_OTHER,
};

struct location_speed {
    uint32_t has; /* enum location_speed_field */
    enum position_status status;
    enum elevation_source elevation_source;
    bool three_dimensional; /* speed and distance follow the slope, else they are the map's */
    bool heading_by_compass;
    uint16_t speed_cm_s;
    uint32_t total_distance_dm;        /* 24 bits */
    int32_t latitude_e7, longitude_e7; /* 1e-7 degrees */
    int32_t elevation_cm;              /* above sea level or the ellipsoid */
    uint16_t heading_centideg;         /* 0..35999 */
    uint8_t rolling_time_s;
    struct date_time utc;
};

enum decode_result location_speed_decode(const uint8_t *bytes, size_t length,
                                         struct location_speed *ret);
