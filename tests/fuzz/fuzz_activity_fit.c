/* SPDX-License-Identifier: MIT */
#include "activity_check.h"
#include "lib/activity/fit.h"

static void read_pieces(const struct activity_sink *sink, const uint8_t *bytes, size_t length,
                        size_t piece)
{
    static struct fit fit;
    bool more = true;

    fit_init(&fit, sink);
    for (size_t at = 0; at < length && more; at += piece)
        more = fit_feed(&fit, bytes + at, length - at < piece ? length - at : piece);
    fit_end(&fit);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    check_file(read_pieces, bytes, length);
    return 0;
}
