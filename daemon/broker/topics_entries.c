/* SPDX-License-Identifier: MIT */
/*
 * Order matters after a connect: discovery first, because Home Assistant subscribes to what it
 * announces; `status` last, because "online" says that everything else is now true (but a device that waits
 * until another is gone is announced after it). The entries stand in that order, and QoS 1 messages of one link
 * arrive in the order they were sent.
 */
#include "daemon/broker/topics_entries.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- one ---------------------------------------------------------------------------------------------- */

static void entry_free(struct entry *entry)
{
    if (!entry)
        return;
    free(entry->path);
    free(entry->payload);
    free(entry);
}

bool entry_says(const struct entry *entry, const void *payload, size_t length)
{
    return entry->payload && entry->length == length &&
           memcmp(entry->payload, payload, length) == 0;
}

void entry_take(struct entry *entry, void *payload, size_t length)
{
    free(entry->payload);
    entry->payload = payload;
    entry->length = length;
    entry->dirty = true;
    entry->refusals = 0;
}

void entry_clear(struct entry *entry)
{
    if (entry->payload)
        entry_take(entry, NULL, 0);
}

/* ---- all ---------------------------------------------------------------------------------------------- */

struct entry *topics_entries_find(const struct topics_entries *entries, const char *path)
{
    for (size_t i = 0; i < entries->n; i++)
        if (strcmp(entries->items[i]->path, path) == 0)
            return entries->items[i];
    return NULL;
}

struct entry *topics_entries_of_cookie(const struct topics_entries *entries, uint64_t cookie)
{
    for (size_t i = 0; i < entries->n && cookie; i++)
        if (entries->items[i]->cookie == cookie)
            return entries->items[i];
    return NULL;
}

static int make_room(struct topics_entries *entries)
{
    if (entries->n < entries->n_allocated)
        return 0;
    size_t n = entries->n_allocated ? 2 * entries->n_allocated : 32;
    struct entry **items = realloc(entries->items, n * sizeof(*items));
    if (!items)
        return -ENOMEM;
    entries->items = items;
    entries->n_allocated = n;
    return 0;
}

struct entry *topics_entries_add(struct topics_entries *entries, const char *path, enum rank rank,
                                 int qos)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    size_t at = entries->n;
    if (!entry || !(entry->path = strdup(path)) || make_room(entries) < 0) {
        entry_free(entry);
        return NULL;
    }
    entry->rank = rank;
    entry->qos = qos;
    for (; at > 0 && entries->items[at - 1]->rank > rank; at--)
        entries->items[at] = entries->items[at - 1];
    entries->items[at] = entry;
    entries->n++;
    return entry;
}

void topics_entries_forget(struct topics_entries *entries, struct entry *entry)
{
    size_t at = 0;
    while (entries->items[at] != entry)
        at++;
    entries->n--;
    memmove(&entries->items[at], &entries->items[at + 1],
            (entries->n - at) * sizeof(struct entry *));
    entry_free(entry);
}

void topics_entries_done(struct topics_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++)
        entry_free(entries->items[i]);
    free(entries->items);
}
