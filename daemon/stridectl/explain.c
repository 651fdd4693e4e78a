/* SPDX-License-Identifier: MIT */
/* Why a rule says what it says, for a person: what the daemon answered, in lines. Nothing is computed
 * here but units. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"

#define INDENT          2
#define NAME_COLUMNS    9
#define PARTS_BYTES_MAX 4096 /* 40 of them and more */

/* ---- lines -------------------------------------------------------------------------------------- */

static void print_wrapped(const char *first, int indent, const char *text)
{
    text_print(text, terminal_room(), indent, first);
}

static const char *text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));

    return text ? text : "-";
}

static void print_titled(const char *title, const json_t *data, const char *key)
{
    char text[1200];

    if (!json_is_string(json_object_get(data, key)))
        return;
    snprintf(text, sizeof(text), "%s: %s", title, text_of(data, key));
    print_wrapped("", 0, text);
}

/* ---- figures ------------------------------------------------------------------------------------ */

struct shown {
    const char *quantity;
    bool imperial;
};

static void trim(char *number)
{
    char *end = number + strlen(number);

    while (strchr(number, '.') && (end[-1] == '0' || end[-1] == '.')) {
        bool point = end[-1] == '.';

        *--end = '\0';
        if (point)
            return;
    }
}

static const char *figure(const struct shown *shown, const json_t *value, char ret[40])
{
    double number = json_number_value(value);
    const char *unit = "";

    if (!json_is_number(value))
        return "unknown";
    if (strcmp(shown->quantity, "distance") == 0) {
        number /= shown->imperial ? METRES_A_MILE : 1000;
        unit = shown->imperial ? " mi" : " km";
    } else if (strcmp(shown->quantity, "height") == 0) {
        number /= shown->imperial ? METRES_A_FOOT : 1;
        unit = shown->imperial ? " ft" : " m";
    } else if (strcmp(shown->quantity, "time") == 0) {
        number /= 60;
        unit = " min";
    }
    snprintf(ret, 32, "%.2f", number);
    trim(ret);
    strcat(ret, unit);
    return ret;
}

/* ---- what went in ------------------------------------------------------------------------------- */

static void put_part(char *text, size_t size, const struct shown *shown, const json_t *part)
{
    bool live = json_is_true(json_object_get(part, "live"));
    bool least = json_is_false(json_object_get(part, "known")) &&
                 json_is_number(json_object_get(part, "value"));
    size_t length = strlen(text);
    char buffer[40];

    snprintf(text + length, size - length, "%s%s %s%s%s", length ? ", " : "", text_of(part, "day"),
             least ? "at least " : "", figure(shown, json_object_get(part, "value"), buffer),
             live ? " so far" : "");
}

static bool is_rest(const json_t *part)
{
    return json_is_number(json_object_get(part, "value")) &&
           json_number_value(json_object_get(part, "value")) == 0 &&
           !json_is_true(json_object_get(part, "live"));
}

/* Days of rest add nothing, and are many. */
static void print_parts(const struct shown *shown, const json_t *parts, bool all)
{
    char text[PARTS_BYTES_MAX] = "";
    const json_t *part;
    size_t i;

    json_array_foreach(parts, i, part) if (all || !is_rest(part))
        put_part(text, sizeof(text), shown, part);
    print_wrapped("", INDENT + NAME_COLUMNS, text);
}

static void print_input(const struct shown *of_rule, const json_t *input)
{
    const json_t *coverage = json_object_get(input, "coverage_pct");
    const json_t *from = json_object_get(input, "from");
    const char *unit = text_of(input, "unit");
    struct shown shown = *of_rule;
    char name[32], text[400], buffer[40];
    int length;

    if (!unit[0])
        shown.quantity = "number";
    snprintf(name, sizeof(name), "%*s%s", INDENT, "", text_of(input, "name"));
    length = snprintf(text, sizeof(text), "%s", text_of(input, "what"));
    if (json_is_string(from))
        length += snprintf(text + length, sizeof(text) - (size_t)length, ", %s to %s",
                           json_string_value(from), text_of(input, "to"));
    if (json_is_number(json_object_get(input, "value")) ||
        json_is_false(json_object_get(input, "known")))
        length += snprintf(text + length, sizeof(text) - (size_t)length, ": %s%s",
                           json_is_number(json_object_get(input, "value")) &&
                                   json_is_false(json_object_get(input, "known"))
                               ? "at least "
                               : "",
                           figure(&shown, json_object_get(input, "value"), buffer));
    if (json_is_integer(coverage) && json_integer_value(coverage) < 100)
        length +=
            snprintf(text + length, sizeof(text) - (size_t)length,
                     "; %d %% of the distance has altitude", (int)json_integer_value(coverage));
    if (json_is_false(json_object_get(input, "counts")))
        snprintf(text + length, sizeof(text) - (size_t)length, "; left out");
    print_wrapped(name, INDENT + NAME_COLUMNS, text);
    print_parts(of_rule, json_object_get(input, "days"), false);
    print_parts(of_rule, json_object_get(input, "runs"), true);
}

static void print_list(const char *title, const json_t *list)
{
    const json_t *one;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    printf("\n%s\n", title);
    json_array_foreach(list, i, one)
    {
        const char *text = json_string_value(one);

        print_wrapped("  -", INDENT + 2, text ? text : "-");
    }
}

static void print_grounds(const json_t *data)
{
    print_titled("Source", data, "source");
    print_titled("Evidence", data, "evidence_means");
    print_titled("What it does not mean", data, "not_means");
    print_list("See a doctor, whatever the figures say:", json_object_get(data, "doctor"));
}

void stridectl_print_rule_row(const json_t *data)
{
    printf("%s: %s\n", text_of(json_object_get(data, "alert"), "rule"), text_of(data, "title"));
    print_titled("Measured", data, "measure");
    print_titled("Compared with", data, "reference");
    printf("\n");
    print_grounds(data);
}

void stridectl_print_rule(const json_t *data)
{
    const json_t *alert = json_object_get(data, "alert"), *input;
    const char *since = json_string_value(json_object_get(alert, "since"));
    const struct shown shown = { .quantity = text_of(data, "quantity"),
                                 .imperial = strcmp(text_of(data, "units"), "imperial") == 0 };
    size_t i;

    printf("%s: %s%s%s\n", text_of(alert, "rule"), text_of(alert, "verdict"),
           since ? ", since " : "", since ? since : "");
    print_wrapped("", 0, text_of(alert, "sentence"));
    printf("\n");
    print_titled("Measured", data, "measure");
    print_titled("Compared with", data, "reference");
    printf("\nWhat went in\n");
    json_array_foreach(json_object_get(data, "inputs"), i, input) print_input(&shown, input);
    print_list("How it is computed", json_object_get(data, "steps"));
    if (json_is_string(json_object_get(data, "formula"))) {
        printf("\n");
        print_titled("In short", data, "formula");
        print_titled("Why that limit", data, "why");
    }
    print_list("Not known", json_object_get(data, "missing"));
    printf("\n");
    print_grounds(data);
}
