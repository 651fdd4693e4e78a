/* SPDX-License-Identifier: MIT */
#pragma once
/* A struct with all it points at behind it, in one piece of memory: one malloc(), one free(). */
#include <stddef.h>
#include <string.h>

/* Copies to *at and moves that on; each text has a NUL of its own. */
static inline void *packed_append(char **at, const void *bytes, size_t length)
{
    char *start = *at;

    if (length)
        memcpy(start, bytes, length);
    start[length] = '\0';
    *at += length + 1;
    return start;
}
