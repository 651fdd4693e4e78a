/* SPDX-License-Identifier: MIT */
#include "lib/base64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const uint8_t *bytes, size_t length, char *ret)
{
    for (size_t i = 0; i < length; i += 3) {
        size_t n = length - i < 3 ? length - i : 3;
        uint32_t three = (uint32_t)bytes[i] << 16 | (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (n > 2 ? bytes[i + 2] : 0);

        *ret++ = letters[three >> 18];
        *ret++ = letters[three >> 12 & 63];
        *ret++ = n > 1 ? letters[three >> 6 & 63] : '=';
        *ret++ = n > 2 ? letters[three & 63] : '=';
    }
    *ret = '\0';
}

static bool value_of(char letter, uint32_t *ret)
{
    const char *at = letter ? strchr(letters, letter) : NULL;

    if (at)
        *ret = (uint32_t)(at - letters);
    return at;
}

/* Four letters, the last two of which may be padding where they are the last four; how many bytes they
 * are, 0: they are none. */
static size_t decode_four(const char *four, bool last, uint32_t *ret)
{
    size_t n = last && four[3] == '=' ? four[2] == '=' ? 1 : 2 : 3;
    uint32_t value;

    *ret = 0;
    for (size_t i = 0; i <= n; i++) {
        if (!value_of(four[i], &value))
            return 0;
        *ret |= value << (18 - 6 * i);
    }
    /* bits that no encoder leaves behind the last byte */
    return *ret & ((UINT32_C(1) << (24 - 8 * n)) - 1) ? 0 : n;
}

bool base64_decode(const char *text, uint8_t *ret, size_t *ret_length)
{
    size_t length = strlen(text), n_bytes = 0;

    if (length % 4 != 0)
        return false;
    for (size_t i = 0; i < length; i += 4) {
        uint32_t three;
        size_t n = decode_four(text + i, i + 4 == length, &three);

        if (n == 0)
            return false;
        for (size_t k = 0; k < n; k++)
            ret[n_bytes++] = (uint8_t)(three >> (16 - 8 * k));
    }
    *ret_length = n_bytes;
    return true;
}
