/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include "lib/gatt/decode.h"

const char *decode_result_name(enum decode_result result)
{
    static const char *const names[DECODE_N] = { "ok", "truncated", "short", "out_of_range",
                                                 "unknown" };
    return (unsigned)result < DECODE_N ? names[result] : NULL;
}
