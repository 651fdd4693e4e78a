/* SPDX-License-Identifier: MIT */
/*
 * Reading org.bluez. A property is a row of a table (interface, name, D-Bus type, reader); a value of
 * another type than its row says is skipped as if it were not there, so that a later or a hostile
 * bluetoothd cannot make us read past what it sent.
 */
#include "daemon/bluez/msg.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/address.h"
#include "lib/gatt/gatt.h"

/* ---- lists ---- */

/* Closes what was read to its end (r: of the last attempt to read on); 0 or the error. */
static int leave(sd_bus_message *m, int r)
{
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : 0;
}

/* as */
static int each_text(sd_bus_message *m, void (*take)(void *userdata, const char *text),
                     void *userdata)
{
    const char *text;
    int r = sd_bus_message_enter_container(m, 'a', "s");
    if (r < 0)
        return r;
    while ((r = sd_bus_message_read_basic(m, 's', &text)) > 0)
        take(userdata, text);
    return leave(m, r);
}

/* a{...}: dictionary is "{sv}", for one; read() takes what is between the braces, no more, no less. */
static int each_entry(sd_bus_message *m, const char *dictionary,
                      int (*read)(sd_bus_message *m, void *userdata), void *userdata)
{
    char entry[16];
    size_t length = strlen(dictionary) - 2;
    assert(length < sizeof entry);
    memcpy(entry, dictionary + 1, length);
    entry[length] = '\0';
    int r = sd_bus_message_enter_container(m, 'a', dictionary);
    if (r < 0)
        return r;
    while ((r = sd_bus_message_enter_container(m, 'e', entry)) > 0) {
        r = read(m, userdata);
        if (r < 0)
            return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
            return r;
    }
    return leave(m, r);
}

/* ---- one value ---- */

union basic { /* as sd_bus_message_read_basic() writes them */
    int flag;
    const char *text;
    int16_t number;
    uint8_t byte;
};

/* Each tells if the value is one it can use. */
static bool take_address(struct bluez_properties *p, const union basic *value)
{
    if (!address_is_valid(value->text))
        return false;
    for (size_t i = 0; i < sizeof p->address; i++) {
        char c = value->text[i];
        p->address[i] = (char)(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    }
    return true;
}

static bool take_address_type(struct bluez_properties *p, const union basic *value)
{
    p->random_address = strcmp(value->text, "random") == 0;
    return true;
}

static bool take_name(struct bluez_properties *p, const union basic *value)
{
    bluez_text(p->name, sizeof p->name, value->text, strlen(value->text));
    return true;
}

static bool take_rssi(struct bluez_properties *p, const union basic *value)
{
    p->rssi_dbm = value->number;
    return true;
}

static bool take_power_state(struct bluez_properties *p, const union basic *value)
{
    p->blocked = strcmp(value->text, "off-blocked") == 0;
    return true;
}

static bool take_bearer(struct bluez_properties *p, const union basic *value)
{
    p->other_bearer = strcmp(value->text, "le") != 0;
    return true;
}

static bool take_uuid(struct bluez_properties *p, const union basic *value)
{
    p->uuid = gatt_uuid16(value->text);
    return true;
}

static bool take_percentage(struct bluez_properties *p, const union basic *value)
{
    p->percentage = value->byte;
    return value->byte <= 100;
}

static bool take_instances(struct bluez_properties *p, const union basic *value)
{
    p->instances = value->byte;
    return true;
}

static void add_service(void *userdata, const char *text)
{
    struct bluez_properties *p = userdata;
    p->services |= bluez_service_bit(gatt_uuid16(text));
}

static int read_services(sd_bus_message *m, struct bluez_properties *p)
{
    return each_text(m, add_service, p);
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

static int read_value(sd_bus_message *m, struct bluez_properties *p)
{
    return bluez_msg_read_bytes(m, &p->value, &p->value_length);
}

static const struct row {
    enum bluez_interface interface;
    const char *name;
    const char *type;
    uint32_t bit;
    /* One of the three; none: that it is there is enough */
    bool (*take)(struct bluez_properties *p, const union basic *value);
    int (*read)(sd_bus_message *m, struct bluez_properties *p);
    size_t flag; /* offset of the bool */
} rows[] = {
    { BLUEZ_CHARACTERISTIC, "Value", "ay", BLUEZ_HAS_VALUE, NULL, read_value },
    { BLUEZ_CHARACTERISTIC, "UUID", "s", BLUEZ_HAS_UUID, take_uuid, NULL },
    { BLUEZ_DESCRIPTOR, "UUID", "s", BLUEZ_HAS_UUID, take_uuid, NULL },
    { BLUEZ_DEVICE, "RSSI", "n", BLUEZ_HAS_RSSI, take_rssi, NULL },
    { BLUEZ_DEVICE, "ManufacturerData", "a{qv}", BLUEZ_HAS_ADVERT_DATA, NULL, NULL },
    { BLUEZ_DEVICE, "ServiceData", "a{sv}", BLUEZ_HAS_ADVERT_DATA, NULL, NULL },
    { BLUEZ_DEVICE, "Address", "s", BLUEZ_HAS_ADDRESS, take_address, NULL },
    { BLUEZ_DEVICE, "AddressType", "s", BLUEZ_HAS_ADDRESS_TYPE, take_address_type, NULL },
    { BLUEZ_DEVICE, "Name", "s", BLUEZ_HAS_NAME, take_name, NULL },
    { BLUEZ_DEVICE, "UUIDs", "as", BLUEZ_HAS_SERVICES, NULL, read_services },
    { BLUEZ_DEVICE, "Connected", "b", BLUEZ_HAS_CONNECTED, NULL, NULL,
      offsetof(struct bluez_properties, connected) },
    { BLUEZ_DEVICE, "ServicesResolved", "b", BLUEZ_HAS_RESOLVED, NULL, NULL,
      offsetof(struct bluez_properties, resolved) },
    { BLUEZ_DEVICE, "Paired", "b", BLUEZ_HAS_PAIRED, NULL, NULL,
      offsetof(struct bluez_properties, paired) },
    { BLUEZ_DEVICE, "PreferredBearer", "s", BLUEZ_HAS_BEARER, take_bearer, NULL },
    { BLUEZ_ADAPTER, "Address", "s", BLUEZ_HAS_ADDRESS, take_address, NULL },
    { BLUEZ_ADAPTER, "Powered", "b", BLUEZ_HAS_POWERED, NULL, NULL,
      offsetof(struct bluez_properties, powered) },
    { BLUEZ_ADAPTER, "PowerState", "s", BLUEZ_HAS_POWER_STATE, take_power_state, NULL },
    { BLUEZ_ADAPTER, "Discovering", "b", BLUEZ_HAS_DISCOVERING, NULL, NULL,
      offsetof(struct bluez_properties, discovering) },
    { BLUEZ_ADVERTISING, "ActiveInstances", "y", BLUEZ_HAS_INSTANCES, take_instances, NULL },
    { BLUEZ_BATTERY, "Percentage", "y", BLUEZ_HAS_PERCENTAGE, take_percentage, NULL },
};

static enum bluez_interface interface_of(const char *name)
{
    static const struct {
        const char *name;
        enum bluez_interface interface;
    } known[] = {
        { "GattCharacteristic1", BLUEZ_CHARACTERISTIC },
        { "GattDescriptor1", BLUEZ_DESCRIPTOR },
        { "Device1", BLUEZ_DEVICE },
        { "Adapter1", BLUEZ_ADAPTER },
        { "Battery1", BLUEZ_BATTERY },
        { "LEAdvertisingManager1", BLUEZ_ADVERTISING },
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

/* > 0: read, 0: of no use, as the reader of the row says */
static int read_contents(sd_bus_message *m, const struct row *row, struct bluez_properties *p)
{
    union basic value;
    if (row->read) {
        int r = row->read(m, p);
        return r < 0 ? r : 1;
    }
    int r = sd_bus_message_read_basic(m, row->type[0], &value);
    if (r <= 0)
        return r;
    if (row->take)
        return row->take(p, &value);
    *(bool *)((char *)p + row->flag) = value.flag;
    return 1;
}

static int read_variant(sd_bus_message *m, const struct row *row, struct bluez_properties *p)
{
    const char *contents;
    int r = sd_bus_message_peek_type(m, NULL, &contents);
    if (r < 0)
        return r;
    if (!row || strcmp(contents, row->type) != 0)
        return sd_bus_message_skip(m, "v");
    if (!row->take && !row->read && row->flag == 0) {
        p->has |= row->bit;
        return sd_bus_message_skip(m, "v");
    }
    r = sd_bus_message_enter_container(m, 'v', row->type);
    if (r < 0)
        return r;
    r = read_contents(m, row, p);
    if (r < 0)
        return r;
    if (r > 0)
        p->has |= row->bit;
    return sd_bus_message_exit_container(m);
}

struct object {
    const char *path;
    enum bluez_interface interface;
    struct bluez_properties properties;
    bluez_msg_visit visit;
    void *userdata;
};

static int read_property(sd_bus_message *m, void *userdata)
{
    struct object *object = userdata;
    const char *name;
    int r = sd_bus_message_read_basic(m, 's', &name);
    return r < 0 ? r : read_variant(m, row_of(object->interface, name), &object->properties);
}

static int read_interface(sd_bus_message *m, void *userdata)
{
    struct object *object = userdata;
    const char *name;
    int r = sd_bus_message_read_basic(m, 's', &name);
    if (r < 0)
        return r;
    object->interface = interface_of(name);
    object->properties = (struct bluez_properties){ 0 };
    if (object->interface == BLUEZ_OTHER)
        return sd_bus_message_skip(m, "a{sv}");
    r = each_entry(m, "{sv}", read_property, object);
    if (r >= 0 && strlen(object->path) < BLUEZ_PATH_MAX)
        object->visit(object->userdata, object->path, object->interface, &object->properties);
    return r;
}

static int read_object(sd_bus_message *m, void *userdata)
{
    struct object *object = userdata;
    int r = sd_bus_message_read_basic(m, 'o', &object->path);
    return r < 0 ? r : r == 0 ? -EBADMSG : each_entry(m, "{sa{sv}}", read_interface, object);
}

int bluez_msg_read_added(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    struct object object = { .visit = visit, .userdata = userdata };
    return read_object(m, &object);
}

int bluez_msg_read_objects(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    struct object object = { .visit = visit, .userdata = userdata };
    return each_entry(m, "{oa{sa{sv}}}", read_object, &object);
}

static void visit_removed(void *userdata, const char *name)
{
    const struct object *object = userdata;
    enum bluez_interface interface = interface_of(name);
    if (interface != BLUEZ_OTHER && strlen(object->path) < BLUEZ_PATH_MAX)
        object->visit(object->userdata, object->path, interface, NULL);
}

int bluez_msg_read_removed(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    struct object object = { .visit = visit, .userdata = userdata };
    int r = sd_bus_message_read_basic(m, 'o', &object.path);
    return r < 0 ? r : r == 0 ? -EBADMSG : each_text(m, visit_removed, &object);
}

static void add_gone(void *userdata, const char *name)
{
    struct object *object = userdata;
    const struct row *row = row_of(object->interface, name);
    object->properties.gone |= row ? row->bit : 0;
}

int bluez_msg_read_changed(sd_bus_message *m, enum bluez_interface *ret_interface,
                           struct bluez_properties *ret)
{
    const char *name;
    struct object object = { 0 };
    int r = sd_bus_message_read_basic(m, 's', &name);
    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    object.interface = interface_of(name);
    if (object.interface != BLUEZ_OTHER) {
        r = each_entry(m, "{sv}", read_property, &object);
        if (r >= 0)
            r = each_text(m, add_gone, &object);
        if (r < 0)
            return r;
    }
    *ret_interface = object.interface;
    *ret = object.properties;
    return 0;
}

/* ---- what we send ---- */

static int append_services(sd_bus_message *m)
{
    const char *uuid;
    int r = sd_bus_message_open_container(m, 'v', "as");
    if (r < 0)
        return r;
    r = sd_bus_message_open_container(m, 'a', "s");
    for (size_t i = 0; r >= 0 && (uuid = bluez_service_uuid(i)); i++)
        r = sd_bus_message_append(m, "s", uuid);
    if (r >= 0)
        r = sd_bus_message_close_container(m);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int bluez_msg_append_filter(sd_bus_message *m)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "{sv}", "Transport", "s", "le");
    if (r < 0)
        return r;
    r = sd_bus_message_open_container(m, 'e', "sv");
    if (r >= 0)
        r = sd_bus_message_append(m, "s", "UUIDs");
    if (r >= 0)
        r = append_services(m);
    if (r >= 0)
        r = sd_bus_message_close_container(m);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int bluez_msg_append_empty(sd_bus_message *m)
{
    return sd_bus_message_append(m, "a{sv}", 0);
}
