/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/words.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word as the argument's type wants it; text where it does not fit, for the daemon to say so. */
static json_t *value_of(const struct command_argument *a, const char *word)
{
    char *end;
    double number;

    if (a->nullable && (strcmp(word, "unknown") == 0 || strcmp(word, "null") == 0))
        return json_null();
    if (a->type == COMMAND_FLAG && (strcmp(word, "yes") == 0 || strcmp(word, "true") == 0))
        return json_true();
    if (a->type == COMMAND_FLAG && (strcmp(word, "no") == 0 || strcmp(word, "false") == 0))
        return json_false();
    if (a->type != COMMAND_INTEGER && a->type != COMMAND_NUMBER)
        return json_string(word);
    number = strtod(word, &end);
    if (*end || end == word || !isfinite(number))
        return json_string(word);
    return a->type == COMMAND_INTEGER && floor(number) == number && fabs(number) < 1e15
               ? json_integer((json_int_t)number)
               : json_real(number);
}

static const struct command_argument *argument(const struct command *command, const char *name,
                                               size_t length)
{
    for (const struct command_argument *a = command->arguments; a->name; a++)
        if (strlen(a->name) == length && strncmp(a->name, name, length) == 0)
            return a;
    return NULL;
}

/* Whether "NAME" of NAME=VALUE may be meant as one. */
static bool is_name(const char *word, const char *equals)
{
    return equals && equals > word &&
           strspn(word, "abcdefghijklmnopqrstuvwxyz_") == (size_t)(equals - word);
}

/* NAME=VALUE anywhere; a bare word is the next argument of the row that is not given yet. */
int words_take(const struct command *command, json_t *arguments, const char *word)
{
    const char *equals = strchr(word, '=');
    const char *what = json_string_value(json_object_get(arguments, "do"));
    const struct command_argument *a = NULL;

    if (equals)
        a = argument(command, word, (size_t)(equals - word));
    if (is_name(word, equals) && !a) { /* else x=1 would be taken for a value, and that blamed */
        fprintf(stderr, "stridectl: %s takes no '%.*s'\n", command->verb, (int)(equals - word),
                word);
        return -1;
    }
    if (a)
        return json_object_set_new(arguments, a->name, value_of(a, equals + 1));
    for (a = command->arguments; a->name; a++)
        if (!json_object_get(arguments, a->name) && command_takes(a, what))
            return json_object_set_new(arguments, a->name, value_of(a, word));
    fprintf(stderr, "stridectl: %s takes no '%s'\n", command->verb, word);
    return -1;
}
