/* SPDX-License-Identifier: MIT */
#include "daemon/training/logbook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/digest.h"

void logbook_init(struct logbook *book, const char *runner)
{
    *book = (struct logbook){ 0 };
    snprintf(book->runner, sizeof(book->runner), "%s", runner);
    ledger_init(&book->ledger, NULL, 0);
}

void logbook_done(struct logbook *book)
{
    free(book->ledger.outings);
    free(book->ids);
    free(book->aside);
    *book = (struct logbook){ 0 };
}

/* By a quarter, not to twice: the log of ten years is to stay below half a megabyte. */
static int make_room(void **array, size_t n, size_t *max, size_t size)
{
    size_t more = *max + *max / 4 + 64;
    void *grown;

    if (n < *max)
        return 0;
    if (n >= LOGBOOK_MAX)
        return LEDGER_E_FULL;
    grown = reallocarray(*array, more < LOGBOOK_MAX ? more : LOGBOOK_MAX, size);
    if (!grown)
        return -ENOMEM;
    *array = grown;
    *max = more < LOGBOOK_MAX ? more : LOGBOOK_MAX;
    return 0;
}

static int make_room_for_one(struct logbook *book)
{
    struct ledger *ledger = &book->ledger;
    int r = make_room((void **)&ledger->outings, ledger->n_outings, &ledger->outings_max,
                      sizeof(*ledger->outings));

    if (r == 0)
        r = make_room((void **)&book->ids, book->n_ids, &book->ids_max, sizeof(*book->ids));
    return r;
}

/* The place of an id, or where the next one goes. */
static size_t find(const struct logbook *book, uint64_t hash)
{
    size_t i = 0;

    while (i < book->n_ids && book->ids[i] != hash)
        i++;
    return i;
}

static void forget_aside(struct logbook *book, size_t place)
{
    for (size_t i = 0; i < book->n_aside; i++)
        if (book->aside[i].key == (uint32_t)place + 1) {
            book->aside[i] = book->aside[--book->n_aside];
            return;
        }
}

static int add(struct logbook *book, uint64_t hash, const struct outing *outing)
{
    struct outing keyed = *outing;
    int r = make_room_for_one(book);

    if (r != 0)
        return r;
    keyed.key = (uint32_t)book->n_ids + 1;
    r = ledger_add(&book->ledger, &keyed);
    if (r == 0)
        book->ids[book->n_ids++] = hash;
    return r;
}

int logbook_put(struct logbook *book, const char *id, const struct outing *outing)
{
    struct outing keyed = *outing;
    uint64_t hash = digest_text(id);
    size_t place = find(book, hash);
    int r;

    if (place == book->n_ids)
        return add(book, hash, outing);
    r = make_room_for_one(book); /* it may go to a day that there is not yet, or come back */
    keyed.key = (uint32_t)place + 1;
    if (r == 0)
        r = ledger_put(&book->ledger, &keyed);
    if (r == 0)
        forget_aside(book, place);
    return r;
}

int logbook_put_aside(struct logbook *book, const char *id, const struct outing *outing)
{
    struct outing keyed = *outing;
    uint64_t hash = digest_text(id);
    size_t place = find(book, hash);
    int r = make_room((void **)&book->aside, book->n_aside, &book->aside_max, sizeof(*book->aside));

    if (r == 0)
        r = make_room((void **)&book->ids, book->n_ids, &book->ids_max, sizeof(*book->ids));
    if (r != 0)
        return r;
    if (place == book->n_ids)
        book->ids[book->n_ids++] = hash;
    forget_aside(book, place);
    keyed.key = (uint32_t)place + 1;
    book->aside[book->n_aside++] = keyed;
    (void)ledger_remove(&book->ledger, keyed.key); /* if it counted */
    return 0;
}

int logbook_choose(struct logbook *book, const char *id, bool counts)
{
    size_t place = find(book, digest_text(id));
    const struct outing *counted;

    if (!counts) {
        counted = ledger_find(&book->ledger, (uint32_t)place + 1);
        return counted ? logbook_put_aside(book, id, counted) : LEDGER_E_NONE;
    }
    for (size_t i = 0; i < book->n_aside; i++)
        if (book->aside[i].key == (uint32_t)place + 1)
            return logbook_put(book, id, &book->aside[i]);
    return LEDGER_E_NONE;
}

int logbook_add_aside(struct logbook *book, const char *id, const struct outing *outing)
{
    struct outing keyed = *outing;
    int r = make_room((void **)&book->aside, book->n_aside, &book->aside_max, sizeof(*book->aside));

    if (r == 0)
        r = make_room((void **)&book->ids, book->n_ids, &book->ids_max, sizeof(*book->ids));
    if (r != 0)
        return r;
    book->ids[book->n_ids++] = digest_text(id);
    keyed.key = (uint32_t)book->n_ids;
    book->aside[book->n_aside++] = keyed;
    return 0;
}

int logbook_add(struct logbook *book, const char *id, const struct outing *outing)
{
    return add(book, digest_text(id), outing);
}

/* The place of the id stays its own: it may come back. */
int logbook_remove(struct logbook *book, const char *id)
{
    size_t place = find(book, digest_text(id));

    forget_aside(book, place);
    return place == book->n_ids ? LEDGER_E_NONE : ledger_remove(&book->ledger, (uint32_t)place + 1);
}

bool logbook_knows(const struct logbook *book, const char *id)
{
    return find(book, digest_text(id)) < book->n_ids;
}

bool logbook_is_new(const struct logbook *book, const char *id, const struct outing *outing,
                    size_t n_known)
{
    for (size_t i = 0; i < book->n_aside; i++)
        if (book->aside[i].key <= n_known && book->aside[i].start_s < outing_end_s(outing) &&
            outing_end_s(&book->aside[i]) > outing->start_s)
            return false;
    return find(book, digest_text(id)) >= n_known;
}

uint64_t logbook_id(const struct logbook *book, const struct outing *outing)
{
    return book->ids[outing->key - 1];
}

const struct outing *logbook_newest(const struct logbook *book)
{
    size_t n = book->ledger.n_outings;

    return n ? &book->ledger.outings[n - 1] : NULL;
}
