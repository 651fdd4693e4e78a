/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The lines of a recording that stand nowhere whole any more but in a copy (lib/recording.h): which they
 * are, and where they stood.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/recording/joined.h"

struct missing {
    struct missing_line {
        uint32_t place;    /* where it stood */
        uint32_t at, said; /* where the copy says it, and how much */
    } * lines;             /* owned; by place */
    size_t n;
};

/* -ENOMEM: nothing is owned. A text of 4 GiB at most. What is of a part that does not count is no line
 * that stands, and is not missed. */
int missing_find(struct missing *ret, const char *text, size_t length, bool plain,
                 const struct joined *joined);
void missing_done(struct missing *missing);
