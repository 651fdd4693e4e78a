/* SPDX-License-Identifier: MIT */
/*
 * systemd, as far as bluetoothd is concerned: what it shows of bluetooth.service, and the activation
 * that the bus asks it for. The bus itself is real; its service file runs `simctl SOCKET service
 * activate`, as dbus-org.bluez.service has systemd start the unit.
 */
#include <errno.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/sim.h"

#define UNIT "bluetooth.service"

static int append_unit(sd_bus_message *reply, const struct sim *sim, const char *name)
{
    bool ours = strcmp(name, UNIT) == 0;
    const char *load = !ours ? "not-found" : sim->systemd.masked ? "masked" : "loaded";
    const char *active = ours && sim->bus              ? "active"
                         : ours && sim->systemd.failed ? "failed"
                                                       : "inactive";
    return sd_bus_message_append(reply, "(ssssssouso)", name, "Bluetooth service", load, active,
                                 sim->bus ? "running" : "dead", "",
                                 "/org/freedesktop/systemd1/unit/x", UINT32_C(0), "", "/");
}

static int method_list_units_by_names(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct sim *sim = userdata;
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    const char *name;
    int r;

    sim->systemd.asked++;
    if (sim->systemd.mute)
        return 1;
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "(ssssssouso)");
    if (r >= 0)
        r = sd_bus_message_enter_container(m, 'a', "s");
    while (r >= 0 && (r = sd_bus_message_read(m, "s", &name)) > 0)
        r = append_unit(reply, sim, name);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ListUnitsByNames", "as", "a(ssssssouso)", method_list_units_by_names, 0),
    SD_BUS_VTABLE_END,
};

int systemd_begin(struct sim *sim)
{
    int r = sd_bus_open_system(&sim->systemd.bus);

    if (r >= 0)
        r = sd_bus_attach_event(sim->systemd.bus, sim->event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0)
        r = sd_bus_add_object_vtable(sim->systemd.bus, NULL, "/org/freedesktop/systemd1",
                                     "org.freedesktop.systemd1.Manager", manager, sim);
    return r < 0 ? r : sd_bus_request_name(sim->systemd.bus, "org.freedesktop.systemd1", 0);
}

void systemd_end(struct sim *sim)
{
    sim->systemd.bus = sd_bus_flush_close_unref(sim->systemd.bus);
}

int systemd_activate(struct sim *sim)
{
    sim->systemd.activated++;
    if (sim->systemd.masked)
        return -EPERM;
    if (sim->systemd.broken > 0) {
        sim->systemd.broken--;
        return -EIO;
    }
    return sim->bus ? 0 : bluetoothd_start(sim);
}
