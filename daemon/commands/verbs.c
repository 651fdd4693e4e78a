/* SPDX-License-Identifier: MIT */
#include "daemon/commands/verbs_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "daemon/render.h"
#include "daemon/util.h"

/* ---- what they share -------------------------------------------------------------------------- */

void verbs_fail(struct command_answer *answer, const char *code, const char *argument,
                const char *message, const char *allowed)
{
    struct command_error error = { .code = code };

    snprintf(error.argument, sizeof(error.argument), "%s", argument ? argument : "");
    snprintf(error.message, sizeof(error.message), "%s", message);
    snprintf(error.allowed, sizeof(error.allowed), "%s", allowed ? allowed : "");
    command_answer_error(answer, &error);
}

const char *verbs_text(const json_t *arguments, const char *name)
{
    const char *value = json_string_value(json_object_get(arguments, name));

    return value ? value : "";
}

double verbs_number(const json_t *arguments, const char *name, double otherwise)
{
    const json_t *value = json_object_get(arguments, name);

    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static void list_runners(const struct conf *conf, char *ret, size_t size)
{
    size_t length = 0;

    snprintf(ret, size, "no runner is configured");
    for (size_t i = 0; i < conf->n_runners && length < size; i++)
        length += (size_t)snprintf(ret + length, size - length, "%s%s", i ? " | " : "",
                                   conf->runners[i].id);
}

bool verbs_which_runner(const struct verbs *verbs, const json_t *arguments,
                        struct command_answer *answer, size_t *ret)
{
    const struct conf *conf = verbs->conf;
    const char *name = verbs_text(arguments, "runner");
    size_t i = !name[0] && conf->n_runners == 1 ? 0 : conf_find_runner(conf, name);
    char allowed[COMMAND_ALLOWED_MAX];

    if (i < conf->n_runners) {
        *ret = i;
        return true;
    }
    list_runners(conf, allowed, sizeof(allowed));
    if (name[0] || conf->n_runners == 0)
        verbs_fail(answer, "not_found", "runner", "There is no such runner", allowed);
    else
        verbs_fail(answer, "missing_argument", "runner", "There are several runners: say which",
                   allowed);
    return false;
}

json_t *verbs_payload_json(enum contract_kind kind, const void *payload)
{
    _cleanup_free_ char *rendered = render_payload(kind, payload);
    json_t *json = rendered ? json_loads(rendered, 0, NULL) : NULL;

    return json ? json : json_null();
}

json_t *verbs_moment(int64_t usec)
{
    time_t seconds = (time_t)(usec / 1000000);
    struct tm tm;

    if (usec <= 0 || !gmtime_r(&seconds, &tm))
        return json_null();
    return json_sprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- which is which --------------------------------------------------------------------------- */

static const struct {
    const char *verb;
    void (*run)(void *context, const json_t *arguments, struct command_answer *answer);
} handlers[] = {
    { "status", verbs_run_status },
    { "sensors", verbs_run_sensors },
    { "scan", verbs_run_scan },
    { "session", verbs_run_session },
    { "release", verbs_run_release },
    { "incline", verbs_run_incline },
    { "route", verbs_run_route },
    { "load", verbs_run_load },
    { "imports", verbs_run_imports },
    { "week", verbs_run_week },
    { "explain", verbs_run_explain },
    { "history", verbs_run_history },
    { "schema", verbs_run_schema },
    { "sessions", verbs_run_sessions },
    { "export", verbs_run_export },
    { "log-run", verbs_run_log_run },
    { "delete", verbs_run_delete },
    { "backup", verbs_run_backup },
    { "import", verbs_run_import },
    { "alerts", verbs_run_alerts },
    { "acknowledge", verbs_run_acknowledge },
    { "snooze", verbs_run_snooze },
    { "assign", verbs_run_assign },
    { "replace", verbs_run_replace },
    { "forget", verbs_run_forget },
    { "record", verbs_run_record },
};

bool verbs_has(const char *verb)
{
    for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
        if (strcmp(handlers[i].verb, verb) == 0)
            return true;
    return false;
}

void verbs_run(void *context, const struct command *command, const json_t *arguments,
               struct command_answer *answer)
{
    for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
        if (strcmp(handlers[i].verb, command->verb) == 0) {
            handlers[i].run(context, arguments, answer);
            return;
        }
    verbs_fail(answer, "unknown_verb", NULL, "This command is in the table, but nobody does it",
               NULL);
}
