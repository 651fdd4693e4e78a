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
    const char *shown; /* in the place of the number, of one of many ("128+N"); NULL: the number */
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
/* The one that a name, or the beginning of one and no other, is (without its dashes), as getopt_long() has it; NULL:
 * none, or several. */
const struct program_option *program_option_meant(const struct program *program, const char *name);
/* The options, a line or more each, as --help has them. */
void program_print_options(const struct program *program, FILE *to, int columns);
/* "Exit status: 0 done, 1 ..." in lines. */
void program_print_statuses(const struct program *program, FILE *to, int columns);
#define PROGRAM_COLUMNS    79 /* for those, where nobody knows how wide a line may be */
#define PROGRAM_STATUS_MAX 16
/* "1", "128+N"; the text may stand in ret. */
const char *program_status_text(const struct program_status *status, char ret[PROGRAM_STATUS_MAX]);
/* Words from this column on, in lines of so many columns, the next ones behind so many blanks; what follows the last
 * one stays on its line. The column behind it. */
int program_print_words(FILE *to, const char *text, int column, int indent, int columns);
