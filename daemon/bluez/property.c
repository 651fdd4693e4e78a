/* SPDX-License-Identifier: MIT */
/*
 * A property is a row of a table (interface, name, D-Bus type, reader); a value of another type than its
 * row says is skipped as if it were not there, so that a later or a hostile bluetoothd cannot make us
 * read past what it sent.
 */
#include "daemon/bluez/property.h"

#include <string.h>
#include "daemon/util.h"
#include "lib/address.h"
#include "lib/gatt/gatt.h"

#define RSSI_MIN_DBM -127 /* as HCI allows */
#define RSSI_MAX_DBM 20
#define RSSI_UNKNOWN 127

/* ---- one value ---- */

union basic { /* as sd_bus_message_read_basic() writes them */
    int flag;
    const char *text;
    int16_t number;
    uint8_t byte;
};

/* Each tells if the value is one it can use, and leaves what there was if it is not: the same key may have
 * been there before, with a good one. */
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
    if (value->number != RSSI_UNKNOWN &&
        (value->number < RSSI_MIN_DBM || value->number > RSSI_MAX_DBM))
        return false;
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
    if (value->byte > 100)
        return false;
    p->percentage = value->byte;
    return true;
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
    return bluez_each_text(m, add_service, p);
}

static int read_value(sd_bus_message *m, struct bluez_properties *p)
{
    return bluez_read_bytes(m, &p->value, &p->value_length);
}

static const struct row {
    enum bluez_interface interface;
    const char *name;
    const char *type;
    enum bluez_property bit;
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
    { BLUEZ_DEVICE, "Trusted", "b", BLUEZ_HAS_TRUSTED, NULL, NULL,
      offsetof(struct bluez_properties, trusted) },
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

enum bluez_interface bluez_interface_of(const char *name)
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

enum bluez_property bluez_property_of(enum bluez_interface interface, const char *name)
{
    const struct row *row = row_of(interface, name);
    return row ? row->bit : 0;
}

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

int bluez_property_read(sd_bus_message *m, enum bluez_interface interface, const char *name,
                        struct bluez_properties *p)
{
    const struct row *row = row_of(interface, name);
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
