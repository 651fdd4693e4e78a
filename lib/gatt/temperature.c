/* SPDX-License-Identifier: MIT */
/*
 *  0
 * +----------------+
 * | temperature    |  8000: not known; below -27315: impossible
 * | s16 0.01 deg C |
 * +----------------+
 */
#include "lib/bytes.h"
#include "lib/gatt/temperature.h"

#define NOT_KNOWN     (-0x8000)
#define ABSOLUTE_ZERO (-27315)

enum decode_result temperature_decode(const uint8_t *at, size_t length, struct temperature *ret)
{
    struct bytes bytes = bytes_of(at, length);
    int16_t centidegrees;

    if (!pull_sle16(&bytes, &centidegrees))
        return DECODE_SHORT;
    if (centidegrees != NOT_KNOWN && centidegrees < ABSOLUTE_ZERO)
        return DECODE_OUT_OF_RANGE;
    *ret = centidegrees == NOT_KNOWN ? (struct temperature){ 0 }
                                     : (struct temperature){ true, centidegrees };
    return DECODE_OK;
}
