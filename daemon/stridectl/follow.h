/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>

/* Asks the daemon, and again for as long as it says `under_way`: that it goes on, and the same again waits on.
 * From the second second on the terminal has `what` with the seconds it takes. As ask(), or how to end after
 * a signal, where interrupt_heed() was called before. *ret: NULL at first. */
int follow(const char *verb, const json_t *arguments, const char *what, json_t **ret);
