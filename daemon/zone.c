/* SPDX-License-Identifier: MIT */
/*
 * Finds and reads the file of a zone; what is in it is for lib/tz.c. The name comes from a
 * configuration, so it must not lead out of the database.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/readfile.h"
#include "daemon/util.h"
#include "daemon/zone.h"

#define ZONE_FOLDER   "/usr/share/zoneinfo"
#define ZONE_LOCAL    "/etc/localtime"
#define ZONE_SIZE_MAX (256 * 1024) /* the largest of the database has 4 KB */

struct zone {
    struct tz tz;
    char *bytes; /* of the file, tz points into them; NULL: UTC */
};

static int read_zone(struct zone **ret, const char *path)
{
    _cleanup_(zone_freep) struct zone *zone = calloc(1, sizeof(*zone));
    size_t length;
    char *fitted;
    int r;

    if (!zone)
        return -ENOMEM;
    r = read_file(path, ZONE_SIZE_MAX, &zone->bytes, &length, NULL);
    if (r == -EISDIR || r == -EINVAL || r == -EFBIG)
        return ZONE_E_BROKEN;
    if (r < 0)
        return r;
    fitted = realloc(zone->bytes, length + 1); /* most are a hundredth of what they may be */
    zone->bytes = fitted ? fitted : zone->bytes;
    if (tz_init(&zone->tz, (const uint8_t *)zone->bytes, length) != TZ_OK)
        return ZONE_E_BROKEN;
    *ret = TAKE_PTR(zone);
    return ZONE_OK;
}

int zone_load(struct zone **ret, const char *name)
{
    char path[128];
    int r;

    if (*name == '\0')
        snprintf(path, sizeof(path), "%s", ZONE_LOCAL);
    else if (tz_name_is_valid(name))
        snprintf(path, sizeof(path), "%s/%s", ZONE_FOLDER, name);
    else
        return ZONE_E_NAME;
    r = read_zone(ret, path);
    if (r == -ENOENT || r == -ENOTDIR)
        return *name == '\0' ? zone_new_utc(ret) : ZONE_E_UNKNOWN;
    return r;
}

int zone_new_utc(struct zone **ret)
{
    struct zone *zone = calloc(1, sizeof(*zone));

    if (!zone)
        return -ENOMEM;
    tz_init_utc(&zone->tz);
    *ret = zone;
    return ZONE_OK;
}

struct zone *zone_free(struct zone *zone)
{
    if (zone)
        free(zone->bytes);
    free(zone);
    return NULL;
}

const struct tz *zone_tz(const struct zone *zone)
{
    return &zone->tz;
}
