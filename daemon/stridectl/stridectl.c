/* SPDX-License-Identifier: MIT */
/*
 * stridectl: the command table from a terminal. Words become the JSON arguments of a verb, the
 * answer of the daemon (over D-Bus) becomes lines for a person, or stays JSON with --json.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "daemon/commands/check.h"
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/doctor.h"
#include "daemon/stridectl/export.h"
#include "daemon/stridectl/help.h"
#include "daemon/stridectl/imports.h"
#include "daemon/stridectl/interrupt.h"
#include "daemon/stridectl/json_text.h"
#include "daemon/stridectl/options.h"
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
        json_text_print(answer, false);
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

/* A row of ours, by its own arguments: nobody else looks at them. */
static bool is_right(const struct command *command, json_t *arguments)
{
    struct command_error error;
    json_t *told;

    if (check_arguments(command, arguments, &error))
        return true;
    told = json_pack("{s:s, s:s}", "message", error.message, "allowed", error.allowed);
    refusal_print(told);
    json_decref(told);
    return false;
}

static int run_own(const struct command *command, json_t *arguments, const struct options *options)
{
    const char *runner = json_string_value(json_object_get(arguments, "runner"));

    if (!is_right(command, arguments))
        return EXIT_USAGE;
    if (strcmp(command->verb, "doctor") == 0)
        return doctor_command(&doctor_here, arguments, options->as_json);
    if (strcmp(command->verb, "watch") == 0)
        return watch(runner, options->as_json);
    if (strcmp(command->verb, "report") == 0)
        return report(&(struct report_options){ .runner = runner,
                                                .html = options->html,
                                                .from = options->from,
                                                .as_json = options->as_json });
    help_print(stdout, options_columns(STDOUT_FILENO));
    return 0;
}

/* A file is written where JSON of its parts was not asked for; one that is read is waited for. */
static int ask_verb(const struct command *command, json_t *arguments, const struct options *options,
                    json_t **ret)
{
    bool file = strcmp(command->verb, "export") == 0 && !options->as_json;

    if (strcmp(command->verb, "import") == 0)
        return imports_ask(arguments, ret);
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
        r = run_own(command, arguments, options);
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

/* ---- main ------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
    struct options options = { .colour = TERMINAL_AUTO };
    _cleanup_free_ char **gathered = NULL;
    const struct command *command;
    char **words;
    int r = options_read(argc, argv, &options, &gathered, &words);

    if (r >= 0)
        return r;
    command = *words ? find(*words) : NULL;
    if (!command) {
        if (*words)
            fprintf(stderr, "stridectl: there is no verb '%s'\n", *words);
        help_print(stderr, options_columns(STDERR_FILENO));
        return EXIT_USAGE;
    }
    return options_go_with(&options, command) ? run(command, &options, words + 1) : EXIT_USAGE;
}
