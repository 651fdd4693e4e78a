/* SPDX-License-Identifier: MIT */
/* Adapter1: what it shows, its power, and its coming and going. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/sim.h"

#define ADAPTER_ADDRESS "00:1B:DC:00:00:01"

#define FOREACH_DEVICE(d, sim)                                                                     \
    for (struct device *d = (sim)->devices; d < (sim)->devices + (sim)->n_sensors; d++)

/* ---- properties ----------------------------------------------------------------------------- */

static int get_address(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", ADAPTER_ADDRESS);
}

static int get_address_type(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", "public");
}

static int get_name(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", "simulated");
}

static int get_alias(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", ((struct adapter *)owner)->alias);
}

static int set_alias(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct adapter *a = owner;
    const char *alias;
    int r = sd_bus_message_read(m, "s", &alias);

    if (r < 0)
        return r;
    snprintf(a->alias, sizeof a->alias, "%s", alias);
    OBJECT_CHANGED(a->object, &adapter_interface, "Alias");
    return 0;
}

static int get_zero(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "u", 0);
}

static int get_false(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", false);
}

/* Accepted and without effect: nobody pairs with, or looks for, a simulated adapter. */
static int set_ignored(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return 0;
}

static int get_powered(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct adapter *)owner)->powered);
}

static int set_powered(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct adapter *a = owner;
    int value, r = sd_bus_message_read(m, "b", &value);

    if (r < 0)
        return r;
    if (value && a->blocked)
        return sd_bus_error_set(ret_error, "org.bluez.Error.Blocked", "Blocked through rfkill");
    if (value && !a->powered && a->stays_off > 0) {
        a->stays_off--;
        return sd_bus_error_set(ret_error, "org.bluez.Error.Failed", "Failed");
    }
    a->switched_off += a->powered && !value;
    adapter_set_powered(a, value);
    return 0;
}

static int get_discovering(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct adapter *)owner)->discovering);
}

static int get_uuids(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "as", 2, "00001801-0000-1000-8000-00805f9b34fb",
                                 "00001800-0000-1000-8000-00805f9b34fb");
}

static int get_modalias(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", "usb:v1D6Bp0246d0542");
}

static int get_roles(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "as", 2, "central", "peripheral");
}

static int method_remove_device(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct adapter *a = owner;
    const char *path;
    int r = sd_bus_message_read(m, "o", &path);

    if (r < 0)
        return r;
    if (!a->powered)
        return sd_bus_error_set(ret_error, "org.bluez.Error.NotReady", "Resource Not Ready");
    FOREACH_DEVICE(d, a->sim)
    if (strcmp(d->path, path) == 0 && device_remove(d) == 0)
        return sd_bus_reply_method_return(m, NULL);
    return sd_bus_error_set(ret_error, "org.bluez.Error.DoesNotExist", "Does Not Exist");
}

const struct interface adapter_interface = {
    "org.bluez.Adapter1",
    (const struct property[]){
        { "Address", "s", get_address, NULL, NULL },
        { "AddressType", "s", get_address_type, NULL, NULL },
        { "Name", "s", get_name, NULL, NULL },
        { "Alias", "s", get_alias, NULL, set_alias },
        { "Class", "u", get_zero, NULL, NULL },
        { "Powered", "b", get_powered, NULL, set_powered },
        { "Discoverable", "b", get_false, NULL, set_ignored },
        { "DiscoverableTimeout", "u", get_zero, NULL, set_ignored },
        { "Pairable", "b", get_false, NULL, set_ignored },
        { "PairableTimeout", "u", get_zero, NULL, set_ignored },
        { "Discovering", "b", get_discovering, NULL, NULL },
        { "UUIDs", "as", get_uuids, NULL, NULL },
        { "Modalias", "s", get_modalias, NULL, NULL },
        { "Roles", "as", get_roles, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL },
    },
    (const struct method[]){
        { "StartDiscovery", "", "", method_start_discovery },
        { "StopDiscovery", "", "", method_stop_discovery },
        { "SetDiscoveryFilter", "a{sv}", "", method_set_discovery_filter },
        { "GetDiscoveryFilters", "", "as", method_get_discovery_filters },
        { "RemoveDevice", "o", "", method_remove_device },
        { NULL, NULL, NULL, NULL },
    },
};

/* ---- power ---------------------------------------------------------------------------------- */

static void power_off(struct adapter *a)
{
    a->powered = a->wedged = false;
    FOREACH_DEVICE(d, a->sim)
    {
        if (d->phase == LINK_PENDING)
            connect_abort(d, NULL); /* success, without a link: 5.66 does answer so */
        device_link_down(d, false);
    }
    discovery_end(a);
    OBJECT_CHANGED(a->object, &adapter_interface, "Powered", "Discovering");
}

void adapter_set_powered(struct adapter *a, bool powered)
{
    if (!a->object || a->powered == powered)
        return;
    if (!powered) {
        power_off(a);
        return;
    }
    a->powered = true;
    OBJECT_CHANGED(a->object, &adapter_interface, "Powered", "UUIDs");
}

/* ---- coming and going ----------------------------------------------------------------------- */

void adapter_export(struct adapter *a)
{
    if (a->object || !a->plugged)
        return;
    a->object = object_add(a->sim->objects, ADAPTER_PATH);
    object_add_interface(a->object, &adapter_interface, a);
    FOREACH_DEVICE(d, a->sim)
    if (d->stored) {
        device_export(d);
        d->kept = true;
    }
}

void adapter_unexport(struct adapter *a)
{
    if (!a->object)
        return;
    adapter_set_powered(a, false);
    FOREACH_DEVICE(d, a->sim)
    {
        device_unexport(d);
        notify_forget(d);
    }
    a->object = object_remove(a->object);
}

void adapter_forget(struct adapter *a)
{
    discovery_end(a);
    FOREACH_DEVICE(d, a->sim)
    device_forget(d);
    for (size_t i = 0; i < DISCOVERY_CLIENTS; i++) {
        free(a->clients[i].sender);
        a->clients[i] = (struct discovery_client){ .sender = NULL };
    }
    a->powered = false;
    a->object = object_remove(a->object);
}

int adapter_init(struct adapter *a, struct sim *sim)
{
    *a = (struct adapter){ .sim = sim, .plugged = true, .alias = "simulated" };
    return discovery_init(a);
}

void adapter_done(struct adapter *a)
{
    adapter_forget(a);
    a->scan_timer = clock_timer_unref(a->scan_timer);
}
