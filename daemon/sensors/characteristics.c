/* SPDX-License-Identifier: MIT */
/* Which characteristics of a sensor are used: those that lib/gatt has a use for. Everything else on
 * it is left alone. */
#include "daemon/sensors/characteristics.h"

#include "lib/gatt/gatt.h"

#define TABLE_MAX 64

/* Subscriptions before reads, so that no packet waits for a read; the battery level last: by then
 * Battery1 has come, and is preferred. */
static int rank(const struct gatt_characteristic *row)
{
    if (row->use == GATT_NOTIFY)
        return 0;
    return row->uuid == GATT_BATTERY_LEVEL ? 2 : 1;
}

const struct sensor_characteristic *sensor_table(size_t *ret_n)
{
    static struct sensor_characteristic table[TABLE_MAX];
    static size_t n; /* made at the first call */
    const struct gatt_characteristic *row;

    for (int r = n ? 3 : 0; r <= 2; r++)
        for (size_t i = 0; (row = gatt_at(i)) && n < TABLE_MAX; i++)
            if (row->use != GATT_IGNORE && rank(row) == r && (r > 0 || n < SENSOR_NOTIFY_MAX))
                table[n++] = (struct sensor_characteristic){ row->uuid, row->use == GATT_NOTIFY };
    *ret_n = n;
    return table;
}

const struct sensor_characteristic *sensor_characteristic(uint16_t uuid)
{
    size_t n;
    const struct sensor_characteristic *table = sensor_table(&n);

    for (size_t i = 0; i < n; i++)
        if (table[i].uuid == uuid)
            return &table[i];
    return NULL;
}
