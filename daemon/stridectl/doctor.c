/* SPDX-License-Identifier: MIT */
/*
 * What the doctor found, a line each: mark, what was looked at, what was found, and the cure. On a terminal
 * lines are broken at words, and the mark has a colour.
 */
#include "daemon/stridectl/doctor.h"

#include <errno.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

#define MARK_WIDTH  7
#define WIDTH_LEAST 60 /* a narrower terminal breaks lines by itself */

struct report {
    size_t n[DOCTOR_SKIPPED + 1];
    json_t *lines;     /* NULL: for a person */
    size_t what, room; /* columns: of what was looked at, of the terminal; 0: it is none */
    bool colour;
};

/* ---- for a person ---- */

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no && no[0]) && !(term && strcmp(term, "dumb") == 0);
}

static size_t terminal_width(void)
{
    struct winsize size = { 0 };

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col < WIDTH_LEAST ? 0 : size.ws_col;
}

static size_t longest_what(void)
{
    size_t longest = 0;

    for (size_t i = 0; i < CHECKS; i++)
        if (strlen(doctor_checks[i].what) > longest)
            longest = strlen(doctor_checks[i].what);
    return longest;
}

/* Words one after the other; those that do not fit begin a line below the first. */
static void print_words(const char *text, size_t indent, size_t room)
{
    size_t at = indent;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (room && at > indent && at + 1 + length > room) {
            printf("\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            printf(" ");
            at++;
        }
        printf("%.*s", (int)length, text);
        at += length;
        text += length + (text[length] == ' ');
    }
    printf("\n");
}

static void print_mark(const struct report *report, enum doctor_mark mark)
{
    static const char *const colours[] = { "\033[32m", "\033[33m", "\033[1;31m", "\033[2m" };

    printf("%s%-*s%s", report->colour ? colours[mark] : "", MARK_WIDTH, doctor_mark_name(mark),
           report->colour ? "\033[0m" : "");
}

static void print_line(const struct report *report, const struct doctor_finding *finding)
{
    const struct doctor_line_row *row = &doctor_lines[finding->line];
    char text[DOCTOR_FOUND_MAX + DOCTOR_CURE_MAX + 4];
    size_t length = strlen(finding->found);
    bool ends = length && strchr(".?!", finding->found[length - 1]);

    snprintf(text, sizeof(text), "%s%s%s", finding->found,
             !finding->cure[0] ? ""
             : ends            ? " "
                               : ". ",
             finding->cure);
    print_mark(report, row->mark);
    printf("  %-*s  ", (int)report->what, doctor_checks[row->check].what);
    print_words(text, MARK_WIDTH + 2 + report->what + 2, report->room);
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
    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
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

static int take_words(struct doctor_places *places, char **words)
{
    for (; *words; words++)
        if (strncmp(*words, "config=", 7) == 0 && (*words)[7])
            places->config_file = *words + 7;
        else if (strncmp(*words, "state=", 6) == 0 && (*words)[6]) {
            places->state_dir = *words + 6;
            take_owner(places);
        } else {
            fprintf(stderr,
                    "stridectl: doctor takes no '%s' (allowed: config=FILE, state=FOLDER)\n",
                    *words);
            return -EINVAL;
        }
    return 0;
}

int doctor_command(const struct doctor_places *usual, char **words, bool as_json)
{
    struct doctor_places places = *usual;
    struct report report = { .what = longest_what(),
                             .room = terminal_width(),
                             .colour = wants_colour() };
    bool well;

    if (take_words(&places, words) < 0)
        return EXIT_USAGE;
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
