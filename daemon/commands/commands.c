/* SPDX-License-Identifier: MIT */
#include "daemon/commands/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/commands/check.h"
#include "daemon/memory.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/digest.h"
#include "lib/utf8.h"

#define LARGE_BYTES (32 * 1024) /* of an answer: as JSON it was ten times that */

struct commands {
    struct commands_parts parts;
    enum conf_commands mqtt;
    bool stopping;
    struct command_answer *waiting; /* answers that are still to come */
};

struct command_answer {
    struct commands *commands;
    struct command_answer *next;
    char *transaction; /* NULL: none */
    char *key;         /* of what was asked for in it; NULL: no transaction */
    bool tells;        /* and nothing is done */
    enum command_door door;
    commands_reply reply;
    void *userdata;
};

/* ---- checking --------------------------------------------------------------------------------- */

static bool permitted(const struct commands *commands, enum command_door door,
                      const struct command *command, const json_t *arguments,
                      struct command_error *error)
{
    const char *what = json_string_value(json_object_get(arguments, "do"));
    bool unsafe = command_is_unsafe(command, what);

    if (door != COMMAND_DOOR_MQTT || commands->mqtt == CONF_COMMANDS_ALL ||
        (commands->mqtt == CONF_COMMANDS_SAFE && !unsafe))
        return true;
    command_error_set(error, "forbidden", NULL, "%s%s%s is not allowed over MQTT here",
                      command->verb, unsafe && what ? " " : "", unsafe && what ? what : "");
    snprintf(error->allowed, sizeof(error->allowed),
             "stridectl on the gateway, or Commands=%s in [MQTT]", "all");
    return false;
}

/* ---- answering -------------------------------------------------------------------------------- */

static struct payload_error payload_of(const struct command_error *error)
{
    struct payload_error payload = { 0 };

    snprintf(payload.code, sizeof(payload.code), "%s", error->code);
    snprintf(payload.argument, sizeof(payload.argument), "%s", error->argument);
    snprintf(payload.message, sizeof(payload.message), "%s", error->message);
    snprintf(payload.allowed, sizeof(payload.allowed), "%s", error->allowed);
    return payload;
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

/* Its length. */
static size_t finish(struct command_answer *answer, const json_t *data,
                     const struct payload_error *error)
{
    const struct commands_parts *parts = &answer->commands->parts;
    _cleanup_free_ char *text = render_response(data, error, answer->transaction);

    unlink_answer(answer);
    if (text && answer->key && !answer->tells && !error)
        parts->keep(parts->context, answer->key, text);
    answer->reply(answer->userdata, text ? text : COMMANDS_NO_MEMORY);
    free_answer(answer);
    return text ? strlen(text) : 0;
}

void command_answer_data(struct command_answer *answer, json_t *data)
{
    size_t length = finish(answer, data, NULL);

    json_decref(data);
    if (length > LARGE_BYTES)
        memory_give_back();
}

void command_answer_error(struct command_answer *answer, const struct command_error *error)
{
    struct payload_error payload = payload_of(error);

    (void)finish(answer, NULL, &payload);
}

enum command_door command_answer_door(const struct command_answer *answer)
{
    return answer->door;
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
        !utf8_is_plain(json_string_value(value), length)) { /* else it could not be kept */
        command_error_set(error, "bad_argument", "transaction",
                          "'transaction' has a value that is not allowed");
        snprintf(error->allowed, sizeof(error->allowed),
                 "text of 1 to %d bytes without control characters", TRANSACTION_MAX);
        return false;
    }
    answer->transaction = strdup(json_string_value(value));
    if (!answer->transaction)
        command_error_set(error, "no_memory", NULL, "Out of memory");
    return answer->transaction != NULL;
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
    uint64_t digest = digest_word(DIGEST_OF_NOTHING, verb);

    if (!answer->transaction)
        return true;
    text = json_dumps(arguments, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text || asprintf(&answer->key, "%s %016" PRIx64, answer->transaction,
                          digest_word(digest, text)) < 0) {
        answer->key = NULL;
        command_error_set(error, "no_memory", NULL, "Out of memory");
        return false;
    }
    return true;
}

/* What was done once is answered again, not done again. */
static bool answer_again(struct command_answer *answer)
{
    const struct commands_parts *parts = &answer->commands->parts;
    const char *before =
        answer->key && !answer->tells ? parts->answered(parts->context, answer->key) : NULL;

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
            command_error_set(error, "busy", "transaction", "This transaction is under way");
            return true;
        }
    return false;
}

/* While strided stops, sensors are let go and sessions are closed for this process: what began now
 * would be done for nobody. */
static void begin(struct command_answer *answer, const struct command *command,
                  const json_t *arguments)
{
    const struct commands_parts *parts = &answer->commands->parts;
    struct command_error error;

    if (!answer->commands->stopping) {
        parts->run(parts->context, command, arguments, answer);
        return;
    }
    command_error_set(&error, "unavailable", NULL, "strided is stopping");
    snprintf(error.allowed, sizeof(error.allowed), "the same again once it is back");
    command_answer_error(answer, &error);
}

static void run(struct command_answer *answer, const char *verb, const char *payload, size_t length)
{
    struct command_error error = { 0 };
    const struct command *command = check_verb(verb, &error);
    json_t *arguments;

    if (!command) {
        command_answer_error(answer, &error);
        return;
    }
    answer->tells = command->tells;
    arguments = check_parse(payload, length, &error);
    if (!arguments || !take_transaction(answer, arguments, &error) ||
        !permitted(answer->commands, answer->door, command, arguments, &error) ||
        !check_arguments(command, arguments, &error) ||
        !make_key(answer, command->verb, arguments, &error) || is_under_way(answer, &error))
        command_answer_error(answer, &error);
    else if (!answer_again(answer))
        begin(answer, command, arguments);
    json_decref(arguments);
}

int commands_request(struct commands *commands, enum command_door door, const char *verb,
                     const char *payload, size_t length, commands_reply reply, void *userdata)
{
    struct command_answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return -ENOMEM;
    *answer = (struct command_answer){ .commands = commands,
                                       .next = commands->waiting,
                                       .door = door,
                                       .reply = reply,
                                       .userdata = userdata };
    commands->waiting = answer;
    run(answer, verb, payload, length);
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

void commands_stop(struct commands *commands)
{
    commands->stopping = true;
}

void commands_set_policy(struct commands *commands, enum conf_commands mqtt)
{
    commands->mqtt = mqtt;
}
