/* SPDX-License-Identifier: MIT */
/*
 * The diagram is in sensor.h. Each state has a handler: in unlinked.c, connecting.c and usable.c; here
 * is what holds in every state, and which event may come in which. One that may not is said in the log
 * as our bug and changes nothing.
 */
#include "daemon/sensors/machine/sensor.h"

#include <stdio.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/sensors/machine/private.h"

#define CLOSE_USEC (10 * SECOND)

/* ---- bus, adapter, person ---- */

static uint32_t become_available(struct sensor *x, uint64_t now_usec)
{
    if (x->state != SENSOR_UNAVAILABLE)
        return 0;
    if (x->released_until_usec > now_usec)
        sensor_set_state(x, SENSOR_RELEASED, "let go because it was asked for", now_usec);
    else if (x->let_go) /* it had its one connection; bluetoothd's restart gives it no second */
        sensor_let_go(x, x->let_go_why, now_usec);
    else
        sensor_set_state(x, SENSOR_ABSENT, "not heard yet", now_usec);
    return x->state == SENSOR_RELEASED ? SENSOR_DO_UNSUBSCRIBE : 0;
}

static uint32_t become_unavailable(struct sensor *x, const char *text, uint64_t now_usec)
{
    uint32_t actions = x->usable ? SENSOR_DO_LINK_DOWN : 0;
    if (x->usable) {
        x->drops++;
        x->ours_usec = now_usec;
    }
    x->usable = x->linked = x->closing = false;
    x->heard_usec = x->run_usec = x->retry_usec = x->tried_usec = 0;
    x->failures = x->unproven = x->not_ready = 0;
    x->busy_usec = 0;
    x->stray |= x->state == SENSOR_CONNECTING && x->step == SENSOR_DIALLING;
    x->life_usec = now_usec;
    sensor_set_state(x, SENSOR_UNAVAILABLE, text, now_usec);
    return actions;
}

static uint32_t release(struct sensor *x, const char *text, uint64_t until_usec, uint64_t now_usec)
{
    const char *reason = text ? text : "let go because it was asked for";
    uint32_t actions = SENSOR_DO_UNSUBSCRIBE; /* it is left to others, whole */
    x->released_until_usec = until_usec > now_usec ? until_usec : 0;
    x->let_go = false;
    if (x->state == SENSOR_UNAVAILABLE)
        return 0;
    if (x->released_until_usec == 0) {
        if (x->state == SENSOR_RELEASED)
            sensor_set_state(x, SENSOR_ABSENT, "asked to come back", now_usec);
        return 0;
    }
    if (x->usable || x->state == SENSOR_CONNECTING)
        actions |= sensor_hang_up(x, now_usec);
    x->ours_usec = x->tried_usec = 0;
    sensor_set_state(x, SENSOR_RELEASED, reason, now_usec);
    return actions;
}

/* ---- every state ---- */

static void note(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (event->kind == SENSOR_EV_ADVERT) {
        x->run_usec = x->run_usec == 0 ? now_usec : x->run_usec;
        x->heard_usec = x->life_usec = now_usec;
        x->heard_in_burst = true;
        x->quiet_bursts = 0;
    } else if (event->kind == SENSOR_EV_BURST) {
        x->quiet_bursts += !x->heard_in_burst;
        x->heard_in_burst = false;
    } else if (event->kind == SENSOR_EV_LINK_FOUND) {
        x->linked = true;
        x->stray = false;
    } else if (event->kind == SENSOR_EV_LINK_DOWN) {
        x->linked = x->closing = false;
    } else if (event->kind == SENSOR_EV_PACKET) {
        channels_spoke(&x->channels, event->uuid, now_usec);
    } else if (event->kind == SENSOR_EV_SUBSCRIBED) {
        channels_accepted(&x->channels, event->uuid, now_usec);
    } else if (event->kind == SENSOR_EV_ONE_REFUSED) {
        channels_refused(&x->channels, event->uuid, now_usec);
    }
    if (x->company.links <
        x->full_links) /* there is a place now: at once, however often it failed */
        x->retry_usec = x->full_links = 0;
    if (!sensor_is_wanted(x, now_usec))
        x->wanted_usec = 0;
    else if (x->wanted_usec == 0)
        x->wanted_usec = now_usec;
}

#define BIT(event) (UINT32_C(1) << SENSOR_EV_##event)
#define OF_THE_AIR (BIT(TICK) | BIT(ADVERT) | BIT(BURST) | BIT(LINK_FOUND) | BIT(LINK_DOWN))
#define OF_A_LINK                                                                                  \
    (OF_THE_AIR | BIT(CONNECT_REPLY) | BIT(PROVEN) | BIT(UNPROVEN) | BIT(FOREIGN) |                \
     BIT(SUBSCRIBED) | BIT(ONE_REFUSED) | BIT(REFUSED) | BIT(PACKET) | BIT(SERVICES_LOST))

/* A late answer about an older link never gets here (its cookie tells), so a link's events come while
 * there is one. */
static const uint32_t may_come[] = {
    [SENSOR_ABSENT] = OF_THE_AIR,
    [SENSOR_SEEN] = OF_THE_AIR,
    [SENSOR_WAITING] = OF_THE_AIR | BIT(TURN),
    [SENSOR_CONNECTING] = OF_A_LINK,
    [SENSOR_STREAMING] = OF_A_LINK,
    [SENSOR_SILENT] = OF_A_LINK,
    [SENSOR_RELEASED] = OF_THE_AIR,
    [SENSOR_UNAVAILABLE] = UINT32_MAX, /* whatever was on its way when the adapter went */
};

static uint32_t dispatch(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (!(may_come[x->state] & UINT32_C(1) << event->kind)) {
        log_warning("%s: event %d does not belong into state %s; this is a bug of ours", x->name,
                    (int)event->kind, sensor_state_name(x->state));
        return 0;
    }
    switch (x->state) {
    case SENSOR_ABSENT:
        return sensor_on_absent(x, event, now_usec);
    case SENSOR_SEEN:
        return sensor_on_seen(x, event, now_usec);
    case SENSOR_WAITING:
        return sensor_on_waiting(x, event, now_usec);
    case SENSOR_CONNECTING:
        return sensor_on_connecting(x, event, now_usec);
    case SENSOR_STREAMING:
    case SENSOR_SILENT:
        return sensor_on_usable(x, event, now_usec);
    case SENSOR_RELEASED:
        return sensor_on_released(x, event, now_usec);
    case SENSOR_UNAVAILABLE:
        return 0;
    }
    return 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t usable_deadline(const struct sensor *x, uint64_t now_usec)
{
    return earlier(sensor_idle_deadline(x),
                   channels_deadline(&x->channels, x->moved_usec, now_usec));
}

static uint64_t deadline_of(const struct sensor *x, uint64_t now_usec)
{
    switch (x->state) {
    case SENSOR_ABSENT:
        return sensor_adoption_usec(x, now_usec);
    case SENSOR_SEEN:
        return x->wanted_usec != 0 ? sensor_adoption_usec(x, now_usec) : x->heard_usec + STALE_USEC;
    case SENSOR_WAITING:
        return x->retry_usec > now_usec ? x->retry_usec : sensor_adoption_usec(x, now_usec);
    case SENSOR_CONNECTING:
        return x->step == SENSOR_DIALLING ? x->since_usec + DIAL_USEC
               : x->step == SENSOR_SUBSCRIBING
                   ? x->replied_usec + SUBSCRIBE_USEC
                   : earlier(x->asked_usec + ASK_AGAIN_USEC, x->replied_usec + PROVE_USEC);
    case SENSOR_STREAMING:
        return earlier(x->packet_usec + CHANNEL_SILENT_USEC, usable_deadline(x, now_usec));
    case SENSOR_SILENT:
        return sensor_cut_usec(x) == SENSOR_NEVER
                   ? usable_deadline(x, now_usec)
                   : earlier(x->packet_usec + sensor_cut_usec(x), usable_deadline(x, now_usec));
    case SENSOR_RELEASED:
        return x->released_until_usec > now_usec ? x->released_until_usec
               : x->retry_usec > now_usec        ? x->retry_usec
                                                 : SENSOR_NEVER;
    case SENSOR_UNAVAILABLE:
        break;
    }
    return SENSOR_NEVER;
}

/* A Disconnect that led to nothing is repeated for as long as BlueZ shows the link. */
static uint32_t check_closing(struct sensor *x, uint64_t now_usec)
{
    if (!x->closing || now_usec - x->closing_usec < CLOSE_USEC)
        return 0;
    x->closing = x->linked;
    x->closing_usec = now_usec;
    return x->linked ? SENSOR_DO_DISCONNECT : 0;
}

uint32_t sensor_feed(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    uint32_t actions = check_closing(x, now_usec);
    note(x, event, now_usec);
    if (event->kind == SENSOR_EV_AVAILABLE)
        actions |= become_available(x, now_usec);
    else if (event->kind == SENSOR_EV_UNAVAILABLE)
        actions |= become_unavailable(x, event->text, now_usec);
    else if (event->kind == SENSOR_EV_RELEASE)
        actions |= release(x, event->text, event->until_usec, now_usec);
    else
        actions |= dispatch(x, event, now_usec);
    sensor_say_what_lacks(x);
    if (x->adopted) /* what others connected is not ours to remove */
        actions &= ~(uint32_t)SENSOR_DO_REMOVE;
    x->deadline_usec = deadline_of(x, now_usec);
    if (x->closing)
        x->deadline_usec = earlier(x->deadline_usec, x->closing_usec + CLOSE_USEC);
    return actions;
}

void sensor_set_rules(struct sensor *x, const struct conf_sensor *conf)
{
    memcpy(x->name, conf->name, sizeof x->name);
    x->connect = conf->connect;
    x->grace_usec = conf->grace_usec;
    x->idle_usec = conf->idle_timeout_usec;
}

void sensor_init(struct sensor *x, const struct conf_sensor *conf, uint32_t seed, uint64_t now_usec)
{
    *x = (struct sensor){ .state = SENSOR_UNAVAILABLE,
                          .since_usec = now_usec,
                          .deadline_usec = SENSOR_NEVER,
                          .stray = true,
                          .seed = seed != 0 ? seed : 1 };
    snprintf(x->reason, sizeof x->reason, "starting");
    sensor_set_rules(x, conf);
}
