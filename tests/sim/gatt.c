/* SPDX-License-Identifier: MIT */
/* GattService1, GattCharacteristic1 and GattDescriptor1 on the bus. */
#include <stdio.h>
#include "daemon/util.h"
#include "tests/sim/sim.h"

/* ---- GattService1 --------------------------------------------------------------------------- */

static int get_service_uuid(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", uuid_text(((struct service *)owner)->uuid));
}

static int get_service_device(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "o", ((struct service *)owner)->device->path);
}

static int get_primary(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", true);
}

static int get_includes(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "ao", 0);
}

const struct interface service_interface = {
    "org.bluez.GattService1",
    (const struct property[]){
        { "UUID", "s", get_service_uuid, NULL, NULL },
        { "Device", "o", get_service_device, NULL, NULL },
        { "Primary", "b", get_primary, NULL, NULL },
        { "Includes", "ao", get_includes, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL },
    },
    NULL,
};

/* ---- GattCharacteristic1 -------------------------------------------------------------------- */

static int get_uuid(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", uuid_text(((struct characteristic *)owner)->uuid));
}

static int get_service(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "o", ((struct characteristic *)owner)->service->path);
}

static int get_value(sd_bus_message *m, void *owner)
{
    const struct characteristic *c = owner;

    return sd_bus_message_append_array(m, 'y', c->value.bytes, c->value.length);
}

static bool can_notify(void *owner)
{
    return ((struct characteristic *)owner)->flags & (GATT_NOTIFY | GATT_INDICATE);
}

static int get_notifying(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", characteristic_is_notifying(owner));
}

static bool can_be_acquired(void *owner)
{
    return ((struct characteristic *)owner)->flags & GATT_NOTIFY; /* indications not before 5.80 */
}

static int get_acquired(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct characteristic *)owner)->acquired_fd >= 0);
}

static int get_flags(sd_bus_message *m, void *owner)
{
    static const struct {
        unsigned flag;
        const char *name;
    } flags[] = { { GATT_READ, "read" },
                  { GATT_WRITE, "write" },
                  { GATT_NOTIFY, "notify" },
                  { GATT_INDICATE, "indicate" } };
    int r = sd_bus_message_open_container(m, 'a', "s");

    for (size_t i = 0; r >= 0 && i < ELEMENTSOF(flags); i++)
        if (((struct characteristic *)owner)->flags & flags[i].flag)
            r = sd_bus_message_append(m, "s", flags[i].name);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int get_mtu(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "q", GATT_MTU);
}

static int method_acquire_write(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.NotSupported",
                            "Operation is not supported");
}

const struct interface characteristic_interface = {
    "org.bluez.GattCharacteristic1",
    (const struct property[]){
        { "UUID", "s", get_uuid, NULL, NULL },
        { "Service", "o", get_service, NULL, NULL },
        { "Value", "ay", get_value, NULL, NULL },
        { "Notifying", "b", get_notifying, can_notify, NULL },
        { "Flags", "as", get_flags, NULL, NULL },
        { "NotifyAcquired", "b", get_acquired, can_be_acquired, NULL },
        { "MTU", "q", get_mtu, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL },
    },
    (const struct method[]){
        { "ReadValue", "a{sv}", "ay", method_read_value },
        { "WriteValue", "aya{sv}", "", method_write_value },
        { "AcquireWrite", "a{sv}", "hq", method_acquire_write },
        { "AcquireNotify", "a{sv}", "hq", method_acquire_notify },
        { "StartNotify", "", "", method_start_notify },
        { "StopNotify", "", "", method_stop_notify },
        { NULL, NULL, NULL, NULL },
    },
};

/* ---- GattDescriptor1 (the CCC is the only one there is) --------------------------------------- */

static int get_descriptor_uuid(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", uuid_text(0x2902));
}

static int get_characteristic(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "o", ((struct characteristic *)owner)->path);
}

static int get_nothing(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "ay", 0);
}

static int method_write_descriptor(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.NotPermitted", "Write not permitted");
}

const struct interface descriptor_interface = {
    "org.bluez.GattDescriptor1",
    (const struct property[]){
        { "UUID", "s", get_descriptor_uuid, NULL, NULL },
        { "Characteristic", "o", get_characteristic, NULL, NULL },
        { "Value", "ay", get_nothing, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL },
    },
    (const struct method[]){
        { "ReadValue", "a{sv}", "ay", method_read_descriptor },
        { "WriteValue", "aya{sv}", "", method_write_descriptor },
        { NULL, NULL, NULL, NULL },
    },
};

/* ---- to be shown or not --------------------------------------------------------------------- */

static void characteristic_export(struct characteristic *c)
{
    struct objects *objects = c->device->sim->objects;
    char path[128];

    if (c->hidden)
        return;
    c->object = object_add(objects, c->path);
    object_add_interface(c->object, &characteristic_interface, c);
    if (!can_notify(c))
        return;
    snprintf(path, sizeof path, "%s/desc%04x", c->path, c->handle + 2);
    c->descriptor = object_add(objects, path);
    object_add_interface(c->descriptor, &descriptor_interface, c);
}

void gatt_export(struct device *device)
{
    struct gatt *gatt = &device->gatt;

    if (gatt->exported)
        return;
    gatt->exported = true;
    for (size_t i = 0; i < gatt->n_services; i++) {
        struct service *service = &gatt->services[i];

        service->object = object_add(device->sim->objects, service->path);
        object_add_interface(service->object, &service_interface, service);
        for (size_t k = 0; k < gatt->n_characteristics; k++)
            if (gatt->characteristics[k].service == service)
                characteristic_export(&gatt->characteristics[k]);
    }
}

static void characteristic_announce(const struct characteristic *c)
{
    if (c->object)
        object_announce(c->object);
    if (c->descriptor)
        object_announce(c->descriptor);
}

void gatt_announce(struct device *device)
{
    struct gatt *gatt = &device->gatt;

    for (size_t i = 0; i < gatt->n_services; i++) {
        object_announce(gatt->services[i].object);
        for (size_t k = 0; k < gatt->n_characteristics; k++)
            if (gatt->characteristics[k].service == &gatt->services[i])
                characteristic_announce(&gatt->characteristics[k]);
    }
}

void gatt_unexport(struct device *device)
{
    struct gatt *gatt = &device->gatt;

    for (size_t i = gatt->n_characteristics; i-- > 0;) {
        struct characteristic *c = &gatt->characteristics[i];

        c->descriptor = object_remove(c->descriptor);
        c->object = object_remove(c->object);
    }
    for (size_t i = 0; i < gatt->n_services; i++)
        gatt->services[i].object = object_remove(gatt->services[i].object);
    gatt->exported = false;
}

/* ---- to change ------------------------------------------------------------------------------ */

#define SHIFT 0x40 /* handles: more than any sensor has */

bool gatt_shift(struct device *device)
{
    struct gatt *gatt = &device->gatt;
    const struct gatt old = *gatt;

    if (!gatt->exported)
        return false;
    att_cancel_all(device, false);
    gatt_renumber(gatt, SHIFT);
    for (size_t i = 0; i < gatt->n_characteristics; i++)
        gatt->characteristics[i].object = gatt->characteristics[i].descriptor = NULL;
    gatt->exported = false;
    gatt_export(device);
    gatt_announce(device);
    notify_forget(device);
    for (size_t i = old.n_characteristics; i-- > 0;) {
        (void)object_remove(old.characteristics[i].descriptor);
        (void)object_remove(old.characteristics[i].object);
    }
    for (size_t i = 0; i < old.n_services; i++)
        (void)object_remove(old.services[i].object);
    return true;
}

void gatt_hide(struct device *device, uint16_t uuid, bool hide)
{
    struct characteristic *c = gatt_find(&device->gatt, uuid);

    if (!c || c->hidden == hide)
        return;
    c->hidden = hide;
    if (!device->gatt.exported)
        return;
    if (!hide) {
        characteristic_export(c);
        characteristic_announce(c);
        return;
    }
    att_cancel_all(device, false);
    notify_forget_one(c);
    c->descriptor = object_remove(c->descriptor);
    c->object = object_remove(c->object);
}
