/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Requests: checked whole against their row of the command table before anything acts, answered
 * once with {status, data, error, transaction}, and answered again, not done again, when the same
 * transaction comes a second time (what only tells is told anew, as it is by then).
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/commands/table.h"
#include "lib/conf.h"

#define COMMAND_REQUEST_MAX  (16 * 1024) /* bytes of one request */
#define COMMAND_DEPTH_MAX    4
#define COMMAND_ARGUMENT_MAX 32
#define COMMAND_MESSAGE_MAX  320
#define COMMAND_ALLOWED_MAX  512

/* An answer for whoever has no memory for one */
#define COMMANDS_NO_MEMORY                                                                         \
    "{\"status\":\"error\",\"data\":null,\"error\":{\"code\":\"no_memory\",\"argument\":null,"     \
    "\"message\":\"Out of memory\",\"allowed\":null},\"transaction\":null}"

enum command_door {
    COMMAND_DOOR_MQTT, /* limited by Commands= */
    COMMAND_DOOR_BUS,  /* root and group strided */
};

/* What a handler answers: data (a new reference), or an error in plain words. */
struct command_error {
    const char *code; /* "not_found", "already", "busy", "unavailable", … */
    /* The one that is wrong: of the row or, as a person gave it, of none; "" = none in particular. */
    char argument[COMMAND_ARGUMENT_MAX];
    char message[COMMAND_MESSAGE_MAX];
    char allowed[COMMAND_ALLOWED_MAX]; /* "" = nothing to name; every verb fits */
};

/* An answer that comes later (scan) is given to this, once. */
struct command_answer;
void command_answer_data(struct command_answer *answer, json_t *data); /* takes data */
void command_answer_error(struct command_answer *answer, const struct command_error *error);
/* By which door it leaves: what a runner keeps from the broker is not for an answer there either. */
enum command_door command_answer_door(const struct command_answer *answer);

struct commands;
struct commands_parts {
    void *context;
    /* Does it: the arguments are checked. Answers now or later through `answer`, once. */
    void (*run)(void *context, const struct command *command, const json_t *arguments,
                struct command_answer *answer);
    /* Transactions: what was answered within 24 h, NULL if nothing; and to keep an answer. key: one
     * word for the transaction and what was asked for in it, at most 145 bytes. */
    const char *(*answered)(void *context, const char *key);
    void (*keep)(void *context, const char *key, const char *answer);
};

int commands_new(struct commands **ret, const struct commands_parts *parts);
struct commands *commands_free(struct commands *commands);
void commands_set_policy(struct commands *commands, enum conf_commands mqtt);
/* From now on nothing is done any more, and whoever asks is told so; what was answered stays so. */
void commands_stop(struct commands *commands);

/* Runs one request. `reply` is called once, now or later, with the answer's JSON text (borrowed);
 * never after commands_free. Returns 0, or -ENOMEM with no reply. */
typedef void (*commands_reply)(void *userdata, const char *json);
int commands_request(struct commands *commands, enum command_door door, const char *verb,
                     const char *payload, size_t length, commands_reply reply, void *userdata);
