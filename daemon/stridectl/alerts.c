/* SPDX-License-Identifier: MIT */
/* What the rules say now, what was said, and what a person said to it, in lines. */
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"

#define INDENT 2
#define TO_SECONDS                                                                                 \
    19 /* bytes of a moment in which one is before another, whatever is behind them */

static void print_wrapped(const char *first, int indent, const char *text)
{
    text_print(text, terminal_room(), indent, first);
}

static const char *text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));

    return text ? text : "-";
}

/* ---- now ---------------------------------------------------------------------------------------- */

static const struct column columns[] = {
    { "rule", "RULE" }, { "verdict", "VERDICT" },     { "since", "TOLD SINCE" },
    { "seen", "SEEN" }, { "until", "SNOOZED UNTIL" }, { NULL, NULL },
};

static const json_t *of_rule(const json_t *list, const char *rule)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (strcmp(text_of(one, "rule"), rule) == 0) return one;
    return NULL;
}

/* Of what stands: the latest that was said of it. */
static const char *seen(const json_t *alert, const json_t *said)
{
    const json_t *last = of_rule(said, text_of(alert, "rule"));

    /* behind `before` there may be none of what stands */
    if (!json_is_string(json_object_get(alert, "since")) || !last ||
        strncmp(text_of(last, "at"), text_of(alert, "since"), TO_SECONDS) < 0)
        return "-";
    return json_is_true(json_object_get(last, "acknowledged")) ? "yes" : "no";
}

static void print_now(const json_t *data)
{
    json_t *rows = json_array(), *alert;
    size_t i;

    json_array_foreach(json_object_get(data, "alerts"), i, alert)
    {
        const json_t *snoozed = of_rule(json_object_get(data, "snoozed"), text_of(alert, "rule"));

        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", text_of(alert, "rule"), "verdict",
                            text_of(alert, "verdict"), "since", text_of(alert, "since"), "seen",
                            seen(alert, json_object_get(data, "said")), "until",
                            text_of(snoozed, "until")));
    }
    stridectl_print_table(rows, columns);
    json_decref(rows);
}

/* ---- said --------------------------------------------------------------------------------------- */

static void print_said(const json_t *said)
{
    const char *session = json_string_value(json_object_get(said, "session"));
    char first[300];

    snprintf(first, sizeof(first), "%s, %s: %s %s%s%s%s", text_of(said, "at"),
             text_of(said, "rule"), text_of(said, "news"), text_of(said, "verdict"),
             session ? ", session " : "", session ? session : "",
             json_is_true(json_object_get(said, "acknowledged")) ? ", seen" : "");
    print_wrapped("", INDENT, first);
}

void stridectl_print_alerts(const json_t *data)
{
    const json_t *one;
    size_t i;

    print_now(data);
    printf("\n%s\n", json_array_size(json_object_get(data, "said"))
                         ? "What was said, the latest first:"
                         : "Nothing was said in these days.");
    json_array_foreach(json_object_get(data, "said"), i, one)
    {
        print_said(one);
        print_wrapped("", 2 * INDENT, text_of(one, "sentence"));
    }
    if (json_is_true(json_object_get(data, "more")))
        printf("Older ones: the same with before=%s\n", text_of(data, "next"));
    printf("\n");
    print_wrapped(
        "", 0,
        "Why, and when to see a doctor whatever is said here: stridectl explain RULE. Seen: "
        "stridectl acknowledge [RULE]. Not now: stridectl snooze HOURS [RULE].");
}

/* ---- said to it --------------------------------------------------------------------------------- */

void stridectl_print_seen(const json_t *data)
{
    const json_t *standing = json_object_get(data, "standing"), *rule;
    size_t i;

    json_array_foreach(standing, i, rule)
        printf("%s: seen. No reminder of it while it lasts, unless it gets worse.\n",
               json_string_value(rule));
    if (json_array_size(standing) == 0)
        printf("Nothing that was said lasts; what was said is marked as seen.\n");
}

void stridectl_print_snoozed(const json_t *data)
{
    const json_t *snoozed = json_object_get(data, "snoozed"), *one;
    const char *rule = json_string_value(json_object_get(data, "rule"));
    bool any = false;
    size_t i;

    json_array_foreach(snoozed, i, one)
    {
        if (rule && strcmp(rule, text_of(one, "rule")) != 0)
            continue;
        printf("%s: no message until %s.\n", text_of(one, "rule"), text_of(one, "until"));
        any = true;
    }
    if (!any) {
        printf("%s: told again from now on.\n", rule ? rule : "All rules");
        return;
    }
    print_wrapped("", 0,
                  "Where a caution stands, a warning is told all the same. When to see a doctor, "
                  "whatever is said: stridectl explain RULE");
}
