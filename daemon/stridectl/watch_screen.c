/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/watch_screen.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

#define LABEL_COLUMNS 12

static const char *word(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : otherwise;
}

static bool is_shown(const struct watch_view *view, const json_t *runner)
{
    const char *name = json_string_value(runner);

    return !view->runner || (name && strcmp(name, view->runner) == 0);
}

/* ---- gateway ------------------------------------------------------------------------------------ */

static void print_gateway(const json_t *status)
{
    const json_t *health = json_object_get(status, "health");
    const char *t = word(health, "t", "");
    char line[200], at[40] = "";
    size_t i;
    json_t *problem;

    if (strlen(t) >= strlen("2026-11-22T12:47"))
        snprintf(at, sizeof(at), ": %.10s %.5s UTC", t, t + strlen("2026-11-22T"));
    snprintf(line, sizeof(line), "%s, strided %s, clock %s%s", word(status, "gateway", "-"),
             word(status, "version", "-"), word(health, "clock", "-"), at);
    text_print(line, terminal()->columns, LABEL_COLUMNS, "gateway");
    printf("%s", terminal_ink(TERMINAL_YELLOW));
    json_array_foreach(json_object_get(health, "problems"), i, problem)
        text_print(json_string_value(problem), terminal()->columns, LABEL_COLUMNS, "problem");
    printf("%s\n", terminal_end(TERMINAL_YELLOW));
}

static const struct column sensor_columns[] = {
    { "name", "SENSOR", 8 }, { "kind", "KIND", .spare = 2 }, { "runner", "RUNNER", 6, .spare = 1 },
    { "state", "STATE" },    { "battery_pct", "BATTERY/%" }, { "reason", "REASON" },
    { NULL, NULL },
};

/* Those of a runner, and those that are anybody's. */
static void print_sensors(const struct watch_view *view)
{
    json_t *shown = json_array(), *sensor;
    size_t i;

    json_array_foreach(json_object_get(view->sensors, "sensors"), i, sensor)
    {
        const json_t *runner = json_object_get(sensor, "runner");

        if (!json_is_string(runner) || strcmp(json_string_value(runner), "auto") == 0 ||
            is_shown(view, runner))
            json_array_append(shown, sensor);
    }
    if (json_array_size(shown))
        stridectl_print_table(shown, sensor_columns);
    else
        printf("No sensor is configured.\n");
    printf("\n");
    json_decref(shown);
}

/* ---- figures of a session ----------------------------------------------------------------------- */

enum form { FORM_NUMBER, FORM_PACE, FORM_TIME, FORM_FAR, FORM_HIGH };

static const struct figure {
    const char *key, *label, *unit;
    enum form form;
    int places;
    bool rare; /* not shown where it is not known */
} figures[] = {
    { "pace_s_per_km", "pace", "", FORM_PACE, 0, false },
    { "heart_rate_bpm", "heart rate", "bpm", FORM_NUMBER, 0, false },
    { "cadence_spm", "cadence", "spm", FORM_NUMBER, 0, false },
    { "zone", "zone", "", FORM_NUMBER, 0, false },
    { "distance_m", "distance", "", FORM_FAR, 2, false },
    { "trimp", "heart load", "", FORM_NUMBER, 1, false },
    { "elapsed_s", "elapsed", "", FORM_TIME, 0, false },
    { "grade_pct", "grade", "%", FORM_NUMBER, 1, false },
    { "moving_s", "moving", "", FORM_TIME, 0, false },
    { "downhill_drop_m", "descent", "", FORM_HIGH, 0, false },
    { "steps", "steps", "", FORM_NUMBER, 0, false },
    { "ascent_m", "ascent", "", FORM_HIGH, 0, false },
    { "power_w", "power", "W", FORM_NUMBER, 0, true },
    { "temperature_c", "temperature", "C", FORM_NUMBER, 1, true },
};

static void write_time(char ret[32], double seconds)
{
    long whole = lround(fmin(seconds, 1e8));

    if (whole >= 3600)
        snprintf(ret, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(ret, 32, "%ld:%02ld", whole / 60, whole % 60);
}

static void write_figure(char ret[32], const struct figure *figure, double value, bool imperial)
{
    char time[32];

    if (isnan(value))
        snprintf(ret, 32, "-");
    else if (figure->form == FORM_PACE) {
        write_time(time, value * (imperial ? METRES_A_MILE / 1000 : 1));
        snprintf(ret, 32, "%.20s /%s", time, stridectl_unit(UNIT_FAR, imperial));
    } else if (figure->form == FORM_TIME)
        write_time(ret, value);
    else if (figure->form == FORM_FAR)
        snprintf(ret, 32, "%.2f %s", value / (imperial ? METRES_A_MILE : 1000),
                 stridectl_unit(UNIT_FAR, imperial));
    else if (figure->form == FORM_HIGH)
        snprintf(ret, 32, "%.0f %s", value / (imperial ? METRES_A_FOOT : 1),
                 stridectl_unit(UNIT_HIGH, imperial));
    else
        snprintf(ret, 32, "%.*f%s%s", figure->places, value, *figure->unit ? " " : "",
                 figure->unit);
}

#define CELL_COLUMNS  28 /* two blanks, a label, and a figure that ends with it */
#define CELL_GAP      4
#define VALUE_COLUMNS 14

static void print_figures(const json_t *live, bool imperial)
{
    int most = (terminal_room() + CELL_GAP) / (CELL_COLUMNS + CELL_GAP), n = 0;
    char text[32];

    for (size_t i = 0; i < ELEMENTSOF(figures); i++) {
        double value = stridectl_number(json_object_get(live, figures[i].key));

        if (isnan(value) && figures[i].rare)
            continue;
        write_figure(text, &figures[i], value, imperial);
        if (n > 0)
            printf("%*s", n % (most > 1 ? most : 1) ? CELL_GAP : 0, "");
        if (n > 0 && n % (most > 1 ? most : 1) == 0)
            printf("\n");
        printf("  %s%-*s%s%s%*s%s", terminal_ink(TERMINAL_DIM), CELL_COLUMNS - VALUE_COLUMNS - 2,
               figures[i].label, terminal_end(TERMINAL_DIM), terminal_ink(TERMINAL_BOLD),
               VALUE_COLUMNS, text, terminal_end(TERMINAL_BOLD));
        n++;
    }
    printf("\n");
}

/* ---- left today --------------------------------------------------------------------------------- */

/* `left` of the live payload, or the measures of a week, which have nothing of single runs. */
static const struct {
    const char *key, *label;
    enum unit unit;
} lefts[] = {
    { "distance_m", "distance", UNIT_FAR },
    { "moving_s", "time", UNIT_TIME },
    { "downhill_drop_m", "descent", UNIT_HIGH },
    { "run_distance_m", "distance of this run", UNIT_FAR },
    { "run_descent_m", "descent of this run", UNIT_HIGH },
};

static const json_t *left_of(const json_t *container, const char *key, bool is_week)
{
    const json_t *value = json_object_get(container, key);

    return is_week ? json_object_get(value, "left_today") : value;
}

static void print_left(const json_t *container, bool is_week, bool imperial)
{
    char line[400] = "", figure[32];
    size_t length = 0;
    bool none_left = false;

    for (size_t i = 0; i < ELEMENTSOF(lefts); i++) {
        const json_t *value = left_of(container, lefts[i].key, is_week);

        if (!json_is_number(value))
            continue;
        none_left = none_left || json_number_value(value) <= 0;
        length += (size_t)snprintf(
            line + length, sizeof(line) - length, "%s%s %s", length ? ", " : "", lefts[i].label,
            stridectl_figure_and_unit(value, lefts[i].unit, imperial, figure));
    }
    enum terminal_ink ink = none_left ? TERMINAL_YELLOW : TERMINAL_PLAIN;

    printf("%s", terminal_ink(ink));
    text_print(length ? line : "not known; what is missing: stridectl week", terminal()->columns,
               LABEL_COLUMNS + 2, "  left today");
    printf("%s", terminal_end(ink));
}

/* ---- sessions ----------------------------------------------------------------------------------- */

static const json_t *live_of(const json_t *status, const char *session)
{
    size_t i;
    json_t *entry;

    json_array_foreach(json_object_get(status, "live"), i, entry)
    {
        const json_t *live = json_object_get(entry, "live");

        if (strcmp(word(live, "session", ""), session) == 0)
            return live;
    }
    return NULL;
}

static void print_session(const json_t *status, const json_t *session)
{
    const char *id = word(session, "id", ""), *state = word(session, "state", "-");
    const json_t *live = live_of(status, id), *left = json_object_get(live, "left_today");
    bool imperial = stridectl_is_imperial(status);

    printf("%s%s%s  %s%s%s  %s\n", terminal_ink(TERMINAL_BOLD),
           word(session, "runner", "nobody's yet"), terminal_end(TERMINAL_BOLD),
           terminal_ink(terminal_ink_of(state)), state, terminal_end(terminal_ink_of(state)), id);
    print_figures(live, imperial);
    if (json_is_string(json_object_get(session, "runner")))
        print_left(left, false, imperial);
    printf("\n");
}

/* Returns whether this runner has one. */
static bool print_sessions_of(const struct watch_view *view, const json_t *runner)
{
    bool any = false;
    size_t i;
    json_t *session;

    json_array_foreach(json_object_get(view->status, "sessions"), i, session)
    {
        const json_t *whose = json_object_get(session, "runner");

        if (json_is_string(whose) == json_is_string(runner) &&
            (!json_is_string(whose) || json_equal((json_t *)whose, (json_t *)runner))) {
            print_session(view->status, session);
            any = true;
        }
    }
    return any;
}

static void print_idle(const struct watch_view *view, const json_t *runner)
{
    const json_t *week = json_object_get(view->weeks, json_string_value(runner));

    printf("%s%s%s  no session\n", terminal_ink(TERMINAL_BOLD), json_string_value(runner),
           terminal_end(TERMINAL_BOLD));
    if (week)
        print_left(json_object_get(json_object_get(week, "week"), "measures"), true,
                   stridectl_is_imperial(view->status));
    printf("\n");
}

void watch_draw(const struct watch_view *view)
{
    const json_t *runners = json_object_get(view->status, "runners");
    size_t i;
    json_t *runner;

    if (view->error || !view->status) {
        printf("%s", terminal_ink(TERMINAL_RED));
        text_print(view->error ? view->error : "waiting for strided", terminal()->columns, 0, "");
        printf("%s\n", terminal_end(TERMINAL_RED));
    } else {
        print_gateway(view->status);
        print_sensors(view);
        json_array_foreach(runners, i,
                           runner) if (is_shown(view, runner) && !print_sessions_of(view, runner))
            print_idle(view, runner);
        if (!view->runner)
            print_sessions_of(view, NULL);
    }
    printf("%sq ends it%s\n", terminal_ink(TERMINAL_DIM), terminal_end(TERMINAL_DIM));
}
