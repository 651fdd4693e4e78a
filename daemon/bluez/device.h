/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A device as org.bluez shows it, with those of its characteristics that we can use: plain data, and
 * what a message changes in it. Where it stands among others is tree.h's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/bluez/msg.h"

#define BLUEZ_CHARACTERISTICS_MAX 32 /* usable ones of one device */

struct bluez_characteristic {
    char suffix[48]; /* path below the device's */
    char ccc[12];    /* path of its switch for notifications below its own, "" = not seen */
    uint16_t uuid;
    uint32_t number; /* of this device's, never 0: one that went and came back is another */
    bool stale;
};

struct bluez_device {
    char path[64];
    char address[18]; /* "" until bluetoothd tells it */
    bool random_address;
    char name[BLUEZ_NAME_MAX];
    uint32_t services; /* enum bluez_service: advertised or stored */
    bool connected, resolved, paired, trusted;
    bool other_bearer; /* speaks BR/EDR, too, and bluetoothd might connect to it by that */
    bool has_rssi;
    int rssi_dbm;
    int battery_pct;     /* Battery1, -1: none */
    uint64_t heard_usec; /* last advert, 0: none heard by us */
    struct bluez_characteristic *characteristics;
    size_t n_characteristics;
    uint32_t last_number;
    bool has_gatt;    /* characteristics of any kind, as of the last complete answer and since */
    void *owner;      /* for whoever is told of devices; NULL at first, borrowed */
    uint32_t changes; /* enum bluez_change not yet told */
    bool stale, battery_stale;
};

enum bluez_change {
    BLUEZ_CHANGED_ADAPTER = 1u << 0, /* no device: an adapter came, went or changed */
    BLUEZ_CHANGED_LINK = 1u << 1, /* connected or resolved was said (perhaps the same as before) */
    BLUEZ_CHANGED_GATT = 1u << 2, /* usable characteristics came or went */
    BLUEZ_CHANGED_BATTERY = 1u << 3,
    BLUEZ_CHANGED_IDENTITY = 1u << 4, /* name, services, address */
    BLUEZ_CHANGED_ADVERT = 1u << 5,   /* it was heard just now */
    BLUEZ_CHANGED_REMOVED = 1u << 6,  /* the device object is gone; freed after this is told */
    /* connected itself was said, or follows: what the mirror has of it may be old otherwise */
    BLUEZ_CHANGED_CONNECTED = 1u << 7,
};

/* Each answers what changed, as enum bluez_change. `suffix` is a path below the device's. */
uint32_t bluez_device_apply(struct bluez_device *d, const struct bluez_properties *p, bool complete,
                            uint64_t now_usec);
uint32_t bluez_device_apply_battery(struct bluez_device *d, const struct bluez_properties *p);
uint32_t bluez_device_add_characteristic(struct bluez_device *d, const char *suffix, uint16_t uuid,
                                         bool usable);
/* NULL: those that an answer did not name. */
uint32_t bluez_device_remove_characteristics(struct bluez_device *d, const char *suffix);
/* A switch for notifications: kept if its characteristic is there already. */
void bluez_device_add_switch(struct bluez_device *d, const char *suffix);
/* The object is gone; what was known of it stays until it is forgotten. */
uint32_t bluez_device_remove(struct bluez_device *d);

/* Around the reading of a complete answer: what it did not name is gone. */
void bluez_device_mark(struct bluez_device *d);
void bluez_device_sweep(struct bluez_device *d); /* adds to its `changes` */

const struct bluez_characteristic *bluez_device_characteristic(const struct bluez_device *device,
                                                               uint16_t uuid);
/* Whether the one of that number still shows. */
bool bluez_device_has_number(const struct bluez_device *device, uint32_t number);
struct bluez_device *bluez_device_free(struct bluez_device *d);
