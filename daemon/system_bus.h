/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The connection to the system bus, which comes and goes: absent at early boot, gone when dbus is
 * restarted. DBUS_SYSTEM_BUS_ADDRESS is honoured. Tried again every few seconds for ever.
 */
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct system_bus;

/* Runs from the loop with the bus, or with NULL: it went (error 0), or there is none (-errno). Borrowed. */
typedef void (*system_bus_handler)(void *userdata, sd_bus *bus, int error);

int system_bus_new(struct system_bus **ret, sd_event *event, system_bus_handler handler,
                   void *userdata);
struct system_bus *system_bus_free(struct system_bus *system_bus);
