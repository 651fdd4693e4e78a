/* SPDX-License-Identifier: MIT */
/* Who was heard in the air, configured or not. */
#include <math.h>
#include <stdio.h>
#include "daemon/sensors/set.h"

#define SECOND       1000000ULL
#define LATELY_USEC  (60 * SECOND)
#define UNKNOWN_USEC (600 * SECOND) /* strangers are shown for so long after they were heard */

static uint64_t ago(uint64_t now_usec, uint64_t period_usec)
{
    return now_usec > period_usec ? now_usec - period_usec : 1;
}

static bool is_heard(const struct bluez_device *device, uint64_t since_usec)
{
    return device->heard_usec != 0 && device->heard_usec >= since_usec;
}

/* bluetoothd shows the one that is kept of a device that is paired, whatever it advertises with. */
bool sensors_is_changing(const struct bluez_device *device)
{
    return device->random_address && bluez_address_is_private(device->address);
}

void sensors_add_unknown(const struct sensors *sensors, struct payload_health *health,
                         uint64_t now_usec)
{
    uint64_t since_usec = ago(now_usec, UNKNOWN_USEC);
    const struct bluez_device *device;
    size_t state = 0;
    while (health->n_unknown < HEALTH_UNKNOWN_MAX &&
           (device = bluez_next(sensors->bluez, &state))) {
        if (device->owner || device->services == 0 || !is_heard(device, since_usec))
            continue;
        struct payload_unknown_device *unknown = &health->unknown[health->n_unknown++];
        snprintf(unknown->address, sizeof unknown->address, "%s", device->address);
        snprintf(unknown->name, sizeof unknown->name, "%s", device->name);
        bluez_services_text(device->services, unknown->services, sizeof unknown->services);
        unknown->signal_dbm = device->has_rssi ? device->rssi_dbm : NAN;
    }
}

/* Its last one, though bluetoothd takes the property away when the scan ends. */
static double signal_since(const struct bluez_device *device, uint64_t since_usec)
{
    bool known = device->rssi_dbm != 0 && device->rssi_dbm != 127;
    return known && is_heard(device, since_usec) ? device->rssi_dbm : NAN;
}

size_t sensors_heard(const struct sensors *sensors, struct sensors_heard *ret, size_t max)
{
    uint64_t since_usec =
        sensors->scan_usec != 0 ? sensors->scan_usec : ago(clock_now_usec(), LATELY_USEC);
    struct bluez_device *device;
    size_t state = 0, n = 0;
    while (n < max && (device = bluez_next(sensors->bluez, &state))) {
        const struct link *link = device->owner;
        if (device->services == 0 && !link)
            continue;
        struct sensors_heard *row = &ret[n++];
        *row = (struct sensors_heard){ .changing_address = sensors_is_changing(device),
                                       .signal_dbm = signal_since(device, since_usec),
                                       .sensor = link ? (int)link->index : -1,
                                       .connected = device->connected };
        snprintf(row->address, sizeof row->address, "%s", device->address);
        snprintf(row->name, sizeof row->name, "%s", device->name);
        bluez_services_text(device->services, row->services, sizeof row->services);
    }
    return n;
}
