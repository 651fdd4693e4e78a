/* SPDX-License-Identifier: MIT */
/*
 * The well-formed sequences of RFC 3629:
 *
 *   00..7F
 *   C2..DF  80..BF
 *   E0      A0..BF  80..BF            no overlong forms
 *   E1..EF  80..BF  80..BF            but ED 80..9F: no surrogates
 *   F0      90..BF  80..BF  80..BF
 *   F1..F3  80..BF  80..BF  80..BF
 *   F4      80..8F  80..BF  80..BF    nothing above U+10FFFF
 */
#include <stdint.h>
#include <string.h>
#include "lib/utf8.h"

static bool is_between(uint8_t byte, uint8_t lowest, uint8_t highest)
{
    return byte >= lowest && byte <= highest;
}

static bool second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xE0:
        return is_between(second, 0xA0, 0xBF);
    case 0xED:
        return is_between(second, 0x80, 0x9F);
    case 0xF0:
        return is_between(second, 0x90, 0xBF);
    case 0xF4:
        return is_between(second, 0x80, 0x8F);
    default:
        return is_between(second, 0x80, 0xBF);
    }
}

size_t utf8_character(const char *text, size_t n)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t length = p[0] < 0x80                    ? 1
                    : is_between(p[0], 0xC2, 0xDF) ? 2
                    : is_between(p[0], 0xE0, 0xEF) ? 3
                    : is_between(p[0], 0xF0, 0xF4) ? 4
                                                   : 0;

    if (length > n || (length > 1 && !second_fits(p[0], p[1])))
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!is_between(p[i], 0x80, 0xBF))
            return 0;
    return length;
}

bool utf8_is_valid(const char *text, size_t n)
{
    for (size_t at = 0, step; at < n; at += step) {
        step = utf8_character(text + at, n - at);
        if (step == 0)
            return false;
    }
    return true;
}

bool utf8_is_plain(const char *text, size_t n)
{
    uint8_t all = 0;

    for (size_t i = 0; i < n; i++) {
        if ((uint8_t)text[i] < 0x20 || text[i] == 0x7F)
            return false;
        all |= (uint8_t)text[i];
    }
    return all < 0x80 || utf8_is_valid(text, n); /* most are of ASCII: nothing more to look at */
}

void utf8_mend(char *text)
{
    for (char *at = text; *at;) {
        size_t step = utf8_character(at, strnlen(at, 4));

        if (step == 0 || (uint8_t)*at < 0x20 || *at == 0x7F)
            *at = '?';
        at += step ? step : 1;
    }
}
