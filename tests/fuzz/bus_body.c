/* SPDX-License-Identifier: MIT */
#include "bus_body.h"
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/utf8.h"
#include "require.h"

#define DEPTH_MAX    6
#define ELEMENTS_MAX 12

static const char *const words[] = {
    "org.bluez.Adapter1",
    "org.bluez.Device1",
    "org.bluez.GattService1",
    "org.bluez.GattCharacteristic1",
    "org.bluez.GattDescriptor1",
    "org.bluez.Battery1",
    "org.bluez.LEAdvertisingManager1",
    "org.freedesktop.DBus.Properties",
    "C0:DE:00:00:00:01",
    "c0:de:00:00:00:02",
    "C0:DE:00:00:00:03",
    "C0:DE:00:00:00:0G",
    "random",
    "public",
    "le",
    "bredr",
    "off-blocked",
    "on",
    "00002a53-0000-1000-8000-00805f9b34fb",
    "00002a37-0000-1000-8000-00805f9b34fb",
    "00002acd-0000-1000-8000-00805f9b34fb",
    "00002a19-0000-1000-8000-00805f9b34fb",
    "00002a29-0000-1000-8000-00805f9b34fb",
    "00002902-0000-1000-8000-00805f9b34fb",
    "0000180d-0000-1000-8000-00805f9b34fb",
    "00001814-0000-1000-8000-00805f9b34fb",
    "00001826-0000-1000-8000-00805F9B34FB",
    "6e400001-b5a3-f393-e0a9-e50e24dcca9e",
    "loaded",
    "masked",
    "failed",
    "active",
    "inactive",
    "",
};

/* What org.bluez documents of them */
static const struct {
    const char *name, *type;
} properties[] = {
    { "Address", "s" },
    { "AddressType", "s" },
    { "Name", "s" },
    { "UUIDs", "as" },
    { "RSSI", "n" },
    { "Connected", "b" },
    { "ServicesResolved", "b" },
    { "Paired", "b" },
    { "Trusted", "b" },
    { "PreferredBearer", "s" },
    { "Powered", "b" },
    { "PowerState", "s" },
    { "Discovering", "b" },
    { "ActiveInstances", "y" },
    { "Percentage", "y" },
    { "UUID", "s" },
    { "Value", "ay" },
    { "ManufacturerData", "a{qv}" },
    { "ServiceData", "a{sv}" },
    { "TxPower", "n" },
};

static const char *const any_types[] = {
    "s", "b",  "n",  "y",     "u",     "d",  "x",         "q",      "ay",    "as",
    "v", "ai", "au", "a{sv}", "a{qv}", "ao", "a{oa{sv}}", "(sus)",  "aay",   "o",
    "g", "t",  "an", "a{ss}", "av",    "ab", "a{sa{sv}}", "(ssay)", "a(so)", "i",
};

static uint8_t next(struct bytes *bytes)
{
    uint8_t byte = 0;

    (void)pull_u8(bytes, &byte);
    return byte;
}

/* ---- texts ------------------------------------------------------------------------------------- */

static const char *raw_text(struct bytes *bytes)
{
    static char text[256];
    size_t length = next(bytes);

    length = length < bytes->left ? length : bytes->left;
    memcpy(text, bytes->at, length);
    text[length] = '\0';
    pull_skip(bytes, length);
    return utf8_is_valid(text, strlen(text)) ? text : "";
}

const char *bus_word(struct bytes *bytes)
{
    uint8_t which = next(bytes);

    if (which >= 0xE0)
        return raw_text(bytes);
    if (which >= 0x80)
        return properties[which % ELEMENTSOF(properties)].name;
    return words[which % ELEMENTSOF(words)];
}

/*  b7..6 hci0, hci1, a very long name; b5..3 which device, 0 none; b2..0 what is below it */
const char *bus_path(struct bytes *bytes)
{
    static const char *const below[] = { "",
                                         "/service0001",
                                         "/service0001/char0002",
                                         "/service0001/char0004",
                                         "/service0001/char0006",
                                         "/service0001/char0002/desc0003",
                                         "/service0001/char0004/desc0005",
                                         "/service0001/char0002/desc0003/x" };
    static char path[300];
    uint8_t which = next(bytes);
    int length;

    if (which == 0xFF)
        return "/";
    length = snprintf(path, sizeof(path), "/org/bluez/hci%s",
                      which >= 0xC0 ? "0123456789_0123456789_0123456789_0123456789_0123456789_0123"
                      : which >= 0x80 ? "1"
                                      : "0");
    if (which >> 3 & 7)
        snprintf(path + length, sizeof(path) - (size_t)length, "/dev_C0_DE_00_00_00_%02X%s",
                 which >> 3 & 7, below[which & 7]);
    return path;
}

/* ---- values ------------------------------------------------------------------------------------ */

static void append_one(sd_bus_message *m, struct bytes *bytes, const char *type, size_t length,
                       int depth);

/* How long the first of these types is. */
static size_t one_type(const char *types)
{
    size_t n = 0;
    int open = 0;

    while (types[n] == 'a')
        n++;
    do {
        open += types[n] == '(' || types[n] == '{';
        open -= types[n] == ')' || types[n] == '}';
        n++;
    } while (open > 0);
    return n;
}

static void append_all(sd_bus_message *m, struct bytes *bytes, const char *types, size_t length,
                       int depth)
{
    for (size_t at = 0; at < length; at += one_type(types + at))
        append_one(m, bytes, types + at, one_type(types + at), depth);
}

static uint64_t next_number(struct bytes *bytes)
{
    uint8_t form = next(bytes);
    uint32_t number = form & 0x3F;

    if (form >= 0xC0)
        return UINT64_MAX - (form & 0x3F);
    for (int i = 0; i < form >> 6; i++)
        number = number << 8 | next(bytes);
    return number;
}

static void append_basic(sd_bus_message *m, struct bytes *bytes, char type)
{
    uint64_t number = strchr("sog", type) ? 0 : next_number(bytes);
    double real = (double)(int64_t)number;
    int flag = number & 1;

    if (type == 's')
        require(sd_bus_message_append_basic(m, 's', bus_word(bytes)) >= 0);
    else if (type == 'o')
        require(sd_bus_message_append_basic(m, 'o', bus_path(bytes)) >= 0);
    else if (type == 'g')
        require(sd_bus_message_append_basic(m, 'g', "a{sv}") >= 0);
    else if (type == 'd')
        require(sd_bus_message_append_basic(m, 'd', &real) >= 0);
    else if (type == 'b')
        require(sd_bus_message_append_basic(m, 'b', &flag) >= 0);
    else /* little-endian: the lower bytes come first */
        require(sd_bus_message_append_basic(m, type, &number) >= 0);
}

static void append_variant(sd_bus_message *m, struct bytes *bytes, const char *type, int depth)
{
    uint8_t other = next(bytes);

    if (!type || other >= 0xF0)
        type = any_types[other % (depth < DEPTH_MAX ? ELEMENTSOF(any_types) : 8)];
    require(sd_bus_message_open_container(m, 'v', type) >= 0);
    append_all(m, bytes, type, strlen(type), depth + 1);
    require(sd_bus_message_close_container(m) >= 0);
}

/* A property, whose name says what its type should be. */
static void append_property(sd_bus_message *m, struct bytes *bytes, int depth)
{
    const char *name = bus_word(bytes), *type = NULL;

    for (size_t i = 0; i < ELEMENTSOF(properties); i++)
        if (strcmp(properties[i].name, name) == 0)
            type = properties[i].type;
    require(sd_bus_message_append_basic(m, 's', name) >= 0);
    append_variant(m, bytes, type, depth);
}

static void append_bytes(sd_bus_message *m, struct bytes *bytes)
{
    size_t length = next(bytes);
    uint8_t many[4 * 256] = { 0 };

    if (length == 0xFF) { /* more than an attribute may have */
        require(sd_bus_message_append_array(m, 'y', many, sizeof(many)) >= 0);
        return;
    }
    length = length < bytes->left ? length : bytes->left;
    require(sd_bus_message_append_array(m, 'y', bytes->at, length) >= 0);
    pull_skip(bytes, length);
}

static void append_array(sd_bus_message *m, struct bytes *bytes, const char *type, size_t length,
                         int depth)
{
    char element[32];
    size_t n = bytes->left > 0 && depth < DEPTH_MAX ? next(bytes) % ELEMENTS_MAX : 0;

    if (length == 1 && *type == 'y') {
        append_bytes(m, bytes);
        return;
    }
    snprintf(element, sizeof(element), "%.*s", (int)length, type);
    require(sd_bus_message_open_container(m, 'a', element) >= 0);
    for (size_t i = 0; i < n; i++)
        append_one(m, bytes, type, length, depth + 1);
    require(sd_bus_message_close_container(m) >= 0);
}

static void append_struct(sd_bus_message *m, struct bytes *bytes, const char *type, size_t length,
                          int depth)
{
    char inner[32], kind = *type == '{' ? 'e' : 'r';

    snprintf(inner, sizeof(inner), "%.*s", (int)length - 2, type + 1);
    require(sd_bus_message_open_container(m, kind, inner) >= 0);
    if (strcmp(inner, "sv") == 0)
        append_property(m, bytes, depth);
    else
        append_all(m, bytes, inner, strlen(inner), depth + 1);
    require(sd_bus_message_close_container(m) >= 0);
}

static void append_one(sd_bus_message *m, struct bytes *bytes, const char *type, size_t length,
                       int depth)
{
    if (*type == 'a')
        append_array(m, bytes, type + 1, length - 1, depth);
    else if (*type == '{' || *type == '(')
        append_struct(m, bytes, type, length, depth);
    else if (*type == 'v')
        append_variant(m, bytes, NULL, depth);
    else
        append_basic(m, bytes, *type);
}

void bus_append(sd_bus_message *m, struct bytes *bytes, const char *types)
{
    append_all(m, bytes, types, strlen(types), 0);
}

void bus_append_or_other(sd_bus_message *m, struct bytes *bytes, const char *types)
{
    uint8_t other = next(bytes);

    if (other >= 0xF0)
        types = any_types[next(bytes) % ELEMENTSOF(any_types)];
    bus_append(m, bytes, types);
}
