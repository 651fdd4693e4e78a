/* SPDX-License-Identifier: MIT */
#pragma once
/* What Paho can't tell apart from 'nobody answers', found out before it is asked. */
#include <stddef.h>
#include "daemon/broker/paho/settings.h"

/* 0, or a PAHO_CODE_ with its text. Takes as long as the resolver likes: for the thread. */
int paho_ways_check(const struct paho_settings *settings, char *ret_text, size_t size);
