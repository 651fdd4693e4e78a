/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/civil.h"

const char *stridectl_unit(enum unit unit, bool imperial)
{
    if (unit == UNIT_TIME)
        return "h";
    if (unit == UNIT_FAR)
        return imperial ? "mi" : "km";
    return imperial ? "ft" : "m";
}

const char *stridectl_figure(const json_t *value, enum unit unit, bool imperial, char ret[32])
{
    double number = json_number_value(value);
    long minutes = lround(number / 60);

    if (!json_is_number(value))
        return "-";
    if (unit == UNIT_TIME)
        snprintf(ret, 32, "%ld:%02ld", minutes / 60, minutes % 60);
    else if (unit == UNIT_FAR)
        snprintf(ret, 32, "%.1f", number / (imperial ? METRES_A_MILE : 1000));
    else
        snprintf(ret, 32, "%.0f", number / (imperial ? METRES_A_FOOT : 1));
    return ret;
}

const char *stridectl_figure_and_unit(const json_t *value, enum unit unit, bool imperial,
                                      char ret[32])
{
    char figure[32];

    if (!json_is_number(value))
        return "-";
    snprintf(ret, 32, "%.24s %s", stridectl_figure(value, unit, imperial, figure),
             stridectl_unit(unit, imperial));
    return ret;
}

bool stridectl_is_imperial(const json_t *data)
{
    const char *units = json_string_value(json_object_get(data, "units"));

    return units && strcmp(units, "imperial") == 0;
}

double stridectl_number(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

void stridectl_day(const char *day, bool with_year, char ret[32])
{
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int year, month, number;
    int64_t days;

    if (!day || !civil_read_day(day, &days)) {
        snprintf(ret, 32, "%.31s", day ? day : "-");
        return;
    }
    civil_from_days(days, &year, &month, &number);
    if (with_year)
        snprintf(ret, 32, "%d %s %d", number, months[month - 1], year);
    else
        snprintf(ret, 32, "%d %s", number, months[month - 1]);
}
