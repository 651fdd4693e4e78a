/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The mirror of org.bluez's objects: adapters, devices, and of the characteristics those we can use.
 * Plain data without a bus. Paths are keys in here and in bluez.c and go nowhere else; they change
 * with every restart, so nobody above keeps one.
 *
 * Bounded: when the table is full, the longest unheard device that nobody configured and that is not
 * connected is forgotten.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/bluez/device.h"
#include "daemon/bluez/msg.h"

#define BLUEZ_ADAPTERS_MAX 8
#define BLUEZ_DEVICES_MAX  512

struct bluez_adapter {
    char path[32];
    char address[18];
    bool powered, blocked;
    bool discovering;   /* for anybody */
    unsigned instances; /* adverts it sends for anybody */
    bool stale;         /* not in the answer being read */
};

struct bluez_tree {
    struct bluez_adapter adapters[BLUEZ_ADAPTERS_MAX];
    size_t n_adapters;
    uint64_t keys[BLUEZ_DEVICES_MAX]; /* hash of devices[i]->path, apart for a quick search */
    struct bluez_device *devices[BLUEZ_DEVICES_MAX];
    size_t n_devices;
    /* Which characteristics are usable, which devices must never be forgotten */
    bool (*is_usable)(void *userdata, uint16_t uuid);
    bool (*is_configured)(void *userdata, const char *address);
    void *userdata;
};

void bluez_tree_done(struct bluez_tree *tree); /* frees what is in it, keeps the functions */

/* One interface of one object, from a signal or an answer. Returns what changed; *ret_device is the
 * device it is about or NULL. now_usec is when it was received; an answer (complete) says everything
 * there is of the interface and is no sign that the device was heard. */
uint32_t bluez_tree_apply(struct bluez_tree *tree, const char *path, enum bluez_interface interface,
                          const struct bluez_properties *p, bool complete, uint64_t now_usec,
                          struct bluez_device **ret_device);
uint32_t bluez_tree_remove(struct bluez_tree *tree, const char *path,
                           enum bluez_interface interface, struct bluez_device **ret_device);
/* Takes the device out of the tables and frees it. */
void bluez_tree_forget(struct bluez_tree *tree, struct bluez_device *device);

/* Around the reading of one complete answer: what it did not name is gone. After the sweep, devices'
 * `changes` say what became of them (BLUEZ_CHANGED_REMOVED: to be forgotten). */
void bluez_tree_mark(struct bluez_tree *tree);
uint32_t bluez_tree_sweep(struct bluez_tree *tree);

struct bluez_device *bluez_tree_device(const struct bluez_tree *tree, const char *path);
/* The characteristic a path names, and its device; NULL if it is none we use. */
const struct bluez_characteristic *bluez_tree_characteristic(const struct bluez_tree *tree,
                                                             const char *path,
                                                             struct bluez_device **ret_device);
struct bluez_device *bluez_tree_find(const struct bluez_tree *tree,
                                     const struct bluez_adapter *adapter, const char *address);
bool bluez_device_is_under(const struct bluez_device *device, const struct bluez_adapter *adapter);
