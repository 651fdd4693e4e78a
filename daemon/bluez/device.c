/* SPDX-License-Identifier: MIT */
#include "daemon/bluez/device.h"
#include "daemon/array.h"

#include <stdlib.h>
#include <string.h>

/* ---- what it says of itself ---- */

static uint32_t apply_identity(struct bluez_device *d, const struct bluez_properties *p)
{
    struct bluez_device was = *d;
    if (p->has & BLUEZ_HAS_ADDRESS)
        memcpy(d->address, p->address, sizeof d->address);
    if (p->has & BLUEZ_HAS_ADDRESS_TYPE)
        d->random_address = p->random_address;
    if (p->has & BLUEZ_HAS_NAME)
        memcpy(d->name, p->name, sizeof d->name);
    if (p->has & BLUEZ_HAS_SERVICES)
        d->services = p->services;
    if (p->has & BLUEZ_HAS_PAIRED)
        d->paired = p->paired;
    if (p->has & BLUEZ_HAS_TRUSTED)
        d->trusted = p->trusted;
    if (p->has & BLUEZ_HAS_BEARER)
        d->other_bearer = p->other_bearer;
    return was.services != d->services || strcmp(was.name, d->name) != 0 ||
                   strcmp(was.address, d->address) != 0
               ? BLUEZ_CHANGED_IDENTITY
               : 0;
}

uint32_t bluez_device_apply(struct bluez_device *d, const struct bluez_properties *p, bool complete,
                            uint64_t now_usec)
{
    uint32_t changes = apply_identity(d, p);
    if (complete || p->has & BLUEZ_HAS_CONNECTED)
        d->connected = p->connected;
    if (complete || p->has & BLUEZ_HAS_RESOLVED)
        d->resolved = p->resolved;
    if (complete || p->has & (BLUEZ_HAS_CONNECTED | BLUEZ_HAS_RESOLVED))
        changes |= BLUEZ_CHANGED_LINK;
    if (complete || p->has & BLUEZ_HAS_CONNECTED)
        changes |= BLUEZ_CHANGED_CONNECTED;
    if (complete || p->gone & BLUEZ_HAS_RSSI)
        d->has_rssi = false;
    if (p->has & BLUEZ_HAS_RSSI) {
        d->has_rssi =
            p->rssi_dbm != 127 && p->rssi_dbm != 0; /* HCI's and bluetoothd's 'not known' */
        d->rssi_dbm = p->rssi_dbm;
    }
    if (!complete && p->has & (BLUEZ_HAS_RSSI | BLUEZ_HAS_ADVERT_DATA)) {
        d->heard_usec = now_usec;
        changes |= BLUEZ_CHANGED_ADVERT;
    }
    d->stale = false;
    return changes;
}

uint32_t bluez_device_apply_battery(struct bluez_device *d, const struct bluez_properties *p)
{
    int was = d->battery_pct;
    d->battery_stale = false;
    if (p->has & BLUEZ_HAS_PERCENTAGE)
        d->battery_pct = p->percentage;
    return was != d->battery_pct ? BLUEZ_CHANGED_BATTERY : 0;
}

/* ---- its characteristics ---- */

const struct bluez_characteristic *bluez_device_characteristic(const struct bluez_device *device,
                                                               uint16_t uuid)
{
    for (size_t i = 0; i < device->n_characteristics; i++)
        if (device->characteristics[i].uuid == uuid)
            return &device->characteristics[i];
    return NULL;
}

bool bluez_device_has_number(const struct bluez_device *device, uint32_t number)
{
    for (size_t i = 0; i < device->n_characteristics; i++)
        if (device->characteristics[i].number == number)
            return true;
    return false;
}

static struct bluez_characteristic *find(const struct bluez_device *device, const char *suffix)
{
    for (size_t i = 0; i < device->n_characteristics; i++)
        if (strcmp(device->characteristics[i].suffix, suffix) == 0)
            return &device->characteristics[i];
    return NULL;
}

static bool append(struct bluez_device *device, const char *suffix, uint16_t uuid)
{
    struct bluez_characteristic *c;
    if (strlen(suffix) >= sizeof c->suffix ||
        device->n_characteristics == BLUEZ_CHARACTERISTICS_MAX)
        return false;
    c = ARRAY_ADD(device->characteristics, device->n_characteristics);
    if (!c)
        return false;
    c->uuid = uuid;
    c->number = ++device->last_number;
    memcpy(c->suffix, suffix, strlen(suffix) + 1);
    return true;
}

uint32_t bluez_device_add_characteristic(struct bluez_device *d, const char *suffix, uint16_t uuid,
                                         bool usable)
{
    struct bluez_characteristic *c = find(d, suffix);
    d->has_gatt = true;
    if (c && !usable) /* its place is another's now */
        return bluez_device_remove_characteristics(d, suffix);
    bool changed = c ? c->uuid != uuid : usable && append(d, suffix, uuid);
    if (c) {
        if (changed)
            c->number = ++d->last_number;
        c->uuid = uuid;
        c->stale = false;
    }
    return changed ? BLUEZ_CHANGED_GATT : 0;
}

void bluez_device_add_switch(struct bluez_device *d, const char *suffix)
{
    for (size_t i = 0; i < d->n_characteristics; i++) {
        struct bluez_characteristic *c = &d->characteristics[i];
        size_t own = strlen(c->suffix);
        if (strncmp(suffix, c->suffix, own) != 0)
            continue;
        const char *rest = suffix + own;
        if (rest[0] == '/' && strlen(rest) < sizeof c->ccc)
            memcpy(c->ccc, rest, strlen(rest) + 1);
    }
}

uint32_t bluez_device_remove_characteristics(struct bluez_device *d, const char *suffix)
{
    size_t kept = 0, was = d->n_characteristics;
    for (size_t i = 0; i < was; i++) {
        bool out = suffix ? strcmp(d->characteristics[i].suffix, suffix) == 0
                          : d->characteristics[i].stale;
        if (!out)
            d->characteristics[kept++] = d->characteristics[i];
    }
    d->n_characteristics = kept;
    return kept != was ? BLUEZ_CHANGED_GATT : 0;
}

/* ---- its end ---- */

uint32_t bluez_device_remove(struct bluez_device *d)
{
    d->connected = d->resolved = d->has_rssi = false;
    return BLUEZ_CHANGED_REMOVED | BLUEZ_CHANGED_LINK | BLUEZ_CHANGED_CONNECTED;
}

void bluez_device_mark(struct bluez_device *d)
{
    d->stale = d->battery_stale = true;
    d->has_gatt = false;
    for (size_t i = 0; i < d->n_characteristics; i++)
        d->characteristics[i].stale = true;
}

void bluez_device_sweep(struct bluez_device *d)
{
    if (d->battery_stale)
        d->battery_pct = -1;
    d->changes |= bluez_device_remove_characteristics(d, NULL);
    if (d->stale)
        d->changes |= bluez_device_remove(d);
}

struct bluez_device *bluez_device_free(struct bluez_device *d)
{
    if (d)
        free(d->characteristics);
    free(d);
    return NULL;
}
