/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The last resort of a stop. Each part that is let go has a deadline of its own on the loop, but a
 * loop that is itself held up (a disk or a bus that does not answer, a lock in a library at exit)
 * keeps none of them. So one alarm of the kernel runs over all of it, to the very end of the process:
 * it says what did not end, and ends it. The time is real also where the clock is simulated.
 */
#include <stdbool.h>

/* From the first call on there are limit_s seconds left. */
void stop_limit_begin(unsigned limit_s);
/* What is done from here on, for the log. durable: all that must not be lost is on the disk, so that
 * being cut off here is an end in order: status 0, else 1. `step` must live on. */
void stop_limit_step(const char *step, bool durable);
