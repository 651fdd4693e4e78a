/* SPDX-License-Identifier: MIT */
#pragma once
/* JSON on stdout, for --json of each verb. On a terminal nothing of it is obeyed: what is not ASCII is written as an
 * escape of JSON, which is the same text to who reads it. */
#include <jansson.h>
#include <stdbool.h>

/* one_line: in one, else in as many as it has parts. */
void json_text_print(const json_t *value, bool one_line);
