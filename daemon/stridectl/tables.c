/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

#define COLUMNS_MAX 16
#define GAP         2  /* blanks between two columns */
#define LAST_LEAST  10 /* columns of the last one that stay */

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

/* ---- how wide ----------------------------------------------------------------------------------- */

struct layout {
    int n;
    struct {
        const struct column *column;
        int width, least;
        bool right, out;
    } at[COLUMNS_MAX];
};

/* "28.5", "2:51", "-8": what is read from its end. */
static bool is_figure(const char *text)
{
    const char *digits = text + (*text == '-' || *text == '+');

    return *digits >= '0' && *digits <= '9' && strspn(digits, "0123456789.:") == strlen(digits);
}

static void measure(struct layout *layout, int c, const json_t *rows)
{
    const struct column *column = layout->at[c].column;
    int widest = text_columns(column->title);
    bool figures = false, words = false;
    char buffer[64];
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        const char *text =
            stridectl_shown(json_object_get(row, column->key), buffer, sizeof(buffer));
        int width = text_columns(text);

        widest = width > widest ? width : widest;
        figures = figures || is_figure(text);
        words = words || (!is_figure(text) && strcmp(text, "-") != 0);
    }
    layout->at[c].width = widest;
    layout->at[c].right = figures && !words;
    layout->at[c].least = column->least ? column->least : column[1].key ? widest : LAST_LEAST;
}

/* How much wider it is than the terminal, with every cell as it stands or as short as it may be. */
static int excess(const struct layout *layout, bool cut)
{
    int total = -GAP;

    for (int c = 0; c < layout->n; c++) {
        int width = layout->at[c].width, least = layout->at[c].least;

        if (!layout->at[c].out)
            total += GAP + (cut && least < width ? least : width);
    }
    return terminal()->columns ? total - terminal()->columns : 0;
}

static bool leave_one_out(struct layout *layout)
{
    int spared = -1;

    for (int c = 0; c < layout->n; c++)
        if (!layout->at[c].out && layout->at[c].column->spare > 0 &&
            (spared < 0 || layout->at[c].column->spare > layout->at[spared].column->spare))
            spared = c;
    if (spared >= 0)
        layout->at[spared].out = true;
    return spared >= 0;
}

/* The widest of those that may still be cut; -1: none. */
static int longest(const struct layout *layout)
{
    int found = -1;

    for (int c = 0; c < layout->n; c++)
        if (!layout->at[c].out && layout->at[c].width > layout->at[c].least &&
            (found < 0 || layout->at[c].width > layout->at[found].width))
            found = c;
    return found;
}

static void fit(struct layout *layout)
{
    while (excess(layout, true) > 0 && leave_one_out(layout))
        ;
    for (int c; excess(layout, false) > 0 && (c = longest(layout)) >= 0;)
        layout->at[c].width--;
}

/* ---- print -------------------------------------------------------------------------------------- */

static bool is_coloured(const struct column *column)
{
    return strcmp(column->key, "state") == 0 || strcmp(column->key, "verdict") == 0;
}

static void print_cell(const struct layout *layout, int c, const char *text, enum terminal_ink ink)
{
    int width = layout->at[c].width;
    _cleanup_free_ char *fitted = text_fit(text, width);
    int blanks = fitted ? width - text_columns(fitted) : 0;
    bool last = true;

    for (int other = c + 1; other < layout->n; other++)
        last = last && layout->at[other].out;
    printf("%*s%s%s%s", layout->at[c].right ? blanks : 0, "", terminal_ink(ink),
           fitted ? fitted : "", terminal_end(ink));
    if (!last)
        printf("%*s", (layout->at[c].right ? 0 : blanks) + GAP, "");
}

static void print_row(const struct layout *layout, const json_t *row)
{
    char buffer[64];

    for (int c = 0; c < layout->n; c++) {
        const struct column *column = layout->at[c].column;
        const char *text =
            row ? stridectl_shown(json_object_get(row, column->key), buffer, sizeof(buffer))
                : column->title;
        enum terminal_ink ink = !row                  ? TERMINAL_BOLD
                                : is_coloured(column) ? terminal_ink_of(text)
                                                      : TERMINAL_PLAIN;

        if (!layout->at[c].out)
            print_cell(layout, c, text, ink);
    }
    printf("\n");
}

void stridectl_print_table(const json_t *rows, const struct column *columns)
{
    struct layout layout = { 0 };
    size_t i;
    json_t *row;

    for (; columns[layout.n].key && layout.n < COLUMNS_MAX; layout.n++) {
        layout.at[layout.n].column = &columns[layout.n];
        measure(&layout, layout.n, rows);
    }
    fit(&layout);
    print_row(&layout, NULL);
    json_array_foreach(rows, i, row) print_row(&layout, row);
}
