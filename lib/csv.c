/* SPDX-License-Identifier: MIT */
#include "lib/csv.h"

#include <string.h>

static void put(struct csv *csv, const char *bytes, size_t length)
{
    if (length > csv->size - csv->length) {
        csv->full = true;
        return;
    }
    memcpy(csv->text + csv->length, bytes, length);
    csv->length += length;
}

static void begin_cell(struct csv *csv)
{
    if (csv->begun)
        put(csv, ",", 1);
    csv->begun = true;
}

void csv_word(struct csv *csv, const char *word)
{
    begin_cell(csv);
    put(csv, word, strlen(word));
}

void csv_text(struct csv *csv, const char *text)
{
    bool quoted = text && strpbrk(text, ",\"\r\n");

    begin_cell(csv);
    if (!text || !text[0])
        return;
    if (quoted)
        put(csv, "\"", 1);
    if (strchr("=+-@\t\r\n", text[0]))
        put(csv, "'", 1);
    for (; *text; text++) {
        if (*text == '"')
            put(csv, "\"", 1);
        put(csv, text, 1);
    }
    if (quoted)
        put(csv, "\"", 1);
}

void csv_end_row(struct csv *csv)
{
    put(csv, "\r\n", 2);
    csv->begun = false;
}
