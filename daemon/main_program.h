/* SPDX-License-Identifier: MIT */
#pragma once
/* strided as a program: its options, and how it ends. */
#include "daemon/program.h"

enum {
    MAIN_FAILED = 1,
    MAIN_USAGE = 2,
    MAIN_TAKEN =
        75, /* EX_TEMPFAIL: the unit tries until the other strided has ended, and takes over */
    MAIN_CONFIG = 78, /* EX_CONFIG: the unit does not start us again before somebody mended it */
};

extern const struct program main_program;
