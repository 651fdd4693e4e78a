/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/navigation.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct navigation value, before;
    enum decode_result result;

    memset(&value, 0xA5, sizeof value);
    before = value;
    result = navigation_decode(bytes, length, &value);
    require((result == DECODE_SHORT) == (length < 6));
    if (!decode_is_usable(result)) {
        require(memcmp(&value, &before, sizeof value) == 0);
        return 0;
    }
    require(value.remaining_distance_dm <= 0xFFFFFF);
    require(value.remaining_height_cm >= -0x800000 && value.remaining_height_cm <= 0x7FFFFF);
    require((value.has & NAVIGATION_BEARING) || value.bearing_centideg >= 36000);
    require(!(value.has & NAVIGATION_ARRIVAL) || date_time_is_whole(&value.arrival));
    return 0;
}
