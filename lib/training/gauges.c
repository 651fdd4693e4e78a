/* SPDX-License-Identifier: MIT */
#include "lib/training/gauges.h"

#include <math.h>

void gauges_init(struct gauges *gauges)
{
    *gauges = (struct gauges){ .temperature_c = NAN };
    window_init(&gauges->power_w, GAUGES_POWER_USEC);
}

void gauges_feed(struct gauges *gauges, const struct sample *sample, uint64_t t_usec)
{
    if (sample->has & SAMPLE_POWER)
        window_feed(&gauges->power_w, sample->power_w, t_usec);
    if (sample->has & SAMPLE_TEMPERATURE && t_usec >= gauges->temperature_usec) {
        gauges->temperature_c = sample->temperature_c;
        gauges->temperature_usec = t_usec;
    }
}

double gauges_power_w(const struct gauges *gauges, uint64_t t_usec)
{
    return window_mean(&gauges->power_w, t_usec);
}

double gauges_temperature_c(const struct gauges *gauges, uint64_t t_usec)
{
    return t_usec <= gauges->temperature_usec + GAUGES_TEMPERATURE_USEC ? gauges->temperature_c
                                                                        : NAN;
}
