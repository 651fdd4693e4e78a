/* SPDX-License-Identifier: MIT */
/*
 * What a new configuration does not say any more is cleared.
 */
#include "daemon/broker/topics_private.h"

void topics_sweep_begin(struct topics *topics)
{
    for (size_t i = 0; i < topics->n_entries; i++)
        topics->entries[i]->swept = true;
}

void topics_sweep_spare(struct topics *topics, const struct topics *others)
{
    for (size_t i = 0; i < topics->n_entries; i++) {
        const struct entry *other = topics_find(others, topics->entries[i]->path);

        if (other && other->payload)
            topics->entries[i]->swept = false;
    }
}

void topics_sweep_end(struct topics *topics, uint64_t now_usec)
{
    for (size_t i = 0; i < topics->n_entries; i++)
        if (topics->entries[i]->swept) {
            topics->entries[i]->swept = false;
            topics_clear_entry(topics->entries[i]);
        }
    topics_send_due(topics, now_usec);
}
