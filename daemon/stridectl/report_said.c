/* SPDX-License-Identifier: MIT */
/* The page of the report: what was said, and why. */
#include <stdio.h>
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/html.h"
#include "daemon/stridectl/measures.h"
#include "daemon/stridectl/report_private.h"
#include "lib/training/rule.h"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

void report_print_chip(FILE *out, const char *verdict)
{
    html_put(out, "<span class=\"chip %s\">%s</span>", report_class(verdict),
             measure_verdict(verdict));
}

/* ---- what was said ------------------------------------------------------------------------------ */

/* Rule names are of one table; from a file they may be anything, and an id is one word. */
static bool is_rule(const char *rule)
{
    return rule && rule_get(rule_by_name(rule));
}

static void print_said(FILE *out, const struct report *report, const json_t *said, const char *when)
{
    const char *rule = text_of(said, "rule"), *verdict = text_of(said, "verdict");
    const json_t *explanation = report_explanation(report, rule);
    char figures[REPORT_FIGURES_MAX];

    html_put(out, "<li class=\"is-%s\"><div class=\"row\"><strong>%s</strong>",
             report_class(verdict), report_title(explanation, rule));
    report_print_chip(out, verdict);
    fputs("</div>", out);
    if (text_of(said, "sentence"))
        html_put(out, "<p>%s</p>", text_of(said, "sentence"));
    if (report_figures(said, report->imperial, figures))
        html_put(out, "<p class=\"small\">%s</p>", figures);
    fputs("<p class=\"small dim\">", out);
    if (when)
        html_put(out, "%s. ", when);
    if (json_is_true(json_object_get(said, "acknowledged")))
        fputs("Acknowledged. ", out);
    if (explanation && is_rule(rule))
        html_put(out, "<a href=\"#why-%s\">Why</a>, and ", rule);
    fputs("<a href=\"#doctor\">when to see a doctor</a></p></li>\n", out);
}

void report_print_now(FILE *out, const struct report *report)
{
    const json_t *alerts = json_object_get(report->alerts, "alerts");
    size_t i, n = 0;
    json_t *alert;

    const char *missing = report_missing(report, "alerts");

    fputs("<section><h2>Above a limit now</h2>\n<ul class=\"said\">\n", out);
    json_array_foreach(alerts, i, alert) if (report_is_warning(alert))
    {
        char since[64], day[32], date[16];

        snprintf(date, sizeof(date), "%.10s",
                 text_of(alert, "since") ? text_of(alert, "since") : "");
        stridectl_day(date, true, day);
        snprintf(since, sizeof(since), "Since %s", day);
        print_said(out, report, alert, *date ? since : NULL);
        n++;
    }
    fputs("</ul>\n", out);
    if (missing)
        html_put(out, "<p>It is missing: %s.</p>\n", missing);
    else if (n == 0)
        fputs("<p>No rule that has a verdict is above its limit.</p>\n", out);
    fputs("</section>\n", out);
}

void report_print_past(FILE *out, const struct report *report)
{
    const json_t *said = json_object_get(report->alerts, "said");
    size_t i;
    json_t *one;

    const char *missing = report_missing(report, "alerts");

    fputs("<section><h2>Said in these weeks</h2>\n<ul class=\"said\">\n", out);
    json_array_foreach(said, i, one)
    {
        char when[REPORT_WHEN_MAX];

        report_when(one, when);
        print_said(out, report, one, when);
    }
    fputs("</ul>\n", out);
    if (missing)
        html_put(out, "<p>It is missing: %s.</p>\n", missing);
    else if (json_array_size(said) == 0)
        fputs("<p>Nothing.</p>\n", out);
    if (json_is_true(json_object_get(report->alerts, "more")))
        fputs("<p>There was more, and longer ago.</p>\n", out);
    fputs("</section>\n", out);
}

/* ---- why ---------------------------------------------------------------------------------------- */

static void print_steps(FILE *out, const json_t *steps)
{
    size_t i;
    json_t *step;

    if (json_array_size(steps) == 0)
        return;
    fputs("<dt>With today's numbers</dt><dd><ol>", out);
    json_array_foreach(steps, i, step) html_put(out, "<li>%s</li>", json_string_value(step));
    fputs("</ol></dd>", out);
}

static void print_explanation(FILE *out, const json_t *explanation)
{
    const json_t *alert = json_object_get(explanation, "alert");
    const char *rule = text_of(alert, "rule"), *whole = text_of(alert, "explain");
    const char *name, *text;
    bool any = false;

    if (!is_rule(rule))
        return;
    html_put(out, "<div class=\"card why\" id=\"why-%s\"><h3>%s</h3>\n<dl>", rule,
             report_title(explanation, rule));
    for (size_t i = 0; report_part(explanation, i, &name, &text); i++)
        if (text) {
            html_put(out, "<dt>%s</dt><dd>%s</dd>\n", name, text);
            any = true;
        }
    print_steps(out, json_object_get(explanation, "steps"));
    fputs("</dl>\n", out);
    if (!any && whole)
        html_put(out, "<p>%s</p>\n", whole);
    fputs("</div>\n", out);
}

void report_print_why(FILE *out, const struct report *report)
{
    size_t i;
    json_t *explanation;

    if (json_array_size(report->explain) == 0)
        return;
    fputs("<section><h2>Why</h2>\n", out);
    json_array_foreach(report->explain, i, explanation) print_explanation(out, explanation);
    fputs("</section>\n", out);
}
