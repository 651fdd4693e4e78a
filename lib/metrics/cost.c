/* SPDX-License-Identifier: MIT */
#include "lib/metrics/cost.h"

#include <math.h>
#include <stddef.h>

static const double coefficients[] = { 155.4, -30.4, -43.3, 46.3, 19.5, 3.6 };

double cost_of_running(double grade)
{
    double cost = 0, i;

    if (isnan(grade)) /* fmin would take the limit for it */
        return NAN;
    i = fmax(-COST_GRADE_MAX, fmin(COST_GRADE_MAX, grade));
    for (size_t k = 0; k < sizeof(coefficients) / sizeof(coefficients[0]); k++)
        cost = cost * i + coefficients[k];
    return cost;
}

double cost_ratio(double grade)
{
    return cost_of_running(grade) / cost_of_running(0);
}
