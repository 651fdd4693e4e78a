/* SPDX-License-Identifier: MIT */
#include "daemon/main_program.h"

static const struct program_option options[] = {
    { .name = "config",
      .argument = "FILE",
      .code = 'c',
      .help = "read FILE and FILE.d/*.conf (/etc/strided/strided.conf)",
      .more = "Those in the folder are read by name after FILE, and later lines win." },
    { .name = "state-dir",
      .argument = "DIR",
      .code = 's',
      .help = "recordings and results ($STATE_DIRECTORY; /var/lib/strided for root, "
              "~/.local/state/strided for others)",
      .more = "One folder is one strided's: a second one ends with status 75 and says so." },
    { .name = "check-config",
      .code = 'C',
      .help = "print the effective configuration and exit; 1 if it is not sound",
      .more = "A comment above each line says where it comes from; all that is wrong is said at "
              "once, with file, line and what is allowed." },
    { .name = "scan",
      .argument = "SECONDS",
      .argument_optional = true,
      .code = 'S',
      .help = "list the sensors that advertise and exit (10 s)",
      .more = "From 1 to 300 s. Below the table stand the lines that bind them, for the "
              "configuration." },
    { .name = "fit",
      .argument = "SESSION",
      .code = 'F',
      .help = "write a session that is over as a FIT file to standard output",
      .more = "SESSION is its id, as `stridectl status` and the messages have it." },
    { .name = "version", .code = 'V', .help = "print the version and exit" },
    { .name = "help", .code = 'h', .has_letter = true, .help = "print a summary and exit" },
    { .name = NULL },
};

static const struct program_status statuses[] = {
    { 0, "done, or stopped as it was told to" },
    { MAIN_FAILED, "failed; what was wrong is in the log" },
    { MAIN_USAGE, "wrong use" },
    { MAIN_TAKEN, "another strided has the state folder" },
    { MAIN_CONFIG, "the configuration is not sound" },
    { 0, NULL },
};

const struct program main_program = {
    .name = "strided",
    .purpose = "running sensors to MQTT",
    .options = options,
    .statuses = statuses,
};
