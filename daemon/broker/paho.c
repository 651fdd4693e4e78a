/* SPDX-License-Identifier: MIT */
/*
 * With worker.c the only file that knows threads.
 *
 *      loop                        our thread                      Paho's two threads
 *   paho_publish() ──commands──>  MQTTAsync_sendMessage() ...
 *                                  (paho_calls.c)
 *   paho_take()  <───events────────────┴───────── callbacks, under Paho's global lock
 *        ^ eventfd                                  (paho_callbacks.c)
 *
 * The rule that keeps it alive: our lock is never held over a Paho call. Everything that needs neither
 * threads nor Paho's calls is elsewhere: what goes through the queues in paho_command.c and
 * paho_event.c, the options of a link in paho_settings.c, and what is looked up before a connect in
 * paho_ways.c.
 *
 * Signals: all are blocked in our thread, and Paho's threads inherit that from it.
 */
#include "daemon/broker/paho.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "daemon/broker/paho_private.h"
#include "daemon/util.h"

#define MESSAGES_MAX 256 /* received, not yet taken by the loop */

struct paho {
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows up to the blank line */
    pthread_cond_t wake;
    struct commands_waiting commands;
    struct paho_events events;
    struct token *tokens;
    size_t n_messages;
    uint64_t overruns;
    bool connect_pending; /* Paho owes us onSuccess or onFailure */
    int references;       /* the loop's and the thread's */
    char tls_error[160];

    int event_fd;
    struct paho_calls calls; /* the thread's alone */
};

/* ---- life ------------------------------------------------------------------------------------ */

void paho_token_free(struct token *token)
{
    struct paho *paho = token->paho;
    pthread_mutex_lock(&paho->lock);
    if (token->previous)
        token->previous->next = token->next;
    else
        paho->tokens = token->next;
    if (token->next)
        token->next->previous = token->previous;
    pthread_mutex_unlock(&paho->lock);
    free(token);
}

struct token *paho_token_new(struct paho *paho, uint64_t id, const char *filter)
{
    struct token *token = calloc(1, sizeof(*token) + strlen(filter) + 1);
    if (!token)
        return NULL;
    token->paho = paho;
    token->id = id;
    memcpy(token->filter, filter, strlen(filter) + 1);
    pthread_mutex_lock(&paho->lock);
    token->next = paho->tokens;
    if (token->next)
        token->next->previous = token;
    paho->tokens = token;
    pthread_mutex_unlock(&paho->lock);
    return token;
}

static void paho_destroy(struct paho *paho)
{
    while (paho->tokens)
        paho_token_free(paho->tokens);
    commands_waiting_done(&paho->commands);
    for (struct paho_event *event = paho_events_take(&paho->events), *next; event; event = next) {
        next = event->next;
        free(event);
    }
    paho_settings_done(&paho->calls.settings);
    if (paho->event_fd >= 0)
        close(paho->event_fd);
    pthread_mutex_destroy(&paho->lock);
    pthread_cond_destroy(&paho->wake);
    free(paho);
}

static void paho_unref(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    bool last = --paho->references == 0;
    pthread_mutex_unlock(&paho->lock);
    if (last)
        paho_destroy(paho);
}

/* ---- events: from Paho's threads or ours to the loop ------------------------------------------- */

void paho_post_event(struct paho *paho, struct paho_event *event)
{
    pthread_mutex_lock(&paho->lock);
    paho_events_add(&paho->events, event);
    if (event->kind == PAHO_CONNECTED || event->kind == PAHO_CONNECT_FAILED) {
        paho->connect_pending = false;
        pthread_cond_signal(&paho->wake);
    }
    pthread_mutex_unlock(&paho->lock);
    uint64_t one = 1;
    ssize_t n = write(paho->event_fd, &one, sizeof(one));
    (void)n; /* EAGAIN: the counter is full, so the loop is woken already */
}

void paho_post(struct paho *paho, enum paho_event_kind kind, int code, int reason, const char *text)
{
    paho_post_event(paho, paho_event_new(kind, code, reason, text));
}

void paho_post_published(struct paho *paho, uint64_t id, enum mqtt_result result, int reason)
{
    struct paho_event *event = paho_event_new(PAHO_PUBLISHED, 0, reason, NULL);
    event->id = id;
    event->result = result;
    paho_post_event(paho, event);
}

/* ---- what Paho's side asks, from whichever thread ------------------------------------------------ */

void paho_note_tls_error(struct paho *paho, const char *text, int length)
{
    pthread_mutex_lock(&paho->lock);
    if (!paho->tls_error[0]) /* the first says what is wrong, the others what follows from it */
        snprintf(paho->tls_error, sizeof(paho->tls_error), "%.*s", length, text);
    pthread_mutex_unlock(&paho->lock);
}

void paho_tls_error(struct paho *paho, char *ret, size_t size)
{
    pthread_mutex_lock(&paho->lock);
    snprintf(ret, size, "%s", paho->tls_error);
    pthread_mutex_unlock(&paho->lock);
}

bool paho_may_take_message(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    bool room = paho->n_messages < MESSAGES_MAX;
    if (room)
        paho->n_messages++;
    else
        paho->overruns++;
    pthread_mutex_unlock(&paho->lock);
    return room;
}

void paho_connect_begins(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    paho->tls_error[0] = '\0';
    paho->connect_pending = true;
    pthread_mutex_unlock(&paho->lock);
}

void paho_wait_for_connect(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    while (paho->connect_pending)
        pthread_cond_wait(&paho->wake, &paho->lock);
    pthread_mutex_unlock(&paho->lock);
}

/* ---- the thread ---------------------------------------------------------------------------------- */

static struct command *next_command(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    struct command *command;
    while (!(command = commands_waiting_take(&paho->commands)))
        pthread_cond_wait(&paho->wake, &paho->lock);
    pthread_mutex_unlock(&paho->lock);
    return command;
}

static void *thread_main(void *userdata)
{
    struct paho *paho = userdata;
    bool quit = false;
    pthread_setname_np(pthread_self(), "mqtt");
    while (!quit) {
        struct command *command = next_command(paho);
        quit = command->kind == COMMAND_QUIT;
        paho_calls_run(&paho->calls, command);
        command_free(command);
    }
    paho_unref(paho);
    return NULL;
}

/* ---- the loop's side ----------------------------------------------------------------------------- */

/*
 * MQTTAsync_destroy() does not wait for Paho's own threads, and a thread in a name look-up is left
 * behind. OpenSSL cleans up at exit() all the same, and what such a thread then still does in it (its
 * own last step is a destructor of OpenSSL's) meets freed locks: seen as a leak, a crash, and a
 * process that never ends. So OpenSSL is told not to; the kernel takes everything back. Paho brings
 * OpenSSL along, we know nothing else of it: hence by name.
 */
static void keep_openssl_at_exit(void)
{
    const uint64_t no_atexit =
        0x00080000; /* OPENSSL_INIT_NO_ATEXIT: counts in the first call only */
    int (*init)(uint64_t options, const void *settings);
    void *found = dlsym(RTLD_DEFAULT, "OPENSSL_init_crypto");
    memcpy(&init, &found, sizeof(init));
    if (init)
        (void)init(no_atexit, NULL);
}

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
    keep_openssl_at_exit();
    pthread_mutex_init(&paho->lock, NULL);
    pthread_cond_init(&paho->wake, NULL);
    commands_waiting_init(&paho->commands);
    paho_events_init(&paho->events);
    paho->calls.paho = paho;
    paho_shelf_init(&paho->calls.shelf);
    paho->references = 1;
    paho->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int r =
        paho->event_fd < 0 ? -errno : paho_settings_copy(&paho->calls.settings, target, options);
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
    if (wait)
        pthread_join(paho->thread, NULL);
    else
        pthread_detach(paho->thread);
    paho_unref(paho);
    return NULL;
}

int paho_fd(const struct paho *paho)
{
    return paho->event_fd;
}

struct paho_event *paho_take(struct paho *paho)
{
    uint64_t count;
    ssize_t n = read(paho->event_fd, &count, sizeof(count));
    (void)n; /* EAGAIN: taken earlier */
    pthread_mutex_lock(&paho->lock);
    struct paho_event *events = paho_events_take(&paho->events);
    paho->n_messages = 0;
    pthread_mutex_unlock(&paho->lock);
    return events;
}

uint64_t paho_overruns(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    uint64_t overruns = paho->overruns;
    pthread_mutex_unlock(&paho->lock);
    return overruns;
}

static int post_command(struct paho *paho, struct command *command)
{
    if (!command)
        return -ENOMEM;
    pthread_mutex_lock(&paho->lock);
    commands_waiting_add(&paho->commands, command);
    pthread_cond_signal(&paho->wake);
    pthread_mutex_unlock(&paho->lock);
    return 0;
}

int paho_connect(struct paho *paho)
{
    return post_command(paho, command_new(COMMAND_CONNECT, NULL, 0));
}

int paho_subscribe(struct paho *paho, const char *filter, unsigned how)
{
    return post_command(paho, command_new(COMMAND_SUBSCRIBE, filter, how));
}

int paho_unsubscribe(struct paho *paho, const char *filter)
{
    return post_command(paho, command_new(COMMAND_UNSUBSCRIBE, filter, 0));
}

int paho_disconnect(struct paho *paho)
{
    return post_command(paho, command_new(COMMAND_DISCONNECT, NULL, 0));
}

int paho_quit(struct paho *paho)
{
    return post_command(paho, command_new(COMMAND_QUIT, NULL, 0));
}

int paho_publish(struct paho *paho, uint64_t id, const struct mqtt_publish *message)
{
    return post_command(paho, command_new_publish(id, message));
}
