/* SPDX-License-Identifier: MIT */
/*
 *  0
 * +----------+
 * | location |  u8: 0 other, 1 chest, 2 wrist, 3 finger, 4 hand, 5 ear lobe, 6 foot
 * +----------+
 */
#include "lib/bytes.h"
#include "lib/gatt/body_sensor_location.h"

static const char *const names[] = {
    "other", "chest", "wrist", "finger", "hand", "ear_lobe", "foot"
};

enum decode_result body_sensor_location_decode(const uint8_t *at, size_t length, uint8_t *ret)
{
    struct bytes bytes = bytes_of(at, length);
    uint8_t location;

    if (!pull_u8(&bytes, &location))
        return DECODE_SHORT;
    if (!body_sensor_location_name(location))
        return DECODE_OUT_OF_RANGE;
    *ret = location;
    return DECODE_OK;
}

const char *body_sensor_location_name(uint8_t location)
{
    return location < sizeof names / sizeof names[0] ? names[location] : NULL;
}
