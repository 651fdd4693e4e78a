/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The training log of one runner in memory: outings in order of day and start, and the day each of
 * them belongs to. Derived from the stored sessions, never the only copy. A session that comes
 * late, is discarded or given to another runner changes the outings by one and makes the day it
 * lies on again; no other day is read or written.
 *
 *   outings  | d1 08:00 | d1 18:30 | d4 07:10 | d4 12:00 | d9 ...      sorted, searched by halves
 *   days     | d1                  | d4                  | d9 ...      sorted, none is empty
 *
 * The arrays are the caller's. A day takes 128 bytes and an outing 64, which is what keeps ten
 * years under one megabyte.
 */
#include "lib/training/day.h"

#define LEDGER_E_FULL 1 /* no room; nothing was changed */
#define LEDGER_E_NONE 2 /* no outing of that key */

struct ledger {
    struct outing *outings; /* borrowed, as are days */
    size_t n_outings, outings_max;
    struct day *days;
    size_t n_days, days_max;
};

void ledger_init(struct ledger *ledger, struct outing *outings, size_t outings_max,
                 struct day *days, size_t days_max);
/* Adds an outing, or puts it in the place of the one with its key, whatever day that lay on. */
int ledger_put(struct ledger *ledger, const struct outing *outing);
/* The same for a key that is known to be new: it is not looked for. */
int ledger_add(struct ledger *ledger, const struct outing *outing);
int ledger_remove(struct ledger *ledger, uint32_t key);

const struct outing *ledger_find(const struct ledger *ledger, uint32_t key); /* NULL: none */
const struct day *ledger_day(const struct ledger *ledger, int32_t day);      /* NULL: empty day */
/* Index of the first outing, of the first day, on or after a day; their number if there is none. */
size_t ledger_outing_from(const struct ledger *ledger, int32_t day);
size_t ledger_day_from(const struct ledger *ledger, int32_t day);
/* All days from..to, both included. */
void ledger_total(const struct ledger *ledger, int32_t from, int32_t to, struct day_total *ret);
