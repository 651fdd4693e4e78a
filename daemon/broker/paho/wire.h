/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The socket below Paho, which has no call to close it without a DISCONNECT: that is the clean end of a
 * link, after which a broker of MQTT 3.1.1 does not send the will.
 */
#include <stdbool.h>

/* Nothing more goes out or comes in over any link to this port; what was handed to the kernel still does.
 * Paho finds it broken, and closes it. False: none was found. */
bool paho_wire_cut(int port);

/* With this file in a program no write on a link over the network fails there: see wire.c. */
