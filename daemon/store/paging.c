/* SPDX-License-Identifier: MIT */
/* A page that is asked for while the loop runs: as lookup.c does it, in line with the changes. */
#include <errno.h>
#include <stdlib.h>

#include "daemon/store/private.h"

struct paging { /* the worker's until it is answered */
    struct store *store;
    struct paging *next;
    struct store_page_question question;
    struct page_rows rows;
    struct store_page page;
    store_paged answer;
    void *userdata;
};

/* ---- on the worker ------------------------------------------------------------------------- */

/* What failed is tried again from the beginning. */
static int apply(struct db *db, const void *rows)
{
    struct paging *paging = *(struct paging *const *)rows;
    int rc;

    page_rows_free(&paging->rows);
    paging->page = (struct store_page){ 0 };
    rc = page_read(db, &paging->question, &paging->rows, &paging->page);
    db->let_go = true; /* nobody reads these pages again soon */
    return rc;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void unlink_and_free(struct paging *paging)
{
    struct paging **at = &paging->store->pagings;

    while (*at != paging)
        at = &(*at)->next;
    *at = paging->next;
    page_rows_free(&paging->rows);
    free(paging);
}

static void on_committed(void *userdata, int result)
{
    struct paging *paging = userdata;

    paging->answer(paging->userdata, result, result == 0 ? &paging->page : NULL);
    unlink_and_free(paging);
}

static int post(struct store *store, struct paging *paging)
{
    struct paging **row = malloc(sizeof(struct paging *));
    struct put *put = NULL;
    int r;

    if (!row)
        return -ENOMEM;
    *row = paging;
    r = put_new(&put, apply, row, free, sizeof(*paging));
    if (r < 0)
        return r;
    put->committed = on_committed;
    put->userdata = paging;
    return queue_try(&store->queue, put); /* it may be asked again: nothing is lost */
}

int store_read_page(struct store *store, const struct store_page_question *question,
                    store_paged paged, void *userdata)
{
    struct paging *paging = calloc(1, sizeof(*paging));
    int r;

    if (!paging)
        return -ENOMEM;
    *paging = (struct paging){ .store = store,
                               .next = store->pagings,
                               .question = *question,
                               .answer = paged,
                               .userdata = userdata };
    store->pagings = paging;
    r = post(store, paging);
    if (r < 0)
        unlink_and_free(paging);
    return r;
}

void store_free_pagings(struct store *store)
{
    while (store->pagings)
        unlink_and_free(store->pagings);
}
