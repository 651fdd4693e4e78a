/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include "activity_check.h"
#include "lib/activity/xml.h"

static void read_pieces(const struct activity_sink *sink, const uint8_t *bytes, size_t length,
                        size_t piece)
{
    static struct xml xml;
    bool more = true;

    xml_init(&xml, sink, NULL);
    for (size_t at = 0; at < length && more; at += piece)
        more = xml_feed(&xml, bytes + at, length - at < piece ? length - at : piece);
    xml_end(&xml);
    xml_done(&xml);
}

/* GPX, TCX or whatever it is, behind a byte that says in what pieces it comes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct activity_check check;
    struct activity_sink sink;

    if (length == 0)
        return 0;
    sink = check_begin(&check);
    read_pieces(&sink, bytes + 1, length - 1, (size_t)bytes[0] + 1);
    check_second(&check);
    read_pieces(&sink, bytes + 1, length - 1, length);
    check_end(&check);
    return 0;
}
