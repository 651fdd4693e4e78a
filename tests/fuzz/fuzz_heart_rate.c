/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/heart_rate.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct heart_rate value, before;
    enum decode_result result;

    memset(&value, 0xA5, sizeof value);
    before = value;
    result = heart_rate_decode(bytes, length, &value);
    require(decode_result_name(result));
    if (!decode_is_usable(result)) {
        require(memcmp(&value, &before, sizeof value) == 0);
        return 0;
    }
    require(value.n_rr >= 0 && value.n_rr <= SAMPLE_RR_MAX);
    require(value.n_rr == 0 || (value.has & HEART_RATE_RR));
    require((size_t)value.n_rr * 2 + 2 <= length);
    return 0;
}
