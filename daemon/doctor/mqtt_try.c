/* SPDX-License-Identifier: MIT */
/*
 * Paho's callbacks run on its threads, one at a time under its lock; each writes a remark of fixed length
 * into a pipe, and here they are read one by one. What comes late finds the pipe still open: the process
 * ends right after.
 *
 * A callback that waits for room in the pipe has Paho's lock, which its functions wait for. So while
 * remarks may come, here they are read and no function of Paho is called: what is to be asked of the broker
 * is asked from the callback that tells of the login.
 *
 * When all retained messages are here: a broker answers in order, so they are before the answer to an
 * UNSUBSCRIBE that was sent behind the SUBSCRIBE.
 */
#include "daemon/doctor/mqtt_try.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include "daemon/broker/paho/settings.h"
#include "daemon/clock.h"
#include "daemon/util.h"

#define CONNECT_USEC  (4 * UINT64_C(1000000))
#define RETAINED_USEC (2 * UINT64_C(1000000))
#define AFTER_USEC    UINT64_C(150000) /* for a broker that answers out of order */
#define LEAVE_USEC    UINT64_C(300000)

enum remark_kind { REMARK_IN, REMARK_NO, REMARK_MESSAGE, REMARK_DONE, REMARK_LEFT };
struct remark {
    enum remark_kind kind;
    int code, reason;
    char topic[512];
    char text[MQTT_PAYLOAD_MAX]; /* of a message, or of an error */
};

static struct wire {
    MQTTAsync client;
    bool v311;
    int ends[2];         /* of the pipe */
    atomic_bool leaving; /* nobody wants to know any more what lies there */
    char filters[MQTT_TRY_FILTERS][512];
} wire; /* Paho's threads may outlive a call */

/* ---- on Paho's threads ---- */

static void write_remark(const struct remark *remark)
{
    const char *bytes = (const char *)remark;
    size_t left = sizeof(*remark);

    while (left > 0) {
        ssize_t n = write(wire.ends[1], bytes + sizeof(*remark) - left, left);

        if (n < 0 && errno != EINTR)
            return;
        left -= n > 0 ? (size_t)n : 0;
    }
}

static void remark_simply(enum remark_kind kind, int code, int reason, const char *text)
{
    struct remark remark = { .kind = kind, .code = code, .reason = reason };

    snprintf(remark.text, sizeof(remark.text), "%s", text ? text : "");
    write_remark(&remark);
}

static void on_no5(void *context, MQTTAsync_failureData5 *data)
{
    remark_simply(REMARK_NO, data->code, data->reasonCode, data->message);
}

static void on_no(void *context, MQTTAsync_failureData *data)
{
    remark_simply(REMARK_NO, data->code, 0, data->message);
}

/* Of an unsubscription: whatever the broker answers, what lies there came before it. */
static void on_done5(void *context, MQTTAsync_successData5 *data)
{
    remark_simply(REMARK_DONE, 0, 0, NULL);
}

static void on_done(void *context, MQTTAsync_successData *data)
{
    remark_simply(REMARK_DONE, 0, 0, NULL);
}

static void on_not_done5(void *context, MQTTAsync_failureData5 *data)
{
    remark_simply(REMARK_LEFT, 0, 0, NULL);
}

static void on_not_done(void *context, MQTTAsync_failureData *data)
{
    remark_simply(REMARK_LEFT, 0, 0, NULL);
}

static void ask_for_all(void)
{
    MQTTAsync_responseOptions subscribed = MQTTAsync_responseOptions_initializer;
    MQTTAsync_responseOptions done = MQTTAsync_responseOptions_initializer;

    if (wire.v311) {
        done.onSuccess = on_done;
        done.onFailure = on_not_done;
    } else {
        done.onSuccess5 = on_done5;
        done.onFailure5 = on_not_done5;
    }
    for (size_t i = 0; i < MQTT_TRY_FILTERS && wire.filters[i][0]; i++)
        (void)MQTTAsync_subscribe(wire.client, wire.filters[i], 0, &subscribed);
    (void)MQTTAsync_unsubscribe(wire.client, "strided-doctor/nothing", &done);
}

static void on_in5(void *context, MQTTAsync_successData5 *data)
{
    remark_simply(REMARK_IN, 0, 0, NULL);
    ask_for_all();
}

static void on_in(void *context, MQTTAsync_successData *data)
{
    remark_simply(REMARK_IN, 0, 0, NULL);
    ask_for_all();
}

static void on_left5(void *context, MQTTAsync_successData5 *data)
{
    remark_simply(REMARK_LEFT, 0, 0, NULL);
}

static void on_left(void *context, MQTTAsync_successData *data)
{
    remark_simply(REMARK_LEFT, 0, 0, NULL);
}

static void on_lost(void *context, char *cause)
{
    remark_simply(REMARK_LEFT, 0, 0, NULL);
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct remark remark = { .kind = REMARK_MESSAGE };

    snprintf(remark.topic, sizeof(remark.topic), "%s", topic);
    snprintf(remark.text, sizeof(remark.text), "%.*s", message->payloadlen,
             (const char *)message->payload);
    if (message->retained && !atomic_load(&wire.leaving))
        write_remark(&remark);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

/* ---- here ---- */

/* All of a remark that has begun to come. */
static bool read_remark(struct remark *ret)
{
    size_t had = 0;

    while (had < sizeof(*ret)) {
        ssize_t n = read(wire.ends[0], (char *)ret + had, sizeof(*ret) - had);

        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        had += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The next remark; false: none until then. */
static bool next_remark(uint64_t deadline_usec, struct remark *ret)
{
    struct pollfd poll_fd = { .fd = wire.ends[0], .events = POLLIN };
    uint64_t now_usec;

    while ((now_usec = clock_machine_usec()) < deadline_usec) {
        int r = poll(&poll_fd, 1, (int)((deadline_usec - now_usec) / 1000) + 1);

        if (r > 0)
            return read_remark(ret);
        if (r < 0 && errno != EINTR)
            return false;
    }
    return false;
}

static int make_settings(const struct mqtt_try *try, struct paho_settings *ret)
{
    const struct conf *conf = try->conf;
    unsigned lot;
    char id[24]; /* 23 bytes are what every broker takes */

    if (getrandom(&lot, sizeof(lot), GRND_NONBLOCK) != (ssize_t)sizeof(lot))
        lot = (unsigned)getpid();
    snprintf(id, sizeof(id), "strided-doc-%08x", lot);
    const struct mqtt_options options = {
        .client_id = id,
        .username = conf->mqtt_username[0] ? conf->mqtt_username : NULL,
        .password = try->password,
        .ca_file = conf->mqtt_ca_file[0] ? conf->mqtt_ca_file : NULL,
        .client_cert = conf->mqtt_client_cert[0] ? conf->mqtt_client_cert : NULL,
        .client_key = conf->mqtt_client_key[0] ? conf->mqtt_client_key : NULL,
        .v311 = conf->mqtt_version == CONF_MQTT_311,
    };
    return paho_settings_copy(ret, try->target, &options);
}

static int create(const struct paho_settings *settings)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    char uri[300];
    int r;

    paho_settings_uri(settings, uri, sizeof(uri));
    options.MQTTVersion = wire.v311 ? MQTTVERSION_3_1_1 : MQTTVERSION_5;
    r = MQTTAsync_createWithOptions(&wire.client, uri, settings->client_id,
                                    MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    return r == MQTTASYNC_SUCCESS
               ? MQTTAsync_setCallbacks(wire.client, NULL, on_lost, on_message, NULL)
               : r;
}

static int begin_connect(const struct paho_settings *settings, uint64_t slow_usec)
{
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTAsync_willOptions will = paho_settings_will(settings);
    MQTTAsync_SSLOptions tls = paho_settings_tls(settings);
    MQTTAsync_connectOptions options = paho_settings_connect(settings, &will, &tls, &properties);
    int r;

    options.connectTimeout = (int)((CONNECT_USEC + slow_usec) / 1000000);
    if (wire.v311) {
        options.onSuccess = on_in;
        options.onFailure = on_no;
    } else {
        options.onSuccess5 = on_in5;
        options.onFailure5 = on_no5;
    }
    r = MQTTAsync_connect(wire.client, &options);
    MQTTProperties_free(&properties);
    return r;
}

static void read_retained(struct mqtt_try *try)
{
    uint64_t deadline_usec = clock_machine_usec() + RETAINED_USEC;
    struct remark remark;

    while (next_remark(deadline_usec, &remark) && remark.kind != REMARK_LEFT)
        if (remark.kind == REMARK_MESSAGE) {
            try->on_retained(try->userdata, remark.topic, remark.text);
        } else if (remark.kind == REMARK_DONE) {
            try->is_all = true;
            deadline_usec = clock_machine_usec() + AFTER_USEC;
        }
}

/* Whoever waits for room in the pipe lets Paho's lock go again, and no other comes. */
static void hear_no_more(void)
{
    struct pollfd poll_fd = { .fd = wire.ends[0], .events = POLLIN };
    struct remark remark;

    atomic_store(&wire.leaving, true);
    while (poll(&poll_fd, 1, 0) > 0 && read_remark(&remark))
        ;
}

static void leave(void)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    uint64_t deadline_usec = clock_machine_usec() + LEAVE_USEC;
    struct remark remark;

    hear_no_more();
    if (wire.v311)
        options.onSuccess = on_left;
    else
        options.onSuccess5 = on_left5;
    if (MQTTAsync_disconnect(wire.client, &options) != MQTTASYNC_SUCCESS)
        return;
    while (next_remark(deadline_usec, &remark) && remark.kind != REMARK_LEFT)
        ;
}

static enum mqtt_try_outcome take_answer(struct mqtt_try *try)
{
    struct remark remark;

    if (!next_remark(clock_machine_usec() + CONNECT_USEC + try->slow_usec, &remark))
        return MQTT_TRY_SILENT;
    if (remark.kind == REMARK_IN)
        return MQTT_TRY_IN;
    try->why.code = remark.code;
    try->why.reason = remark.reason;
    snprintf(try->why.text, sizeof(try->why.text), "%.150s", remark.text);
    return MQTT_TRY_NO;
}

enum mqtt_try_outcome mqtt_try(struct mqtt_try *try)
{
    struct paho_settings settings = { 0 };
    enum mqtt_try_outcome outcome = MQTT_TRY_NO;
    int r = make_settings(try, &settings);

    wire.v311 = settings.v311;
    for (size_t i = 0; i < MQTT_TRY_FILTERS && try->filters[i]; i++)
        snprintf(wire.filters[i], sizeof(wire.filters[i]), "%s", try->filters[i]);
    if (r < 0 || pipe2(wire.ends, O_CLOEXEC) < 0)
        return MQTT_TRY_SILENT;
    handshake_begin(try->target->host);
    r = create(&settings);
    if (r == MQTTASYNC_SUCCESS)
        r = begin_connect(&settings, try->slow_usec);
    if (r == MQTTASYNC_SUCCESS)
        outcome = take_answer(try);
    else
        snprintf(try->why.text, sizeof(try->why.text), "%s", MQTTAsync_strerror(r));
    try->handshake = handshake_get(&try->handshake_text);
    paho_settings_done(&settings);
    return outcome;
}

void mqtt_try_read(struct mqtt_try *try)
{
    read_retained(try);
    leave();
}
