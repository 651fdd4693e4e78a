/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/gatt/location_speed.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct location_speed value, before;
    enum decode_result result;

    memset(&value, 0xA5, sizeof value);
    before = value;
    result = location_speed_decode(bytes, length, &value);
    require((result == DECODE_SHORT) == (length < 2));
    if (!decode_is_usable(result)) {
        require(memcmp(&value, &before, sizeof value) == 0);
        return 0;
    }
    require(value.total_distance_dm <= 0xFFFFFF);
    require(value.elevation_cm >= -0x800000 && value.elevation_cm <= 0x7FFFFF);
    require(abs(value.latitude_e7) <= 900000000 && abs(value.longitude_e7) <= 1800000000);
    require(!(value.has & LOCATION_HEADING) || value.heading_centideg < 36000);
    require(!(value.has & LOCATION_UTC) || date_time_is_whole(&value.utc));
    require((value.has & LOCATION_ELEVATION) || value.elevation_cm == 0);
    return 0;
}
