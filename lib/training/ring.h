/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The last notifications of all sensors: what a session needs of the time before it was known to be
 * one. At least two minutes, because that is how long a shared belt looks for its runner, whose packets
 * since then are recorded late; of a few sensors it is hours, so whoever reads says since when. Oldest
 * are overwritten.
 *
 * Packets lie packed one behind the other, so that what is kept is what was sent: half a hundred
 * bytes a second for a pod and a strap, and room for all sensors at several packets a second. The
 * room grows with the number of sensors; what was never written to costs no memory.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"
#include "lib/recording.h"

#define RING_BYTES_LEAST  ((size_t)384 * 1024) /* 120 s of two sensors at 50 Hz, 20 bytes each */
#define RING_BYTES_SENSOR ((size_t)16 * 1024)  /* 120 s at 4 Hz */
#define RING_BYTES_MAX    (RING_BYTES_LEAST + CONF_SENSORS_MAX * RING_BYTES_SENSOR)

#define RING_NO_SENSOR SIZE_MAX

struct ring_entry {
    uint64_t t_usec;
    size_t sensor;
    uint16_t uuid;
    uint8_t length;
    uint8_t bytes[RECORDING_BYTES_MAX];
};

struct ring {                /* all zero is an empty one, for no sensor */
    size_t size, head, used; /* bytes in use of `bytes`; head: where the next packet goes */
    uint8_t bytes[RING_BYTES_MAX];
};

/* Empties it and gives it room for so many sensors. */
void ring_reset(struct ring *ring, size_t n_sensors);
/* The sensors got other numbers: `there` has a new one for each of `n` old ones; RING_NO_SENSOR drops
 * the packets of one that is gone. Room for so many sensors from now on. */
void ring_renumber(struct ring *ring, const size_t *there, size_t n, size_t n_sensors);
void ring_push(struct ring *ring, const struct ring_entry *entry);
/* The next at or after since_usec, from the oldest on, into ret; *cursor starts at 0. false at the end. */
bool ring_next(const struct ring *ring, uint64_t since_usec, size_t *cursor,
               struct ring_entry *ret);
