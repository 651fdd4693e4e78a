/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/outfile.h"
#include "daemon/stridectl/report_private.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

#define WEEKS      12
#define ALERT_DAYS (WEEKS * 7)

/* ---- answers ------------------------------------------------------------------------------------ */

/* The data of an answer, a new reference. refusal: NULL where a refusal is none of the report's. */
static int get(const char *verb, json_t *arguments, bool may_refuse, json_t **ret)
{
    json_t *answer = NULL, *data;
    int r = ask(verb, arguments, &answer);

    json_decref(arguments);
    if (r)
        return r;
    data = json_object_get(answer, "data");
    if (json_is_object(data)) {
        *ret = json_incref(data);
    } else if (!may_refuse) {
        const char *message =
            json_string_value(json_object_get(json_object_get(answer, "error"), "message"));

        fprintf(stderr, "stridectl: %s\n", message ? message : "refused");
        r = EXIT_REFUSED;
    }
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

/* Of a rule, once; one that is off by now has no explanation. */
static int explain(json_t *all, json_t *explained, const char *runner, const char *rule)
{
    json_t *data = NULL;
    int r;

    if (!rule || json_object_get(explained, rule))
        return 0;
    json_object_set_new(explained, rule, json_true());
    r = get("explain", with(of_runner(runner), "rule", json_string(rule)), true, &data);
    if (data)
        json_array_append_new(json_object_get(all, "explain"), data);
    return r;
}

/* Every rule that is above its limit, and every one that was. */
static int explain_all(json_t *all, const char *runner)
{
    const json_t *alerts = json_object_get(all, "alerts");
    json_t *explained = json_object(), *one;
    size_t i;
    int r = 0;

    json_array_foreach(json_object_get(alerts, "alerts"), i,
                       one) if (r == 0 && report_is_warning(one)) r =
        explain(all, explained, runner, json_string_value(json_object_get(one, "rule")));
    json_array_foreach(json_object_get(alerts, "said"), i, one) if (r == 0) r =
        explain(all, explained, runner, json_string_value(json_object_get(one, "rule")));
    json_decref(explained);
    return r;
}

static int gather(const char *runner, json_t *all)
{
    json_t *week = NULL, *history = NULL, *alerts = NULL;
    int r = get("week", of_runner(runner), false, &week);

    if (r == 0)
        r = get("history", with(of_runner(runner), "weeks", json_integer(WEEKS)), false, &history);
    if (r == 0)
        r = get("alerts", with(of_runner(runner), "days", json_integer(ALERT_DAYS)), false,
                &alerts);
    json_object_set_new(all, "week", week);
    json_object_set_new(all, "history", history);
    json_object_set_new(all, "alerts", alerts);
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
                             .explain = json_object_get(all, "explain") };

    report.imperial = stridectl_is_imperial(report.week);
    if (options->html)
        return write_page(&report, options->html);
    if (options->as_json) {
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
        printf("\n");
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
    json_decref(all);
    return r;
}
