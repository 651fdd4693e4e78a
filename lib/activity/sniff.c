/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>
#include "lib/activity/sniff.h"

static bool starts(const uint8_t *bytes, size_t length, const char *mark, size_t n)
{
    return length >= n && memcmp(bytes, mark, n) == 0;
}

static bool is_archive(const uint8_t *bytes, size_t length)
{
    return starts(bytes, length, "PK\3\4", 4) || starts(bytes, length, "PK\5\6", 4) ||
           starts(bytes, length, "7z\xbc\xaf", 4) ||
           starts(bytes, length,
                  "\xfd"
                  "7zXZ",
                  5) ||
           starts(bytes, length, "BZh", 3) || starts(bytes, length, "\x28\xb5\x2f\xfd", 4);
}

/* Blanks and the mark of an encoding may stand before the first "<", which in UTF-16 has a NUL on
 * one side. Of a file that begins with many blanks nothing else is known. */
static bool is_xml(const uint8_t *bytes, size_t length)
{
    size_t i = starts(bytes, length, "\xef\xbb\xbf", 3) ? 3 : 0;

    if (starts(bytes, length, "\xff\xfe", 2) || starts(bytes, length, "\xfe\xff", 2))
        i = 2;
    while (i < length && memchr(" \t\r\n", bytes[i], 4))
        i++;
    if (i == length)
        return length >= SNIFF_BYTES;
    return bytes[i] == '<' || (bytes[i] == '\0' && i + 1 < length && bytes[i + 1] == '<');
}

enum sniff_format sniff(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return SNIFF_EMPTY;
    if (starts(bytes, length, "\x1f\x8b", 2))
        return SNIFF_GZIP;
    if (length >= SNIFF_BYTES && memcmp(bytes + 8, ".FIT", 4) == 0)
        return SNIFF_FIT;
    if (is_archive(bytes, length))
        return SNIFF_ARCHIVE;
    return is_xml(bytes, length) ? SNIFF_XML : SNIFF_UNKNOWN;
}
