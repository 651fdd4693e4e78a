/* SPDX-License-Identifier: MIT */
/*
 * Only regular files are files here: a link could lead to what its maker may not read and we may.
 */
#include "daemon/import/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "daemon/import/name.h"
#include "daemon/mtime.h"
#include "daemon/util.h"
#include "daemon/worker.h"
#include "lib/digest.h"
#include "lib/utf8.h"

#define WATCHED                                                                                    \
    (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |            \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR)

uint64_t folder_file_key(const char *runner, const char *name, int64_t size, int64_t mtime_nsec)
{
    uint64_t key = digest_word(digest_word(DIGEST_OF_NOTHING, runner), name);
    const int64_t numbers[] = { size, mtime_nsec };

    return digest_bytes(key, numbers, sizeof(numbers));
}

int folder_open(const char *path, const char *runner)
{
    char whole[CONF_TEXT_MAX + CONF_ID_MAX + 1];

    snprintf(whole, sizeof(whole), "%s%s%s", path, runner[0] ? "/" : "", runner);
    int fd = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* /proc/self/fd: the folder that is open, whatever stands at its path now. */
static int watch(struct folder_look *look, int fd)
{
    char path[64];

    if (look->inotify_fd < 0)
        return -1;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int wd = inotify_add_watch(look->inotify_fd, path, WATCHED);
    look->deaf |= wd < 0;
    return wd;
}

static bool is_runner(const struct folder_look *look, const char *name)
{
    for (size_t i = 0; i < look->n_runners; i++)
        if (strcmp(look->runners[i], name) == 0)
            return true;
    return false;
}

static void note_folder(struct folder_look *look, const char *runner, const char *name)
{
    if (!runner[0] && name[0] != '.' && strcmp(name, FOLDER_DONE) != 0 && !is_runner(look, name) &&
        !look->stray[0])
        import_name_text(name, look->stray, sizeof(look->stray));
}

static void note_file(struct folder_look *look, const char *runner, const char *name,
                      const struct stat *st)
{
    int64_t written_nsec = mtime_nsec(st);

    if (keys_has(&look->settled, folder_file_key(runner, name, st->st_size, written_nsec)))
        return;
    if (look->n_files == FOLDER_FILES_MAX) {
        look->more = true;
        return;
    }
    struct folder_file *file = &look->files[look->n_files++];
    *file = (struct folder_file){ .size = st->st_size,
                                  .mtime_nsec = written_nsec,
                                  .inode = (uint64_t)st->st_ino };
    snprintf(file->runner, sizeof(file->runner), "%s", runner);
    snprintf(file->name, sizeof(file->name), "%s", name);
}

static void look_at(struct folder_look *look, int folder_fd, const char *runner, const char *name)
{
    struct stat st;

    if (strlen(name) >= FOLDER_NAME_MAX || fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (S_ISDIR(st.st_mode) && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
        note_folder(look, runner, name);
    else if (S_ISREG(st.st_mode) && !import_name_is_temporary(name))
        note_file(look, runner, name, &st);
}

static int look_into(struct folder_look *look, const char *runner, int *ret_watch)
{
    int fd = folder_open(look->path, runner);

    if (fd < 0)
        return fd;
    *ret_watch = watch(look, fd);
    _cleanup_closedir_ DIR *dir = fdopendir(fd);
    if (!dir) {
        int r = -errno;
        close(fd);
        return r;
    }
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0) {
        look_at(look, dirfd(dir), runner, entry->d_name);
        worker_step(); /* of a share there may be a thousand, each of which asks far away */
    }
    return -errno;
}

static int compare(const void *a, const void *b)
{
    const struct folder_file *x = a, *y = b;
    int order = strcmp(x->runner, y->runner);

    return order ? order : strcmp(x->name, y->name);
}

void folder_look(struct folder_look *look)
{
    for (size_t i = 0; i <= CONF_RUNNERS_MAX; i++)
        look->watches[i] = -1;
    look->files = calloc(FOLDER_FILES_MAX, sizeof(*look->files));
    look->error = look->files ? look_into(look, "", &look->watches[0]) : -ENOMEM;
    for (size_t i = 0; look->error >= 0 && i < look->n_runners; i++) {
        int r = look_into(look, look->runners[i], &look->watches[1 + i]);
        if (r < 0 && r != -ENOENT && !look->closed[0]) {
            snprintf(look->closed, sizeof(look->closed), "%s", look->runners[i]);
            look->closed_error = r;
        }
    }
    if (look->n_files > 1)
        qsort(look->files, look->n_files, sizeof(*look->files), compare);
}

void folder_look_problem(const struct folder_look *look, char ret[PAYLOAD_TEXT_MAX])
{
    ret[0] = '\0';
    if (look->error == -ENOENT)
        snprintf(ret, PAYLOAD_TEXT_MAX, "The import folder %.90s is not there", look->path);
    else if (look->error < 0)
        snprintf(ret, PAYLOAD_TEXT_MAX, "The import folder %.90s cannot be read: %s", look->path,
                 strerrordesc_np(-look->error));
    else if (look->closed[0])
        snprintf(ret, PAYLOAD_TEXT_MAX, "The subfolder %s of the import folder cannot be read: %s",
                 look->closed, strerrordesc_np(-look->closed_error));
    else if (look->stray[0])
        snprintf(ret, PAYLOAD_TEXT_MAX, "The subfolder %.60s of the import folder is no runner's",
                 look->stray);
    utf8_mend(ret); /* what was cut was perhaps cut within a character */
}

void folder_look_done(struct folder_look *look)
{
    free(look->files);
    look->files = NULL;
    keys_free(&look->settled);
}

/* A folder that is new is synced into the one above: what is kept in it must not be lost with it. */
int folder_open_own(int above_fd, const char *name)
{
    bool made = mkdirat(above_fd, name, 0750) >= 0;

    if (!made && errno != EEXIST)
        return -errno;
    int fd = openat(above_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (made && fsync(above_fd) < 0) {
        close(fd);
        return -errno;
    }
    return fd;
}
