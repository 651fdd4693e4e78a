/* SPDX-License-Identifier: MIT */
#include "daemon/naming.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"

const char *naming_kind(const char *services)
{
    static const struct {
        const char *service, *kind;
    } rows[] = {
        { "fitness_machine", "treadmill" },    { "heart_rate", "strap" },
        { "running_speed_cadence", "pod" },    { "cycling_power", "power" },
        { "location_navigation", "location" }, { "environmental_sensing", "barometer" },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (strstr(services, rows[i].service))
            return rows[i].kind;
    return NAMING_UNKNOWN;
}

bool naming_is_shared(const char *kind)
{
    return strcmp(kind, "treadmill") == 0 || strcmp(kind, "barometer") == 0;
}

void naming_make(const char *kind, const char *address, size_t bytes, char ret[NAMING_MAX])
{
    size_t n = (size_t)snprintf(ret, NAMING_MAX, "%s-", kind);

    for (const char *p = address + NAMING_BYTES_MAX * 3 - bytes * 3; *p; p++)
        if (*p != ':' && n < NAMING_MAX - 1)
            ret[n++] = (char)tolower((unsigned char)*p);
    ret[n] = '\0';
}
