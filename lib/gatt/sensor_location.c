/* SPDX-License-Identifier: MIT */
/*
 *  0
 * +----------+
 * | location |  u8, the row of the table below
 * +----------+
 */
#include "lib/bytes.h"
#include "lib/gatt/sensor_location.h"

static const char *const names[] = {
    "other",       "top_of_shoe", "in_shoe",     "hip",       "front_wheel",  "left_crank",
    "right_crank", "left_pedal",  "right_pedal", "front_hub", "rear_dropout", "chainstay",
    "rear_wheel",  "rear_hub",    "chest",       "spider",    "chain_ring",
};

enum decode_result sensor_location_decode(const uint8_t *at, size_t length, uint8_t *ret)
{
    struct bytes bytes = bytes_of(at, length);
    uint8_t location;

    if (!pull_u8(&bytes, &location))
        return DECODE_SHORT;
    if (!sensor_location_name(location))
        return DECODE_OUT_OF_RANGE;
    *ret = location;
    return DECODE_OK;
}

const char *sensor_location_name(uint8_t location)
{
    return location < sizeof names / sizeof names[0] ? names[location] : NULL;
}
