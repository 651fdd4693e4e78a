/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/tables.h"

#include <stdbool.h>
#include <stdio.h>

const char *stridectl_shown(const json_t *value, char *buffer, size_t size)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        snprintf(buffer, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(buffer, size, "%.6g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(buffer, size, "%s", json_is_true(value) ? "yes" : "no");
    else
        snprintf(buffer, size, "-");
    return buffer;
}

/* Printable width: continuation bytes of UTF-8 take no column. */
static int width(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void print_cell(const char *text, int column_width, bool last)
{
    printf("%s", text);
    if (!last)
        printf("%*s", column_width - width(text) + 2, "");
}

void stridectl_print_table(const json_t *rows, const struct column *columns)
{
    int widths[16] = { 0 };
    char buffer[64];
    size_t i;
    json_t *row;

    for (int c = 0; columns[c].key; c++) {
        widths[c] = width(columns[c].title);
        json_array_foreach(rows, i, row)
        {
            int w = width(
                stridectl_shown(json_object_get(row, columns[c].key), buffer, sizeof(buffer)));

            widths[c] = w > widths[c] ? w : widths[c];
        }
    }
    for (int c = 0; columns[c].key; c++)
        print_cell(columns[c].title, widths[c], !columns[c + 1].key);
    printf("\n");
    json_array_foreach(rows, i, row)
    {
        for (int c = 0; columns[c].key; c++)
            print_cell(
                stridectl_shown(json_object_get(row, columns[c].key), buffer, sizeof(buffer)),
                widths[c], !columns[c + 1].key);
        printf("\n");
    }
}
