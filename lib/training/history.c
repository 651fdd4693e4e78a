/* SPDX-License-Identifier: MIT */
#include "lib/training/history.h"

#include <stdio.h>
#include "lib/civil.h"

#define WEEK_DAYS 7

/* ---- some days -------------------------------------------------------------------------------- */

struct told { /* a figure, of so many outings that could tell it, by those that did */
    uint64_t sum;
    unsigned could, did;
};

static void add(struct told *told, uint32_t value, bool has)
{
    told->could++;
    told->did += has;
    told->sum += has ? value : 0;
}

static double figure(const struct told *told, double units)
{
    return told->could > 0 && told->did == 0 ? NAN : (double)told->sum / units;
}

struct sums {
    unsigned kinds[OUTING_KINDS];
    uint32_t longest_mm;
    struct told distance, moving, drop, downhill, ascent, walked, walked_moving, walked_drop, load;
};

static void add_way(struct sums *sums, const struct outing *outing)
{
    add(&sums->drop, outing->drop_mm, outing->altitude_mm > 0);
    add(&sums->downhill, outing->downhill_mm, outing->has & OUTING_DOWNHILL);
    add(&sums->ascent, outing->ascent_mm, outing->has & OUTING_ASCENT);
}

static void add_run(struct sums *sums, const struct outing *outing)
{
    add(&sums->distance, outing->distance_mm, outing->has & OUTING_DISTANCE);
    add(&sums->moving, outing->moving_ms, outing->has & OUTING_MOVING);
    if (outing->distance_mm > sums->longest_mm)
        sums->longest_mm = outing->distance_mm;
    add_way(sums, outing);
}

static void add_walk(struct sums *sums, const struct outing *outing)
{
    add(&sums->walked, outing->distance_mm, outing->has & OUTING_DISTANCE);
    add(&sums->walked_moving, outing->moving_ms, outing->has & OUTING_MOVING);
    add(&sums->walked_drop, outing->drop_mm, outing->altitude_mm > 0);
    add_way(sums, outing);
}

static void add_outing(struct sums *sums, const struct outing *outing)
{
    sums->kinds[outing->kind < OUTING_KINDS ? outing->kind : OUTING_OTHER]++;
    if (outing->kind == OUTING_RUN)
        add_run(sums, outing);
    else if (outing->kind == OUTING_WALK)
        add_walk(sums, outing);
    add(&sums->load, outing->load_centi, outing->has & OUTING_LOAD);
}

static void take(const struct sums *sums, struct history *ret)
{
    *ret = (struct history){
        .runs = sums->kinds[OUTING_RUN],
        .walks = sums->kinds[OUTING_WALK],
        .others = sums->kinds[OUTING_OTHER],
        .distance_m = figure(&sums->distance, 1000),
        .moving_s = figure(&sums->moving, 1000),
        .longest_run_m = sums->longest_mm ? sums->longest_mm / 1000.0 : NAN,
        .drop_m = figure(&sums->drop, 1000),
        .downhill_m = figure(&sums->downhill, 1000),
        .ascent_m = figure(&sums->ascent, 1000),
        .walked_m = figure(&sums->walked, 1000),
        .walked_s = figure(&sums->walked_moving, 1000),
        .walked_drop_m = figure(&sums->walked_drop, 1000),
        .load = figure(&sums->load, 100),
    };
}

void history_of_days(const struct ledger *ledger, int32_t from, int32_t to, struct history *ret)
{
    struct sums sums = { 0 };

    for (size_t i = ledger_outing_from(ledger, from);
         i < ledger->n_outings && ledger->outings[i].day <= to; i++)
        add_outing(&sums, &ledger->outings[i]);
    take(&sums, ret);
}

/* ---- weeks ------------------------------------------------------------------------------------ */

/* Day 0 was a Thursday. */
int32_t history_week_start(int32_t day)
{
    int32_t since_monday = (day % WEEK_DAYS + WEEK_DAYS + 3) % WEEK_DAYS;

    return day - since_monday;
}

/* A week is of the year that its Thursday is in. */
void history_week_label(int32_t start, char ret[static HISTORY_LABEL_MAX])
{
    int64_t thursday = (int64_t)start + 3;
    int year, month, day;

    civil_from_days(thursday, &year, &month, &day);
    snprintf(ret, HISTORY_LABEL_MAX, "%04d-W%02d", year % 10000,
             (int)((thursday - civil_to_days(year, 1, 1)) / WEEK_DAYS) % 100 + 1);
}

size_t history_weeks(const struct ledger *ledger, int32_t today, size_t most,
                     struct history_week *ret)
{
    int32_t last = history_week_start(today), first;
    size_t n;

    if (most == 0 || ledger->n_outings == 0 || ledger->outings[0].day > today)
        return 0;
    first = history_week_start(ledger->outings[0].day);
    n = (size_t)((last - first) / WEEK_DAYS) + 1;
    if (n > most)
        n = most;
    for (size_t i = 0; i < n; i++) {
        int32_t start = last - (int32_t)(n - 1 - i) * WEEK_DAYS;
        int32_t end = i + 1 == n ? today : start + WEEK_DAYS - 1; /* nothing that is to come */

        ret[i].start = start;
        history_of_days(ledger, start, end, &ret[i].figures);
    }
    return n;
}
