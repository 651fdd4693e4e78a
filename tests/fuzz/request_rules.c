/* SPDX-License-Identifier: MIT */
#include "request_rules.h"
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "require.h"

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static void check_value(const struct command_argument *row, const json_t *value)
{
    double number = json_number_value(value);

    if (json_is_null(value)) {
        require(row->nullable);
        return;
    }
    if (row->type == COMMAND_WORD)
        require(is_one_of(json_string_value(value), row->words));
    else if (row->type == COMMAND_TEXT)
        require((double)strlen(json_string_value(value)) >= row->min &&
                (double)strlen(json_string_value(value)) <= row->max);
    else if (row->type == COMMAND_FLAG)
        require(json_is_boolean(value));
    else if (row->type == COMMAND_DAY)
        require(json_string_length(value) == strlen("2026-11-22"));
    else
        require(json_is_number(value) && number >= row->min && number <= row->max &&
                (row->type == COMMAND_NUMBER || number == floor(number)));
}

void request_check_arguments(const struct command *command, const json_t *arguments)
{
    size_t n = json_object_get(arguments, "transaction") ? 1 : 0;

    for (const struct command_argument *row = command->arguments; row->name; row++) {
        const json_t *value = json_object_get(arguments, row->name);

        require(value || !row->required);
        if (value)
            check_value(row, value);
        n += value != NULL;
    }
    require(json_object_size(arguments) == n); /* no other */
}

bool request_is_safe(const struct command *command, const json_t *arguments)
{
    const char *what = json_string_value(json_object_get(arguments, "do"));

    return !command->unsafe &&
           (!what || !command->unsafe_do || !is_one_of(what, command->unsafe_do));
}
