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

struct pending {
    struct {
        uint64_t id;
        uint64_t cookie;
    } items[MQTT_PENDING_MAX];
    size_t n;
};

/* Of what yields, fewer may be on their way. */
static inline bool pending_is_full(const struct pending *pending, bool yields)
{
    return pending->n >= (yields ? MQTT_YIELDING_MAX : MQTT_PENDING_MAX);
}
void pending_add(struct pending *pending, uint64_t id, uint64_t cookie); /* not when it is full */
/* An answer came. False: to none of these. */
bool pending_take(struct pending *pending, uint64_t id, uint64_t *ret_cookie);
