/* SPDX-License-Identifier: MIT */
/*
 * The broker link as the loop sees it: one state and one timer. Paho reconnects by itself in a way
 * that tells its owner too little (success through another callback, failures not at all), so that
 * is off and the retry is ours.
 *
 *             timer              CONNECTED
 *   WAITING ---------> CONNECTING ---------> UP
 *      ^                   |                  |
 *      +---CONNECT_FAILED--+------LOST--------+        UP --mqtt_stop--> DRAINING --> CLOSING
 *
 * While CONNECTING Paho is not asked for anything: its name look-up may hold its lock for long.
 */
#include "daemon/broker/mqtt.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include "daemon/broker/backoff.h"
#include "daemon/broker/mqtt_uri.h"
#include "daemon/broker/mqtt_words.h"
#include "daemon/broker/paho.h"
#include "daemon/broker/pending.h"
#include "daemon/broker/twin.h"
#include "daemon/clock.h"
#include "daemon/util.h"

#define SECOND       1000000ULL
#define STEADY_AFTER (5 * SECOND) /* a link that held so long starts the backoff anew */
#define CONNECT_PATIENCE                                                                           \
    (20 * SECOND) /* over Paho's own time-out: only a name look-up takes longer */
#define DRAIN_MAX (1200 * 1000ULL)
#define STOP_MAX  (1900 * 1000ULL)

enum mqtt_state {
    MQTT_WAITING,
    MQTT_CONNECTING,
    MQTT_UP,
    MQTT_DRAINING,
    MQTT_CLOSING,
    MQTT_CLOSED
};

struct mqtt {
    struct paho *paho;
    sd_event_source *events;
    struct clock_timer *timer;
    struct mqtt_callbacks callbacks;
    void *userdata;
    enum mqtt_state state;
    struct own_subscription {
        char *filter;
        unsigned how;
    } * subscriptions;
    size_t n_subscriptions;

    unsigned tries; /* since the last link that held */
    uint64_t up_since_usec;
    uint64_t stop_deadline_usec;
    bool gone; /* Paho's client is destroyed, its thread ends at once */
    uint64_t losses;
    struct twin twin;
    struct mqtt_words words; /* what is wrong */
    struct pending pending;
    uint64_t last_id;
    void (*stop_handler)(void *userdata);
    void *stop_userdata;
};

/* ---- trying ---------------------------------------------------------------------------------------- */

static void wait_until_try(struct mqtt *mqtt, uint64_t delay_usec)
{
    mqtt->state = MQTT_WAITING;
    clock_timer_set(mqtt->timer, clock_now_usec() + delay_usec);
}

static void wait_for_next_try(struct mqtt *mqtt)
{
    wait_until_try(mqtt, backoff_usec(mqtt->tries++));
}

static void start_try(struct mqtt *mqtt, uint64_t now_usec)
{
    if (paho_connect(mqtt->paho) < 0) {
        wait_for_next_try(mqtt);
        return;
    }
    mqtt->state = MQTT_CONNECTING;
    clock_timer_set(mqtt->timer, now_usec + CONNECT_PATIENCE);
}

static void tell_disconnected(struct mqtt *mqtt, bool was_connected)
{
    mqtt->callbacks.on_disconnected(mqtt->userdata, mqtt->words.text, was_connected);
}

static void tell_problem(struct mqtt *mqtt)
{
    mqtt->callbacks.on_problem(mqtt->userdata, mqtt->words.text);
}

/* ---- answers ------------------------------------------------------------------------------------------ */

static void answer(struct mqtt *mqtt, uint64_t cookie, enum mqtt_result result, int reason)
{
    if (cookie)
        mqtt->callbacks.on_published(mqtt->userdata, cookie, result, reason);
}

static void all_lost(struct mqtt *mqtt)
{
    struct pending lost = mqtt->pending;
    mqtt->pending.n = 0; /* before the callbacks, which may look */
    for (size_t i = 0; i < lost.n; i++)
        answer(mqtt, lost.items[i].cookie, MQTT_LOST, 0);
}

static void on_published(struct mqtt *mqtt, const struct paho_event *event)
{
    uint64_t cookie;
    if (pending_take(&mqtt->pending, event->id, &cookie))
        answer(mqtt, cookie, event->result, event->reason);
}

/* ---- stopping ------------------------------------------------------------------------------------------ */

static void tell_stopped(struct mqtt *mqtt)
{
    mqtt->state = MQTT_CLOSED;
    clock_timer_set(mqtt->timer, CLOCK_NEVER);
    if (mqtt->stop_handler)
        mqtt->stop_handler(mqtt->stop_userdata);
}

static void close_link(struct mqtt *mqtt, bool up)
{
    mqtt->state = MQTT_CLOSING;
    clock_timer_set(mqtt->timer, mqtt->stop_deadline_usec);
    if (up)
        paho_disconnect(mqtt->paho);
    paho_quit(mqtt->paho);
}

static void close_when_drained(struct mqtt *mqtt)
{
    if (mqtt->state == MQTT_DRAINING && mqtt->pending.n == 0)
        close_link(mqtt, true);
}

/* ---- events ------------------------------------------------------------------------------------------- */

static void on_connected(struct mqtt *mqtt)
{
    if (mqtt->state != MQTT_CONNECTING)
        return;
    mqtt->state = MQTT_UP;
    mqtt->up_since_usec = clock_now_usec();
    mqtt->words.text[0] = '\0';
    clock_timer_set(mqtt->timer, CLOCK_NEVER);
    for (size_t i = 0; i < mqtt->n_subscriptions; i++)
        paho_subscribe(mqtt->paho, mqtt->subscriptions[i].filter, mqtt->subscriptions[i].how);
    mqtt->callbacks.on_connected(mqtt->userdata);
}

static void on_connect_failed(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state != MQTT_CONNECTING)
        return;
    twin_not_connected(&mqtt->twin);
    mqtt_words_connect_failed(&mqtt->words, event);
    wait_for_next_try(mqtt);
    tell_disconnected(mqtt, false);
}

static enum twin_word word_of(const struct paho_event *event)
{
    if (event->reason == PAHO_REASON_TAKEN_OVER)
        return TWIN_TAKEN_OVER;
    return event->reason ? TWIN_OTHER_WORD : TWIN_NO_WORD;
}

static void on_lost(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state == MQTT_DRAINING) {
        all_lost(mqtt);
        close_link(mqtt, false);
    }
    if (mqtt->state != MQTT_UP)
        return;
    uint64_t now_usec = clock_now_usec(), up_usec = now_usec - mqtt->up_since_usec;
    if (up_usec >= STEADY_AFTER)
        mqtt->tries = 0;
    mqtt->losses++;
    if (twin_lost(&mqtt->twin, word_of(event), up_usec, now_usec)) {
        mqtt_words_twin(&mqtt->words, event, TWIN_REST_USEC);
        wait_until_try(mqtt, TWIN_REST_USEC);
    } else {
        mqtt_words_lost(&mqtt->words, event);
        wait_for_next_try(mqtt);
    }
    all_lost(mqtt);
    tell_disconnected(mqtt, true);
}

/* The first of a link stands for all: requests are the first, and who forbids one forbids more. */
static void on_not_subscribed(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state != MQTT_UP || mqtt->words.text[0])
        return;
    mqtt_words_say(&mqtt->words,
                   "it does not let us read '%.120s' (code 0x%02x): check its access rules",
                   event->text, (unsigned)event->reason);
    tell_problem(mqtt);
}

static void handle_event(struct mqtt *mqtt, const struct paho_event *event)
{
    switch (event->kind) {
    case PAHO_CONNECTED:
        on_connected(mqtt);
        break;
    case PAHO_CONNECT_FAILED:
        on_connect_failed(mqtt, event);
        break;
    case PAHO_LOST:
        on_lost(mqtt, event);
        break;
    case PAHO_MESSAGE:
        if (mqtt->state == MQTT_UP)
            mqtt->callbacks.on_message(mqtt->userdata, &event->message);
        break;
    case PAHO_PUBLISHED:
        on_published(mqtt, event);
        close_when_drained(mqtt);
        break;
    case PAHO_NOT_SUBSCRIBED:
        on_not_subscribed(mqtt, event);
        break;
    case PAHO_GONE:
        mqtt->gone = true;
        if (mqtt->state == MQTT_CLOSING)
            tell_stopped(mqtt);
        break;
    }
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct mqtt *mqtt = userdata;
    struct paho_event *event = paho_take(mqtt->paho);
    while (event) {
        struct paho_event *next = event->next;
        handle_event(mqtt, event);
        free(event);
        event = next;
    }
    return 0;
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct mqtt *mqtt = userdata;
    switch (mqtt->state) {
    case MQTT_WAITING:
        start_try(mqtt, now_usec);
        break;
    case MQTT_CONNECTING:
        mqtt_words_say(&mqtt->words,
                       "still connecting after %d s: the look-up of its name or the network hangs",
                       (int)(CONNECT_PATIENCE / SECOND));
        tell_problem(mqtt);
        break;
    case MQTT_DRAINING:
        all_lost(mqtt);
        close_link(mqtt, true);
        break;
    case MQTT_CLOSING:
        tell_stopped(mqtt);
        break;
    case MQTT_UP:
    case MQTT_CLOSED:
        break;
    }
}

/* ---- life --------------------------------------------------------------------------------------------- */

static int copy_subscriptions(struct mqtt *mqtt, const struct mqtt_subscription *wanted)
{
    size_t n = 0;
    while (wanted && wanted[n].filter)
        n++;
    mqtt->subscriptions = calloc(n + 1, sizeof(*mqtt->subscriptions));
    if (!mqtt->subscriptions)
        return -ENOMEM;
    for (; mqtt->n_subscriptions < n; mqtt->n_subscriptions++) {
        const struct mqtt_subscription *one = &wanted[mqtt->n_subscriptions];
        char *copy = strdup(one->filter);
        if (!copy)
            return -ENOMEM;
        mqtt->subscriptions[mqtt->n_subscriptions] = (struct own_subscription){ copy, one->how };
    }
    return 0;
}

static int mqtt_setup(struct mqtt *mqtt, sd_event *event, const struct mqtt_options *options)
{
    int r = mqtt_uri_parse(options->uri, &mqtt->words.target);
    if (r < 0)
        return r;
    mqtt->words.v311 = options->v311;
    if ((options->username && !(mqtt->words.username = strdup(options->username))) ||
        (options->ca_file && !(mqtt->words.ca_file = strdup(options->ca_file))))
        return -ENOMEM;
    r = copy_subscriptions(mqtt, options->subscriptions);
    if (r >= 0)
        r = paho_new(&mqtt->paho, &mqtt->words.target, options);
    if (r >= 0)
        r = sd_event_add_io(event, &mqtt->events, paho_fd(mqtt->paho), EPOLLIN, on_events, mqtt);
    if (r >= 0)
        r = clock_timer_new(&mqtt->timer, event, CLOCK_NEVER, on_timer, mqtt);
    return r < 0 ? r : 0;
}

int mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
             const struct mqtt_callbacks *callbacks, void *userdata)
{
    struct mqtt *mqtt = calloc(1, sizeof(*mqtt));
    if (!mqtt)
        return -ENOMEM;
    mqtt->callbacks = *callbacks;
    mqtt->userdata = userdata;
    int r = mqtt_setup(mqtt, event, options);
    if (r < 0) {
        mqtt_free(mqtt);
        return r;
    }
    mqtt_words_say(&mqtt->words, "not connected yet");
    *ret = mqtt;
    return 0;
}

void mqtt_start(struct mqtt *mqtt)
{
    clock_timer_set(mqtt->timer, clock_now_usec());
}

void mqtt_hand_over(struct mqtt *mqtt, const struct mqtt_callbacks *callbacks, void *userdata)
{
    mqtt->callbacks = *callbacks;
    mqtt->userdata = userdata;
}

/* Only with a connect pending, or a stop that timed out over one, may the thread take long. */
static void free_paho(struct mqtt *mqtt)
{
    bool quits = mqtt->state == MQTT_CLOSING || mqtt->state == MQTT_CLOSED;
    bool may_hang = quits ? !mqtt->gone : mqtt->state == MQTT_CONNECTING;
    if (mqtt->paho && !quits)
        paho_quit(mqtt->paho);
    mqtt->paho = paho_free(mqtt->paho, !may_hang);
}

struct mqtt *mqtt_free(struct mqtt *mqtt)
{
    if (!mqtt)
        return NULL;
    sd_event_source_disable_unref(mqtt->events);
    clock_timer_unref(mqtt->timer);
    free_paho(mqtt);
    for (size_t i = 0; i < mqtt->n_subscriptions; i++)
        free(mqtt->subscriptions[i].filter);
    free(mqtt->subscriptions);
    free(mqtt->words.username);
    free(mqtt->words.ca_file);
    free(mqtt);
    return NULL;
}

int mqtt_stop(struct mqtt *mqtt, void (*handler)(void *userdata), void *userdata)
{
    uint64_t now_usec = clock_now_usec();
    mqtt->stop_handler = handler;
    mqtt->stop_userdata = userdata;
    mqtt->stop_deadline_usec = now_usec + STOP_MAX;
    if (mqtt->state == MQTT_UP) {
        mqtt->state = MQTT_DRAINING;
        clock_timer_set(mqtt->timer, now_usec + DRAIN_MAX);
        close_when_drained(mqtt);
    } else if (mqtt->state == MQTT_WAITING || mqtt->state == MQTT_CONNECTING) {
        close_link(mqtt, false);
    }
    return 0;
}

/* ---- use ----------------------------------------------------------------------------------------------- */

bool mqtt_is_connected(const struct mqtt *mqtt)
{
    return mqtt->state == MQTT_UP;
}

const char *mqtt_problem(const struct mqtt *mqtt)
{
    return mqtt->words.text[0] ? mqtt->words.text : NULL;
}

uint64_t mqtt_losses(const struct mqtt *mqtt)
{
    return mqtt->losses;
}

uint64_t mqtt_overruns(const struct mqtt *mqtt)
{
    return paho_overruns(mqtt->paho);
}

int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message)
{
    if (mqtt->state != MQTT_UP)
        return -ENOTCONN;
    if (pending_is_full(&mqtt->pending))
        return -ENOBUFS;
    int r = paho_publish(mqtt->paho, mqtt->last_id + 1, message);
    if (r < 0)
        return r;
    pending_add(&mqtt->pending, ++mqtt->last_id, message->cookie);
    return 0;
}

int mqtt_subscribe(struct mqtt *mqtt, const char *filter, unsigned how)
{
    return mqtt->state == MQTT_UP ? paho_subscribe(mqtt->paho, filter, how) : -ENOTCONN;
}

int mqtt_unsubscribe(struct mqtt *mqtt, const char *filter)
{
    return mqtt->state == MQTT_UP ? paho_unsubscribe(mqtt->paho, filter) : -ENOTCONN;
}
