/* SPDX-License-Identifier: MIT */
/* The hands of a sensor's machine: connect, prove, and what BlueZ says of its link. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/sensors/set.h"
#include "daemon/util.h"
#include "lib/gatt/gatt.h"

/* After so long, what shows of the services is taken for all there is. */
#define PARTIAL_USEC (3 * 1000000ULL)

static struct bluez_device *device_of(const struct link *link)
{
    return bluez_find(link->sensors->bluez, link->address);
}

void link_feed_outcome(struct link *link, enum sensor_event_kind kind, enum bluez_outcome outcome,
                       const char *text, uint64_t now_usec)
{
    char clean[100];
    bluez_text(clean, sizeof clean, text, strlen(text));
    struct sensor_event event = { .kind = kind, .outcome = outcome, .text = clean };
    link_feed(link, &event, now_usec);
}

/* ---- connect, disconnect, remove ---- */

static void on_connect_reply(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    if (link)
        link_feed_outcome(link, SENSOR_EV_CONNECT_REPLY, reply->outcome, reply->text,
                          clock_now_usec());
}

static void do_connect(struct link *link, uint64_t now_usec)
{
    const struct bluez_device *device = device_of(link);
    int r =
        device ? bluez_connect(link->sensors->bluez, device, on_connect_reply, link_cookie(link, 0))
               : -ENOENT;
    if (r == -ENOENT)
        link_feed_outcome(link, SENSOR_EV_CONNECT_REPLY, BLUEZ_OBJECT_GONE, "", now_usec);
    else if (r < 0)
        link_feed_outcome(link, SENSOR_EV_CONNECT_REPLY, BLUEZ_FAILED, strerror(-r), now_usec);
}

static void on_disconnect_reply(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_cookie(userdata, cookie);
    const struct bluez_device *device = link ? device_of(link) : NULL;
    /* Still connected: its signal is on the way, or the machine tries again. */
    if (link && link->machine.closing && (!device || !device->connected))
        link_feed_kind(link, SENSOR_EV_LINK_DOWN, clock_now_usec());
}

static void do_disconnect(struct link *link, uint64_t now_usec)
{
    const struct bluez_device *device = device_of(link);
    int r = device ? bluez_disconnect(link->sensors->bluez, device, on_disconnect_reply,
                                      link_cookie(link, 0))
                   : -ENOENT;
    if (r < 0)
        link_feed_kind(link, SENSOR_EV_LINK_DOWN, now_usec);
}

static void on_remove_reply(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    const struct link *link = link_of_cookie(userdata, cookie);
    if (link && reply->outcome != BLUEZ_DONE && reply->outcome != BLUEZ_OBJECT_GONE)
        log_info("%s: bluetoothd does not forget it: %s", link->machine.name, reply->text);
}

static void do_remove(struct link *link)
{
    const struct bluez_device *device = device_of(link);
    if (!device || device->paired ||
        device->trusted) /* the owner's doing; it is never thrown away */
        return;
    int r = bluez_remove(link->sensors->bluez, device, on_remove_reply, link_cookie(link, 0));
    if (r < 0)
        log_warning_errno(r, "%s: failed to have bluetoothd forget it: %m", link->machine.name);
}

/* ---- prove ---- */

struct proof { /* of what a sensor's services promise to measure */
    bool some, all;
};

static struct proof measurements_of(const struct bluez_device *device)
{
    struct proof proof = { .all = true };
    const struct gatt_characteristic *row;
    for (size_t i = 0; (row = gatt_at(i)); i++) {
        if (row->use != GATT_NOTIFY || row->kind == GATT_KIND_NONE)
            continue;
        if (bluez_device_characteristic(device, row->uuid))
            proof.some = true;
        else if (device->services & bluez_service_bit(row->service) &&
                 row->kind != GATT_KIND_BAROMETER) /* of the air each senses something else */
            proof.all = false;
    }
    proof.all &= proof.some;
    return proof;
}

static enum sensor_event_kind judge(struct link *link, const struct bluez_device *device,
                                    uint64_t now_usec)
{
    if (!device || !device->connected || !device->resolved || !device->has_gatt) {
        link->partial_usec = 0;
        return SENSOR_EV_UNPROVEN;
    }
    struct proof proof = measurements_of(device);
    if (proof.all)
        return SENSOR_EV_PROVEN;
    if (link->partial_usec == 0)
        link->partial_usec = now_usec;
    if (now_usec - link->partial_usec < PARTIAL_USEC)
        return SENSOR_EV_UNPROVEN;
    return proof.some ? SENSOR_EV_PROVEN : SENSOR_EV_FOREIGN;
}

void link_on_answer(struct link *link, uint64_t number, uint64_t now_usec)
{
    const struct bluez_device *device = device_of(link);
    if (device && device->connected && !link->machine.linked) {
        struct sensor_event found = { .kind = SENSOR_EV_LINK_FOUND,
                                      .flag = link->sensors->just_came };
        link_feed(link, &found, now_usec);
    }
    if (link->asked == 0 || link->asked > number)
        return;
    link->asked = 0;
    struct sensor_event event = { .kind = judge(link, device, now_usec),
                                  .flag = device && device->connected };
    if (link->machine.state == SENSOR_CONNECTING || link->machine.usable)
        link_feed(link, &event, now_usec);
}

/* ---- the machine ---- */

static void tell_link(struct link *link, bool up, uint64_t now_usec)
{
    const struct sensors *sensors = link->sensors;
    sensors->callbacks.on_link(sensors->userdata, link->index, up, now_usec);
}

static void act(struct link *link, uint32_t actions, uint64_t now_usec)
{
    if (actions & SENSOR_DO_LINK_DOWN)
        tell_link(link, false, now_usec);
    if (actions & SENSOR_DO_CONNECT)
        do_connect(link, now_usec);
    if (actions & SENSOR_DO_UNSUBSCRIBE)
        link_unsubscribe(link);
    if (actions & SENSOR_DO_DISCONNECT)
        do_disconnect(link, now_usec);
    if (actions & SENSOR_DO_REMOVE)
        do_remove(link);
    if (actions & SENSOR_DO_PROVE)
        link->asked = bluez_ask(link->sensors->bluez);
    if (actions & SENSOR_DO_SUBSCRIBE)
        link_subscribe(link, now_usec);
    if (actions & SENSOR_DO_RENEW)
        link_renew(link);
    if (actions & SENSOR_DO_LINK_UP) {
        tell_link(link, true, now_usec);
        link->next_read = 0;
        link_read_next(link);
    }
}

static bool has_attempt(const struct link *link)
{
    return link->machine.usable || link->machine.state == SENSOR_CONNECTING;
}

void link_feed(struct link *link, const struct sensor_event *event, uint64_t now_usec)
{
    bool had = has_attempt(link), was_usable = link->machine.usable;
    uint32_t actions = sensor_feed(&link->machine, event, now_usec);
    bool other = had != has_attempt(link) || (was_usable && !link->machine.usable);
    if (other) {
        link->attempt++;
        link->asked = link->partial_usec = 0;
        link->subscribed = 0;
    }
    act(link, actions, now_usec);
    link_show(link);
    sensors_wake(link->sensors,
                 event->kind == SENSOR_EV_TICK ? link->machine.deadline_usec : now_usec);
}

void link_feed_kind(struct link *link, enum sensor_event_kind kind, uint64_t now_usec)
{
    struct sensor_event event = { .kind = kind, .text = "" };
    link_feed(link, &event, now_usec);
}

/* ---- from BlueZ ---- */

static void on_link_said(struct link *link, const struct bluez_device *device, uint32_t changes,
                         uint64_t now_usec)
{
    struct sensor_event down = { .kind = SENSOR_EV_LINK_DOWN,
                                 .flag = changes & BLUEZ_CHANGED_REMOVED };
    struct sensor_event found = { .kind = SENSOR_EV_LINK_FOUND, .flag = link->sensors->just_came };
    if (device->connected && !link->machine.linked)
        link_feed(link, &found, now_usec);
    else if (changes & BLUEZ_CHANGED_CONNECTED && !device->connected &&
             (link->machine.linked || (down.flag && has_attempt(link))))
        link_feed(link, &down, now_usec);
    if (device->resolved && link->machine.state == SENSOR_CONNECTING &&
        link->machine.step != SENSOR_SUBSCRIBING && link->asked == 0)
        link->asked = bluez_ask(link->sensors->bluez);
    else if (device->resolved && !device->connected) /* it did not say so of a first link */
        bluez_ask(link->sensors->bluez);
}

static void on_heard(struct link *link, const struct bluez_device *device, uint64_t now_usec)
{
    link->seen_usec = now_usec;
    if (device->has_rssi) {
        link->signal_usec = now_usec;
        link->signal_dbm = device->rssi_dbm;
    }
    link_feed_kind(link, SENSOR_EV_ADVERT, now_usec);
}

static void on_services_changed(struct link *link, const struct bluez_device *device,
                                uint64_t now_usec)
{
    const struct sensor *x = &link->machine;
    bool connecting = x->state == SENSOR_CONNECTING;
    if (x->usable && link_has_lost_services(link, device))
        link_feed_kind(link, SENSOR_EV_SERVICES_LOST, now_usec);
    else if (x->usable || (connecting && x->step == SENSOR_SUBSCRIBING))
        link_subscribe_new(link, device);
    else if (connecting && x->step == SENSOR_PROVING && link->asked == 0)
        link->asked = bluez_ask(link->sensors->bluez);
}

void link_on_device(struct link *link, const struct bluez_device *device, uint32_t changes,
                    uint64_t now_usec)
{
    if (device->services != 0)
        link->machine.services = device->services;
    if (device->battery_pct >= 0)
        link->battery_pct = device->battery_pct;
    if (changes & (BLUEZ_CHANGED_LINK | BLUEZ_CHANGED_REMOVED))
        on_link_said(link, device, changes, now_usec);
    if (changes & (BLUEZ_CHANGED_GATT | BLUEZ_CHANGED_REMOVED))
        link_disarm(link, device, changes);
    if (changes & BLUEZ_CHANGED_GATT)
        on_services_changed(link, device, now_usec);
    if (changes & BLUEZ_CHANGED_ADVERT && !(changes & BLUEZ_CHANGED_REMOVED))
        on_heard(link, device, now_usec);
    link_show(link);
}

void link_on_value(struct link *link, uint16_t uuid, const uint8_t *bytes, size_t length,
                   uint64_t now_usec)
{
    struct sensor_event event = { .kind = SENSOR_EV_PACKET, .uuid = uuid };
    const struct sensor_characteristic *characteristic = sensor_characteristic(uuid);
    if (!characteristic || !characteristic->notify)
        return;
    if (link->machine.state == SENSOR_STREAMING && !link->machine.lacks) {
        sensor_feed(&link->machine, &event, now_usec); /* the busy path: nothing comes of it */
        sensors_wake(link->sensors, link->machine.deadline_usec);
    } else if (has_attempt(link)) {
        const struct bluez_device *device = device_of(link);
        event.flag = device && measurements_of(device).all;
        link_feed(link, &event, now_usec);
    }
    if (!link->machine.usable)
        return; /* a link that is not proven yet, or one that we are leaving */
    link->seen_usec = now_usec;
    sensors_wake(link->sensors, link_show_usec(link));
    link->sensors->callbacks.on_notification(link->sensors->userdata, link->index, uuid, bytes,
                                             length, now_usec);
}

void link_set_conf(struct link *link, const struct conf_sensor *conf, size_t index)
{
    link->index = index;
    link->runner = conf->runner;
    memcpy(link->address, conf->address, sizeof link->address);
    sensor_set_rules(&link->machine, conf);
}

/* Before anything is heard of it: a link that it has already is another program's then. */
static void take_release(struct link *link, const struct conf_sensor *conf, uint64_t now_usec)
{
    const struct sensors *sensors = link->sensors;
    struct sensor_event event = { .kind = SENSOR_EV_RELEASE };
    if (sensors->callbacks.released_until)
        event.until_usec = sensors->callbacks.released_until(sensors->userdata, conf);
    if (event.until_usec > now_usec)
        (void)sensor_feed(&link->machine, &event,
                          now_usec); /* it is unavailable yet: nothing to do */
}

int link_new(struct link **ret, struct sensors *sensors, const struct conf_sensor *conf,
             size_t index)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link)
        return -ENOMEM;
    link->sensors = sensors;
    link->id = ++sensors->last_id;
    link->battery_pct = NAN;
    uint32_t seed = 0x9E3779B9; /* its own jitter, and the same one each time */
    for (const char *p = conf->address; *p; p++)
        seed = (seed ^ (uint8_t)*p) * 0x01000193;
    uint64_t now_usec = clock_now_usec();
    sensor_init(&link->machine, conf, seed, now_usec);
    take_release(link, conf, now_usec);
    link_set_conf(link, conf, index);
    *ret = link;
    return 0;
}
