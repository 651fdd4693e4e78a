/* SPDX-License-Identifier: MIT */
#pragma once
/* hci0 as bluetoothd shows it: power (adapter.c) and discovery (discovery.c). */
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include "daemon/clock.h"
#include "tests/sim/object.h"

#define ADAPTER_PATH        "/org/bluez/hci0"
#define DISCOVERY_CLIENTS   32
#define DISCOVERY_UUIDS_MAX 16

struct sim;
struct device;

struct discovery_client { /* a D-Bus client with a filter, a session or both */
    char *sender;         /* NULL: a free place */
    bool active;
    uint16_t uuids[DISCOVERY_UUIDS_MAX]; /* 16-bit part; none: every device passes */
    size_t n_uuids;
    int rssi_min_dbm; /* -128: no limit */
};

struct adapter {
    struct sim *sim;
    struct object *object; /* NULL: unplugged, or bluetoothd not up */
    bool plugged;
    bool powered;
    bool blocked;          /* rfkill */
    bool wedged;           /* answers, but starts no discovery, until it is switched off */
    unsigned switched_off; /* so often, by a client */
    unsigned stays_off;    /* the next so many times that a client switches it on */
    bool discovering;
    char alias[64];
    struct discovery_client clients[DISCOVERY_CLIENTS];
    struct clock_timer *scan_timer; /* Discovering follows a call by a moment */
};

extern const struct interface adapter_interface;

int adapter_init(struct adapter *adapter, struct sim *sim);
void adapter_done(struct adapter *adapter);
/* Its object appears (bluetoothd starts, or it is plugged in): silently, not powered yet. */
void adapter_export(struct adapter *adapter);
/* All that depends on it, then itself, disappears with its signals. */
void adapter_unexport(struct adapter *adapter);
void adapter_set_powered(struct adapter *adapter, bool powered);
/* bluetoothd was killed: what it knew of clients and of the radio is gone. */
void adapter_forget(struct adapter *adapter);

/* discovery.c */
int method_start_discovery(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_stop_discovery(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_set_discovery_filter(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int method_get_discovery_filters(sd_bus_message *m, void *owner, sd_bus_error *ret_error);
int discovery_init(struct adapter *adapter);
void discovery_client_gone(struct adapter *adapter, const char *sender);
void discovery_end(
    struct adapter *adapter); /* all sessions, at once; the caller signals Discovering */
bool discovery_wants(const struct adapter *adapter, const struct device *device);
