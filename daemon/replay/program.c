/* SPDX-License-Identifier: MIT */
#include "daemon/replay/program.h"

static const struct program_option options[] = {
    { .name = "every",
      .argument = "S",
      .code = 'e',
      .help = "a live message each S seconds, 1 to 3600 (10)" },
    { .name = "gateway", .argument = "NAME", .code = 'g', .help = "in the topics (replay)" },
    { .name = "text",
      .code = 't',
      .help = "key=value instead of JSON, without what is null",
      .more = "Two of them are compared by eye, or by `diff`(1)." },
    { .name = "anonymous",
      .argument = "OUT",
      .code = 'a',
      .help = "write a copy of FILE to OUT with nothing personal in it, and print nothing",
      .more = "Addresses and names are numbered, the copy begins on 2020-01-01, and what tells a "
              "place on earth, a mass or a year of birth is left out. A file that is there "
              "already is left alone." },
    { .name = "drop-heart", .code = 'd', .help = "with --anonymous: nothing of the heart either" },
    { .name = "version", .code = 'V', .help = "print the version and exit" },
    { .name = "help", .code = 'h', .has_letter = true, .help = "print a summary and exit" },
    { .name = NULL },
};

static const struct program_status statuses[] = {
    { 0, "done" },
    { REPLAY_DAMAGED, "a file or a line of it could not be read; the rest was replayed" },
    { REPLAY_USAGE, "wrong use" },
    { 0, NULL },
};

const struct program replay_program = {
    .name = "strided-replay",
    .purpose = "print what strided makes of a recording",
    .options = options,
    .statuses = statuses,
};
