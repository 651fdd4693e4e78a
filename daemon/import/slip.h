/* SPDX-License-Identifier: MIT */
#pragma once
/* A small text that lies beside kept copies: lines, which are read as what somebody else wrote. On the worker. */
#include <stddef.h>
#include "lib/activity/activity.h"
#include "lib/payload.h"

#define SLIP_TEXT_MAX (ACTIVITY_PARTS_MAX * (SESSION_ID_MAX + 24))

struct slip { /* as it lies there */
    char text[SLIP_TEXT_MAX + 1];
    size_t length;
};

/* None is an empty one; of what cannot be read nobody knows what it says: -errno, -EFBIG. */
int slip_read(struct slip *ret, int folder_fd, const char *name);
/* What it says, for strsep: a NUL in it is no end of what follows. */
void slip_text(const struct slip *slip, char ret[SLIP_TEXT_MAX + 1]);
/* Behind those that nobody understands, too: somebody may. A line has its newline. -ENOSPC. */
int slip_add(struct slip *slip, const char *line);
/* All of it, synced, under that name; the folder's own sync is the caller's. It is `new_name` until then. -errno:
 * what was there before stays, and `new_name` perhaps too, which the next one replaces. */
int slip_write(const struct slip *slip, int folder_fd, const char *name, const char *new_name);
