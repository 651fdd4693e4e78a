/* SPDX-License-Identifier: MIT */
#include "lib/terrain/closing.h"

#include <math.h>

void closing_init(struct closing *closing)
{
    *closing = (struct closing){ 0 };
}

void closing_feed(struct closing *closing, int64_t t_usec, double altitude_m)
{
    if (!isfinite(altitude_m) || (closing->n > 0 && t_usec <= closing->last_usec))
        return;
    if (closing->n == 0)
        closing->first_usec = t_usec;
    if (closing->n < CLOSING_POINTS)
        closing->first_m += altitude_m;
    closing->last_m[closing->n++ % CLOSING_POINTS] = altitude_m;
    closing->last_usec = t_usec;
}

double closing_drift_m_s(const struct closing *closing, double apart_m)
{
    double error_m = 0, seconds;

    if (closing->n < 2 * CLOSING_POINTS || !(apart_m < CLOSING_NEAR_M))
        return 0;
    for (size_t i = 0; i < CLOSING_POINTS; i++)
        error_m += closing->last_m[i] / CLOSING_POINTS;
    error_m -= closing->first_m / CLOSING_POINTS;
    seconds = (double)((uint64_t)closing->last_usec - (uint64_t)closing->first_usec) / 1e6;
    if (fabs(error_m) > CLOSING_MAX_M + CLOSING_MAX_M_S * seconds)
        return 0;
    return error_m / seconds;
}
