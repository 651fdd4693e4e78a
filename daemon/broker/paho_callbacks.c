/* SPDX-License-Identifier: MIT */
/*
 * The callbacks run on Paho's threads, under its global lock: they only copy and post, and call
 * nothing of Paho (the lock is not recursive, a nested unlock would let go of the outer one).
 */
#include <string.h>
#include "daemon/broker/paho_private.h"

/* ---- a link's ---------------------------------------------------------------------------------- */

static void on_connect_failure(struct paho *paho, int code, int reason, const char *text)
{
    char tls_error[160];
    paho_tls_error(paho, tls_error, sizeof(tls_error));
    paho_post(paho, PAHO_CONNECT_FAILED, code, reason, tls_error[0] ? tls_error : text);
}

static void on_connect5(void *context, MQTTAsync_successData5 *data)
{
    paho_post(context, PAHO_CONNECTED, 0, 0, NULL);
}

static void on_connect(void *context, MQTTAsync_successData *data)
{
    paho_post(context, PAHO_CONNECTED, 0, 0, NULL);
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
    paho_post(context, PAHO_LOST, 0, 0, cause);
}

static void on_server_disconnect(void *context, MQTTProperties *properties,
                                 enum MQTTReasonCodes reason)
{
    paho_post(context, PAHO_LOST, 0, reason, NULL);
}

static void on_disconnected5(void *context, MQTTAsync_successData5 *data)
{
    paho_post(context, PAHO_LOST, 0, 0, NULL);
}

static void on_disconnected(void *context, MQTTAsync_successData *data)
{
    paho_post(context, PAHO_LOST, 0, 0, NULL);
}

/* ---- a message's, a subscription's -------------------------------------------------------------- */

static void publish_done(struct token *token, enum mqtt_result result, int reason)
{
    paho_post_published(token->paho, token->id, result, reason);
    paho_token_free(token);
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
    paho_token_free(context);
}

static void on_subscribe_failure5(void *context, MQTTAsync_failureData5 *data)
{
    struct token *token = context;
    if (data->reasonCode >= 0x80)
        paho_post(token->paho, PAHO_NOT_SUBSCRIBED, 0, data->reasonCode, token->filter);
    paho_token_free(token);
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    struct token *token = context;
    if (data && data->alt.qos == 0x80)
        paho_post(token->paho, PAHO_NOT_SUBSCRIBED, 0, 0x80, token->filter);
    paho_token_free(token);
}

static void on_subscribe_failure(void *context, MQTTAsync_failureData *data)
{
    struct token *token = context;
    if (data && data->code == 0x80)
        paho_post(token->paho, PAHO_NOT_SUBSCRIBED, 0, 0x80, token->filter);
    paho_token_free(token);
}

static int on_tls_error(const char *text, size_t length, void *context)
{
    int n = 0;
    const char *reason = paho_tls_reason(text, &n);
    paho_note_tls_error(context, reason, n);
    return 1;
}

/* ---- received messages -------------------------------------------------------------------------- */

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct paho *paho = context;
    size_t length = topic_length > 0 ? (size_t)topic_length : strlen(topic);
    if (!memchr(topic, '\0', length) && paho_may_take_message(paho)) {
        struct paho_event *event = paho_event_of_message(topic, length, message);
        if (event)
            paho_post_event(paho, event);
    }
    MQTTAsync_freeMessage(&message); /* free() by another name: take no lock */
    MQTTAsync_free(topic);
    return 1;
}

/* ---- into what a call is made with --------------------------------------------------------------- */

int paho_hear_link(struct paho *paho, bool v311, MQTTAsync client)
{
    int r = MQTTAsync_setCallbacks(client, paho, on_lost, on_message, NULL);
    if (r == MQTTASYNC_SUCCESS && !v311)
        r = MQTTAsync_setDisconnected(client, paho, on_server_disconnect);
    return r;
}

void paho_hear_connect(struct paho *paho, bool v311, MQTTAsync_connectOptions *options)
{
    options->context = paho;
    if (v311) {
        options->onSuccess = on_connect;
        options->onFailure = on_connect_failure3;
    } else {
        options->onSuccess5 = on_connect5;
        options->onFailure5 = on_connect_failure5;
    }
}

void paho_hear_tls(struct paho *paho, MQTTAsync_SSLOptions *options)
{
    options->ssl_error_cb = on_tls_error;
    options->ssl_error_context = paho;
}

void paho_hear_disconnect(struct paho *paho, bool v311, MQTTAsync_disconnectOptions *options)
{
    options->context = paho;
    if (v311)
        options->onSuccess = on_disconnected;
    else
        options->onSuccess5 = on_disconnected5;
}

void paho_hear_publish(struct token *token, bool v311, MQTTAsync_responseOptions *options)
{
    options->context = token;
    if (v311) {
        options->onSuccess = on_published;
        options->onFailure = on_publish_failure;
    } else {
        options->onSuccess5 = on_published5;
        options->onFailure5 = on_publish_failure5;
    }
}

void paho_hear_subscribe(struct token *token, bool v311, MQTTAsync_responseOptions *options)
{
    options->context = token;
    if (v311) {
        options->onSuccess = on_subscribed;
        options->onFailure = on_subscribe_failure;
    } else {
        options->onSuccess5 = on_subscribed5;
        options->onFailure5 = on_subscribe_failure5;
    }
}
