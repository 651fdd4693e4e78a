/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/html.h"

#include <stdarg.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/utf8.h"

static const char *escaped(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(FILE *out, const char *text)
{
    _cleanup_free_ char *mended = strdup(text ? text : "");

    if (!mended)
        return;
    utf8_mend(mended);
    for (const char *c = mended; *c; c++) {
        const char *entity = escaped(*c);

        if (entity)
            fputs(entity, out);
        else
            fputc(*c, out);
    }
}

void html_put(FILE *out, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    for (const char *c = format; *c; c++) {
        if (*c != '%') {
            fputc(*c, out);
            continue;
        }
        c++;
        if (*c == 's')
            html_text(out, va_arg(ap, const char *));
        else
            fputc('%', out);
    }
    va_end(ap);
}
