/* SPDX-License-Identifier: MIT */
/*
 * CONNECTING. What a Connect reply or a signal claims is never enough for a link to count: only PROVEN
 * (a complete answer of bluetoothd), or a measurement that comes over it, leads to the subscription. What
 * fails is cut, waited out and tried again, for ever.
 */
#include <stdio.h>
#include "daemon/sensors/machine/private.h"
#include "daemon/sensors/radio.h"

#define STAND_USEC     (3 * SECOND) /* for the mirror to show the link after the Connect reply */
#define BUSY_USEC      (4 * SECOND)
#define BUSY_ROW_USEC  (30 * SECOND) /* between two answers of one row, others having their turns */
#define STUCK_USEC     (60 * SECOND)
#define HELD_USEC      (60 * SECOND) /* by another program */
#define NOT_READY_USEC (2 * SECOND)
#define NOT_READY_MAX  2 /* in a row, while it is called on */
#define FAILURES_TOLD  6
#define LINKS_FULL     5 /* what the smaller adapters carry */
#define FAILURES_FULL  4 /* told then: it needs less to guess what is wrong */

/* ---- giving up a link ---- */

static void tell_no_slot(struct sensor *x)
{
    snprintf(
        x->problem, sizeof x->problem,
        "%s cannot connect: the Bluetooth adapter seems to have no connection left (%u are up); "
        "release a sensor or add an adapter",
        x->name, x->company.links);
    x->full_links = x->company.links;
}

/* bluetoothd has the same words for a full adapter as for every other failure, so we count. */
static void tell_failures(struct sensor *x)
{
    if (x->company.links >= LINKS_FULL && x->failures >= FAILURES_FULL)
        tell_no_slot(x);
    else if (x->failures >= FAILURES_TOLD)
        snprintf(
            x->problem, sizeof x->problem,
            "%s advertises, but %u tries in a row to connect failed: maybe connected elsewhere, "
            "too far, or stuck: take its battery out",
            x->name, x->failures);
}

static void count_failure(struct sensor *x, uint64_t now_usec)
{
    x->failures++;
    x->tried_usec = now_usec;
    x->retry_usec = now_usec + radio_backoff_usec(x->failures, &x->seed);
    x->life_usec = now_usec;
    tell_failures(x);
}

static uint32_t fail(struct sensor *x, const char *reason, uint64_t now_usec)
{
    uint32_t actions = sensor_hang_up(x, now_usec);
    count_failure(x, now_usec);
    sensor_set_state(x, SENSOR_WAITING, reason, now_usec);
    return actions;
}

/* What bluetoothd keeps of it may be what is wrong (a bearer it does not speak, old services): the
 * next advert makes it anew. A bond is kept by whoever carries this out. */
static uint32_t forget(struct sensor *x, const char *reason, uint64_t now_usec)
{
    sensor_set_state(x, SENSOR_ABSENT, reason, now_usec);
    return SENSOR_DO_REMOVE;
}

static uint32_t fail_to_connect(struct sensor *x, const char *reason, uint64_t now_usec)
{
    uint32_t actions = fail(x, reason, now_usec);
    if (x->failures % FAILURES_TOLD != 0 || x->company.links >= LINKS_FULL)
        return actions;
    actions |= forget(x, "connecting fails again and again: looking for it anew", now_usec);
    tell_failures(x); /* it is forgotten, not gone */
    return actions;
}

/* bluetoothd forgets what its adapter could not connect to, as a rule without an answer to whoever asked. */
static void be_forgotten(struct sensor *x, uint64_t now_usec)
{
    sensor_set_state(x, SENSOR_ABSENT, "bluetoothd has forgotten it; looking for it anew",
                     now_usec);
    count_failure(x, now_usec);
}

bool sensor_is_past_help(const struct sensor *x)
{
    return x->failures > 2 * FAILURES_TOLD;
}

/* ---- connecting ---- */

static uint32_t on_busy(struct sensor *x, uint64_t now_usec)
{
    if (x->busy_usec == 0 || now_usec - x->busy_usec >= BUSY_ROW_USEC)
        x->busy_from_usec = now_usec;
    x->busy_usec = now_usec;
    /* Somebody's Connect is pending: our own, or another program's, which we would cancel with it.
     * bluetoothd gives up each after 41 s, and they take 10 s where the adapter is scanned with. */
    bool cancel = x->stray || now_usec - x->busy_from_usec >= STUCK_USEC;
    uint32_t actions = cancel ? sensor_hang_up(x, now_usec) : 0;
    if (cancel)
        x->busy_usec = 0;
    x->retry_usec = now_usec + (cancel ? SECOND : BUSY_USEC);
    x->life_usec = now_usec;
    sensor_set_state(x, SENSOR_WAITING, "somebody else is connecting to it", now_usec);
    return actions;
}

static uint32_t on_no_slot(struct sensor *x, uint64_t now_usec)
{
    uint32_t actions = fail(x, "the adapter has no connection left", now_usec);
    if (x->retry_usec < now_usec + BUSY_USEC)
        x->retry_usec = now_usec + BUSY_USEC;
    tell_no_slot(x);
    return actions;
}

/* The adapter has gone, and we are not told yet; or it is what bluetoothd says of whatever the kernel
 * refuses at once. */
static uint32_t on_not_ready(struct sensor *x, const char *reason, uint64_t now_usec)
{
    if (++x->not_ready > NOT_READY_MAX)
        return fail_to_connect(x, reason, now_usec);
    x->retry_usec = now_usec + NOT_READY_USEC;
    sensor_set_state(x, SENSOR_WAITING, "the adapter is not ready", now_usec);
    return 0;
}

static uint32_t on_connect_reply(struct sensor *x, const struct sensor_event *event,
                                 uint64_t now_usec)
{
    char reason[PAYLOAD_TEXT_MAX];
    if (x->step != SENSOR_DIALLING)
        return 0; /* services were proven before the reply came */
    if (event->outcome == BLUEZ_IN_PROGRESS)
        return on_busy(x, now_usec);
    x->stray = false;
    x->busy_usec = 0;
    if (event->outcome != BLUEZ_NOT_READY)
        x->not_ready = 0;
    snprintf(reason, sizeof reason, "connecting failed: %.100s", event->text);
    switch (event->outcome) {
    case BLUEZ_DONE:
    case BLUEZ_ALREADY:
        x->link_usec = now_usec;
        return sensor_begin_proof(x, now_usec);
    case BLUEZ_NOT_READY:
        return on_not_ready(x, reason, now_usec);
    case BLUEZ_OBJECT_GONE:
        be_forgotten(x, now_usec);
        return 0;
    case BLUEZ_NO_SLOT:
        return on_no_slot(x, now_usec);
    case BLUEZ_NOT_PERMITTED:
    case BLUEZ_NOT_CONNECTED:
    case BLUEZ_TIMED_OUT:
    case BLUEZ_FAILED:
    case BLUEZ_IN_PROGRESS:
        break;
    }
    return fail_to_connect(x, reason, now_usec);
}

static uint32_t become_usable(struct sensor *x, const char *reason, uint64_t now_usec)
{
    if (x->usable)
        return 0;
    x->usable = true;
    x->let_go = false;
    x->unproven = x->turns = x->full_links = 0;
    x->packet_usec = now_usec;
    sensor_set_state(x, SENSOR_STREAMING, reason, now_usec);
    return SENSOR_DO_LINK_UP;
}

static uint32_t on_services_missing(struct sensor *x, uint64_t now_usec)
{
    uint32_t actions = fail(x, "connected, but its services did not show within 20 s", now_usec);
    if (++x->unproven < 2)
        return actions;
    x->unproven = 0;
    return actions | forget(x, "its services did not show twice: looking for it anew", now_usec);
}

/* A machine that speaks its maker's language only, a bicycle, an older list of bluetoothd's: once it is
 * made anew. After that it is left to its own app, until it was away: it might come back as another. */
static uint32_t on_foreign(struct sensor *x, uint64_t now_usec)
{
    if (++x->foreign < FOREIGN_SURE)
        return fail(x, "connected, but it has nothing that can be read", now_usec) |
               forget(x, "it has nothing that can be read: looking for it anew", now_usec);
    uint32_t actions = sensor_hang_up(x, now_usec) | SENSOR_DO_UNSUBSCRIBE;
    x->ours_usec = x->tried_usec = 0;
    sensor_let_go(x,
                  "it has nothing that can be read: no heart rate, no running cadence, no "
                  "treadmill data",
                  now_usec);
    return actions;
}

static uint32_t on_connecting_tick(struct sensor *x, uint64_t now_usec)
{
    switch (x->step) {
    case SENSOR_DIALLING:
        return now_usec - x->since_usec >= DIAL_USEC
                   ? fail_to_connect(x, "no link within 15 s", now_usec)
                   : 0;
    case SENSOR_PROVING:
        x->asked_usec = now_usec;
        return now_usec - x->replied_usec >= PROVE_USEC ? on_services_missing(x, now_usec)
                                                        : SENSOR_DO_PROVE;
    case SENSOR_SUBSCRIBING:
        break;
    }
    return now_usec - x->replied_usec >= SUBSCRIBE_USEC
               ? fail(x, "it does not answer the subscription", now_usec)
               : 0;
}

static uint32_t on_link_down_early(struct sensor *x, const struct sensor_event *event,
                                   uint64_t now_usec)
{
    if (event->flag) {
        be_forgotten(x, now_usec);
        return 0;
    }
    if (x->step == SENSOR_DIALLING)
        return 0; /* the reply tells */
    /* after one such end, bluetoothd may have subscribed by itself before we had proof */
    bool subscribed = x->step == SENSOR_SUBSCRIBING || x->mute_ends > 0;
    uint32_t actions = fail_to_connect(x, "the link broke before it could be used", now_usec);
    x->closing = false; /* nothing is left to be cut */
    if (subscribed)
        actions |= sensor_check_mute_end(x, now_usec);
    return actions & ~(uint32_t)SENSOR_DO_DISCONNECT;
}

/* A link that we did not make, and that somebody has to himself: to cut it would take it from him, and he would
 * make it anew. */
static uint32_t leave(struct sensor *x, uint64_t now_usec)
{
    x->ours_usec = x->tried_usec = 0;
    x->retry_usec = now_usec + HELD_USEC;
    sensor_let_go(x, "it was connected by another program, which has it to itself", now_usec);
    return SENSOR_DO_UNSUBSCRIBE;
}

static uint32_t on_refused(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    char reason[PAYLOAD_TEXT_MAX];
    bool held = event->outcome == BLUEZ_NOT_PERMITTED;
    snprintf(reason, sizeof reason, "it refuses the subscription: %.90s", event->text);
    uint32_t actions = held && x->adopted ? leave(x, now_usec) : fail(x, reason, now_usec);
    if (held)
        snprintf(
            x->problem, sizeof x->problem,
            "%s refuses to send: it wants to be paired, sharing switched on, or another program "
            "here holds it",
            x->name);
    return actions;
}

static uint32_t on_proven(struct sensor *x, uint64_t now_usec)
{
    if (x->step == SENSOR_SUBSCRIBING)
        return 0;
    if (x->step == SENSOR_DIALLING)
        x->link_usec = now_usec;
    x->linked = true; /* though the signal may never have come */
    x->step = SENSOR_SUBSCRIBING;
    x->replied_usec = now_usec;
    x->foreign = 0;
    channels_reset(&x->channels);
    return SENSOR_DO_SUBSCRIBE;
}

/* bluetoothd subscribes anew by itself for who did on an earlier link, seconds before it calls the
 * services resolved: what the sensor says in between counts. */
static uint32_t on_packet(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    uint32_t actions = 0;
    if (x->step != SENSOR_SUBSCRIBING) {
        if (!event->flag)
            return 0;
        actions = on_proven(x, now_usec);
    }
    return actions | become_usable(x, "packets come", now_usec);
}

static uint32_t on_unproven(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    if (x->step == SENSOR_PROVING && !event->flag && now_usec - x->replied_usec >= STAND_USEC)
        return fail(x, "the link did not stand", now_usec);
    return 0;
}

uint32_t sensor_on_connecting(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    switch (event->kind) {
    case SENSOR_EV_CONNECT_REPLY:
        return on_connect_reply(x, event, now_usec);
    case SENSOR_EV_PROVEN:
        return on_proven(x, now_usec);
    case SENSOR_EV_UNPROVEN:
        return on_unproven(x, event, now_usec);
    case SENSOR_EV_FOREIGN:
        return x->step == SENSOR_SUBSCRIBING ? 0 : on_foreign(x, now_usec);
    case SENSOR_EV_SUBSCRIBED:
        return become_usable(x, "subscribed", now_usec);
    case SENSOR_EV_PACKET:
        return on_packet(x, event, now_usec);
    case SENSOR_EV_REFUSED:
        return on_refused(x, event, now_usec);
    case SENSOR_EV_LINK_DOWN:
        return on_link_down_early(x, event, now_usec);
    case SENSOR_EV_TICK:
        return on_connecting_tick(x, now_usec);
    case SENSOR_EV_SERVICES_LOST:
        return x->step == SENSOR_SUBSCRIBING ? sensor_begin_proof(x, now_usec) : 0;
    case SENSOR_EV_ONE_REFUSED: /* another may be accepted yet */
    case SENSOR_EV_ADVERT:
    case SENSOR_EV_BURST:
    case SENSOR_EV_LINK_FOUND:
    case SENSOR_EV_AVAILABLE:
    case SENSOR_EV_UNAVAILABLE:
    case SENSOR_EV_RELEASE:
    case SENSOR_EV_TURN:
        break;
    }
    return 0;
}
