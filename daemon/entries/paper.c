/* SPDX-License-Identifier: MIT */
#include "daemon/entries/paper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/readfile.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"

#define NEW_NAME ".new" /* no id begins with a dot */

static int open_folder(const struct papers *papers, bool make)
{
    int fd;
    _cleanup_close_ int state_fd = open(papers->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (state_fd < 0)
        return -errno;
    if (make && mkdirat(state_fd, papers->folder, 0750) == 0 && fsync(state_fd) < 0)
        return -errno;
    fd = openat(state_fd, papers->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

/* A NUL in it would be its end for whoever reads it, and hide the rest. */
static int read_at(int folder_fd, const char *id, char ret[static PAPER_TEXT_MAX])
{
    size_t length;
    int r;
    _cleanup_close_ int fd = openat(folder_fd, id, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return -errno;
    r = read_up_to(fd, ret, PAPER_TEXT_MAX, &length);
    if (r < 0)
        return r;
    if (length == PAPER_TEXT_MAX)
        return -EFBIG;
    ret[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (!ret[i])
            ret[i] = '\x01';
    return 0;
}

int paper_read(const struct papers *papers, const char *id, char ret[static PAPER_TEXT_MAX])
{
    _cleanup_close_ int folder_fd = open_folder(papers, false);

    if (folder_fd < 0)
        return folder_fd;
    return recording_id_is_valid(id) ? read_at(folder_fd, id, ret) : -EINVAL;
}

static int write_whole(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        left -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

int paper_write(const struct papers *papers, const char *id, const char *text)
{
    bool fits = recording_id_is_valid(id) && strlen(text) < PAPER_TEXT_MAX;
    int r;
    _cleanup_close_ int folder_fd = fits ? open_folder(papers, true) : -EINVAL;

    if (folder_fd < 0)
        return folder_fd;
    _cleanup_close_ int fd =
        openat(folder_fd, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return -errno;
    r = write_whole(fd, text);
    if (r < 0)
        return r;
    if (renameat(folder_fd, NEW_NAME, folder_fd, id) < 0)
        return -errno;
    return fsync(folder_fd) < 0 ? -errno : 0;
}

int paper_remove(const struct papers *papers, const char *id)
{
    _cleanup_close_ int folder_fd = open_folder(papers, false);

    if (folder_fd < 0)
        return folder_fd == -ENOENT ? 0 : folder_fd;
    if (!recording_id_is_valid(id))
        return -EINVAL;
    if (unlinkat(folder_fd, id, 0) < 0 && errno != ENOENT)
        return -errno;
    return fsync(folder_fd) < 0 ? -errno : 0;
}

int paper_each(const struct papers *papers,
               int (*visit)(void *userdata, const char *id, const char *text), void *userdata)
{
    char text[PAPER_TEXT_MAX];
    int all = 0, fd = open_folder(papers, false);

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    _cleanup_closedir_ DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -ENOMEM;
    }
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0) {
        int r;

        if (!recording_id_is_valid(entry->d_name))
            continue;
        r = read_at(dirfd(dir), entry->d_name, text);
        if (r >= 0)
            r = visit(userdata, entry->d_name, text);
        all = r < 0 ? r : all;
    }
    return errno ? -errno : all;
}
