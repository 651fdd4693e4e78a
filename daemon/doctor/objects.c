/* SPDX-License-Identifier: MIT */
#include "daemon/doctor/objects.h"

#include <stdio.h>
#include <string.h>
#include "daemon/bluez/msg.h"

static void take_adapter(struct objects *objects, const char *path,
                         const struct bluez_properties *p)
{
    struct objects_adapter *adapter = &objects->adapters[objects->n_adapters];

    if (objects->n_adapters == OBJECTS_ADAPTERS_MAX)
        return;
    *adapter = (struct objects_adapter){ .powered = p->powered, .discovering = p->discovering };
    snprintf(adapter->name, sizeof(adapter->name), "%s", strrchr(path, '/') + 1);
    snprintf(adapter->address, sizeof(adapter->address), "%s", p->address);
    objects->n_adapters++;
}

/* A device and its battery are two interfaces of one object. */
static struct objects_device *device_at(struct objects *objects, const char *path)
{
    for (size_t i = 0; i < objects->n_devices; i++)
        if (strcmp(objects->devices[i].path, path) == 0)
            return &objects->devices[i];
    if (objects->n_devices == OBJECTS_DEVICES_MAX ||
        strlen(path) >= sizeof(objects->devices[0].path))
        return NULL;
    struct objects_device *device = &objects->devices[objects->n_devices++];
    *device = (struct objects_device){ .battery_pct = -1 };
    snprintf(device->path, sizeof(device->path), "%s", path);
    return device;
}

static void take_device(struct objects_device *device, const struct bluez_properties *p)
{
    snprintf(device->address, sizeof(device->address), "%s", p->address);
    snprintf(device->name, sizeof(device->name), "%s", p->name);
    device->connected = p->connected;
    device->heard = (p->has & BLUEZ_HAS_RSSI) != 0;
    device->rssi_dbm = p->rssi_dbm;
}

static void on_object(void *userdata, const char *path, enum bluez_interface interface,
                      const struct bluez_properties *p)
{
    struct objects_device *device;

    if (interface == BLUEZ_ADAPTER && strchr(path, '/'))
        take_adapter(userdata, path, p);
    if (interface != BLUEZ_DEVICE && interface != BLUEZ_BATTERY)
        return;
    device = device_at(userdata, path);
    if (device && interface == BLUEZ_DEVICE)
        take_device(device, p);
    else if (device && (p->has & BLUEZ_HAS_PERCENTAGE))
        device->battery_pct = p->percentage;
}

int objects_read(struct objects *objects, sd_bus_message *m)
{
    int r = bluez_msg_read_objects(m, on_object, objects);

    objects->asked = r >= 0;
    return r;
}

const struct objects_device *objects_find(const struct objects *objects, const char *address)
{
    for (size_t i = 0; i < objects->n_devices; i++)
        if (strcasecmp(objects->devices[i].address, address) == 0)
            return &objects->devices[i];
    return NULL;
}
