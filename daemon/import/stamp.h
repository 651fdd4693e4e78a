/* SPDX-License-Identifier: MIT */
#pragma once
/* A moment in words, in UTC. */
#include <stddef.h>
#include <stdint.h>

/* As strftime has it; "" for a time that no calendar has. */
void stamp_format(int64_t usec, const char *format, char *ret, size_t size);
