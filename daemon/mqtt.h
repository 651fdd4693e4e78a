/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The broker link, and the only file that knows Paho and its threads. Paho's callbacks copy into a
 * locked queue and write an eventfd; everything below runs on the loop. No Paho call that can block
 * is made from the loop: connecting, with its name look-up, runs on a thread of this file's own.
 *
 * Nothing is queued here for a broker that is away: retained topics are state and are published anew
 * by the owner after on_connected; events are rows in the store.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct mqtt;

struct mqtt_options {
    const char *uri;           /* mqtt://host[:port] or mqtts://host[:port] */
    const char *client_id;
    const char *username;      /* NULL: none */
    const char *password;      /* NULL: none; copied, wiped at free */
    const char *ca_file;       /* NULL: the system's */
    bool v311;                 /* MQTT 3.1.1 instead of 5 */
    const char *will_topic;    /* retained, QoS 1 */
    const char *will_payload;
    const char *const *subscriptions; /* NULL-terminated topic filters, QoS 1, after each connect */
};

struct mqtt_message {
    const char *topic;
    const uint8_t *payload;
    size_t length;
    bool retained;
    const char *response_topic;      /* NULL: none (always on 3.1.1) */
    const uint8_t *correlation_data; /* NULL: none */
    size_t correlation_length;
};

enum mqtt_result {
    MQTT_DONE,    /* QoS 1: acknowledged; QoS 0: handed to the socket */
    MQTT_REFUSED, /* the broker said no to this message (reason >= 0x80) */
    MQTT_LOST,    /* the link went before an answer: undecided, to be sent again */
};

struct mqtt_callbacks {
    void (*on_connected)(void *userdata);
    /* The link went, or a connect failed: one plain sentence; retried by itself with backoff. */
    void (*on_disconnected)(void *userdata, const char *sentence, bool was_connected);
    void (*on_message)(void *userdata, const struct mqtt_message *message);
    /* One for every mqtt_publish with cookie != 0 that returned 0. */
    void (*on_published)(void *userdata, uint64_t cookie, enum mqtt_result result, int reason);
};

int mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
             const struct mqtt_callbacks *callbacks, void *userdata);
struct mqtt *mqtt_free(struct mqtt *mqtt);
bool mqtt_is_connected(const struct mqtt *mqtt);
const char *mqtt_problem(const struct mqtt *mqtt); /* plain sentence, or NULL when connected */
uint64_t mqtt_losses(const struct mqtt *mqtt);

/* expiry_s 0: none. response is NULL or gives topic and correlation data for an answer.
 * -ENOTCONN: not connected, nothing was sent and no callback comes. -ENOBUFS: too many in flight. */
struct mqtt_publish {
    const char *topic;
    const void *payload;
    size_t length;
    int qos;
    bool retain;
    uint32_t expiry_s;
    const uint8_t *correlation_data;
    size_t correlation_length;
    uint64_t cookie;
};
int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message);

/* Publishes nothing more, disconnects cleanly (the will is not sent); the handler runs within 2 s. */
int mqtt_stop(struct mqtt *mqtt, void (*handler)(void *userdata), void *userdata);
