/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind paho.h share; each calls only those below it:
 *   paho.c       life, and the thread
 *   calls.c      what our thread asks of Paho
 *   callbacks.c  what Paho answers, on threads of its own
 *   exchange.c   the two queues between all of these, and their lock
 *   shelf.c      what waits in Paho's own queue
 *   wire.c       the socket below Paho: its end, and writes that do not fail
 *   handshake.c  what OpenSSL, below Paho, has against a certificate
 */
#include <MQTTAsync.h>
#include "daemon/broker/paho/exchange.h"
#include "daemon/broker/paho/settings.h"
#include "daemon/broker/paho/shelf.h"

/* ---- calls.c: on our thread alone ----------------------------------------------------------------- */

struct paho_calls {
    struct exchange *exchange;
    MQTTAsync client; /* made by the first connect */
    struct paho_settings settings;
    struct paho_shelf shelf;
};
void paho_calls_run(struct paho_calls *calls, const struct command *command);

/* ---- callbacks.c: puts its callbacks into what a call is made with ---------------------------- */

int paho_hear_link(struct exchange *exchange, bool v311, MQTTAsync client); /* Paho's code */
void paho_hear_connect(struct exchange *exchange, bool v311, MQTTAsync_connectOptions *options);
void paho_hear_tls(struct exchange *exchange, MQTTAsync_SSLOptions *options);
void paho_hear_disconnect(struct exchange *exchange, bool v311,
                          MQTTAsync_disconnectOptions *options);
void paho_hear_publish(struct token *token, bool v311, MQTTAsync_responseOptions *options);
void paho_hear_subscribe(struct token *token, bool v311, MQTTAsync_responseOptions *options);
