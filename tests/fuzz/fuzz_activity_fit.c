/* SPDX-License-Identifier: MIT */
#include <stdint.h>
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

/* A FIT file behind a byte that says in what pieces it comes; twice, and in other pieces then. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct activity_check check;
    struct activity_sink sink;
    uint64_t n_samples;

    if (length == 0)
        return 0;
    sink = check_begin(&check);
    read_pieces(&sink, bytes + 1, length - 1, (size_t)bytes[0] + 1);
    n_samples = check.outline.n_samples;
    check_second(&check);
    read_pieces(&sink, bytes + 1, length - 1, length);
    check_end(&check);
    require(check.outline.n_samples == n_samples);
    return 0;
}
