/* SPDX-License-Identifier: MIT */
/* Which characteristics of a sensor are used; everything else on it is left alone. */
#include "daemon/sensor.h"

#include "daemon/util.h"

static const struct sensor_characteristic table[] = {
    { 0x2A37, true },  /* heart rate measurement */
    { 0x2A53, true },  /* running speed and cadence measurement */
    { 0x2ACD, true },  /* treadmill data */
    { 0x2ADA, true },  /* fitness machine status */
    { 0x2A38, false }, /* body sensor location */
    { 0x2A54, false }, /* running speed and cadence feature */
    { 0x2A5D, false }, /* sensor location */
    { 0x2ACC, false }, /* fitness machine feature */
    { 0x2AD5, false }, /* supported inclination range */
    { 0x2A29, false }, /* manufacturer */
    { 0x2A24, false }, /* model */
    { 0x2A25, false }, /* serial number */
    { 0x2A26, false }, /* firmware */
    { 0x2A27, false }, /* hardware */
    { 0x2A28, false }, /* software */
    { 0x2A19, false }, /* battery level; last: Battery1 has come by then, and is preferred */
};

const struct sensor_characteristic *sensor_table(size_t *ret_n)
{
    *ret_n = ELEMENTSOF(table);
    return table;
}
