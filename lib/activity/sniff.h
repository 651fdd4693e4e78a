/* SPDX-License-Identifier: MIT */
#pragma once
/* What a file is, by its first bytes: names lie, and half of the exports have none. */
#include <stddef.h>
#include <stdint.h>

#define SNIFF_BYTES 12 /* enough to tell; fewer are right when the file has no more */

enum sniff_format {
    SNIFF_EMPTY,
    SNIFF_UNKNOWN,
    SNIFF_FIT,
    SNIFF_XML, /* GPX, TCX or neither: its first element tells */
    SNIFF_GZIP,
    SNIFF_ARCHIVE, /* zip, 7z, xz, bzip2: something a person has to unpack */
};

enum sniff_format sniff(const uint8_t *bytes, size_t length);
