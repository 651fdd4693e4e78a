/* SPDX-License-Identifier: MIT */
#include "daemon/state_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include "daemon/util.h"

int state_lock_take(int *ret_fd, const char *state_dir)
{
    _cleanup_close_ int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? STATE_LOCK_E_TAKEN : -errno;
    *ret_fd = TAKE_FD(fd);
    return STATE_LOCK_OK;
}
