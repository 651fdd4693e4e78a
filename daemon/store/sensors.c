/* SPDX-License-Identifier: MIT */
/*
 * What was learnt of a device, above all whether it counts steps or strides: decided once from its
 * data and kept with the evidence. By name and address, because a device that is replaced under the
 * same name is another device.
 */
#include <errno.h>
#include <string.h>

#include "daemon/array.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define SENSORS_MAX 1024

static const char *const units[] = { "", "steps", "strides", NULL };

static bool is_valid(const struct store_sensor *sensor)
{
    return text_is_topic_level(sensor->name) && text_is_address(sensor->address) &&
           text_is_one_of(sensor->cadence_unit, units) && sensor->decided_usec >= 0 &&
           sensor->decided_usec <= TIME_MAX_USEC &&
           text_is_plain(sensor->evidence, strnlen(sensor->evidence, sizeof(sensor->evidence)));
}

static bool read_row(sqlite3_stmt *s, struct store_sensor *ret)
{
    struct store_sensor sensor = { 0 };

    if (!column_text(s, 0, sensor.name, sizeof(sensor.name)) ||
        !column_text(s, 1, sensor.address, sizeof(sensor.address)) ||
        !column_text(s, 2, sensor.cadence_unit, sizeof(sensor.cadence_unit)) ||
        !column_text(s, 3, sensor.evidence, sizeof(sensor.evidence)) ||
        !column_time(s, 4, &sensor.decided_usec) || !is_valid(&sensor))
        return false;
    *ret = sensor;
    return true;
}

int sensor_table_read(struct db *db, struct sensor_table *ret, struct bad_rows *bad)
{
    struct store_sensor sensor;
    sqlite3_stmt *s;
    int grown = SQLITE_OK;

    int rc = sqlite3_prepare_v2(db->sqlite,
                                "SELECT name, address, cadence_unit, evidence, decided_usec"
                                " FROM sensors",
                                -1, &s, NULL);
    if (rc != SQLITE_OK)
        return rc;
    while (grown == SQLITE_OK && ret->n < SENSORS_MAX && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (!read_row(s, &sensor)) {
            bad->n++;
            continue;
        }
        struct store_sensor *added = ARRAY_ADD(ret->rows, ret->n);
        if (added)
            *added = sensor;
        else
            grown = SQLITE_NOMEM;
    }
    sqlite3_finalize(s);
    if (grown != SQLITE_OK)
        return grown;
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

void sensor_table_free(struct sensor_table *table)
{
    free(table->rows);
    *table = (struct sensor_table){ 0 };
}

int sensor_table_prepare(struct db *db)
{
    return db_prepare(db, &db->put_sensor,
                      "INSERT OR REPLACE INTO sensors (name, address, cadence_unit, evidence,"
                      " decided_usec) VALUES (?, ?, ?, ?, ?)");
}

static int apply_put(struct db *db, const void *rows)
{
    const struct store_sensor *sensor = rows;
    struct binder b = { .statement = db->put_sensor };

    bind_text(&b, sensor->name);
    bind_text(&b, sensor->address);
    bind_text(&b, sensor->cadence_unit);
    bind_text(&b, sensor->evidence);
    bind_time(&b, sensor->decided_usec);
    return binder_run(&b);
}

int sensor_table_make_put(struct put **ret, const struct store_sensor *sensor)
{
    if (!is_valid(sensor))
        return -EINVAL;
    struct store_sensor *copy = malloc(sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    *copy = *sensor;
    return put_new(ret, apply_put, copy, free, sizeof(*copy));
}
