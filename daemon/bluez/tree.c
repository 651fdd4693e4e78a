/* SPDX-License-Identifier: MIT */
/*
 * A path is looked up for every notification, so devices are found by a hash of the device's part of
 * the path in an array of its own (4 KiB when full), then compared once.
 *
 *     /org/bluez/hci0/dev_C0_DE_00_00_00_01/service000a/char000b
 *     |-- adapter --|                       |
 *     |-------------- device --------------||------ suffix ----|
 */
#include "daemon/bluez/tree.h"
#include "lib/digest.h"

#include <stdlib.h>
#include <string.h>

#define UUID_CCC 0x2902 /* Client Characteristic Configuration */

/* ---- paths ---- */

/* Length of the adapter's part, 0 if the path is not at or below an adapter. */
static size_t adapter_length(const char *path)
{
    static const char root[] = "/org/bluez/";
    if (strncmp(path, root, sizeof root - 1) != 0)
        return 0;
    size_t length = sizeof root - 1 + strcspn(path + sizeof root - 1, "/");
    return length > sizeof root - 1 && length < sizeof((struct bluez_adapter *)0)->path ? length
                                                                                        : 0;
}

/* Length of the device's part, 0 if the path is not at or below a device. */
static size_t device_length(const char *path)
{
    size_t adapter = adapter_length(path);
    if (adapter == 0 || strncmp(path + adapter, "/dev_", 5) != 0)
        return 0;
    size_t length = adapter + 1 + strcspn(path + adapter + 1, "/");
    return length < sizeof((struct bluez_device *)0)->path ? length : 0;
}

static uint64_t key_of(const char *path, size_t length)
{
    return digest_bytes(DIGEST_OF_NOTHING, path, length);
}

static struct bluez_device *device_at(const struct bluez_tree *tree, const char *path,
                                      size_t length)
{
    uint64_t key = key_of(path, length);
    for (size_t i = 0; i < tree->n_devices; i++)
        if (tree->keys[i] == key && strncmp(tree->devices[i]->path, path, length) == 0 &&
            tree->devices[i]->path[length] == '\0')
            return tree->devices[i];
    return NULL;
}

struct bluez_device *bluez_tree_device(const struct bluez_tree *tree, const char *path)
{
    size_t length = device_length(path);
    return length > 0 && path[length] == '\0' ? device_at(tree, path, length) : NULL;
}

const struct bluez_characteristic *bluez_tree_characteristic(const struct bluez_tree *tree,
                                                             const char *path,
                                                             struct bluez_device **ret_device)
{
    size_t length = device_length(path);
    struct bluez_device *device = length > 0 ? device_at(tree, path, length) : NULL;
    for (size_t i = 0; device && i < device->n_characteristics; i++)
        if (strcmp(device->characteristics[i].suffix, path + length) == 0) {
            *ret_device = device;
            return &device->characteristics[i];
        }
    return NULL;
}

bool bluez_device_is_under(const struct bluez_device *device, const struct bluez_adapter *adapter)
{
    size_t length = strlen(adapter->path);
    return strncmp(device->path, adapter->path, length) == 0 && device->path[length] == '/';
}

struct bluez_device *bluez_tree_find(const struct bluez_tree *tree,
                                     const struct bluez_adapter *adapter, const char *address)
{
    for (size_t i = 0; i < tree->n_devices; i++)
        if (strcmp(tree->devices[i]->address, address) == 0 &&
            bluez_device_is_under(tree->devices[i], adapter))
            return tree->devices[i];
    return NULL;
}

/* ---- tables ---- */

static struct bluez_adapter *adapter_get(struct bluez_tree *tree, const char *path, bool create)
{
    for (size_t i = 0; i < tree->n_adapters; i++)
        if (strcmp(tree->adapters[i].path, path) == 0)
            return &tree->adapters[i];
    size_t length = adapter_length(path);
    if (!create || length == 0 || path[length] != '\0' || tree->n_adapters == BLUEZ_ADAPTERS_MAX)
        return NULL;
    struct bluez_adapter *adapter = &tree->adapters[tree->n_adapters++];
    *adapter = (struct bluez_adapter){ 0 };
    memcpy(adapter->path, path, length + 1);
    return adapter;
}

void bluez_tree_forget(struct bluez_tree *tree, struct bluez_device *device)
{
    for (size_t i = 0; i < tree->n_devices; i++) {
        if (tree->devices[i] != device)
            continue;
        tree->n_devices--;
        tree->devices[i] = tree->devices[tree->n_devices];
        tree->keys[i] = tree->keys[tree->n_devices];
        break;
    }
    bluez_device_free(device);
}

/* The device that is missed least: not configured, not connected, no service of ours, oldest. */
static struct bluez_device *least_wanted(const struct bluez_tree *tree)
{
    struct bluez_device *least = NULL;
    for (size_t i = 0; i < tree->n_devices; i++) {
        struct bluez_device *d = tree->devices[i];
        if (d->connected || tree->is_configured(tree->userdata, d->address))
            continue;
        if (!least || (d->services == 0) > (least->services == 0) ||
            ((d->services == 0) == (least->services == 0) && d->heard_usec < least->heard_usec))
            least = d;
    }
    return least;
}

static struct bluez_device *device_get(struct bluez_tree *tree, const char *path, bool create)
{
    struct bluez_device *device = bluez_tree_device(tree, path);
    size_t length = device_length(path);
    if (device || !create || length == 0 || path[length] != '\0')
        return device;
    if (tree->n_devices == BLUEZ_DEVICES_MAX) {
        struct bluez_device *least = least_wanted(tree);
        if (!least)
            return NULL;
        bluez_tree_forget(tree, least);
    }
    device = calloc(1, sizeof *device);
    if (!device)
        return NULL;
    memcpy(device->path, path, length + 1);
    device->battery_pct = -1;
    tree->keys[tree->n_devices] = key_of(path, length);
    tree->devices[tree->n_devices++] = device;
    return device;
}

/* ---- applying ---- */

static uint32_t apply_adapter(struct bluez_tree *tree, const char *path,
                              const struct bluez_properties *p)
{
    struct bluez_adapter *adapter = adapter_get(tree, path, true);
    if (!adapter)
        return 0;
    adapter->stale = false;
    if (p->has & BLUEZ_HAS_ADDRESS)
        memcpy(adapter->address, p->address, sizeof adapter->address);
    if (p->has & BLUEZ_HAS_POWERED)
        adapter->powered = p->powered;
    if (p->has & BLUEZ_HAS_POWER_STATE)
        adapter->blocked = p->blocked;
    if (p->has & BLUEZ_HAS_DISCOVERING)
        adapter->discovering = p->discovering;
    return BLUEZ_CHANGED_ADAPTER;
}

static uint32_t apply_advertising(struct bluez_tree *tree, const char *path,
                                  const struct bluez_properties *p)
{
    struct bluez_adapter *adapter = adapter_get(tree, path, false);
    if (adapter && p->has & BLUEZ_HAS_INSTANCES)
        adapter->instances = p->instances;
    return 0;
}

static uint32_t apply_characteristic(struct bluez_tree *tree, const char *path,
                                     const struct bluez_properties *p,
                                     struct bluez_device **ret_device)
{
    size_t length = device_length(path);
    struct bluez_device *d = length > 0 ? device_at(tree, path, length) : NULL;
    if (!d || !(p->has & BLUEZ_HAS_UUID))
        return 0;
    *ret_device = d;
    return bluez_device_add_characteristic(d, path + length, p->uuid,
                                           tree->is_usable(tree->userdata, p->uuid));
}

static void apply_descriptor(struct bluez_tree *tree, const char *path,
                             const struct bluez_properties *p)
{
    size_t length = device_length(path);
    struct bluez_device *d = length > 0 ? device_at(tree, path, length) : NULL;
    if (!d || p->uuid != UUID_CCC || !(p->has & BLUEZ_HAS_UUID))
        return;
    bluez_device_add_switch(d, path + length);
}

uint32_t bluez_tree_apply(struct bluez_tree *tree, const char *path, enum bluez_interface interface,
                          const struct bluez_properties *p, bool complete, uint64_t now_usec,
                          struct bluez_device **ret_device)
{
    uint32_t changes = 0;
    *ret_device = NULL;
    switch (interface) {
    case BLUEZ_ADAPTER:
        return apply_adapter(tree, path, p);
    case BLUEZ_ADVERTISING:
        return apply_advertising(tree, path, p);
    case BLUEZ_DEVICE:
        *ret_device = device_get(tree, path, p->has & BLUEZ_HAS_ADDRESS);
        changes = *ret_device ? bluez_device_apply(*ret_device, p, complete, now_usec) : 0;
        break;
    case BLUEZ_BATTERY:
        *ret_device = device_get(tree, path, false);
        changes = *ret_device ? bluez_device_apply_battery(*ret_device, p) : 0;
        break;
    case BLUEZ_CHARACTERISTIC:
        changes = apply_characteristic(tree, path, p, ret_device);
        break;
    case BLUEZ_DESCRIPTOR:
        apply_descriptor(tree, path, p);
        break;
    case BLUEZ_OTHER:
        break;
    }
    if (*ret_device)
        (*ret_device)->changes |= changes;
    return changes;
}

/* ---- removing ---- */

static uint32_t remove_adapter(struct bluez_tree *tree, struct bluez_adapter *adapter)
{
    size_t i = (size_t)(adapter - tree->adapters);
    tree->n_adapters--;
    memmove(adapter, adapter + 1, (tree->n_adapters - i) * sizeof *adapter);
    return BLUEZ_CHANGED_ADAPTER;
}

uint32_t bluez_tree_remove(struct bluez_tree *tree, const char *path,
                           enum bluez_interface interface, struct bluez_device **ret_device)
{
    size_t length = device_length(path);
    struct bluez_device *d = length > 0 ? device_at(tree, path, length) : NULL;
    struct bluez_adapter *adapter;
    uint32_t changes = 0;
    *ret_device = d;
    switch (interface) {
    case BLUEZ_ADAPTER:
        adapter = adapter_get(tree, path, false);
        return adapter ? remove_adapter(tree, adapter) : 0;
    case BLUEZ_DEVICE:
        changes = d && path[length] == '\0' ? bluez_device_remove(d) : 0;
        break;
    case BLUEZ_BATTERY:
        if (d)
            d->battery_pct = -1; /* bluetoothd takes it away with the link; what we read stands */
        break;
    case BLUEZ_CHARACTERISTIC:
        changes = d ? bluez_device_remove_characteristics(d, path + length) : 0;
        break;
    case BLUEZ_DESCRIPTOR:  /* goes with its characteristic */
    case BLUEZ_ADVERTISING: /* goes with its adapter */
    case BLUEZ_OTHER:
        break;
    }
    if (d)
        d->changes |= changes;
    return changes;
}

void bluez_tree_mark(struct bluez_tree *tree)
{
    for (size_t i = 0; i < tree->n_adapters; i++)
        tree->adapters[i].stale = true;
    for (size_t i = 0; i < tree->n_devices; i++)
        bluez_device_mark(tree->devices[i]);
}

uint32_t bluez_tree_sweep(struct bluez_tree *tree)
{
    uint32_t changes = 0;
    for (size_t i = tree->n_adapters; i-- > 0;)
        if (tree->adapters[i].stale)
            changes |= remove_adapter(tree, &tree->adapters[i]);
    for (size_t i = 0; i < tree->n_devices; i++) {
        bluez_device_sweep(tree->devices[i]);
        changes |= tree->devices[i]->changes;
    }
    return changes;
}

void bluez_tree_done(struct bluez_tree *tree)
{
    while (tree->n_devices > 0)
        bluez_tree_forget(tree, tree->devices[tree->n_devices - 1]);
    tree->n_adapters = 0;
}
