/* SPDX-License-Identifier: MIT */
#pragma once
/* Whose is the belt, and the barometer: see tracker_shared.c. */
#include "lib/training/tracker_slot.h"

/* The sensor has a session of its own from since_usec on, and two minutes to find its runner. */
void tracker_shared_opened(struct tracker *tracker, size_t sensor, uint64_t since_usec);
/* A packet of any sensor was heard. */
void tracker_shared_spoke(struct tracker *tracker, size_t sensor, uint64_t now_usec);
void tracker_shared_tick(struct tracker *tracker, uint64_t now_usec);
void tracker_shared_closed(struct tracker *tracker, size_t slot);
