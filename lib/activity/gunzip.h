/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * gzip in, bytes out, never more of them than the limit: a few hundred bytes can say a thousand
 * million zeros. Several gzip members after each other are one file, as gzip itself has it.
 */
#include <zlib.h>
#include "lib/activity/activity.h"

struct gunzip {
    const struct activity_allocator *allocator; /* borrowed; NULL: libc's */
    z_stream stream;
    bool begun, over, between_members;
    uint64_t out_bytes, limit_bytes;
    uint8_t chunk[16384];
};

enum gunzip_result {
    GUNZIP_OK = 0,
    GUNZIP_OVER = 1,  /* nothing more is wanted */
    GUNZIP_E_CORRUPT, /* what was handed out until here is sound, as far as known */
    GUNZIP_E_LIMIT,
    GUNZIP_E_MEMORY,
};

/* Where the bytes go; false: enough. */
typedef bool gunzip_out(void *context, const uint8_t *bytes, size_t length);

void gunzip_init(struct gunzip *gunzip, uint64_t limit_bytes,
                 const struct activity_allocator *allocator);
enum gunzip_result gunzip_feed(struct gunzip *gunzip, const uint8_t *bytes, size_t length,
                               gunzip_out *out, void *context);
/* Whether it ended where a member ends. */
bool gunzip_is_whole(const struct gunzip *gunzip);
void gunzip_done(struct gunzip *gunzip);
