/* SPDX-License-Identifier: MIT */
#pragma once
/* For tests of what starts a process: that is the program once more, by /proc/self/exe, which a kernel without
 * a handler for that architecture refuses. After <cmocka.h>. */
#include <stdlib.h>

static inline void skip_emulated(void)
{
    if (!getenv("MESON_EXE_WRAPPER"))
        return;
    print_message("skipped: below an emulator no program starts itself\n");
    skip();
}
