/* SPDX-License-Identifier: MIT */
/*
 *  0        8      10     12       13
 *  | t_usec | sensor | uuid | length | bytes ...      native order: nobody but us reads it
 */
#include "lib/training/ring.h"

#include <string.h>

#define HEADER 13

static size_t room_for(size_t n_sensors)
{
    if (n_sensors > CONF_SENSORS_MAX)
        n_sensors = CONF_SENSORS_MAX;
    return RING_BYTES_LEAST + n_sensors * RING_BYTES_SENSOR;
}

void ring_reset(struct ring *ring, size_t n_sensors)
{
    ring->size = room_for(n_sensors);
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

/* ---- renumbering ------------------------------------------------------------------------------ */

static void reverse(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint8_t byte = bytes[i];

        bytes[i] = bytes[n - 1 - i];
        bytes[n - 1 - i] = byte;
    }
}

/* Brings the oldest to the front, where a ring of any size may begin. One that does not go round its
 * end is only moved, so that what was never written to stays untouched. */
static void straighten(struct ring *ring)
{
    size_t oldest = place(ring, 0);

    if (oldest + ring->used <= ring->size) {
        memmove(ring->bytes, ring->bytes + oldest, ring->used);
    } else { /* turned by three reversals */
        reverse(ring->bytes, oldest);
        reverse(ring->bytes + oldest, ring->size - oldest);
        reverse(ring->bytes, ring->size);
    }
    ring->head = ring->used % ring->size;
}

static void resize(struct ring *ring, size_t size)
{
    if (!ring->used)
        ring->head = 0;
    while (ring->used > size)
        ring->used -= size_of_oldest(ring);
    if (ring->used)
        straighten(ring);
    ring->size = size;
    ring->head = ring->used % size;
}

/* Each packet is taken off the old end and put on the new one, once around. */
void ring_renumber(struct ring *ring, const size_t *there, size_t n, size_t n_sensors)
{
    size_t left = ring->used, cursor;
    struct ring_entry entry;

    while (left > 0) {
        cursor = 0;
        ring_next(ring, 0, &cursor, &entry);
        ring->used -= cursor;
        left -= cursor;
        entry.sensor = entry.sensor < n ? there[entry.sensor] : RING_NO_SENSOR;
        if (entry.sensor != RING_NO_SENSOR)
            ring_push(ring, &entry);
    }
    if (ring->size != room_for(n_sensors))
        resize(ring, room_for(n_sensors));
}
