/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The training log of one runner in memory: outings in order of day and start. Derived from the stored
 * sessions, never the only copy. A session that comes late, is discarded or given to another runner
 * changes the outings by one. A day is not kept: it is made of its outings, which lie side by side,
 * whenever it is asked for.
 *
 *   outings  | d1 08:00 | d1 18:30 | d4 07:10 | d4 12:00 | d9 ...      sorted, searched by halves
 *
 * The array is the caller's. An outing takes 64 bytes: ten years of a run a day are a quarter of a
 * megabyte.
 */
#include "lib/training/day.h"

#define LEDGER_E_FULL 1 /* no room; nothing was changed */
#define LEDGER_E_NONE 2 /* no outing of that key */

struct ledger {
    struct outing *outings; /* borrowed */
    size_t n_outings, outings_max;
};

void ledger_init(struct ledger *ledger, struct outing *outings, size_t outings_max);
/* Adds an outing, or puts it in the place of the one with its key, whatever day that lay on. */
int ledger_put(struct ledger *ledger, const struct outing *outing);
/* The same for a key that is known to be new: it is not looked for. */
int ledger_add(struct ledger *ledger, const struct outing *outing);
int ledger_remove(struct ledger *ledger, uint32_t key);

const struct outing *ledger_find(const struct ledger *ledger, uint32_t key); /* NULL: none */
/* Index of the first outing on or after a day; their number if there is none. */
size_t ledger_outing_from(const struct ledger *ledger, int32_t day);
/* The day that begins with the i-th outing, of which there must be one; the index behind its last. */
size_t ledger_read_day(const struct ledger *ledger, size_t i, struct day *ret);
/* False, and an empty day: nothing lies on it. */
bool ledger_day(const struct ledger *ledger, int32_t day, struct day *ret);
/* All days from..to, both included. */
void ledger_total(const struct ledger *ledger, int32_t from, int32_t to, struct day_total *ret);
