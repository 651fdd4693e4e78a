/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Three sensors as a bluetoothd shows them that works: a pod, a strap and a treadmill, each with three
 * characteristics, the first of which notifies.
 */
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* As GetManagedObjects answers. b0, b2, b4: which of them there are; b1, b3, b5: which are linked;
 * b7: the adapter is off. */
void bus_world_append(sd_bus_message *m, uint8_t flags);
/* A property of one of them; sent. */
void bus_world_change(unsigned device, const char *property, const char *type, int value);
/* A notification; an `ay` is to be appended in between. The end sends it. */
sd_bus_message *bus_world_begin_value(unsigned device, bool second);
void bus_world_end_value(sd_bus_message *m);
