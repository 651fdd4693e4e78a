/* SPDX-License-Identifier: MIT */
#include "bus_events.h"
#include <string.h>
#include "bus_body.h"
#include "bus_peer.h"
#include "bus_world.h"
#include "daemon/util.h"
#include "require.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECTS    "org.freedesktop.DBus.ObjectManager"

static uint8_t next(struct bytes *bytes)
{
    uint8_t byte = 0;

    (void)pull_u8(bytes, &byte);
    return byte;
}

/* ---- anything -------------------------------------------------------------------- */

static const char *sender_of(struct bytes *bytes)
{
    uint8_t which = next(bytes);

    return which < 0xF0 ? BUS_PEER_OWNER : which < 0xF8 ? ":1.8" : "org.freedesktop.DBus";
}

static void added(struct bytes *bytes)
{
    sd_bus_message *m = bus_peer_signal("/", OBJECTS, "InterfacesAdded");

    bus_append_or_other(m, bytes, "oa{sa{sv}}");
    bus_peer_send(m, sender_of(bytes));
}

static void removed(struct bytes *bytes)
{
    sd_bus_message *m = bus_peer_signal("/", OBJECTS, "InterfacesRemoved");

    bus_append_or_other(m, bytes, "oas");
    bus_peer_send(m, sender_of(bytes));
}

static void changed(struct bytes *bytes)
{
    sd_bus_message *m = bus_peer_signal(bus_path(bytes), PROPERTIES, "PropertiesChanged");

    bus_append_or_other(m, bytes, "sa{sv}as");
    bus_peer_send(m, sender_of(bytes));
}

static const char *type_of_answer(sd_bus_message *call)
{
    static const struct {
        const char *member, *type;
    } answers[] = { { "GetManagedObjects", "a{oa{sa{sv}}}" },
                    { "ReadValue", "ay" },
                    { "ListUnitsByNames", "a(ssssssouso)" },
                    { "StartServiceByName", "u" },
                    { "Get", "v" } };

    for (size_t i = 0; i < ELEMENTSOF(answers); i++)
        if (strcmp(sd_bus_message_get_member(call), answers[i].member) == 0)
            return answers[i].type;
    return "";
}

static void answered(struct bytes *bytes)
{
    _cleanup_bus_message_ sd_bus_message *call = bus_peer_call(next(bytes));
    sd_bus_message *m;

    if (!call)
        return;
    require(sd_bus_message_new_method_return(call, &m) >= 0);
    bus_append_or_other(m, bytes, type_of_answer(call));
    bus_peer_send(m, NULL);
}

static void refused(struct bytes *bytes)
{
    static const char *const names[] = {
        "org.bluez.Error.Failed",
        "org.bluez.Error.InProgress",
        "org.bluez.Error.NotReady",
        "org.bluez.Error.AlreadyConnected",
        "org.bluez.Error.DoesNotExist",
        "org.bluez.Error.NotPermitted",
        "org.bluez.Error.NotConnected",
        "org.freedesktop.DBus.Error.UnknownObject",
        SD_BUS_ERROR_NO_REPLY,
        SD_BUS_ERROR_SERVICE_UNKNOWN,
        "x.y",
    };
    static const char *const texts[] = { "le-connection-abort-by-local",
                                         "concurrent-connection-limit", "already in progress",
                                         "already-connected", "adapter-not-powered" };
    _cleanup_bus_message_ sd_bus_message *call = bus_peer_call(next(bytes));
    uint8_t name = next(bytes), text = next(bytes);
    sd_bus_message *m;

    if (!call)
        return;
    const sd_bus_error error = { names[name % ELEMENTSOF(names)],
                                 text < 0x80 ? texts[text % ELEMENTSOF(texts)] : bus_word(bytes),
                                 0 };
    require(sd_bus_message_new_method_error(call, &m, &error) >= 0);
    bus_peer_send(m, NULL);
}

static void owner(struct bytes *bytes)
{
    static const char *const owners[] = { BUS_PEER_OWNER, "", ":1.8" };
    sd_bus_message *m =
        bus_peer_signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged");
    uint8_t which = next(bytes);

    if (which < 0xF0)
        require(sd_bus_message_append(m, "sss", which < 0xE0 ? "org.bluez" : "org.blues",
                                      owners[which / 3 % 3], owners[which % 3]) >= 0);
    else
        bus_append_or_other(m, bytes, "sss");
    bus_peer_send(m, "org.freedesktop.DBus");
}

/* ---- what works, so that there is something to break ------------------------------ */

/* Every call that waits is answered well; those that ask what there is, by this world. */
static void all_well(struct bytes *bytes)
{
    uint8_t flags = next(bytes);
    sd_bus_message *call, *m;

    for (int i = 0; i < 40 && (call = bus_peer_call(0)); i++) {
        const char *type = type_of_answer(call);

        require(sd_bus_message_new_method_return(call, &m) >= 0);
        if (strcmp(type, "a{oa{sa{sv}}}") == 0)
            bus_world_append(m, flags);
        else
            bus_append(m, bytes, type);
        sd_bus_message_unref(call);
        bus_peer_send(m, NULL);
    }
}

static void advertised(struct bytes *bytes)
{
    uint8_t device = next(bytes);

    bus_world_change(device, "RSSI", "n", (int8_t)next(bytes));
}

static void linked(struct bytes *bytes)
{
    uint8_t what = next(bytes);

    bus_world_change(what >> 2, what & 2 ? "ServicesResolved" : "Connected", "b", what & 1);
}

static void notified(struct bytes *bytes)
{
    uint8_t what = next(bytes);
    sd_bus_message *m = bus_world_begin_value(what >> 2, what & 1);

    bus_append(m, bytes, "ay");
    bus_world_end_value(m);
}

void bus_event(size_t what, struct bytes *bytes)
{
    static void (*const events[BUS_EVENTS])(struct bytes * bytes) = {
        added, removed, changed, answered, refused, owner, all_well, advertised, linked, notified,
    };

    events[what](bytes);
}
