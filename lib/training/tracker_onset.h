/* SPDX-License-Identifier: MIT */
#pragma once
/* A session begins by itself. */
#include "lib/training/tracker_slot.h"

/* Whether the sample tells of movement or of effort. */
void tracker_onset_see(struct tracker *tracker, size_t sensor, const struct sample *sample);
/* Whoever was told to stop and stood still since may be seen to begin again: the sensor and its runner. */
void tracker_onset_stilled(struct tracker *tracker, size_t sensor, uint64_t now_usec);
/* Opens a session when what was seen of the sensor, or of its runner, went on for long enough. */
void tracker_onset_start(struct tracker *tracker, size_t sensor, uint64_t now_usec);
