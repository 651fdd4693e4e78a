/* SPDX-License-Identifier: MIT */
/*
 * Discovery: one session per D-Bus client, filters of all clients merged, one Discovering for all. The
 * calls are answered at once; the scan, and with it the signals, follows a moment later.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/random.h"
#include "tests/sim/sim.h"

#define NO_RSSI_LIMIT  (-128)
#define UUID_NOT_OURS  0xFFFF /* a 128-bit UUID no sensor here has */
#define UUID_BASE_TAIL "-0000-1000-8000-00805f9b34fb"

/* ---- clients -------------------------------------------------------------------------------- */

static struct discovery_client *client_find(struct adapter *a, const char *sender)
{
    for (size_t i = 0; i < DISCOVERY_CLIENTS; i++)
        if (sender ? a->clients[i].sender && strcmp(a->clients[i].sender, sender) == 0
                   : !a->clients[i].sender)
            return &a->clients[i];
    return NULL;
}

static struct discovery_client *client_get(struct adapter *a, const char *sender)
{
    struct discovery_client *client = client_find(a, sender);

    if (client)
        return client;
    client = client_find(a, NULL);
    if (client)
        *client =
            (struct discovery_client){ .sender = strdup(sender), .rssi_min_dbm = NO_RSSI_LIMIT };
    return client;
}

static void client_free(struct discovery_client *client)
{
    free(client->sender);
    *client = (struct discovery_client){ .sender = NULL };
}

static bool is_wanted(const struct adapter *a)
{
    for (size_t i = 0; i < DISCOVERY_CLIENTS; i++)
        if (a->clients[i].active)
            return true;
    return false;
}

/* ---- the scan ------------------------------------------------------------------------------- */

static void devices_tell(struct sim *sim)
{
    for (size_t i = 0; i < sim->n_sensors; i++)
        device_on_discovering(&sim->devices[i]);
}

/* RSSI goes before Discovering does, and comes after it. */
static void on_scan(void *userdata, uint64_t now_usec)
{
    struct adapter *a = userdata;
    bool wanted = a->powered && is_wanted(a);

    if (wanted == a->discovering)
        return;
    a->discovering = wanted;
    if (!wanted)
        devices_tell(a->sim);
    OBJECT_CHANGED(a->object, &adapter_interface, "Discovering");
    if (wanted)
        devices_tell(a->sim);
}

static void scan_reconsider(struct adapter *a)
{
    clock_timer_set(a->scan_timer, clock_now_usec() + random_usec(&a->sim->random, 20, 50));
}

void discovery_end(struct adapter *a)
{
    for (size_t i = 0; i < DISCOVERY_CLIENTS; i++)
        a->clients[i].active = false;
    clock_timer_set(a->scan_timer, CLOCK_NEVER);
    if (!a->discovering)
        return;
    a->discovering = false;
    devices_tell(a->sim);
}

int discovery_init(struct adapter *a)
{
    return clock_timer_new(&a->scan_timer, a->sim->event, CLOCK_NEVER, on_scan, a);
}

void discovery_client_gone(struct adapter *a, const char *sender)
{
    struct discovery_client *client = client_find(a, sender);

    if (!client)
        return;
    client_free(client);
    scan_reconsider(a);
}

/* ---- methods -------------------------------------------------------------------------------- */

int method_start_discovery(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct adapter *a = owner;
    struct discovery_client *client;

    if (!a->powered)
        return sd_bus_error_set(ret_error, "org.bluez.Error.NotReady", "Resource Not Ready");
    if (a->wedged)
        return sd_bus_error_set(ret_error, "org.bluez.Error.Failed", "Operation failed");
    client = client_get(a, sd_bus_message_get_sender(m));
    if (!client)
        return -ENOBUFS;
    if (client->active)
        return sd_bus_error_set(ret_error, "org.bluez.Error.InProgress",
                                "Operation already in progress");
    if (a->discovering && !is_wanted(a)) /* a stop still under way comes first: the scan restarts */
        on_scan(a, clock_now_usec());
    client->active = true;
    scan_reconsider(a);
    return sd_bus_reply_method_return(m, NULL);
}

int method_stop_discovery(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct adapter *a = owner;
    struct discovery_client *client = client_find(a, sd_bus_message_get_sender(m));

    if (!a->powered)
        return sd_bus_error_set(ret_error, "org.bluez.Error.NotReady", "Resource Not Ready");
    if (!client || !client->active)
        return sd_bus_error_set(ret_error, "org.bluez.Error.Failed", "No discovery started");
    client->active = false;
    scan_reconsider(a);
    return sd_bus_reply_method_return(m, NULL);
}

static uint16_t uuid_parse(const char *text)
{
    unsigned value;
    char tail[40];

    if (strlen(text) == 4 && sscanf(text, "%4x", &value) == 1)
        return (uint16_t)value;
    if (sscanf(text, "0000%4x%39s", &value, tail) == 2 && strcasecmp(tail, UUID_BASE_TAIL) == 0)
        return (uint16_t)value;
    return UUID_NOT_OURS;
}

static int filter_read_uuids(sd_bus_message *m, struct discovery_client *client)
{
    const char *uuid;
    int r = sd_bus_message_enter_container(m, 'v', "as");

    if (r >= 0)
        r = sd_bus_message_enter_container(m, 'a', "s");
    client->n_uuids = 0;
    while (r >= 0 && (r = sd_bus_message_read(m, "s", &uuid)) > 0)
        if (client->n_uuids < DISCOVERY_UUIDS_MAX)
            client->uuids[client->n_uuids++] = uuid_parse(uuid);
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int filter_read_rssi(sd_bus_message *m, struct discovery_client *client)
{
    int16_t rssi;
    int r = sd_bus_message_read(m, "v", "n", &rssi);

    if (r >= 0)
        client->rssi_min_dbm = rssi;
    return r;
}

static int filter_read_entry(sd_bus_message *m, struct discovery_client *client)
{
    static const char *const known[] = { "Transport", "DuplicateData", "Pathloss", "Discoverable",
                                         "Pattern" };
    const char *key;
    int r = sd_bus_message_read(m, "s", &key);

    if (r < 0)
        return r;
    if (strcmp(key, "UUIDs") == 0)
        return filter_read_uuids(m, client);
    if (strcmp(key, "RSSI") == 0)
        return filter_read_rssi(m, client);
    for (size_t i = 0; i < ELEMENTSOF(known); i++)
        if (strcmp(known[i], key) == 0)
            return sd_bus_message_skip(m, "v");
    return -EINVAL;
}

int method_set_discovery_filter(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct adapter *a = owner;
    struct discovery_client filter = { .rssi_min_dbm = NO_RSSI_LIMIT }, *client;
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        r = filter_read_entry(m, &filter);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
    }
    if (r < 0)
        return sd_bus_error_set(ret_error, "org.bluez.Error.InvalidArguments",
                                "Invalid arguments in method call");
    client = client_get(a, sd_bus_message_get_sender(m));
    if (!client)
        return -ENOBUFS;
    filter.sender = client->sender;
    filter.active = client->active;
    *client = filter;
    return sd_bus_reply_method_return(m, NULL);
}

int method_get_discovery_filters(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return sd_bus_reply_method_return(m, "as", 7, "UUIDs", "RSSI", "Pathloss", "Transport",
                                      "DuplicateData", "Discoverable", "Pattern");
}

/* ---- filters -------------------------------------------------------------------------------- */

static bool client_wants(const struct discovery_client *client, const struct sensor *sensor)
{
    if (!client->active || sensor->rssi_dbm < client->rssi_min_dbm)
        return false;
    for (size_t i = 0; i < client->n_uuids; i++) {
        if (client->uuids[i] == 0x180F)
            return true;
        for (size_t s = 0; s < SENSOR_SERVICES; s++)
            if (sensor->services & sensor_services[s].bit &&
                sensor_services[s].service == client->uuids[i])
                return true;
    }
    return client->n_uuids == 0;
}

bool discovery_wants(const struct adapter *a, const struct device *device)
{
    for (size_t i = 0; i < DISCOVERY_CLIENTS; i++)
        if (client_wants(&a->clients[i], device->sensor))
            return true;
    return false;
}
