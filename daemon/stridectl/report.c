/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/json_text.h"
#include "daemon/stridectl/outfile.h"
#include "daemon/stridectl/refusal.h"
#include "daemon/stridectl/report_private.h"
#include "daemon/stridectl/rulebook.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

#define WEEKS      12
#define ALERT_DAYS (WEEKS * 7)
#define PARTS      3   /* week, history, alerts */
#define PAGES_MAX  100 /* a store keeps fewer */

/* ---- answers ------------------------------------------------------------------------------------ */

/* The data of an answer, or, where it refuses, its error; new references. */
static int get(const char *verb, json_t *arguments, json_t **ret_data, json_t **ret_error)
{
    json_t *answer = NULL, *data;
    int r = ask(verb, arguments, &answer);

    json_decref(arguments);
    data = json_object_get(answer, "data");
    *ret_data = json_is_object(data) ? json_incref(data) : NULL;
    *ret_error = *ret_data ? NULL : json_incref(json_object_get(answer, "error"));
    json_decref(answer);
    return r;
}

static json_t *of_runner(const char *runner)
{
    json_t *arguments = json_object();

    if (runner)
        json_object_set_new(arguments, "runner", json_string(runner));
    return arguments;
}

static json_t *with(json_t *arguments, const char *name, json_t *value)
{
    json_object_set_new(arguments, name, value);
    return arguments;
}

/* Nobody knows whose report it is to be. */
static bool is_of_nobody(const json_t *error)
{
    const char *argument = json_string_value(json_object_get(error, "argument"));

    return argument && strcmp(argument, "runner") == 0;
}

/* One part of it: what is refused is missing, with its reason, and the others go on. */
static int take(json_t *all, const char *verb, json_t *arguments)
{
    json_t *data = NULL, *error = NULL;
    int r = get(verb, arguments, &data, &error);
    bool nobody = is_of_nobody(error);
    const json_t *message = json_object_get(error, "message");

    json_object_set_new(all, verb, data ? data : json_null());
    if (r == 0 && !data)
        json_object_set_new(json_object_get(all, "missing"), verb,
                            json_is_string(message) ? json_copy((json_t *)message)
                                                    : json_string("refused"));
    if (nobody)
        refusal_print(error);
    json_decref(error);
    return nobody ? EXIT_REFUSED : r;
}

/* Everything that was said, page by page; what cannot be had any more is left as `more`. */
static int take_alerts(json_t *all, const char *runner)
{
    int r = take(all, "alerts", with(of_runner(runner), "days", json_integer(ALERT_DAYS)));
    json_t *alerts = json_object_get(all, "alerts"), *next, *page = NULL, *error = NULL;

    for (int n = 1; r == 0 && n < PAGES_MAX; n++) {
        next = json_object_get(alerts, "next");
        if (!json_is_string(next))
            break;
        r = get("alerts",
                with(with(of_runner(runner), "days", json_integer(ALERT_DAYS)), "before",
                     json_copy(next)),
                &page, &error);
        json_decref(error);
        if (!page)
            break;
        json_array_extend(json_object_get(alerts, "said"), json_object_get(page, "said"));
        json_object_set(alerts, "more", json_object_get(page, "more"));
        json_object_set(alerts, "next", json_object_get(page, "next"));
        json_decref(page);
    }
    return r;
}

/* Of a rule, once; now: with today's figures, if it has any. An old message has its own. */
static int explain(json_t *all, json_t *explained, const char *runner, const char *rule, bool now)
{
    json_t *data = NULL, *error = NULL;
    int r = 0;

    if (!rule || json_object_get(explained, rule))
        return 0;
    json_object_set_new(explained, rule, json_true());
    if (now)
        r = get("explain", with(of_runner(runner), "rule", json_string(rule)), &data, &error);
    json_decref(error);
    if (!data)
        data = rulebook_row(rule);
    if (data)
        json_array_append_new(json_object_get(all, "explain"), data);
    return r;
}

/* Every rule that is above its limit, and every one of which something was said. */
static int explain_all(json_t *all, const char *runner)
{
    const json_t *alerts = json_object_get(all, "alerts");
    json_t *explained = json_object(), *one;
    size_t i;
    int r = 0;

    json_array_foreach(json_object_get(alerts, "alerts"), i,
                       one) if (r == 0 && report_is_warning(one)) r =
        explain(all, explained, runner, json_string_value(json_object_get(one, "rule")), true);
    json_array_foreach(json_object_get(alerts, "said"), i, one) if (r == 0) r =
        explain(all, explained, runner, json_string_value(json_object_get(one, "rule")), false);
    json_decref(explained);
    return r;
}

static int gather(const char *runner, json_t *all)
{
    int r;

    json_object_set_new(all, "missing", json_object());
    r = take(all, "week", of_runner(runner));
    if (r == 0)
        r = take(all, "history", with(of_runner(runner), "weeks", json_integer(WEEKS)));
    if (r == 0)
        r = take_alerts(all, runner);
    json_object_set_new(all, "explain", json_array());
    return r ? r : explain_all(all, runner);
}

static int read_answers(const char *path, json_t **ret)
{
    json_error_t error;

    *ret = json_load_file(path, 0, &error);
    if (*ret)
        return 0;
    fprintf(stderr, "stridectl: %s: %s\n", path, error.text);
    return EXIT_USAGE;
}

/* ---- giving it out ------------------------------------------------------------------------------ */

/* In the place of an older one, once it is whole. */
static int write_page(const struct report *report, const char *path)
{
    struct outfile file;
    int r = outfile_open(&file, path, true);

    if (r == 0) {
        report_print_page(file.out, report);
        r = outfile_finish(&file);
    }
    outfile_let_go(&file);
    return r;
}

static int give_out(const struct report_options *options, json_t *all)
{
    struct report report = { .week = json_object_get(all, "week"),
                             .history = json_object_get(all, "history"),
                             .alerts = json_object_get(all, "alerts"),
                             .explain = json_object_get(all, "explain"),
                             .missing = json_object_get(all, "missing") };

    report.imperial = stridectl_is_imperial(report.week) || stridectl_is_imperial(report.history) ||
                      stridectl_is_imperial(report.alerts);
    if (options->html)
        return write_page(&report, options->html);
    if (options->as_json) {
        json_text_print(all, false);
    } else {
        report_print_text(&report);
    }
    return 0;
}

int report(const struct report_options *options)
{
    json_t *all = NULL;
    int r;

    if (options->from) {
        r = read_answers(options->from, &all);
    } else {
        all = json_object();
        r = gather(options->runner, all);
    }
    if (r == 0)
        r = give_out(options, all);
    if (r == 0 &&
        json_object_size(json_object_get(all, "missing")) == PARTS) /* but for the doctor */
        r = EXIT_REFUSED;
    json_decref(all);
    return r;
}
