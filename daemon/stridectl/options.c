/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/stridectl/help.h"
#include "daemon/stridectl/program.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

#define COLUMNS_UNLESS_KNOWN 80

int options_columns(int fd)
{
    int columns = terminal_columns_wanted(fd);

    return (columns ? columns : COLUMNS_UNLESS_KNOWN) - 1;
}

/* ---- what stands where -------------------------------------------------------------------------- */

/* "-8" is a value: an option begins with a letter. */
static bool is_option(const char *word)
{
    return word[0] == '-' && (word[1] == '-' || isalpha((unsigned char)word[1]));
}

static const struct program_option *of_letter(char letter)
{
    const char word[] = { '-', letter, '\0' };

    return program_option_of(&stridectl_program, word);
}

/* The option of this word that takes the next one as its value; NULL: none. As getopt_long() takes them: a name may
 * be cut ("--run"), letters may stand together ("-jr"). What is no option it says itself. */
static const struct program_option *takes_next(const char *word)
{
    const struct program_option *option = NULL;

    if (word[1] == '-')
        option = strchr(word, '=') ? NULL : program_option_meant(&stridectl_program, word + 2);
    else
        for (const char *at = word + 1; *at; at++) {
            option = of_letter(*at);
            if (!option)
                return NULL;
            if (option->argument && at[1])
                return NULL; /* its value stands behind it */
        }
    return option && option->argument && !option->argument_optional ? option : NULL;
}

/* Where words begin that are none but words. */
static int end_of_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return i;
        i += is_option(argv[i]) && takes_next(argv[i]) != NULL;
    }
    return argc;
}

/* Options in front, in their order, then "--" and the words in theirs; getopt's own way of doing that takes
 * "-8" for an option. false: one lacks its value. */
static bool gather(int argc, char **argv, char **ret)
{
    static char end[] = "--";
    int n = 1, limit = end_of_options(argc, argv);

    ret[0] = argv[0];
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 1; i < limit; i++) {
            bool is = is_option(argv[i]);
            const struct program_option *takes = is ? takes_next(argv[i]) : NULL;

            if (takes && i + 1 >= limit) {
                fprintf(stderr, "stridectl: --%s needs its %s\n", takes->name, takes->argument);
                return false;
            }
            if (is == (pass == 0)) {
                ret[n++] = argv[i];
                if (takes)
                    ret[n++] = argv[i + 1];
            }
            i += takes != NULL;
        }
        if (pass == 0)
            ret[n++] = end;
    }
    for (int i = limit + 1; i < argc; i++)
        ret[n++] = argv[i];
    ret[n] = NULL;
    return true;
}

/* ---- what they say ------------------------------------------------------------------------------ */

static bool read_colour(const char *word, enum terminal_when *ret)
{
    static const char *const words[] = { "auto", "always", "never" };

    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum terminal_when)i;
            return true;
        }
    fprintf(stderr, "stridectl: there is no --color=%s (allowed: auto | always | never)\n", word);
    return false;
}

/* -1: go on; else how it ends. */
static int read_all(int argc, char **argv, struct options *ret)
{
    struct program_getopt known;
    int option;

    program_getopt(&stridectl_program, "+", &known);
    /* '+': what follows the options is the verb's, "incline -8" too */
    while ((option = getopt_long(argc, argv, known.letters, known.options, NULL)) >= 0) {
        if (option == 'j')
            ret->as_json = true;
        else if (option == 'r')
            ret->runner = optarg;
        else if (option == 'o')
            ret->to.path = optarg;
        else if (option == 'f')
            ret->to.force = true;
        else if (option == 'l')
            ret->full = true;
        else if (option == STRIDECTL_HTML)
            ret->html = optarg;
        else if (option == STRIDECTL_FROM)
            ret->from = optarg;
        else if (option == STRIDECTL_COLOUR && read_colour(optarg, &ret->colour))
            continue;
        else if (option == STRIDECTL_COLOUR)
            return EXIT_USAGE;
        else if (option == 'V')
            return printf("stridectl %s\n", STRIDED_VERSION) < 0;
        else {
            bool asked = option == 'h';

            help_print(asked ? stdout : stderr,
                       options_columns(asked ? STDOUT_FILENO : STDERR_FILENO));
            return option == 'h' ? 0 : EXIT_USAGE;
        }
    }
    return -1;
}

static void look(const struct options *options)
{
    struct terminal seen;

    terminal_begin(options->colour);
    seen = *terminal();
    if (options->full)
        seen.columns = 0;
    terminal_set(&seen);
}

int options_read(int argc, char **argv, struct options *ret, char ***ret_gathered,
                 char ***ret_words)
{
    char **gathered = calloc((size_t)argc + 2, sizeof(*gathered));
    int r = EXIT_USAGE, n = 0;

    *ret_gathered = gathered;
    if (!gathered || argc < 1 || !gather(argc, argv, gathered))
        return r;
    while (gathered[n])
        n++;
    r = read_all(n, gathered, ret);
    if (r >= 0)
        return r;
    look(ret);
    *ret_words = gathered + optind;
    return -1;
}

/* ---- what they are for -------------------------------------------------------------------------- */

static bool has_argument(const struct command *command, const char *name)
{
    for (const struct command_argument *a = command->arguments; a->name; a++)
        if (strcmp(a->name, name) == 0)
            return true;
    return false;
}

/* Of our own: what the daemon is asked, it answers for itself. */
static bool is_own(const struct command *command)
{
    return !command_find(command->verb);
}

bool options_go_with(const struct options *options, const struct command *command)
{
    bool exports = strcmp(command->verb, "export") == 0,
         reports = strcmp(command->verb, "report") == 0, helps = strcmp(command->verb, "help") == 0,
         runs = !is_own(command) || has_argument(command, "runner");
    const struct {
        bool wrong;
        const char *name, *beside;
    } rows[] = {
        { options->runner && !runs, "runner", "" },
        { options->as_json && helps, "json", "" },
        { options->to.path && !exports, "output", "" },
        { options->to.force && !exports, "force", "" },
        { options->html && !reports, "html", "" },
        { options->from && !reports, "from", "" },
        { options->runner && options->from, "runner", " --from" },
        { options->html && options->as_json, "html", " --json" },
        { options->to.path && options->as_json, "output", " --json" },
        { options->to.force && options->as_json, "force", " --json" },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (rows[i].wrong) {
            fprintf(stderr, "stridectl: --%s does not go with %s%s\n", rows[i].name, command->verb,
                    rows[i].beside);
            return false;
        }
    return true;
}
