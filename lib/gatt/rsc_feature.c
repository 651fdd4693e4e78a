/* SPDX-License-Identifier: MIT */
/*
 *  0          2
 * +----------+
 * | features |  u16: b0 stride length, b1 total distance, b2 walking or running status,
 * +----------+       b3 calibration procedure, b4 several sensor locations
 */
#include "lib/bytes.h"
#include "lib/gatt/rsc_feature.h"

enum decode_result rsc_feature_decode(const uint8_t *at, size_t length, uint16_t *ret)
{
    struct bytes bytes = bytes_of(at, length);
    return pull_le16(&bytes, ret) ? DECODE_OK : DECODE_SHORT;
}
