/* SPDX-License-Identifier: MIT */
/* The report as text, and what of an explanation is told in either form. */
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/measures.h"
#include "daemon/stridectl/report_private.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "lib/training/rule.h"

/* ---- what was said ------------------------------------------------------------------------------ */

bool report_is_warning(const json_t *alert)
{
    const char *verdict = json_string_value(json_object_get(alert, "verdict"));

    return verdict && (strcmp(verdict, "caution") == 0 || strcmp(verdict, "warning") == 0);
}

void report_when(const json_t *said, char ret[REPORT_WHEN_MAX])
{
    static const struct {
        const char *news, *words;
    } rows[] = {
        { "reminded", ", again" },
        { "cleared", ": over" },
        { "retracted", ": taken back, with its session" },
    };
    const char *news = json_string_value(json_object_get(said, "news")), *words = "";
    char day[32];

    for (size_t i = 0; news && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(news, rows[i].news) == 0)
            words = rows[i].words;
    stridectl_day(json_string_value(json_object_get(said, "day")), true, day);
    snprintf(ret, REPORT_WHEN_MAX, "%s%s", day, words);
}

/* As the rule's own unit has it; the answer's knows no kinds of metres. */
static const char *figure(const struct rule *rule, const json_t *value, bool imperial, char ret[32])
{
    switch (rule->unit) {
    case RULE_UNIT_METRES_FAR:
        return stridectl_figure_and_unit(value, UNIT_FAR, imperial, ret);
    case RULE_UNIT_METRES_HIGH:
        return stridectl_figure_and_unit(value, UNIT_HIGH, imperial, ret);
    case RULE_UNIT_SECONDS:
        return stridectl_figure_and_unit(value, UNIT_TIME, imperial, ret);
    case RULE_UNIT_NONE:
        break;
    }
    snprintf(ret, 32, "%.2f", json_number_value(value));
    return ret;
}

bool report_figures(const json_t *said, bool imperial, char ret[REPORT_FIGURES_MAX])
{
    static const struct {
        const char *key, *words;
    } rows[] = { { "value", "" }, { "reference", "compared with " }, { "limit", "limit " } };
    const char *name = json_string_value(json_object_get(said, "rule"));
    const struct rule *rule = rule_get(rule_by_name(name ? name : ""));
    size_t n = 0;
    char text[32];

    if (!rule || !json_object_get(said, "at")) /* what is so now has none */
        return false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const json_t *value = json_object_get(said, rows[i].key);

        if (json_is_number(value))
            n += (size_t)snprintf(ret + n, REPORT_FIGURES_MAX - n, "%s%s%s", n ? ", " : "Then ",
                                  rows[i].words, figure(rule, value, imperial, text));
    }
    if (n)
        snprintf(ret + n, REPORT_FIGURES_MAX - n, ".");
    return n > 0;
}

/* ---- whose, and what is not there --------------------------------------------------------------- */

const char *report_runner(const struct report *report)
{
    const json_t *parts[] = { report->week, report->history, report->alerts };
    const char *runner = NULL;

    for (size_t i = 0; !runner && i < sizeof(parts) / sizeof(parts[0]); i++)
        runner = json_string_value(json_object_get(parts[i], "runner"));
    return runner;
}

const char *report_day(const struct report *report)
{
    const char *day =
        json_string_value(json_object_get(json_object_get(report->week, "week"), "day"));

    return day ? day : json_string_value(json_object_get(report->history, "day"));
}

const char *report_missing(const struct report *report, const char *part)
{
    return json_string_value(json_object_get(report->missing, part));
}

/* ---- explanations ------------------------------------------------------------------------------- */

const json_t *report_explanation(const struct report *report, const char *rule)
{
    size_t i;
    json_t *explanation;

    json_array_foreach(report->explain, i, explanation)
    {
        const char *of =
            json_string_value(json_object_get(json_object_get(explanation, "alert"), "rule"));

        if (of && rule && strcmp(of, rule) == 0)
            return explanation;
    }
    return NULL;
}

const char *report_title(const json_t *explanation, const char *rule)
{
    const char *told = json_string_value(json_object_get(explanation, "title"));
    const struct rule *known = rule_get(rule_by_name(rule ? rule : ""));

    return told ? told : known ? known->title : rule ? rule : "-";
}

bool report_part(const json_t *explanation, size_t i, const char **ret_name, const char **ret_text)
{
    static const struct {
        const char *key, *name;
    } parts[] = {
        { "measure", "What is measured" },        { "reference", "What it is compared with" },
        { "formula", "How it is today" },         { "why", "What makes the limit today" },
        { "source", "Where that comes from" },    { "evidence_means", "Evidence" },
        { "not_means", "What it does not mean" },
    };

    if (i >= sizeof(parts) / sizeof(parts[0]))
        return false;
    *ret_name = parts[i].name;
    *ret_text = json_string_value(json_object_get(explanation, parts[i].key));
    return true;
}

/* ---- text --------------------------------------------------------------------------------------- */

static void print_head(const char *text)
{
    printf("\n%s%s%s\n", terminal_ink(TERMINAL_BOLD), text, terminal_end(TERMINAL_BOLD));
}

static void print_wrapped(const char *text, int indent, const char *lead)
{
    text_print(text, terminal_room(), indent, lead);
}

/* true: it is, and that was said. */
static bool print_missing(const struct report *report, const char *part, const char *words)
{
    const char *why = report_missing(report, part);
    char text[500];

    if (!why)
        return false;
    snprintf(text, sizeof(text), "%s: %s.", words, why);
    print_wrapped(text, 0, "");
    return true;
}

static void print_said(const struct report *report, const json_t *said, const char *when)
{
    const char *rule = json_string_value(json_object_get(said, "rule"));
    const char *verdict = json_string_value(json_object_get(said, "verdict"));
    const char *sentence = json_string_value(json_object_get(said, "sentence"));
    enum terminal_ink ink = terminal_ink_of(verdict ? verdict : "-");
    char figures[REPORT_FIGURES_MAX];

    printf("\n%s%s%s  %s%s%s\n", when, *when ? "  " : "",
           report_title(report_explanation(report, rule), rule), terminal_ink(ink),
           measure_verdict(verdict), terminal_end(ink));
    print_wrapped(sentence ? sentence : "", 2, "");
    if (report_figures(said, report->imperial, figures))
        print_wrapped(figures, 2, "");
}

static void print_warnings(const struct report *report)
{
    const json_t *said = json_object_get(report->alerts, "said");
    size_t i, n = 0;
    json_t *alert;

    print_head("Now");
    json_array_foreach(json_object_get(report->alerts, "alerts"), i,
                       alert) if (report_is_warning(alert))
    {
        print_said(report, alert, "");
        n++;
    }
    if (!print_missing(report, "alerts", "It is missing") && n == 0)
        print_wrapped("No rule that has a verdict is above its limit.", 0, "");
    print_head("Said in these weeks");
    json_array_foreach(said, i, alert)
    {
        char when[REPORT_WHEN_MAX];

        report_when(alert, when);
        print_said(report, alert, when);
    }
    if (!print_missing(report, "alerts", "It is missing") && json_array_size(said) == 0)
        print_wrapped("Nothing.", 0, "");
    if (json_is_true(json_object_get(report->alerts, "more")))
        print_wrapped("There was more, and longer ago.", 0, "");
}

static void print_part(const char *name, const char *text)
{
    char part[2000];

    snprintf(part, sizeof(part), "%s: %s", name, text);
    print_wrapped(part, 2, "");
}

static void print_steps(const json_t *steps)
{
    size_t i;
    json_t *step;

    json_array_foreach(steps, i, step) if (json_is_string(step))
        print_wrapped(json_string_value(step), 4, "");
}

static void print_explanation(const json_t *explanation)
{
    const json_t *alert = json_object_get(explanation, "alert");
    const char *name, *text, *whole = json_string_value(json_object_get(alert, "explain"));
    bool any = false;

    printf("\n%s\n", report_title(explanation, json_string_value(json_object_get(alert, "rule"))));
    for (size_t i = 0; report_part(explanation, i, &name, &text); i++)
        if (text) {
            print_part(name, text);
            any = true;
        }
    if (json_array_size(json_object_get(explanation, "steps")))
        printf("  With today's numbers:\n");
    print_steps(json_object_get(explanation, "steps"));
    if (!any && whole)
        print_wrapped(whole, 2, "");
}

static void print_doctor(void)
{
    const char *item;

    print_head("When to see a doctor");
    print_wrapped("Whatever any figure here says, with", 0, "");
    for (size_t i = 0; (item = rule_doctor(i)); i++)
        print_wrapped(item, 2, "- ");
}

void report_print_text(const struct report *report)
{
    const char *runner = report_runner(report);
    char day[32];
    size_t i;
    json_t *explanation;

    stridectl_day(report_day(report), true, day);
    printf("%sTraining report: %s, twelve weeks to %s%s\n\n", terminal_ink(TERMINAL_BOLD),
           runner ? runner : "-", day, terminal_end(TERMINAL_BOLD));
    if (!print_missing(report, "week", "The week is missing"))
        stridectl_print_week(report->week);
    printf("\n");
    if (!print_missing(report, "history", "The weeks before are missing"))
        stridectl_print_history(report->history);
    print_warnings(report);
    if (json_array_size(report->explain))
        print_head("Why");
    json_array_foreach(report->explain, i, explanation) print_explanation(explanation);
    print_doctor();
}
