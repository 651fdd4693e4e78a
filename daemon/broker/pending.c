/* SPDX-License-Identifier: MIT */
#include "daemon/broker/pending.h"

#include <assert.h>
#include <string.h>

void pending_add(struct pending *pending, uint64_t id, const struct mqtt_publish *message,
                 size_t size, uint64_t now_usec)
{
    assert(!pending_is_full(pending, false));
    pending->items[pending->n++] =
        (struct pending_item){ .id = id,
                               .cookie = message->cookie,
                               .since_usec = now_usec,
                               .size = size,
                               .acknowledged = size > 0 && message->qos > 0 };
}

/* Answers mostly come in order: the first one is looked at first. */
bool pending_take(struct pending *pending, uint64_t id, struct pending_item *ret)
{
    for (size_t i = 0; i < pending->n; i++) {
        if (pending->items[i].id != id)
            continue;
        *ret = pending->items[i];
        pending->passed = i == 0 ? 0 : pending->passed + pending->items[i].acknowledged;
        pending->n--;
        memmove(&pending->items[i], &pending->items[i + 1],
                (pending->n - i) * sizeof(pending->items[0]));
        return true;
    }
    return false;
}

size_t pending_largest(const struct pending *pending, uint64_t *ret_since_usec)
{
    size_t largest = 0;

    for (size_t i = 0; i < pending->n; i++)
        if (pending->items[i].acknowledged && pending->items[i].size > largest) {
            largest = pending->items[i].size;
            *ret_since_usec = pending->items[i].since_usec;
        }
    return largest;
}
