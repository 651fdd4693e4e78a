/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * bluetoothd as a service of this machine: what systemd says of it, and the one deliberate start. Both
 * are asked of others than bluetoothd, and work while there is none.
 */
#include "daemon/bluez/bluez.h"

/* -ENODEV: there is no bus. The handler does not run when the bus goes or bluetoothd comes first. */
int bluez_ask_service(struct bluez *bluez, bluez_call_handler handler);
/* Of the reply: in systemd's words, borrowed from its message. */
int bluez_read_service(sd_bus_message *m, const char **ret_load, const char **ret_active);
/* By the bus's own activation, which needs no right and leaves a disabled bluetoothd alone. */
int bluez_start_service(struct bluez *bluez, bluez_call_handler handler);
