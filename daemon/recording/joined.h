/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The parts of a recording that are another's lines, put into it (J and M lines, lib/recording.h): which
 * of them are whole. Those that do not count were cut off while they were written, or came again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/recording.h"

struct joined {
    struct joined_part {
        char id[SESSION_ID_MAX]; /* whose lines they are */
        uint32_t from, to;       /* bytes in the text: its J line, and what stands behind it */
        uint32_t lines, sound;   /* how many there were to be, and how many can be read */
        bool counts;
    } * parts; /* owned; in the order of the text */
    size_t n;
};

/* -ENOMEM: nothing is owned. A text of 4 GiB at most. */
int joined_find(struct joined *ret, const char *text, size_t length, bool plain);
/* What stands, or stood, at that byte is of a part that does not count. */
bool joined_is_void(const struct joined *joined, uint32_t place);
/* Lines of that type another recording gives away: the rest is its own. */
bool joined_takes(enum record_type type);
void joined_done(struct joined *joined);
