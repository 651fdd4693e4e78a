/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a program is to whoever calls it: its options and the ways it ends, each a row. main(), --help,
 * the man page and the completion of a shell all go by these rows.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#define PROGRAM_OPTIONS_MAX 16

struct program_option {
    const char *name;       /* without its dashes */
    const char *argument;   /* FILE, DIR, ...: what it takes; NULL: nothing */
    const char *help;       /* no full stop behind it */
    const char *more;       /* sentences that only the man page has; NULL: none */
    char code;              /* what getopt_long() gives for it */
    bool has_letter;        /* the code is also its short form */
    bool argument_optional; /* NAME alone is allowed, too */
    bool hidden;            /* of tests: nobody is told of it */
};

struct program_status {
    int status;
    const char *help;
};

struct program {
    const char *name;
    const char *purpose;                   /* in half a line */
    const struct program_option *options;  /* up to a NULL name */
    const struct program_status *statuses; /* up to a NULL help */
};

/* The rows as getopt_long() wants them; letters begin with `first` ("+", ""). */
struct program_getopt {
    struct option options[PROGRAM_OPTIONS_MAX + 1];
    char letters[3 * PROGRAM_OPTIONS_MAX + 4];
};
void program_getopt(const struct program *program, const char *first, struct program_getopt *ret);
/* The option that a word such as "--runner" or "-r" is; NULL: none. */
const struct program_option *program_option_of(const struct program *program, const char *word);
/* The options, a line or more each, as --help has them. */
void program_print_options(const struct program *program, FILE *to);
/* "Exit status: 0 done, 1 ..." in lines. */
void program_print_statuses(const struct program *program, FILE *to);
