/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Many short names, one after another in one text. Names that were allocated singly while the store is
 * read would keep the pages between them for ever.
 *
 *   text  | \0 | anna \0 | 20270310T080000Z-anna \0 | 20270310T080000Z-file \0 | ...
 *          0: the first that is added, "" by custom
 */
#include <stddef.h>
#include <stdint.h>

struct names { /* of all 0 there is none in it */
    char *text;
    size_t n, room; /* bytes */
};

/* 0, -ENOMEM. Where it stands holds until the end; the text itself moves with the next one. */
int names_add(struct names *names, const char *name, uint32_t *ret);
const char *names_at(const struct names *names, uint32_t at);
void names_done(struct names *names);
