/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Where the loop, our thread and Paho's threads meet: commands one way, events the other, and what is
 * known of a call that is under way. Each function takes the lock for a moment, and none calls Paho,
 * which holds a lock of its own when it calls us. (Two locks taken in two orders are a deadlock.)
 */
#include <pthread.h>
#include "daemon/broker/paho/command.h"
#include "daemon/broker/paho/event.h"

#define EXCHANGE_TEXT_MAX 160 /* bytes with the NUL */

struct exchange {
    pthread_mutex_t lock; /* guards what follows up to the blank line */
    pthread_cond_t wake;
    struct commands_waiting commands;
    struct paho_events events;
    struct token *tokens;
    size_t n_messages; /* received, not yet taken by the loop */
    uint64_t overruns;
    bool connect_pending; /* Paho owes us onSuccess or onFailure */
    bool link_stands;     /* by the last that was posted of it */
    bool let_go;          /* the loop has gone on, perhaps with another */
    char tls_error[EXCHANGE_TEXT_MAX];

    int event_fd;
};

/* It stays where it is. < 0: -errno of the eventfd; to be done with all the same. */
int exchange_init(struct exchange *exchange);
void exchange_done(struct exchange *exchange); /* nobody else has it any more */

/* ---- the loop's side ---- */

int exchange_command(struct exchange *exchange, struct command *command); /* taken; NULL: -ENOMEM */
struct paho_event *exchange_take(struct exchange *exchange); /* all, in order; never waits */
uint64_t exchange_overruns(struct exchange *exchange);       /* messages there was no room for */
void exchange_let_go(struct exchange *exchange);

/* ---- our thread's ---- */

struct command *exchange_next_command(struct exchange *exchange); /* waits for one */
/* An outcome of a connect is owed, until it is posted. */
void exchange_connect_begins(struct exchange *exchange);
bool exchange_wait_for_connect(struct exchange *exchange); /* and whether a link stands then */
bool exchange_is_let_go(struct exchange *exchange);

/* ---- from whichever thread ---- */

/* What Paho carries through a call and hands back: freed by whichever callback comes. */
struct token {
    struct exchange *exchange;
    struct token *previous, *next; /* all that are out, for the end */
    uint64_t id;
    char filter[]; /* of a subscription */
};
struct token *exchange_token_new(struct exchange *exchange, uint64_t id, const char *filter);
void exchange_token_free(struct token *token);

void exchange_post_event(struct exchange *exchange, struct paho_event *event); /* taken */
void exchange_post(struct exchange *exchange, enum paho_event_kind kind, int code, int reason,
                   const char *text);
void exchange_post_published(struct exchange *exchange, uint64_t id, enum mqtt_result result,
                             int reason);
/* Counts it one way or the other: false, as an overrun. */
bool exchange_may_take_message(struct exchange *exchange);
void exchange_note_tls_error(struct exchange *exchange, const char *text, int length);
/* "": none since the connect began */
void exchange_tls_error(struct exchange *exchange, char ret[EXCHANGE_TEXT_MAX]);
