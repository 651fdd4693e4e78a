/* SPDX-License-Identifier: MIT */
/*
 * One command of the loop after the other. Any of these calls may wait for Paho's global lock, and a
 * name look-up of Paho's holds that for as long as the resolver likes: hence the thread.
 */
#include "daemon/broker/paho/paho.h"
#include <string.h>
#include "daemon/broker/paho/handshake.h"
#include "daemon/broker/paho/private.h"
#include "daemon/broker/paho/ways.h"
#include "daemon/broker/paho/wire.h"

static int create_client(struct paho_calls *calls)
{
    char uri[300];
    paho_settings_uri(&calls->settings, uri, sizeof(uri));
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    options.MQTTVersion = calls->settings.v311 ? MQTTVERSION_3_1_1 : MQTTVERSION_5;
    options.sendWhileDisconnected = 0;
    options.maxBufferedMessages = MQTT_PENDING_MAX + 1;
    int r = MQTTAsync_createWithOptions(&calls->client, uri, calls->settings.client_id,
                                        MQTTCLIENT_PERSISTENCE_USER, &calls->shelf.store, &options);
    if (r != MQTTASYNC_SUCCESS)
        return r;
    r = paho_hear_link(calls->exchange, calls->settings.v311, calls->client);
    if (r != MQTTASYNC_SUCCESS)
        MQTTAsync_destroy(&calls->client);
    return r;
}

static int start_connect(struct paho_calls *calls)
{
    const struct paho_settings *settings = &calls->settings;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTAsync_willOptions will = paho_settings_will(settings);
    MQTTAsync_SSLOptions tls = paho_settings_tls(settings);
    MQTTAsync_connectOptions options = paho_settings_connect(settings, &will, &tls, &properties);
    paho_hear_tls(calls->exchange, &tls);
    paho_hear_connect(calls->exchange, settings->v311, &options);
    int r = MQTTAsync_connect(calls->client, &options);
    MQTTProperties_free(&properties);
    return r;
}

static void run_connect(struct paho_calls *calls)
{
    char why[160];
    int r = paho_ways_check(&calls->settings, why, sizeof(why));
    if (r != 0) {
        exchange_post(calls->exchange, PAHO_CONNECT_FAILED, r, 0, why);
        return;
    }
    exchange_connect_begins(calls->exchange);
    handshake_begin(calls->settings.target.host); /* the last link's may have been of TLS */
    r = calls->client ? MQTTASYNC_SUCCESS : create_client(calls);
    if (r == MQTTASYNC_SUCCESS)
        r = start_connect(calls);
    if (r != MQTTASYNC_SUCCESS)
        exchange_post(calls->exchange, PAHO_CONNECT_FAILED, r, 0, MQTTAsync_strerror(r));
}

/* Message properties only travel when a response structure goes along. */
static int send_message(struct paho_calls *calls, const struct mqtt_publish *publish,
                        struct token *token)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    message.payload = (void *)publish->payload;
    message.payloadlen = (int)publish->length;
    message.qos = publish->qos;
    message.retained = publish->retain;
    paho_hear_publish(token, calls->settings.v311, &response);
    if (!calls->settings.v311)
        paho_message_properties(publish, &message.properties);
    int r = MQTTAsync_sendMessage(calls->client, publish->topic, &message, &response);
    MQTTProperties_free(&message.properties);
    return r;
}

static void run_publish(struct paho_calls *calls, const struct command *command)
{
    struct token *token =
        calls->client ? exchange_token_new(calls->exchange, command->id, "") : NULL;
    if (token && send_message(calls, &command->message, token) == MQTTASYNC_SUCCESS)
        return;
    if (token)
        exchange_token_free(token);
    exchange_post_published(calls->exchange, command->id, MQTT_LOST, 0);
}

static void run_subscribe(struct paho_calls *calls, const struct command *command)
{
    struct token *token =
        calls->client ? exchange_token_new(calls->exchange, 0, command->topic) : NULL;
    if (!token)
        return;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    paho_hear_subscribe(token, calls->settings.v311, &response);
    if (!calls->settings.v311) {
        response.subscribeOptions.noLocal = (command->how & MQTT_NO_LOCAL) != 0;
        response.subscribeOptions.retainAsPublished =
            (command->how & MQTT_RETAIN_AS_PUBLISHED) != 0;
    }
    int r = command->kind == COMMAND_SUBSCRIBE
                ? MQTTAsync_subscribe(calls->client, command->topic, 1, &response)
                : MQTTAsync_unsubscribe(calls->client, command->topic, &response);
    if (r != MQTTASYNC_SUCCESS)
        exchange_token_free(token);
}

static void run_disconnect(struct paho_calls *calls, enum MQTTReasonCodes why)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    if (!calls->settings.v311)
        options = (MQTTAsync_disconnectOptions)MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 0; /* the loop waited for the answers already */
    options.reasonCode = why;
    paho_hear_disconnect(calls->exchange, calls->settings.v311, &options);
    if (!calls->client || MQTTAsync_disconnect(calls->client, &options) != MQTTASYNC_SUCCESS)
        exchange_post(calls->exchange, PAHO_LOST, 0, 0, NULL);
}

/* With no link of its own it could only be that of whoever came after us that is cut, and so when the loop
 * did not wait for the outcome of the connect. What is not found, for want of descriptors, is at least ended. */
static void run_cut(struct paho_calls *calls)
{
    if (exchange_wait_for_connect(calls->exchange) && !exchange_is_let_go(calls->exchange) &&
        !paho_wire_cut(calls->settings.target.port))
        run_disconnect(calls, MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE);
}

/* Destroying a client while it connects is not safe in Paho: wait for the outcome first. */
static void run_quit(struct paho_calls *calls)
{
    (void)exchange_wait_for_connect(calls->exchange);
    if (calls->client)
        MQTTAsync_destroy(&calls->client); /* says DISCONNECT if it is connected */
    exchange_post(calls->exchange, PAHO_GONE, 0, 0, NULL);
}

void paho_calls_run(struct paho_calls *calls, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_CONNECT:
        run_connect(calls);
        break;
    case COMMAND_PUBLISH:
        run_publish(calls, command);
        break;
    case COMMAND_SUBSCRIBE:
    case COMMAND_UNSUBSCRIBE:
        run_subscribe(calls, command);
        break;
    case COMMAND_DISCONNECT:
        run_disconnect(calls, MQTTREASONCODE_NORMAL_DISCONNECTION);
        break;
    case COMMAND_CUT:
        run_cut(calls);
        break;
    case COMMAND_QUIT:
        run_quit(calls);
        break;
    }
}
