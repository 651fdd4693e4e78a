/* SPDX-License-Identifier: MIT */
/*
 * stridectl: the command table from a terminal. Words become the JSON arguments of a verb, the
 * answer of the daemon (over D-Bus) becomes lines for a person, or stays JSON with --json.
 */
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/commands/table.h"
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/program.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/words.h"
#include "daemon/util.h"

/* ---- answers --------------------------------------------------------------------------------------- */

static int print_answer(const char *verb, const json_t *answer, bool as_json)
{
    const char *status = json_string_value(json_object_get(answer, "status"));
    const json_t *error = json_object_get(answer, "error");
    bool ok = status && strcmp(status, "ok") == 0;
    const char *allowed = json_string_value(json_object_get(error, "allowed"));

    if (as_json) {
        json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
        printf("\n");
    } else if (ok) {
        stridectl_print(verb, json_object_get(answer, "data"));
    } else {
        const char *message = json_string_value(json_object_get(error, "message"));

        fprintf(stderr, "stridectl: %s%s%s%s\n", message ? message : "refused",
                allowed ? " (allowed: " : "", allowed ? allowed : "", allowed ? ")" : "");
    }
    return ok ? 0 : EXIT_REFUSED;
}

/* ---- main ------------------------------------------------------------------------------------- */

static void print_verbs(FILE *to, const struct command *commands)
{
    for (const struct command *c = commands; c->verb; c++) {
        char line[80];
        int length = snprintf(line, sizeof(line), "%s", c->verb);

        for (const struct command_argument *a = c->arguments; a->name && length < 79; a++)
            length += snprintf(line + length, sizeof(line) - (size_t)length,
                               a->required ? " %s" : " [%s]", a->name);
        fprintf(to, "  %-36s %s\n", line, c->help);
    }
}

static void usage(FILE *to)
{
    fprintf(to, "Usage: stridectl [OPTION ...] VERB [WORD|NAME=WORD ...]\n"
                "Options may stand anywhere.\n\n");
    program_print_options(&stridectl_program, to);
    fprintf(to, "\nVerbs:\n");
    print_verbs(to, command_table);
    print_verbs(to, stridectl_own_verbs);
    fputc('\n', to);
    program_print_statuses(&stridectl_program, to);
}

static int run(const struct command *command, const char *runner, char **words, bool as_json)
{
    json_t *arguments = json_object(), *answer = NULL;
    int r = 0;

    if (runner)
        json_object_set_new(arguments, "runner", json_string(runner));
    for (; *words && r == 0; words++)
        r = words_take(command, arguments, *words);
    r = r ? EXIT_USAGE : ask(command->verb, arguments, &answer);
    if (r == 0)
        r = print_answer(command->verb, answer, as_json);
    json_decref(arguments);
    json_decref(answer);
    return r;
}

/* "-8" is a value: an option begins with a letter. */
static bool is_option(const char *word)
{
    return word[0] == '-' && (word[1] == '-' || isalpha((unsigned char)word[1]));
}

static bool takes_next(const char *option)
{
    const struct program_option *row = program_option_of(&stridectl_program, option);

    return row && row->argument && !row->argument_optional;
}

/* Options in front, in their order, then the words in theirs; getopt's own way of doing that takes
 * "-8" for an option. */
static void gather_options(int argc, char **argv, char **ret)
{
    int n = 1;

    ret[0] = argv[0];
    for (int pass = 0; pass < 2; pass++)
        for (int i = 1; i < argc; i++) {
            bool option = is_option(argv[i]), both = takes_next(argv[i]) && i + 1 < argc;

            if (option == (pass == 0)) {
                ret[n++] = argv[i];
                if (both)
                    ret[n++] = argv[i + 1];
            }
            i += both;
        }
    ret[n] = NULL;
}

int main(int argc, char **argv)
{
    const char *runner = NULL;
    const struct command *command;
    _cleanup_free_ char **gathered = calloc((size_t)argc + 1, sizeof(*gathered));
    struct program_getopt known;
    bool as_json = false;
    int option;

    if (!gathered || argc < 1)
        return EXIT_USAGE;
    gather_options(argc, argv, gathered);
    argv = gathered;
    program_getopt(&stridectl_program, "+", &known);
    /* '+': what follows the options is the verb's, "incline -8" too */
    while ((option = getopt_long(argc, argv, known.letters, known.options, NULL)) >= 0) {
        if (option == 'j')
            as_json = true;
        else if (option == 'r')
            runner = optarg;
        else if (option == 'V')
            return printf("stridectl %s\n", STRIDED_VERSION) < 0;
        else {
            usage(option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : EXIT_USAGE;
        }
    }
    if (optind < argc && strcmp(argv[optind], "help") == 0) {
        usage(stdout);
        return 0;
    }
    command = optind < argc ? command_find(argv[optind]) : NULL;
    if (!command) {
        if (optind < argc)
            fprintf(stderr, "stridectl: there is no verb '%s'\n", argv[optind]);
        usage(stderr);
        return EXIT_USAGE;
    }
    return run(command, runner, argv + optind + 1, as_json);
}
