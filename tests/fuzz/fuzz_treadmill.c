/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/treadmill.h"
#include "require.h"

/* Two packets, the first as long as its first byte says, decoded and merged. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct treadmill_record record, part, before;
    enum decode_result result;
    size_t first;

    if (length == 0)
        return 0;
    first = bytes[0] < length - 1 ? bytes[0] : length - 1;
    memset(&record, 0xA5, sizeof record);
    before = record;
    result = treadmill_decode(bytes + 1, first, &record);
    if (!decode_is_usable(result)) {
        require(memcmp(&record, &before, sizeof record) == 0);
        return 0;
    }
    require(record.more_data == (bytes[1] & 1));
    require(record.total_distance_m <= 0xFFFFFF && record.steps <= 0xFFFFFF);
    if (!decode_is_usable(treadmill_decode(bytes + 1 + first, length - 1 - first, &part)))
        return 0;
    before = record;
    treadmill_merge(&record, &part);
    require(record.has == (before.has | part.has) && record.more_data == part.more_data);
    return 0;
}
