/* SPDX-License-Identifier: MIT */
#pragma once
/* Any bytes through the reader, in pieces of a size, kept as facts. */
#include "fit_bytes.h"
#include "lib/activity/reader.h"

static struct kept kept;

static inline void read_pieces(const void *bytes, size_t length, size_t piece,
                               const struct activity_allocator *allocator)
{
    static struct reader reader;
    struct activity_sink sink = { keep, &kept };

    kept.n = 0;
    reader_init(&reader, &sink, allocator);
    for (size_t at = 0; at < length; at += piece) {
        size_t n = length - at < piece ? length - at : piece;
        uint8_t *copy = exact_copy((const uint8_t *)bytes + at, n);
        bool more = reader_feed(&reader, copy, n);
        free(copy);
        if (!more)
            break;
    }
    reader_end(&reader);
    reader_done(&reader);
}

/* As one piece and byte by byte: as many facts either way. */
static inline void read_bytes(const void *bytes, size_t length)
{
    int n;

    read_pieces(bytes, length, 1, NULL);
    n = kept.n;
    read_pieces(bytes, length, length ? length : 1, NULL);
    assert_int_equal(kept.n, n);
}

static inline void read_text(const char *text)
{
    read_bytes(text, strlen(text));
}
