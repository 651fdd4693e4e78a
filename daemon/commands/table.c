/* SPDX-License-Identifier: MIT */
#include "daemon/commands/table.h"

#include <ctype.h>
#include <string.h>
#include "lib/conf.h"
#include "lib/payload.h"

#define FILE_NAME_MAX 128

#define RUNNER_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = CONF_ID_MAX - 1,                  \
        .help = "whose; may be left out when there is one runner"                                  \
    }

static const char *const session_words[] = { "start", "stop", "discard", "assign", NULL };
static const char *const session_named[] = { "stop", "discard", "assign", NULL };
static const char *const session_unsafe[] = { "discard", "assign", NULL };

static const struct command_argument no_arguments[] = { { .name = NULL } };
static const struct command_argument scan_arguments[] = {
    { .name = "seconds",
      .type = COMMAND_INTEGER,
      .min = 1,
      .max = 60,
      .help = "how long to listen; 10 if left out" },
    { .name = NULL },
};
static const struct command_argument session_arguments[] = {
    { .name = "do",
      .type = COMMAND_WORD,
      .required = true,
      .words = session_words,
      .help = "what to do" },
    RUNNER_ARGUMENT,
    { .name = "id",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = SESSION_ID_MAX - 1,
      .with = session_named,
      .help = "which session; the runner's open one if left out. discard: also one "
              "that is over, of any age; assign: it must be given" },
    { .name = NULL },
};
static const struct command_argument release_arguments[] = {
    { .name = "sensor",
      .type = COMMAND_TEXT,
      .required = true,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "the sensor to let go" },
    { .name = "for_s",
      .type = COMMAND_INTEGER,
      .min = 1,
      .max = 86400,
      .help = "for how many seconds; 3600 if left out" },
    { .name = NULL },
};
static const struct command_argument incline_arguments[] = {
    { .name = "percent",
      .type = COMMAND_NUMBER,
      .required = true,
      .min = -45,
      .max = 45,
      .nullable = true,
      .help = "rise over run of the belt from now on; null: not known" },
    RUNNER_ARGUMENT,
    { .name = NULL },
};
static const struct command_argument route_arguments[] = {
    { .name = "file",
      .type = COMMAND_TEXT,
      .required = true,
      .min = 1,
      .max = FILE_NAME_MAX - 1,
      .nullable = true,
      .help = "a GPX file in routes/ of the runner's import folder; null: no route any more" },
    RUNNER_ARGUMENT,
    { .name = NULL },
};

/* lib/training/rule.c has them; a test holds both together. */
static const char *const rule_words[] = { "weekly_distance", "weekly_time",
                                          "weekly_downhill", "weekly_downhill_distance",
                                          "spike_distance",  "spike_descent",
                                          "first_descent",   "uphill_base",
                                          "monotony",        NULL };
static const struct command_argument explain_arguments[] = {
    { .name = "rule",
      .type = COMMAND_WORD,
      .required = true,
      .words = rule_words,
      .help = "which of the rules" },
    RUNNER_ARGUMENT,
    { .name = NULL },
};

static const struct command_argument log_arguments[] = {
    RUNNER_ARGUMENT,
    { .name = NULL },
};

const struct command command_table[] = {
    { .verb = "status",
      .help = "what the gateway does now",
      .arguments = no_arguments,
      .tells = true },
    { .verb = "sensors",
      .help = "the configured sensors and their states",
      .arguments = no_arguments,
      .tells = true },
    { .verb = "scan",
      .help = "listen for sensors that advertise",
      .arguments = scan_arguments,
      .tells = true },
    { .verb = "session",
      .help = "start or stop a session, discard one, or assign one to another runner",
      .arguments = session_arguments,
      .unsafe_do = session_unsafe },
    { .verb = "release",
      .help = "let a sensor go, for a watch or an app",
      .arguments = release_arguments },
    { .verb = "incline", .help = "say how steep the belt is", .arguments = incline_arguments },
    { .verb = "route",
      .help = "say which way the runner follows from here on, for its heights",
      .arguments = route_arguments },
    { .verb = "week",
      .help = "what was done in seven days, what is usual, and what is left today",
      .arguments = log_arguments,
      .tells = true },
    { .verb = "explain",
      .help = "what a rule says, where that comes from, and when to see a doctor",
      .arguments = explain_arguments,
      .tells = true },
    { .verb = "load",
      .help = "fitness, fatigue and form, monotony, and the ratio of acute to chronic load",
      .arguments = log_arguments,
      .tells = true },
    { .verb = "imports",
      .help = "the files that came in last, and what became of them",
      .arguments = no_arguments,
      .tells = true },
    { .verb = NULL },
};

const struct command *command_find(const char *verb)
{
    for (const struct command *c = command_table; c->verb; c++)
        if (strcmp(c->verb, verb) == 0)
            return c;
    return NULL;
}

static bool is_among(const char *what, const char *const *words)
{
    for (size_t i = 0; what && words && words[i]; i++)
        if (strcmp(what, words[i]) == 0)
            return true;
    return false;
}

bool command_is_unsafe(const struct command *command, const char *what)
{
    return command->unsafe || is_among(what, command->unsafe_do);
}

bool command_takes(const struct command_argument *argument, const char *what)
{
    return !argument->with || is_among(what, argument->with);
}

void command_method_name(const char *verb, char *ret, size_t size)
{
    bool up = true;
    size_t n = 0;

    for (const char *c = verb; *c && n + 1 < size; c++) {
        if (*c == '-') {
            up = true;
            continue;
        }
        ret[n++] = up ? (char)toupper((unsigned char)*c) : *c;
        up = false;
    }
    ret[n] = '\0';
}
