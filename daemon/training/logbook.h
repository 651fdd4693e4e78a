/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One runner's training log in memory: the ledger with arrays that grow, and which id is which
 * outing. Ten years of a run a day are 0.6 MB.
 */
#include "lib/conf.h"
#include "lib/training/ledger.h"

#define LOGBOOK_MAX 16384 /* outings, and days; more is not kept in mind */

struct logbook {
    char runner[CONF_ID_MAX];
    struct ledger ledger;
    uint64_t *ids; /* hashes; the outing's key is the place in here, from 1 on */
    size_t n_ids, ids_max;
    struct outing *aside; /* the same run is counted as another, and they may count again */
    size_t n_aside, aside_max;
};

void logbook_init(struct logbook *book, const char *runner);
void logbook_done(struct logbook *book);
/* outing->key is set by the id. 0, LEDGER_E_FULL, -ENOMEM; then nothing was changed. */
int logbook_put(struct logbook *book, const char *id, const struct outing *outing);
/* One whose id is known to be new: as logbook_put, without looking for it. */
int logbook_add(struct logbook *book, const char *id, const struct outing *outing);
/* One that is known and does not count. As logbook_put, and logbook_add. */
int logbook_put_aside(struct logbook *book, const char *id, const struct outing *outing);
int logbook_add_aside(struct logbook *book, const char *id, const struct outing *outing);
/* Whether one that is known counts. LEDGER_E_NONE: nothing has changed by it. */
int logbook_choose(struct logbook *book, const char *id, bool counts);
int logbook_remove(struct logbook *book, const char *id);       /* LEDGER_E_NONE: it is not in it */
bool logbook_knows(const struct logbook *book, const char *id); /* also what was removed */
/* Whether it came after the first n_known of them, and not the same hours from elsewhere before. */
bool logbook_is_new(const struct logbook *book, const char *id, const struct outing *outing,
                    size_t n_known);
/* The digest of the id of an outing in it. */
uint64_t logbook_id(const struct logbook *book, const struct outing *outing);
/* The latest by day and start; NULL: none. */
const struct outing *logbook_newest(const struct logbook *book);
