/* SPDX-License-Identifier: MIT */
#pragma once
/* A session opens and closes. */
#include "lib/training/tracker_slot.h"

/* The slot of a new session that counts from begin_usec, the last half minute of its sensors
 * recorded first; TRACKER_NONE when all are taken. shared: the belt that opens it, or TRACKER_NONE. */
size_t tracker_open(struct tracker *tracker, uint64_t now_usec, size_t runner, size_t shared,
                    uint64_t begin_usec, const char *why);
void tracker_close(struct tracker *tracker, size_t slot, uint64_t t_usec, enum record_end how,
                   const char *why);
