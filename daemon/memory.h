/* SPDX-License-Identifier: MIT */
#pragma once
/* What the process holds, from /proc/self/status; NAN where it can't be read. */
void memory_read(double *ret_rss_bytes, double *ret_anon_bytes);
