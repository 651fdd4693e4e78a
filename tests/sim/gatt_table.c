/* SPDX-License-Identifier: MIT */
/*
 * The attribute table of a sensor. Handles are counted as a real server counts them: one for a service,
 * two for a characteristic (declaration, value), one for its CCC; bluetoothd puts the declaration's
 * handle into the path. Generic Access (1800) takes the first five handles and is not shown.
 */
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/sim.h"

#define HANDLES_OF_GENERIC_ACCESS 5

struct row {
    uint16_t uuid; /* 0 ends the service */
    unsigned flags;
};

static const struct row generic_attribute[] = { { 0x2A05, GATT_INDICATE }, { 0, 0 } };
static const struct row heart_rate[] = {
    { 0x2A37, GATT_NOTIFY }, { 0x2A38, GATT_READ }, { 0x2A39, GATT_WRITE }, { 0, 0 }
};
static const struct row running[] = { { 0x2A53, GATT_NOTIFY },
                                      { 0x2A54, GATT_READ },
                                      { 0x2A5D, GATT_READ },
                                      { 0x2A55, GATT_WRITE | GATT_INDICATE },
                                      { 0, 0 } };
static const struct row machine[] = { { 0x2ACC, GATT_READ },
                                      { 0x2ACD, GATT_NOTIFY },
                                      { 0x2AD5, GATT_READ },
                                      { 0x2ADA, GATT_NOTIFY },
                                      { 0x2AD9, GATT_WRITE | GATT_INDICATE },
                                      { 0, 0 } };
static const struct row power[] = {
    { 0x2A63, GATT_NOTIFY }, { 0x2A65, GATT_READ }, { 0x2A5D, GATT_READ }, { 0, 0 }
};
static const struct row location[] = { { 0x2A6A, GATT_READ }, { 0x2A67, GATT_NOTIFY }, { 0, 0 } };
static const struct row environment[] = {
    { 0x2A6D, GATT_NOTIFY }, { 0x2A6E, GATT_NOTIFY }, { 0x2A6C, GATT_NOTIFY }, { 0, 0 }
};
static const struct row battery[] = { { 0x2A19, GATT_READ | GATT_NOTIFY }, { 0, 0 } };
static const struct row information[] = {
    { 0x2A29, GATT_READ }, { 0x2A24, GATT_READ }, { 0x2A26, GATT_READ }, { 0, 0 }
};

static const struct {
    unsigned services; /* enum sensor_service that have it */
    uint16_t uuid;
    const struct row *rows;
} layout[] = {
    { ~0u, 0x1801, generic_attribute },
    { SENSOR_HEART_RATE, 0x180D, heart_rate },
    { SENSOR_RSC, 0x1814, running },
    { SENSOR_TREADMILL, 0x1826, machine },
    { SENSOR_POWER, 0x1818, power },
    { SENSOR_LOCATION, 0x1819, location },
    { SENSOR_ENVIRONMENT, 0x181A, environment },
    { ~0u, 0x180F, battery },
    { ~0u, 0x180A, information },
};

const char *uuid_text(uint16_t uuid)
{
    static char text[4][40]; /* a few at once in one call */
    static unsigned n;

    n = (n + 1) % ELEMENTSOF(text);
    snprintf(text[n], sizeof text[n], "0000%04x-0000-1000-8000-00805f9b34fb", uuid);
    return text[n];
}

/* By way of a copy: parent and child are fields of one device, which printf must not be given both. */
static void path_make(char *ret, size_t size, const char *parent, const char *kind, uint16_t handle)
{
    char path[128];
    int n = snprintf(path, sizeof path, "%s/%s%04x", parent, kind, handle);

    if (n >= 0 && (size_t)n < size)
        memcpy(ret, path, (size_t)n + 1);
}

static uint16_t characteristic_build(struct gatt *gatt, const struct service *service,
                                     const struct row *row, uint16_t handle)
{
    struct characteristic *c = &gatt->characteristics[gatt->n_characteristics++];

    *c = (struct characteristic){ .device = service->device,
                                  .service = service,
                                  .uuid = row->uuid,
                                  .handle = handle,
                                  .flags = row->flags,
                                  .acquired_fd = -1,
                                  .holder_fd = -1 };
    path_make(c->path, sizeof c->path, service->path, "char", handle);
    return handle + 2 + !!(row->flags & (GATT_NOTIFY | GATT_INDICATE));
}

/* Which of the measurements of a service that has several; all else is there. */
static bool is_there(const struct sensor *sensor, uint16_t uuid)
{
    if (uuid == 0x2ACD && sensor->treadmill.no_data)
        return false;
    for (size_t i = 0; i < SENSOR_SERVICES; i++)
        if (sensor_services[i].measurement == uuid)
            return sensor->services & sensor_services[i].bit;
    return true;
}

void gatt_build(struct device *device)
{
    struct gatt *gatt = &device->gatt;
    uint16_t handle = HANDLES_OF_GENERIC_ACCESS + 1;
    for (size_t i = 0; i < ELEMENTSOF(layout); i++) {
        struct service *service = &gatt->services[gatt->n_services];

        if (!(layout[i].services & device->sensor->services))
            continue;
        gatt->n_services++;
        *service = (struct service){ .device = device, .uuid = layout[i].uuid, .handle = handle };
        path_make(service->path, sizeof service->path, device->path, "service", handle++);
        for (const struct row *row = layout[i].rows; row->uuid; row++)
            if (is_there(device->sensor, row->uuid))
                handle = characteristic_build(gatt, service, row, handle);
    }
}

void gatt_renumber(struct gatt *gatt, uint16_t by)
{
    for (size_t i = 0; i < gatt->n_services; i++) {
        struct service *service = &gatt->services[i];

        service->handle += by;
        path_make(service->path, sizeof service->path, service->device->path, "service",
                  service->handle);
    }
    for (size_t i = 0; i < gatt->n_characteristics; i++) {
        struct characteristic *c = &gatt->characteristics[i];

        c->handle += by;
        path_make(c->path, sizeof c->path, c->service->path, "char", c->handle);
    }
}

struct characteristic *gatt_find(struct gatt *gatt, uint16_t uuid)
{
    for (size_t i = 0; i < gatt->n_characteristics; i++)
        if (gatt->characteristics[i].uuid == uuid)
            return &gatt->characteristics[i];
    return NULL;
}
