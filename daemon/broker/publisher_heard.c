/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/homeassistant.h"
#include "daemon/log.h"

#define YIELDS_WITHIN_USEC (2 * UINT64_C(1000000))
#define UNJUDGED_MAX       (CONF_RUNNERS_MAX * (1 + RULES)) /* a week each, and its alerts */

/* Two that began at once: the other one yields when it hears our info, and has said all of its own by then. */
static void outlast(struct publisher *publisher, uint64_t now_usec)
{
    topics_repeat(publisher->link.topics, TOPIC_INFO, now_usec);
    topics_repeat_at(publisher->link.topics, now_usec + YIELDS_WITHIN_USEC);
    if (!publisher->leftovers_at_usec)
        publisher->leftovers_at_usec = now_usec + YIELDS_WITHIN_USEC;
}

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
        outlast(publisher, now_usec);
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
    bool online;

    if (!homeassistant_says(publisher->conf, message, &online))
        return;
    publisher->link.home = (struct publisher_home){ .online = online, .at_usec = now_usec };
    if (online)
        topics_repeat_at(publisher->link.topics, now_usec + homeassistant_delay_usec());
}

bool publisher_home(const struct publisher *publisher, struct publisher_home *ret)
{
    *ret = publisher->link.home;
    return ret->at_usec != 0;
}

/* 3.1.1 knows no no_local: while we speak ourselves it may be our own. */
static void on_health(struct publisher *publisher, uint64_t now_usec)
{
    if (publisher->conf->mqtt_version == CONF_MQTT_5 || !rival_may_publish(&publisher->rival))
        publisher_follow_rival(publisher, rival_health(&publisher->rival, now_usec), now_usec);
}

static bool is_topic(const struct publisher *publisher, const char *path, enum topic topic,
                     const char *first, const char *second)
{
    char own[TOPIC_MAX];

    return topics_format(own, publisher->conf->mqtt_root, publisher->conf->gateway, topic, first,
                         second) == 0 &&
           strcmp(path, own) == 0;
}

static bool is_verdict_of(const struct publisher *publisher, const struct conf_runner *runner,
                          const char *path)
{
    if (is_topic(publisher, path, TOPIC_WEEK, runner->id, NULL))
        return true;
    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (conf_rule_is_on(publisher->conf, runner, rule) &&
            is_topic(publisher, path, TOPIC_ALERT, runner->id, rule_get(rule)->id))
            return true;
    return false;
}

/* Without a clock, or with half a log, nothing is judged, maybe for hours: what was said last stands until
 * it is, and then all of it is said, the week first. What a runner noted stands until it is read. */
static bool is_still_to_be_said(const struct publisher *publisher, const char *path)
{
    const struct conf *conf = publisher->conf;

    for (size_t i = 0; i < conf->n_runners; i++) {
        const struct conf_runner *runner = &conf->runners[i];

        if (!topics_says(publisher->link.topics, TOPIC_WEEK, runner->id, NULL) &&
            is_verdict_of(publisher, runner, path))
            return true;
        if (!topics_says(publisher->link.topics, TOPIC_NOTE, runner->id, NULL) &&
            is_topic(publisher, path, TOPIC_NOTE, runner->id, NULL))
            return true;
    }
    return false;
}

/* No state of ours yet; but if the tree is left before, it goes too. */
static void leave_alone(struct link *link, const struct mqtt_message *message)
{
    char *path;

    if (!message->retained || message->length == 0)
        return;
    for (size_t i = 0; i < link->n_unjudged; i++)
        if (strcmp(link->unjudged[i], message->topic) == 0)
            return;
    if (link->n_unjudged == UNJUDGED_MAX)
        return;
    if (!link->unjudged)
        link->unjudged = calloc(UNJUDGED_MAX, sizeof(link->unjudged[0]));
    path = link->unjudged ? strdup(message->topic) : NULL;
    if (path)
        link->unjudged[link->n_unjudged++] = path;
    else
        log_error("Out of memory: %s stays at the broker if it is not judged", message->topic);
}

static void hear_state(struct publisher *publisher, const struct mqtt_message *message,
                       uint64_t now_usec)
{
    struct link *link = &publisher->link;

    if (strcmp(message->topic, link->path[PATH_INFO]) == 0)
        on_info(publisher, message, now_usec);
    else if (strcmp(message->topic, link->path[PATH_STATUS]) == 0)
        on_status(publisher, message, now_usec);
    else if (strcmp(message->topic, link->path[PATH_BIRTH]) == 0)
        on_birth(publisher, message, now_usec);
    else if (strcmp(message->topic, link->path[PATH_HEALTH]) == 0)
        on_health(publisher, now_usec);
    else if (is_still_to_be_said(publisher, message->topic))
        leave_alone(link, message);
    else
        (void)topics_on_retained(link->topics, message, now_usec);
}

void publisher_on_message(void *userdata, const struct mqtt_message *message)
{
    struct publisher *publisher = userdata;

    if (!publisher_hear_request(publisher, message))
        hear_state(publisher, message, clock_now_usec());
    publisher_rearm(publisher);
}
