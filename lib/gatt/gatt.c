/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "lib/gatt/gatt.h"

/* Bluetooth's base UUID, without the 16 bits that differ. */
#define UUID_HEAD   "0000"
#define UUID_TAIL   "-0000-1000-8000-00805f9b34fb"
#define UUID_LENGTH 36

/* Sorted by service. A device with a heart-rate service and RSC is a strap; one that also drives a
 * belt is a belt, as its distance is the belt's. Serial numbers identify a person's device and serve
 * nothing: not read. */
static const struct gatt_characteristic table[] = {
    { GATT_HEART_RATE_MEASUREMENT, "heart_rate_measurement", GATT_SERVICE_HEART_RATE, GATT_NOTIFY,
      GATT_KIND_STRAP },
    { GATT_BODY_SENSOR_LOCATION, "body_sensor_location", GATT_SERVICE_HEART_RATE, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_RSC_MEASUREMENT, "rsc_measurement", GATT_SERVICE_RUNNING_SPEED_CADENCE, GATT_NOTIFY,
      GATT_KIND_POD },
    { GATT_RSC_FEATURE, "rsc_feature", GATT_SERVICE_RUNNING_SPEED_CADENCE, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_SENSOR_LOCATION, "sensor_location", GATT_SERVICE_RUNNING_SPEED_CADENCE, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_TREADMILL_DATA, "treadmill_data", GATT_SERVICE_FITNESS_MACHINE, GATT_NOTIFY,
      GATT_KIND_BELT },
    { GATT_MACHINE_STATUS, "fitness_machine_status", GATT_SERVICE_FITNESS_MACHINE, GATT_NOTIFY,
      GATT_KIND_NONE },
    { GATT_INCLINATION_RANGE, "supported_inclination_range", GATT_SERVICE_FITNESS_MACHINE,
      GATT_READ_ONCE, GATT_KIND_NONE },
    { GATT_FITNESS_MACHINE_FEATURE, "fitness_machine_feature", GATT_SERVICE_FITNESS_MACHINE,
      GATT_IGNORE, GATT_KIND_NONE },
    { GATT_CYCLING_POWER_MEASUREMENT, "cycling_power_measurement", GATT_SERVICE_CYCLING_POWER,
      GATT_NOTIFY, GATT_KIND_POWER },
    { GATT_PRESSURE, "pressure", GATT_SERVICE_ENVIRONMENTAL_SENSING, GATT_NOTIFY,
      GATT_KIND_BAROMETER },
    { GATT_ELEVATION, "elevation", GATT_SERVICE_ENVIRONMENTAL_SENSING, GATT_NOTIFY,
      GATT_KIND_BAROMETER },
    { GATT_TEMPERATURE, "temperature", GATT_SERVICE_ENVIRONMENTAL_SENSING, GATT_NOTIFY,
      GATT_KIND_BAROMETER },
    { GATT_LOCATION_AND_SPEED, "location_and_speed", GATT_SERVICE_LOCATION_NAVIGATION, GATT_NOTIFY,
      GATT_KIND_LOCATION },
    { GATT_NAVIGATION, "navigation", GATT_SERVICE_LOCATION_NAVIGATION, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_BATTERY_LEVEL, "battery_level", GATT_SERVICE_BATTERY, GATT_READ_ONCE, GATT_KIND_NONE },
    { GATT_MODEL_NUMBER, "model_number", GATT_SERVICE_DEVICE_INFORMATION, GATT_READ_ONCE,
      GATT_KIND_NONE },
    { GATT_SERIAL_NUMBER, "serial_number", GATT_SERVICE_DEVICE_INFORMATION, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_FIRMWARE_REVISION, "firmware_revision", GATT_SERVICE_DEVICE_INFORMATION, GATT_READ_ONCE,
      GATT_KIND_NONE },
    { GATT_HARDWARE_REVISION, "hardware_revision", GATT_SERVICE_DEVICE_INFORMATION, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_SOFTWARE_REVISION, "software_revision", GATT_SERVICE_DEVICE_INFORMATION, GATT_IGNORE,
      GATT_KIND_NONE },
    { GATT_MANUFACTURER_NAME, "manufacturer_name", GATT_SERVICE_DEVICE_INFORMATION, GATT_READ_ONCE,
      GATT_KIND_NONE },
};

static const struct {
    uint16_t uuid;
    const char *name;
} services[] = {
    { GATT_SERVICE_HEART_RATE, "heart_rate" },
    { GATT_SERVICE_RUNNING_SPEED_CADENCE, "running_speed_cadence" },
    { GATT_SERVICE_FITNESS_MACHINE, "fitness_machine" },
    { GATT_SERVICE_CYCLING_POWER, "cycling_power" },
    { GATT_SERVICE_ENVIRONMENTAL_SENSING, "environmental_sensing" },
    { GATT_SERVICE_LOCATION_NAVIGATION, "location_navigation" },
    { GATT_SERVICE_BATTERY, "battery" },
    { GATT_SERVICE_DEVICE_INFORMATION, "device_information" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct gatt_characteristic *gatt_at(size_t index)
{
    return index < COUNT(table) ? &table[index] : NULL;
}

const struct gatt_characteristic *gatt_find(uint16_t uuid)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (table[i].uuid == uuid)
            return &table[i];
    return NULL;
}

/* isxdigit and strtoul follow the locale and take signs and spaces; UUIDs know neither. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

uint16_t gatt_uuid16(const char *uuid)
{
    unsigned value = 0;

    if (!uuid || strnlen(uuid, UUID_LENGTH + 1) != UUID_LENGTH || memcmp(uuid, UUID_HEAD, 4) != 0 ||
        strcasecmp(uuid + 8, UUID_TAIL) != 0)
        return 0;
    for (int i = 4; i < 8; i++) {
        int digit = hex_digit(uuid[i]);
        if (digit < 0)
            return 0;
        value = value << 4 | (unsigned)digit;
    }
    return (uint16_t)value;
}

const char *gatt_service_name(uint16_t service)
{
    for (size_t i = 0; i < COUNT(services); i++)
        if (services[i].uuid == service)
            return services[i].name;
    return NULL;
}

const char *gatt_kind_name(enum gatt_kind kind)
{
    static const char *const names[] = {
        [GATT_KIND_NONE] = "",
        [GATT_KIND_BAROMETER] = "barometer",
        [GATT_KIND_LOCATION] = "location",
        [GATT_KIND_POWER] = "power",
        [GATT_KIND_POD] = "pod",
        [GATT_KIND_STRAP] = "strap",
        [GATT_KIND_BELT] = "belt",
    };
    return (unsigned)kind < COUNT(names) ? names[kind] : "";
}
