/* SPDX-License-Identifier: MIT */
/*
 *  0           2             4             6                  ..                ..
 * +-----------+-------------+-------------+------------------+-----------------+--------------+
 * | flags u16 | bearing u16 | heading u16 | distance (b0)    | height (b1)     | arrival (b2) |
 * |           | 0.01 degree | 0.01 degree | u24 0.1 m        | s24 0.01 m      | 7 bytes      |
 * +-----------+-------------+-------------+------------------+-----------------+--------------+
 *
 * flags: b0 remaining distance | b1 remaining vertical distance | b2 estimated time of arrival
 *        b3..4 position: 0 none, 1 good, 2 estimated, 3 the last one known
 *        b5 heading: 0 of the movement, 1 of the compass | b6 to: 0 a waypoint, 1 the destination
 *        b7 waypoint reached | b8 destination reached | b9.. reserved
 */
#include "lib/bytes.h"
#include "lib/gatt/navigation.h"

#define FLAG_DISTANCE            (1u << 0)
#define FLAG_HEIGHT              (1u << 1)
#define FLAG_ARRIVAL             (1u << 2)
#define STATUS_SHIFT             3
#define FLAG_COMPASS             (1u << 5)
#define FLAG_TO_DESTINATION      (1u << 6)
#define FLAG_WAYPOINT_REACHED    (1u << 7)
#define FLAG_DESTINATION_REACHED (1u << 8)
#define CIRCLE_CENTIDEG          36000

static void note_flags(uint16_t flags, struct navigation *value)
{
    value->status = (enum position_status)(flags >> STATUS_SHIFT & 3);
    value->heading_by_compass = flags & FLAG_COMPASS;
    value->to_destination = flags & FLAG_TO_DESTINATION;
    value->waypoint_reached = flags & FLAG_WAYPOINT_REACHED;
    value->destination_reached = flags & FLAG_DESTINATION_REACHED;
    value->has = (value->bearing_centideg < CIRCLE_CENTIDEG ? NAVIGATION_BEARING : 0) |
                 (value->heading_centideg < CIRCLE_CENTIDEG ? NAVIGATION_HEADING : 0);
}

static enum decode_result pull_optional(struct bytes *bytes, uint16_t flags,
                                        struct navigation *value)
{
    if (flags & FLAG_DISTANCE) {
        if (!pull_le24(bytes, &value->remaining_distance_dm))
            return DECODE_TRUNCATED;
        value->has |= NAVIGATION_REMAINING_DISTANCE;
    }
    if (flags & FLAG_HEIGHT) {
        if (!pull_sle24(bytes, &value->remaining_height_cm))
            return DECODE_TRUNCATED;
        value->has |= NAVIGATION_REMAINING_HEIGHT;
    }
    if (flags & FLAG_ARRIVAL) {
        if (!date_time_pull(bytes, &value->arrival))
            return DECODE_TRUNCATED;
        value->has |= date_time_is_whole(&value->arrival) ? NAVIGATION_ARRIVAL : 0;
    }
    return DECODE_OK;
}

enum decode_result navigation_decode(const uint8_t *at, size_t length, struct navigation *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct navigation value = { 0 };
    enum decode_result result;
    uint16_t flags;

    if (!pull_le16(&bytes, &flags) || !pull_le16(&bytes, &value.bearing_centideg) ||
        !pull_le16(&bytes, &value.heading_centideg))
        return DECODE_SHORT;
    note_flags(flags, &value);
    result = pull_optional(&bytes, flags, &value);
    *ret = value;
    return result;
}
