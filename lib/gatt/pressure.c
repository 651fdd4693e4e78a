/* SPDX-License-Identifier: MIT */
/*
 *  0
 * +---------------+
 * | pressure      |  no value means 'not known'
 * | u32 0.1 Pa    |
 * +---------------+
 */
#include "lib/bytes.h"
#include "lib/gatt/pressure.h"

enum decode_result pressure_decode(const uint8_t *at, size_t length, uint32_t *ret)
{
    struct bytes bytes = bytes_of(at, length);

    return pull_le32(&bytes, ret) ? DECODE_OK : DECODE_SHORT;
}
