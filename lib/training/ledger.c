/* SPDX-License-Identifier: MIT */
#include "lib/training/ledger.h"

#include <string.h>

void ledger_init(struct ledger *ledger, struct outing *outings, size_t outings_max,
                 struct day *days, size_t days_max)
{
    *ledger = (struct ledger){
        .outings = outings, .outings_max = outings_max, .days = days, .days_max = days_max
    };
}

/* ---- Finding */

static int compare(const struct outing *a, const struct outing *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->start_s != b->start_s)
        return a->start_s < b->start_s ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* Where it stands or would stand. */
static size_t place_of(const struct ledger *ledger, const struct outing *outing)
{
    size_t low = 0, high = ledger->n_outings;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&ledger->outings[middle], outing) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t ledger_outing_from(const struct ledger *ledger, int32_t day)
{
    return place_of(ledger, &(struct outing){ .day = day, .start_s = INT64_MIN });
}

size_t ledger_day_from(const struct ledger *ledger, int32_t day)
{
    size_t low = 0, high = ledger->n_days;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ledger->days[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct day *ledger_day(const struct ledger *ledger, int32_t day)
{
    size_t i = ledger_day_from(ledger, day);

    return i < ledger->n_days && ledger->days[i].day == day ? &ledger->days[i] : NULL;
}

const struct outing *ledger_find(const struct ledger *ledger, uint32_t key)
{
    for (size_t i = 0; i < ledger->n_outings; i++)
        if (ledger->outings[i].key == key)
            return &ledger->outings[i];
    return NULL;
}

void ledger_total(const struct ledger *ledger, int32_t from, int32_t to, struct day_total *ret)
{
    *ret = (struct day_total){ 0 };
    for (size_t i = ledger_day_from(ledger, from); i < ledger->n_days && ledger->days[i].day <= to;
         i++)
        day_total_add(ret, &ledger->days[i]);
}

/* ---- Changing */

static void insert_day(struct ledger *ledger, size_t i, int32_t day)
{
    memmove(&ledger->days[i + 1], &ledger->days[i], (ledger->n_days - i) * sizeof(struct day));
    ledger->n_days++;
    day_init(&ledger->days[i], day);
}

static void drop_day(struct ledger *ledger, size_t i)
{
    ledger->n_days--;
    memmove(&ledger->days[i], &ledger->days[i + 1], (ledger->n_days - i) * sizeof(struct day));
}

/* Makes a day again from its outings; there is room for it. */
static void make_day(struct ledger *ledger, int32_t number)
{
    size_t from = ledger_outing_from(ledger, number), i = ledger_day_from(ledger, number);
    bool there = i < ledger->n_days && ledger->days[i].day == number;
    bool wanted = from < ledger->n_outings && ledger->outings[from].day == number;

    if (there && !wanted)
        drop_day(ledger, i);
    if (!wanted)
        return;
    if (!there)
        insert_day(ledger, i, number);
    day_init(&ledger->days[i], number);
    for (; from < ledger->n_outings && ledger->outings[from].day == number; from++)
        day_add(&ledger->days[i], &ledger->outings[from]);
}

static void take_out(struct ledger *ledger, size_t i)
{
    int32_t day = ledger->outings[i].day;

    ledger->n_outings--;
    memmove(&ledger->outings[i], &ledger->outings[i + 1],
            (ledger->n_outings - i) * sizeof(struct outing));
    make_day(ledger, day);
}

static void put_in(struct ledger *ledger, const struct outing *outing)
{
    size_t i = place_of(ledger, outing);

    memmove(&ledger->outings[i + 1], &ledger->outings[i],
            (ledger->n_outings - i) * sizeof(struct outing));
    ledger->outings[i] = *outing;
    ledger->n_outings++;
    make_day(ledger, outing->day);
}

static int put(struct ledger *ledger, const struct outing *outing, const struct outing *old)
{
    struct outing copy = *outing; /* it may be one of our own */

    if (!old && ledger->n_outings == ledger->outings_max)
        return LEDGER_E_FULL;
    /* An old one that was alone on its day would leave room; not worth a rule of its own. */
    if (!ledger_day(ledger, outing->day) && ledger->n_days == ledger->days_max)
        return LEDGER_E_FULL;
    if (old)
        take_out(ledger, (size_t)(old - ledger->outings));
    put_in(ledger, &copy);
    return 0;
}

int ledger_put(struct ledger *ledger, const struct outing *outing)
{
    return put(ledger, outing, ledger_find(ledger, outing->key));
}

int ledger_add(struct ledger *ledger, const struct outing *outing)
{
    return put(ledger, outing, NULL);
}

int ledger_remove(struct ledger *ledger, uint32_t key)
{
    const struct outing *old = ledger_find(ledger, key);

    if (!old)
        return LEDGER_E_NONE;
    take_out(ledger, (size_t)(old - ledger->outings));
    return 0;
}
