/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/wrap.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_COLUMNS 80

void wrap_word(struct wrap *line, const char *word, int length)
{
    if (line->column > line->indent && line->column + 1 + length > LINE_COLUMNS) {
        printf("\n%*s", line->indent, "");
        line->column = line->indent;
    } else if (line->column > line->indent) {
        line->column += printf(" ");
    }
    line->column += printf("%.*s", length, word);
}

/* The blank between a number and its unit is no place to break. */
static bool is_unit(const char *text)
{
    static const char *const units[] = { " km", " mi", " m", " ft", " min", " %" };
    bool any = false;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i]);

        any =
            any || (strncmp(text, units[i], length) == 0 && !isalpha((unsigned char)text[length]));
    }
    return any;
}

static int word_length(const char *text)
{
    size_t length = strcspn(text, " ");

    while (length > 0 && isdigit((unsigned char)text[length - 1]) && is_unit(text + length))
        length += 1 + strcspn(text + length + 1, " ");
    return (int)length;
}

void wrap_text(struct wrap *line, const char *text)
{
    while (*text) {
        int length = word_length(text);

        wrap_word(line, text, length);
        text += length;
        text += strspn(text, " ");
    }
}

void wrap_print(const char *first, int indent, const char *text)
{
    struct wrap line = { .column = printf("%s", first), .indent = indent };

    if (line.column < indent)
        line.column += printf("%*s", indent - line.column, "");
    wrap_text(&line, text);
    printf("\n");
}
