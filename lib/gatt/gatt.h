/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The characteristics this program knows: one row each, and no other place that knows them. The
 * BlueZ client walks the rows to see what to subscribe to and what to read once; what a row's bytes
 * mean is in the decoder of its name, what they make of a sensor in lib/sensor/stream.h.
 * A new kind of sensor is new rows here, a decoder and a case in stream.c.
 */
#include <stddef.h>
#include <stdint.h>

enum gatt_use {
    GATT_IGNORE,    /* we can decode it and have no use for it: no radio time is spent on it */
    GATT_NOTIFY,    /* subscribe */
    GATT_READ_ONCE, /* read after connecting */
};

/* What having the characteristic makes of a device; the higher one wins: a pod that tells power too is
 * a pod, a receiver of satellites with a thermometer tells a location. */
enum gatt_kind {
    GATT_KIND_NONE,
    GATT_KIND_BAROMETER, /* and what else is measured of the air */
    GATT_KIND_LOCATION,
    GATT_KIND_POWER,
    GATT_KIND_POD,
    GATT_KIND_STRAP,
    GATT_KIND_BELT,
};

enum gatt_uuid {
    GATT_HEART_RATE_MEASUREMENT = 0x2A37,
    GATT_BODY_SENSOR_LOCATION = 0x2A38,
    GATT_RSC_MEASUREMENT = 0x2A53,
    GATT_RSC_FEATURE = 0x2A54,
    GATT_SENSOR_LOCATION = 0x2A5D,
    GATT_CYCLING_POWER_MEASUREMENT = 0x2A63,
    GATT_LOCATION_AND_SPEED = 0x2A67,
    GATT_NAVIGATION = 0x2A68,
    GATT_ELEVATION = 0x2A6C,
    GATT_PRESSURE = 0x2A6D,
    GATT_TEMPERATURE = 0x2A6E,
    GATT_FITNESS_MACHINE_FEATURE = 0x2ACC,
    GATT_TREADMILL_DATA = 0x2ACD,
    GATT_INCLINATION_RANGE = 0x2AD5,
    GATT_MACHINE_STATUS = 0x2ADA,
    GATT_BATTERY_LEVEL = 0x2A19,
    GATT_MODEL_NUMBER = 0x2A24,
    GATT_SERIAL_NUMBER = 0x2A25,
    GATT_FIRMWARE_REVISION = 0x2A26,
    GATT_HARDWARE_REVISION = 0x2A27,
    GATT_SOFTWARE_REVISION = 0x2A28,
    GATT_MANUFACTURER_NAME = 0x2A29,
};

enum gatt_service {
    GATT_SERVICE_DEVICE_INFORMATION = 0x180A,
    GATT_SERVICE_HEART_RATE = 0x180D,
    GATT_SERVICE_BATTERY = 0x180F,
    GATT_SERVICE_RUNNING_SPEED_CADENCE = 0x1814,
    GATT_SERVICE_CYCLING_POWER = 0x1818,
    GATT_SERVICE_LOCATION_NAVIGATION = 0x1819,
    GATT_SERVICE_ENVIRONMENTAL_SENSING = 0x181A,
    GATT_SERVICE_FITNESS_MACHINE = 0x1826,
};

struct gatt_characteristic {
    uint16_t uuid;
    const char *name; /* "heart_rate_measurement" */
    uint16_t service;
    enum gatt_use use;
    enum gatt_kind kind;
};

/* NULL when not one of ours. */
const struct gatt_characteristic *gatt_find(uint16_t uuid);
/* The rows, for walking over them; NULL past the end. */
const struct gatt_characteristic *gatt_at(size_t index);

/* 0000xxxx-0000-1000-8000-00805f9b34fb in any case; 0 for every other text (vendor UUIDs, NULL). */
uint16_t gatt_uuid16(const char *uuid);
/* "heart_rate", "running_speed_cadence", ...; NULL when not one of ours. */
const char *gatt_service_name(uint16_t service);
/* What advertising the service makes of a device; NONE for battery, device information, others. */
/* "pod", "strap", "belt", "power", "barometer", "location"; "" for NONE. */
const char *gatt_kind_name(enum gatt_kind kind);
