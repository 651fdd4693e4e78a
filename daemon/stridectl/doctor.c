/* SPDX-License-Identifier: MIT */
/*
 * What the doctor found, a line each: mark, what was looked at, what was found, and the cure. On a terminal
 * lines are broken at words, and the mark has a colour. What others call themselves is cleaned as in tables.
 */
#include "daemon/stridectl/doctor.h"

#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/stridectl/json_text.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

#define MARK_WIDTH  7
#define WIDTH_LEAST 60 /* a narrower terminal breaks lines by itself */

struct report {
    size_t n[DOCTOR_SKIPPED + 1];
    json_t *lines; /* NULL: for a person */
    size_t what;   /* columns of what was looked at */
    int columns;   /* of a line; 0: any */
};

/* ---- for a person ---- */

static size_t longest_what(void)
{
    size_t longest = 0;

    for (size_t i = 0; i < CHECKS; i++)
        if (strlen(doctor_checks[i].what) > longest)
            longest = strlen(doctor_checks[i].what);
    return longest;
}

static void print_line(const struct report *report, const struct doctor_finding *finding)
{
    static const enum terminal_ink inks[] = { TERMINAL_GREEN, TERMINAL_YELLOW, TERMINAL_RED,
                                              TERMINAL_DIM };
    const struct doctor_line_row *row = &doctor_lines[finding->line];
    char lead[200], text[DOCTOR_FOUND_MAX + DOCTOR_CURE_MAX + 4];
    size_t length = strlen(finding->found);
    bool ends = length && strchr(".?!", finding->found[length - 1]);

    snprintf(text, sizeof(text), "%s%s%s", finding->found,
             !finding->cure[0] ? ""
             : ends            ? " "
                               : ". ",
             finding->cure);
    snprintf(lead, sizeof(lead), "%s%-*s%s  %-*s  ", terminal_ink(inks[row->mark]), MARK_WIDTH,
             doctor_mark_name(row->mark), terminal_end(inks[row->mark]), (int)report->what,
             doctor_checks[row->check].what);
    text_print(text, report->columns, (int)(MARK_WIDTH + 2 + report->what + 2), lead);
    fflush(stdout);
}

/* ---- for a program ---- */

static void add_line(json_t *lines, const struct doctor_finding *finding)
{
    const struct doctor_line_row *row = &doctor_lines[finding->line];
    const struct doctor_check_row *check = &doctor_checks[row->check];

    json_array_append_new(
        lines, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "mark", doctor_mark_name(row->mark),
                         "check", check->id, "line", row->id, "what", check->what, "how",
                         check->how, "found", finding->found, "cure",
                         finding->cure[0] ? json_string(finding->cure) : json_null()));
}

static void print_json(const struct report *report)
{
    json_t *all = json_pack("{s:O}", "lines", report->lines);

    for (size_t i = 0; i <= DOCTOR_SKIPPED; i++)
        json_object_set_new(all, doctor_mark_name((enum doctor_mark)i),
                            json_integer((json_int_t)report->n[i]));
    json_text_print(all, false);
    json_decref(all);
}

/* ---- both ---- */

static void on_finding(void *userdata, const struct doctor_finding *finding)
{
    struct report *report = userdata;

    report->n[doctor_lines[finding->line].mark]++;
    if (report->lines)
        add_line(report->lines, finding);
    else
        print_line(report, finding);
}

/* Whoever owns another state folder than the usual one is who runs strided there. */
static void take_owner(struct doctor_places *places)
{
    static char name[64];
    struct stat st;
    const struct passwd *owner = stat(places->state_dir, &st) == 0 ? getpwuid(st.st_uid) : NULL;

    if (!owner)
        return;
    snprintf(name, sizeof(name), "%s", owner->pw_name);
    places->user = name;
}

static void take_arguments(struct doctor_places *places, const json_t *arguments)
{
    const char *config = json_string_value(json_object_get(arguments, "config"));
    const char *state = json_string_value(json_object_get(arguments, "state"));

    if (config)
        places->config_file = config;
    if (!state)
        return;
    places->state_dir = state;
    take_owner(places);
}

int doctor_command(const struct doctor_places *usual, const json_t *arguments, bool as_json)
{
    struct doctor_places places = *usual;
    int columns = terminal()->columns;
    struct report report = { .what = longest_what(),
                             .columns = columns < WIDTH_LEAST ? 0 : columns };
    bool well;

    take_arguments(&places, arguments);
    report.lines = as_json ? json_array() : NULL;
    well = doctor_run(&places, on_finding, &report);
    if (as_json)
        print_json(&report);
    else
        printf("\n%zu fail, %zu warn, %zu ok, %zu skipped\n", report.n[DOCTOR_FAIL],
               report.n[DOCTOR_WARN], report.n[DOCTOR_OK], report.n[DOCTOR_SKIPPED]);
    json_decref(report.lines);
    return well ? 0 : EXIT_REFUSED;
}
