/* SPDX-License-Identifier: MIT */
#include "lib/sensor/power.h"

enum decode_result power_feed(const struct cycling_power *packet, uint64_t now_usec,
                              struct sample *ret)
{
    int power_w = packet->power_w;

    if (power_w > POWER_MAX_W || power_w < -POWER_MAX_W)
        return DECODE_OUT_OF_RANGE;
    *ret = (struct sample){
        .t_usec = now_usec,
        .has = SAMPLE_POWER,
        .source = SAMPLE_SOURCE_POWER,
        .power_w = power_w > 0 ? power_w : 0, /* the field is signed, a runner's work is not */
    };
    return DECODE_OK;
}
