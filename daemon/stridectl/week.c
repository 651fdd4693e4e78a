/* SPDX-License-Identifier: MIT */
/* The week, for a person. Nothing is computed here but units. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/bars.h"
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/measures.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"

/* ---- bars --------------------------------------------------------------------------------------- */

#define LABEL_COLUMNS  10
#define FIGURE_COLUMNS 9
#define WORD_COLUMNS   12 /* "no verdict" and what is before it */
#define BAR_SHORTEST   8
#define BAR_LONGEST    80

static int bar_columns(void)
{
    int room = terminal_room() - LABEL_COLUMNS - FIGURE_COLUMNS - WORD_COLUMNS;

    return room < BAR_SHORTEST ? BAR_SHORTEST : room > BAR_LONGEST ? BAR_LONGEST : room;
}

/* The table has the whole word, and below it stands what is missing. */
static void print_bar(size_t i, const json_t *measure, bool imperial)
{
    const char *verdict = json_string_value(json_object_get(measure, "verdict"));
    enum terminal_ink ink = terminal_ink_of(verdict ? verdict : "off");
    const json_t *total = json_object_get(measure, "total");
    double limit = stridectl_number(json_object_get(measure, "limit"));
    char bar[BAR_BYTES_MAX], figure[32];

    /* without a limit there is nothing that it fills */
    bar_of_measure(bar, isnan(limit) ? NAN : stridectl_number(total),
                   stridectl_number(json_object_get(measure, "reference")), limit, bar_columns());
    printf("%-*s%s%s%s%*s", LABEL_COLUMNS, measures[i].name, terminal_ink(ink), bar,
           terminal_end(ink), FIGURE_COLUMNS,
           stridectl_figure_and_unit(total, measures[i].unit, imperial, figure));
    printf("  %s%s%s\n", terminal_ink(ink), measure_verdict(verdict), terminal_end(ink));
}

static void print_bars(const json_t *week, bool imperial)
{
    char day[32], head[64];

    stridectl_day(json_string_value(json_object_get(week, "day")), true, day);
    snprintf(head, sizeof(head), "The week to %s", day);
    printf("%s%-*s%s  %s usual   %s limit\n", terminal_ink(TERMINAL_BOLD),
           LABEL_COLUMNS + bar_columns() - 19, head, terminal_end(TERMINAL_BOLD), bar_usual(),
           bar_limit());
    for (size_t i = 0; i < MEASURES; i++)
        print_bar(i, json_object_get(json_object_get(week, "measures"), measures[i].key), imperial);
    printf("\n");
}

/* ---- table -------------------------------------------------------------------------------------- */

static const struct column columns[] = {
    { "measure", "WEEK" },          { "total", "DONE" },
    { "reference", "USUAL" },       { "limit", "LIMIT" },
    { "left_today", "LEFT TODAY" }, { "frees_tomorrow", "OUT TOMORROW", .spare = 1 },
    { "verdict", "VERDICT" },       { NULL, NULL },
};

static json_t *row_of(size_t i, const json_t *measure, bool imperial)
{
    const char *verdict = json_string_value(json_object_get(measure, "verdict"));
    json_t *row = json_object();
    char text[32];

    snprintf(text, sizeof(text), "%s/%s", measures[i].title,
             stridectl_unit(measures[i].unit, imperial));
    json_object_set_new(row, "measure", json_string(text));
    for (size_t c = 1; strcmp(columns[c].key, "verdict") != 0; c++)
        json_object_set_new(row, columns[c].key,
                            json_string(stridectl_figure(json_object_get(measure, columns[c].key),
                                                         measures[i].unit, imperial, text)));
    json_object_set_new(row, "verdict", json_string(verdict ? verdict : "off"));
    return row;
}

static void print_walked(const json_t *walked, bool imperial)
{
    const json_t *drop = json_object_get(walked, "downhill_drop_m");
    const json_t *distance = json_object_get(walked, "distance_m");
    char far[32], high[32], line[200];

    if (!json_is_number(distance))
        return;
    stridectl_figure_and_unit(distance, UNIT_FAR, imperial, far);
    if (json_is_number(drop))
        snprintf(line, sizeof(line), "Walked besides: %s, of which the descent counts above: %s.",
                 far, stridectl_figure_and_unit(drop, UNIT_HIGH, imperial, high));
    else
        snprintf(line, sizeof(line), "Walked besides: %s; their descent is not known.", far);
    text_print(line, terminal()->columns, 0, "");
}

void stridectl_print_week(const json_t *data)
{
    const json_t *week = json_object_get(data, "week");
    const json_t *all = json_object_get(week, "measures");
    json_t *rows = json_array();
    bool imperial = stridectl_is_imperial(data);
    char missing[MEASURE_MISSING_MAX];

    print_bars(week, imperial);
    for (size_t i = 0; i < MEASURES; i++)
        json_array_append_new(rows, row_of(i, json_object_get(all, measures[i].key), imperial));
    stridectl_print_table(rows, columns);
    json_decref(rows);
    printf("\n");
    for (size_t i = 0; i < MEASURES; i++)
        if (measure_missing(&measures[i], json_object_get(all, measures[i].key), missing))
            text_print(missing, terminal()->columns, 0, "");
    print_walked(json_object_get(week, "walked"), imperial);
    text_print("Why, and when to see a doctor whatever is said here: stridectl explain RULE",
               terminal()->columns, 0, "");
}
