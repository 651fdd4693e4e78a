/* SPDX-License-Identifier: MIT */
#pragma once
/* A person's or the system's word to end, for what goes on for a while: it waits to be looked for, and breaks into
 * no call. */
#include <stdbool.h>

/* From now on; before what is to be ended in order begins. */
void interrupt_heed(void);
/* A second passes, or less if it was said. */
bool interrupt_is_told(void);
/* At once: which signal said it; 0: none did. */
int interrupt_pending(void);
