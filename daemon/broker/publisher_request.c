/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/packed.h"
#include "daemon/render.h"
#include "daemon/util.h"

#define HELD_MAX 16 /* requests: nobody asks for more in the three seconds it may take */

/* A request that came before it was clear whose the gateway's name is; what it points at lies behind. */
struct held {
    struct held *next;
    struct mqtt_message message;
};

/* ---- answers ---------------------------------------------------------------------------------- */

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

static int respond(const struct answer *answer, const struct mqtt_message *request,
                   const char *json)
{
    return topics_respond(answer->publisher->link.topics, answer->verb, request, json,
                          strlen(json));
}

/* Whoever asked is told that much, under the same transaction. */
static void respond_too_large(const struct answer *answer, const struct mqtt_message *request,
                              const char *json)
{
    _cleanup_(json_decrefp) json_t *whole = json_loads(json, 0, NULL);
    struct payload_error error = { .code = "too_large" };
    _cleanup_free_ char *text = NULL;

    snprintf(error.message, sizeof(error.message),
             "The answer has %zu bytes, which is more than the broker takes: ask stridectl",
             strlen(json));
    text = render_response(NULL, &error, json_string_value(json_object_get(whole, "transaction")));
    if (text)
        (void)respond(answer, request, text);
}

static void on_reply(void *userdata, const char *json)
{
    struct answer *answer = userdata;
    struct mqtt_message request = {
        .response_topic = answer->response_topic,
        .correlation_data = answer->correlation_data,
        .correlation_length = answer->correlation_length,
    };

    if (!answer->is_nobodys && respond(answer, &request, json) == -EMSGSIZE)
        respond_too_large(answer, &request, json);
    publisher_free_answer(answer);
}

void publisher_forget_askers(struct publisher *publisher)
{
    for (struct answer *answer = publisher->answers; answer; answer = answer->next)
        answer->is_nobodys = true;
}

static bool copy_way_back(struct answer *answer, const struct mqtt_message *request)
{
    if (request->response_topic && !(answer->response_topic = strdup(request->response_topic)))
        return false;
    if (!request->correlation_data)
        return true;
    answer->correlation_data = malloc(request->correlation_length + 1);
    if (!answer->correlation_data)
        return false;
    memcpy(answer->correlation_data, request->correlation_data, request->correlation_length);
    answer->correlation_length = request->correlation_length;
    return true;
}

/* Whole, or none: without its correlation an answer would be taken for another's. */
static struct answer *new_answer(struct publisher *publisher, const char *verb,
                                 const struct mqtt_message *request)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return NULL;
    *answer = (struct answer){ .publisher = publisher, .next = publisher->answers };
    publisher->answers = answer;
    snprintf(answer->verb, sizeof(answer->verb), "%s", verb);
    if (copy_way_back(answer, request))
        return answer;
    publisher_free_answer(answer);
    return NULL;
}

/* ---- requests --------------------------------------------------------------------------------- */

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

bool publisher_hear_request(struct publisher *publisher, const struct mqtt_message *message)
{
    const char *verb = verb_of(publisher, message->topic);

    if (verb)
        on_request(publisher, verb, message);
    return verb != NULL;
}

void publisher_hear_held(struct publisher *publisher)
{
    struct held *held = publisher->held, *next;

    publisher->held = NULL;
    for (; held; held = next) {
        next = held->next;
        (void)publisher_hear_request(publisher, &held->message);
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
