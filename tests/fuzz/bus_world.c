/* SPDX-License-Identifier: MIT */
#include "bus_world.h"
#include <stdio.h>
#include <string.h>
#include "bus_peer.h"
#include "daemon/util.h"
#include "require.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

static const struct {
    const char *service;
    const char *uuids[3]; /* of char0002, char0004 (it has a switch), char0006 */
} kinds[] = {
    { "00001814-0000-1000-8000-00805f9b34fb",
      { "00002a53-0000-1000-8000-00805f9b34fb", "00002a19-0000-1000-8000-00805f9b34fb",
        "00002a29-0000-1000-8000-00805f9b34fb" } },
    { "0000180d-0000-1000-8000-00805f9b34fb",
      { "00002a37-0000-1000-8000-00805f9b34fb", "00002a19-0000-1000-8000-00805f9b34fb",
        "00002a24-0000-1000-8000-00805f9b34fb" } },
    { "00001826-0000-1000-8000-00805f9b34fb",
      { "00002acd-0000-1000-8000-00805f9b34fb", "00002ada-0000-1000-8000-00805f9b34fb",
        "00002ad5-0000-1000-8000-00805f9b34fb" } },
};

static void device_path(unsigned i, const char *below, char ret[static 128])
{
    snprintf(ret, 128, "/org/bluez/hci0/dev_C0_DE_00_00_00_%02X%s", i + 1, below);
}

static void append_characteristics(sd_bus_message *m, unsigned i)
{
    char path[128], below[40];

    for (int k = 0; k < 3; k++) {
        snprintf(below, sizeof(below), "/service0001/char%04d", 2 * k + 2);
        device_path(i, below, path);
        require(sd_bus_message_append(m, "{oa{sa{sv}}}", path, 1, "org.bluez.GattCharacteristic1",
                                      1, "UUID", "s", kinds[i].uuids[k]) >= 0);
    }
    device_path(i, "/service0001/char0002/desc0003", path);
    require(sd_bus_message_append(m, "{oa{sa{sv}}}", path, 1, "org.bluez.GattDescriptor1", 1,
                                  "UUID", "s", "00002902-0000-1000-8000-00805f9b34fb") >= 0);
}

void bus_world_append(sd_bus_message *m, uint8_t flags)
{
    char path[128], address[18];

    require(sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}") >= 0);
    require(sd_bus_message_append(m, "{oa{sa{sv}}}", "/org/bluez/hci0", 1, "org.bluez.Adapter1", 2,
                                  "Address", "s", "00:00:00:00:00:01", "Powered", "b",
                                  !(flags & 0x80)) >= 0);
    for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
        int linked = flags >> (2 * i + 1) & 1;

        if (!(flags >> 2 * i & 1))
            continue;
        device_path(i, "", path);
        snprintf(address, sizeof(address), "C0:DE:00:00:00:%02X", i + 1);
        require(sd_bus_message_append(m, "{oa{sa{sv}}}", path, 1, "org.bluez.Device1", 6, "Address",
                                      "s", address, "AddressType", "s", "random", "Connected", "b",
                                      linked, "ServicesResolved", "b", linked, "UUIDs", "as", 1,
                                      kinds[i].service, "RSSI", "n", -60) >= 0);
        if (linked)
            append_characteristics(m, i);
    }
    require(sd_bus_message_close_container(m) >= 0);
}

void bus_world_change(unsigned device, const char *property, const char *type, int value)
{
    char path[128];

    device_path(device % ELEMENTSOF(kinds), "", path);
    sd_bus_message *m = bus_peer_signal(path, PROPERTIES, "PropertiesChanged");
    require(sd_bus_message_append(m, "sa{sv}as", "org.bluez.Device1", 1, property, type, value,
                                  0) >= 0);
    bus_peer_send(m, NULL);
}

sd_bus_message *bus_world_begin_value(unsigned device, bool second)
{
    char path[128];

    device_path(device % ELEMENTSOF(kinds),
                second ? "/service0001/char0004" : "/service0001/char0002", path);
    sd_bus_message *m = bus_peer_signal(path, PROPERTIES, "PropertiesChanged");
    require(sd_bus_message_append(m, "s", "org.bluez.GattCharacteristic1") >= 0);
    require(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
    require(sd_bus_message_open_container(m, 'e', "sv") >= 0);
    require(sd_bus_message_append(m, "s", "Value") >= 0);
    require(sd_bus_message_open_container(m, 'v', "ay") >= 0);
    return m;
}

void bus_world_end_value(sd_bus_message *m)
{
    for (int i = 0; i < 3; i++)
        require(sd_bus_message_close_container(m) >= 0);
    require(sd_bus_message_append(m, "as", 0) >= 0);
    bus_peer_send(m, NULL);
}
