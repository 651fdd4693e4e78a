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
#define ADDRESS_ARGUMENT                                                                           \
    {                                                                                              \
        .name = "address", .type = COMMAND_TEXT, .required = true, .min = 1, .max = 31,            \
        .help = "of the device, as scan shows it"                                                  \
    }
static const char *const kind_words[] = { "pod",      "strap",     "treadmill", "power",
                                          "location", "barometer", NULL };
static const struct command_argument assign_arguments[] = {
    ADDRESS_ARGUMENT,
    { .name = "runner",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "whose, or auto: whoever's own sensor streams; may be left out when there is one "
              "runner, and of a treadmill or barometer" },
    { .name = "name",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "what it is to be called; made of what it is and its address if left out" },
    { .name = "kind",
      .type = COMMAND_WORD,
      .words = kind_words,
      .help = "what it is; as it was heard if left out" },
    { .name = NULL },
};
static const struct command_argument replace_arguments[] = {
    { .name = "sensor",
      .type = COMMAND_TEXT,
      .required = true,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "the sensor whose name and history the new device takes" },
    ADDRESS_ARGUMENT,
    { .name = NULL },
};
static const struct command_argument forget_arguments[] = {
    { .name = "sensor",
      .type = COMMAND_TEXT,
      .required = true,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "a sensor that was bound by assign" },
    { .name = NULL },
};
static const char *const record_words[] = { "start", "stop", "status", NULL };
static const char *const record_start[] = { "start", NULL };
static const struct command_argument record_arguments[] = {
    { .name = "do",
      .type = COMMAND_WORD,
      .required = true,
      .words = record_words,
      .help = "what to do" },
    { .name = "sensor",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .with = record_start,
      .help = "this one alone; all of them if left out" },
    { .name = "minutes",
      .type = COMMAND_INTEGER,
      .min = 1,
      .max = 240,
      .with = record_start,
      .help = "for how long at most; 10 if left out" },
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
    { .verb = "assign",
      .help = "use a device from now on: it has a name, and is a runner's",
      .arguments = assign_arguments,
      .unsafe = true },
    { .verb = "replace",
      .help = "a new device takes the place of one that was assigned",
      .arguments = replace_arguments,
      .unsafe = true },
    { .verb = "forget",
      .help = "let a device go for good that was assigned",
      .arguments = forget_arguments,
      .unsafe = true },
    { .verb = "record",
      .help = "write down all that sensors say, runs or not, for a bug report",
      .arguments = record_arguments,
      .unsafe = true },
    { .verb = NULL },
};

const struct command *command_find(const char *verb)
{
    for (const struct command *c = command_table; c->verb; c++)
        if (strcmp(c->verb, verb) == 0)
            return c;
    return NULL;
}

bool command_takes(const struct command_argument *argument, const char *what)
{
    for (size_t i = 0; argument->with && argument->with[i]; i++)
        if (what && strcmp(argument->with[i], what) == 0)
            return true;
    return !argument->with;
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
