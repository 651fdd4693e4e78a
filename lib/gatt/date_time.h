/* SPDX-License-Identifier: MIT */
#pragma once
/* Date Time, as other characteristics carry it: 7 bytes, UTC or local as the carrier says. */
#include <stdbool.h>
#include <stdint.h>
#include "lib/bytes.h"

struct date_time {
    uint16_t year; /* 0 = not known; so of month and day */
    uint8_t month, day;
    uint8_t hour, minute, second;
};

/* False, and nothing is changed, when the packet ends inside it. */
bool date_time_pull(struct bytes *bytes, struct date_time *ret);
/* It names a day and a time of the calendar: nothing in it is unknown or impossible. */
bool date_time_is_whole(const struct date_time *when);
