/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What `stridectl record` wrote: packets of sensors, whether somebody ran or not. The tracker finds the
 * sessions in it again, as it did live.
 */
#include "daemon/recording/recovery.h"
#include "daemon/replay/print.h"

/* It is of no one session: there is no line that says since when one counts. */
bool watch_is_meant(const struct recovered *recovered);
/* The number of sessions that were found, or -ENOMEM. */
int watch_play(struct print *print, const struct recovered *recovered, uint64_t every_usec);
