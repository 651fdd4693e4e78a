/* SPDX-License-Identifier: MIT */
#include "daemon/bluez/service.h"

#include <errno.h>
#include "daemon/bluez/private.h"
#include "daemon/util.h"

#define START_TIMEOUT_USEC (100 * 1000000ULL) /* systemd's own limit is 90 s */

static int send_call(struct bluez *bluez, sd_bus_message *m, uint64_t timeout_usec,
                     bluez_call_handler handler)
{
    return bluez_call_send(&bluez->calls, bluez->bus, m, timeout_usec, handler, bluez->userdata, 0);
}

int bluez_ask_service(struct bluez *bluez, bluez_call_handler handler)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    if (!bluez->bus)
        return -ENODEV;
    int r = sd_bus_message_new_method_call(bluez->bus, &m, "org.freedesktop.systemd1",
                                           "/org/freedesktop/systemd1",
                                           "org.freedesktop.systemd1.Manager", "ListUnitsByNames");
    if (r >= 0)
        r = sd_bus_message_append(m, "as", 1, "bluetooth.service");
    return r < 0 ? r : send_call(bluez, m, 0, handler);
}

/* a(ssssssouso): name, description, load, active, sub, followed, path, job: id, type, path */
int bluez_read_service(sd_bus_message *m, const char **ret_load, const char **ret_active)
{
    const char *load, *active;
    int r = sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
    if (r < 0)
        return r;
    r = sd_bus_message_enter_container(m, 'r', "ssssssouso");
    if (r <= 0)
        return r < 0 ? r : -ENODATA;
    r = sd_bus_message_read(m, "ssss", NULL, NULL, &load, &active);
    if (r < 0)
        return r;
    *ret_load = load;
    *ret_active = active;
    return 0;
}

int bluez_start_service(struct bluez *bluez, bluez_call_handler handler)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    if (!bluez->bus)
        return -ENODEV;
    int r = sd_bus_message_new_method_call(bluez->bus, &m, "org.freedesktop.DBus",
                                           "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                           "StartServiceByName");
    if (r >= 0)
        r = sd_bus_message_append(m, "su", "org.bluez", UINT32_C(0));
    return r < 0 ? r : send_call(bluez, m, START_TIMEOUT_USEC, handler);
}
