/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/program.h"

#include "daemon/stridectl/stridectl.h"
#include "lib/conf.h"

static const struct program_option options[] = {
    { .name = "json",
      .code = 'j',
      .has_letter = true,
      .help = "print the answer as JSON, as the daemon gave it",
      .more =
          "Figures in it are metric, whatever Units= says, and an answer that refuses is printed "
          "to standard output, too." },
    { .name = "runner",
      .argument = "NAME",
      .code = 'r',
      .has_letter = true,
      .help = "whose, for the verbs that take a runner",
      .more = "The same as the word runner=NAME; may be left out when there is one runner." },
    { .name = "full",
      .code = 'l',
      .has_letter = true,
      .help = "tables as wide as they are, whatever the terminal's width" },
    { .name = "color",
      .argument = "WHEN",
      .code = STRIDECTL_COLOUR,
      .help = "colours: auto (on a terminal, unless NO_COLOR is set), always or never" },
    { .name = "output",
      .argument = "FILE",
      .code = 'o',
      .has_letter = true,
      .help = "what `export` writes; - for standard output, a name that fits it if left out",
      .more = "The file has its name when it is whole, and not before." },
    { .name = "force",
      .code = 'f',
      .has_letter = true,
      .help = "`export` may write in the place of a file that is there" },
    { .name = "html",
      .argument = "FILE",
      .code = STRIDECTL_HTML,
      .help = "`report` as a page, into FILE; - for standard output" },
    { .name = "from",
      .argument = "FILE",
      .code = STRIDECTL_FROM,
      .help = "answers from a file, for tests",
      .hidden = true },
    { .name = "help", .code = 'h', .has_letter = true, .help = "print a summary and exit" },
    { .name = "version", .code = 'V', .has_letter = true, .help = "print the version and exit" },
    { .name = NULL },
};

static const struct program_status statuses[] = {
    { 0, "done", NULL },
    { EXIT_REFUSED, "refused (doctor: something fails)", NULL },
    { EXIT_USAGE, "wrong use", NULL },
    { EXIT_UNREACHABLE, "strided can't be reached", NULL },
    { EXIT_SIGNALLED, "`export` or `import` was ended by signal N", "128+N" },
    { 0, NULL, NULL },
};

const struct program stridectl_program = {
    .name = "stridectl",
    .purpose = "ask strided, and tell it what to do",
    .options = options,
    .statuses = statuses,
};

static const struct command_argument no_arguments[] = { { .name = NULL } };
static const struct command_argument runner_arguments[] = {
    { .name = "runner",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "whose; may be left out when there is one runner" },
    { .name = NULL },
};
static const struct command_argument watch_arguments[] = {
    { .name = "runner",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = CONF_ID_MAX - 1,
      .help = "whose; everybody's if left out" },
    { .name = NULL },
};

static const struct command_argument doctor_arguments[] = {
    { .name = "config",
      .type = COMMAND_TEXT,
      .min = 1,
      .max = 4095,
      .help = "the configuration file" },
    { .name = "state", .type = COMMAND_TEXT, .min = 1, .max = 4095, .help = "the state folder" },
    { .name = NULL },
};

const struct command stridectl_own_verbs[] = {
    { .verb = "doctor",
      .help = "looks for what is wrong, also while strided does not run",
      .arguments = doctor_arguments,
      .tells = true },
    { .verb = "watch",
      .help = "the live screen: sensors, figures and what is left today, each second",
      .arguments = watch_arguments,
      .tells = true },
    { .verb = "report",
      .help = "twelve weeks with all that was said of them, and why; --html FILE: as a page",
      .arguments = runner_arguments,
      .tells = true },
    { .verb = "help",
      .help = "print the verbs and options",
      .arguments = no_arguments,
      .tells = true },
    { .verb = NULL },
};
