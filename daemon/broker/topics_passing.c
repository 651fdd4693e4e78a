/* SPDX-License-Identifier: MIT */
/*
 * What is not retained: it goes now or not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/broker/topics_private.h"
#include "lib/utf8.h"

#define RESPONSE_LEVELS_MAX 32

int topics_publish(struct topics *topics, enum topic topic, const char *first, const void *payload,
                   size_t length, uint64_t cookie)
{
    const struct topic_row *row = &topics_table[topic];
    char path[TOPIC_MAX];
    if (row->retained || row->inbound)
        return -EINVAL;
    if (!topics_may_publish(topics))
        return -ENOTCONN;
    int r = topics_format(path, topics->root, topics->gateway, topic, first, NULL);
    if (r < 0)
        return r;
    struct mqtt_publish message = { .topic = path,
                                    .payload = payload,
                                    .length = length,
                                    .qos = row->qos,
                                    .expiry_s = row->expiry_s,
                                    .cookie = cookie };
    return topics->callbacks.publish(topics->userdata, &message);
}

/* A broker may hand on any text, and yet cut the link of whoever publishes to it (mosquitto: over 200
 * levels): with each request that would be ours. */
static bool is_sound(const char *path)
{
    size_t length = strlen(path), n_levels = 1;

    for (const char *at = path; (at = strchr(at, '/')); at++)
        n_levels++;
    return length > 0 && length < TOPIC_MAX && n_levels <= RESPONSE_LEVELS_MAX && path[0] != '$' &&
           !strpbrk(path, "+#") && utf8_is_plain(path, length);
}

/*
 * An asker may have the answer sent anywhere but where it would pass for a gateway's own word: below
 * our root, and where what we say of ourselves to others is read, as by Home Assistant.
 */
static bool may_answer_to(const struct topics *topics, const char *path)
{
    char root[TOPIC_MAX], responses[TOPIC_MAX];
    size_t n = (size_t)snprintf(root, sizeof(root), "%s/", topics->root);
    size_t n_responses = (size_t)snprintf(responses, sizeof(responses), "%s/%s/response/",
                                          topics->root, topics->gateway);

    if (!path || !is_sound(path))
        return false;
    if (strncmp(path, responses, n_responses) == 0)
        return true;
    return strncmp(path, root, n) != 0 && !topics_own_is_read(&topics->own, path);
}

int topics_respond(struct topics *topics, const char *verb, const struct mqtt_message *request,
                   const void *payload, size_t length)
{
    char path[TOPIC_MAX];
    const char *wanted = request ? request->response_topic : NULL;
    int r = topics_format(path, topics->root, topics->gateway, TOPIC_RESPONSE, verb, NULL);
    if (r < 0)
        return r;
    if (!topics_may_publish(topics))
        return -ENOTCONN;
    struct mqtt_publish message = { .topic = path,
                                    .payload = payload,
                                    .length = length,
                                    .qos = topics_table[TOPIC_RESPONSE].qos,
                                    .yields = true };
    if (request) {
        message.correlation_data = request->correlation_data;
        message.correlation_length = request->correlation_length;
    }
    r = topics->callbacks.publish(topics->userdata, &message);
    if (r < 0 || !may_answer_to(topics, wanted) || strcmp(wanted, path) == 0)
        return r;
    message.topic = wanted;
    return topics->callbacks.publish(topics->userdata, &message);
}
