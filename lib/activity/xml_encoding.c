/* SPDX-License-Identifier: MIT */
#include "lib/activity/xml_encoding.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NO_LETTER 0xFFFD /* some letter */

/* Of Windows-1252, where it differs from ISO-8859-1; 0: no letter has this place. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static bool is_utf_16(const uint8_t *head, size_t n)
{
    return n >= 2 && ((head[0] == 0xff && head[1] == 0xfe) ||
                      (head[0] == 0xfe && head[1] == 0xff) || !head[0] || !head[1]);
}

/* The declared name in the bytes up to the first ">"; "" where there is none. */
static void declared(const uint8_t *head, size_t n, char ret[24])
{
    static const char key[] = "encoding";
    size_t i = 0, length = 0;

    ret[0] = '\0';
    while (i + sizeof(key) < n && memcmp(head + i, key, sizeof(key) - 1) != 0)
        if (head[i++] == '>')
            return;
    i += sizeof(key) - 1;
    while (i < n && strchr(" \t\r\n=\"'", head[i]))
        i++;
    while (i < n && length < 23 && head[i] > ' ' && !strchr("\"'?>", head[i]))
        ret[length++] = (char)head[i++];
    ret[length] = '\0';
}

const char *xml_encoding_of(const uint8_t *head, size_t n)
{
    char name[24];

    if (is_utf_16(head, n))
        return "UTF-16";
    declared(head, n, name);
    return strncasecmp(name, "UTF-16", 6) == 0 ? "UTF-8" : NULL;
}

int xml_encoding_unknown(void *userdata, const XML_Char *name, XML_Encoding *ret)
{
    static const char *const pages[] = { "windows-125", "cp125", "ISO-8859-", "ISO8859-", "KOI8-" };
    bool western = strcasecmp(name, "windows-1252") == 0 || strcasecmp(name, "cp1252") == 0;
    bool known = false;

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        known = known || strncasecmp(name, pages[i], strlen(pages[i])) == 0;
    if (!known)
        return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++)
        ret->map[i] = i < 0x80 ? i : NO_LETTER;
    for (int i = 0x80; western && i < 256; i++)
        ret->map[i] = i >= 0xa0 ? i : windows_1252[i - 0x80] ? windows_1252[i - 0x80] : NO_LETTER;
    ret->data = NULL;
    ret->convert = NULL;
    ret->release = NULL;
    return XML_STATUS_OK;
}
