/* SPDX-License-Identifier: MIT */
/*
 * The callbacks run on Paho's threads, under its global lock: they only copy and post, and call
 * nothing of Paho (the lock is not recursive, a nested unlock would let go of the outer one).
 */
#include <string.h>
#include "daemon/broker/paho/handshake.h"
#include "daemon/broker/paho/private.h"

/* ---- a link's ---------------------------------------------------------------------------------- */

static void on_connect_failure(struct exchange *exchange, int code, int reason, const char *text)
{
    char tls_error[EXCHANGE_TEXT_MAX];
    struct handshake_text words;
    enum handshake outcome = handshake_get(&words);
    if (code <= 0 && reason == 0 && outcome != HANDSHAKE_NONE) {
        exchange_post(exchange, PAHO_CONNECT_FAILED, PAHO_CODE_HANDSHAKE + (int)outcome, 0,
                      words.text);
        return;
    }
    exchange_tls_error(exchange, tls_error);
    exchange_post(exchange, PAHO_CONNECT_FAILED, code, reason, tls_error[0] ? tls_error : text);
}

/* MQTTProperties_getNumericValue() has -999999 for one that is not there, and takes 4 GB for less than 0 */
static size_t packet_max_of(const MQTTProperties *properties)
{
    for (int i = 0; i < properties->count; i++)
        if (properties->array[i].identifier == MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE)
            return properties->array[i].value.integer4;
    return 0;
}

static void on_connect5(void *context, MQTTAsync_successData5 *data)
{
    struct paho_event *event = paho_event_new(PAHO_CONNECTED, 0, 0, NULL);
    event->packet_max = packet_max_of(&data->properties);
    exchange_post_event(context, event);
}

static void on_connect(void *context, MQTTAsync_successData *data)
{
    exchange_post(context, PAHO_CONNECTED, 0, 0, NULL);
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
    exchange_post(context, PAHO_LOST, 0, 0, cause);
}

static void on_server_disconnect(void *context, MQTTProperties *properties,
                                 enum MQTTReasonCodes reason)
{
    exchange_post(context, PAHO_LOST, 0, reason, NULL);
}

static void on_disconnected5(void *context, MQTTAsync_successData5 *data)
{
    exchange_post(context, PAHO_LOST, 0, 0, NULL);
}

static void on_disconnected(void *context, MQTTAsync_successData *data)
{
    exchange_post(context, PAHO_LOST, 0, 0, NULL);
}

/* ---- a message's, a subscription's -------------------------------------------------------------- */

static void publish_done(struct token *token, enum mqtt_result result, int reason)
{
    exchange_post_published(token->exchange, token->id, result, reason);
    exchange_token_free(token);
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
    exchange_token_free(context);
}

static void on_subscribe_failure5(void *context, MQTTAsync_failureData5 *data)
{
    struct token *token = context;
    if (data->reasonCode >= 0x80)
        exchange_post(token->exchange, PAHO_NOT_SUBSCRIBED, 0, data->reasonCode, token->filter);
    exchange_token_free(token);
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    struct token *token = context;
    if (data && data->alt.qos == 0x80)
        exchange_post(token->exchange, PAHO_NOT_SUBSCRIBED, 0, 0x80, token->filter);
    exchange_token_free(token);
}

static void on_subscribe_failure(void *context, MQTTAsync_failureData *data)
{
    struct token *token = context;
    if (data && data->code == 0x80)
        exchange_post(token->exchange, PAHO_NOT_SUBSCRIBED, 0, 0x80, token->filter);
    exchange_token_free(token);
}

static int on_tls_error(const char *text, size_t length, void *context)
{
    int n = 0;
    const char *reason = paho_tls_reason(text, &n);
    exchange_note_tls_error(context, reason, n);
    return 1;
}

/* ---- received messages -------------------------------------------------------------------------- */

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct exchange *exchange = context;
    size_t length = topic_length > 0 ? (size_t)topic_length : strlen(topic);
    if (!memchr(topic, '\0', length) && exchange_may_take_message(exchange)) {
        struct paho_event *event = paho_event_of_message(topic, length, message);
        if (event)
            exchange_post_event(exchange, event);
    }
    MQTTAsync_freeMessage(&message); /* free() by another name: take no lock */
    MQTTAsync_free(topic);
    return 1;
}

/* ---- into what a call is made with --------------------------------------------------------------- */

int paho_hear_link(struct exchange *exchange, bool v311, MQTTAsync client)
{
    int r = MQTTAsync_setCallbacks(client, exchange, on_lost, on_message, NULL);
    if (r == MQTTASYNC_SUCCESS && !v311)
        r = MQTTAsync_setDisconnected(client, exchange, on_server_disconnect);
    return r;
}

void paho_hear_connect(struct exchange *exchange, bool v311, MQTTAsync_connectOptions *options)
{
    options->context = exchange;
    if (v311) {
        options->onSuccess = on_connect;
        options->onFailure = on_connect_failure3;
    } else {
        options->onSuccess5 = on_connect5;
        options->onFailure5 = on_connect_failure5;
    }
}

void paho_hear_tls(struct exchange *exchange, MQTTAsync_SSLOptions *options)
{
    options->ssl_error_cb = on_tls_error;
    options->ssl_error_context = exchange;
}

void paho_hear_disconnect(struct exchange *exchange, bool v311,
                          MQTTAsync_disconnectOptions *options)
{
    options->context = exchange;
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
