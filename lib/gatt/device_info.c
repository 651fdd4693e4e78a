/* SPDX-License-Identifier: MIT */
/*
 *  0                                      length
 * +--------------------------------------+
 * | UTF-8, no terminator; some pad with 00 |
 * +--------------------------------------+
 *
 * A device's name can be written by anyone near it (a Polar H7 was found named 0x01), and its model
 * string goes into the journal, a terminal and a browser: so only whole, printable characters pass.
 */
#include <string.h>
#include "lib/bytes.h"
#include "lib/gatt/device_info.h"

/* How many bytes the lead byte announces (0: not a lead byte), and the bits it carries itself. */
static size_t lead_of(uint8_t byte, uint32_t *ret_bits)
{
    if (byte < 0x80) {
        *ret_bits = byte;
        return 1;
    }
    if (byte >= 0xC2 && byte <= 0xDF) {
        *ret_bits = byte & 0x1F;
        return 2;
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        *ret_bits = byte & 0x0F;
        return 3;
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        *ret_bits = byte & 0x07;
        return 4;
    }
    return 0;
}

/* RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF. */
static bool is_scalar(uint32_t code, size_t width)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    return code >= least[width] && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

/* Advances past one character and returns its width; past one byte and 0 if it is not UTF-8. */
static size_t pull_character(struct bytes *bytes, uint32_t *ret_code)
{
    uint32_t code = 0;
    size_t width = lead_of(bytes->at[0], &code);
    bool valid = width > 0 && width <= bytes->left;

    for (size_t i = 1; valid && i < width; i++) {
        valid = (bytes->at[i] & 0xC0) == 0x80;
        code = code << 6 | (bytes->at[i] & 0x3F);
    }
    valid = valid && is_scalar(code, width);
    pull_skip(bytes, valid ? width : 1);
    *ret_code = code;
    return valid ? width : 0;
}

static bool is_printable(uint32_t code)
{
    return !(code < 0x20 || (code >= 0x7F && code <= 0x9F) ||        /* C0, DEL, C1 */
             (code >= 0x200B && code <= 0x200F) ||                   /* zero width, marks */
             (code >= 0x2028 && code <= 0x202E) ||                   /* separators, overrides */
             (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || /* invisible */
             (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF)); /* no characters */
}

static struct bytes trimmed(const uint8_t *at, size_t length)
{
    const uint8_t *end = length > 0 ? memchr(at, 0, length) : NULL;
    struct bytes text = bytes_of(at, end ? (size_t)(end - at) : length);

    while (text.left > 0 && text.at[0] == ' ')
        pull_skip(&text, 1);
    while (text.left > 0 && text.at[text.left - 1] == ' ')
        text.left--;
    return text;
}

enum decode_result device_info_text(const uint8_t *at, size_t length, char *ret, size_t size)
{
    struct bytes text = trimmed(at, length);
    size_t used = 0;

    if (size == 0)
        return DECODE_SHORT;
    while (text.left > 0) {
        const uint8_t *from = text.at;
        uint32_t code;
        size_t width = pull_character(&text, &code);
        bool keep = width > 0 && is_printable(code);
        size_t needed = keep ? width : 1;

        if (used + needed >= size) {
            ret[used] = '\0';
            return DECODE_TRUNCATED;
        }
        memcpy(ret + used, keep ? (const void *)from : "?", needed);
        used += needed;
    }
    ret[used] = '\0';
    return DECODE_OK;
}
