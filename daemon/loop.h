/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The loop of the process, and how long it was away from it: while one handler runs, nothing else is
 * heard. A handler that waits for a disk, a name or another program is a bug, and this is what shows
 * it; it is told in health.
 */
#include <stdint.h>
#include <systemd/sd-event.h>

/* As sd_event_loop(). */
int loop_run(sd_event *event);

/* The longest since the start that it took from one look at what is ready to the next, for one handler
 * and what is prepared behind it, on the machine's own clock, whatever time is simulated. 0: none ran. */
uint64_t loop_stall_usec(void);
