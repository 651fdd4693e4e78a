/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The publishes of one link that were handed over and not answered yet, in that order. Bounded: who
 * would add one more waits for an answer. A cookie of 0 is of nobody who wants to hear of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/broker/mqtt.h"

struct pending_item {
    uint64_t id;
    uint64_t cookie;
    uint64_t since_usec;
    size_t size;       /* bytes of the packet; 0: none was sent */
    bool acknowledged; /* the broker answers, not the socket */
};

struct pending {
    struct pending_item items[MQTT_PENDING_MAX];
    size_t n;
    unsigned passed; /* later ones that the broker acknowledged before the first */
};

/* Of what yields, fewer may be on their way. */
static inline bool pending_is_full(const struct pending *pending, bool yields)
{
    return pending->n >= (yields ? MQTT_YIELDING_MAX : MQTT_PENDING_MAX);
}
/* Not when it is full. size: bytes of the packet, 0: none was sent; now_usec: monotonic */
void pending_add(struct pending *pending, uint64_t id, const struct mqtt_publish *message,
                 size_t size, uint64_t now_usec);
/* An answer came. False: to none of these. */
bool pending_take(struct pending *pending, uint64_t id, struct pending_item *ret);
/* Bytes of the largest packet that the broker is to answer, and since when; 0: none. */
size_t pending_largest(const struct pending *pending, uint64_t *ret_since_usec);
