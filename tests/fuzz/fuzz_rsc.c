/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/rsc.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct rsc value, before;
    enum decode_result result;

    memset(&value, 0xA5, sizeof value);
    before = value;
    result = rsc_decode(bytes, length, &value);
    require((result == DECODE_SHORT) == (length < 4));
    if (!decode_is_usable(result)) {
        require(memcmp(&value, &before, sizeof value) == 0);
        return 0;
    }
    require(result == DECODE_OK || value.has != (RSC_STRIDE_LENGTH | RSC_TOTAL_DISTANCE));
    require((value.has & RSC_TOTAL_DISTANCE) || value.total_distance_dm == 0);
    return 0;
}
