/* SPDX-License-Identifier: MIT */
/* The report as a page: one file for any browser, also on a phone, in the dark, or on paper. */
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/html.h"
#include "daemon/stridectl/measures.h"
#include "daemon/stridectl/report_private.h"
#include "lib/training/rule.h"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- the week ----------------------------------------------------------------------------------- */

static void print_limits(FILE *out, const json_t *figures, const struct measure *measure,
                         bool imperial)
{
    char usual[32], limit[32], left[32], missing[MEASURE_MISSING_MAX];

    if (measure_missing(measure, figures, missing)) {
        html_put(out, "<p class=\"small\">%s</p>\n", missing);
        return;
    }
    html_put(out, "<p class=\"small\">usual %s, limit %s<br>left today: %s</p>\n",
             stridectl_figure_and_unit(json_object_get(figures, "reference"), measure->unit,
                                       imperial, usual),
             stridectl_figure_and_unit(json_object_get(figures, "limit"), measure->unit, imperial,
                                       limit),
             stridectl_figure_and_unit(json_object_get(figures, "left_today"), measure->unit,
                                       imperial, left));
}

static void print_card(FILE *out, const struct report *report, size_t i)
{
    static const char *const titles[MEASURES] = { "Running", "Time", "Descent", "Downhill" };
    const json_t *all = json_object_get(json_object_get(report->week, "week"), "measures");
    const json_t *figures = json_object_get(all, measures[i].key);
    char total[32];

    html_put(out, "<div class=\"card\"><div class=\"row\"><h3>%s</h3>", titles[i]);
    report_print_chip(out, text_of(figures, "verdict"));
    html_put(out, "</div>\n<p class=\"big\">%s</p>\n",
             stridectl_figure_and_unit(json_object_get(figures, "total"), measures[i].unit,
                                       report->imperial, total));
    report_print_meter(out, report, i);
    print_limits(out, figures, &measures[i], report->imperial);
    fputs("</div>\n", out);
}

static void print_walked(FILE *out, const struct report *report)
{
    const json_t *walked = json_object_get(json_object_get(report->week, "week"), "walked");
    const json_t *distance = json_object_get(walked, "distance_m");
    const json_t *drop = json_object_get(walked, "downhill_drop_m");
    char far[32], high[32];

    if (!(json_number_value(distance) > 0))
        return;
    html_put(out, "<p class=\"dim below\">Walked besides: %s",
             stridectl_figure_and_unit(distance, UNIT_FAR, report->imperial, far));
    if (json_is_number(drop))
        html_put(out, ", of which the descent counts above: %s",
                 stridectl_figure_and_unit(drop, UNIT_HIGH, report->imperial, high));
    fputs(".</p>\n", out);
}

static void print_week(FILE *out, const struct report *report)
{
    const char *missing = report_missing(report, "week");
    char day[32];

    if (missing) {
        html_put(out, "<section><h2>The week</h2>\n<p>It is missing: %s.</p></section>\n", missing);
        return;
    }
    stridectl_day(report_day(report), true, day);
    html_put(out, "<section><h2>The week to %s</h2>\n<div class=\"cards\">\n", day);
    for (size_t i = 0; i < MEASURES; i++)
        print_card(out, report, i);
    fputs("</div>\n", out);
    print_walked(out, report);
    fputs("</section>\n", out);
}

/* ---- the weeks ---------------------------------------------------------------------------------- */

static const struct {
    const char *key, *title;
    enum unit unit;
    bool wide; /* not shown where it is narrow */
} columns[] = {
    { "distance_m", "Run", UNIT_FAR, false },
    { "moving_s", "Time", UNIT_TIME, false },
    { "longest_run_m", "Longest", UNIT_FAR, true },
    { "downhill_drop_m", "Descent", UNIT_HIGH, false },
    { "ascent_m", "Ascent", UNIT_HIGH, true },
    { "walked_m", "Walked", UNIT_FAR, true },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *hide(size_t c)
{
    return columns[c].wide ? " class=\"hide-narrow\"" : "";
}

static void print_row(FILE *out, const struct report *report, const json_t *week)
{
    char day[32], text[32];
    json_int_t runs = json_integer_value(json_object_get(week, "runs"));

    stridectl_day(text_of(week, "start"), false, day);
    html_put(out, "<tr><td>%s</td>", day);
    fprintf(out, "<td>%" JSON_INTEGER_FORMAT "</td>", runs);
    for (size_t c = 0; c < COLUMNS; c++) {
        fprintf(out, "<td%s>", hide(c));
        html_put(out, "%s</td>",
                 stridectl_figure(json_object_get(week, columns[c].key), columns[c].unit,
                                  report->imperial, text));
    }
    fputs("</tr>\n", out);
}

static void print_table(FILE *out, const struct report *report)
{
    size_t i;
    json_t *week;

    fputs("<h2>Week by week</h2>\n<div class=\"card wide\"><table>\n<thead><tr>"
          "<th scope=\"col\">From</th><th scope=\"col\">Runs</th>",
          out);
    for (size_t c = 0; c < COLUMNS; c++) {
        fprintf(out, "<th scope=\"col\"%s>", hide(c));
        html_put(out, "%s<br>%s</th>", columns[c].title,
                 stridectl_unit(columns[c].unit, report->imperial));
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    json_array_foreach(json_object_get(report->history, "weeks"), i, week)
        print_row(out, report, week);
    fputs("</tbody></table></div>\n<p class=\"dim small\">Calendar weeks from Monday; the last one "
          "is this week so far. A dash is a figure that no session told.</p>\n",
          out);
}

static void print_weeks(FILE *out, const struct report *report)
{
    const char *missing = report_missing(report, "history");

    fputs("<section><h2>Twelve weeks</h2>\n", out);
    if (missing) {
        html_put(out, "<p>They are missing: %s.</p></section>\n", missing);
        return;
    }
    if (json_array_size(json_object_get(report->history, "weeks")) == 0) {
        fputs("<p>There is no session yet.</p></section>\n", out);
        return;
    }
    fputs("<div class=\"charts\">\n", out);
    for (int chart = 0; chart < REPORT_CHARTS; chart++)
        report_print_chart(out, report, (enum report_chart)chart);
    fputs("</div>\n", out);
    print_table(out, report);
    fputs("</section>\n", out);
}

/* ---- the page ----------------------------------------------------------------------------------- */

static void print_doctor(FILE *out)
{
    const char *item;

    fputs("<section id=\"doctor\"><h2>When to see a doctor</h2>\n<div class=\"card doctor\">", out);
    fputs("<p>Whatever any figure here says, with</p><ul>\n", out);
    for (size_t i = 0; (item = rule_doctor(i)); i++)
        html_put(out, "<li>%s</li>\n", item);
    fputs("</ul></div></section>\n", out);
}

/* The policy makes the browser hold the page to what is promised of it. */
static void print_begin(FILE *out, const struct report *report)
{
    const char *runner = report_runner(report);
    char day[32];

    stridectl_day(report_day(report), true, day);
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; img-src data:\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n",
          out);
    html_put(out, "<title>Training report: %s, %s</title>\n<style>\n", runner, day);
    fputs(report_style, out);
    html_put(out,
             "</style></head>\n<body>\n<header><h1>Training report</h1>\n<p>%s, twelve weeks to "
             "%s</p></header>\n<main>\n",
             runner, day);
}

void report_print_page(FILE *out, const struct report *report)
{
    print_begin(out, report);
    print_week(out, report);
    report_print_now(out, report);
    print_weeks(out, report);
    report_print_past(out, report);
    report_print_why(out, report);
    print_doctor(out);
    fputs("</main>\n<footer>A training log with arithmetic by strided, no medical device: it makes "
          "no finding about a body. The letter behind a sentence is the evidence for it, from A (a "
          "large study measured just this) to D (an analogy of ours).</footer>\n</body></html>\n",
          out);
}
