/* SPDX-License-Identifier: MIT */
#pragma once
/* Before there is a thread. */
void memory_keep_small(void);
/* What was freed goes back to the system: after a start, which needs more than what follows. */
void memory_give_back(void);
/* What the process holds, from /proc/self/status; NAN where it can't be read. */
void memory_read(double *ret_rss_bytes, double *ret_anon_bytes);
