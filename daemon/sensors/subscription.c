/* SPDX-License-Identifier: MIT */
/*
 * What a sensor is to tell by itself: one subscription a characteristic. The link is usable with the
 * first that is accepted.
 */
#include <errno.h>
#include "daemon/log.h"
#include "daemon/sensors/set.h"

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

static int start(struct link *link, size_t row, bluez_call_handler handler)
{
    const struct bluez_device *device = bluez_find(link->sensors->bluez, link->address);
    const struct bluez_characteristic *c =
        device ? bluez_device_characteristic(device, uuid_of(row)) : NULL;
    return c ? bluez_start_notify(link->sensors->bluez, device, c, handler, link_cookie(link, row))
             : -ENOENT;
}

static void on_subscribed(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    if (!link)
        return;
    link->pending--;
    if (is_accepted(reply)) {
        link->accepted++;
        link->subscribed |= 1u << (cookie & 0xFF);
        link_feed_kind(link, SENSOR_EV_SUBSCRIBED, clock_now_usec());
        return;
    }
    log_info("%s: a subscription failed: %s", link->machine.name, reply->text);
    if (link->pending == 0 && link->accepted == 0)
        link_feed_outcome(link, SENSOR_EV_REFUSED, reply->outcome, reply->text, clock_now_usec());
}

void link_subscribe(struct link *link, uint64_t now_usec)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);
    link->pending = link->accepted = 0;
    link->subscribed = 0;
    for (size_t i = 0; i < n; i++)
        if (table[i].notify && start(link, i, on_subscribed) >= 0)
            link->pending++;
    if (link->pending == 0)
        link_feed_outcome(link, SENSOR_EV_REFUSED, BLUEZ_FAILED, "the call could not be sent",
                          now_usec);
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
