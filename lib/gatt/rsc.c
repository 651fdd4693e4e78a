/* SPDX-License-Identifier: MIT */
/*
 *  0        1              3          4                    ..
 * +--------+--------------+----------+--------------------+----------------------+
 * | flags  | speed        | cadence  | stride length (b0) | total distance (b1)  |
 * | u8     | u16 1/256 m/s| u8 1/min | u16 0.01 m         | u32 0.1 m            |
 * +--------+--------------+----------+--------------------+----------------------+
 *
 * flags: b0 stride length | b1 total distance | b2 running, else walking | b3..7 reserved
 */
#include "lib/bytes.h"
#include "lib/gatt/rsc.h"

#define FLAG_STRIDE_LENGTH  (1u << 0)
#define FLAG_TOTAL_DISTANCE (1u << 1)
#define FLAG_RUNNING        (1u << 2)

static enum decode_result pull_optional(struct bytes *bytes, uint8_t flags, struct rsc *value)
{
    if (flags & FLAG_STRIDE_LENGTH) {
        if (!pull_le16(bytes, &value->stride_length_cm))
            return DECODE_TRUNCATED;
        value->has |= RSC_STRIDE_LENGTH;
    }
    if (flags & FLAG_TOTAL_DISTANCE) {
        if (!pull_le32(bytes, &value->total_distance_dm))
            return DECODE_TRUNCATED;
        value->has |= RSC_TOTAL_DISTANCE;
    }
    return DECODE_OK;
}

enum decode_result rsc_decode(const uint8_t *at, size_t length, struct rsc *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct rsc value = { 0 };
    enum decode_result result;
    uint8_t flags;

    if (!pull_u8(&bytes, &flags) || !pull_le16(&bytes, &value.speed_256) ||
        !pull_u8(&bytes, &value.cadence))
        return DECODE_SHORT;
    value.running = flags & FLAG_RUNNING;
    result = pull_optional(&bytes, flags, &value);
    *ret = value;
    return result;
}
