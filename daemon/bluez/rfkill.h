/* SPDX-License-Identifier: MIT */
#pragma once
/* Why an adapter is off: bluetoothd of Debian 12 does not say when rfkill is the reason. */
#include <stdbool.h>

/* dir: /sys/class/rfkill. False also when it cannot be read. */
bool rfkill_blocks_bluetooth(const char *dir);
