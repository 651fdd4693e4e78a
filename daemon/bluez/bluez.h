/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * org.bluez as a client sees it: is bluetoothd there, which adapter is ours, which devices does it
 * know, and the calls that a central makes. Asynchronous throughout; matches are installed before the
 * first question, so nothing is missed between them.
 *
 * A link is only as good as the last complete answer (GetManagedObjects): signals come late, twice or
 * never, they only tell when to ask. bluez_ask() asks, on_answer tells that the mirror is as true as
 * bluetoothd was after that.
 */
#include <systemd/sd-event.h>
#include "daemon/bluez/call.h"
#include "daemon/bluez/tree.h"

struct bluez;

enum bluez_status {
    BLUEZ_NO_BUS,
    BLUEZ_NO_DAEMON,  /* org.bluez has no owner */
    BLUEZ_STARTING,   /* it has, and its first answer is awaited; or the bus did not say yet */
    BLUEZ_NO_ADAPTER, /* none, or not the configured one */
    BLUEZ_ADAPTER_OFF,
    BLUEZ_ADAPTER_BLOCKED, /* off and blocked by rfkill */
    BLUEZ_READY,
};

struct bluez_callbacks {
    /* status or adapter changed. Leaving BLUEZ_READY by NO_DAEMON forgets all devices and calls. */
    void (*on_status)(void *userdata);
    /* enum bluez_change bits of a device of our adapter; it may be freed after BLUEZ_CHANGED_REMOVED */
    void (*on_device)(void *userdata, struct bluez_device *device, uint32_t changes,
                      uint64_t now_usec);
    /* A complete answer came; it is the one of bluez_ask() calls up to `number`. */
    void (*on_answer)(void *userdata, uint64_t number, uint64_t now_usec);
    /* A notification (PropertiesChanged) of a usable characteristic of a device of our adapter */
    void (*on_value)(void *userdata, struct bluez_device *device, uint16_t uuid,
                     const uint8_t *bytes, size_t length, uint64_t now_usec);
    /* See struct bluez_tree. */
    bool (*is_usable)(void *userdata, uint16_t uuid);
    bool (*is_configured)(void *userdata, const char *address);
};

/* Without a bus at first. callbacks are copied, userdata outlives it. -ENOMEM. */
int bluez_new(struct bluez **ret, const struct bluez_callbacks *callbacks, void *userdata);
struct bluez *bluez_free(struct bluez *bluez);
/* Takes a reference; NULL: the bus went. < 0: nothing could be asked on it, and it is left again. */
int bluez_set_bus(struct bluez *bluez, sd_bus *bus);
/* What the bus refused, it is asked again; nothing if it refused nothing. To be called now and then while it is
 * BLUEZ_STARTING. */
void bluez_retry(struct bluez *bluez);
/* wanted: an address, hciN or "" for any; copied. */
void bluez_set_adapter(struct bluez *bluez, const char *wanted);

/* Whether that would take us to another adapter than the one in use, or to none. */
bool bluez_would_leave(const struct bluez *bluez, const char *wanted);

enum bluez_status bluez_status(const struct bluez *bluez);
const struct bluez_adapter *bluez_adapter(const struct bluez *bluez); /* ours, NULL: none */
/* Any of this machine's, ours or not; NULL: it is not there. */
const struct bluez_adapter *bluez_find_adapter(const struct bluez *bluez, const char *address);
/* Of our adapter; borrowed until the loop runs again. NULL: bluetoothd does not know it. */
struct bluez_device *bluez_find(const struct bluez *bluez, const char *address);
/* Devices of our adapter, in no order; *state starts at 0. NULL: no more. */
struct bluez_device *bluez_next(const struct bluez *bluez, size_t *state);

/* Sets every device's owner back to NULL. */
void bluez_disown(struct bluez *bluez);

/* Asks for a complete answer that was made after this call. Many calls may share one answer:
 * on_answer says the number returned, or a later one. */
uint64_t bluez_ask(struct bluez *bluez);

/* Calls. 0: the handler (NULL: none) runs once, with the cookie, within 20 s. < 0: it was not sent and
 * the handler does not run; -ENODEV when there is no bus, bluetoothd or adapter. Nor does it run when
 * bluetoothd goes before it answered (on_status tells). */
int bluez_set_filter(struct bluez *bluez, bluez_call_handler handler, uint64_t cookie);
int bluez_discover(struct bluez *bluez, bool start, bluez_call_handler handler, uint64_t cookie);
int bluez_power(struct bluez *bluez, const struct bluez_adapter *adapter, bool on,
                bluez_call_handler handler, uint64_t cookie);
int bluez_connect(struct bluez *bluez, const struct bluez_device *device,
                  bluez_call_handler handler, uint64_t cookie);
int bluez_disconnect(struct bluez *bluez, const struct bluez_device *device,
                     bluez_call_handler handler, uint64_t cookie);
int bluez_remove(struct bluez *bluez, const struct bluez_device *device, bluez_call_handler handler,
                 uint64_t cookie);
int bluez_start_notify(struct bluez *bluez, const struct bluez_device *device,
                       const struct bluez_characteristic *characteristic,
                       bluez_call_handler handler, uint64_t cookie);
int bluez_stop_notify(struct bluez *bluez, const struct bluez_device *device,
                      const struct bluez_characteristic *characteristic, bluez_call_handler handler,
                      uint64_t cookie);
/* Of the characteristic's switch for notifications; -ENOENT: it was not seen. */
int bluez_read_ccc(struct bluez *bluez, const struct bluez_device *device,
                   const struct bluez_characteristic *characteristic, bluez_call_handler handler,
                   uint64_t cookie);
/* The reply's message holds an `ay` for bluez_read_bytes() */
int bluez_read(struct bluez *bluez, const struct bluez_device *device,
               const struct bluez_characteristic *characteristic, bluez_call_handler handler,
               uint64_t cookie);
