/* SPDX-License-Identifier: MIT */
/*
 * A link whose place another takes: the gateway got another name, or another broker. Closed just so it
 * would leave "online" and the last of everything retained for ever, with nobody left to take it
 * back: the will is for links that break. So it first clears what the next link will not say anew.
 *
 *   publisher_leave ----> CLEARING ----> CLOSING ----> over: publisher.c frees it, and only
 *                            |  all acknowledged,  ^     then the next link tries to connect
 *                            |  lost, or 3 s       |
 *     not connected, or the tree is not ours ------+
 *
 * One after the other, because both have one client identifier: a broker would end the old link for
 * the new one, if it is the same broker, which may have two names.
 */
#include "daemon/broker/publisher_private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/mqtt_uri.h"
#include "daemon/log.h"

#define CLEARING_USEC (3 * UINT64_C(1000000))
/* Longer than a stop has: no service manager waits, and a link that the next one throws out leaves its
 * will behind, "offline", where the gateway is no more. One that was not cleared leaves it all the same:
 * "online" would be worse, and what the next link inherits it clears after that. */
#define CLOSING_USEC (10 * UINT64_C(1000000))

struct leaving {
    struct publisher *publisher;
    struct link link;
    struct clock_timer *timer;
    uint64_t until_usec; /* of CLEARING */
    bool closing;
};

/* ---- closing ---------------------------------------------------------------------------------- */

static void on_closed(void *userdata)
{
    struct leaving *leaving = userdata;

    leaving->publisher->has_left = true;
    publisher_rearm(leaving->publisher); /* we are called by the link: it is freed from elsewhere */
}

static void close_link(struct leaving *leaving)
{
    enum mqtt_end end = publisher_end_of(&leaving->link);

    if (leaving->closing)
        return;
    leaving->closing = true;
    topics_set_online(leaving->link.topics, false, clock_now_usec());
    clock_timer_set(leaving->timer, CLOCK_NEVER);
    (void)mqtt_stop(leaving->link.mqtt, end, CLOSING_USEC, on_closed, leaving);
}

/* ---- clearing --------------------------------------------------------------------------------- */

static void go_on(struct leaving *leaving)
{
    uint64_t next_usec = topics_next_usec(leaving->link.topics);

    if (leaving->closing)
        return;
    if (topics_settled(leaving->link.topics))
        close_link(leaving);
    else
        clock_timer_set(leaving->timer,
                        next_usec < leaving->until_usec ? next_usec : leaving->until_usec);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct leaving *leaving = userdata;

    if (now_usec >= leaving->until_usec) {
        close_link(leaving);
        return;
    }
    topics_run(leaving->link.topics, now_usec);
    go_on(leaving);
}

static int publish(void *userdata, const struct mqtt_publish *message)
{
    struct leaving *leaving = userdata;

    return mqtt_publish(leaving->link.mqtt, message);
}

static void on_refused(void *userdata, const char *topic, int reason)
{
}

static void on_connected(void *userdata)
{
}

static void on_disconnected(void *userdata, const char *sentence, bool was_connected)
{
    close_link(userdata);
}

static void on_problem(void *userdata, const char *sentence)
{
}

static void on_message(void *userdata, const struct mqtt_message *message)
{
}

static void on_published(void *userdata, uint64_t cookie, enum mqtt_result result, int reason)
{
    struct leaving *leaving = userdata;

    if (leaving->closing || !topics_owns(cookie))
        return;
    topics_answer(leaving->link.topics, cookie, result, reason, clock_now_usec());
    go_on(leaving);
}

static const struct topics_callbacks topics_callbacks = { .publish = publish,
                                                          .on_refused = on_refused };
static const struct mqtt_callbacks mqtt_callbacks = {
    .on_connected = on_connected,
    .on_disconnected = on_disconnected,
    .on_problem = on_problem,
    .on_message = on_message,
    .on_published = on_published,
};

/* ---- life ------------------------------------------------------------------------------------- */

int publisher_leaving_new(struct publisher *publisher, struct leaving **ret)
{
    struct leaving *leaving = calloc(1, sizeof(*leaving));
    int r = leaving
                ? clock_timer_new(&leaving->timer, publisher->event, CLOCK_NEVER, on_timer, leaving)
                : -ENOMEM;

    if (r < 0) {
        free(leaving);
        return r;
    }
    leaving->publisher = publisher;
    *ret = leaving;
    return 0;
}

struct leaving *publisher_leaving_free(struct leaving *leaving)
{
    if (!leaving)
        return NULL;
    clock_timer_unref(leaving->timer);
    publisher_link_done(&leaving->link);
    free(leaving);
    return NULL;
}

void publisher_leave(struct leaving *leaving, struct link *link, bool ours)
{
    leaving->link = *link;
    *link = (struct link){ 0 };
    leaving->until_usec = clock_now_usec() + CLEARING_USEC;
    topics_hand_over(leaving->link.topics, &topics_callbacks, leaving);
    mqtt_hand_over(leaving->link.mqtt, &mqtt_callbacks, leaving);
    if (!ours)
        close_link(leaving);
}

static bool is_same_tree(const struct link *link, const struct link *next)
{
    return strcmp(link->uri, next->uri) == 0 &&
           strcmp(link->path[PATH_STATUS], next->path[PATH_STATUS]) == 0;
}

/* In the same tree the next link hears of them, and leaves them alone as well. */
static void clear_unjudged(struct leaving *leaving, uint64_t now_usec)
{
    const struct link *link = &leaving->link;

    for (size_t i = 0; i < link->n_unjudged; i++)
        if (topics_inherit(link->topics, link->unjudged[i], now_usec) < 0)
            log_error("Out of memory: %s stays at the broker", link->unjudged[i]);
}

/* What the next link says at the same broker stands until then, but for our being there. */
void publisher_leave_nothing(struct leaving *leaving, const struct link *next)
{
    static const char offline[] = "offline";
    struct topics *topics = leaving->link.topics;
    uint64_t now_usec = clock_now_usec();

    if (!leaving->link.stands)
        return;
    topics_sweep_begin(topics);
    if (strcmp(leaving->link.uri, next->uri) == 0) {
        topics_sweep_spare(topics, next->topics);
        if (strcmp(leaving->link.path[PATH_STATUS], next->path[PATH_STATUS]) == 0)
            (void)topics_set(topics, TOPIC_STATUS, NULL, NULL, offline, strlen(offline), now_usec);
    }
    topics_sweep_end(topics, now_usec);
    if (!is_same_tree(&leaving->link, next))
        clear_unjudged(leaving, now_usec);
    go_on(leaving);
}

/* ROOT/NAME/ of ROOT/NAME/status */
static int tree_length(const struct link *link)
{
    return (int)(strrchr(link->path[PATH_STATUS], '/') + 1 - link->path[PATH_STATUS]);
}

static bool is_in_tree(const struct link *link, const char *path)
{
    return strncmp(path, link->path[PATH_STATUS], (size_t)tree_length(link)) == 0;
}

/* For a person, who may do it at any time: of a tree in which the next link speaks it leaves all alone, for
 * what is over there is found by whoever starts. */
static void log_uncleared(const struct link *link, bool whole_tree, const char *what,
                          const char *when)
{
    struct paho_target target;
    char filters[4096] = "";
    int n = whole_tree ? snprintf(filters, sizeof(filters), " -t %.*s#", tree_length(link),
                                  link->path[PATH_STATUS])
                       : 0;
    const char *path;
    size_t state = 0;

    while ((path = topics_next_uncleared(link->topics, &state)))
        if (!is_in_tree(link, path) && n + strlen(path) + 5 < sizeof(filters))
            n += snprintf(filters + n, sizeof(filters) - (size_t)n, " -t %s", path);
    if (n == 0 || mqtt_uri_parse(link->uri, &target) < 0)
        return;
    log_warning("broker: what was said there %s %s, which does not answer. %s, "
                "'mosquitto_sub -h %s -p %d%s%s --retained-only --remove-retained -W 5' clears it",
                what, link->uri, when, target.host, target.port,
                target.tls ? " --tls-use-os-certs" : "", filters);
}

void publisher_log_left(const struct leaving *leaving, const struct link *next)
{
    size_t state = 0;

    if (topics_next_uncleared(leaving->link.topics, &state))
        log_uncleared(&leaving->link, !is_same_tree(&leaving->link, next), "stays at",
                      "Once it does");
}

void publisher_bequeath(const struct leaving *leaving, struct link *next)
{
    const struct link *link = &leaving->link;
    uint64_t now_usec = clock_now_usec();
    const char *path;
    size_t state = 0;

    topics_rest_after(next->topics, link->topics);
    if (!topics_next_uncleared(link->topics, &state))
        return;
    if (strcmp(link->uri, next->uri) != 0) {
        log_uncleared(link, true, "stays at", "Once it does");
        return;
    }
    log_uncleared(link, !is_same_tree(link, next), "under other names is still to be cleared at",
                  "Should strided end before it does");
    state = 0;
    while ((path = topics_next_uncleared(link->topics, &state)))
        if (topics_inherit(next->topics, path, now_usec) < 0)
            log_error("Out of memory: %s stays at the broker", path);
}
