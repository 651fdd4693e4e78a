/* SPDX-License-Identifier: MIT */
#pragma once
/* From here on this process can read and write what it has open, take memory, and end. Nothing else. */

/* 0 or -errno; there is no way back. */
int cage_close(void);
