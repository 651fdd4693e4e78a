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
#include "daemon/stridectl/doctor.h"
#include "daemon/stridectl/export.h"
#include "daemon/stridectl/imports.h"
#include "daemon/stridectl/interrupt.h"
#include "daemon/stridectl/program.h"
#include "daemon/stridectl/record.h"
#include "daemon/stridectl/refusal.h"
#include "daemon/stridectl/report.h"
#include "daemon/stridectl/rulebook.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/stridectl/watch.h"
#include "daemon/stridectl/words.h"
#include "daemon/util.h"
#include "lib/utf8.h"

/* ---- answers --------------------------------------------------------------------------------------- */

static int print_answer(const char *verb, const json_t *answer, bool as_json)
{
    const char *status = json_string_value(json_object_get(answer, "status"));
    const json_t *error = json_object_get(answer, "error");
    bool ok = status && strcmp(status, "ok") == 0;

    if (as_json) {
        /* on a terminal nothing of it is obeyed */
        json_dumpf(answer, stdout,
                   JSON_INDENT(2) | JSON_REAL_PRECISION(12) |
                       (terminal()->columns ? JSON_ENSURE_ASCII : 0));
        printf("\n");
    } else if (ok) {
        stridectl_print(verb, json_object_get(answer, "data"));
    } else {
        refusal_print(error);
    }
    return ok ? 0 : EXIT_REFUSED;
}

/* Beside a refusal: what is known of the rule all the same, and when to see a doctor. */
static void print_row(const json_t *rule)
{
    json_t *row = rulebook_row(json_string_value(rule));

    if (row)
        stridectl_print_rule_row(row);
    json_decref(row);
}

/* ---- verbs of our own --------------------------------------------------------------------------- */

static const struct command *find(const char *verb)
{
    for (const struct command *c = stridectl_own_verbs; c->verb; c++)
        if (strcmp(c->verb, verb) == 0)
            return c;
    return command_find(verb);
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

struct options {
    const char *runner, *html, *from;
    bool as_json, full;
    struct export_to to;
    enum terminal_when colour;
};

static int run_own(const struct command *command, const struct options *options)
{
    if (strcmp(command->verb, "watch") == 0)
        return watch(options->runner, options->as_json);
    return report(&(struct report_options){ .runner = options->runner,
                                            .html = options->html,
                                            .from = options->from,
                                            .as_json = options->as_json });
}

/* What an option is for; it is not to be passed over elsewhere. */
static bool takes_options(const struct command *command, const struct options *options)
{
    bool exports = strcmp(command->verb, "export") == 0,
         reports = strcmp(command->verb, "report") == 0;
    const char *wrong = (options->to.path && !exports)            ? "output"
                        : (options->to.force && !exports)         ? "force"
                        : (options->html && !reports)             ? "html"
                        : (options->from && !reports)             ? "from"
                        : (options->html && options->as_json)     ? "html"
                        : (options->to.path && options->as_json)  ? "output"
                        : (options->to.force && options->as_json) ? "force"
                                                                  : NULL;

    if (!wrong)
        return true;
    fprintf(stderr, "stridectl: --%s does not go with %s%s\n", wrong, command->verb,
            options->as_json ? " --json" : "");
    return false;
}

/* A file is written where JSON of its parts was not asked for. */
static int ask_verb(const struct command *command, json_t *arguments, const struct options *options,
                    json_t **ret)
{
    bool file = strcmp(command->verb, "export") == 0 && !options->as_json;

    return file ? export_write(arguments, &options->to, ret) : ask(command->verb, arguments, ret);
}

/* A recording that was begun is shown until it is over; so is one that goes on, without a word of what to
 * do with it. */
static bool is_to_be_followed(const struct command *command, json_t *arguments)
{
    const char *what = json_string_value(json_object_get(arguments, "do"));

    if (strcmp(command->verb, "record") != 0)
        return false;
    if (!what)
        json_object_set_new(arguments, "do", json_string("status"));
    return !what || strcmp(what, "start") == 0;
}

/* JSON has no place for other bytes. */
static bool is_text(const char *word)
{
    _cleanup_free_ char *clean = NULL;

    if (!word || utf8_is_valid(word, strlen(word)))
        return true;
    clean = text_fit(word, 0);
    fprintf(stderr, "stridectl: '%s' is no text (allowed: UTF-8)\n", clean ? clean : "");
    return false;
}

static int run(const struct command *command, const struct options *options, char **words)
{
    json_t *arguments = json_object(), *answer = NULL;
    bool follow;
    int r = 0;

    if (!is_text(options->runner))
        r = -1;
    else if (options->runner)
        json_object_set_new(arguments, "runner", json_string(options->runner));
    for (; *words && r == 0; words++)
        r = is_text(*words) ? words_take(command, arguments, *words) : -1;
    follow = r == 0 && is_to_be_followed(command, arguments) && !options->as_json;
    if (follow)
        interrupt_heed(); /* before it begins, so that it is not left going on */
    if (r)
        r = EXIT_USAGE;
    else if (!command_find(command->verb))
        r = run_own(command, options);
    else
        r = ask_verb(command, arguments, options, &answer);
    if (r == 0 && answer && strcmp(command->verb, "imports") == 0 && !options->as_json)
        imports_follow(&answer);
    if (r == 0 && answer)
        r = print_answer(command->verb, answer, options->as_json);
    if (r && strcmp(command->verb, "explain") == 0 && !options->as_json)
        print_row(json_object_get(arguments, "rule"));
    if (r == 0 && follow &&
        json_is_true(json_object_get(json_object_get(answer, "data"), "recording")))
        r = stridectl_follow_recording();
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
static int read_options(int argc, char **argv, struct options *ret)
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
            usage(option == 'h' ? stdout : stderr);
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

int main(int argc, char **argv)
{
    struct options options = { .colour = TERMINAL_AUTO };
    const struct command *command;
    _cleanup_free_ char **gathered = calloc((size_t)argc + 1, sizeof(*gathered));
    int r;

    if (!gathered || argc < 1)
        return EXIT_USAGE;
    gather_options(argc, argv, gathered);
    argv = gathered;
    r = read_options(argc, argv, &options);
    if (r >= 0)
        return r;
    look(&options);
    if (optind < argc && strcmp(argv[optind], "help") == 0) {
        usage(stdout);
        return 0;
    }
    command = optind < argc ? find(argv[optind]) : NULL;
    if (!command) {
        if (optind < argc)
            fprintf(stderr, "stridectl: there is no verb '%s'\n", argv[optind]);
        usage(stderr);
        return EXIT_USAGE;
    }
    if (!takes_options(command, &options))
        return EXIT_USAGE;
    if (strcmp(command->verb, "doctor") == 0)
        return doctor_command(&doctor_here, argv + optind + 1, options.as_json);
    return run(command, &options, argv + optind + 1);
}
