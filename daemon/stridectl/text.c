/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/text.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include "daemon/stridectl/terminal.h"
#include "daemon/util.h"
#include "lib/utf8.h"

/* ---- characters --------------------------------------------------------------------------------- */

/* The C library's table of widths is in its UTF-8 locales: this one is always there on Debian,
 * whatever locale somebody has. */
static locale_t unicode(void)
{
    static locale_t made;

    if (!made)
        made = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return made;
}

static wchar_t code_of(const char *at, size_t length)
{
    static const unsigned char leads[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    wchar_t code = (unsigned char)at[0] & leads[length];

    for (size_t i = 1; i < length; i++)
        code = (wchar_t)((code << 6) | ((unsigned char)at[i] & 0x3f));
    return code;
}

static int width_of(wchar_t code)
{
    locale_t before = unicode() ? uselocale(unicode()) : (locale_t)0;
    int width = wcwidth(code);

    if (before)
        uselocale(before);
    return width < 0 ? 1 : width; /* newer than the table */
}

/* A terminal would do something on it, or write what follows from right to left. */
static bool is_obeyed(wchar_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f || code == 0x061c;
}

/* Bytes of the character there, at least one; its columns in *ret, -1 where it may not be printed. */
static size_t character(const char *at, int *ret)
{
    size_t length = utf8_character(at, strnlen(at, 4));
    wchar_t code = length ? code_of(at, length) : 0;

    if (!length || is_obeyed(code))
        *ret = -1;
    else if (length > 1 && !terminal()->utf8)
        *ret = -1;
    else
        *ret = width_of(code);
    return length ? length : 1;
}

/* ---- texts -------------------------------------------------------------------------------------- */

static int shown_columns(int columns)
{
    return columns < 0 ? 1 : columns; /* as '?' */
}

int text_columns(const char *text)
{
    int n = 0, columns;

    while (*text) {
        text += character(text, &columns);
        n += shown_columns(columns);
    }
    return n;
}

size_t text_beginning(const char *text, int columns)
{
    const char *at = text;
    int n = 0, more;

    while (*at) {
        size_t length = character(at, &more);

        n += shown_columns(more);
        if (n > columns)
            break;
        at += length;
    }
    return (size_t)(at - text);
}

static size_t copy(char *to, const char *text, size_t bytes)
{
    const char *end = text + bytes;
    char *begin = to;
    int columns;

    while (text < end) {
        size_t length = character(text, &columns);

        if (columns < 0) {
            *to++ = '?';
        } else {
            memcpy(to, text, length);
            to += length;
        }
        text += length;
    }
    return (size_t)(to - begin);
}

char *text_fit(const char *text, int columns)
{
    const char *ellipsis = terminal()->utf8 ? "…" : "...";
    size_t bytes = strlen(text), length;
    char *fitted = malloc(bytes + sizeof("…"));

    if (!fitted)
        return NULL;
    if (columns <= 0 || text_columns(text) <= columns)
        ellipsis = "";
    else if (text_columns(ellipsis) > columns)
        ellipsis = "", bytes = text_beginning(text, columns);
    else
        bytes = text_beginning(text, columns - text_columns(ellipsis));
    length = copy(fitted, text, bytes);
    memcpy(fitted + length, ellipsis, strlen(ellipsis) + 1);
    return fitted;
}

static bool is_unit(const char *text)
{
    static const char *const units[] = { "km", "mi", "m", "ft", "min", "%" };

    for (size_t i = 0; i < ELEMENTSOF(units); i++) {
        size_t length = strlen(units[i]);

        if (strncmp(text, units[i], length) == 0 && !isalpha((unsigned char)text[length]))
            return true;
    }
    return false;
}

/* "5 205", "30 %" and "28.5 km" stay together. */
static bool may_break(const char *text, const char *blank)
{
    const char *next = blank + strspn(blank, " ");

    return blank == text || !(blank[-1] >= '0' && blank[-1] <= '9') ||
           !((*next >= '0' && *next <= '9') || is_unit(next));
}

bool text_line(const char **text, int columns, const char **ret_line, size_t *ret_bytes)
{
    const char *line = *text + strspn(*text, " "), *end = line;
    size_t most = text_beginning(line, columns);

    for (const char *at = line; *at; at += strspn(at, " ")) {
        at += strcspn(at, " ");
        if (*at && !may_break(line, at))
            continue;
        if (end > line && (size_t)(at - line) > most)
            break;
        end = at;
    }
    *ret_line = line;
    *ret_bytes = (size_t)(end - line);
    *text = end;
    return end > line;
}

void text_print(const char *text, int columns, int indent, const char *lead)
{
    _cleanup_free_ char *clean = text_fit(text, 0);
    const char *rest = clean ? clean : "", *line;
    size_t bytes;

    int behind = indent - text_columns(lead);

    behind = behind < 0 ? 0 : behind;
    if (columns <= indent)
        columns = columns ? indent + 1 : INT_MAX;
    for (bool first = true; text_line(&rest, columns - indent, &line, &bytes); first = false)
        printf("%s%*s%.*s\n", first ? lead : "", first ? behind : indent, "", (int)bytes, line);
}
