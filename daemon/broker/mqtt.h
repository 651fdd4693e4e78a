/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The broker link. Everything here runs on the loop and none of it waits: Paho, its threads and its
 * locks live behind daemon/broker/paho/paho.h, which makes every Paho call on a thread of its own.
 *
 * Nothing is queued here for a broker that is away: retained topics are state and are published anew
 * by the owner after on_connected; events are rows in the store.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct mqtt;

#define MQTT_PAYLOAD_MAX  16384 /* received; longer ones arrive as too_long, without their bytes */
#define MQTT_PENDING_MAX  256   /* publishes without an answer yet */
#define MQTT_YIELDING_MAX 192   /* of these when one more comes that yields */
#define MQTT_SENTENCE_MAX 400   /* bytes with the NUL */
#define MQTT_TOO_LARGE    0x95 /* reason of a refusal: the packet is larger than the broker takes */

/* MQTT 5 only: on 3.1.1 all comes back, and what is sent while we listen is never marked. */
enum mqtt_how {
    MQTT_NO_LOCAL = 1u << 0,            /* what we publish ourselves does not come back */
    MQTT_RETAIN_AS_PUBLISHED = 1u << 1, /* `retained` as it was sent, not only for what lay there */
};

struct mqtt_subscription {
    const char *filter;
    unsigned how;
};

struct mqtt_options {
    const char *uri; /* mqtt://host[:port] or mqtts://host[:port] */
    const char *client_id;
    const char *username;                 /* NULL: none */
    const char *password;                 /* NULL: none; copied, wiped at free */
    const char *ca_file;                  /* NULL: the system's */
    const char *client_cert, *client_key; /* NULL: none */
    bool v311;                            /* MQTT 3.1.1 instead of 5 */
    const char *will_topic;               /* retained, QoS 1 */
    const char *will_payload;
    /* QoS 1, after each connect; the last has no filter */
    const struct mqtt_subscription *subscriptions;
};

struct mqtt_message {
    const char *topic;
    const uint8_t *payload;
    size_t length;
    bool retained;
    bool too_long;              /* over MQTT_PAYLOAD_MAX: payload is empty, length says how long */
    const char *response_topic; /* NULL: none (always on 3.1.1) */
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
    /* The link went, or a connect failed: one plain sentence; retried by itself, for ever, with
     * backoff. It comes for every try: the owner logs the first three, and then only news. */
    void (*on_disconnected)(void *userdata, const char *sentence, bool was_connected);
    /* Another problem, and the link is as it was: a subscription was refused, a connect hangs. */
    void (*on_problem)(void *userdata, const char *sentence);
    void (*on_message)(void *userdata, const struct mqtt_message *message);
    /* One for every mqtt_publish with cookie != 0 that returned 0. */
    void (*on_published)(void *userdata, uint64_t cookie, enum mqtt_result result, int reason);
};

/* Does nothing before mqtt_start. */
int mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
             const struct mqtt_callbacks *callbacks, void *userdata);
struct mqtt *mqtt_free(struct mqtt *mqtt);
void mqtt_start(struct mqtt *mqtt);
/* From here on another is told. */
void mqtt_hand_over(struct mqtt *mqtt, const struct mqtt_callbacks *callbacks, void *userdata);
bool mqtt_is_connected(const struct mqtt *mqtt);
const char *mqtt_problem(const struct mqtt *mqtt); /* plain sentence, or NULL when all is well */
/* Counts since mqtt_new: links lost after they stood, messages received faster than they were handled
 * (and dropped). */
uint64_t mqtt_losses(const struct mqtt *mqtt);
uint64_t mqtt_overruns(const struct mqtt *mqtt);

/*
 * -ENOTCONN: not connected, nothing was sent and no callback comes. -ENOBUFS: MQTT_PENDING_MAX are
 * without an answer, or MQTT_YIELDING_MAX and it yields; try again from on_published. -EMSGSIZE: larger
 * than the broker takes, and nobody else would be told, for it has no cookie. Otherwise 0, and on_published
 * comes exactly once for a cookie that is not 0, also when the link goes (MQTT_LOST), and for what is too
 * large (MQTT_REFUSED, MQTT_TOO_LARGE).
 */
struct mqtt_publish {
    const char *topic;
    const void *payload;
    size_t length;
    int qos; /* 0 or 1 */
    bool retain;
    uint32_t expiry_s;               /* 0: none; MQTT 5 only */
    const uint8_t *correlation_data; /* NULL: none; MQTT 5 only */
    size_t correlation_length;
    uint64_t cookie;
    bool yields; /* others ask for as many as they like: the last places are not for these */
};
int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message);

/*
 * Beside mqtt_options.subscriptions, for a while: holds until the link goes or mqtt_unsubscribe.
 * how: of enum mqtt_how.
 */
int mqtt_subscribe(struct mqtt *mqtt, const char *filter, unsigned how);
int mqtt_unsubscribe(struct mqtt *mqtt, const char *filter);

enum mqtt_end {
    MQTT_END_IN_ORDER, /* with a DISCONNECT: the broker keeps the will to itself */
    MQTT_END_BY_WILL,  /* cut off, so that it sends the will */
};

/*
 * Publishes nothing more, lets what is on its way arrive for three fifths of within_usec (> 0), then
 * ends the link; the handler runs within that time, also when a name look-up hangs. Callbacks other
 * than on_published are over from here on. Freed without a stop, a link ends by its will.
 */
int mqtt_stop(struct mqtt *mqtt, enum mqtt_end end, uint64_t within_usec,
              void (*handler)(void *userdata), void *userdata);
