/* SPDX-License-Identifier: MIT */
/*
 *  0
 * +-------+
 * | level |  u8, percent, 0..100
 * +-------+
 */
#include "lib/bytes.h"
#include "lib/gatt/battery.h"

enum decode_result battery_decode(const uint8_t *at, size_t length, uint8_t *ret)
{
    struct bytes bytes = bytes_of(at, length);
    uint8_t level;

    if (!pull_u8(&bytes, &level))
        return DECODE_SHORT;
    if (level > 100)
        return DECODE_OUT_OF_RANGE;
    *ret = level;
    return DECODE_OK;
}
