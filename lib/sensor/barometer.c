/* SPDX-License-Identifier: MIT */
#include "lib/sensor/barometer.h"

static bool is_within(double value, double min, double max)
{
    return value >= min && value <= max;
}

static struct sample sample_at(uint64_t now_usec, uint32_t has)
{
    return (struct sample){ .t_usec = now_usec, .has = has, .source = SAMPLE_SOURCE_BAROMETER };
}

enum decode_result barometer_pressure(uint32_t pressure_dpa, uint64_t now_usec, struct sample *ret)
{
    double pressure_pa = pressure_dpa / 10.0;

    if (!is_within(pressure_pa, BAROMETER_MIN_PA, BAROMETER_MAX_PA))
        return DECODE_OUT_OF_RANGE;
    *ret = sample_at(now_usec, SAMPLE_PRESSURE);
    ret->pressure_pa = pressure_pa;
    return DECODE_OK;
}

enum decode_result barometer_elevation(int32_t elevation_cm, uint64_t now_usec, struct sample *ret)
{
    double altitude_m = elevation_cm / 100.0;

    if (!is_within(altitude_m, ALTITUDE_MIN_M, ALTITUDE_MAX_M))
        return DECODE_OUT_OF_RANGE;
    *ret = sample_at(now_usec, SAMPLE_ALTITUDE);
    ret->altitude_m = altitude_m;
    return DECODE_OK;
}

enum decode_result barometer_temperature(const struct temperature *temperature, uint64_t now_usec,
                                         struct sample *ret)
{
    double temperature_c = temperature->centidegrees / 100.0;

    if (!temperature->known) {
        *ret = sample_at(now_usec, 0);
        return DECODE_OK;
    }
    if (!is_within(temperature_c, TEMPERATURE_MIN_C, TEMPERATURE_MAX_C))
        return DECODE_OUT_OF_RANGE;
    *ret = sample_at(now_usec, SAMPLE_TEMPERATURE);
    ret->temperature_c = temperature_c;
    return DECODE_OK;
}
