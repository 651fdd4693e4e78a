/* SPDX-License-Identifier: MIT */
/*
 * The rows of both programs as a shell reads them: words, and functions that are one `case` each. What
 * a shell does with them stands in the files beside this one, which have @ROWS@ where these go.
 */
#include "daemon/pages/pages.h"

#include <stdbool.h>
#include <string.h>
#include "daemon/main_program.h"
#include "daemon/stridectl/program.h"

/* ---- shell ------------------------------------------------------------------------------------ */

/* Between single quotes; characters of `escaped` get a backslash. */
static void put_quoted(FILE *to, const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (strchr(escaped, *text))
            fputc('\\', to);
        if (*text == '\'')
            fputs("'\\''", to);
        else
            fputc(*text, to);
    }
}

/* ---- verbs ------------------------------------------------------------------------------------ */

typedef void (*each_command)(FILE *to, const struct command *command);

static void for_each_command(FILE *to, each_command put)
{
    for (const struct command *c = command_table; c->verb; c++)
        put(to, c);
    for (const struct command *c = stridectl_own_verbs; c->verb; c++)
        put(to, c);
}

/* What is to be offered for a value. Of a text its name says what it is: its type does not. */
static const char *kind_of(const struct command *command, const struct command_argument *a)
{
    static const struct {
        const char *verb, *name, *kind; /* verb NULL: of any */
    } named[] = {
        { NULL, "runner", "runner" }, { NULL, "sensor", "sensor" }, { NULL, "id", "session" },
        { "route", "file", "route" }, { "import", "file", "text" }, { NULL, "session", "session" },
        { NULL, "file", "path" },     { NULL, "path", "path" },     { NULL, "folder", "path" },
    };

    switch (a->type) {
    case COMMAND_WORD:
        return "word";
    case COMMAND_DAY:
        return "day";
    case COMMAND_FLAG:
        return "flag";
    case COMMAND_INTEGER:
    case COMMAND_NUMBER:
        return "number";
    case COMMAND_TEXT:
        break;
    }
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (strcmp(named[i].name, a->name) == 0 &&
            (!named[i].verb || strcmp(named[i].verb, command->verb) == 0))
            return named[i].kind;
    return "text";
}

/* NAME:KIND:WITH:NULL? of each argument, in the order in which bare words are taken */
static void put_arguments(FILE *to, const struct command *command)
{
    if (!command->arguments->name)
        return;
    fprintf(to, "    %s) echo '", command->verb);
    for (const struct command_argument *a = command->arguments; a->name; a++) {
        fprintf(to, "%s%s:%s:", a == command->arguments ? "" : " ", a->name, kind_of(command, a));
        for (size_t i = 0; a->with && a->with[i]; i++)
            fprintf(to, "%s%s", i > 0 ? "," : "", a->with[i]);
        fprintf(to, ":%s", a->nullable ? "null" : "");
    }
    fputs("' ;;\n", to);
}

static void put_words(FILE *to, const struct command *command)
{
    for (const struct command_argument *a = command->arguments; a->name; a++) {
        if (a->type != COMMAND_WORD)
            continue;
        fprintf(to, "    %s.%s) echo '", command->verb, a->name);
        for (size_t i = 0; a->words[i]; i++)
            fprintf(to, "%s%s", i > 0 ? " " : "", a->words[i]);
        fputs("' ;;\n", to);
    }
}

static void put_verb(FILE *to, const struct command *command)
{
    fprintf(to, " %s", command->verb);
}

static void put_described_verb(FILE *to, const struct command *command)
{
    fprintf(to, "    '%s:", command->verb);
    put_quoted(to, command->help, ":\\");
    fputs("'\n", to);
}

static void put_described_arguments(FILE *to, const struct command *command)
{
    for (const struct command_argument *a = command->arguments; a->name; a++) {
        fprintf(to, "    %s.%s) echo '", command->verb, a->name);
        put_quoted(to, a->help, "");
        fputs("' ;;\n", to);
    }
}

static void put_function(FILE *to, const char *name, const char *of, const char *what,
                         each_command put)
{
    fprintf(to, "%s() # %s: %s\n{\n    case $1 in\n", name, of, what);
    for_each_command(to, put);
    fputs("    esac\n}\n", to);
}

/* ---- options ---------------------------------------------------------------------------------- */

static void put_options(FILE *to, const struct program *program, bool with_argument_only)
{
    for (const struct program_option *o = program->options; o->name; o++) {
        if (o->hidden || (with_argument_only && !o->argument))
            continue;
        fprintf(to, " --%s", o->name);
        if (o->has_letter)
            fprintf(to, " -%c", o->code);
    }
}

static void put_described_options(FILE *to, const struct program *program)
{
    for (const struct program_option *o = program->options; o->name; o++) {
        if (o->hidden)
            continue;
        fprintf(to, "    '--%s:", o->name);
        put_quoted(to, o->help, ":\\");
        fputs("'\n", to);
    }
}

static const char *zsh_action(const char *argument)
{
    return strcmp(argument, "FILE") == 0      ? "_files"
           : strcmp(argument, "DIR") == 0     ? "_files -/"
           : strcmp(argument, "SESSION") == 0 ? "_strided_sessions"
                                              : " ";
}

/* ---- whole ------------------------------------------------------------------------------------ */

static const char *kind_of_value(const char *argument)
{
    return strcmp(argument, "FILE") == 0   ? "path"
           : strcmp(argument, "WHEN") == 0 ? "when"
                                           : "runner";
}

static void put_option_kinds(FILE *to)
{
    fputs("_stridectl_option_kind() # OPTION: what it takes\n{\n    case $1 in\n", to);
    for (const struct program_option *o = stridectl_program.options; o->name; o++) {
        if (!o->argument || o->hidden)
            continue;
        fprintf(to, "    --%s", o->name);
        if (o->has_letter)
            fprintf(to, "|-%c", o->code);
        fprintf(to, ") echo %s ;;\n", kind_of_value(o->argument));
    }
    fputs("    esac\n}\n", to);
}

static void put_stridectl_rows(FILE *to)
{
    fputs("_stridectl_with_value='", to);
    put_options(to, &stridectl_program, true);
    fputs(" '\n", to);
    put_option_kinds(to);
    put_function(to, "_stridectl_arguments", "VERB",
                 "NAME:KIND:WITH:NULL of each argument, in order", put_arguments);
    put_function(to, "_stridectl_words", "VERB.NAME", "the words that are allowed", put_words);
}

void completion_write_stridectl_bash(FILE *to)
{
    fputs("_stridectl_verbs='", to);
    for_each_command(to, put_verb);
    fputs(" '\n_stridectl_options='", to);
    put_options(to, &stridectl_program, false);
    fputs(" '\n", to);
    put_stridectl_rows(to);
}

void completion_write_stridectl_zsh(FILE *to)
{
    fputs("_stridectl_verbs=(\n", to);
    for_each_command(to, put_described_verb);
    fputs(")\n_stridectl_options=(\n", to);
    put_described_options(to, &stridectl_program);
    fputs(")\n", to);
    put_stridectl_rows(to);
    put_function(to, "_stridectl_help", "VERB.NAME", "what it is", put_described_arguments);
}

void completion_write_strided_bash(FILE *to)
{
    fputs("_strided_options='", to);
    put_options(to, &main_program, false);
    fputs(" '\n_strided_value() # OPTION: what it takes\n{\n    case $1 in\n", to);
    for (const struct program_option *o = main_program.options; o->name; o++)
        if (o->argument)
            fprintf(to, "    --%s) echo %s ;;\n", o->name, o->argument);
    fputs("    esac\n}\n", to);
}

void completion_write_strided_zsh(FILE *to)
{
    fputs("_strided_options=(\n", to);
    for (const struct program_option *o = main_program.options; o->name; o++) {
        fprintf(to, "    '--%s%s[", o->name, o->argument && !o->argument_optional ? "=" : "");
        put_quoted(to, o->help, "[]:\\");
        fputc(']', to);
        if (o->argument)
            fprintf(to, "%s%s:%s", o->argument_optional ? "::" : ":", o->argument,
                    zsh_action(o->argument));
        fputs("'\n", to);
    }
    fputs(")\n", to);
}
