/* SPDX-License-Identifier: MIT */
#include "daemon/import/stamp.h"

#include <time.h>

void stamp_format(int64_t usec, const char *format, char *ret, size_t size)
{
    time_t seconds = (time_t)(usec / 1000000);
    struct tm tm;

    ret[0] = '\0';
    if (gmtime_r(&seconds, &tm))
        strftime(ret, size, format, &tm);
}
