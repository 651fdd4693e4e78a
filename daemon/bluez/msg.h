/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The bytes of D-Bus messages from org.bluez as plain structs, and back. The only file that walks
 * a{oa{sa{sv}}} and a{sv}. Whatever a message holds (other types than documented, unknown names,
 * endless strings) costs at most the property it is in: what cannot be read is left out.
 */
#include <systemd/sd-bus.h>
#include "daemon/bluez/property.h"

#define BLUEZ_PATH_MAX 128 /* bytes with the NUL; longer paths are not BlueZ's and are ignored */

typedef void (*bluez_msg_visit)(void *userdata, const char *path, enum bluez_interface interface,
                                const struct bluez_properties *properties);

int bluez_msg_read_objects(sd_bus_message *m, bluez_msg_visit visit, void *userdata);
int bluez_msg_read_added(sd_bus_message *m, bluez_msg_visit visit, void *userdata);
/* properties is NULL in the visits of this one */
int bluez_msg_read_removed(sd_bus_message *m, bluez_msg_visit visit, void *userdata);
int bluez_msg_read_changed(sd_bus_message *m, enum bluez_interface *ret_interface,
                           struct bluez_properties *ret);

/* {"Transport": "le", "UUIDs": [every service we know]} */
int bluez_msg_append_filter(sd_bus_message *m);
int bluez_msg_append_empty(sd_bus_message *m);
