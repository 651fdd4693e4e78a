/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Which retained topics are ours, whoever published them: those of the table below our root that have
 * a subject that may be gone, and those of a filter whose path begins with a prefix given along.
 */
#include <stdbool.h>
#include <stddef.h>

struct topics_own {
    char **filters; /* NULL-terminated; the first ones of the table, then those of topics_own_add */
    char **prefixes;
    size_t n_filters, n_prefixes;
};

/* < 0: to be freed all the same */
int topics_own_init(struct topics_own *own, const char *root, const char *gateway);
void topics_own_done(struct topics_own *own);
int topics_own_add(struct topics_own *own, const char *filter, const char *prefix);
/* The filters of topics_own_add, NULL-terminated */
const char *const *topics_own_path_filters(const struct topics_own *own);
/* Some filter of ours reads it, whosever it is. */
bool topics_own_is_read(const struct topics_own *own, const char *path);
bool topics_own_has(const struct topics_own *own, const char *path);
/* The same of topics_own_add alone: whoever has our name, it is ours. */
bool topics_own_has_path(const struct topics_own *own, const char *path);
