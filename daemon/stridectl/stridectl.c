/* SPDX-License-Identifier: MIT */
/*
 * stridectl: the command table from a terminal. Words become the JSON arguments of a verb, the
 * answer of the daemon (over D-Bus) becomes lines for a person, or stays JSON with --json.
 */
#include <ctype.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "daemon/commands/table.h"
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/export.h"
#include "daemon/stridectl/record.h"
#include "daemon/stridectl/doctor.h"
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

static void usage(FILE *to)
{
    fprintf(to, "Usage: stridectl [--json] [--runner NAME] [--output FILE] [--force]\n"
                "                 VERB [WORD|NAME=WORD ...]\n"
                "Options may stand anywhere.\n\nVerbs:\n");
    for (const struct command *c = command_table; c->verb; c++) {
        char line[80];
        int length = snprintf(line, sizeof(line), "%s", c->verb);

        for (const struct command_argument *a = c->arguments; a->name && length < 79; a++)
            length += snprintf(line + length, sizeof(line) - (size_t)length,
                               a->required ? " %s" : " [%s]", a->name);
        fprintf(to, "  %-36s %s\n", line, c->help);
    }
    fprintf(to, "\nexport writes FILE (--output FILE, - for standard output; the name that fits it "
                "in this\n"
                "folder if left out), and no other file's place but with --force.\n");
    fprintf(to, "  %-36s %s\n", "doctor [config=FILE] [state=FOLDER]",
            "looks for what is wrong, also while strided does not run");
    fprintf(to,
            "\nExit status: 0 done, %d refused (doctor: something fails), %d wrong use, %d strided "
            "can't be reached.\n",
            EXIT_REFUSED, EXIT_USAGE, EXIT_UNREACHABLE);
}

struct choices { /* what the options said */
    const char *runner;
    bool as_json;
    struct export_to to;
};

/* A file is written where JSON of its parts was not asked for. */
static int ask_verb(const struct command *command, json_t *arguments, const struct choices *choices,
                    json_t **ret)
{
    bool file = strcmp(command->verb, "export") == 0 && !choices->as_json;

    if (!file && (choices->to.path || choices->to.force)) {
        fprintf(stderr, "stridectl: %s writes no file\n",
                choices->as_json ? "--json" : command->verb);
        return EXIT_USAGE;
    }
    return file ? export_write(arguments, &choices->to, ret) : ask(command->verb, arguments, ret);
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

static int run(const struct command *command, const struct choices *choices, char **words)
{
    json_t *arguments = json_object(), *answer = NULL;
    bool follow;
    int r = 0;

    if (choices->runner)
        json_object_set_new(arguments, "runner", json_string(choices->runner));
    for (; *words && r == 0; words++)
        r = words_take(command, arguments, *words);
    follow = is_to_be_followed(command, arguments) && !choices->as_json;
    if (follow)
        stridectl_heed_interrupt(); /* before it begins, so that it is not left going on */
    r = r ? EXIT_USAGE : ask_verb(command, arguments, choices, &answer);
    if (r == 0 && answer)
        r = print_answer(command->verb, answer, choices->as_json);
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
    static const char *const all[] = { "--runner", "-r", "--output", "-o" };

    for (size_t i = 0; i < ELEMENTSOF(all); i++)
        if (strcmp(option, all[i]) == 0)
            return true;
    return false;
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
    static const struct option options[] = {
        { "json", no_argument, NULL, 'j' },
        { "runner", required_argument, NULL, 'r' },
        { "output", required_argument, NULL, 'o' },
        { "force", no_argument, NULL, 'f' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 },
    };
    struct choices choices = { 0 };
    const struct command *command;
    _cleanup_free_ char **gathered = calloc((size_t)argc + 1, sizeof(*gathered));
    int option;

    if (!gathered || argc < 1)
        return EXIT_USAGE;
    gather_options(argc, argv, gathered);
    argv = gathered;
    /* '+': what follows the options is the verb's, "incline -8" too */
    while ((option = getopt_long(argc, argv, "+jr:o:fhV", options, NULL)) >= 0) {
        if (option == 'j')
            choices.as_json = true;
        else if (option == 'r')
            choices.runner = optarg;
        else if (option == 'o')
            choices.to.path = optarg;
        else if (option == 'f')
            choices.to.force = true;
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
    if (optind < argc && strcmp(argv[optind], "doctor") == 0)
        return doctor_command(&doctor_here, argv + optind + 1, choices.as_json);
    command = optind < argc ? command_find(argv[optind]) : NULL;
    if (!command) {
        if (optind < argc)
            fprintf(stderr, "stridectl: there is no verb '%s'\n", argv[optind]);
        usage(stderr);
        return EXIT_USAGE;
    }
    return run(command, &choices, argv + optind + 1);
}
