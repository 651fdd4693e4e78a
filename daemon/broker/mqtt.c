/* SPDX-License-Identifier: MIT */
/*
 * The broker link as its owner sees it: made, used, freed. What becomes of it meanwhile is in
 * mqtt_machine.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include "daemon/broker/mqtt_private.h"
#include "daemon/broker/mqtt_uri.h"

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

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct mqtt *mqtt = userdata;
    struct paho_event *event = paho_take(mqtt->paho);
    while (event) {
        struct paho_event *next = event->next;
        mqtt_machine_event(mqtt, event);
        free(event);
        event = next;
    }
    return 0;
}

static int mqtt_setup(struct mqtt *mqtt, sd_event *event, const struct mqtt_options *options)
{
    int r = mqtt_uri_parse(options->uri, &mqtt->words.target);
    if (r < 0)
        return r;
    mqtt->words.v311 = options->v311;
    mqtt->words.shows_certificate = options->client_cert != NULL;
    if ((options->username && !(mqtt->words.username = strdup(options->username))) ||
        (options->ca_file && !(mqtt->words.ca_file = strdup(options->ca_file))))
        return -ENOMEM;
    r = copy_subscriptions(mqtt, options->subscriptions);
    if (r >= 0)
        r = paho_new(&mqtt->paho, &mqtt->words.target, options);
    if (r >= 0)
        r = sd_event_add_io(event, &mqtt->events, paho_fd(mqtt->paho), EPOLLIN, on_events, mqtt);
    if (r >= 0)
        r = clock_timer_new(&mqtt->timer, event, CLOCK_NEVER, mqtt_machine_timer, mqtt);
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
    bool in_order = mqtt->state == MQTT_DRAINING && mqtt->end == MQTT_END_IN_ORDER;
    if (mqtt->paho && !quits && !in_order)
        paho_cut(mqtt->paho);
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

/* Sent, it would cost the link. The answer comes as a broker's would: not before we return. */
static int hold_back(struct mqtt *mqtt, const struct mqtt_publish *message, size_t size,
                     uint64_t now_usec)
{
    pending_add(&mqtt->pending, ++mqtt->last_id, message, 0, now_usec);
    paho_refuse(mqtt->paho, mqtt->last_id, MQTT_TOO_LARGE);
    mqtt_machine_too_large(mqtt, message->topic, size);
    return message->cookie ? 0 : -EMSGSIZE;
}

int mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message)
{
    if (mqtt->state != MQTT_UP)
        return -ENOTCONN;
    if (pending_is_full(&mqtt->pending, message->yields))
        return -ENOBUFS;
    uint64_t now_usec = clock_now_usec();
    size_t size = packet_limit_size(message, mqtt->words.v311);
    if (size > packet_limit_now(&mqtt->limit, now_usec))
        return hold_back(mqtt, message, size, now_usec);
    int r = paho_publish(mqtt->paho, mqtt->last_id + 1, message);
    if (r < 0)
        return r;
    if (message->qos == 0)
        packet_limit_unanswered(&mqtt->limit, size, now_usec);
    mqtt_machine_fits(mqtt, message->topic);
    pending_add(&mqtt->pending, ++mqtt->last_id, message, size, now_usec);
    mqtt_machine_watch_answers(mqtt, now_usec);
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
