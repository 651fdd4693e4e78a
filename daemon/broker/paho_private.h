/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind paho.h share; each calls only those below it:
 *   paho.c            life, and the thread
 *   paho_calls.c      what our thread asks of Paho
 *   paho_callbacks.c  what Paho answers, on threads of its own
 *   paho_exchange.c   the two queues between all of these, and their lock
 *   paho_shelf.c      what waits in Paho's own queue
 */
#include <MQTTAsync.h>
#include "daemon/broker/paho_exchange.h"
#include "daemon/broker/paho_settings.h"
#include "daemon/broker/paho_shelf.h"

/* ---- paho_calls.c: on our thread alone ------------------------------------------------------------ */

struct paho_calls {
    struct exchange *exchange;
    MQTTAsync client; /* made by the first connect */
    struct paho_settings settings;
    struct paho_shelf shelf;
};
void paho_calls_run(struct paho_calls *calls, const struct command *command);

/* ---- paho_callbacks.c: puts its callbacks into what a call is made with ---------------------------- */

int paho_hear_link(struct exchange *exchange, bool v311, MQTTAsync client); /* Paho's code */
void paho_hear_connect(struct exchange *exchange, bool v311, MQTTAsync_connectOptions *options);
void paho_hear_tls(struct exchange *exchange, MQTTAsync_SSLOptions *options);
void paho_hear_disconnect(struct exchange *exchange, bool v311,
                          MQTTAsync_disconnectOptions *options);
void paho_hear_publish(struct token *token, bool v311, MQTTAsync_responseOptions *options);
void paho_hear_subscribe(struct token *token, bool v311, MQTTAsync_responseOptions *options);
