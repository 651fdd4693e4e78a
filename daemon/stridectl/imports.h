/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>

/* While files wait to be read, a bar on the terminal says how far it is, until none waits, none comes through any
 * more, or Ctrl-C. *answer: what `imports` was answered; in the end the last that it was answered. Without a terminal
 * nothing is waited for. */
void imports_follow(json_t **answer);
/* `import` with these arguments, until the file is through; on a terminal with the seconds that takes. As ask(), or how
 * to end after a signal: the file goes on, which is said. *ret: NULL at first. */
int imports_ask(const json_t *arguments, json_t **ret);
