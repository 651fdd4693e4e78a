/* SPDX-License-Identifier: MIT */
/*
 * Keeping the mirror true, and telling what changed in it. A complete answer says what there is; signals
 * keep it so, and are only believed from the unique name that owns org.bluez, since any local user can
 * send us one.
 */
#include <errno.h>
#include <string.h>
#include "daemon/bluez/private.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

#define ANSWER_TIMEOUT_USEC (20 * 1000000ULL)

/* ---- telling ---- */

/* Tells what changed about a device and forgets it if it is gone. */
static void tell_device(struct bluez *bluez, struct bluez_device *device, uint64_t now_usec)
{
    const struct bluez_adapter *adapter = bluez_adapter(bluez);
    uint32_t changes = device->changes;
    device->changes = 0;
    if (changes && adapter && bluez_device_is_under(device, adapter))
        bluez->callbacks.on_device(bluez->userdata, device, changes, now_usec);
    if (changes & BLUEZ_CHANGED_REMOVED)
        bluez_tree_forget(&bluez->tree, device);
}

static void tell_all(struct bluez *bluez, uint64_t now_usec)
{
    for (size_t i = bluez->tree.n_devices;
         i-- > 0;) /* backwards: forgetting moves the last one here */
        tell_device(bluez, bluez->tree.devices[i], now_usec);
}

/* ---- the complete answer ---- */

struct reading {
    struct bluez *bluez;
    uint64_t now_usec;
    int depth; /* of this pass: what hangs on something may be listed before it */
};

static int depth_of(enum bluez_interface interface)
{
    switch (interface) {
    case BLUEZ_CHARACTERISTIC:
    case BLUEZ_BATTERY:
    case BLUEZ_ADVERTISING:
        return 1;
    case BLUEZ_DESCRIPTOR:
        return 2;
    case BLUEZ_ADAPTER:
    case BLUEZ_DEVICE:
    case BLUEZ_OTHER:
        break;
    }
    return 0;
}

static void visit_answer(void *userdata, const char *path, enum bluez_interface interface,
                         const struct bluez_properties *p)
{
    struct reading *reading = userdata;
    struct bluez_device *device;
    if (depth_of(interface) == reading->depth)
        bluez_tree_apply(&reading->bluez->tree, path, interface, p, true, reading->now_usec,
                         &device);
}

static int read_answer(struct bluez *bluez, sd_bus_message *m, uint64_t now_usec)
{
    struct reading reading = { .bluez = bluez, .now_usec = now_usec };
    int r = 0;
    bluez_tree_mark(&bluez->tree);
    for (; r >= 0 && reading.depth <= 2; reading.depth++) {
        r = sd_bus_message_rewind(m, true);
        if (r >= 0)
            r = bluez_msg_read_objects(m, visit_answer, &reading);
    }
    if (r < 0)
        return r;
    bluez_tree_sweep(&bluez->tree);
    return 0;
}

static void send_ask(struct bluez *bluez);

static void on_answer(void *userdata, uint64_t number, const struct bluez_reply *reply)
{
    struct bluez *bluez = userdata;
    uint64_t now_usec = clock_now_usec();
    bluez->in_flight = 0;
    int r = reply->outcome == BLUEZ_DONE ? read_answer(bluez, reply->message, now_usec) : -EIO;
    if (r < 0 && !bluez->warned) /* once: that it goes on is told as a problem */
        log_warning("bluetoothd did not say what it knows (%s), asking again",
                    reply->outcome == BLUEZ_DONE ? "unreadable answer" : reply->text);
    bluez->warned = r < 0;
    if (r < 0 && reply->outcome != BLUEZ_TIMED_OUT)
        return; /* gone or broken; its next signal, or its successor, has us ask again */
    if (r < 0 || bluez->asked > number)
        send_ask(bluez);
    if (r < 0)
        return;
    bluez->answered = true;
    bluez_refresh(bluez);
    tell_all(bluez, now_usec);
    bluez->callbacks.on_answer(bluez->userdata, number, now_usec);
}

static void send_ask(struct bluez *bluez)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r =
        sd_bus_message_new_method_call(bluez->bus, &m, bluez->owner, "/",
                                       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
    if (r >= 0)
        r = bluez_call_send(&bluez->calls, bluez->bus, m, ANSWER_TIMEOUT_USEC, on_answer, bluez,
                            bluez->asked);
    if (r < 0)
        log_error_errno(r, "Failed to ask bluetoothd what it knows: %m");
    else
        bluez->in_flight = bluez->asked;
}

uint64_t bluez_ask(struct bluez *bluez)
{
    bluez->asked++;
    if (bluez->owner[0] != '\0' && bluez->in_flight == 0)
        send_ask(bluez);
    return bluez->asked;
}

/* ---- signals ---- */

static bool is_from_bluetoothd(const struct bluez *bluez, sd_bus_message *m)
{
    const char *sender = sd_bus_message_get_sender(m);
    return sender && bluez->owner[0] != '\0' && strcmp(sender, bluez->owner) == 0;
}

static void visit_added(void *userdata, const char *path, enum bluez_interface interface,
                        const struct bluez_properties *p)
{
    struct reading *reading = userdata;
    struct bluez_device *device;
    uint32_t changes = bluez_tree_apply(&reading->bluez->tree, path, interface, p, false,
                                        reading->now_usec, &device);
    if (device)
        tell_device(reading->bluez, device, reading->now_usec);
    else if (changes & BLUEZ_CHANGED_ADAPTER)
        bluez_refresh(reading->bluez);
}

static void visit_removed(void *userdata, const char *path, enum bluez_interface interface,
                          const struct bluez_properties *p)
{
    struct reading *reading = userdata;
    struct bluez_device *device;
    uint32_t changes = bluez_tree_remove(&reading->bluez->tree, path, interface, &device);
    if (changes & BLUEZ_CHANGED_ADAPTER)
        bluez_refresh(reading->bluez);
    else if (device)
        tell_device(reading->bluez, device, reading->now_usec);
}

int bluez_on_objects(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct reading reading = { .bluez = userdata, .now_usec = clock_now_usec() };
    if (!is_from_bluetoothd(reading.bluez, m))
        return 0;
    int r = 0;
    if (sd_bus_message_is_signal(m, NULL, "InterfacesAdded"))
        r = bluez_msg_read_added(m, visit_added, &reading);
    else if (sd_bus_message_is_signal(m, NULL, "InterfacesRemoved"))
        r = bluez_msg_read_removed(m, visit_removed, &reading);
    if (r < 0)
        log_warning_errno(r, "Unreadable signal from bluetoothd: %m");
    return 0;
}

static void on_notification(struct bluez *bluez, const char *path, const struct bluez_properties *p,
                            uint64_t now_usec)
{
    struct bluez_device *device;
    const struct bluez_characteristic *c = bluez_tree_characteristic(&bluez->tree, path, &device);
    const struct bluez_adapter *adapter = bluez_adapter(bluez);
    if (c && adapter && bluez_device_is_under(device, adapter))
        bluez->callbacks.on_value(bluez->userdata, device, c->uuid, p->value, p->value_length,
                                  now_usec);
}

int bluez_on_properties(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct bluez *bluez = userdata;
    uint64_t now_usec = clock_now_usec();
    const char *path = sd_bus_message_get_path(m);
    enum bluez_interface interface;
    struct bluez_properties p;
    if (!is_from_bluetoothd(bluez, m) || !path || strlen(path) >= BLUEZ_PATH_MAX)
        return 0;
    int r = bluez_msg_read_changed(m, &interface, &p);
    if (r < 0)
        log_warning_errno(r, "Unreadable signal from bluetoothd: %m");
    else if (interface == BLUEZ_CHARACTERISTIC && p.has & BLUEZ_HAS_VALUE)
        on_notification(bluez, path, &p, now_usec);
    else if (interface == BLUEZ_ADAPTER || interface == BLUEZ_DEVICE ||
             interface == BLUEZ_BATTERY || interface == BLUEZ_ADVERTISING) {
        struct bluez_device *device;
        uint32_t changes =
            bluez_tree_apply(&bluez->tree, path, interface, &p, false, now_usec, &device);
        if (device)
            tell_device(bluez, device, now_usec);
        else if (changes & BLUEZ_CHANGED_ADAPTER)
            bluez_refresh(bluez);
    }
    return 0;
}
