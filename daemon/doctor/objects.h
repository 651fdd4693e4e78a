/* SPDX-License-Identifier: MIT */
#pragma once
/* What org.bluez has: adapters and devices, as it told them once. */
#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

#define OBJECTS_ADAPTERS_MAX 8
#define OBJECTS_DEVICES_MAX  256

struct objects_adapter {
    char name[16], address[18]; /* "hci0" */
    bool powered, discovering;
};
struct objects_device {
    char path[96], address[18], name[64];
    bool connected, heard; /* it advertises, while somebody scans */
    int rssi_dbm;
    int battery_pct; /* -1: not told */
};
struct objects {
    bool asked; /* org.bluez answered */
    struct objects_adapter adapters[OBJECTS_ADAPTERS_MAX];
    size_t n_adapters;
    struct objects_device devices[OBJECTS_DEVICES_MAX];
    size_t n_devices;
};

/* The answer to GetManagedObjects; -errno. */
int objects_read(struct objects *objects, sd_bus_message *m);
const struct objects_device *objects_find(const struct objects *objects, const char *address);
