/* SPDX-License-Identifier: MIT */
/* The files of a session that is to go: aside, back, and away. What is on the disk is so when a call returns. */
#include "daemon/entries/deleted_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/entries/logged.h"
#include "daemon/entries/notes.h"
#include "daemon/listing.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"

#define RECORDINGS "sessions"
#define ASIDE      ".recordings" /* no id begins with a dot */
#define COPIES     "imported"

static int open_in(int above_fd, const char *name, bool make)
{
    int fd;

    if (make && mkdirat(above_fd, name, 0750) == 0 && fsync(above_fd) < 0)
        return -errno;
    fd = openat(above_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

static int open_state(const char *state_dir)
{
    int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static int open_aside(int state_fd)
{
    _cleanup_close_ int fd = open_in(state_fd, DELETED_FOLDER, true);

    return fd < 0 ? fd : open_in(fd, ASIDE, true);
}

/* ID.rec, and what was kept beside it: ID.rec.other and so on. */
static bool is_of(const char *name, const char *id)
{
    size_t length = strlen(id);

    if (strncmp(name, id, length) != 0 ||
        strncmp(name + length, RECORDING_SUFFIX, strlen(RECORDING_SUFFIX)) != 0)
        return false;
    name += length + strlen(RECORDING_SUFFIX);
    return !*name || *name == '.';
}

/* to_fd < 0: they go for good. */
static int move_all(int from_fd, int to_fd, const char *id)
{
    _cleanup_closedir_ DIR *dir = NULL;
    int r = listing_open(from_fd, &dir);

    if (r < 0)
        return r;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0) {
        const char *name = entry->d_name;

        if (is_of(name, id) &&
            (to_fd < 0 ? unlinkat(from_fd, name, 0) : renameat(from_fd, name, to_fd, name)) < 0)
            r = -errno;
    }
    if (r == 0 && errno)
        r = -errno;
    if (r == 0 && to_fd >= 0 && fsync(to_fd) < 0)
        r = -errno;
    return r == 0 && fsync(from_fd) < 0 ? -errno : r;
}

/* The recordings whose lines it took in say the same again: they go with it, before it. to_fd as above. */
static int move_parts(int from_fd, int to_fd, const char *id, int *ret_unread)
{
    char(*parts)[SESSION_ID_MAX] = NULL;
    size_t n = 0;
    int r = deleted_parts_of(from_fd, id, &parts, &n, ret_unread);

    for (size_t i = 0; r == 0 && i < n; i++)
        r = move_all(from_fd, to_fd, parts[i]);
    free(parts);
    return r;
}

static int move_with_parts(int from_fd, int to_fd, const char *id, int *ret_unread)
{
    int r = move_parts(from_fd, to_fd, id, ret_unread);

    return r == 0 ? move_all(from_fd, to_fd, id) : r;
}

static int move_recording(const char *state_dir, const char *id, bool aside, int *ret_unread)
{
    _cleanup_close_ int state_fd = open_state(state_dir);
    _cleanup_close_ int here_fd = state_fd < 0 ? state_fd : open_in(state_fd, RECORDINGS, true);
    _cleanup_close_ int aside_fd = state_fd < 0 ? state_fd : open_aside(state_fd);

    if (here_fd < 0 || aside_fd < 0)
        return here_fd < 0 ? here_fd : aside_fd;
    return aside ? move_with_parts(here_fd, aside_fd, id, ret_unread)
                 : move_with_parts(aside_fd, here_fd, id, ret_unread);
}

int deleted_put_aside(const char *state_dir, const char *id, int *ret_unread)
{
    return recording_id_is_valid(id) ? move_recording(state_dir, id, true, ret_unread) : -EINVAL;
}

int deleted_put_back(const char *state_dir, const char *id, int *ret_unread)
{
    return recording_id_is_valid(id) ? move_recording(state_dir, id, false, ret_unread) : -EINVAL;
}

/* ---- for good ---------------------------------------------------------------------------------- */

static int unlink_at(int fd, const char *name)
{
    return unlinkat(fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static int remove_recording(const char *state_dir, const char *id, int *ret_unread)
{
    _cleanup_close_ int state_fd = open_state(state_dir);
    _cleanup_close_ int aside_fd = state_fd < 0 ? state_fd : open_aside(state_fd);

    return aside_fd < 0 ? aside_fd : move_with_parts(aside_fd, -1, id, ret_unread);
}

/* Before the copy goes: who is killed in between has it twice rather than never. */
static int refuse_from_now_on(int copies_fd, const char *hash)
{
    char name[STORE_HASH_MAX + 16];

    snprintf(name, sizeof(name), "%s.deleted", hash);
    _cleanup_close_ int fd =
        openat(copies_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    return fd < 0 || fsync(fd) < 0 || fsync(copies_fd) < 0 ? -errno : 0;
}

/* What ends in that, of the file. */
static int unlink_of(int fd, const char *hash, const char *end)
{
    char name[STORE_HASH_MAX + 16];

    snprintf(name, sizeof(name), "%s%s", hash, end);
    return unlink_at(fd, name);
}

static int remove_copy_of(int copies_fd, const char *runner, const char *hash)
{
    int r;
    _cleanup_close_ int fd = open_in(copies_fd, runner, false);

    if (fd < 0)
        return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
    r = unlink_of(fd, hash, ".gz");
    if (r == 0)
        r = unlink_of(fd, hash, ".days");
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}

/* It lies with whom the file is now, who may not be whose it was. */
static int remove_copies(int copies_fd, const char *hash)
{
    _cleanup_closedir_ DIR *dir = NULL;
    int r = listing_open(copies_fd, &dir);

    if (r < 0)
        return r;
    errno = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(dir)); errno = 0)
        if (entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
            r = remove_copy_of(copies_fd, entry->d_name, hash);
    return r == 0 && errno ? -errno : r;
}

static int remove_copy(const char *state_dir, const char *hash)
{
    int r;
    _cleanup_close_ int state_fd = open_state(state_dir);
    _cleanup_close_ int copies_fd = state_fd < 0 ? state_fd : open_in(state_fd, COPIES, true);

    if (copies_fd < 0)
        return copies_fd;
    r = refuse_from_now_on(copies_fd, hash);
    if (r == 0)
        r = remove_copies(copies_fd, hash);
    if (r == 0) /* whose ids say when they were; that they do not come back says .deleted */
        r = unlink_of(copies_fd, hash, ".discarded");
    return r == 0 && fsync(copies_fd) < 0 ? -errno : r;
}

static int remove_paper(const char *state_dir, const char *folder, const char *id)
{
    return paper_remove(&(struct papers){ .state_dir = state_dir, .folder = folder }, id);
}

int deleted_remove(const char *state_dir, const struct deleted_session *session, bool whole,
                   int *ret_unread)
{
    int r = 0;

    if (session->by_hand)
        r = remove_paper(state_dir, LOGGED_FOLDER, session->id);
    else if (!session->file[0])
        r = remove_recording(state_dir, session->id, ret_unread);
    else if (whole)
        r = remove_copy(state_dir, session->file);
    if (r == 0)
        r = remove_paper(state_dir, NOTES_FOLDER, session->id);
    return r == 0 ? remove_paper(state_dir, DELETED_FOLDER, session->id) : r;
}
