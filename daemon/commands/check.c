/* SPDX-License-Identifier: MIT */
#include "daemon/commands/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/civil.h"
#include "lib/utf8.h"

void command_error_set(struct command_error *error, const char *code, const char *argument,
                       const char *format, ...)
{
    va_list ap;

    *error = (struct command_error){ .code = code };
    snprintf(error->argument, sizeof(error->argument), "%s", argument ? argument : "");
    va_start(ap, format);
    vsnprintf(error->message, sizeof(error->message), format, ap);
    va_end(ap);
}

/* A word of the request in so many bytes, cut between two characters: half of one is no text. */
static void cut(const char *text, size_t most, char *ret)
{
    size_t at = 0, length = strlen(text);

    while (at < length) {
        size_t step = utf8_character(text + at, length - at);

        if (step == 0 || at + step > most)
            break;
        at += step;
    }
    memcpy(ret, text, at);
    ret[at] = '\0';
}

/* For a sentence. */
static const char *quoted(const char *text, char ret[static 44])
{
    cut(text, 40, ret);
    return ret;
}

/* What somebody else calls an argument, as a value of its own: a name that a program may look at, and print. */
static const char *named(const char *text, char ret[static COMMAND_ARGUMENT_MAX])
{
    cut(text, COMMAND_ARGUMENT_MAX - 1, ret);
    utf8_mend(ret);
    return ret;
}

/* ---- what is allowed, in words ------------------------------------------------------------------ */

static void list_verbs(char *ret, size_t size)
{
    size_t length = 0;

    ret[0] = '\0';
    for (const struct command *c = command_table; c->verb && length < size; c++)
        length += (size_t)snprintf(ret + length, size - length, "%s%s", length ? " " : "", c->verb);
}

static void list_arguments(const struct command *command, char *ret, size_t size)
{
    size_t length = 0;

    ret[0] = '\0';
    for (const struct command_argument *a = command->arguments; a->name && length < size; a++)
        length += (size_t)snprintf(ret + length, size - length, "%s%s", length ? " " : "", a->name);
    if (length == 0)
        snprintf(ret, size, "no arguments");
}

static void describe(const struct command_argument *a, char *ret, size_t size)
{
    size_t length = 0;

    switch (a->type) {
    case COMMAND_WORD:
        ret[0] = '\0';
        for (size_t i = 0; a->words[i] && length < size; i++)
            length +=
                (size_t)snprintf(ret + length, size - length, "%s%s", i ? " | " : "", a->words[i]);
        if (a->nullable && length < size)
            (void)snprintf(ret + length, size - length, " | null");
        break;
    case COMMAND_TEXT:
        snprintf(ret, size, "text of %g to %g bytes%s", a->min, a->max,
                 a->nullable ? ", or null" : "");
        break;
    case COMMAND_INTEGER:
        snprintf(ret, size, "a whole number from %g to %g%s", a->min, a->max,
                 a->nullable ? ", or null" : "");
        break;
    case COMMAND_NUMBER:
        snprintf(ret, size, "a number from %g to %g%s", a->min, a->max,
                 a->nullable ? ", or null" : "");
        break;
    case COMMAND_DAY:
        snprintf(ret, size, "a day as 2026-11-22%s", a->nullable ? ", or null" : "");
        break;
    case COMMAND_FLAG:
        snprintf(ret, size, "true | false%s", a->nullable ? " | null" : "");
        break;
    }
}

/* ---- arguments ---------------------------------------------------------------------------------- */

static bool is_word(const struct command_argument *a, const json_t *value)
{
    for (size_t i = 0; json_is_string(value) && a->words[i]; i++)
        if (strcmp(json_string_value(value), a->words[i]) == 0)
            return true;
    return false;
}

static bool fits(const struct command_argument *a, const json_t *value)
{
    double number = json_number_value(value);
    size_t length = json_string_length(value);
    int64_t day;

    if (json_is_null(value))
        return a->nullable;
    switch (a->type) {
    case COMMAND_WORD:
        return is_word(a, value);
    case COMMAND_TEXT: /* a NUL inside would end it early for whoever reads it as a C string */
        return json_is_string(value) && strlen(json_string_value(value)) == length &&
               (double)length >= a->min && (double)length <= a->max;
    case COMMAND_INTEGER:
        return json_is_number(value) && floor(number) == number && number >= a->min &&
               number <= a->max;
    case COMMAND_NUMBER:
        return json_is_number(value) && isfinite(number) && number >= a->min && number <= a->max;
    case COMMAND_DAY:
        return json_is_string(value) && strlen(json_string_value(value)) == length &&
               civil_read_day(json_string_value(value), &day);
    case COMMAND_FLAG:
        return json_is_boolean(value);
    }
    return false;
}

static const struct command_argument *argument(const struct command *command, const char *name)
{
    for (const struct command_argument *a = command->arguments; a->name; a++)
        if (strcmp(a->name, name) == 0)
            return a;
    return NULL;
}

static bool check_given(const struct command *command, json_t *arguments,
                        struct command_error *error)
{
    const char *key;
    json_t *value;
    char shown[44], name[COMMAND_ARGUMENT_MAX];

    json_object_foreach(arguments, key, value)
    {
        const struct command_argument *a = argument(command, key);

        if (strcmp(key, "transaction") == 0)
            continue;
        if (!a) {
            command_error_set(error, "unknown_argument", named(key, name),
                              "%s takes no argument '%s'", command->verb, quoted(key, shown));
            list_arguments(command, error->allowed, sizeof(error->allowed));
            return false;
        }
        if (!fits(a, value)) {
            _cleanup_free_ char *text =
                json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
            command_error_set(error, "bad_argument", a->name,
                              "%s: '%s' has a value that is not allowed: %s", command->verb,
                              a->name, quoted(text ? text : "", shown));
            describe(a, error->allowed, sizeof(error->allowed));
            return false;
        }
    }
    return true;
}

static const char *what_of(const json_t *arguments)
{
    return json_string_value(json_object_get(arguments, "do"));
}

static bool check_missing(const struct command *command, const json_t *arguments,
                          struct command_error *error)
{
    for (const struct command_argument *a = command->arguments; a->name; a++)
        if (a->required && command_takes(a, what_of(arguments)) &&
            !json_object_get(arguments, a->name)) {
            command_error_set(error, "missing_argument", a->name, "%s needs '%s'", command->verb,
                              a->name);
            describe(a, error->allowed, sizeof(error->allowed));
            return false;
        }
    return true;
}

static void list_what_takes(const struct command_argument *a, char *ret, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; a->with[i] && length < size; i++)
        length += (size_t)snprintf(ret + length, size - length, "%swith do=%s", i ? ", " : "",
                                   a->with[i]);
}

/* One that belongs to another word of `do`: nobody would look at it. */
static bool check_misplaced(const struct command *command, const json_t *arguments,
                            struct command_error *error)
{
    for (const struct command_argument *a = command->arguments; a->name; a++)
        if (json_object_get(arguments, a->name) && !command_takes(a, what_of(arguments))) {
            command_error_set(error, "bad_argument", a->name, "%s takes no '%s' with do=%s",
                              command->verb, a->name, what_of(arguments));
            list_what_takes(a, error->allowed, sizeof(error->allowed));
            return false;
        }
    return true;
}

bool check_arguments(const struct command *command, json_t *arguments, struct command_error *error)
{
    return check_given(command, arguments, error) && check_missing(command, arguments, error) &&
           check_misplaced(command, arguments, error);
}

/* ---- the request as a whole --------------------------------------------------------------------- */

const struct command *check_verb(const char *verb, struct command_error *error)
{
    const struct command *command = command_find(verb);
    char shown[44];

    if (!command) {
        command_error_set(error, "unknown_verb", NULL, "There is no command '%s'",
                          quoted(verb, shown));
        list_verbs(error->allowed, sizeof(error->allowed));
    }
    return command;
}

/* Nesting is counted before parsing, so that a bomb is not built first. */
static bool too_deep(const char *payload, size_t length)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = payload[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
        if (depth > COMMAND_DEPTH_MAX)
            return true;
    }
    return false;
}

json_t *check_parse(const char *payload, size_t length, struct command_error *error)
{
    json_error_t where;
    json_t *arguments;

    if (length > COMMAND_REQUEST_MAX) {
        command_error_set(error, "too_large", NULL, "The request has %zu bytes", length);
        snprintf(error->allowed, sizeof(error->allowed), "at most %d bytes", COMMAND_REQUEST_MAX);
        return NULL;
    }
    if (length == 0) /* an empty payload is a request without arguments */
        return json_object();
    if (too_deep(payload, length)) {
        command_error_set(error, "too_deep", NULL, "The request is nested too deeply");
        snprintf(error->allowed, sizeof(error->allowed), "at most %d levels", COMMAND_DEPTH_MAX);
        return NULL;
    }
    arguments = json_loadb(payload, length, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(arguments))
        return arguments;
    if (arguments)
        command_error_set(error, "bad_json", NULL, "The request is JSON, but no object");
    else
        command_error_set(error, "bad_json", NULL, "The request is no JSON: %.100s", where.text);
    snprintf(error->allowed, sizeof(error->allowed), "a JSON object, or nothing");
    json_decref(arguments);
    return NULL;
}
