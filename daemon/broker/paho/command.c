/* SPDX-License-Identifier: MIT */
/*
 * Pure: no thread, no lock, no call of Paho's; paho.c does all of that around it.
 */
#include "daemon/broker/paho/command.h"
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/packed.h"

void commands_waiting_init(struct commands_waiting *commands)
{
    commands->first = NULL;
    commands->end = &commands->first;
}

void commands_waiting_add(struct commands_waiting *commands, struct command *command)
{
    *commands->end = command;
    commands->end = &command->next;
}

struct command *commands_waiting_take(struct commands_waiting *commands)
{
    struct command *command = commands->first;

    if (!command)
        return NULL;
    commands->first = command->next;
    if (!commands->first)
        commands->end = &commands->first;
    return command;
}

void commands_waiting_done(struct commands_waiting *commands)
{
    for (struct command *command; (command = commands_waiting_take(commands));)
        command_free(command);
}

struct command *command_new(enum command_kind kind, const char *topic, unsigned how)
{
    struct command *command = calloc(1, sizeof(*command));

    if (!command)
        return NULL;
    command->kind = kind;
    command->how = how;
    command->topic = topic ? strdup(topic) : NULL;
    return topic && !command->topic ? command_free(command) : command;
}

struct command *command_new_publish(uint64_t id, const struct mqtt_publish *message)
{
    struct command *command = calloc(1, sizeof(*command) + strlen(message->topic) +
                                            message->length + message->correlation_length + 3);

    if (!command)
        return NULL;
    char *at = (char *)(command + 1);
    command->kind = COMMAND_PUBLISH;
    command->id = id;
    command->message = *message;
    command->message.topic = packed_append(&at, message->topic, strlen(message->topic));
    command->message.payload = packed_append(&at, message->payload, message->length);
    if (message->correlation_data)
        command->message.correlation_data =
            packed_append(&at, message->correlation_data, message->correlation_length);
    return command;
}

struct command *command_free(struct command *command)
{
    if (!command)
        return NULL;
    free(command->topic);
    free(command);
    return NULL;
}
