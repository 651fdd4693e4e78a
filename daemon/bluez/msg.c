/* SPDX-License-Identifier: MIT */
/*
 * Reading org.bluez. A property is a row of a table (interface, name, D-Bus type, reader); a value of
 * another type than its row says is skipped as if it were not there, so that a later or a hostile
 * bluetoothd cannot make us read past what it sent.
 */
#include "daemon/bluez/msg.h"

#include <errno.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/gatt/gatt.h"

/* ---- one value ---- */

static int read_bool(sd_bus_message *m, bool *ret)
{
    int value, r = sd_bus_message_read_basic(m, 'b', &value);
    if (r > 0)
        *ret = value;
    return r;
}

static int read_address(sd_bus_message *m, struct bluez_properties *p)
{
    const char *text;
    int r = sd_bus_message_read_basic(m, 's', &text);
    if (r <= 0)
        return r;
    if (!bluez_address_is_valid(text))
        return 0;
    for (size_t i = 0; i < sizeof p->address; i++)
        p->address[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 'a' + 'A' : text[i]);
    return 1;
}

static int read_address_type(sd_bus_message *m, struct bluez_properties *p)
{
    const char *text;
    int r = sd_bus_message_read_basic(m, 's', &text);
    if (r > 0)
        p->random_address = strcmp(text, "random") == 0;
    return r;
}

static int read_name(sd_bus_message *m, struct bluez_properties *p)
{
    const char *text;
    int r = sd_bus_message_read_basic(m, 's', &text);
    if (r > 0)
        bluez_text(p->name, sizeof p->name, text, strlen(text));
    return r;
}

static int read_services(sd_bus_message *m, struct bluez_properties *p)
{
    const char *text;
    int r = sd_bus_message_enter_container(m, 'a', "s");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_read_basic(m, 's', &text)) > 0)
        p->services |= bluez_service_bit(gatt_uuid16(text));
    if (r < 0)
        return r;
    r = sd_bus_message_exit_container(m);
    return r < 0 ? r : 1;
}

static int read_rssi(sd_bus_message *m, struct bluez_properties *p)
{
    int16_t value;
    int r = sd_bus_message_read_basic(m, 'n', &value);
    if (r > 0)
        p->rssi_dbm = value;
    return r;
}

static int read_connected(sd_bus_message *m, struct bluez_properties *p)
{
    return read_bool(m, &p->connected);
}

static int read_resolved(sd_bus_message *m, struct bluez_properties *p)
{
    return read_bool(m, &p->resolved);
}

static int read_paired(sd_bus_message *m, struct bluez_properties *p)
{
    return read_bool(m, &p->paired);
}

static int read_powered(sd_bus_message *m, struct bluez_properties *p)
{
    return read_bool(m, &p->powered);
}

static int read_power_state(sd_bus_message *m, struct bluez_properties *p)
{
    const char *text;
    int r = sd_bus_message_read_basic(m, 's', &text);
    if (r > 0)
        p->blocked = strcmp(text, "off-blocked") == 0;
    return r;
}

static int read_uuid(sd_bus_message *m, struct bluez_properties *p)
{
    const char *text;
    int r = sd_bus_message_read_basic(m, 's', &text);
    if (r > 0)
        p->uuid = gatt_uuid16(text);
    return r;
}

static int read_value(sd_bus_message *m, struct bluez_properties *p)
{
    const void *bytes;
    size_t length;
    int r = sd_bus_message_read_array(m, 'y', &bytes, &length);
    if (r < 0)
        return r;
    p->value = bytes;
    p->value_length = length < BLUEZ_VALUE_MAX ? length : BLUEZ_VALUE_MAX;
    return 1;
}

static int read_percentage(sd_bus_message *m, struct bluez_properties *p)
{
    uint8_t value;
    int r = sd_bus_message_read_basic(m, 'y', &value);
    if (r <= 0)
        return r;
    p->percentage = value;
    return value <= 100;
}

static const struct row {
    enum bluez_interface interface;
    const char *name;
    const char *type;
    uint32_t bit;
    int (*read)(sd_bus_message *m,
                struct bluez_properties *p); /* NULL: that it is there is enough */
} rows[] = {
    { BLUEZ_CHARACTERISTIC, "Value", "ay", BLUEZ_HAS_VALUE, read_value },
    { BLUEZ_CHARACTERISTIC, "UUID", "s", BLUEZ_HAS_UUID, read_uuid },
    { BLUEZ_DEVICE, "RSSI", "n", BLUEZ_HAS_RSSI, read_rssi },
    { BLUEZ_DEVICE, "ManufacturerData", "a{qv}", BLUEZ_HAS_ADVERT_DATA, NULL },
    { BLUEZ_DEVICE, "ServiceData", "a{sv}", BLUEZ_HAS_ADVERT_DATA, NULL },
    { BLUEZ_DEVICE, "Address", "s", BLUEZ_HAS_ADDRESS, read_address },
    { BLUEZ_DEVICE, "AddressType", "s", BLUEZ_HAS_ADDRESS_TYPE, read_address_type },
    { BLUEZ_DEVICE, "Name", "s", BLUEZ_HAS_NAME, read_name },
    { BLUEZ_DEVICE, "UUIDs", "as", BLUEZ_HAS_SERVICES, read_services },
    { BLUEZ_DEVICE, "Connected", "b", BLUEZ_HAS_CONNECTED, read_connected },
    { BLUEZ_DEVICE, "ServicesResolved", "b", BLUEZ_HAS_RESOLVED, read_resolved },
    { BLUEZ_DEVICE, "Paired", "b", BLUEZ_HAS_PAIRED, read_paired },
    { BLUEZ_ADAPTER, "Address", "s", BLUEZ_HAS_ADDRESS, read_address },
    { BLUEZ_ADAPTER, "Powered", "b", BLUEZ_HAS_POWERED, read_powered },
    { BLUEZ_ADAPTER, "PowerState", "s", BLUEZ_HAS_POWER_STATE, read_power_state },
    { BLUEZ_BATTERY, "Percentage", "y", BLUEZ_HAS_PERCENTAGE, read_percentage },
};

static enum bluez_interface interface_of(const char *name)
{
    static const struct {
        const char *name;
        enum bluez_interface interface;
    } known[] = {
        { "GattCharacteristic1", BLUEZ_CHARACTERISTIC },
        { "Device1", BLUEZ_DEVICE },
        { "Adapter1", BLUEZ_ADAPTER },
        { "Battery1", BLUEZ_BATTERY },
    };
    if (strncmp(name, "org.bluez.", 10) != 0)
        return BLUEZ_OTHER;
    for (size_t i = 0; i < ELEMENTSOF(known); i++)
        if (strcmp(name + 10, known[i].name) == 0)
            return known[i].interface;
    return BLUEZ_OTHER;
}

static const struct row *row_of(enum bluez_interface interface, const char *name)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (rows[i].interface == interface && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* ---- dictionaries ---- */

static int read_variant(sd_bus_message *m, const struct row *row, struct bluez_properties *p)
{
    const char *contents;
    int r = sd_bus_message_peek_type(m, NULL, &contents);
    if (r < 0)
        return r;
    if (!row || strcmp(contents, row->type) != 0)
        return sd_bus_message_skip(m, "v");
    if (!row->read) {
        p->has |= row->bit;
        return sd_bus_message_skip(m, "v");
    }
    r = sd_bus_message_enter_container(m, 'v', row->type);
    if (r < 0)
        return r;
    r = row->read(m, p);
    if (r < 0)
        return r;
    if (r > 0)
        p->has |= row->bit;
    return sd_bus_message_exit_container(m);
}

/* Closes what was read to its end (r: of the last attempt to read on); 0 or the error. */
static int leave(sd_bus_message *m, int r)
{
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : 0;
}

/* a{sv} */
static int read_properties(sd_bus_message *m, enum bluez_interface interface,
                           struct bluez_properties *p)
{
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char *name;
        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
            return r;
        r = read_variant(m, row_of(interface, name), p);
        if (r < 0)
            return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
            return r;
    }
    return leave(m, r);
}

/* a{sa{sv}} */
static int read_interfaces(sd_bus_message *m, const char *path, bluez_msg_visit visit,
                           void *userdata)
{
    int r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
        const char *name;
        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
            return r;
        enum bluez_interface interface = interface_of(name);
        struct bluez_properties p = { 0 };
        r = interface == BLUEZ_OTHER ? sd_bus_message_skip(m, "a{sv}")
                                     : read_properties(m, interface, &p);
        if (r < 0)
            return r;
        if (interface != BLUEZ_OTHER && strlen(path) < BLUEZ_PATH_MAX)
            visit(userdata, path, interface, &p);
        r = sd_bus_message_exit_container(m);
        if (r < 0)
            return r;
    }
    return leave(m, r);
}

int bluez_msg_read_added(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    const char *path;
    int r = sd_bus_message_read_basic(m, 'o', &path);
    return r < 0 ? r : r == 0 ? -EBADMSG : read_interfaces(m, path, visit, userdata);
}

int bluez_msg_read_objects(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    int r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
        r = bluez_msg_read_added(m, visit, userdata);
        if (r < 0)
            return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
            return r;
    }
    return leave(m, r);
}

int bluez_msg_read_removed(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    const char *path, *name;
    int r = sd_bus_message_read_basic(m, 'o', &path);
    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    r = sd_bus_message_enter_container(m, 'a', "s");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_read_basic(m, 's', &name)) > 0)
        if (interface_of(name) != BLUEZ_OTHER && strlen(path) < BLUEZ_PATH_MAX)
            visit(userdata, path, interface_of(name), NULL);
    return leave(m, r);
}

int bluez_msg_read_changed(sd_bus_message *m, enum bluez_interface *ret_interface,
                           struct bluez_properties *ret)
{
    const char *name;
    struct bluez_properties p = { 0 };
    int r = sd_bus_message_read_basic(m, 's', &name);
    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    enum bluez_interface interface = interface_of(name);
    if (interface != BLUEZ_OTHER) {
        r = read_properties(m, interface, &p);
        if (r < 0)
            return r;
        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
            return r;
        while ((r = sd_bus_message_read_basic(m, 's', &name)) > 0) {
            const struct row *row = row_of(interface, name);
            p.gone |= row ? row->bit : 0;
        }
        if (r < 0)
            return r;
    }
    *ret_interface = interface;
    *ret = p;
    return 0;
}

int bluez_msg_read_bytes(sd_bus_message *m, const uint8_t **ret, size_t *ret_length)
{
    const void *bytes;
    size_t length;
    int r = sd_bus_message_read_array(m, 'y', &bytes, &length);
    if (r < 0)
        return r;
    *ret = bytes;
    *ret_length = length < BLUEZ_VALUE_MAX ? length : BLUEZ_VALUE_MAX;
    return 0;
}

/* ---- what we send ---- */

int bluez_msg_append_filter(sd_bus_message *m)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "{sv}", "Transport", "s", "le");
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "{sv}", "UUIDs", "as", 3, bluez_service_uuid(BLUEZ_HEART_RATE),
                              bluez_service_uuid(BLUEZ_RUNNING),
                              bluez_service_uuid(BLUEZ_FITNESS_MACHINE));
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int bluez_msg_append_empty(sd_bus_message *m)
{
    return sd_bus_message_append(m, "a{sv}", 0);
}
