/* SPDX-License-Identifier: MIT */
#include "daemon/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int listing_open(int folder_fd, DIR **ret)
{
    int r, fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    *ret = fdopendir(fd);
    if (*ret)
        return 0;
    r = -errno;
    close(fd);
    return r;
}
