/* SPDX-License-Identifier: MIT */
#include "lib/training/ledger.h"

#include <string.h>

void ledger_init(struct ledger *ledger, struct outing *outings, size_t outings_max)
{
    *ledger = (struct ledger){ .outings = outings, .outings_max = outings_max };
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

const struct outing *ledger_find(const struct ledger *ledger, uint32_t key)
{
    for (size_t i = 0; i < ledger->n_outings; i++)
        if (ledger->outings[i].key == key)
            return &ledger->outings[i];
    return NULL;
}

/* ---- Days */

size_t ledger_read_day(const struct ledger *ledger, size_t i, struct day *ret)
{
    day_init(ret, ledger->outings[i].day);
    for (; i < ledger->n_outings && ledger->outings[i].day == ret->day; i++)
        day_add(ret, &ledger->outings[i]);
    return i;
}

bool ledger_day(const struct ledger *ledger, int32_t day, struct day *ret)
{
    size_t i = ledger_outing_from(ledger, day);

    if (i < ledger->n_outings && ledger->outings[i].day == day) {
        (void)ledger_read_day(ledger, i, ret);
        return true;
    }
    day_init(ret, day);
    return false;
}

void ledger_total(const struct ledger *ledger, int32_t from, int32_t to, struct day_total *ret)
{
    size_t i = ledger_outing_from(ledger, from);

    *ret = (struct day_total){ 0 };
    while (i < ledger->n_outings && ledger->outings[i].day <= to) {
        struct day day;

        i = ledger_read_day(ledger, i, &day);
        day_total_add(ret, &day);
    }
}

/* ---- Changing */

static void take_out(struct ledger *ledger, size_t i)
{
    ledger->n_outings--;
    memmove(&ledger->outings[i], &ledger->outings[i + 1],
            (ledger->n_outings - i) * sizeof(struct outing));
}

static void put_in(struct ledger *ledger, const struct outing *outing)
{
    size_t i = place_of(ledger, outing);

    memmove(&ledger->outings[i + 1], &ledger->outings[i],
            (ledger->n_outings - i) * sizeof(struct outing));
    ledger->outings[i] = *outing;
    ledger->n_outings++;
}

static int put(struct ledger *ledger, const struct outing *outing, const struct outing *old)
{
    struct outing copy = *outing; /* it may be one of our own */

    if (!old && ledger->n_outings == ledger->outings_max)
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
