/* SPDX-License-Identifier: MIT */
/*
 *  0
 * +-------------+
 * | elevation   |  no value means 'not known'
 * | s24 0.01 m  |
 * +-------------+
 */
#include "lib/bytes.h"
#include "lib/gatt/elevation.h"

enum decode_result elevation_decode(const uint8_t *at, size_t length, int32_t *ret)
{
    struct bytes bytes = bytes_of(at, length);

    return pull_sle24(&bytes, ret) ? DECODE_OK : DECODE_SHORT;
}
