/* SPDX-License-Identifier: MIT */
/*
 *  0           2
 * +-----------+------------------------------------------------------+
 * | flags u16 | fields in this order, each only when its bit says so |
 * +-----------+------------------------------------------------------+
 *   bit      field                    type      unit
 *   b0       speed                    u16       0.01 m/s
 *   b1       total distance           u24       0.1 m
 *   b2       latitude, longitude      s32 s32   1e-7 degrees
 *   b3       elevation                s24       0.01 m
 *   b4       heading                  u16       0.01 degrees
 *   b5       rolling time             u8        s
 *   b6       UTC                      7 bytes   see date_time.c
 *   b7..8    (position: 0 none, 1 good, 2 estimated, 3 the last one known)
 *   b9       (speed and distance: 0 on the map, 1 along the slope)
 *   b10..11  (elevation from: 0 the position, 1 air pressure, 2 a database, 3 other)
 *   b12      (heading: 0 of the movement, 1 of the compass)
 *   b13..    reserved
 *
 * With all fields it is 28 bytes and does not fit the smallest packet: sensors then leave fields out,
 * or send them in turns, each packet with flags of its own.
 */
#include "lib/bytes.h"
#include "lib/gatt/location_speed.h"

#define FLAG_SPEED        (1u << 0)
#define FLAG_DISTANCE     (1u << 1)
#define FLAG_POSITION     (1u << 2)
#define FLAG_ELEVATION    (1u << 3)
#define FLAG_HEADING      (1u << 4)
#define FLAG_ROLLING_TIME (1u << 5)
#define FLAG_UTC          (1u << 6)
#define STATUS_SHIFT      7
#define FLAG_3D           (1u << 9)
#define ELEVATION_SHIFT   10
#define FLAG_COMPASS      (1u << 12)
#define LATITUDE_MAX_E7   900000000
#define LONGITUDE_MAX_E7  1800000000
#define HEADING_CIRCLE    36000

static bool is_on_globe(int32_t latitude_e7, int32_t longitude_e7)
{
    return latitude_e7 >= -LATITUDE_MAX_E7 && latitude_e7 <= LATITUDE_MAX_E7 &&
           longitude_e7 >= -LONGITUDE_MAX_E7 && longitude_e7 <= LONGITUDE_MAX_E7;
}

static bool pull_position(struct bytes *bytes, struct location_speed *value)
{
    struct bytes at = *bytes;
    int32_t latitude_e7, longitude_e7;

    if (!pull_sle32(&at, &latitude_e7) || !pull_sle32(&at, &longitude_e7))
        return false;
    *bytes = at;
    if (!is_on_globe(latitude_e7, longitude_e7))
        return true;
    value->latitude_e7 = latitude_e7;
    value->longitude_e7 = longitude_e7;
    value->has |= LOCATION_POSITION;
    return true;
}

static bool pull_heading(struct bytes *bytes, struct location_speed *value)
{
    if (!pull_le16(bytes, &value->heading_centideg))
        return false;
    if (value->heading_centideg < HEADING_CIRCLE)
        value->has |= LOCATION_HEADING;
    return true;
}

static bool pull_utc(struct bytes *bytes, struct location_speed *value)
{
    if (!date_time_pull(bytes, &value->utc))
        return false;
    if (date_time_is_whole(&value->utc))
        value->has |= LOCATION_UTC;
    return true;
}

/* A field that is there whenever it is whole. */
static bool keep(struct location_speed *value, uint32_t field, bool pulled)
{
    value->has |= pulled ? field : 0;
    return pulled;
}

static bool pull_way(struct bytes *b, uint16_t flags, struct location_speed *v)
{
    if ((flags & FLAG_SPEED) && !keep(v, LOCATION_SPEED, pull_le16(b, &v->speed_cm_s)))
        return false;
    if ((flags & FLAG_DISTANCE) &&
        !keep(v, LOCATION_TOTAL_DISTANCE, pull_le24(b, &v->total_distance_dm)))
        return false;
    if ((flags & FLAG_POSITION) && !pull_position(b, v))
        return false;
    return !(flags & FLAG_ELEVATION) ||
           keep(v, LOCATION_ELEVATION, pull_sle24(b, &v->elevation_cm));
}

static bool pull_rest(struct bytes *b, uint16_t flags, struct location_speed *v)
{
    if ((flags & FLAG_HEADING) && !pull_heading(b, v))
        return false;
    if ((flags & FLAG_ROLLING_TIME) &&
        !keep(v, LOCATION_ROLLING_TIME, pull_u8(b, &v->rolling_time_s)))
        return false;
    return !(flags & FLAG_UTC) || pull_utc(b, v);
}

enum decode_result location_speed_decode(const uint8_t *at, size_t length,
                                         struct location_speed *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct location_speed value = { 0 };
    uint16_t flags;
    bool whole;

    if (!pull_le16(&bytes, &flags))
        return DECODE_SHORT;
    value.status = (enum position_status)(flags >> STATUS_SHIFT & 3);
    value.elevation_source = (enum elevation_source)(flags >> ELEVATION_SHIFT & 3);
    value.three_dimensional = flags & FLAG_3D;
    value.heading_by_compass = flags & FLAG_COMPASS;
    whole = pull_way(&bytes, flags, &value) && pull_rest(&bytes, flags, &value);
    *ret = value;
    return whole ? DECODE_OK : DECODE_TRUNCATED;
}
