/* SPDX-License-Identifier: MIT */
/*
 *  0           2           4           6
 * +-----------+-----------+-----------+
 * | minimum   | maximum   | increment |
 * | s16 0.1 % | s16 0.1 % | u16 0.1 % |
 * +-----------+-----------+-----------+
 */
#include "lib/bytes.h"
#include "lib/gatt/inclination_range.h"

enum decode_result inclination_range_decode(const uint8_t *at, size_t length,
                                            struct inclination_range *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct inclination_range value;

    if (!pull_sle16(&bytes, &value.minimum) || !pull_sle16(&bytes, &value.maximum) ||
        !pull_le16(&bytes, &value.increment))
        return DECODE_SHORT;
    if (value.minimum > value.maximum)
        return DECODE_OUT_OF_RANGE;
    *ret = value;
    return DECODE_OK;
}
