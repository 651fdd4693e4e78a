/* SPDX-License-Identifier: MIT */
#pragma once
/* What the loop asks of Paho, as the thread gets it: copies, in order. */
#include "daemon/broker/mqtt.h"

enum command_kind {
    COMMAND_CONNECT,
    COMMAND_PUBLISH,
    COMMAND_SUBSCRIBE,
    COMMAND_UNSUBSCRIBE,
    COMMAND_DISCONNECT,
    COMMAND_CUT,
    COMMAND_QUIT,
};

struct command {
    struct command *next;
    enum command_kind kind;
    uint64_t id;
    unsigned how;                /* COMMAND_SUBSCRIBE: of enum mqtt_how */
    struct mqtt_publish message; /* what it points at lies behind this struct */
    char *topic;
};

struct commands_waiting { /* in order */
    struct command *first, **end;
};
void commands_waiting_init(struct commands_waiting *commands);
void commands_waiting_add(struct commands_waiting *commands, struct command *command);
struct command *commands_waiting_take(struct commands_waiting *commands); /* the first, or NULL */
void commands_waiting_done(struct commands_waiting *commands);

/* NULL: no memory. topic: NULL or copied. */
struct command *command_new(enum command_kind kind, const char *topic, unsigned how);
struct command *command_new_publish(uint64_t id, const struct mqtt_publish *message);
struct command *command_free(struct command *command);
