/* SPDX-License-Identifier: MIT */
#include "lib/metrics/monotony.h"

#include <math.h>

static double sum_of(const double load[MONOTONY_DAYS])
{
    double sum = 0;

    for (int i = 0; i < MONOTONY_DAYS; i++)
        sum += load[i];
    return sum;
}

double monotony_deviation(const double load[MONOTONY_DAYS])
{
    double mean = sum_of(load) / MONOTONY_DAYS, squares = 0;

    for (int i = 0; i < MONOTONY_DAYS; i++)
        squares += (load[i] - mean) * (load[i] - mean);
    return sqrt(squares / MONOTONY_DAYS);
}

double monotony_of(const double load[MONOTONY_DAYS])
{
    double mean = sum_of(load) / MONOTONY_DAYS, deviation = monotony_deviation(load);

    if (isnan(deviation) || mean == 0) /* fmin would take the cap for NAN */
        return NAN;
    return fmin(MONOTONY_MAX, mean / deviation);
}

double monotony_strain(const double load[MONOTONY_DAYS])
{
    return sum_of(load) * monotony_of(load);
}
