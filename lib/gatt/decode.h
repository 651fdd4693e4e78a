/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What came of decoding one characteristic value. Real sensors set flags for fields they do not
 * send, append bytes nobody defined, and cut packets at the MTU; a packet is dropped only when a
 * field that must be there is cut. Callers count per result and publish the counts.
 */
#include <stdbool.h>

enum decode_result {
    DECODE_OK,        /* all that was promised is there */
    DECODE_TRUNCATED, /* usable: an optional field was promised and cut; the ones before it hold */
    DECODE_SHORT,     /* dropped: a mandatory field is cut; outputs are untouched */
    DECODE_OUT_OF_RANGE, /* dropped: a value that cannot be */
    DECODE_UNKNOWN,      /* not something we read: another characteristic, an unknown op code */
    DECODE_N             /* how many there are */
};

/* "ok", "truncated", "short", "out_of_range", "unknown"; NULL past the end. */
const char *decode_result_name(enum decode_result result);

/* The output was written and may be used. */
static inline bool decode_is_usable(enum decode_result result)
{
    return result == DECODE_OK || result == DECODE_TRUNCATED;
}
