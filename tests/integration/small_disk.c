/* SPDX-License-Identifier: MIT */
/* Preloaded: a disk with SMALL_DISK_MB of room, which is mounted for reading only if SMALL_DISK_RO is set. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

int statvfs(const char *path, struct statvfs *ret)
{
    const char *room_mb = getenv("SMALL_DISK_MB");

    memset(ret, 0, sizeof(*ret));
    ret->f_frsize = ret->f_bsize = 1000000;
    ret->f_blocks = 1000000;
    ret->f_bavail = ret->f_bfree = room_mb ? strtoul(room_mb, NULL, 10) : 0;
    ret->f_flag = getenv("SMALL_DISK_RO") ? ST_RDONLY : 0;
    return 0;
}
