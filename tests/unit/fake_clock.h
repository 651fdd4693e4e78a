/* SPDX-License-Identifier: MIT */
#pragma once
/* daemon/clock.h for unit tests: time stands until a test moves it, and timers run in that call. Or it
 * goes on while the code under test is at work, as on a busy machine. */
#include "daemon/clock.h"

#define FAKE_WALL_USEC 1767225600000000LL /* 2026-01-01T00:00:00Z */

void fake_clock_advance(uint64_t usec);
void fake_clock_set_wall(int64_t usec);         /* and whoever watches is told */
void fake_clock_reboot(void);                   /* another boot; the wall clock goes on */
void fake_clock_make_looks_take(uint64_t usec); /* each look at the wall clock, from now on */
int fake_clock_armed(void); /* timers that are due some time: 0 means nobody would wake the loop */
