/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The GATT database of one device and its objects on the bus. gatt_table.c lays it out from what the
 * sensor is, gatt.c exports it and changes it, notify.c has the subscriptions, att.c the requests that take a round
 * trip over the air.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include "tests/sim/object.h"
#include "tests/sim/packet.h"

#define GATT_SERVICES_MAX        8
#define GATT_CHARACTERISTICS_MAX 24
#define GATT_CLIENTS_MAX         8
#define GATT_MTU                 185

struct device;

enum gatt_flag {
    GATT_READ = 1 << 0,
    GATT_WRITE = 1 << 1,
    GATT_NOTIFY = 1 << 2,
    GATT_INDICATE = 1 << 3
};

struct service {
    struct device *device;
    uint16_t uuid, handle;
    char path[96];
    struct object *object;
};

struct characteristic {
    struct device *device;
    const struct service *service;
    uint16_t uuid, handle; /* of the declaration, as in the path */
    unsigned flags;        /* enum gatt_flag */
    char path[112];
    struct object *object, *descriptor; /* descriptor: the CCC, NULL without */
    struct packet value;                /* the last one known, also from an earlier link */
    bool hidden;                        /* bluetoothd does not show it, be it not yet */
    bool subscribed;                    /* the CCC, as the sensor has it */
    char *clients[GATT_CLIENTS_MAX];    /* senders with a StartNotify session */
    /* AcquireNotify */
    char *acquirer;
    int acquired_fd;
    int holder_fd; /* the other end, of a program that we play, -1: none */
    sd_event_source *acquired_source;
};

struct gatt {
    struct service services[GATT_SERVICES_MAX];
    size_t n_services;
    struct characteristic characteristics[GATT_CHARACTERISTICS_MAX];
    size_t n_characteristics;
    bool exported;
};

extern const struct interface service_interface, characteristic_interface, descriptor_interface;

/* gatt_table.c */
void gatt_build(struct device *device);
void gatt_renumber(struct gatt *gatt, uint16_t by); /* handles, and so the paths */
void gatt_export(struct device *device);
void gatt_announce(struct device *device);
void gatt_unexport(struct device *device);
/* Service Changed: all of it shows at other handles, and then no longer at the old ones; subscriptions
 * are lost with these. False: nothing shows. */
bool gatt_shift(struct device *device);
/* One characteristic goes, with its subscriptions, or comes. */
void gatt_hide(struct device *device, uint16_t uuid, bool hide);
struct characteristic *gatt_find(struct gatt *gatt, uint16_t uuid);
const char *uuid_text(uint16_t uuid); /* a static buffer */

/* notify.c */
int method_start_notify(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_stop_notify(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_acquire_notify(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
bool characteristic_is_notifying(const struct characteristic *c);
void notify_started(struct characteristic *c,
                    sd_bus_message *call); /* the CCC was written: answer */
void notify_acquired(struct characteristic *c, sd_bus_message *call);
void notify_rearm(struct device *device);      /* resolved again: CCCs of the sessions that stand */
void notify_link_going(struct device *device); /* before Connected=false: acquired fds end */
void notify_link_gone(struct device *device);  /* after it */
void notify_client_gone(struct device *device, const char *sender);
void notify_forget(struct device *device); /* bluetoothd was killed */
void notify_forget_one(struct characteristic *c);
void notify_lose(struct device *device, uint16_t uuid);
/* Another program acquires, or lets go. False: it cannot. */
bool notify_hold(struct device *device, uint16_t uuid, bool hold);
bool notify_is_held(struct device *device, uint16_t uuid);
void characteristic_set_value(struct characteristic *c, const struct packet *value);

/* att.c */
int method_read_value(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_write_value(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_read_descriptor(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
/* Answers after a round trip by `then`; a deaf sensor never does, and the link dies of it. */
typedef void (*att_then)(struct characteristic *c, sd_bus_message *call);
int att_request(struct characteristic *c, sd_bus_message *call, att_then then);
void reply_att_error(sd_bus_message *call, int att_error);
void att_cancel_all(struct device *device, bool quiet);
void att_client_gone(struct device *device,
                     const char *sender); /* nobody to answer, nobody to subscribe */
