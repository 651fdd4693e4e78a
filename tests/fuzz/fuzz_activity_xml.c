/* SPDX-License-Identifier: MIT */
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

/* GPX, TCX or whatever it is. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    check_file(read_pieces, bytes, length);
    return 0;
}
