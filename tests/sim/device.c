/* SPDX-License-Identifier: MIT */
/* Device1 and Battery1: what is shown of a device, and when it is shown at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/sim.h"

/* ---- Device1 -------------------------------------------------------------------------------- */

static int get_address(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", ((struct device *)owner)->sensor->address);
}

static int get_address_type(sd_bus_message *m, void *owner)
{
    bool public = ((struct device *)owner)->sensor->public_address;

    return sd_bus_message_append(m, "s", public ? "public" : "random");
}

static int get_name(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", ((struct device *)owner)->sensor->name);
}

static int get_alias(sd_bus_message *m, void *owner)
{
    const struct device *d = owner;

    return sd_bus_message_append(m, "s", d->alias[0] ? d->alias : d->sensor->name);
}

static int set_alias(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct device *d = owner;
    const char *alias;
    int r = sd_bus_message_read(m, "s", &alias);

    if (r < 0)
        return r;
    snprintf(d->alias, sizeof d->alias, "%s", alias);
    OBJECT_CHANGED(d->object, &device_interface, "Alias");
    return 0;
}

static bool has_appearance(void *owner)
{
    return ((struct device *)owner)->cached; /* it comes from GAP, not from the advert */
}

static int get_appearance(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "q", ((struct device *)owner)->sensor->appearance);
}

static int get_false(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", false);
}

static int get_trusted(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct device *)owner)->trusted);
}

static int set_trusted(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct device *d = owner;
    int value, r = sd_bus_message_read(m, "b", &value);

    if (r < 0)
        return r;
    d->trusted = value;
    OBJECT_CHANGED(d->object, &device_interface, "Trusted");
    return 0;
}

static int get_blocked(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct device *)owner)->blocked);
}

static int set_blocked(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct device *d = owner;
    int value, r = sd_bus_message_read(m, "b", &value);

    if (r < 0)
        return r;
    d->blocked = value;
    OBJECT_CHANGED(d->object, &device_interface, "Blocked");
    return 0;
}

/* Of later versions than 5.66; on those before, a dual-mode device has no cure. */
static bool has_bearer(void *owner)
{
    return ((struct device *)owner)->sensor->dual_mode;
}

static int get_bearer(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "s", ((struct device *)owner)->prefers_le ? "le" : "last-seen");
}

static int set_bearer(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct device *d = owner;
    const char *bearer;
    int r = sd_bus_message_read(m, "s", &bearer);

    if (r < 0)
        return r;
    d->prefers_le = strcmp(bearer, "le") == 0;
    OBJECT_CHANGED(d->object, &device_interface, "PreferredBearer");
    return 0;
}

static bool has_rssi(void *owner)
{
    return ((struct device *)owner)->has_rssi;
}

static int get_rssi(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "n", (int16_t)((struct device *)owner)->rssi_dbm);
}

static int get_connected(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct device *)owner)->connected);
}

static int get_resolved(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "b", ((struct device *)owner)->resolved);
}

static int get_adapter(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "o", ADAPTER_PATH);
}

/* In ascending order, as bluetoothd keeps them: what is advertised, or once connected all there is. */
static int get_uuids(sd_bus_message *m, void *owner)
{
    static const uint16_t known[] = { 0x1800, 0x1801, 0x180A, 0x180D, 0x180F,
                                      0x1814, 0x1818, 0x1819, 0x181A, 0x1826 };
    const struct device *d = owner;
    int r = sd_bus_message_open_container(m, 'a', "s");

    for (size_t i = 0; r >= 0 && i < ELEMENTSOF(known); i++) {
        bool has = known[i] == 0x180F || (d->cached && known[i] <= 0x180A);

        for (size_t s = 0; s < SENSOR_SERVICES; s++)
            has |= d->sensor->services & sensor_services[s].bit &&
                   sensor_services[s].service == known[i];
        if (has)
            r = sd_bus_message_append(m, "s", uuid_text(known[i]));
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int method_not_supported(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.NotSupported",
                            "Operation is not supported");
}

static int method_pair(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.AuthenticationFailed",
                            "Authentication Failed"); /* no sensor of ours can bond */
}

const struct interface device_interface = {
    "org.bluez.Device1",
    (const struct property[]){
        { "Address", "s", get_address, NULL, NULL },
        { "AddressType", "s", get_address_type, NULL, NULL },
        { "Name", "s", get_name, NULL, NULL },
        { "Alias", "s", get_alias, NULL, set_alias },
        { "Appearance", "q", get_appearance, has_appearance, NULL },
        { "Paired", "b", get_false, NULL, NULL },
        { "Bonded", "b", get_false, NULL, NULL },
        { "Trusted", "b", get_trusted, NULL, set_trusted },
        { "Blocked", "b", get_blocked, NULL, set_blocked },
        { "LegacyPairing", "b", get_false, NULL, NULL },
        { "PreferredBearer", "s", get_bearer, has_bearer, set_bearer },
        { "RSSI", "n", get_rssi, has_rssi, NULL },
        { "Connected", "b", get_connected, NULL, NULL },
        { "UUIDs", "as", get_uuids, NULL, NULL },
        { "Adapter", "o", get_adapter, NULL, NULL },
        { "ServicesResolved", "b", get_resolved, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL },
    },
    (const struct method[]){
        { "Connect", "", "", method_connect },
        { "Disconnect", "", "", method_disconnect },
        { "Pair", "", "", method_pair },
        { "CancelPairing", "", "", method_not_supported },
        { "ConnectProfile", "s", "", method_not_supported },
        { "DisconnectProfile", "s", "", method_not_supported },
        { NULL, NULL, NULL, NULL },
    },
};

/* ---- Battery1 ------------------------------------------------------------------------------- */

static int get_percentage(sd_bus_message *m, void *owner)
{
    return sd_bus_message_append(m, "y", (uint8_t)((struct device *)owner)->sensor->battery_pct);
}

const struct interface battery_interface = {
    "org.bluez.Battery1",
    (const struct property[]){
        { "Percentage", "y", get_percentage, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL },
    },
    NULL,
};

void device_set_battery(struct device *d, bool present)
{
    if (!present) {
        object_remove_interface(d->object, &battery_interface);
        return;
    }
    object_add_interface(d->object, &battery_interface, d);
    object_announce(d->object);
}

void device_on_battery(struct device *d)
{
    struct characteristic *level = gatt_find(&d->gatt, 0x2A19);
    struct packet value = { .bytes = { (uint8_t)d->sensor->battery_pct }, .length = 1 };

    if (!d->resolved)
        return;
    OBJECT_CHANGED(d->object, &battery_interface, "Percentage");
    if (level->subscribed)
        characteristic_set_value(level, &value);
}

/* ---- to be shown or not --------------------------------------------------------------------- */

void device_export(struct device *d)
{
    if (d->object)
        return;
    d->object = object_add(d->sim->objects, d->path);
    object_add_interface(d->object, &device_interface, d);
}

void device_unexport(struct device *d)
{
    if (!d->object)
        return;
    connect_abort(d, "br-connection-canceled");
    if (d->connected)
        device_link_down(d, false);
    gatt_unexport(d);
    d->object = object_remove(d->object);
    d->has_rssi = false;
    clock_timer_set(d->temporary_timer, CLOCK_NEVER);
}

void device_forget(struct device *d)
{
    if (d->connect_call)
        d->connect_call = sd_bus_message_unref(d->connect_call);
    if (d->connected)
        device_link_down(d, true);
    d->phase = LINK_DOWN;
    clock_timer_set(d->phase_timer, CLOCK_NEVER);
    clock_timer_set(d->temporary_timer, CLOCK_NEVER);
    notify_forget(d);
    gatt_unexport(d);
    d->object = object_remove(d->object);
    d->has_rssi = false;
}

int device_remove(struct device *d)
{
    if (!d->object)
        return 1;
    device_unexport(d);
    notify_forget(d);
    d->stored = d->kept = d->cached = d->trusted = d->blocked = false;
    d->alias[0] = '\0';
    for (size_t i = 0; i < d->gatt.n_characteristics; i++)
        d->gatt.characteristics[i].value.length = 0;
    device_on_discovering(d); /* a scan that runs finds it anew */
    return 0;
}

/* ---- life ----------------------------------------------------------------------------------- */

int device_init(struct device *d, struct sim *sim, struct sensor *sensor)
{
    int r;

    *d = (struct device){ .sim = sim, .sensor = sensor };
    snprintf(d->path, sizeof d->path, ADAPTER_PATH "/dev_%s", sensor->address);
    for (char *p = d->path; *p; p++)
        *p = *p == ':' ? '_' : *p;
    gatt_build(d);
    r = connect_init(d);
    return r < 0 ? r : hear_init(d);
}

void device_done(struct device *d)
{
    device_forget(d);
    d->phase_timer = clock_timer_unref(d->phase_timer);
    d->loss_timer = clock_timer_unref(d->loss_timer);
    d->temporary_timer = clock_timer_unref(d->temporary_timer);
    d->hear_timer = clock_timer_unref(d->hear_timer);
}
