/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A sensor as bluetoothd sees it: Device1 and Battery1 (device.c), heard by a scan (hear.c), the way to a link and back
 * (connect.c), its GATT objects (gatt.c) and the requests to them (att.c).
 *
 *   DOWN --Connect--> PENDING --heard--> UP --reply--> ANSWERED --services--> RESOLVED --> SETTLED
 *     ^                  | 41 s, Disconnect |                                               |
 *     +------------------+------------------+-------------------- link lost ----------------+
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include "daemon/clock.h"
#include "tests/sim/gatt.h"
#include "tests/sim/object.h"
#include "tests/sim/packet.h"

#define LINK_SUPERVISION_USEC    420000   /* silence until the controllers give up a link */
#define LINK_YOUNG_DEATH_USEC    150000   /* 0x3e: established, then never heard */
#define LINK_ATT_TIMEOUT_USEC    30000000 /* an ATT request unanswered so long ends the link */
#define LINK_DISCONNECT_USEC     2000000  /* bluetoothd's DISCONNECT_TIMER */
#define LINK_GIVE_UP_USEC        41000000 /* the kernel's patience with an absent device */
#define LINK_DUPLICATES_USEC     10240000 /* a scan reports a device once until it restarts */
#define DEVICE_TEMPORARY_USEC    30000000 /* TemporaryTimeout, since it was heard or its link ended */
#define DEVICE_DISCONNECTERS_MAX 8

struct sim;
struct sensor;
struct att_request;

enum link_phase { LINK_DOWN, LINK_PENDING, LINK_UP, LINK_ANSWERED, LINK_RESOLVED, LINK_SETTLED };

struct device {
    struct sim *sim;
    struct sensor *sensor;
    char path[64];
    struct object *object; /* NULL: bluetoothd does not show it */
    /* what bluetoothd keeps of it */
    bool stored; /* Connect was called: survives a restart */
    bool kept;   /* Connect was called, and no link ended since: not temporary */
    bool cached; /* its services are known */
    bool trusted, blocked;
    char alias[64];
    bool prefers_le; /* PreferredBearer */
    /* now */
    bool has_rssi;
    int rssi_dbm;
    bool connected, resolved;
    enum link_phase phase;
    bool race;       /* this connection shows both races */
    bool dies_young; /* this link fails as 0x3e */
    sd_bus_message *connect_call;
    uint64_t give_up_usec;
    uint64_t link_at_usec; /* when the pending Connect meets an advert; CLOCK_NEVER: not heard */
    sd_bus_message *disconnect_calls[DEVICE_DISCONNECTERS_MAX];
    size_t n_disconnect_calls;
    bool disconnecting;
    uint64_t loss_at_usec;
    struct clock_timer *phase_timer, *loss_timer, *temporary_timer, *hear_timer;
    struct gatt gatt;
    struct att_request *requests;
};

extern const struct interface device_interface, battery_interface;

/* device.c */
int device_init(struct device *device, struct sim *sim, struct sensor *sensor);
void device_done(struct device *device);
void device_export(struct device *device);   /* silently: see object_announce */
void device_unexport(struct device *device); /* with its signals; a link is lost first */
void device_forget(struct device *device);   /* bluetoothd was killed */
int device_remove(struct device *device);    /* RemoveDevice; > 0: not there */
void device_on_battery(struct device *device);
void device_set_battery(struct device *device, bool present);

/* hear.c */
int hear_init(struct device *device);
void device_on_advertising(struct device *device); /* it began or ceased */
void device_on_discovering(struct device *device); /* the adapter's scan began or ceased */

/* connect.c */
int method_connect(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_disconnect(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int connect_init(struct device *device);
void connect_reconsider(struct device *device);                 /* adverts or discovery changed */
void device_lose_link(struct device *device, uint64_t in_usec); /* the sooner of two counts */
void device_link_down(struct device *device, bool quiet); /* at once; quiet: bluetoothd is dead */
/* A pending Connect ends with this error; NULL: with success, as 5.66 does when the adapter goes. */
void connect_abort(struct device *device, const char *error_text);

/* What the sensor's side calls: true when somebody had subscribed and it went out. */
bool device_notify(struct device *device, uint16_t uuid, const struct packet *packet);
bool device_is_subscribed(const struct device *device);
