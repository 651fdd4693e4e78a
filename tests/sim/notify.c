/* SPDX-License-Identifier: MIT */
/*
 * Subscriptions. A StartNotify session belongs to a D-Bus client and outlives the link: after a
 * reconnect bluetoothd writes the CCC again by itself and says nothing. An acquired descriptor dies
 * with the link, before the link's own signals.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "daemon/util.h"
#include "tests/sim/sim.h"

static int not_permitted(sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.NotPermitted", "Notify acquired");
}

static int not_supported(sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.NotSupported",
                            "Operation is not supported");
}

bool characteristic_is_notifying(const struct characteristic *c)
{
    for (size_t i = 0; i < GATT_CLIENTS_MAX; i++)
        if (c->clients[i])
            return true;
    return false;
}

static char **client_find(struct characteristic *c, const char *sender)
{
    for (size_t i = 0; i < GATT_CLIENTS_MAX; i++)
        if (sender ? c->clients[i] && strcmp(c->clients[i], sender) == 0 : !c->clients[i])
            return &c->clients[i];
    return NULL;
}

static bool client_add(struct characteristic *c, const char *sender)
{
    char **place = client_find(c, NULL);

    if (client_find(c, sender))
        return true;
    return place && (*place = strdup(sender));
}

/* ---- StartNotify ---------------------------------------------------------------- */

/* The CCC is written. 0 or the ATT error. */
static int ccc_write(struct characteristic *c)
{
    int att_error = sensor_subscribe(c->device->sensor, c->uuid);

    c->subscribed = att_error == 0;
    return att_error;
}

void notify_started(struct characteristic *c, sd_bus_message *call)
{
    bool first = !characteristic_is_notifying(c);
    int att_error = first ? ccc_write(c) : 0;

    if (att_error) {
        reply_att_error(call, att_error);
        return;
    }
    if (!client_add(c, sd_bus_message_get_sender(call))) {
        (void)sd_bus_reply_method_errorf(call, "org.bluez.Error.Failed", "Too many clients");
        return;
    }
    if (first)
        OBJECT_CHANGED(c->object, &characteristic_interface, "Notifying");
    (void)sd_bus_reply_method_return(call, NULL);
}

int method_start_notify(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct characteristic *c = owner;
    const char *sender = sd_bus_message_get_sender(m);

    if (!(c->flags & (GATT_NOTIFY | GATT_INDICATE)))
        return not_supported(ret_error);
    if (c->acquired_fd >= 0)
        return not_permitted(ret_error);
    if (client_find(c, sender))
        return sd_bus_reply_method_return(m, NULL);
    if (c->device->disconnecting)
        return sd_bus_error_set(ret_error, "org.bluez.Error.NotConnected", "Not Connected");
    if (!c->device->resolved) { /* taken down for the next link */
        if (!client_add(c, sender))
            return -ENOBUFS;
        return sd_bus_reply_method_return(m, NULL);
    }
    return att_request(c, m, notify_started);
}

static void client_remove(struct characteristic *c, char **client)
{
    free(*client);
    *client = NULL;
    if (characteristic_is_notifying(c))
        return;
    c->subscribed = false;
    if (c->object)
        OBJECT_CHANGED(c->object, &characteristic_interface, "Notifying");
}

/* ---- AcquireNotify, StopNotify -------------------------------------------------------------------------- */

static void acquired_end(struct characteristic *c)
{
    if (c->acquired_fd < 0)
        return;
    c->acquired_source = sd_event_source_disable_unref(c->acquired_source);
    closep(&c->acquired_fd);
    closep(&c->holder_fd);
    free(c->acquirer);
    c->acquirer = NULL;
    c->subscribed = characteristic_is_notifying(c);
}

static int on_acquired_closed(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct characteristic *c = userdata;

    acquired_end(c);
    OBJECT_CHANGED(c->object, &characteristic_interface, "NotifyAcquired");
    return 0;
}

int method_stop_notify(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct characteristic *c = owner;
    char **client = client_find(c, sd_bus_message_get_sender(m));

    if (c->acquired_fd >= 0) { /* whoever holds it */
        on_acquired_closed(NULL, -1, 0, c);
        return sd_bus_reply_method_return(m, NULL);
    }
    if (!client)
        return sd_bus_error_set(ret_error, "org.bluez.Error.Failed", "No notify session started");
    client_remove(c, client);
    return sd_bus_reply_method_return(m, NULL);
}

/* Of a pair, ours is taken in; *ret_theirs is the holder's. */
static int acquired_begin(struct characteristic *c, const char *acquirer, int *ret_theirs)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    c->acquired_fd = pair[0];
    c->acquirer = acquirer ? strdup(acquirer) : NULL;
    (void)sd_event_add_io(c->device->sim->event, &c->acquired_source, c->acquired_fd,
                          EPOLLRDHUP | EPOLLHUP, on_acquired_closed, c);
    c->subscribed = true;
    *ret_theirs = pair[1];
    return 0;
}

void notify_acquired(struct characteristic *c, sd_bus_message *call)
{
    _cleanup_close_ int theirs = -1;

    if (c->acquired_fd >= 0) { /* two calls were under way, the other was first */
        (void)sd_bus_reply_method_errorf(call, "org.bluez.Error.NotPermitted", "Notify acquired");
        return;
    }
    if (acquired_begin(c, sd_bus_message_get_sender(call), &theirs) < 0) {
        (void)sd_bus_reply_method_errorf(call, "org.bluez.Error.Failed", "No socket");
        return;
    }
    (void)sd_bus_reply_method_return(call, "hq", theirs, GATT_MTU);
    OBJECT_CHANGED(c->object, &characteristic_interface, "NotifyAcquired");
}

int method_acquire_notify(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct characteristic *c = owner;

    if (!(c->flags & GATT_NOTIFY))
        return not_supported(ret_error);
    if (c->acquired_fd >= 0)
        return not_permitted(ret_error);
    if (characteristic_is_notifying(c))
        return sd_bus_error_set(ret_error, "org.bluez.Error.InProgress", "In Progress");
    if (!c->device->resolved || c->device->disconnecting)
        return sd_bus_error_set(ret_error, "org.bluez.Error.NotConnected", "Not Connected");
    return att_request(c, m, notify_acquired);
}

/* ---- link and client come and go ------------------------------------------------------------ */

#define FOREACH_CHARACTERISTIC(c, device)                                                          \
    for (struct characteristic *c = (device)->gatt.characteristics;                                \
         c < (device)->gatt.characteristics + (device)->gatt.n_characteristics; c++)

void notify_rearm(struct device *device)
{
    FOREACH_CHARACTERISTIC(c, device)
    if (characteristic_is_notifying(c))
        (void)ccc_write(c); /* what the sensor says to that, nobody is told */
}

void notify_link_going(struct device *device)
{
    FOREACH_CHARACTERISTIC(c, device)
    {
        if (c->acquired_fd >= 0)
            (void)shutdown(c->acquired_fd, SHUT_RDWR);
        c->subscribed = false;
    }
}

void notify_link_gone(struct device *device)
{
    FOREACH_CHARACTERISTIC(c, device)
    {
        bool was = c->acquired_fd >= 0;

        acquired_end(c);
        c->subscribed = false;
        if (was)
            OBJECT_CHANGED(c->object, &characteristic_interface, "NotifyAcquired");
    }
}

void notify_client_gone(struct device *device, const char *sender)
{
    FOREACH_CHARACTERISTIC(c, device)
    {
        char **client = client_find(c, sender);

        if (client)
            client_remove(c, client);
        if (c->acquirer && strcmp(c->acquirer, sender) == 0)
            on_acquired_closed(NULL, -1, 0, c);
    }
}

/* The sensor forgets its CCC, and bluetoothd does not know. */
void notify_lose(struct device *device, uint16_t uuid)
{
    struct characteristic *c = gatt_find(&device->gatt, uuid);

    if (c)
        c->subscribed = false;
}

bool notify_is_held(struct device *device, uint16_t uuid)
{
    const struct characteristic *c = gatt_find(&device->gatt, uuid);

    return c && c->acquired_fd >= 0;
}

bool notify_hold(struct device *device, uint16_t uuid, bool hold)
{
    struct characteristic *c = gatt_find(&device->gatt, uuid);

    if (!c || notify_is_held(device, uuid) == hold || (hold && !device->resolved))
        return false;
    if (!hold)
        on_acquired_closed(NULL, -1, 0, c);
    else if (characteristic_is_notifying(c) || acquired_begin(c, NULL, &c->holder_fd) < 0)
        return false;
    else
        OBJECT_CHANGED(c->object, &characteristic_interface, "NotifyAcquired");
    return true;
}

void notify_forget_one(struct characteristic *c)
{
    acquired_end(c);
    for (size_t i = 0; i < GATT_CLIENTS_MAX; i++) {
        free(c->clients[i]);
        c->clients[i] = NULL;
    }
    c->subscribed = false;
    c->value.length = 0;
}

void notify_forget(struct device *device)
{
    FOREACH_CHARACTERISTIC(c, device)
    notify_forget_one(c);
}

/* ---- what the sensor sends ------------------------------------------------------------------ */

void characteristic_set_value(struct characteristic *c, const struct packet *value)
{
    c->value = *value;
    if (c->object)
        OBJECT_CHANGED(c->object, &characteristic_interface, "Value");
}

bool device_notify(struct device *device, uint16_t uuid, const struct packet *packet)
{
    struct characteristic *c = gatt_find(&device->gatt, uuid);

    if (!c || !c->subscribed)
        return false;
    if (c->acquired_fd < 0)
        characteristic_set_value(c, packet);
    else if (send(c->acquired_fd, packet->bytes, packet->length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return false; /* a full socket drops the packet, as the real one does */
    return true;
}

/* To what it measures; what bluetoothd subscribes by itself does not count. */
bool device_is_subscribed(const struct device *device)
{
    FOREACH_CHARACTERISTIC(c, (struct device *)device)
    for (size_t i = 0; i < SENSOR_SERVICES; i++)
        if (c->subscribed && c->uuid == sensor_services[i].measurement)
            return true;
    return false;
}
