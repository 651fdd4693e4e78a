/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The database looked at from outside, also while a strided has it open: nothing is changed by it, not
 * even the files that SQLite keeps beside it.
 */
#include <stdint.h>

enum inspect_result {
    INSPECT_SOUND,
    INSPECT_DAMAGED,    /* text: how SQLite sees it */
    INSPECT_NEWER,      /* written by a strided with a version that we do not know */
    INSPECT_NONE,       /* there is none */
    INSPECT_UNREADABLE, /* text: why */
    INSPECT_UNFINISHED, /* the time was over, and nothing wrong so far */
};

struct store_inspection {
    enum inspect_result result;
    char path[4096];
    int version, newest_version; /* of its tables; that we know */
    int64_t sessions, events;    /* rows; of a sound one */
    char text[160];
};

/* Blocks until the deadline, by clock_machine_usec(), at most. */
void store_inspect(const char *state_dir, uint64_t deadline_usec, struct store_inspection *ret);
