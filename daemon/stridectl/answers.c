/* SPDX-License-Identifier: MIT */
/* Which answer is shown in which way: as a table of these columns, in lines, or a pair a line. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/record.h"
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

/* ---- tables ----------------------------------------------------------------------------------- */

static const struct column sensor_columns[] = {
    { "name", "SENSOR", 8 },
    { "kind", "KIND", .spare = 2 },
    { "runner", "RUNNER", 6, .spare = 1 },
    { "state", "STATE" },
    { "battery_pct", "BATTERY/%" },
    { "address", "ADDRESS", .spare = 3 },
    { "reason", "REASON" },
    { NULL, NULL },
};
static const struct column device_columns[] = {
    { "address", "ADDRESS" },
    { "name", "NAME", 10 },
    { "signal_dbm", "SIGNAL" },
    { "services", "SERVICES", 12, .spare = 3 },
    { "sensor", "SENSOR", 6, .spare = 1 },
    { "connected", "CONNECTED", .spare = 2 },
    { NULL, NULL },
};
static const struct column import_columns[] = {
    { "at", "WHEN", .spare = 1 },
    { "runner", "RUNNER", 6, .spare = 2 },
    { "file", "FILE", 16 },
    { "verdict", "VERDICT" },
    { "sessions", "SESSIONS", .spare = 3 },
    { "counts", "COUNT" },
    { "why", "REASON", 16 },
    { NULL, NULL },
};
/* An id is whole or not there: it is copied. */
static const struct column session_columns[] = {
    { "id", "SESSION" },
    { "runner", "RUNNER", 6 },
    { "kind", "KIND", .spare = 4 },
    { "state", "STATE" },
    { "elapsed_s", "ELAPSED/S", .spare = 3 },
    { "distance_m", "DISTANCE/M" },
    { "pace", "MIN/KM" },
    { "downhill_drop_m", "DOWN/M", .spare = 1 },
    { "ascent_m", "UP/M", .spare = 2 },
    { NULL, NULL },
};
static const struct column imperial_columns[] = {
    { "id", "SESSION" },
    { "runner", "RUNNER", 6 },
    { "kind", "KIND", .spare = 4 },
    { "state", "STATE" },
    { "elapsed_s", "ELAPSED/S", .spare = 3 },
    { "distance_mi", "MILES" },
    { "pace", "MIN/MI" },
    { "downhill_drop_ft", "DOWN/FT", .spare = 1 },
    { "ascent_ft", "UP/FT", .spare = 2 },
    { NULL, NULL },
};

/* ---- sessions --------------------------------------------------------------------------------- */

/* A figure once more in another unit; one that is not known stays unknown. */
static void convert(json_t *session, const char *key, const char *new_key, double unit_m,
                    double steps)
{
    const json_t *metres = json_object_get(session, key);

    if (json_is_number(metres))
        json_object_set_new(session, new_key,
                            json_real(round(json_number_value(metres) / unit_m * steps) / steps));
}

/* What is published is metric and has no mean pace: both are made here, for eyes only. */
static void add_shown(json_t *session, bool imperial)
{
    double metres = json_number_value(json_object_get(session, "distance_m"));
    double seconds = json_number_value(json_object_get(session, "moving_s"));
    double unit_m = imperial ? METRES_A_MILE : 1000;
    char pace[32];

    convert(session, "distance_m", "distance_mi", METRES_A_MILE, 1000);
    convert(session, "downhill_drop_m", "downhill_drop_ft", METRES_A_FOOT, 1);
    convert(session, "ascent_m", "ascent_ft", METRES_A_FOOT, 1);
    if (metres <= 0 || seconds <= 0)
        return;
    long whole = lround(seconds / metres * unit_m);
    snprintf(pace, sizeof(pace), "%ld:%02ld", whole / 60, whole % 60);
    json_object_set_new(session, "pace", json_string(pace));
}

/* "effort 6, trail, Blue ones" */
static json_t *note_text(const json_t *note)
{
    const json_t *effort = json_object_get(note, "effort");
    const char *surface = json_string_value(json_object_get(note, "surface"));
    const char *shoes = json_string_value(json_object_get(note, "shoes"));
    char text[300] = "";

    if (json_is_number(effort))
        snprintf(text, sizeof(text), "effort %g", json_number_value(effort));
    if (surface)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", text[0] ? ", " : "",
                 surface);
    if (shoes)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", text[0] ? ", " : "",
                 shoes);
    return text[0] ? json_string(text) : NULL;
}

/* instead: of one run that is there twice, by its id, what counts in its place; notes: what was said of
 * some; NULL: nobody says. */
static void print_sessions(const json_t *sessions, const char *units, const json_t *instead,
                           const json_t *notes)
{
    bool imperial = units && strcmp(units, "imperial") == 0;
    json_t *shown_sessions = json_deep_copy(sessions), *session;
    struct column columns[16] = { { NULL, NULL } };
    size_t i, n;

    json_array_foreach(shown_sessions, i, session)
    {
        const char *id = json_string_value(json_object_get(session, "id"));

        add_shown(session, imperial);
        json_object_set(session, "instead", json_object_get(instead, id ? id : ""));
        json_object_set_new(session, "note", note_text(json_object_get(notes, id ? id : "")));
    }
    for (n = 0; (imperial ? imperial_columns : session_columns)[n].key; n++)
        columns[n] = (imperial ? imperial_columns : session_columns)[n];
    if (json_object_size(instead) > 0)
        columns[n++] = (struct column){ "instead", "COUNTS AS" };
    if (json_object_size(notes) > 0)
        columns[n] = (struct column){ "note", "NOTE", 12 };
    stridectl_print_table(shown_sessions, columns);
    json_decref(shown_sessions);
}

static void print_list(const json_t *data)
{
    print_sessions(json_object_get(data, "sessions"),
                   json_string_value(json_object_get(data, "units")),
                   json_object_get(data, "instead"), json_object_get(data, "notes"));
    if (json_is_true(json_object_get(data, "more"))) {
        const json_t *sessions = json_object_get(data, "sessions");
        size_t n = json_array_size(sessions);
        const char *last =
            n ? json_string_value(json_object_get(json_array_get(sessions, n - 1), "id")) : NULL;

        printf("\nOlder ones: stridectl sessions before=%s\n", last ? last : "ID");
    }
}

#define LABEL_MAX     24
#define LABEL_COLUMNS 12

static void print_labelled(const char *label, const char *text)
{
    text_print(text, terminal()->columns, LABEL_COLUMNS, label);
}

static void print_status(const json_t *data)
{
    const json_t *health = json_object_get(data, "health");
    const json_t *problems = json_object_get(health, "problems");
    const json_t *sessions = json_object_get(data, "sessions");
    static const char *const shown[] = { "clock", "adapter", "bluetoothd" };
    char buffer[64], gateway[400];
    size_t i;
    json_t *problem;

    snprintf(gateway, sizeof(gateway), "%s, strided %s",
             stridectl_shown(json_object_get(data, "gateway"), buffer, sizeof(buffer)),
             json_string_value(json_object_get(data, "version")));
    print_labelled("gateway", gateway);
    for (i = 0; i < ELEMENTSOF(shown); i++)
        print_labelled(shown[i],
                       stridectl_shown(json_object_get(health, shown[i]), buffer, sizeof(buffer)));
    printf("%s", terminal_ink(TERMINAL_YELLOW));
    json_array_foreach(problems, i, problem)
        print_labelled("problem", stridectl_shown(problem, buffer, sizeof(buffer)));
    printf("%s", terminal_end(TERMINAL_YELLOW));
    if (json_array_size(sessions)) {
        printf("\n");
        print_sessions(sessions, json_string_value(json_object_get(data, "units")), NULL, NULL);
    } else {
        printf("session     none\n");
    }
}

/* What has no form of its own: a name and what it is, each in its column. */
static void print_pairs(const json_t *data)
{
    char buffer[64], label[LABEL_MAX + 3];
    const char *key;
    json_t *value;
    int width = 0;

    json_object_foreach((json_t *)data, key, value)
    {
        width = (int)strlen(key) > width ? (int)strlen(key) : width;
    }
    width = width < LABEL_MAX ? width : LABEL_MAX;
    json_object_foreach((json_t *)data, key, value)
    {
        const char *shown = stridectl_shown(value, buffer, sizeof(buffer));

        snprintf(label, sizeof(label), "%-*.*s  ", width, width, key);
        text_print(shown ? shown : "-", terminal()->columns, width + 2, label);
    }
}

/* Which session counts in place of one of the file is a reason too. */
static void add_why(json_t *import)
{
    const char *reason = json_string_value(json_object_get(import, "reason"));
    const char *id = json_string_value(json_array_get(json_object_get(import, "instead"), 0));
    char why[400];

    snprintf(why, sizeof(why), "%s%s%s%s",
             reason ? reason
             : id   ? ""
                    : "-",
             reason && id ? "; " : "", id ? "the same run counts as " : "", id ? id : "");
    json_object_set_new(import, "why", json_string(why));
}

/* Of one file that was asked for. */
static void print_imported(const json_t *data)
{
    static const struct column columns[] = {
        { "id", "SESSION" },
        { "day", "DAY" },
        { "kind", "KIND", .spare = 1 },
        { "distance_m", "DISTANCE/M" },
        { "counts", "COUNTS" },
        { "instead", "COUNTS AS", .spare = 2 },
        { NULL, NULL },
    };
    const char *file = json_string_value(json_object_get(data, "file"));
    const char *verdict = json_string_value(json_object_get(data, "verdict"));
    const char *reason = json_string_value(json_object_get(data, "reason"));
    char text[700];

    snprintf(text, sizeof(text), "%s: %s%s%s", file ? file : "-", verdict ? verdict : "-",
             reason ? ", " : "", reason ? reason : "");
    text_print(text, terminal()->columns, 0, "");
    if (json_array_size(json_object_get(data, "sessions")))
        stridectl_print_table(json_object_get(data, "sessions"), columns);
}

static void print_imports(json_t *imports)
{
    size_t i;
    json_t *import;

    json_array_foreach(imports, i, import) add_why(import);
    stridectl_print_table(imports, import_columns);
}

static void print_scan(const json_t *devices)
{
    stridectl_print_table(devices, device_columns);
    stridectl_print_assign_hint(devices);
}

void stridectl_print(const char *verb, const json_t *data)
{
    if (strcmp(verb, "status") == 0)
        print_status(data);
    else if (strcmp(verb, "sensors") == 0)
        stridectl_print_table(json_object_get(data, "sensors"), sensor_columns);
    else if (strcmp(verb, "scan") == 0)
        print_scan(json_object_get(data, "devices"));
    else if (strcmp(verb, "imports") == 0)
        print_imports(json_object_get(data, "imports"));
    else if (strcmp(verb, "import") == 0)
        print_imported(data);
    else if (strcmp(verb, "week") == 0)
        stridectl_print_week(data);
    else if (strcmp(verb, "explain") == 0)
        stridectl_print_rule(data);
    else if (strcmp(verb, "sessions") == 0)
        print_list(data);
    else if (strcmp(verb, "history") == 0)
        stridectl_print_history(data);
    else if (strcmp(verb, "schema") == 0)
        stridectl_print_schema(data);
    else if (strcmp(verb, "alerts") == 0)
        stridectl_print_alerts(data);
    else if (strcmp(verb, "acknowledge") == 0)
        stridectl_print_seen(data);
    else if (strcmp(verb, "snooze") == 0)
        stridectl_print_snoozed(data);
    else if (strcmp(verb, "assign") == 0 || strcmp(verb, "replace") == 0 ||
             strcmp(verb, "forget") == 0)
        stridectl_print_bound(data);
    else if (strcmp(verb, "record") == 0)
        stridectl_print_recording(data);
    else
        print_pairs(data);
}
