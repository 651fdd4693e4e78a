/* SPDX-License-Identifier: MIT */
/*
 * The states of the link. Paho reconnects by itself in a way that tells its owner too little (success
 * through another callback, failures not at all), so that is off and the retry is ours.
 *
 *             timer              CONNECTED
 *   WAITING ---------> CONNECTING ---------> UP
 *      ^                   |                  |
 *      +---CONNECT_FAILED--+------LOST--------+        UP --mqtt_stop--> DRAINING --> CLOSING --> CLOSED
 *
 * An UP whose messages are not acknowledged is cut, and so LOST. While CONNECTING Paho is not asked for
 * anything: its name look-up may hold its lock for long.
 */
#include <stdio.h>
#include <string.h>
#include "daemon/broker/backoff.h"
#include "daemon/broker/mqtt_private.h"

#define SECOND       1000000ULL
#define STEADY_AFTER (5 * SECOND) /* a link that held so long starts the backoff anew */
/* Over Paho's own time-out: only a name look-up takes longer. */
#define CONNECT_PATIENCE (20 * SECOND)
/* A message that was forgotten, for so many others were acknowledged since; one that is only slow has its
 * time. Each time in vain that is doubled: it may be never acknowledged, and all else goes on meanwhile. */
#define PASSED_MANY      16
#define ANSWER_PATIENCE  (120 * SECOND)
#define ANSWER_DOUBLINGS 5

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

static void tell_published(struct mqtt *mqtt, uint64_t cookie, enum mqtt_result result, int reason)
{
    if (cookie)
        mqtt->callbacks.on_published(mqtt->userdata, cookie, result, reason);
}

static void all_lost(struct mqtt *mqtt)
{
    struct pending lost = mqtt->pending;
    mqtt->pending.n = mqtt->pending.passed = 0; /* before the callbacks, which may look */
    for (size_t i = 0; i < lost.n; i++)
        tell_published(mqtt, lost.items[i].cookie, MQTT_LOST, 0);
}

static void tell_too_large(struct mqtt *mqtt)
{
    if (mqtt->state != MQTT_UP || mqtt->words.text[0])
        return;
    mqtt->too_large.told = true;
    mqtt_words_too_large(&mqtt->words, mqtt->too_large.topic, mqtt->too_large.size,
                         mqtt->limit.said);
    tell_problem(mqtt);
}

static void on_published(struct mqtt *mqtt, const struct paho_event *event)
{
    struct pending_item item;
    if (!pending_take(&mqtt->pending, event->id, &item))
        return;
    if (event->result == MQTT_DONE && item.acknowledged)
        packet_limit_taken(&mqtt->limit, item.size);
    else if (event->result == MQTT_LOST) /* Paho may say so before it says that the link broke */
        packet_limit_unanswered(&mqtt->limit, item.size, item.since_usec);
    if (event->id == mqtt->too_large.id)
        tell_too_large(mqtt);
    tell_published(mqtt, item.cookie, event->result, event->reason);
}

void mqtt_machine_too_large(struct mqtt *mqtt, const char *topic, size_t size)
{
    if (mqtt->too_large.id)
        return;
    mqtt->too_large.id = mqtt->last_id;
    mqtt->too_large.size = size;
    snprintf(mqtt->too_large.topic, sizeof(mqtt->too_large.topic), "%s", topic);
}

void mqtt_machine_fits(struct mqtt *mqtt, const char *topic)
{
    if (!mqtt->too_large.id ||
        strncmp(topic, mqtt->too_large.topic, sizeof(mqtt->too_large.topic) - 1) != 0)
        return;
    if (mqtt->too_large.told)
        mqtt->words.text[0] = '\0';
    mqtt->too_large.id = 0;
    mqtt->too_large.told = false;
}

/* ---- answers that do not come ------------------------------------------------------------------------ */

static uint64_t answer_patience_usec(const struct mqtt *mqtt)
{
    return ANSWER_PATIENCE << mqtt->unanswered;
}

/* One wake-up for many answers: it is not set anew for each. */
void mqtt_machine_watch_answers(struct mqtt *mqtt, uint64_t now_usec)
{
    if (mqtt->watching || mqtt->cut || mqtt->pending.n == 0)
        return;
    mqtt->watching = true;
    uint64_t at_usec = mqtt->pending.items[0].since_usec + answer_patience_usec(mqtt);
    clock_timer_set(mqtt->timer, at_usec > now_usec ? at_usec : now_usec + ANSWER_PATIENCE);
}

/* MQTT 5 forbids to say it again over the same link, and 3.1.1 sees no sense in it: only a new one helps.
 * Cut, so that the will tells where we are if there is none. */
static void look_for_answers(struct mqtt *mqtt, uint64_t now_usec)
{
    mqtt->watching = false;
    mqtt->cut = mqtt->pending.n > 0 && mqtt->pending.passed >= PASSED_MANY &&
                now_usec >= mqtt->pending.items[0].since_usec + answer_patience_usec(mqtt) &&
                paho_cut(mqtt->paho) >= 0;
    mqtt_machine_watch_answers(mqtt, now_usec);
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
    if (mqtt->end == MQTT_END_BY_WILL)
        paho_cut(mqtt->paho);
    else if (up)
        paho_disconnect(mqtt->paho);
    paho_quit(mqtt->paho);
}

static void close_when_drained(struct mqtt *mqtt)
{
    if (mqtt->state == MQTT_DRAINING && mqtt->pending.n == 0)
        close_link(mqtt, true);
}

int mqtt_stop(struct mqtt *mqtt, enum mqtt_end end, uint64_t within_usec,
              void (*handler)(void *userdata), void *userdata)
{
    uint64_t now_usec = clock_now_usec();
    mqtt->end = end;
    mqtt->stop_handler = handler;
    mqtt->stop_userdata = userdata;
    mqtt->stop_deadline_usec = now_usec + within_usec;
    if (mqtt->state == MQTT_UP) {
        mqtt->state = MQTT_DRAINING;
        clock_timer_set(mqtt->timer, now_usec + within_usec / 5 * 3);
        close_when_drained(mqtt);
    } else if (mqtt->state == MQTT_WAITING || mqtt->state == MQTT_CONNECTING) {
        close_link(mqtt, false);
    }
    return 0;
}

/* ---- events ------------------------------------------------------------------------------------------- */

static void on_connected(struct mqtt *mqtt, const struct paho_event *event)
{
    if (mqtt->state != MQTT_CONNECTING)
        return;
    mqtt->state = MQTT_UP;
    mqtt->up_since_usec = clock_now_usec();
    mqtt->words.text[0] = '\0';
    mqtt->too_large.id = 0;
    mqtt->too_large.told = false;
    packet_limit_connected(&mqtt->limit, event->packet_max);
    clock_timer_set(mqtt->timer, CLOCK_NEVER);
    mqtt->watching = mqtt->cut = false;
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

/* The size of what is too large for it, if that is why the link broke; 0: it is not. */
static size_t too_large_for_it(struct mqtt *mqtt, const struct paho_event *event, uint64_t now_usec)
{
    enum packet_limit_word word = event->reason == MQTT_TOO_LARGE ? PACKET_LIMIT_TOO_LARGE
                                  : event->reason || mqtt->cut    ? PACKET_LIMIT_OTHER_WORD
                                                                  : PACKET_LIMIT_NO_WORD;
    uint64_t since_usec = 0;
    size_t largest = pending_largest(&mqtt->pending, &since_usec);

    return packet_limit_lost(&mqtt->limit, word, largest, since_usec, now_usec);
}

static void say_lost(struct mqtt *mqtt, const struct paho_event *event, size_t too_large)
{
    if (too_large)
        mqtt_words_lost_over(&mqtt->words, too_large, event->reason == MQTT_TOO_LARGE);
    else if (mqtt->cut)
        mqtt_words_say(&mqtt->words, "it did not acknowledge a message for %d min",
                       (int)(answer_patience_usec(mqtt) / (60 * SECOND)));
    else
        mqtt_words_lost(&mqtt->words, event);
    mqtt->unanswered = !mqtt->cut                            ? 0
                       : mqtt->unanswered < ANSWER_DOUBLINGS ? mqtt->unanswered + 1
                                                             : mqtt->unanswered;
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
    size_t too_large = too_large_for_it(mqtt, event, now_usec);
    if (!too_large && twin_lost(&mqtt->twin, word_of(event), up_usec, now_usec)) {
        mqtt_words_twin(&mqtt->words, mqtt->twin.told, TWIN_REST_USEC);
        wait_until_try(mqtt, TWIN_REST_USEC);
    } else {
        say_lost(mqtt, event, too_large);
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

void mqtt_machine_event(struct mqtt *mqtt, const struct paho_event *event)
{
    switch (event->kind) {
    case PAHO_CONNECTED:
        on_connected(mqtt, event);
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

void mqtt_machine_timer(void *userdata, uint64_t now_usec)
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
        look_for_answers(mqtt, now_usec);
        break;
    case MQTT_CLOSED:
        break;
    }
}
