/* SPDX-License-Identifier: MIT */
/*
 * The only file that knows Paho, and with worker.c the only one that knows threads.
 *
 *      loop                        our thread                      Paho's two threads
 *   paho_publish() ──commands──>  MQTTAsync_sendMessage() ...
 *   paho_take()  <───events────────────┴───────── callbacks, under Paho's global lock
 *        ^ eventfd
 *
 * Rules that keep it alive: a callback only copies, appends and writes the eventfd, and calls nothing
 * of Paho (the lock is not recursive, a nested unlock would let go of the outer one). Our lock is
 * never held over a Paho call. Everything that needs neither of the two is
 * elsewhere: what goes through the queues in paho_command.c and paho_event.c, the options of a link in
 * paho_settings.c, and what is looked up before a connect in paho_ways.c.
 *
 * Signals: all are blocked in our thread, and Paho's threads inherit that from it.
 */
#include "daemon/broker/paho.h"
#include <MQTTAsync.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "daemon/broker/paho_command.h"
#include "daemon/broker/paho_event.h"
#include "daemon/broker/paho_settings.h"
#include "daemon/broker/paho_ways.h"
#include "daemon/util.h"

#define MESSAGES_MAX 256 /* received, not yet taken by the loop */

/* What Paho carries through a call and hands back: freed by whichever callback comes. */
struct token {
    struct paho *paho;
    struct token *previous, *next; /* all that are out, for paho_unref() */
    uint64_t id;
    char filter[]; /* of a subscription */
};

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
    MQTTAsync client; /* the thread's alone */
    struct paho_settings settings;
};

/* ---- life ------------------------------------------------------------------------------------ */

static void token_free(struct token *token)
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

static struct token *token_new(struct paho *paho, uint64_t id, const char *filter)
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
        token_free(paho->tokens);
    commands_waiting_done(&paho->commands);
    for (struct paho_event *event = paho_events_take(&paho->events), *next; event; event = next) {
        next = event->next;
        free(event);
    }
    paho_settings_done(&paho->settings);
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

static void post_event(struct paho *paho, struct paho_event *event)
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

static void post(struct paho *paho, enum paho_event_kind kind, int code, int reason,
                 const char *text)
{
    post_event(paho, paho_event_new(kind, code, reason, text));
}

static void post_published(struct paho *paho, uint64_t id, enum mqtt_result result, int reason)
{
    struct paho_event *event = paho_event_new(PAHO_PUBLISHED, 0, reason, NULL);
    event->id = id;
    event->result = result;
    post_event(paho, event);
}

/* ---- callbacks: Paho's lock is held, call nothing of Paho --------------------------------------- */

static void on_connect_failure(struct paho *paho, int code, int reason, const char *text)
{
    pthread_mutex_lock(&paho->lock);
    char tls_error[sizeof(paho->tls_error)];
    memcpy(tls_error, paho->tls_error, sizeof(tls_error));
    pthread_mutex_unlock(&paho->lock);
    post(paho, PAHO_CONNECT_FAILED, code, reason, tls_error[0] ? tls_error : text);
}

static void on_connect5(void *context, MQTTAsync_successData5 *data)
{
    post(context, PAHO_CONNECTED, 0, 0, NULL);
}

static void on_connect(void *context, MQTTAsync_successData *data)
{
    post(context, PAHO_CONNECTED, 0, 0, NULL);
}

static void on_connect_failure5(void *context, MQTTAsync_failureData5 *data)
{
    on_connect_failure(context, data->code, data->reasonCode, data->message);
}

static void on_connect_failure3(void *context, MQTTAsync_failureData *data)
{
    on_connect_failure(context, data->code, 0, data->message);
}

static void on_lost(void *context, char *cause)
{
    post(context, PAHO_LOST, 0, 0, cause);
}

static void on_server_disconnect(void *context, MQTTProperties *properties,
                                 enum MQTTReasonCodes reason)
{
    post(context, PAHO_LOST, 0, reason, NULL);
}

static void on_disconnected5(void *context, MQTTAsync_successData5 *data)
{
    post(context, PAHO_LOST, 0, 0, NULL);
}

static void on_disconnected(void *context, MQTTAsync_successData *data)
{
    post(context, PAHO_LOST, 0, 0, NULL);
}

static void publish_done(struct token *token, enum mqtt_result result, int reason)
{
    post_published(token->paho, token->id, result, reason);
    token_free(token);
}

static void on_published5(void *context, MQTTAsync_successData5 *data)
{
    publish_done(context, MQTT_DONE, data->reasonCode);
}

static void on_published(void *context, MQTTAsync_successData *data)
{
    publish_done(context, MQTT_DONE, 0);
}

static void on_publish_failure5(void *context, MQTTAsync_failureData5 *data)
{
    bool refused = data->reasonCode >= 0x80;
    publish_done(context, refused ? MQTT_REFUSED : MQTT_LOST, refused ? (int)data->reasonCode : 0);
}

static void on_publish_failure(void *context, MQTTAsync_failureData *data)
{
    publish_done(context, MQTT_LOST, 0);
}

/* A subscription that fails because the link went is nothing to tell: it is made anew. */
static void on_subscribed5(void *context, MQTTAsync_successData5 *data)
{
    token_free(context);
}

static void on_subscribe_failure5(void *context, MQTTAsync_failureData5 *data)
{
    struct token *token = context;
    if (data->reasonCode >= 0x80)
        post(token->paho, PAHO_NOT_SUBSCRIBED, 0, data->reasonCode, token->filter);
    token_free(token);
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    struct token *token = context;
    if (data && data->alt.qos == 0x80)
        post(token->paho, PAHO_NOT_SUBSCRIBED, 0, 0x80, token->filter);
    token_free(token);
}

static void on_subscribe_failure(void *context, MQTTAsync_failureData *data)
{
    struct token *token = context;
    if (data && data->code == 0x80)
        post(token->paho, PAHO_NOT_SUBSCRIBED, 0, 0x80, token->filter);
    token_free(token);
}

static int on_tls_error(const char *text, size_t length, void *context)
{
    struct paho *paho = context;
    int n = 0;
    const char *reason = paho_tls_reason(text, &n);
    pthread_mutex_lock(&paho->lock);
    if (!paho->tls_error[0]) /* the first says what is wrong, the others what follows from it */
        snprintf(paho->tls_error, sizeof(paho->tls_error), "%.*s", n, reason);
    pthread_mutex_unlock(&paho->lock);
    return 1;
}

/* ---- received messages -------------------------------------------------------------------------- */

static bool may_take_message(struct paho *paho)
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

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct paho *paho = context;
    size_t length = topic_length > 0 ? (size_t)topic_length : strlen(topic);
    if (!memchr(topic, '\0', length) && may_take_message(paho)) {
        struct paho_event *event = paho_event_of_message(topic, length, message);
        if (event)
            post_event(paho, event);
    }
    MQTTAsync_freeMessage(&message); /* free() by another name: take no lock */
    MQTTAsync_free(topic);
    return 1;
}

/* ---- the thread: Paho calls ---------------------------------------------------------------------- */

static int create_client(struct paho *paho)
{
    char uri[300];
    paho_settings_uri(&paho->settings, uri, sizeof(uri));
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    options.MQTTVersion = paho->settings.v311 ? MQTTVERSION_3_1_1 : MQTTVERSION_5;
    options.sendWhileDisconnected = 0;
    options.maxBufferedMessages = MQTT_PENDING_MAX + 1;
    int r = MQTTAsync_createWithOptions(&paho->client, uri, paho->settings.client_id,
                                        MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (r != MQTTASYNC_SUCCESS)
        return r;
    r = MQTTAsync_setCallbacks(paho->client, paho, on_lost, on_message, NULL);
    if (r == MQTTASYNC_SUCCESS && !paho->settings.v311)
        r = MQTTAsync_setDisconnected(paho->client, paho, on_server_disconnect);
    if (r != MQTTASYNC_SUCCESS)
        MQTTAsync_destroy(&paho->client);
    return r;
}

static int start_connect(struct paho *paho)
{
    const struct paho_settings *settings = &paho->settings;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTAsync_willOptions will = paho_settings_will(settings);
    MQTTAsync_SSLOptions tls = paho_settings_tls(settings);
    MQTTAsync_connectOptions options = paho_settings_connect(settings, &will, &tls, &properties);
    tls.ssl_error_cb = on_tls_error;
    tls.ssl_error_context = paho;
    options.context = paho;
    if (settings->v311) {
        options.onSuccess = on_connect;
        options.onFailure = on_connect_failure3;
    } else {
        options.onSuccess5 = on_connect5;
        options.onFailure5 = on_connect_failure5;
    }
    int r = MQTTAsync_connect(paho->client, &options);
    MQTTProperties_free(&properties);
    return r;
}

static void run_connect(struct paho *paho)
{
    char why[160];
    int r = paho_ways_check(paho->settings.target.host, paho->settings.ca_file, why, sizeof(why));
    if (r != 0) {
        post(paho, PAHO_CONNECT_FAILED, r, 0, why);
        return;
    }
    pthread_mutex_lock(&paho->lock);
    paho->tls_error[0] = '\0';
    paho->connect_pending = true;
    pthread_mutex_unlock(&paho->lock);
    r = paho->client ? MQTTASYNC_SUCCESS : create_client(paho);
    if (r == MQTTASYNC_SUCCESS)
        r = start_connect(paho);
    if (r != MQTTASYNC_SUCCESS)
        post(paho, PAHO_CONNECT_FAILED, r, 0, MQTTAsync_strerror(r));
}

/* Message properties only travel when a response structure goes along. */
static int send_message(struct paho *paho, const struct mqtt_publish *publish, struct token *token)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    message.payload = (void *)publish->payload;
    message.payloadlen = (int)publish->length;
    message.qos = publish->qos;
    message.retained = publish->retain;
    response.context = token;
    if (paho->settings.v311) {
        response.onSuccess = on_published;
        response.onFailure = on_publish_failure;
    } else {
        response.onSuccess5 = on_published5;
        response.onFailure5 = on_publish_failure5;
        paho_message_properties(publish, &message.properties);
    }
    int r = MQTTAsync_sendMessage(paho->client, publish->topic, &message, &response);
    MQTTProperties_free(&message.properties);
    return r;
}

static void run_publish(struct paho *paho, const struct command *command)
{
    struct token *token = paho->client ? token_new(paho, command->id, "") : NULL;
    if (token && send_message(paho, &command->message, token) == MQTTASYNC_SUCCESS)
        return;
    if (token)
        token_free(token);
    post_published(paho, command->id, MQTT_LOST, 0);
}

static void run_subscribe(struct paho *paho, const struct command *command)
{
    struct token *token = paho->client ? token_new(paho, 0, command->topic) : NULL;
    if (!token)
        return;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = token;
    if (paho->settings.v311) {
        response.onSuccess = on_subscribed;
        response.onFailure = on_subscribe_failure;
    } else {
        response.onSuccess5 = on_subscribed5;
        response.onFailure5 = on_subscribe_failure5;
        response.subscribeOptions.noLocal = command->no_local;
    }
    int r = command->kind == COMMAND_SUBSCRIBE
                ? MQTTAsync_subscribe(paho->client, command->topic, 1, &response)
                : MQTTAsync_unsubscribe(paho->client, command->topic, &response);
    if (r != MQTTASYNC_SUCCESS)
        token_free(token);
}

static void run_disconnect(struct paho *paho)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    if (!paho->settings.v311)
        options = (MQTTAsync_disconnectOptions)MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 0; /* the loop waited for the answers already */
    options.context = paho;
    if (paho->settings.v311)
        options.onSuccess = on_disconnected;
    else
        options.onSuccess5 = on_disconnected5;
    if (!paho->client || MQTTAsync_disconnect(paho->client, &options) != MQTTASYNC_SUCCESS)
        post(paho, PAHO_LOST, 0, 0, NULL);
}

/* Destroying a client while it connects is not safe in Paho: wait for the outcome first. */
static void run_quit(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    while (paho->connect_pending)
        pthread_cond_wait(&paho->wake, &paho->lock);
    pthread_mutex_unlock(&paho->lock);
    if (paho->client)
        MQTTAsync_destroy(&paho->client); /* says DISCONNECT if it is connected */
    post(paho, PAHO_GONE, 0, 0, NULL);
}

static struct command *next_command(struct paho *paho)
{
    pthread_mutex_lock(&paho->lock);
    struct command *command;
    while (!(command = commands_waiting_take(&paho->commands)))
        pthread_cond_wait(&paho->wake, &paho->lock);
    pthread_mutex_unlock(&paho->lock);
    return command;
}

static void run_command(struct paho *paho, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_CONNECT:
        run_connect(paho);
        break;
    case COMMAND_PUBLISH:
        run_publish(paho, command);
        break;
    case COMMAND_SUBSCRIBE:
    case COMMAND_UNSUBSCRIBE:
        run_subscribe(paho, command);
        break;
    case COMMAND_DISCONNECT:
        run_disconnect(paho);
        break;
    case COMMAND_QUIT:
        run_quit(paho);
        break;
    }
}

static void *thread_main(void *userdata)
{
    struct paho *paho = userdata;
    bool quit = false;
    pthread_setname_np(pthread_self(), "mqtt");
    while (!quit) {
        struct command *command = next_command(paho);
        quit = command->kind == COMMAND_QUIT;
        run_command(paho, command);
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
    paho->references = 1;
    paho->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int r = paho->event_fd < 0 ? -errno : paho_settings_copy(&paho->settings, target, options);
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
    return post_command(paho, command_new(COMMAND_CONNECT, NULL, false));
}

int paho_subscribe(struct paho *paho, const char *filter, bool no_local)
{
    return post_command(paho, command_new(COMMAND_SUBSCRIBE, filter, no_local));
}

int paho_unsubscribe(struct paho *paho, const char *filter)
{
    return post_command(paho, command_new(COMMAND_UNSUBSCRIBE, filter, false));
}

int paho_disconnect(struct paho *paho)
{
    return post_command(paho, command_new(COMMAND_DISCONNECT, NULL, false));
}

int paho_quit(struct paho *paho)
{
    return post_command(paho, command_new(COMMAND_QUIT, NULL, false));
}

int paho_publish(struct paho *paho, uint64_t id, const struct mqtt_publish *message)
{
    return post_command(paho, command_new_publish(id, message));
}
