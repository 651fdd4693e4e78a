/* SPDX-License-Identifier: MIT */
/* Pressure, elevation and temperature, each of the same bytes. */
#include <stdint.h>
#include "lib/gatt/elevation.h"
#include "lib/gatt/pressure.h"
#include "lib/gatt/temperature.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct temperature temperature = { true, 7 };
    uint32_t dpa = 7;
    int32_t cm = 7;
    enum decode_result result = temperature_decode(bytes, length, &temperature);

    require((pressure_decode(bytes, length, &dpa) == DECODE_OK) == (length >= 4));
    require(length >= 4 || dpa == 7);
    require((elevation_decode(bytes, length, &cm) == DECODE_OK) == (length >= 3));
    require(cm >= -0x800000 && cm <= 0x7FFFFF && (length >= 3 || cm == 7));
    require((result == DECODE_SHORT) == (length < 2));
    require(result == DECODE_OK || (temperature.known && temperature.centidegrees == 7));
    require(!temperature.known || temperature.centidegrees >= -27315);
    return 0;
}
