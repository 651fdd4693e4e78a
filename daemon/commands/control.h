/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The D-Bus door: org.strided1 on the system bus, object /org/strided1, one method a verb of the
 * command table ("status" is Status), each taking the arguments as a JSON object and answering JSON.
 * Who may call is the bus's policy (systemd/org.strided1.conf). No right to own the name is no
 * fault: it is said once, and MQTT still works.
 */
#include <systemd/sd-bus.h>
#include "daemon/commands/commands.h"

#define CONTROL_NAME      "org.strided1"
#define CONTROL_PATH      "/org/strided1"
#define CONTROL_INTERFACE "org.strided1.Gateway"

struct control;
int control_new(struct control **ret, struct commands *commands);
struct control *control_free(struct control *control);
/* The system bus came or went (NULL); takes a reference. */
int control_set_bus(struct control *control, sd_bus *bus);
