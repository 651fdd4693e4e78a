/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * `stridectl watch`: asks once a second and draws what is so (watch_screen.h), until q or Ctrl-C. The
 * terminal is left as it was found, whatever ends it. What is not answered is not shown any longer.
 */
#include <stdbool.h>

/* runner: NULL for all of them. as_json: no screen, but the answer to `status` on a line, each
 * second. How the program ends; a signal other than Ctrl-C ends it by that signal. */
int watch(const char *runner, bool as_json);
