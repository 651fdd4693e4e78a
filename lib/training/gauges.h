/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What is read off at this moment and summed up nowhere: running power and the temperature at a
 * sensor. Power is the mean of 5 s, as speed is; it jumps with each step. Temperature is told seldom,
 * by some sensors only when it has changed, and holds for a minute.
 */
#include <stdint.h>
#include "lib/metrics/window.h"
#include "lib/sample.h"

#define GAUGES_POWER_USEC       (5 * UINT64_C(1000000))
#define GAUGES_TEMPERATURE_USEC (60 * UINT64_C(1000000))

struct gauges {
    struct window power_w;
    double temperature_c; /* as last told; NAN */
    uint64_t temperature_usec;
};

void gauges_init(struct gauges *gauges);
/* What the sample does not have changes nothing. */
void gauges_feed(struct gauges *gauges, const struct sample *sample, uint64_t t_usec);
/* NAN when it was not told lately. */
double gauges_power_w(const struct gauges *gauges, uint64_t t_usec);
double gauges_temperature_c(const struct gauges *gauges, uint64_t t_usec);
