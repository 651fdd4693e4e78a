/* SPDX-License-Identifier: MIT */
#pragma once
/* How stridectl ends, whatever it was asked to do. */
enum {
    EXIT_REFUSED = 1,     /* the daemon said no, and why; or something fails, of doctor */
    EXIT_USAGE = 2,       /* it was called in a way that means nothing */
    EXIT_UNREACHABLE = 3, /* nobody answers */
    EXIT_SIGNALLED = 128, /* and the number of the signal that ended an export or import */
};
