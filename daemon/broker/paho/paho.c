/* SPDX-License-Identifier: MIT */
/*
 * With worker.c the only one that starts a thread; the lock is exchange.c's.
 *
 *      loop                        our thread                      Paho's two threads
 *   paho_publish() ──commands──>  MQTTAsync_sendMessage() ...
 *                                  (calls.c)
 *   paho_take()  <───events────────────┴───────── callbacks, under Paho's global lock
 *        ^ eventfd                                  (callbacks.c)
 *
 * The rule that keeps it alive: our lock is never held over a Paho call. Everything that needs neither
 * threads nor Paho's calls is elsewhere: what goes through the queues in command.c and event.c, the
 * options of a link in settings.c, and what is looked up before a connect in ways.c.
 *
 * Signals: all are blocked in our thread, and Paho's threads inherit that from it.
 */
#include "daemon/broker/paho/paho.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/paho/private.h"
#include "daemon/openssl.h"

struct paho {
    pthread_t thread;
    atomic_int references; /* the loop's and the thread's */
    struct exchange exchange;
    struct paho_calls calls; /* the thread's alone */
};

/* ---- life ------------------------------------------------------------------------------------ */

static void paho_unref(struct paho *paho)
{
    if (atomic_fetch_sub(&paho->references, 1) > 1)
        return;
    exchange_done(&paho->exchange);
    paho_settings_done(&paho->calls.settings);
    free(paho);
}

/* ---- the thread ---------------------------------------------------------------------------------- */

static void *thread_main(void *userdata)
{
    struct paho *paho = userdata;
    bool quit = false;
    pthread_setname_np(pthread_self(), "mqtt");
    while (!quit) {
        struct command *command = exchange_next_command(&paho->exchange);
        quit = command->kind == COMMAND_QUIT;
        paho_calls_run(&paho->calls, command);
        command_free(command);
    }
    paho_unref(paho);
    return NULL;
}

/* ---- the loop's side ----------------------------------------------------------------------------- */

static int start_thread(struct paho *paho)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    paho->references = 2;
    int r = pthread_create(&paho->thread, NULL, thread_main, paho);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r != 0)
        paho->references = 1;
    return -r;
}

int paho_new(struct paho **ret, const struct paho_target *target,
             const struct mqtt_options *options)
{
    struct paho *paho = calloc(1, sizeof(*paho));
    if (!paho)
        return -ENOMEM;
    openssl_keep_at_exit();
    paho->calls.exchange = &paho->exchange;
    paho_shelf_init(&paho->calls.shelf);
    paho->references = 1;
    int r = exchange_init(&paho->exchange);
    if (r >= 0)
        r = paho_settings_copy(&paho->calls.settings, target, options);
    if (r >= 0)
        r = start_thread(paho);
    if (r < 0) {
        paho_unref(paho);
        return r;
    }
    *ret = paho;
    return 0;
}

struct paho *paho_free(struct paho *paho, bool wait)
{
    if (!paho)
        return NULL;
    if (wait) {
        pthread_join(paho->thread, NULL);
    } else {
        exchange_let_go(&paho->exchange);
        pthread_detach(paho->thread);
    }
    paho_unref(paho);
    return NULL;
}

int paho_fd(const struct paho *paho)
{
    return paho->exchange.event_fd;
}

struct paho_event *paho_take(struct paho *paho)
{
    return exchange_take(&paho->exchange);
}

uint64_t paho_overruns(struct paho *paho)
{
    return exchange_overruns(&paho->exchange);
}

int paho_connect(struct paho *paho)
{
    return exchange_command(&paho->exchange, command_new(COMMAND_CONNECT, NULL, 0));
}

int paho_subscribe(struct paho *paho, const char *filter, unsigned how)
{
    return exchange_command(&paho->exchange, command_new(COMMAND_SUBSCRIBE, filter, how));
}

int paho_unsubscribe(struct paho *paho, const char *filter)
{
    return exchange_command(&paho->exchange, command_new(COMMAND_UNSUBSCRIBE, filter, 0));
}

int paho_disconnect(struct paho *paho)
{
    return exchange_command(&paho->exchange, command_new(COMMAND_DISCONNECT, NULL, 0));
}

int paho_cut(struct paho *paho)
{
    return exchange_command(&paho->exchange, command_new(COMMAND_CUT, NULL, 0));
}

int paho_quit(struct paho *paho)
{
    return exchange_command(&paho->exchange, command_new(COMMAND_QUIT, NULL, 0));
}

int paho_publish(struct paho *paho, uint64_t id, const struct mqtt_publish *message)
{
    return exchange_command(&paho->exchange, command_new_publish(id, message));
}

void paho_refuse(struct paho *paho, uint64_t id, int reason)
{
    exchange_post_published(&paho->exchange, id, MQTT_REFUSED, reason);
}
