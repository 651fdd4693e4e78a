/* SPDX-License-Identifier: MIT */
#include "daemon/program.h"

#include <assert.h>
#include <string.h>

#define HELP_COLUMN 21

void program_getopt(const struct program *program, const char *first, struct program_getopt *ret)
{
    size_t n = 0, letters = strlen(first);

    *ret = (struct program_getopt){ 0 };
    memcpy(ret->letters, first, letters);
    for (const struct program_option *o = program->options; o->name; o++) {
        assert(n < PROGRAM_OPTIONS_MAX);
        ret->options[n++] = (struct option){
            .name = o->name,
            .has_arg = !o->argument           ? no_argument
                       : o->argument_optional ? optional_argument
                                              : required_argument,
            .val = o->code,
        };
        if (!o->has_letter)
            continue;
        ret->letters[letters++] = o->code;
        for (int colons = !o->argument ? 0 : o->argument_optional ? 2 : 1; colons > 0; colons--)
            ret->letters[letters++] = ':';
    }
}

const struct program_option *program_option_of(const struct program *program, const char *word)
{
    for (const struct program_option *o = program->options; o->name; o++)
        if ((strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0) ||
            (o->has_letter && word[0] == '-' && word[1] == o->code && word[2] == '\0'))
            return o;
    return NULL;
}

const struct program_option *program_option_meant(const struct program *program, const char *name)
{
    const struct program_option *meant = NULL;
    size_t n = 0;

    for (const struct program_option *o = program->options; o->name; o++) {
        if (strcmp(o->name, name) == 0)
            return o;
        if (strncmp(o->name, name, strlen(name)) == 0) {
            meant = o;
            n++;
        }
    }
    return n == 1 ? meant : NULL;
}

int program_print_words(FILE *to, const char *text, int column, int indent, int columns)
{
    while (*text) {
        int length = (int)strcspn(text, " ");

        if (column > indent && column + 1 + length > columns) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(to, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    return column;
}

void program_print_options(const struct program *program, FILE *to, int columns)
{
    for (const struct program_option *o = program->options; o->name; o++) {
        if (o->hidden)
            continue;

        int column = o->has_letter ? fprintf(to, "  -%c, --%s", o->code, o->name)
                                   : fprintf(to, "  --%s", o->name);

        if (o->argument)
            column += fprintf(to, o->argument_optional ? " [%s]" : " %s", o->argument);
        if (column + 2 > HELP_COLUMN) {
            fputc('\n', to);
            column = 0;
        }
        fprintf(to, "%*s", HELP_COLUMN - column, "");
        program_print_words(to, o->help, HELP_COLUMN, HELP_COLUMN, columns);
        fputc('\n', to);
    }
}

const char *program_status_text(const struct program_status *status, char ret[PROGRAM_STATUS_MAX])
{
    if (status->shown)
        return status->shown;
    snprintf(ret, PROGRAM_STATUS_MAX, "%d", status->status);
    return ret;
}

void program_print_statuses(const struct program *program, FILE *to, int columns)
{
    char item[160];
    int column = fprintf(to, "Exit status:");

    for (const struct program_status *s = program->statuses; s->help; s++) {
        char status[PROGRAM_STATUS_MAX];

        snprintf(item, sizeof(item), "%s %s%s", program_status_text(s, status), s->help,
                 s[1].help ? "," : ".");
        column = program_print_words(to, item, column, 2, columns);
    }
    fputc('\n', to);
}
