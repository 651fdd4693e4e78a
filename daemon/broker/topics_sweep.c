/* SPDX-License-Identifier: MIT */
/*
 * What is over is cleared: what a new configuration does not say any more (until it is clear what that is, topics.c
 * announces no path), and what an earlier one left.
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
    topics->sweeping = false;
    for (size_t i = 0; i < topics->entries.n; i++)
        if (topics->entries.items[i]->swept) {
            topics->entries.items[i]->swept = false;
            entry_clear(topics->entries.items[i]);
        }
    topics_send_due(topics, now_usec);
}

static int add_cleared(struct topics *topics, const char *path, uint64_t now_usec)
{
    enum rank rank = topics_own_has_path(&topics->own, path) ? RANK_PATH : RANK_STATE;
    struct entry *entry = topics_entries_add(&topics->entries, path, rank, 1);
    if (!entry)
        return -ENOMEM;
    entry->dirty = true;
    topics_send_due(topics, now_usec);
    return 0;
}

/* Only what was retained, and says something: our own clearing does not come back as more work. */
bool topics_on_retained(struct topics *topics, const struct mqtt_message *message,
                        uint64_t now_usec)
{
    if (!message->retained || message->length == 0 ||
        !topics_own_has(&topics->own, message->topic) ||
        (topics->mute && !topics_own_has_path(&topics->own, message->topic)) ||
        topics_entries_find(&topics->entries, message->topic))
        return false;
    return add_cleared(topics, message->topic, now_usec) == 0;
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
    return topics_entries_find(&topics->entries, path) ? 0 : add_cleared(topics, path, now_usec);
}
