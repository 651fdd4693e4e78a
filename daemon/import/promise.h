/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The answer of a file that somebody asked for and was told of that it takes longer: they ask the same again for it,
 * when the file may be through, and gone. It is kept for them for a while, and told once.
 */
#include <jansson.h>
#include "daemon/import/asked.h"

#define PROMISE_USEC UINT64_C(120000000)

struct promise { /* all 0: of nothing */
    char folder[CONF_TEXT_MAX], runner[CONF_ID_MAX], name[FOLDER_NAME_MAX];
    json_t *data; /* NULL: there is no answer to be had */
    uint64_t until_usec;
};

/* What is asked for from now on; what was kept of another, or of this before, is forgotten. */
void promise_begin(struct promise *promise, const struct asked_where *where);
/* The answer of what was asked for last; data is taken over. */
void promise_keep(struct promise *promise, json_t *data, uint64_t now_usec);
/* A new reference, once; NULL: none is kept of that file, or it was too long ago. */
json_t *promise_take(struct promise *promise, const struct asked_where *where, uint64_t now_usec);
void promise_done(struct promise *promise);
