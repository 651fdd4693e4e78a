/* SPDX-License-Identifier: MIT */
/*
 * The process that bluetoothd is to its clients: a name on the bus that comes up with everything it
 * had stored, dies politely (SIGTERM) or not (SIGKILL), and forgets its clients with each life.
 */
#include <stdio.h>
#include "daemon/util.h"
#include "tests/sim/control.h"
#include "tests/sim/random.h"
#include "tests/sim/sim.h"

#define NAME             "org.bluez"
#define ANNOUNCE_LOW_MS  200 /* from the name to the first InterfacesAdded and Powered=true */
#define ANNOUNCE_HIGH_MS 320

/* bluetoothctl and others register an agent; nothing here ever pairs, so it is never called. */
static int method_accept(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    return sd_bus_reply_method_return(m, NULL);
}

static const struct interface agent_manager_interface = {
    "org.bluez.AgentManager1",
    NULL,
    (const struct method[]){
        { "RegisterAgent", "os", "", method_accept },
        { "UnregisterAgent", "o", "", method_accept },
        { "RequestDefaultAgent", "o", "", method_accept },
        { NULL, NULL, NULL, NULL },
    },
};

static int on_name_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct sim *sim = userdata;
    const char *name, *old_owner, *new_owner;

    if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) < 0)
        return 0;
    if (name[0] != ':' || new_owner[0])
        return 0;
    discovery_client_gone(&sim->adapter, name);
    for (size_t i = 0; i < sim->n_sensors; i++) {
        att_client_gone(&sim->devices[i], name);
        notify_client_gone(&sim->devices[i], name);
    }
    return 0;
}

static void on_announce(void *userdata, uint64_t now_usec)
{
    struct sim *sim = userdata;

    if (!sim->bus)
        return;
    object_announce(sim->root);
    if (sim->adapter.object) {
        object_announce(sim->adapter.object);
        for (size_t i = 0; i < sim->n_sensors; i++)
            if (sim->devices[i].object)
                object_announce(sim->devices[i].object);
        if (!sim->adapter.blocked) /* AutoEnable */
            adapter_set_powered(&sim->adapter, true);
    }
    control_ready(sim);
}

void bluetoothd_announce_soon(struct sim *sim)
{
    uint64_t wait = random_usec(&sim->random, ANNOUNCE_LOW_MS, ANNOUNCE_HIGH_MS);

    control_not_ready(sim);
    clock_timer_set(sim->start_timer, clock_now_usec() + wait);
}

static int bus_open(struct sim *sim)
{
    int r = sd_bus_open_system(&sim->bus);

    if (r < 0)
        return r;
    r = sd_bus_attach_event(sim->bus, sim->event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0)
        r = sd_bus_set_exit_on_disconnect(sim->bus, true); /* no bus, no test */
    if (r >= 0)
        r = sd_bus_match_signal(sim->bus, &sim->departures, "org.freedesktop.DBus",
                                "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                                on_name_owner_changed, sim);
    return r < 0 ? r : objects_attach(sim->objects, sim->bus);
}

static void bus_close(struct sim *sim)
{
    (void)objects_attach(sim->objects, NULL);
    sim->departures = sd_bus_slot_unref(sim->departures);
    (void)sd_bus_set_exit_on_disconnect(sim->bus, false);
    sim->bus = sd_bus_flush_close_unref(sim->bus);
}

int bluetoothd_start(struct sim *sim)
{
    int r = 0;

    if (!sim->start_timer)
        r = clock_timer_new(&sim->start_timer, sim->event, CLOCK_NEVER, on_announce, sim);
    if (r >= 0)
        r = bus_open(sim);
    if (r < 0)
        return r;
    sim->root = object_add(sim->objects, "/org/bluez");
    object_add_interface(sim->root, &agent_manager_interface, sim);
    adapter_export(&sim->adapter);
    r = sd_bus_request_name(sim->bus, NAME, 0);
    if (r < 0)
        return r;
    bluetoothd_announce_soon(sim);
    return 0;
}

static void forget_all(struct sim *sim)
{
    control_not_ready(sim);
    clock_timer_set(sim->start_timer, CLOCK_NEVER);
    bus_close(sim);
    adapter_forget(&sim->adapter);
    sim->root = object_remove(sim->root);
}

void bluetoothd_kill(struct sim *sim)
{
    if (!sim->bus)
        return;
    sim->systemd.failed = true;
    forget_all(sim);
}

void bluetoothd_stop(struct sim *sim)
{
    if (!sim->bus)
        return;
    sim->systemd.failed = false;
    adapter_set_powered(&sim->adapter, false);
    sim->root = object_remove(sim->root);
    adapter_unexport(&sim->adapter);
    (void)sd_bus_release_name(sim->bus, NAME);
    forget_all(sim);
}
