/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What bluetoothd, systemd and timedated say, as a fuzzer would have them say it: anything of any type
 * (0 added, 1 removed, 2 changed, 3 an answer, 4 an error, 5 who owns the name), and what works, so that
 * there is something to break (6 every answer as of bus_world.h, 7 an advert, 8 a link, 9 a notification).
 */
#include "lib/bytes.h"

#define BUS_EVENTS 10

void bus_event(size_t what, struct bytes *bytes); /* what: below BUS_EVENTS */
