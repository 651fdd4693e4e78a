/* SPDX-License-Identifier: MIT */
/* The command table as JSON, for tests in other languages that make their requests from it. */
#include "daemon/commands/table.h"
#include "daemon/stridectl/program.h"

#include <jansson.h>
#include <stdio.h>

static json_t *words_json(const char *const *words)
{
    json_t *list = json_array();

    for (; words && *words; words++)
        json_array_append_new(list, json_string(*words));
    return list;
}

static json_t *argument_json(const struct command_argument *a)
{
    static const char *const types[] = {
        [COMMAND_TEXT] = "text",     [COMMAND_WORD] = "word", [COMMAND_INTEGER] = "integer",
        [COMMAND_NUMBER] = "number", [COMMAND_DAY] = "day",   [COMMAND_FLAG] = "flag",
    };

    return json_pack("{s:s, s:s, s:b, s:f, s:f, s:o, s:o, s:b}", "name", a->name, "type",
                     types[a->type], "required", a->required, "min", a->min, "max", a->max, "words",
                     words_json(a->words), "with", words_json(a->with), "nullable", a->nullable);
}

/* `own` as the argument: the verbs that stridectl needs no daemon for. */
int main(int argc, char **argv)
{
    json_t *table = json_object();

    for (const struct command *c = argc > 1 ? stridectl_own_verbs : command_table; c->verb; c++) {
        json_t *arguments = json_array();
        char method[32];

        for (const struct command_argument *a = c->arguments; a->name; a++)
            json_array_append_new(arguments, argument_json(a));
        command_method_name(c->verb, method, sizeof(method));
        json_object_set_new(table, c->verb,
                            json_pack("{s:o, s:s, s:b, s:o}", "arguments", arguments, "method",
                                      method, "unsafe", c->unsafe, "unsafe_do",
                                      words_json(c->unsafe_do)));
    }
    json_dumpf(table, stdout, JSON_COMPACT);
    json_decref(table);
    return 0;
}
