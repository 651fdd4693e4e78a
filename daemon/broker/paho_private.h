/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind paho.h share:
 *   paho.c            life, the two queues and their lock: the one that knows threads
 *   paho_calls.c      what our thread asks of Paho
 *   paho_callbacks.c  what Paho answers, on threads of its own
 *   paho_shelf.c      what waits in Paho's own queue
 */
#include <MQTTAsync.h>
#include "daemon/broker/paho_command.h"
#include "daemon/broker/paho_event.h"
#include "daemon/broker/paho_settings.h"
#include "daemon/broker/paho_shelf.h"

/* What Paho carries through a call and hands back: freed by whichever callback comes. */
struct token {
    struct paho *paho;
    struct token *previous, *next; /* all that are out, for the end */
    uint64_t id;
    char filter[]; /* of a subscription */
};

/* ---- paho.c: each takes the lock for a moment, none calls Paho ----------------------------------- */

struct token *paho_token_new(struct paho *paho, uint64_t id, const char *filter);
void paho_token_free(struct token *token);
void paho_post_event(struct paho *paho, struct paho_event *event);
void paho_post(struct paho *paho, enum paho_event_kind kind, int code, int reason,
               const char *text);
void paho_post_published(struct paho *paho, uint64_t id, enum mqtt_result result, int reason);
bool paho_may_take_message(struct paho *paho);
void paho_note_tls_error(struct paho *paho, const char *text, int length);
void paho_tls_error(struct paho *paho, char *ret,
                    size_t size); /* "": none since the connect began */
/* Paho owes us an outcome of a connect, until that is posted. */
void paho_connect_begins(struct paho *paho);
void paho_wait_for_connect(struct paho *paho);

/* ---- paho_calls.c: on our thread alone ------------------------------------------------------------ */

struct paho_calls {
    struct paho *paho;
    MQTTAsync client; /* made by the first connect */
    struct paho_settings settings;
    struct paho_shelf shelf;
};
void paho_calls_run(struct paho_calls *calls, const struct command *command);

/* ---- paho_callbacks.c: puts its callbacks into what a call is made with ---------------------------- */

int paho_hear_link(struct paho *paho, bool v311, MQTTAsync client); /* Paho's code */
void paho_hear_connect(struct paho *paho, bool v311, MQTTAsync_connectOptions *options);
void paho_hear_tls(struct paho *paho, MQTTAsync_SSLOptions *options);
void paho_hear_disconnect(struct paho *paho, bool v311, MQTTAsync_disconnectOptions *options);
void paho_hear_publish(struct token *token, bool v311, MQTTAsync_responseOptions *options);
void paho_hear_subscribe(struct token *token, bool v311, MQTTAsync_responseOptions *options);
