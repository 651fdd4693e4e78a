/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The interfaces and properties of org.bluez that we know, and the reader of each. A value of another
 * type than documented is skipped as if it were not there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include "daemon/bluez/text.h"
#include "daemon/bluez/walk.h"

#define BLUEZ_NAME_MAX 64

enum bluez_interface {
    BLUEZ_OTHER,
    BLUEZ_ADAPTER,
    BLUEZ_DEVICE,
    BLUEZ_CHARACTERISTIC,
    BLUEZ_DESCRIPTOR,
    BLUEZ_BATTERY,
    BLUEZ_ADVERTISING, /* of the adapter: what it sends itself */
};

enum bluez_property {
    BLUEZ_HAS_ADDRESS = 1u << 0,
    BLUEZ_HAS_ADDRESS_TYPE = 1u << 1,
    BLUEZ_HAS_NAME = 1u << 2,
    BLUEZ_HAS_SERVICES = 1u << 3,
    BLUEZ_HAS_RSSI = 1u << 4,
    BLUEZ_HAS_CONNECTED = 1u << 5,
    BLUEZ_HAS_RESOLVED = 1u << 6,
    BLUEZ_HAS_PAIRED = 1u << 7,
    BLUEZ_HAS_POWERED = 1u << 8,
    BLUEZ_HAS_POWER_STATE = 1u << 9,
    BLUEZ_HAS_UUID = 1u << 10,
    BLUEZ_HAS_VALUE = 1u << 11,
    BLUEZ_HAS_PERCENTAGE = 1u << 12,
    BLUEZ_HAS_ADVERT_DATA = 1u << 13, /* manufacturer or service data: only adverts change them */
    BLUEZ_HAS_BEARER = 1u << 14,      /* of dual-mode devices, by later BlueZ */
    BLUEZ_HAS_DISCOVERING = 1u << 15,
    BLUEZ_HAS_INSTANCES = 1u << 16,
    BLUEZ_HAS_TRUSTED = 1u << 17,
};

struct bluez_properties {
    uint32_t has;     /* enum bluez_property: read */
    uint32_t gone;    /* enum bluez_property: invalidated */
    char address[18]; /* AA:BB:CC:DD:EE:FF, upper case, checked */
    bool random_address;
    char name[BLUEZ_NAME_MAX]; /* sanitised */
    uint32_t services;         /* enum bluez_service */
    int rssi_dbm;
    bool connected, resolved, paired, trusted, powered, discovering;
    bool other_bearer;    /* Device1.PreferredBearer is not 'le' */
    bool blocked;         /* Adapter1.PowerState says off-blocked (rfkill) */
    uint16_t uuid;        /* 0: not one of the Bluetooth SIG's */
    const uint8_t *value; /* borrowed from the message */
    size_t value_length;
    int percentage;
    unsigned instances; /* adverts that programs of this machine send */
};

/* "org.bluez.Device1"; BLUEZ_OTHER: one we do not read */
enum bluez_interface bluez_interface_of(const char *name);
/* 0: one we do not know */
enum bluez_property bluez_property_of(enum bluez_interface interface, const char *name);
/* Takes the variant that is the property's value out of the message. */
int bluez_property_read(sd_bus_message *m, enum bluez_interface interface, const char *name,
                        struct bluez_properties *p);
