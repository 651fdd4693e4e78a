/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/program.h"

#include "daemon/stridectl/stridectl.h"

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
    { .name = "help", .code = 'h', .has_letter = true, .help = "print a summary and exit" },
    { .name = "version", .code = 'V', .has_letter = true, .help = "print the version and exit" },
    { .name = NULL },
};

static const struct program_status statuses[] = {
    { 0, "done" },
    { EXIT_REFUSED, "refused" },
    { EXIT_USAGE, "wrong use" },
    { EXIT_UNREACHABLE, "strided can't be reached" },
    { 0, NULL },
};

const struct program stridectl_program = {
    .name = "stridectl",
    .purpose = "ask strided, and tell it what to do",
    .options = options,
    .statuses = statuses,
};

static const struct command_argument no_arguments[] = { { .name = NULL } };

const struct command stridectl_own_verbs[] = {
    { .verb = "help",
      .help = "print the verbs and options",
      .arguments = no_arguments,
      .tells = true },
    { .verb = NULL },
};
