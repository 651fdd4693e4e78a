/* SPDX-License-Identifier: MIT */
#include "daemon/import/slip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "daemon/readfile.h"
#include "daemon/util.h"

int slip_read(struct slip *ret, int folder_fd, const char *name)
{
    int r;

    ret->length = 0;
    _cleanup_close_ int fd =
        openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    r = read_up_to(fd, ret->text, sizeof(ret->text), &ret->length);
    return r < 0 ? r : ret->length > SLIP_TEXT_MAX ? -EFBIG : 0;
}

void slip_text(const struct slip *slip, char ret[SLIP_TEXT_MAX + 1])
{
    for (size_t i = 0; i < slip->length; i++)
        ret[i] = slip->text[i] ? slip->text[i] : '\x01';
    ret[slip->length] = '\0';
}

int slip_add(struct slip *slip, const char *line)
{
    bool open = slip->length > 0 && slip->text[slip->length - 1] != '\n';
    size_t length = strlen(line);

    if (slip->length + open + length > SLIP_TEXT_MAX)
        return -ENOSPC;
    if (open)
        slip->text[slip->length++] = '\n';
    memcpy(slip->text + slip->length, line, length);
    slip->length += length;
    return 0;
}

static int write_all(int fd, const struct slip *slip)
{
    for (size_t at = 0; at < slip->length;) {
        ssize_t n = write(fd, slip->text + at, slip->length - at);
        if (n < 0)
            return -errno;
        at += (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

int slip_write(const struct slip *slip, int folder_fd, const char *name, const char *new_name)
{
    int r;
    _cleanup_close_ int fd =
        openat(folder_fd, new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);

    if (fd < 0)
        return -errno;
    r = write_all(fd, slip);
    if (r < 0)
        return r;
    return renameat(folder_fd, new_name, folder_fd, name) < 0 ? -errno : 0;
}
