/* SPDX-License-Identifier: MIT */
#include "daemon/commands/table.h"

#include <ctype.h>
#include <string.h>
#include "daemon/archived.h"
#include "lib/conf.h"
#include "lib/logged.h"
#include "lib/note.h"
#include "lib/payload.h"
#include "lib/training/history.h"

#define FILE_NAME_MAX 128

#define RUNNER_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "runner", .type = COMMAND_TEXT, .min = 1, .max = CONF_ID_MAX - 1,                  \
        .help = "whose; may be left out when there is one runner"                                  \
    }

static const char *const session_words[] = { "start", "stop", "discard", "assign", "note", NULL };
static const char *const session_named[] = { "stop", "discard", "assign", "note", NULL };
static const char *const session_noted[] = { "note", NULL };
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
              "that is over, of any age; assign: it must be given; note: one of any age, the "
              "runner's latest if left out" },
    { .name = "effort",
      .type = COMMAND_NUMBER,
      .min = 0,
      .max = NOTE_EFFORT_MAX,
      .with = session_noted,
      .nullable = true,
      .help = "how hard it felt as a whole, 0 rest to 10 all out, whole or half; null: not said" },
    { .name = "surface",
      .type = COMMAND_WORD,
      .words = note_surfaces,
      .with = session_noted,
      .nullable = true,
      .help = "what was run on; null: not said" },
    { .name = "shoes",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = NOTE_SHOES_MAX - 1,
      .with = session_noted,
      .nullable = true,
      .help = "in which shoes; null: not said" },
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

static const char *const logged_kinds[] = { "run", "walk", NULL };
static const struct command_argument log_run_arguments[] = {
    { .name = "day", .type = COMMAND_DAY, .required = true, .help = "the local day it was on" },
    { .name = "distance_m",
      .type = COMMAND_NUMBER,
      .required = true,
      .min = 1,
      .max = LOGGED_DISTANCE_MAX,
      .help = "how far" },
    { .name = "moving_s",
      .type = COMMAND_NUMBER,
      .required = true,
      .min = 1,
      .max = LOGGED_MOVING_MAX,
      .help = "for how long" },
    { .name = "start",
      .type = COMMAND_TEXT,
      .min = 5,
      .max = 5,
      .help = "from when on, local time as 07:30; where it is left out, no other session is taken "
              "for the same run" },
    { .name = "ascent_m",
      .type = COMMAND_NUMBER,
      .min = 0,
      .max = LOGGED_HEIGHT_MAX,
      .help = "how much it went up; not known if left out" },
    { .name = "downhill_drop_m",
      .type = COMMAND_NUMBER,
      .min = 0,
      .max = LOGGED_HEIGHT_MAX,
      .help = "how much it went down; not known if left out" },
    { .name = "kind", .type = COMMAND_WORD, .words = logged_kinds, .help = "run if left out" },
    { .name = "effort",
      .type = COMMAND_NUMBER,
      .min = 0,
      .max = NOTE_EFFORT_MAX,
      .help = "how hard it felt as a whole, as session note" },
    { .name = "surface", .type = COMMAND_WORD, .words = note_surfaces, .help = "what was run on" },
    { .name = "shoes",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = NOTE_SHOES_MAX - 1,
      .help = "in which shoes" },
    RUNNER_ARGUMENT,
    { .name = NULL },
};

static const struct command_argument import_arguments[] = {
    { .name = "file",
      .type = COMMAND_TEXT,
      .required = true,
      .min = 1,
      .max = 255,
      .help = "the name of a file in the runner's import folder, with the folders below it" },
    RUNNER_ARGUMENT,
    { .name = NULL },
};
static const struct command_argument delete_arguments[] = {
    { .name = "id",
      .type = COMMAND_TEXT,
      .required = true,
      .min = 1,
      .max = SESSION_ID_MAX - 1,
      .help = "which session, of any age" },
    { .name = "undo", .type = COMMAND_FLAG, .help = "true: within a day it comes back" },
    { .name = "runner",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "whose it must be; anybody's if left out" },
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

#define RULE_OR_ALL                                                                                \
    {                                                                                              \
        .name = "rule", .type = COMMAND_WORD, .words = rule_words,                                 \
        .help = "which of the rules; all of them if left out"                                      \
    }

static const struct command_argument alerts_arguments[] = {
    { .name = "days",
      .type = COMMAND_INTEGER,
      .min = 1,
      .max = 400,
      .help = "what was said in so many days; 28 if left out" },
    RUNNER_ARGUMENT,
    { .name = "before",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = EVENT_ID_MAX - 1,
      .help = "go on behind this one, to older ones: what the last answer told as next" },
    { .name = NULL },
};
static const struct command_argument acknowledge_arguments[] = {
    RULE_OR_ALL,
    RUNNER_ARGUMENT,
    { .name = NULL },
};
static const struct command_argument snooze_arguments[] = {
    { .name = "for_h",
      .type = COMMAND_INTEGER,
      .required = true,
      .min = 0,
      .max = 168,
      .help = "for how many hours; a warning is told all the same where a caution stood; 0: told "
              "again from now on" },
    RULE_OR_ALL,
    RUNNER_ARGUMENT,
    { .name = NULL },
};

static const struct command_argument log_arguments[] = {
    RUNNER_ARGUMENT,
    { .name = NULL },
};

static const struct command_argument sessions_arguments[] = {
    { .name = "runner",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "whose; everybody's if left out" },
    { .name = "from", .type = COMMAND_DAY, .help = "none that began on an earlier day" },
    { .name = "to", .type = COMMAND_DAY, .help = "none that began on a later day" },
    { .name = "limit",
      .type = COMMAND_INTEGER,
      .min = 1,
      .max = ARCHIVED_LIST_MAX,
      .help = "how many; 20 if left out" },
    { .name = "before",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = SESSION_ID_MAX - 1,
      .help = "go on behind this session, to older ones" },
    { .name = NULL },
};

static const char *const export_words[] = { "session", "sessions", "days", "everything", NULL };
static const char *const format_words[] = { "fit", "csv", "json", NULL };
static const struct command_argument export_arguments[] = {
    { .name = "what",
      .type = COMMAND_WORD,
      .required = true,
      .words = export_words,
      .help = "one session's file; the figures of sessions or of days; or all that is stored of a "
              "runner" },
    { .name = "id",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = SESSION_ID_MAX - 1,
      .help = "which session; with what=session" },
    { .name = "format",
      .type = COMMAND_WORD,
      .words = format_words,
      .help =
          "sessions and days: csv if left out, or json; session: the file that it came in as if "
          "left out, or fit; everything: json" },
    RUNNER_ARGUMENT,
    { .name = "from", .type = COMMAND_DAY, .help = "of sessions and days: none that is earlier" },
    { .name = "to", .type = COMMAND_DAY, .help = "of sessions and days: none that is later" },
    { .name = "cursor",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = ARCHIVED_CURSOR_MAX - 1,
      .help = "the next part: what the last answer told as next" },
    { .name = NULL },
};

static const struct command_argument history_arguments[] = {
    RUNNER_ARGUMENT,
    { .name = "weeks",
      .type = COMMAND_INTEGER,
      .min = 1,
      .max = HISTORY_WEEKS_MAX,
      .help = "how many, up to this one; 12 if left out" },
    { .name = NULL },
};

/* lib/contract.c has them; a test holds both together. */
static const char *const payload_words[] = { "info",  "health",   "sensor", "live",   "session",
                                             "week",  "note",     "alert",  "notice", "import",
                                             "event", "response", NULL };
static const struct command_argument schema_arguments[] = {
    { .name = "payload",
      .type = COMMAND_WORD,
      .words = payload_words,
      .help = "of which; a list of them if left out" },
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
    { .verb = "release",
      .help = "let a sensor go, for a watch or an app",
      .arguments = release_arguments },
    { .verb = "session",
      .help = "start or stop a session, discard one, assign one to another runner, or note how it "
              "was",
      .arguments = session_arguments,
      .unsafe_do = session_unsafe },
    { .verb = "incline", .help = "say how steep the belt is", .arguments = incline_arguments },
    { .verb = "route",
      .help = "say which way the runner follows from here on, for its heights",
      .arguments = route_arguments },
    { .verb = "import",
      .help = "read a file of the import folder now, and say what became of it",
      .arguments = import_arguments,
      .unsafe = true },
    { .verb = "imports",
      .help = "the files that came in last, and what became of them",
      .arguments = no_arguments,
      .tells = true },
    { .verb = "log-run",
      .help = "enter a run that nothing recorded",
      .arguments = log_run_arguments },
    { .verb = "sessions",
      .help = "the sessions that are stored, and those that are open, newest first",
      .arguments = sessions_arguments,
      .tells = true },
    { .verb = "week",
      .help = "what was done in seven days, what is usual, and what is left today",
      .arguments = log_arguments,
      .tells = true },
    { .verb = "history",
      .help = "what was done in each of the last weeks",
      .arguments = history_arguments,
      .tells = true },
    { .verb = "alerts",
      .help = "what each rule says now, and what was said in the last days",
      .arguments = alerts_arguments,
      .tells = true },
    { .verb = "acknowledge",
      .help = "what was said is seen: no reminder of it while it lasts, unless it gets worse",
      .arguments = acknowledge_arguments },
    { .verb = "snooze",
      .help = "no message about a rule for some hours; when to see a doctor is always told",
      .arguments = snooze_arguments },
    { .verb = "explain",
      .help = "what a rule says, where that comes from, and when to see a doctor",
      .arguments = explain_arguments,
      .tells = true },
    { .verb = "load",
      .help =
          "means of the heart load over 42 and 7 days, monotony, and the ratio of acute to chronic "
          "distance",
      .arguments = log_arguments,
      .tells = true },
    { .verb = "export",
      .help = "what is stored, to take away: a part of a file at a time",
      .arguments = export_arguments,
      .tells = true,
      .unsafe = true },
    { .verb = "delete",
      .help = "take a session away: it counts for nothing at once, and is gone in a day but for "
              "backups",
      .arguments = delete_arguments,
      .unsafe = true },
    { .verb = "record",
      .help = "write down all that sensors say, runs or not, for a bug report",
      .arguments = record_arguments,
      .unsafe = true },
    { .verb = "backup",
      .help = "copy the database into backups/ of the state folder",
      .arguments = no_arguments,
      .unsafe = true },
    { .verb = "schema",
      .help = "the JSON Schema of what is published",
      .arguments = schema_arguments,
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
