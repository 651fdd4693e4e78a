/* SPDX-License-Identifier: MIT */
/*
 * What a new configuration does not say any more is cleared.
 *
 * A device of Home Assistant's that has another path from now on has the same names: the new one is announced when
 * the old one is gone there, which takes it a moment, or its entities would get other ids.
 */
#include "daemon/broker/topics_private.h"
#include <errno.h>

void topics_sweep_begin(struct topics *topics)
{
    topics->sweeping = true;
    for (size_t i = 0; i < topics->entries.n; i++)
        topics->entries.items[i]->swept = true;
}

void topics_sweep_spare(struct topics *topics, const struct topics *others)
{
    for (size_t i = 0; i < topics->entries.n; i++) {
        const struct entry *other =
            topics_entries_find(&others->entries, topics->entries.items[i]->path);

        if (other && other->payload)
            topics->entries.items[i]->swept = false;
    }
}

void topics_sweep_end(struct topics *topics, uint64_t now_usec)
{
    bool any = false;

    topics->sweeping = false;
    for (size_t i = 0; i < topics->entries.n; i++) {
        struct entry *entry = topics->entries.items[i];

        if (!entry->swept)
            continue;
        any = any || (entry->rank == RANK_PATH && entry->payload);
        entry->swept = false;
        entry_clear(entry);
    }
    for (size_t i = 0; i < topics->entries.n; i++) {
        struct entry *entry = topics->entries.items[i];

        if (entry->held && any)
            entry->wait_until_usec = now_usec + TOPICS_PATH_REST_USEC;
        entry->held = false;
    }
    topics_send_due(topics, now_usec);
}

const char *topics_next_uncleared(const struct topics *topics, size_t *state)
{
    while (*state < topics->entries.n) {
        const struct entry *entry = topics->entries.items[(*state)++];

        if (!entry->payload)
            return entry->path;
    }
    return NULL;
}

int topics_inherit(struct topics *topics, const char *path, uint64_t now_usec)
{
    if (topics_entries_find(&topics->entries, path))
        return 0;
    struct entry *entry = topics_entries_add(&topics->entries, path, RANK_STATE, 1);
    if (!entry)
        return -ENOMEM;
    entry->dirty = true;
    topics_send_due(topics, now_usec);
    return 0;
}
