/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The socket below Paho, which has no call to close it without a DISCONNECT: that is the clean end of a
 * link, after which a broker does not send the will.
 */

/* Nothing more goes out or comes in over any link to this port; what was handed to the kernel still does.
 * Paho finds it broken, and closes it. */
void paho_wire_cut(int port);
