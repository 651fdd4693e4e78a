/* SPDX-License-Identifier: MIT */
#include "daemon/broker/pending.h"

#include <assert.h>
#include <string.h>

void pending_add(struct pending *pending, uint64_t id, const struct mqtt_publish *message,
                 uint64_t now_usec)
{
    assert(!pending_is_full(pending, false));
    pending->items[pending->n].since_usec = now_usec;
    pending->items[pending->n].acknowledged = message->qos > 0;
    pending->items[pending->n].id = id;
    pending->items[pending->n++].cookie = message->cookie;
}

/* Answers mostly come in order: the first one is looked at first. */
bool pending_take(struct pending *pending, uint64_t id, uint64_t *ret_cookie)
{
    for (size_t i = 0; i < pending->n; i++) {
        if (pending->items[i].id != id)
            continue;
        *ret_cookie = pending->items[i].cookie;
        pending->passed = i == 0 ? 0 : pending->passed + pending->items[i].acknowledged;
        pending->n--;
        memmove(&pending->items[i], &pending->items[i + 1],
                (pending->n - i) * sizeof(pending->items[0]));
        return true;
    }
    return false;
}
