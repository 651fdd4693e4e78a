/* SPDX-License-Identifier: MIT */
#pragma once
/* The two things Paho can't tell apart from 'nobody answers', found out before it is asked. */
#include <stddef.h>
#include "daemon/broker/paho/paho.h"

/* 0, or a PAHO_CODE_ with its text. Takes as long as the resolver likes: for the thread. */
int paho_ways_check(const char *host, const char *ca_file, char *ret_text, size_t size);
