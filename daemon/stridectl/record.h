/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>

void stridectl_print_recording(const json_t *data);
/* Ctrl-C waits from now on until the next one looks for it. */
void stridectl_heed_interrupt(void);
/* Of a recording that goes on: shows how far it is until it ends; Ctrl-C ends it. The exit status. */
int stridectl_follow_recording(void);
