/* SPDX-License-Identifier: MIT */
/*
 * What a sensor tells when asked: who made it, how full its battery is, what it can do. Read once per
 * connection, after the subscription, so that no packet waits for it; a read that fails is left out.
 */
#include "daemon/sensors/set.h"
#include "lib/gatt/gatt.h"

static void learn(struct link *link, uint16_t uuid, const uint8_t *bytes, size_t length)
{
    if (uuid == GATT_MANUFACTURER_NAME)
        bluez_text(link->manufacturer, sizeof link->manufacturer, bytes, length);
    else if (uuid == GATT_MODEL_NUMBER)
        bluez_text(link->model, sizeof link->model, bytes, length);
    else if (uuid == GATT_FIRMWARE_REVISION)
        bluez_text(link->firmware, sizeof link->firmware, bytes, length);
    else if (uuid == GATT_BATTERY_LEVEL && length >= 1 && bytes[0] <= 100)
        link->battery_pct = bytes[0];
}

/* What is not said of the device is said of what it measures. */
static bool is_for_decoders(uint16_t uuid)
{
    const struct gatt_characteristic *row = gatt_find(uuid);

    return row && row->service != GATT_SERVICE_BATTERY &&
           row->service != GATT_SERVICE_DEVICE_INFORMATION;
}

static void on_read(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct link *link = link_of_attempt(userdata, cookie);
    size_t n, length, row = cookie & 0xFF;
    const struct sensor_characteristic *table = sensor_table(&n);
    const uint8_t *bytes;
    if (!link || row >= n)
        return;
    if (reply->outcome == BLUEZ_DONE && bluez_read_bytes(reply->message, &bytes, &length) >= 0) {
        learn(link, table[row].uuid, bytes, length);
        if (is_for_decoders(table[row].uuid) && link->machine.usable)
            link->sensors->callbacks.on_notification(link->sensors->userdata, link->index,
                                                     table[row].uuid, bytes, length,
                                                     clock_now_usec());
    }
    link_show(link);
    link_read_next(link);
}

/* One at a time: a sensor's radio time belongs to its packets. */
void link_read_next(struct link *link)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);
    const struct bluez_device *device = bluez_find(link->sensors->bluez, link->address);
    while (device && link->machine.usable && link->next_read < n) {
        size_t row = link->next_read++;
        const struct bluez_characteristic *c =
            table[row].notify ? NULL : bluez_device_characteristic(device, table[row].uuid);
        if (!c || (table[row].uuid == GATT_BATTERY_LEVEL && device->battery_pct >= 0))
            continue;
        if (bluez_read(link->sensors->bluez, device, c, on_read, link_cookie(link, row)) >= 0)
            return;
    }
}
