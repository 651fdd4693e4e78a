/* SPDX-License-Identifier: MIT */
#include "lib/training/ring.h"

#include <string.h>

void ring_push(struct ring *ring, uint64_t t_usec, size_t sensor, uint16_t uuid,
               const uint8_t *bytes, size_t length)
{
    struct ring_entry *entry = &ring->entry[ring->next];

    if (length > RECORDING_BYTES_MAX)
        length = RECORDING_BYTES_MAX;
    entry->t_usec = t_usec;
    entry->sensor = sensor;
    entry->uuid = uuid;
    entry->length = (uint8_t)length;
    memcpy(entry->bytes, bytes, length);
    ring->next = (ring->next + 1) % RING_SIZE;
    if (ring->used < RING_SIZE)
        ring->used++;
}

const struct ring_entry *ring_next(const struct ring *ring, uint64_t since_usec, size_t *cursor)
{
    size_t oldest = (ring->next + RING_SIZE - ring->used) % RING_SIZE;

    while (*cursor < ring->used) {
        const struct ring_entry *entry = &ring->entry[(oldest + (*cursor)++) % RING_SIZE];

        if (entry->t_usec >= since_usec)
            return entry;
    }
    return NULL;
}
