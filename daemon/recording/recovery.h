/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The text of a recording, as records in order of time. Lines may stand out of order (two recordings
 * put into one), rotten lines are counted and left out; in the place of one that has a copy further on
 * stands that. Another's lines that do not count (joined.h) are none. A line is kept as text, and read when it is asked for: as records they would take ten
 * times the memory.
 */
#include "daemon/recording/joined.h"
#include "lib/recording.h"

struct recovered_line;
struct recovered {
    char *text; /* owned */
    size_t length;
    bool plain;
    struct recovered_line *lines; /* owned */
    size_t n;
    struct joined joined;
    size_t boots; /* whose times they are */
    size_t bad;   /* lines that were torn, rotten or not understood */
    size_t found; /* lines that only a copy tells of */
};

/* -ENOMEM or -EFBIG (4 GiB) only: whatever stands in the text, what is sound of it is given. The text
 * is taken from malloc, also on failure; it need not end in a NUL. */
int recovered_read(struct recovered *ret, char *text, size_t length);
/* The i-th, from 0 to n - 1. */
void recovered_get(const struct recovered *recovered, size_t i, struct record *ret);
char recovered_letter(const struct recovered *recovered, size_t i); /* it begins with */
/* What it says, without its sum, and where in the file it stands or stood. */
const char *recovered_said(const struct recovered *recovered, size_t i, size_t *ret_length,
                           uint32_t *ret_place);
void recovered_done(struct recovered *recovered);
