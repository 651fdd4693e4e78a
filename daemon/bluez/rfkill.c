/* SPDX-License-Identifier: MIT */
/*
 *   /sys/class/rfkill/rfkill0/type  "bluetooth\n"
 *                            /soft  "1\n" = blocked by software
 *                            /hard  "1\n" = blocked by a switch
 */
#include "daemon/bluez/rfkill.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"

/* First bytes of <dir>/<name>/<file>; "" if there are none. */
static void read_word(int dir_fd, const char *name, const char *file, char *ret, size_t size)
{
    char path[300];
    ret[0] = '\0';
    if (snprintf(path, sizeof path, "%s/%s", name, file) >= (int)sizeof path)
        return;
    _cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, ret, size - 1) : 0;
    ret[n > 0 ? n : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
}

bool rfkill_blocks_bluetooth(const char *path)
{
    _cleanup_closedir_ DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char type[16], soft[4], hard[4];
        read_word(dirfd(dir), entry->d_name, "type", type, sizeof type);
        read_word(dirfd(dir), entry->d_name, "soft", soft, sizeof soft);
        read_word(dirfd(dir), entry->d_name, "hard", hard, sizeof hard);
        if (strcmp(type, "bluetooth") == 0 && (soft[0] == '1' || hard[0] == '1'))
            return true;
    }
    return false;
}
