/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/broker/homeassistant.h"
#include "daemon/log.h"
#include "daemon/util.h"

#define QUIET_AFTER 3 /* failed tries that are logged one by one */
/* The service manager gives us little more, and waits for nothing else by then. */
#define STOP_USEC (1900 * UINT64_C(1000))

/* ---- what becomes of it ------------------------------------------------------------------------ */

enum mqtt_end publisher_end_of(const struct link *link)
{
    return link->stands && !topics_settled(link->topics) ? MQTT_END_BY_WILL : MQTT_END_IN_ORDER;
}

void publisher_finish_stop(struct publisher *publisher)
{
    publisher->stop_until_usec = 0;
    if (!publisher->link.mqtt ||
        mqtt_stop(publisher->link.mqtt, publisher_end_of(&publisher->link), STOP_USEC,
                  publisher->on_stopped, publisher->stopped_userdata) < 0)
        publisher->on_stopped(publisher->stopped_userdata);
}

static void on_connected(void *userdata)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();

    log_info("broker: connected to %s", publisher->conf->mqtt_uri);
    publisher->failures = 0;
    publisher_look_for_paths(publisher); /* our own info, which may come at once, lets us speak */
    (void)mqtt_subscribe(publisher->link.mqtt, publisher->link.path[PATH_INFO], 0);
    (void)mqtt_subscribe(publisher->link.mqtt, publisher->link.path[PATH_HEALTH], MQTT_NO_LOCAL);
    (void)mqtt_subscribe(publisher->link.mqtt, publisher->link.path[PATH_STATUS], MQTT_NO_LOCAL);
    publisher_follow_rival(publisher, rival_connected(&publisher->rival, now_usec), now_usec);
    publisher->callbacks->on_connected(publisher->userdata);
    topics_set_online(publisher->link.topics, true, now_usec);
    publisher->callbacks->on_health(publisher->userdata);
    publisher_rearm(publisher);
}

static void log_problem(struct publisher *publisher, const char *sentence, const char *more)
{
    snprintf(publisher->problem_logged, sizeof(publisher->problem_logged), "%s", sentence);
    log_warning("broker: %s%s", sentence, more);
}

/* A broker that is away for a night fills no log, but what is wrong now is always the last thing there:
 * it may come back and not let us in. */
static void log_failure(struct publisher *publisher, const char *sentence, bool was_connected)
{
    bool quiet = ++publisher->failures >= QUIET_AFTER;

    if (!was_connected && publisher->failures > QUIET_AFTER &&
        strcmp(sentence, publisher->problem_logged) == 0)
        return;
    log_problem(publisher, sentence, quiet ? "; further tries go on quietly" : "");
}

static void on_disconnected(void *userdata, const char *sentence, bool was_connected)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();

    log_failure(publisher, sentence, was_connected);
    publisher->leftovers_at_usec = publisher->leftovers_until_usec = 0;
    publisher->link.home = (struct publisher_home){ 0 }; /* nobody hears what it says now */
    topics_set_online(publisher->link.topics, false, now_usec);
    outbox_set_online(publisher->outbox, false, now_usec);
    publisher_drop_held(publisher);
    (void)rival_disconnected(&publisher->rival);
    publisher->callbacks->on_health(publisher->userdata);
    publisher_rearm(publisher);
}

static void on_problem(void *userdata, const char *sentence)
{
    struct publisher *publisher = userdata;

    if (strcmp(sentence, publisher->problem_logged) != 0)
        log_problem(publisher, sentence, "");
    publisher->callbacks->on_health(publisher->userdata);
}

static void on_published(void *userdata, uint64_t cookie, enum mqtt_result result, int reason)
{
    struct publisher *publisher = userdata;
    uint64_t now_usec = clock_now_usec();

    if (topics_owns(cookie)) {
        topics_answer(publisher->link.topics, cookie, result, reason, now_usec);
        publisher_follow_status(publisher, now_usec);
    } else if (outbox_owns(cookie)) {
        outbox_answer(publisher->outbox, cookie, result, reason, now_usec);
    }
    if (publisher->stop_until_usec && topics_settled(publisher->link.topics))
        publisher_finish_stop(publisher);
    publisher_rearm(publisher);
}

static const struct mqtt_callbacks mqtt_callbacks = {
    .on_connected = on_connected,
    .on_disconnected = on_disconnected,
    .on_problem = on_problem,
    .on_message = publisher_on_message,
    .on_published = on_published,
};

/* ---- making the link -------------------------------------------------------------------------- */

/* A renewed certificate lies where the old one lay. */
static int describe_file(const char *path, char *ret, size_t size)
{
    struct stat st = { 0 };

    if (path[0])
        (void)stat(path, &st); /* what is wrong with it was said */
    return snprintf(ret, size, "|%s %ju %jd.%09ld", path, (uintmax_t)st.st_ino,
                    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

void publisher_describe_link(const struct conf *conf, char *ret, size_t size)
{
    const char *const files[] = { conf->mqtt_ca_file, conf->mqtt_client_cert,
                                  conf->mqtt_client_key };
    int n = snprintf(ret, size, "%s|%s|%s|%s|%s|%d", conf->mqtt_uri, conf->mqtt_username,
                     conf->mqtt_root, conf->gateway, conf->ha_prefix, conf->mqtt_version);

    for (size_t i = 0; i < ELEMENTSOF(files); i++)
        n += describe_file(files[i], ret + n, size - (size_t)n);
}

static int make_mqtt(struct publisher *publisher, const struct conf *conf, const char *password,
                     struct link *link)
{
    char will[TOPIC_MAX], requests[TOPIC_MAX], client_id[64];
    /* an order that was sent to stay would be one again at each connect: it is none at once, too.
     * A birth is one however it was sent. */
    const struct mqtt_subscription subscriptions[] = {
        { requests, MQTT_RETAIN_AS_PUBLISHED },
        { link->path[PATH_BIRTH], 0 },
        { NULL, 0 },
    };
    struct mqtt_options options = {
        .uri = conf->mqtt_uri,
        .client_id = client_id,
        .username = conf->mqtt_username[0] ? conf->mqtt_username : NULL,
        .password = password,
        .ca_file = conf->mqtt_ca_file[0] ? conf->mqtt_ca_file : NULL,
        .client_cert = conf->mqtt_client_cert[0] ? conf->mqtt_client_cert : NULL,
        .client_key = conf->mqtt_client_key[0] ? conf->mqtt_client_key : NULL,
        .v311 = conf->mqtt_version == CONF_MQTT_311,
        .will_topic = will,
        .will_payload = "offline",
        .subscriptions = subscriptions,
    };
    int r;

    if (!conf->mqtt_uri[0])
        return 0;
    r = topics_format(will, conf->mqtt_root, conf->gateway, TOPIC_STATUS, NULL, NULL);
    if (r >= 0)
        r = topics_format(requests, conf->mqtt_root, conf->gateway, TOPIC_REQUEST, "+", NULL);
    if (r < 0)
        return r;
    snprintf(client_id, sizeof(client_id), "strided-%.12s", publisher->machine_id);
    return mqtt_new(&link->mqtt, publisher->event, &options, &mqtt_callbacks, publisher);
}

static int make_topics(struct publisher *publisher, const struct conf *conf, struct link *link)
{
    char filter[TOPIC_MAX], prefix[TOPIC_MAX];
    int r;

    r = topics_new(&link->topics, conf->mqtt_root, conf->gateway, &publisher_topics_callbacks,
                   publisher);
    if (r < 0)
        return r;
    (void)topics_format(link->path[PATH_INFO], conf->mqtt_root, conf->gateway, TOPIC_INFO, NULL,
                        NULL);
    (void)topics_format(link->path[PATH_HEALTH], conf->mqtt_root, conf->gateway, TOPIC_HEALTH, NULL,
                        NULL);
    (void)topics_format(link->path[PATH_STATUS], conf->mqtt_root, conf->gateway, TOPIC_STATUS, NULL,
                        NULL);
    (void)homeassistant_birth_topic(conf, link->path[PATH_BIRTH]);
    r = homeassistant_own(conf, publisher->machine_id, filter, prefix);
    return r < 0 ? r : topics_own_paths(link->topics, filter, prefix);
}

void publisher_link_done(struct link *link)
{
    link->mqtt = mqtt_free(link->mqtt);
    link->topics = topics_free(link->topics);
    while (link->n_unjudged > 0)
        free(link->unjudged[--link->n_unjudged]);
    free(link->unjudged);
    link->unjudged = NULL;
}

int publisher_make_link(struct publisher *publisher, const struct conf *conf, const char *password,
                        struct link *link)
{
    int r;

    publisher_describe_link(conf, link->text, sizeof(link->text));
    snprintf(link->uri, sizeof(link->uri), "%s", conf->mqtt_uri);
    r = make_topics(publisher, conf, link);
    return r < 0 ? r : make_mqtt(publisher, conf, password, link);
}
