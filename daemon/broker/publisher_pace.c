/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include "daemon/log.h"

/* How long old topics are looked for. */
#define LEFTOVERS_USEC (10 * UINT64_C(1000000))

/* Whoever wants to be woken first */
static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void publisher_rearm(struct publisher *publisher)
{
    uint64_t at =
        earliest(topics_next_usec(publisher->link.topics), outbox_next_usec(publisher->outbox));

    at = earliest(at, rival_next_usec(&publisher->rival));
    if (publisher->leftovers_at_usec)
        at = earliest(at, publisher->leftovers_at_usec);
    if (publisher->leftovers_until_usec)
        at = earliest(at, publisher->leftovers_until_usec);
    if (publisher->has_left)
        at = 0;
    if (publisher->stop_until_usec)
        at = earliest(at, publisher->stop_until_usec);
    clock_timer_set(publisher->timer, at);
}

static void look_for(struct publisher *publisher, const char *const *filters)
{
    for (size_t i = 0; filters[i]; i++)
        (void)mqtt_subscribe(publisher->link.mqtt, filters[i], MQTT_NO_LOCAL);
}

void publisher_look_for_paths(struct publisher *publisher)
{
    look_for(publisher, topics_path_filters(publisher->link.topics));
}

/* What lies under our name is ours to clear only now: what came before would have been left. */
void publisher_look_for_leftovers(struct publisher *publisher)
{
    look_for(publisher, topics_filters(publisher->link.topics));
    publisher->leftovers_until_usec = clock_now_usec() + LEFTOVERS_USEC;
}

void publisher_stop_looking(struct publisher *publisher)
{
    const char *const *filters = topics_filters(publisher->link.topics);

    for (size_t i = 0; filters[i]; i++)
        (void)mqtt_unsubscribe(publisher->link.mqtt, filters[i]);
    publisher->leftovers_until_usec = 0;
}

/* Home Assistant passes over what an entity tells while its gateway is offline. */
void publisher_follow_status(struct publisher *publisher, uint64_t now_usec)
{
    bool may = rival_may_publish(&publisher->rival) && topics_has_spoken(publisher->link.topics);

    if (!may || !publisher->stop_until_usec) /* when we stop it says something else */
        outbox_set_online(publisher->outbox, may, now_usec);
}

void publisher_follow_rival(struct publisher *publisher, bool changed, uint64_t now_usec)
{
    bool may = rival_may_publish(&publisher->rival);
    char sentence[PAYLOAD_TEXT_MAX];

    if (!changed)
        return;
    if (rival_sentence(&publisher->rival, publisher->conf->gateway, sentence, sizeof(sentence)))
        log_warning("%s", sentence);
    /* what we said under our name before the link broke still stands while we ask whose name it is */
    publisher->link.stands =
        may || (publisher->link.stands && publisher->rival.state == RIVAL_LISTENING);
    topics_mute(publisher->link.topics, !may, now_usec);
    publisher_follow_status(publisher, now_usec);
    publisher->callbacks->on_health(publisher->userdata);
    if (may) {
        publisher_look_for_leftovers(publisher);
        publisher_hear_held(publisher);
    } else if (publisher->rival.state != RIVAL_LISTENING) {
        publisher_drop_held(publisher);
    }
}
