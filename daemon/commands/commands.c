/* SPDX-License-Identifier: MIT */
#include "daemon/commands/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/utf8.h"

struct commands {
    struct commands_parts parts;
    enum conf_commands mqtt;
    struct command_answer *waiting; /* answers that are still to come */
};

struct command_answer {
    struct commands *commands;
    struct command_answer *next;
    char *transaction; /* NULL: none */
    char *key;         /* of what was asked for in it; NULL: no transaction */
    commands_reply reply;
    void *userdata;
};

static void set(struct command_error *error, const char *code, const char *argument,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
static void set(struct command_error *error, const char *code, const char *argument,
                const char *format, ...)
{
    va_list ap;

    *error = (struct command_error){ .code = code, .argument = argument };
    va_start(ap, format);
    vsnprintf(error->message, sizeof(error->message), format, ap);
    va_end(ap);
}

/* A word of the request for a sentence, cut between two characters: half of one is no text. */
static const char *quoted(const char *text, char ret[static 44])
{
    size_t at = 0, length = strlen(text);

    while (at < length) {
        size_t step = utf8_character(text + at, length - at);

        if (step == 0 || at + step > 40)
            break;
        at += step;
    }
    snprintf(ret, 44, "%.*s", (int)at, text);
    return ret;
}

/* ---- checking --------------------------------------------------------------------------------- */

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
        break;
    case COMMAND_TEXT:
        snprintf(ret, size, "text of %g to %g bytes", a->min, a->max);
        break;
    case COMMAND_INTEGER:
        snprintf(ret, size, "a whole number from %g to %g%s", a->min, a->max,
                 a->nullable ? ", or null" : "");
        break;
    case COMMAND_NUMBER:
        snprintf(ret, size, "a number from %g to %g%s", a->min, a->max,
                 a->nullable ? ", or null" : "");
        break;
    }
}

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
    char shown[44];

    json_object_foreach(arguments, key, value)
    {
        const struct command_argument *a = argument(command, key);

        if (strcmp(key, "transaction") == 0)
            continue;
        if (!a) {
            set(error, "unknown_argument", NULL, "%s takes no argument '%s'", command->verb,
                quoted(key, shown));
            list_arguments(command, error->allowed, sizeof(error->allowed));
            return false;
        }
        if (!fits(a, value)) {
            _cleanup_free_ char *text =
                json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
            set(error, "bad_argument", a->name, "%s: '%s' has a value that is not allowed: %s",
                command->verb, a->name, quoted(text ? text : "", shown));
            describe(a, error->allowed, sizeof(error->allowed));
            return false;
        }
    }
    return true;
}

static bool check_missing(const struct command *command, const json_t *arguments,
                          struct command_error *error)
{
    for (const struct command_argument *a = command->arguments; a->name; a++)
        if (a->required && !json_object_get(arguments, a->name)) {
            set(error, "missing_argument", a->name, "%s needs '%s'", command->verb, a->name);
            describe(a, error->allowed, sizeof(error->allowed));
            return false;
        }
    return true;
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

static json_t *parse(const char *payload, size_t length, struct command_error *error)
{
    json_error_t where;
    json_t *arguments;

    if (length > COMMAND_REQUEST_MAX) {
        set(error, "too_large", NULL, "The request has %zu bytes", length);
        snprintf(error->allowed, sizeof(error->allowed), "at most %d bytes", COMMAND_REQUEST_MAX);
        return NULL;
    }
    if (length == 0) /* an empty payload is a request without arguments */
        return json_object();
    if (too_deep(payload, length)) {
        set(error, "too_deep", NULL, "The request is nested too deeply");
        snprintf(error->allowed, sizeof(error->allowed), "at most %d levels", COMMAND_DEPTH_MAX);
        return NULL;
    }
    arguments = json_loadb(payload, length, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(arguments))
        return arguments;
    if (arguments)
        set(error, "bad_json", NULL, "The request is JSON, but no object");
    else
        set(error, "bad_json", NULL, "The request is no JSON: %.100s", where.text);
    snprintf(error->allowed, sizeof(error->allowed), "a JSON object, or nothing");
    json_decref(arguments);
    return NULL;
}

static bool permitted(const struct commands *commands, enum command_door door,
                      const struct command *command, const json_t *arguments,
                      struct command_error *error)
{
    const char *what = json_string_value(json_object_get(arguments, "do"));
    bool unsafe =
        command->unsafe || (command->unsafe_do && what && strcmp(what, command->unsafe_do) == 0);

    if (door != COMMAND_DOOR_MQTT || commands->mqtt == CONF_COMMANDS_ALL ||
        (commands->mqtt == CONF_COMMANDS_SAFE && !unsafe))
        return true;
    set(error, "forbidden", NULL, "%s%s%s is not allowed over MQTT here", command->verb,
        unsafe && what ? " " : "", unsafe && what ? what : "");
    snprintf(error->allowed, sizeof(error->allowed),
             "stridectl on the gateway, or Commands=%s in [MQTT]", "all");
    return false;
}

/* ---- answering -------------------------------------------------------------------------------- */

static json_t *error_json(const struct command_error *error)
{
    return json_pack("{s:s, s:s?, s:s, s:s?}", "code", error->code, "argument", error->argument,
                     "message", error->message, "allowed",
                     error->allowed[0] ? error->allowed : NULL);
}

static void unlink_answer(struct command_answer *answer)
{
    struct command_answer **at = &answer->commands->waiting;

    while (*at && *at != answer)
        at = &(*at)->next;
    if (*at)
        *at = answer->next;
}

static void free_answer(struct command_answer *answer)
{
    free(answer->transaction);
    free(answer->key);
    free(answer);
}

/* takes data and error */
static void finish(struct command_answer *answer, bool ok, json_t *data, json_t *error)
{
    const struct commands_parts *parts = &answer->commands->parts;
    json_t *json = json_pack("{s:s, s:o, s:o, s:s?}", "status", ok ? "ok" : "error", "data",
                             data ? data : json_null(), "error", error ? error : json_null(),
                             "transaction", answer->transaction);
    _cleanup_free_ char *text = json ? json_dumps(json, RENDER_JSON_FLAGS) : NULL;

    json_decref(json);
    unlink_answer(answer);
    if (text && answer->key && ok)
        parts->keep(parts->context, answer->key, text);
    answer->reply(answer->userdata,
                  text ? text
                       : "{\"status\":\"error\",\"data\":null,\"error\":{\"code\":\"no_memory\","
                         "\"argument\":null,\"message\":\"Out of memory\",\"allowed\":null},"
                         "\"transaction\":null}");
    free_answer(answer);
}

void command_answer_data(struct command_answer *answer, json_t *data)
{
    finish(answer, true, data, NULL);
}

void command_answer_error(struct command_answer *answer, const struct command_error *error)
{
    finish(answer, false, NULL, error_json(error));
}

/* ---- running ---------------------------------------------------------------------------------- */

#define TRANSACTION_MAX 128

static bool take_transaction(struct command_answer *answer, const json_t *arguments,
                             struct command_error *error)
{
    const json_t *value = json_object_get(arguments, "transaction");
    size_t length = json_string_length(value);

    if (!value)
        return true;
    if (!json_is_string(value) || length == 0 || length > TRANSACTION_MAX ||
        strlen(json_string_value(value)) != length) {
        set(error, "bad_argument", "transaction", "'transaction' has a value that is not allowed");
        snprintf(error->allowed, sizeof(error->allowed), "text of 1 to %d bytes", TRANSACTION_MAX);
        return false;
    }
    answer->transaction = strdup(json_string_value(value));
    return true;
}

static uint64_t add_to_digest(uint64_t digest, const char *text)
{
    for (; *text; text++)
        digest = (digest ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return digest * UINT64_C(0x100000001b3);
}

/*
 * What comes again is the same request in the same transaction. Senders that count from 1 meet on
 * their numbers: with the number alone, one's `release` was answered with the other's sensors and
 * not done.
 */
static bool make_key(struct command_answer *answer, const char *verb, json_t *arguments,
                     struct command_error *error)
{
    _cleanup_free_ char *text = NULL;
    uint64_t digest = add_to_digest(UINT64_C(0xcbf29ce484222325), verb);

    if (!answer->transaction)
        return true;
    text = json_dumps(arguments, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text || asprintf(&answer->key, "%s %016" PRIx64, answer->transaction,
                          add_to_digest(digest, text)) < 0) {
        answer->key = NULL;
        set(error, "no_memory", NULL, "Out of memory");
        return false;
    }
    return true;
}

/* What was done once is answered again, not done again. */
static bool answer_again(struct command_answer *answer)
{
    const struct commands_parts *parts = &answer->commands->parts;
    const char *before = answer->key ? parts->answered(parts->context, answer->key) : NULL;

    if (!before)
        return false;
    unlink_answer(answer);
    answer->reply(answer->userdata, before);
    free_answer(answer);
    return true;
}

/* It came again before it was answered (a scan takes its time): it is not begun twice. */
static bool is_under_way(const struct command_answer *answer, struct command_error *error)
{
    for (const struct command_answer *a = answer->commands->waiting; a; a = a->next)
        if (a != answer && a->key && answer->key && strcmp(a->key, answer->key) == 0) {
            set(error, "busy", "transaction", "This transaction is under way");
            return true;
        }
    return false;
}

static void run(struct command_answer *answer, enum command_door door, const char *verb,
                const char *payload, size_t length)
{
    const struct command *command = command_find(verb);
    struct command_error error = { 0 };
    json_t *arguments = NULL;
    char shown[44];

    if (!command) {
        set(&error, "unknown_verb", NULL, "There is no command '%s'", quoted(verb, shown));
        list_verbs(error.allowed, sizeof(error.allowed));
        command_answer_error(answer, &error);
        return;
    }
    arguments = parse(payload, length, &error);
    if (!arguments || !take_transaction(answer, arguments, &error) ||
        !permitted(answer->commands, door, command, arguments, &error) ||
        !check_given(command, arguments, &error) || !check_missing(command, arguments, &error) ||
        !make_key(answer, command->verb, arguments, &error) || is_under_way(answer, &error))
        command_answer_error(answer, &error);
    else if (!answer_again(answer))
        answer->commands->parts.run(answer->commands->parts.context, command, arguments, answer);
    json_decref(arguments);
}

int commands_request(struct commands *commands, enum command_door door, const char *verb,
                     const char *payload, size_t length, commands_reply reply, void *userdata)
{
    struct command_answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return -ENOMEM;
    *answer = (struct command_answer){
        .commands = commands, .next = commands->waiting, .reply = reply, .userdata = userdata
    };
    commands->waiting = answer;
    run(answer, door, verb, payload, length);
    return 0;
}

int commands_new(struct commands **ret, const struct commands_parts *parts)
{
    struct commands *commands = calloc(1, sizeof(*commands));

    if (!commands)
        return -ENOMEM;
    commands->parts = *parts;
    *ret = commands;
    return 0;
}

struct commands *commands_free(struct commands *commands)
{
    if (!commands)
        return NULL;
    while (commands->waiting) {
        struct command_answer *answer = commands->waiting;

        commands->waiting = answer->next;
        free_answer(answer);
    }
    free(commands);
    return NULL;
}

void commands_set_policy(struct commands *commands, enum conf_commands mqtt)
{
    commands->mqtt = mqtt;
}
