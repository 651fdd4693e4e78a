/* SPDX-License-Identifier: MIT */
#include "activity_check.h"
#include "lib/activity/reader.h"

#define UNPACKED_MAX (1 << 20)

static void read_pieces(const struct activity_sink *sink, const uint8_t *bytes, size_t length,
                        size_t piece)
{
    static struct reader reader;
    bool more = true;

    reader_init(&reader, sink, NULL);
    reader.unpacked_max = UNPACKED_MAX;
    for (size_t at = 0; at < length && more; at += piece)
        more = reader_feed(&reader, bytes + at, length - at < piece ? length - at : piece);
    reader_end(&reader);
    require(!reader.packed ||
            reader.gunzip.out_bytes <= UNPACKED_MAX + sizeof(reader.gunzip.chunk));
    reader_done(&reader);
}

/* Any file as it may lie in a folder, gzip above all. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    check_file(read_pieces, bytes, length);
    return 0;
}
