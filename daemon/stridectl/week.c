/* SPDX-License-Identifier: MIT */
/* The week, for a person. Nothing is computed here but units. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/tables.h"

/* ---- figures ------------------------------------------------------------------------------------ */

const char *stridectl_unit(enum unit unit, bool imperial)
{
    if (unit == UNIT_TIME)
        return "h";
    if (unit == UNIT_FAR)
        return imperial ? "mi" : "km";
    return imperial ? "ft" : "m";
}

const char *stridectl_figure(const json_t *value, enum unit unit, bool imperial, char ret[32])
{
    double number = json_number_value(value);
    long minutes = lround(number / 60);

    if (!json_is_number(value))
        return "-";
    if (unit == UNIT_TIME)
        snprintf(ret, 32, "%ld:%02ld", minutes / 60, minutes % 60);
    else if (unit == UNIT_FAR)
        snprintf(ret, 32, "%.1f", number / (imperial ? METRES_A_MILE : 1000));
    else
        snprintf(ret, 32, "%.0f", number / (imperial ? METRES_A_FOOT : 1));
    return ret;
}

/* ---- week --------------------------------------------------------------------------------------- */

static const struct {
    const char *key, *title;
    enum unit unit;
} measures[] = {
    { "distance_m", "running", UNIT_FAR },
    { "moving_s", "running", UNIT_TIME },
    { "downhill_drop_m", "descent", UNIT_HIGH },
    { "downhill_distance_m", "downhill", UNIT_FAR },
};
#define MEASURES (sizeof(measures) / sizeof(measures[0]))

static const struct column columns[] = {
    { "measure", "WEEK" },          { "total", "DONE" },
    { "reference", "USUAL" },       { "limit", "LIMIT" },
    { "left_today", "LEFT TODAY" }, { "frees_tomorrow", "OUT TOMORROW" },
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
    char far[32], high[32];

    printf("\nWalked besides: %s %s, of which the descent counts above: %s %s.\n",
           stridectl_figure(json_object_get(walked, "distance_m"), UNIT_FAR, imperial, far),
           stridectl_unit(UNIT_FAR, imperial), stridectl_figure(drop, UNIT_HIGH, imperial, high),
           stridectl_unit(UNIT_HIGH, imperial));
}

bool stridectl_is_imperial(const json_t *data)
{
    const char *units = json_string_value(json_object_get(data, "units"));

    return units && strcmp(units, "imperial") == 0;
}

void stridectl_print_week(const json_t *data)
{
    const json_t *week = json_object_get(data, "week");
    json_t *rows = json_array();
    bool imperial = stridectl_is_imperial(data);

    for (size_t i = 0; i < MEASURES; i++)
        json_array_append_new(
            rows, row_of(i, json_object_get(json_object_get(week, "measures"), measures[i].key),
                         imperial));
    stridectl_print_table(rows, columns);
    json_decref(rows);
    print_walked(json_object_get(week, "walked"), imperial);
    printf("Why, and when to see a doctor whatever is said here: stridectl explain RULE\n");
}
