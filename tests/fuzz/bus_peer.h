/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A bus whose other end is ours, in the same process and without a thread: what is sent goes through
 * libsystemd and a socket pair, as from the real bus. The bus's own part (who is there, matches) is
 * answered at once; every other call waits until it is answered here, or for ever.
 */
#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

#define BUS_PEER_OWNER ":1.7" /* of org.bluez */

sd_bus *bus_peer_client(void); /* for the code under test; the same until the end of the process */
void bus_peer_run(void);       /* until neither end has anything to do */
/* The oldest but `skip` of the calls that wait, taken out; NULL: none waits. To be unref'd. */
sd_bus_message *bus_peer_call(size_t skip);
void bus_peer_forget_calls(void);
/* Message of `sender`, or of BUS_PEER_OWNER; taken. */
void bus_peer_send(sd_bus_message *m, const char *sender);
sd_bus_message *bus_peer_signal(const char *path, const char *interface, const char *member);
