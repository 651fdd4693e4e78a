/* SPDX-License-Identifier: MIT */
#include "daemon/broker/paho/exchange.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MESSAGES_MAX 256

/* ---- life -------------------------------------------------------------------------------------- */

int exchange_init(struct exchange *exchange)
{
    pthread_mutex_init(&exchange->lock, NULL);
    pthread_cond_init(&exchange->wake, NULL);
    commands_waiting_init(&exchange->commands);
    paho_events_init(&exchange->events);
    exchange->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return exchange->event_fd < 0 ? -errno : 0;
}

void exchange_done(struct exchange *exchange)
{
    while (exchange->tokens)
        exchange_token_free(exchange->tokens);
    commands_waiting_done(&exchange->commands);
    for (struct paho_event *event = paho_events_take(&exchange->events), *next; event;
         event = next) {
        next = event->next;
        free(event);
    }
    if (exchange->event_fd >= 0)
        close(exchange->event_fd);
    pthread_mutex_destroy(&exchange->lock);
    pthread_cond_destroy(&exchange->wake);
}

/* ---- commands ---------------------------------------------------------------------------------- */

int exchange_command(struct exchange *exchange, struct command *command)
{
    if (!command)
        return -ENOMEM;
    pthread_mutex_lock(&exchange->lock);
    commands_waiting_add(&exchange->commands, command);
    pthread_cond_signal(&exchange->wake);
    pthread_mutex_unlock(&exchange->lock);
    return 0;
}

struct command *exchange_next_command(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    struct command *command;
    while (!(command = commands_waiting_take(&exchange->commands)))
        pthread_cond_wait(&exchange->wake, &exchange->lock);
    pthread_mutex_unlock(&exchange->lock);
    return command;
}

/* ---- events ------------------------------------------------------------------------------------ */

void exchange_post_event(struct exchange *exchange, struct paho_event *event)
{
    pthread_mutex_lock(&exchange->lock);
    paho_events_add(&exchange->events, event);
    if (event->kind == PAHO_CONNECTED)
        exchange->link_stands = true;
    if (event->kind == PAHO_CONNECT_FAILED || event->kind == PAHO_LOST)
        exchange->link_stands = false;
    if (event->kind == PAHO_CONNECTED || event->kind == PAHO_CONNECT_FAILED) {
        exchange->connect_pending = false;
        pthread_cond_signal(&exchange->wake);
    }
    pthread_mutex_unlock(&exchange->lock);
    uint64_t one = 1;
    ssize_t n = write(exchange->event_fd, &one, sizeof(one));
    (void)n; /* EAGAIN: the counter is full, so the loop is woken already */
}

void exchange_post(struct exchange *exchange, enum paho_event_kind kind, int code, int reason,
                   const char *text)
{
    exchange_post_event(exchange, paho_event_new(kind, code, reason, text));
}

void exchange_post_published(struct exchange *exchange, uint64_t id, enum mqtt_result result,
                             int reason)
{
    struct paho_event *event = paho_event_new(PAHO_PUBLISHED, 0, reason, NULL);
    event->id = id;
    event->result = result;
    exchange_post_event(exchange, event);
}

bool exchange_may_take_message(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    bool room = exchange->n_messages < MESSAGES_MAX;
    if (room)
        exchange->n_messages++;
    else
        exchange->overruns++;
    pthread_mutex_unlock(&exchange->lock);
    return room;
}

struct paho_event *exchange_take(struct exchange *exchange)
{
    uint64_t count;
    ssize_t n = read(exchange->event_fd, &count, sizeof(count));
    (void)n; /* EAGAIN: taken earlier */
    pthread_mutex_lock(&exchange->lock);
    struct paho_event *events = paho_events_take(&exchange->events);
    exchange->n_messages = 0;
    pthread_mutex_unlock(&exchange->lock);
    return events;
}

uint64_t exchange_overruns(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    uint64_t overruns = exchange->overruns;
    pthread_mutex_unlock(&exchange->lock);
    return overruns;
}

/* ---- of a call that is under way ------------------------------------------------------------------- */

void exchange_token_free(struct token *token)
{
    struct exchange *exchange = token->exchange;
    pthread_mutex_lock(&exchange->lock);
    if (token->previous)
        token->previous->next = token->next;
    else
        exchange->tokens = token->next;
    if (token->next)
        token->next->previous = token->previous;
    pthread_mutex_unlock(&exchange->lock);
    free(token);
}

struct token *exchange_token_new(struct exchange *exchange, uint64_t id, const char *filter)
{
    struct token *token = calloc(1, sizeof(*token) + strlen(filter) + 1);
    if (!token)
        return NULL;
    token->exchange = exchange;
    token->id = id;
    memcpy(token->filter, filter, strlen(filter) + 1);
    pthread_mutex_lock(&exchange->lock);
    token->next = exchange->tokens;
    if (token->next)
        token->next->previous = token;
    exchange->tokens = token;
    pthread_mutex_unlock(&exchange->lock);
    return token;
}

void exchange_connect_begins(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    exchange->tls_error[0] = '\0';
    exchange->connect_pending = true;
    pthread_mutex_unlock(&exchange->lock);
}

bool exchange_wait_for_connect(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    while (exchange->connect_pending)
        pthread_cond_wait(&exchange->wake, &exchange->lock);
    bool stands = exchange->link_stands;
    pthread_mutex_unlock(&exchange->lock);
    return stands;
}

void exchange_let_go(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    exchange->let_go = true;
    pthread_mutex_unlock(&exchange->lock);
}

bool exchange_is_let_go(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    bool let_go = exchange->let_go;
    pthread_mutex_unlock(&exchange->lock);
    return let_go;
}

void exchange_note_tls_error(struct exchange *exchange, const char *text, int length)
{
    pthread_mutex_lock(&exchange->lock);
    if (!exchange->tls_error[0]) /* the first says what is wrong, the others what follows from it */
        snprintf(exchange->tls_error, sizeof(exchange->tls_error), "%.*s", length, text);
    pthread_mutex_unlock(&exchange->lock);
}

void exchange_tls_error(struct exchange *exchange, char ret[EXCHANGE_TEXT_MAX])
{
    pthread_mutex_lock(&exchange->lock);
    snprintf(ret, EXCHANGE_TEXT_MAX, "%s", exchange->tls_error);
    pthread_mutex_unlock(&exchange->lock);
}
