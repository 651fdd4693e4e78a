/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/help.h"

#include <string.h>
#include "daemon/stridectl/program.h"

#define HELP_COLUMN  39 /* of what a verb is for, behind it or below it */
#define TWO_COLUMNS  70 /* from here on there is room for that */
#define BELOW_COLUMN 6  /* else */

static int begin_line(FILE *to, int indent)
{
    fprintf(to, "\n%*s", indent, "");
    return indent;
}

/* Below each other behind the verb, none of them torn; the column behind the last one. */
static int print_arguments(FILE *to, const struct command *command, int column, int columns)
{
    int indent = column + 1;

    for (const struct command_argument *a = command->arguments; a->name; a++) {
        int length = (int)strlen(a->name) + (a->required ? 0 : 2);

        if (column + 1 + length > columns && column > indent)
            column = begin_line(to, indent);
        else
            column += fprintf(to, " ");
        column += fprintf(to, a->required ? "%s" : "[%s]", a->name);
    }
    return column;
}

static void print_verb(FILE *to, const struct command *command, int columns)
{
    int indent = columns >= TWO_COLUMNS ? HELP_COLUMN : BELOW_COLUMN;
    int column = fprintf(to, "  %s", command->verb);

    column = print_arguments(to, command, column, columns);
    if (columns < TWO_COLUMNS || column >= HELP_COLUMN)
        begin_line(to, indent);
    else
        fprintf(to, "%*s", HELP_COLUMN - column, "");
    program_print_words(to, command->help, indent, indent, columns);
    fputc('\n', to);
}

static void print_verbs(FILE *to, const struct command *commands, int columns)
{
    for (const struct command *c = commands; c->verb; c++)
        print_verb(to, c, columns);
}

void help_print(FILE *to, int columns)
{
    fprintf(to, "Usage: stridectl [OPTION ...] VERB [WORD|NAME=WORD ...]\n"
                "Options may stand anywhere; behind -- stand words alone.\n\n");
    program_print_options(&stridectl_program, to, columns);
    fprintf(to, "\nVerbs (in full: man stridectl):\n");
    print_verbs(to, command_table, columns);
    print_verbs(to, stridectl_own_verbs, columns);
    fputc('\n', to);
    program_print_statuses(&stridectl_program, to, columns);
}
