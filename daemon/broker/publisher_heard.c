/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/homeassistant.h"
#include "daemon/broker/packed.h"

#define HELD_MAX 16 /* requests: nobody asks for more in the three seconds it may take */

/* A request that came before it was clear whose the gateway's name is; what it points at lies behind. */
struct held {
    struct held *next;
    struct mqtt_message message;
};

/* ---- requests --------------------------------------------------------------------------------- */

void publisher_free_answer(struct answer *answer)
{
    struct answer **at = &answer->publisher->answers;

    while (*at && *at != answer)
        at = &(*at)->next;
    if (*at)
        *at = answer->next;
    free(answer->response_topic);
    free(answer->correlation_data);
    free(answer);
}

static void on_reply(void *userdata, const char *json)
{
    struct answer *answer = userdata;
    struct mqtt_message request = {
        .response_topic = answer->response_topic,
        .correlation_data = answer->correlation_data,
        .correlation_length = answer->correlation_length,
    };

    (void)topics_respond(answer->publisher->link.topics, answer->verb, &request, json,
                         strlen(json));
    publisher_free_answer(answer);
}

static struct answer *new_answer(struct publisher *publisher, const char *verb,
                                 const struct mqtt_message *request)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return NULL;
    *answer = (struct answer){ .publisher = publisher, .next = publisher->answers };
    publisher->answers = answer;
    snprintf(answer->verb, sizeof(answer->verb), "%s", verb);
    if (request->response_topic)
        answer->response_topic = strdup(request->response_topic);
    if (request->correlation_data && request->correlation_length &&
        (answer->correlation_data = malloc(request->correlation_length))) {
        memcpy(answer->correlation_data, request->correlation_data, request->correlation_length);
        answer->correlation_length = request->correlation_length;
    }
    return answer;
}

/* The level behind request/, if it is one that an answer can be given under. */
static const char *verb_of(const struct publisher *publisher, const char *topic)
{
    char prefix[TOPIC_MAX];
    int n = snprintf(prefix, sizeof(prefix), "%s/%s/request/", publisher->conf->mqtt_root,
                     publisher->conf->gateway);

    if (n < 0 || strncmp(topic, prefix, (size_t)n) != 0 || !conf_id_is_valid(topic + n))
        return NULL;
    return topic + n;
}

static struct held *new_held(const struct mqtt_message *message)
{
    const char *response_topic = message->response_topic ? message->response_topic : "";
    size_t length = message->too_long ? 0 : message->length;
    struct held *held = calloc(1, sizeof(*held) + strlen(message->topic) + strlen(response_topic) +
                                      length + message->correlation_length + 4);
    char *at = (char *)(held + 1);

    if (!held)
        return NULL;
    held->message = *message;
    held->message.topic = packed_append(&at, message->topic, strlen(message->topic));
    held->message.payload = packed_append(&at, message->payload, length);
    if (message->response_topic)
        held->message.response_topic = packed_append(&at, response_topic, strlen(response_topic));
    if (message->correlation_data)
        held->message.correlation_data =
            packed_append(&at, message->correlation_data, message->correlation_length);
    return held;
}

static void hold(struct publisher *publisher, const struct mqtt_message *message)
{
    struct held **end = &publisher->held;
    size_t n = 0;

    for (; *end; end = &(*end)->next)
        n++;
    if (n < HELD_MAX)
        *end = new_held(message);
}

static void on_request(struct publisher *publisher, const char *verb,
                       const struct mqtt_message *message)
{
    struct answer *answer;

    if (message->retained)
        return; /* an old order is no order */
    if (publisher->rival.state == RIVAL_LISTENING)
        hold(publisher, message);
    if (!rival_may_publish(&publisher->rival))
        return; /* another gateway of this name answers */
    answer = new_answer(publisher, verb, message);
    if (answer)
        publisher->callbacks->on_request(publisher->userdata, verb, (const char *)message->payload,
                                         message->length, on_reply, answer);
}

void publisher_hear_held(struct publisher *publisher)
{
    struct held *held = publisher->held, *next;

    publisher->held = NULL;
    for (; held; held = next) {
        const char *verb = verb_of(publisher, held->message.topic);

        next = held->next;
        if (verb)
            on_request(publisher, verb, &held->message);
        free(held);
    }
}

void publisher_drop_held(struct publisher *publisher)
{
    struct held *held = publisher->held, *next;

    publisher->held = NULL;
    for (; held; held = next) {
        next = held->next;
        free(held);
    }
}

/* ---- what else comes in ----------------------------------------------------------------------- */

static void on_info(struct publisher *publisher, const struct mqtt_message *message,
                    uint64_t now_usec)
{
    /* of one that was too long there are no bytes to be read */
    json_t *info = message->too_long
                       ? NULL
                       : json_loadb((const char *)message->payload, message->length, 0, NULL);
    const char *machine = json_string_value(json_object_get(info, "machine"));

    publisher_follow_rival(
        publisher, rival_info(&publisher->rival, machine ? machine : "", now_usec), now_usec);
    if (machine && strcmp(machine, publisher->machine_id) != 0 &&
        rival_may_publish(&publisher->rival))
        topics_repeat(publisher->link.topics, TOPIC_INFO, now_usec);
    json_decref(info);
}

/* The will of another gateway of this name, or that of our own link before, came after our word. */
static void on_status(struct publisher *publisher, const struct mqtt_message *message,
                      uint64_t now_usec)
{
    static const char online[] = "online";

    /* a retained one is from before we spoke, and what we say of it is on its way */
    if (message->retained || publisher->stop_until_usec || !rival_may_publish(&publisher->rival) ||
        (message->length == strlen(online) &&
         memcmp(message->payload, online, strlen(online)) == 0))
        return;
    topics_repeat(publisher->link.topics, TOPIC_STATUS, now_usec);
}

static void on_birth(struct publisher *publisher, const struct mqtt_message *message,
                     uint64_t now_usec)
{
    if (publisher->conf->ha_discovery && homeassistant_is_birth(publisher->conf, message))
        topics_repeat_at(publisher->link.topics, now_usec + homeassistant_delay_usec());
}

void publisher_on_message(void *userdata, const struct mqtt_message *message)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();
    const char *verb = verb_of(publisher, message->topic);

    if (verb)
        on_request(publisher, verb, message);
    else if (strcmp(message->topic, publisher->link.path[PATH_INFO]) == 0)
        on_info(publisher, message, now_usec);
    else if (strcmp(message->topic, publisher->link.path[PATH_STATUS]) == 0)
        on_status(publisher, message, now_usec);
    else if (strcmp(message->topic, publisher->link.path[PATH_BIRTH]) == 0)
        on_birth(publisher, message, now_usec);
    else if (strcmp(message->topic, publisher->link.path[PATH_HEALTH]) == 0) {
        /* 3.1.1 knows no no_local: while we speak ourselves it may be our own */
        if (publisher->conf->mqtt_version == CONF_MQTT_5 || !rival_may_publish(&publisher->rival))
            publisher_follow_rival(publisher, rival_health(&publisher->rival, now_usec), now_usec);
    } else {
        (void)topics_on_retained(publisher->link.topics, message, now_usec);
    }
    publisher_rearm(publisher);
}
