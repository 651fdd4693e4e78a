/* SPDX-License-Identifier: MIT */
/*
 *  0        8      10     12       13
 *  | t_usec | sensor | uuid | length | bytes ...      native order: nobody but us reads it
 */
#include "lib/training/ring.h"

#include <string.h>

#define HEADER 13

void ring_reset(struct ring *ring, size_t n_sensors)
{
    if (n_sensors > CONF_SENSORS_MAX)
        n_sensors = CONF_SENSORS_MAX;
    ring->size = RING_BYTES_LEAST + n_sensors * RING_BYTES_SENSOR;
    ring->head = ring->used = 0;
}

/* Both go round the end. */
static void write_at(struct ring *ring, size_t at, const void *from, size_t n)
{
    size_t first = n < ring->size - at ? n : ring->size - at;

    memcpy(ring->bytes + at, from, first);
    memcpy(ring->bytes, (const uint8_t *)from + first, n - first);
}

static void read_at(const struct ring *ring, size_t at, void *to, size_t n)
{
    size_t first = n < ring->size - at ? n : ring->size - at;

    memcpy(to, ring->bytes + at, first);
    memcpy((uint8_t *)to + first, ring->bytes, n - first);
}

static size_t place(const struct ring *ring, size_t from_oldest)
{
    return (ring->head + ring->size - ring->used + from_oldest) % ring->size;
}

static size_t size_of_oldest(const struct ring *ring)
{
    uint8_t length;

    read_at(ring, place(ring, HEADER - 1), &length, 1);
    return HEADER + (size_t)length;
}

void ring_push(struct ring *ring, const struct ring_entry *entry)
{
    uint8_t header[HEADER];
    uint16_t sensor = (uint16_t)entry->sensor;
    size_t n = HEADER + (size_t)entry->length;

    if (!ring->size)
        return;
    while (ring->used + n > ring->size)
        ring->used -= size_of_oldest(ring);
    memcpy(header, &entry->t_usec, 8);
    memcpy(header + 8, &sensor, 2);
    memcpy(header + 10, &entry->uuid, 2);
    header[12] = entry->length;
    write_at(ring, ring->head, header, HEADER);
    write_at(ring, (ring->head + HEADER) % ring->size, entry->bytes, entry->length);
    ring->head = (ring->head + n) % ring->size;
    ring->used += n;
}

static size_t read_entry(const struct ring *ring, size_t from_oldest, struct ring_entry *ret)
{
    uint8_t header[HEADER];
    uint16_t sensor;

    read_at(ring, place(ring, from_oldest), header, HEADER);
    memcpy(&ret->t_usec, header, 8);
    memcpy(&sensor, header + 8, 2);
    ret->sensor = sensor;
    memcpy(&ret->uuid, header + 10, 2);
    ret->length = header[12];
    read_at(ring, place(ring, from_oldest + HEADER), ret->bytes, ret->length);
    return HEADER + (size_t)ret->length;
}

bool ring_next(const struct ring *ring, uint64_t since_usec, size_t *cursor, struct ring_entry *ret)
{
    while (*cursor < ring->used) {
        *cursor += read_entry(ring, *cursor, ret);
        if (ret->t_usec >= since_usec)
            return true;
    }
    return false;
}
