/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/render.h"
#include "daemon/util.h"

#define OFFLINE_USEC (2 * UINT64_C(1000000))
/* It was a burst if no more of them came since. */
#define OVERRUNS_TOLD_USEC (600 * UINT64_C(1000000))

/* The link before has left: now this one. */
static void take_turn(struct publisher *publisher)
{
    publisher_bequeath(publisher->leaving, &publisher->link);
    publisher->leaving = publisher_leaving_free(publisher->leaving);
    publisher->has_left = false;
    if (publisher->stop_until_usec)
        publisher_finish_stop(publisher);
    else if (publisher->link.mqtt)
        mqtt_start(publisher->link.mqtt);
}

/* An assumed clock may be years ahead, and a row that is dropped by it does not come back. */
static int64_t known_wall_usec(const struct publisher *publisher)
{
    switch (publisher->clock) {
    case CLOCK_SYNCED:
    case CLOCK_RTC:
        return clock_wall_usec();
    case CLOCK_ASSUMED:
    case CLOCK_UNSET:
        return 0;
    }
    return 0;
}

static void look_again(struct publisher *publisher)
{
    publisher->leftovers_at_usec = 0;
    if (rival_may_publish(&publisher->rival))
        publisher_look_for_leftovers(publisher);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct publisher *publisher = userdata;

    publisher_follow_rival(publisher, rival_run(&publisher->rival, now_usec), now_usec);
    topics_run(publisher->link.topics, now_usec);
    publisher_follow_status(publisher, now_usec);
    outbox_run(publisher->outbox, known_wall_usec(publisher), now_usec);
    if (publisher->leftovers_at_usec && now_usec >= publisher->leftovers_at_usec)
        look_again(publisher);
    if (publisher->leftovers_until_usec && now_usec >= publisher->leftovers_until_usec)
        publisher_stop_looking(publisher);
    if (publisher->has_left)
        take_turn(publisher);
    if (publisher->stop_until_usec && now_usec >= publisher->stop_until_usec) {
        if (publisher->leaving) /* and there is no time left to see it go */
            publisher_log_left(publisher->leaving, &publisher->link);
        publisher_finish_stop(publisher);
    }
    publisher_rearm(publisher);
}

static void begin_link(struct publisher *publisher)
{
    rival_init(&publisher->rival, publisher->machine_id);
    topics_mute(publisher->link.topics, true,
                clock_now_usec()); /* until it is clear whose name it is */
}

static void say_what_is_configured(struct publisher *publisher)
{
    publisher_set_discovery(publisher);
    publisher_set_info(publisher);
    publisher_set_status(publisher, "online");
}

/* ---- life ------------------------------------------------------------------------------------- */

/* All that may fail. */
static int make_parts(struct publisher *publisher)
{
    size_t n;
    const struct store_event *rows = store_events(publisher->store, &n);
    int r = outbox_new(&publisher->outbox, &publisher_outbox_callbacks, publisher);

    if (r >= 0)
        r = outbox_load(publisher->outbox, rows, n);
    if (r >= 0)
        r = clock_timer_new(&publisher->timer, publisher->event, CLOCK_NEVER, on_timer, publisher);
    return r < 0 ? r
                 : publisher_make_link(publisher, publisher->conf, publisher->password,
                                       &publisher->link);
}

static void publisher_freep(struct publisher **publisher)
{
    publisher_free(*publisher);
}

int publisher_new(struct publisher **ret, sd_event *event, const struct conf *conf,
                  const char *password, const char *machine_id, struct store *store,
                  const struct publisher_callbacks *callbacks, void *userdata)
{
    _cleanup_(publisher_freep) struct publisher *publisher = calloc(1, sizeof(*publisher));
    int r;

    if (!publisher)
        return -ENOMEM;
    *publisher = (struct publisher){ .event = event,
                                     .conf = conf,
                                     .password = password,
                                     .store = store,
                                     .callbacks = callbacks,
                                     .userdata = userdata };
    snprintf(publisher->machine_id, sizeof(publisher->machine_id), "%s", machine_id);
    r = make_parts(publisher);
    if (r < 0)
        return r;
    publisher_clock(publisher, CLOCK_UNSET);
    begin_link(publisher);
    say_what_is_configured(publisher);
    if (publisher->link.mqtt)
        mqtt_start(publisher->link.mqtt);
    *ret = TAKE_PTR(publisher);
    return 0;
}

struct publisher *publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return NULL;
    clock_timer_unref(publisher->timer);
    publisher_drop_held(publisher);
    while (publisher->answers)
        publisher_free_answer(publisher->answers);
    publisher_leaving_free(publisher->leaving);
    publisher_link_done(&publisher->link);
    outbox_free(publisher->outbox);
    free(publisher);
    return NULL;
}

struct publisher_change *publisher_change_free(struct publisher_change *change)
{
    if (change) {
        publisher_leaving_free(change->leaving);
        publisher_link_done(&change->link);
    }
    free(change);
    return NULL;
}

int publisher_prepare(struct publisher *publisher, const struct conf *conf, const char *password,
                      struct publisher_change **ret)
{
    _cleanup_(publisher_change_freep) struct publisher_change *change = calloc(1, sizeof(*change));
    bool same_password =
        strcmp(password ? password : "", publisher->password ? publisher->password : "") == 0;
    char text[sizeof(publisher->link.text)];
    int r;

    if (!change)
        return -ENOMEM;
    publisher_describe_link(conf, text, sizeof(text));
    change->conf = conf;
    change->password = password;
    change->anew = !same_password || strcmp(text, publisher->link.text) != 0;
    r = change->anew ? publisher_make_link(publisher, conf, password, &change->link) : 0;
    if (r >= 0 && change->anew)
        r = publisher_leaving_new(publisher, &change->leaving);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(change);
    return 0;
}

static void swap_link(struct publisher *publisher, struct publisher_change *change)
{
    bool ours = publisher->link.mqtt && mqtt_is_connected(publisher->link.mqtt) &&
                rival_may_publish(&publisher->rival);

    outbox_set_online(publisher->outbox, false, clock_now_usec());
    publisher_drop_held(publisher);
    if (strcmp(publisher->link.uri, change->link.uri) != 0)
        publisher_forget_askers(publisher);
    publisher->leftovers_at_usec = publisher->leftovers_until_usec = 0;
    if (publisher->link.mqtt && !publisher->leaving) {
        publisher->leaving = TAKE_PTR(change->leaving);
        publisher_leave(publisher->leaving, &publisher->link, ours);
    }
    publisher_link_done(&publisher->link); /* none, or one that did not come to its turn */
    publisher->link = change->link;
    publisher->overruns_seen = publisher->overruns_logged = 0;
    change->link = (struct link){ 0 };
    begin_link(publisher);
    if (publisher->link.mqtt && !publisher->leaving)
        mqtt_start(publisher->link.mqtt);
}

void publisher_set_conf(struct publisher *publisher, struct publisher_change *change)
{
    publisher->conf = change->conf;
    publisher->password = change->password;
    if (change->anew)
        swap_link(publisher, change);
    else
        topics_sweep_begin(publisher->link.topics);
    say_what_is_configured(publisher);
    publisher_change_free(change);
}

void publisher_settle(struct publisher *publisher)
{
    topics_sweep_end(publisher->link.topics, clock_now_usec());
    if (publisher->leaving)
        publisher_leave_nothing(publisher->leaving, &publisher->link);
    /* what lies there of before, and was left alone until it is judged, may be nobody's now */
    if (publisher->link.mqtt && rival_may_publish(&publisher->rival))
        publisher_look_for_leftovers(publisher);
    publisher_rearm(publisher);
}

void publisher_stop(struct publisher *publisher, void (*handler)(void *userdata), void *userdata)
{
    publisher->on_stopped = handler;
    publisher->stopped_userdata = userdata;
    publisher_drop_held(publisher);
    if (publisher->leaving) { /* the last words are its */
        publisher->stop_until_usec = clock_now_usec() + OFFLINE_USEC;
        publisher_rearm(publisher);
        return;
    }
    if (!publisher->link.mqtt || !mqtt_is_connected(publisher->link.mqtt) ||
        !rival_may_publish(&publisher->rival)) {
        publisher_finish_stop(publisher);
        return;
    }
    publisher->stop_until_usec = clock_now_usec() + OFFLINE_USEC;
    publisher_set_status(publisher, "offline");
    topics_run(publisher->link.topics, clock_now_usec());
    publisher_rearm(publisher);
}

/* ---- in and about ------------------------------------------------------------------------------ */

/* Somebody floods us, maybe at a thousand a second: said no oftener than health is. */
static void log_overruns(struct publisher *publisher)
{
    uint64_t overruns = publisher->link.mqtt ? mqtt_overruns(publisher->link.mqtt) : 0;

    if (overruns > publisher->overruns_logged)
        log_warning("broker: messages that came in faster than they were read, dropped: %" PRIu64,
                    overruns);
    publisher->overruns_logged = overruns;
}

/* A mistake of ours, at up to the rate of `live`: said no oftener than health is. */
static void log_refused_values(struct publisher *publisher)
{
    if (render_refused() == publisher->refused_logged)
        return;
    publisher->refused_logged = render_refused();
    log_error("Values out of range, told as null: %" PRIu64 ", the last was %s", render_refused(),
              render_refused_key());
}

int publisher_health(struct publisher *publisher, const struct payload_health *health)
{
    _cleanup_free_ char *payload = render_payload(CONTRACT_HEALTH, health);

    log_overruns(publisher);
    log_refused_values(publisher);
    /* each minute, so that rows grow too old without a broker as well */
    outbox_run(publisher->outbox, known_wall_usec(publisher), clock_now_usec());
    return payload ? topics_publish(publisher->link.topics, TOPIC_HEALTH, NULL, payload,
                                    strlen(payload), 0)
                   : -ENOMEM;
}

void publisher_event(struct publisher *publisher, const struct store_event *event)
{
    if (outbox_add(publisher->outbox, event, 1, known_wall_usec(publisher), clock_now_usec()) < 0)
        log_error("Out of memory: event %s is sent after the next start", event->id);
    publisher_rearm(publisher);
}

void publisher_clock(struct publisher *publisher, enum clock_state clock)
{
    bool begins = publisher->clock == CLOCK_UNSET && clock != CLOCK_UNSET;

    publisher->clock = clock;
    /* of a rule that was switched off meanwhile the verdict was left alone, and is now said by nobody */
    if (begins && publisher->link.mqtt && rival_may_publish(&publisher->rival))
        publisher_look_for_leftovers(publisher);
    outbox_hold(publisher->outbox, clock == CLOCK_UNSET, clock_now_usec());
    publisher_rearm(publisher);
}

static bool has_overruns_of_late(struct publisher *publisher)
{
    uint64_t overruns = mqtt_overruns(publisher->link.mqtt), now_usec = clock_now_usec();

    if (overruns > publisher->overruns_seen)
        publisher->overruns_usec = now_usec;
    publisher->overruns_seen = overruns;
    return overruns > 0 && now_usec - publisher->overruns_usec < OVERRUNS_TOLD_USEC;
}

void publisher_add_health(struct publisher *publisher, struct payload_health *health)
{
    const struct mqtt *mqtt = publisher->link.mqtt;
    const char *problem = mqtt ? mqtt_problem(mqtt) : "No broker is configured: set Uri= in [MQTT]";
    char sentence[PAYLOAD_TEXT_MAX];

    health->events_waiting = (double)outbox_waiting(publisher->outbox);
    health->events_dropped = (double)outbox_dropped(publisher->outbox);
    health->broker_losses = mqtt ? (double)mqtt_losses(mqtt) : 0;
    if (problem)
        payload_health_add(health, "%s", problem);
    /* once we speak, what the log says of the other one is nothing to be done about */
    if (!rival_may_publish(&publisher->rival) &&
        rival_sentence(&publisher->rival, publisher->conf->gateway, sentence, sizeof(sentence)))
        payload_health_add(health, "%s", sentence);
    if (mqtt && has_overruns_of_late(publisher))
        payload_health_add(health,
                           "Messages that came in faster than they were read, dropped: %" PRIu64
                           "; requests among them got no answer",
                           mqtt_overruns(mqtt));
    if (outbox_refused(publisher->outbox) > 0)
        payload_health_add(health,
                           "Events the broker refused three times: %zu; each new link tries them "
                           "again, see its access rules and packet size",
                           outbox_refused(publisher->outbox));
    if (render_refused() > 0)
        payload_health_add(health,
                           "Values out of range, told as null: %" PRIu64
                           ", the last was %s; a mistake in strided",
                           render_refused(), render_refused_key());
}
