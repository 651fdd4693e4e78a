/* SPDX-License-Identifier: MIT */
/*
 * Finds and reads the file of a zone; what is in it is for lib/tz.c. The name comes from a
 * configuration, so it must not lead out of the database.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/util.h"
#include "daemon/zone.h"

#define ZONE_FOLDER   "/usr/share/zoneinfo"
#define ZONE_LOCAL    "/etc/localtime"
#define ZONE_SIZE_MAX (256 * 1024) /* the largest of the database has 4 KB */

struct zone {
    struct tz tz;
    uint8_t bytes[]; /* of the file; tz points into them */
};

static bool name_is_valid(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_+-/");

    return length > 0 && length < 64 && name[length] == '\0' && name[0] != '/' &&
           name[length - 1] != '/' && !strstr(name, "//"); /* no dots: no .. either */
}

static ssize_t read_all(int fd, uint8_t *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        ssize_t n = read(fd, bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        at += (size_t)n;
    }
    return (ssize_t)at;
}

static int read_zone(struct zone **ret, int fd)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size > ZONE_SIZE_MAX)
        return ZONE_E_BROKEN;
    zone = calloc(1, sizeof(*zone) + (size_t)st.st_size);
    if (!zone)
        return -ENOMEM;
    n = read_all(fd, zone->bytes, (size_t)st.st_size);
    if (n < 0)
        return (int)n;
    if (tz_init(&zone->tz, zone->bytes, (size_t)n) != TZ_OK)
        return ZONE_E_BROKEN;
    *ret = TAKE_PTR(zone);
    return ZONE_OK;
}

static int open_zone(const char *name)
{
    char path[128];
    int fd;

    if (*name == '\0')
        snprintf(path, sizeof(path), "%s", ZONE_LOCAL);
    else
        snprintf(path, sizeof(path), "%s/%s", ZONE_FOLDER, name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}

int zone_load(struct zone **ret, const char *name)
{
    _cleanup_close_ int fd = -1;

    if (*name != '\0' && !name_is_valid(name))
        return ZONE_E_NAME;
    fd = open_zone(name);
    if (fd == -ENOENT || fd == -ENOTDIR)
        return *name == '\0' ? zone_new_utc(ret) : ZONE_E_UNKNOWN;
    if (fd < 0)
        return fd;
    return read_zone(ret, fd);
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
    free(zone);
    return NULL;
}

const struct tz *zone_tz(const struct zone *zone)
{
    return &zone->tz;
}
