/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files of a session share. From the bottom:
 *
 *   session         its time, its course and its state
 *   session_sample  what a sensor said goes into the sums
 *   session_record  what is recorded comes in
 */
#include "lib/training/session.h"

uint64_t session_on_axis(const struct session *session, uint64_t t_usec);
/* The latest fact is of this time or a later one. */
void session_advance(struct session *session, uint64_t axis_usec);
/* session_last_activity on the axis. */
uint64_t session_last_active(const struct session *session);
/* sensor: its number in the recording. */
void session_hear(struct session *session, const struct sample *sample, int sensor,
                  uint64_t axis_usec);
