/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The last notifications of all sensors: what a session needs of the time before it was known to be
 * one. Oldest are overwritten.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/recording.h"

#define RING_SIZE 3072 /* 30 s of two sensors at 50 Hz; of the usual three at 1 Hz a quarter hour */

struct ring_entry {
    uint64_t t_usec;
    size_t sensor;
    uint16_t uuid;
    uint8_t length;
    uint8_t bytes[RECORDING_BYTES_MAX];
};

struct ring {
    struct ring_entry entry[RING_SIZE];
    size_t next, used;
};

void ring_push(struct ring *ring, uint64_t t_usec, size_t sensor, uint16_t uuid,
               const uint8_t *bytes, size_t length);
/* Walks from the oldest at or after since_usec; *cursor starts at 0. NULL at the end. */
const struct ring_entry *ring_next(const struct ring *ring, uint64_t since_usec, size_t *cursor);
