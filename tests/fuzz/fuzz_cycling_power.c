/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/cycling_power.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct cycling_power value, before;
    enum decode_result result;

    memset(&value, 0xA5, sizeof value);
    before = value;
    result = cycling_power_decode(bytes, length, &value);
    require((result == DECODE_SHORT) == (length < 4));
    if (!decode_is_usable(result)) {
        require(memcmp(&value, &before, sizeof value) == 0);
        return 0;
    }
    require((value.has & ~CYCLING_POWER_FIELDS) == 0);
    require(result == DECODE_OK || value.has != CYCLING_POWER_FIELDS);
    require(!(value.has & CYCLING_POWER_BALANCE) || value.balance_half_pct <= 200);
    require((value.has & CYCLING_POWER_WHEEL) || value.wheel_revolutions == 0);
    require((value.has & CYCLING_POWER_CRANK) || value.crank_revolutions == 0);
    require(value.angle_max_deg <= 0xFFF && value.angle_min_deg <= 0xFFF);
    return 0;
}
