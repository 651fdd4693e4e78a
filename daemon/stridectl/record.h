/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>

void stridectl_print_recording(const json_t *data);
/* Of a recording that goes on: shows how far it is until it ends; Ctrl-C, heeded before it began, ends it. The exit
 * status. */
int stridectl_follow_recording(void);
