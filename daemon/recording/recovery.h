/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The text of a recording, as records in order of time. Lines may stand out of order (two recordings
 * put into one), rotten lines are counted and left out.
 */
#include "lib/recording.h"

struct recovered {
    struct record *records; /* owned */
    size_t n;
    size_t boots; /* whose times they are */
    size_t bad;   /* lines that were torn, rotten or not understood */
};

/* -ENOMEM only: whatever stands in the text, what is sound of it is given. */
int recovered_read(struct recovered *ret, const char *text, size_t length);
void recovered_done(struct recovered *recovered);
