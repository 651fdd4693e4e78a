/* SPDX-License-Identifier: MIT */
/*
 * Names and UUIDs as bluetoothd and, behind it, any device in radio range spells them. What is shown
 * to people or put into a topic has gone through bluez_text().
 */
#include "daemon/bluez/text.h"

#include <string.h>
#include "daemon/util.h"
#include "lib/gatt/device_info.h"
#include "lib/gatt/gatt.h"

static const struct {
    uint16_t uuid;
    uint32_t bit;
    const char *uuid_text;
} services[] = {
    { GATT_SERVICE_HEART_RATE, BLUEZ_HEART_RATE, "0000180d-0000-1000-8000-00805f9b34fb" },
    { GATT_SERVICE_RUNNING_SPEED_CADENCE, BLUEZ_RUNNING, "00001814-0000-1000-8000-00805f9b34fb" },
    { GATT_SERVICE_FITNESS_MACHINE, BLUEZ_FITNESS_MACHINE, "00001826-0000-1000-8000-00805f9b34fb" },
    { GATT_SERVICE_CYCLING_POWER, BLUEZ_POWER, "00001818-0000-1000-8000-00805f9b34fb" },
    { GATT_SERVICE_LOCATION_NAVIGATION, BLUEZ_LOCATION, "00001819-0000-1000-8000-00805f9b34fb" },
    { GATT_SERVICE_ENVIRONMENTAL_SENSING, BLUEZ_ENVIRONMENT,
      "0000181a-0000-1000-8000-00805f9b34fb" },
};

/* The two upper bits tell: 11 static, 01 resolvable private, 00 private and not even that. */
bool bluez_address_is_private(const char *address)
{
    return !strchr("CDEF", address[0]);
}

void bluez_text(char *ret, size_t size, const void *bytes, size_t length)
{
    (void)device_info_text(bytes, length, ret, size); /* cut is as good as whole, for a name */
}

void bluez_services_text(uint32_t mask, char *ret, size_t size)
{
    size_t out = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < ELEMENTSOF(services); i++) {
        const char *name = gatt_service_name(services[i].uuid);
        size_t length = strlen(name);

        if (!(mask & services[i].bit) || out + length + 2 > size)
            continue;
        if (out > 0)
            ret[out++] = ' ';
        memcpy(ret + out, name, length + 1);
        out += length;
    }
}

uint32_t bluez_service_bit(uint16_t uuid)
{
    for (size_t i = 0; i < ELEMENTSOF(services); i++)
        if (services[i].uuid == uuid)
            return services[i].bit;
    return 0;
}

const char *bluez_service_uuid(size_t i)
{
    return i < ELEMENTSOF(services) ? services[i].uuid_text : NULL;
}
