/* SPDX-License-Identifier: MIT */
#include "lib/metrics/form.h"

#include <math.h>

void form_init(struct form *form)
{
    *form = (struct form){ 0 };
}

static double step(double mean, double load, double days)
{
    return mean + (1 - exp(-1 / days)) * (load - mean);
}

static double known(double load)
{
    return load > 0 && isfinite(load) ? load : 0;
}

void form_feed(struct form *form, double load)
{
    form->form = form->fitness - form->fatigue;
    form->fitness = step(form->fitness, known(load), FORM_FITNESS_DAYS);
    form->fatigue = step(form->fatigue, known(load), FORM_FATIGUE_DAYS);
    form->days++;
}

bool form_settled(const struct form *form)
{
    return form->days > FORM_FITNESS_DAYS;
}

static double mean_of(const double *load, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += load[i];
    return sum / (double)n;
}

double form_ratio(const double *load, size_t n, bool coupled)
{
    const double *today = load + n;
    double chronic;

    if (n < FORM_CHRONIC_DAYS)
        return NAN;
    chronic = coupled ? mean_of(today - FORM_CHRONIC_DAYS, FORM_CHRONIC_DAYS)
                      : mean_of(today - FORM_CHRONIC_DAYS, FORM_CHRONIC_DAYS - FORM_FATIGUE_DAYS);
    return chronic > 0 ? mean_of(today - FORM_FATIGUE_DAYS, FORM_FATIGUE_DAYS) / chronic : NAN;
}

void form_ewma_init(struct form_ewma *ewma)
{
    *ewma = (struct form_ewma){ 0 };
}

void form_ewma_feed(struct form_ewma *ewma, double load)
{
    double acute = ewma->days ? 2.0 / (FORM_FATIGUE_DAYS + 1) : 1;
    double chronic = ewma->days ? 2.0 / (FORM_CHRONIC_DAYS + 1) : 1;

    ewma->acute += acute * (known(load) - ewma->acute);
    ewma->chronic += chronic * (known(load) - ewma->chronic);
    ewma->days++;
}

double form_ewma_ratio(const struct form_ewma *ewma)
{
    return ewma->chronic > 0 ? ewma->acute / ewma->chronic : NAN;
}
