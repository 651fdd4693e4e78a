/* SPDX-License-Identifier: MIT */
/*
 * What a sensor is to tell by itself: one subscription a characteristic. The link is usable with the
 * first that is accepted; one that is refused or has died is made anew (machine/channel.h says when).
 * bluetoothd writes the sensor's side of it only when nobody was subscribed before, so one that has died is
 * stopped first. One that was refused is not: another program may have the characteristic to itself, and
 * StopNotify ends that, whoever asks for it.
 */
#include <errno.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/sensors/set.h"

#define NOT_SENT "the call could not be sent"

_Static_assert(SENSOR_NOTIFY_MAX <= 8 * sizeof(((struct link *)NULL)->subscribed) &&
                   SENSOR_NOTIFY_MAX <= 8 * sizeof(((struct link *)NULL)->armed),
               "a bit for each row");

static uint16_t uuid_of(size_t row)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);
    return row < n ? table[row].uuid : 0;
}

static bool is_accepted(const struct bluez_reply *reply)
{
    return reply->outcome == BLUEZ_DONE || reply->outcome == BLUEZ_IN_PROGRESS ||
           reply->outcome == BLUEZ_ALREADY;
}

static void feed_answer(struct link *link, size_t row, bool accepted)
{
    struct sensor_event event = { .kind = accepted ? SENSOR_EV_SUBSCRIBED : SENSOR_EV_ONE_REFUSED,
                                  .uuid = uuid_of(row) };
    if (accepted)
        link->subscribed |= 1u << row;
    else
        link->subscribed &= ~(1u << row);
    link->armed = (link->armed & ~(1u << row)) | (link->subscribed & 1u << row);
    link_feed(link, &event, clock_now_usec());
}

typedef int (*characteristic_call)(struct bluez *bluez, const struct bluez_device *device,
                                   const struct bluez_characteristic *characteristic,
                                   bluez_call_handler handler, uint64_t cookie);

/* -ENOENT: it does not show. */
static int call(struct link *link, size_t row, characteristic_call what, bluez_call_handler handler)
{
    const struct bluez_device *device = bluez_find(link->sensors->bluez, link->address);
    const struct bluez_characteristic *c =
        device ? bluez_device_characteristic(device, uuid_of(row)) : NULL;
    if (!c)
        return -ENOENT;
    int r = what(link->sensors->bluez, device, c, handler, link_cookie(link, row));
    if (r >= 0)
        link->called[row] = c->number;
    return r;
}

/* ---- all of them, when the link is proven ---- */

static void on_subscribed(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    if (!link)
        return;
    link->pending--;
    link->accepted += is_accepted(reply);
    if (!is_accepted(reply))
        log_info("%s: a subscription failed: %s", link->machine.name, reply->text);
    feed_answer(link, cookie & 0xFF, is_accepted(reply));
    if (link->pending == 0 && link->accepted == 0)
        link_feed_outcome(link, SENSOR_EV_REFUSED, reply->outcome, reply->text, clock_now_usec());
}

/* That it was asked is what counts, not what it said. */
static void on_switch_read(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    struct bluez_reply not_sent = { .outcome = BLUEZ_FAILED, .text = NOT_SENT };
    if (link && call(link, cookie & 0xFF, bluez_start_notify, on_subscribed) < 0)
        on_subscribed(userdata, cookie, &not_sent);
}

static int begin(struct link *link, size_t row)
{
    if (link->machine.read_first && call(link, row, bluez_read_ccc, on_switch_read) >= 0)
        return 0;
    return call(link, row, bluez_start_notify, on_subscribed);
}

void link_subscribe(struct link *link, uint64_t now_usec)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);
    link->pending = link->accepted = 0;
    link->subscribed = 0;
    memset(link->called, 0, sizeof link->called);
    for (size_t i = 0; i < n; i++)
        if (table[i].notify && begin(link, i) >= 0)
            link->pending++;
    if (link->pending == 0)
        link_feed_outcome(link, SENSOR_EV_REFUSED, BLUEZ_FAILED, NOT_SENT, now_usec);
}

/* Of two with one UUID bluez.h names the first until that is gone. */
void link_subscribe_new(struct link *link, const struct bluez_device *device)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);
    for (size_t i = 0; i < n; i++) {
        const struct bluez_characteristic *c =
            table[i].notify ? bluez_device_characteristic(device, table[i].uuid) : NULL;
        if (!c || c->number == link->called[i])
            continue;
        link->subscribed &= ~(1u << i); /* that was to another one */
        if (begin(link, i) >= 0)
            link->pending++;
    }
}

bool link_has_lost_services(const struct link *link, const struct bluez_device *device)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);
    for (size_t i = 0; i < n; i++)
        if (link->subscribed & 1u << i && !bluez_device_characteristic(device, table[i].uuid))
            return true;
    return false;
}

/* ---- one of them anew ---- */

static void on_renewed(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    if (link)
        feed_answer(link, cookie & 0xFF, is_accepted(reply));
}

/* There may have been nothing to stop: whatever was said to that. */
static void on_stopped(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    if (link && call(link, cookie & 0xFF, bluez_start_notify, on_renewed) < 0)
        feed_answer(link, cookie & 0xFF, false);
}

static void renew(struct link *link, size_t row)
{
    int r = link->subscribed & 1u << row ? call(link, row, bluez_stop_notify, on_stopped)
                                         : call(link, row, bluez_start_notify, on_renewed);
    if (r < 0)
        feed_answer(link, row, false);
}

void link_renew(struct link *link)
{
    uint16_t uuids[CHANNELS_MAX];
    size_t n, count = link->machine.n_renew;
    const struct sensor_characteristic *table = sensor_table(&n);
    memcpy(uuids, link->machine.renew, sizeof uuids); /* what is fed below may change it */
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < count; k++)
            if (table[i].uuid == uuids[k])
                renew(link, i);
}

/* ---- none any more ---- */

/* What stays subscribed is subscribed to at the next link, whoever makes it, and is nobody else's to
 * acquire. */
void link_unsubscribe(struct link *link)
{
    for (size_t row = 0; link->armed >> row != 0; row++)
        if (link->armed & 1u << row && call(link, row, bluez_stop_notify, NULL) < 0)
            log_debug("%s: nothing to be stopped", link->machine.name);
    link->armed = 0;
}

void link_disarm(struct link *link, const struct bluez_device *device, uint32_t changes)
{
    for (size_t row = 0; link->armed >> row != 0; row++)
        if (changes & BLUEZ_CHANGED_REMOVED || !bluez_device_has_number(device, link->called[row]))
            link->armed &= ~(1u << row);
}
