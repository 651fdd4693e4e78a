/* SPDX-License-Identifier: MIT */
#include "lib/training/load.h"

#include <math.h>
#include "lib/metrics/form.h"
#include "lib/metrics/monotony.h"

#define DAYS_MAX 3660 /* what is older left no trace in any of the means */

struct walk { /* over the days, oldest first */
    struct form form;
    struct form_ewma ewma;
    double
        distance_m[FORM_CHRONIC_DAYS]; /* of the latest days, the last is today; NAN: not known */
    double load[MONOTONY_DAYS];        /* NAN: an outing without its heart load */
    unsigned outings, with_load;       /* of the days that fitness is made of */
};

static void push(double *list, size_t n, double value)
{
    for (size_t i = 1; i < n; i++)
        list[i - 1] = list[i];
    list[n - 1] = value;
}

static void step(struct walk *walk, const struct day_total *day, bool recent)
{
    double load = (double)day->load_centi / 100;
    double distance_m = day_total_distance_known(day) ? (double)day->distance_mm / 1000 : NAN;

    form_feed(&walk->form, load);
    form_ewma_feed(&walk->ewma, distance_m);
    push(walk->distance_m, FORM_CHRONIC_DAYS, distance_m);
    push(walk->load, MONOTONY_DAYS, day->with_load < day->outings ? NAN : load);
    walk->outings += recent ? day->outings : 0;
    walk->with_load += recent ? day->with_load : 0;
}

static void take_form(const struct walk *walk, struct load *ret)
{
    bool blind = walk->outings > 0 && walk->with_load == 0;

    ret->without_heart_load = walk->outings - walk->with_load;
    if (blind || !form_settled(&walk->form))
        return;
    ret->fitness = walk->form.fitness;
    ret->fatigue = walk->form.fatigue;
    ret->form = walk->form.form;
}

static void take_ratios(const struct walk *walk, struct load *ret)
{
    ret->coupled = form_ratio(walk->distance_m, FORM_CHRONIC_DAYS, true);
    ret->uncoupled = form_ratio(walk->distance_m, FORM_CHRONIC_DAYS, false);
    /* The mean of chronic load never gets to 0 by itself. A day that is not known is fed to it as one of
     * rest: four weeks later that makes less than a hundredth. */
    if (!isnan(ret->coupled))
        ret->ewma = form_ewma_ratio(&walk->ewma);
}

void load_read(const struct ledger *ledger, int32_t today, struct load *ret)
{
    struct walk walk = { 0 };
    int64_t first = ledger->n_outings ? ledger->outings[0].day : (int64_t)today + 1;

    *ret = (struct load){ .fitness = NAN,
                          .fatigue = NAN,
                          .form = NAN,
                          .monotony = NAN,
                          .strain = NAN,
                          .coupled = NAN,
                          .uncoupled = NAN,
                          .ewma = NAN };
    if (first > today)
        return;
    ret->days = (int)((int64_t)today - first + 1);
    if (ret->days > DAYS_MAX)
        first = (int64_t)today - DAYS_MAX + 1;
    form_init(&walk.form);
    form_ewma_init(&walk.ewma);
    for (int64_t day = first; day <= today; day++) {
        struct day_total total;

        ledger_total(ledger, (int32_t)day, (int32_t)day, &total);
        step(&walk, &total, day > (int64_t)today - FORM_FITNESS_DAYS);
    }
    take_form(&walk, ret);
    if (ret->days >= MONOTONY_DAYS) {
        ret->monotony = monotony_of(walk.load);
        ret->strain = monotony_strain(walk.load);
    }
    if (ret->days >= FORM_CHRONIC_DAYS)
        take_ratios(&walk, ret);
}
