/* SPDX-License-Identifier: MIT */
/*
 *  0                4                8
 * +----------------+----------------+
 * | fields it sends| targets to set |
 * | u32            | u32            |
 * +----------------+----------------+
 */
#include "lib/bytes.h"
#include "lib/gatt/fitness_machine_feature.h"

enum decode_result fitness_machine_feature_decode(const uint8_t *at, size_t length,
                                                  struct fitness_machine_feature *ret)
{
    struct bytes bytes = bytes_of(at, length);
    struct fitness_machine_feature value = { 0 };

    if (!pull_le32(&bytes, &value.fields))
        return DECODE_SHORT;
    value.has_targets = pull_le32(&bytes, &value.targets);
    *ret = value;
    return value.has_targets ? DECODE_OK : DECODE_TRUNCATED;
}
