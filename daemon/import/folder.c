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

static int open_below(int above_fd, const char *name)
{
    int fd = openat(above_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int folder_open_of(const char *path, const struct folder_file *file, const char **ret_name)
{
    _cleanup_close_ int fd = folder_open(path, file->runner);
    const char *name = file->name, *end;
    char part[FOLDER_NAME_MAX];

    for (; fd >= 0 && (end = strchr(name, '/')); name = end + 1) {
        snprintf(part, sizeof(part), "%.*s", (int)(end - name), name);
        int below_fd = open_below(fd, part);
        close(fd);
        fd = below_fd;
    }
    *ret_name = name;
    return TAKE_FD(fd);
}

/* ---- looking ------------------------------------------------------------------------------- */

struct here { /* which folder is looked into */
    const char *runner, *below;
    unsigned depth; /* below the runner's */
};

/* /proc/self/fd: the folder that is open, whatever stands at its path now. */
static void watch(struct folder_look *look, const struct here *here, int fd)
{
    struct folder_place *place = &look->places->all[look->places->n++];
    char path[64];

    snprintf(place->runner, sizeof(place->runner), "%s", here->runner);
    snprintf(place->below, sizeof(place->below), "%s", here->below);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    place->watch = look->inotify_fd < 0 ? -1 : inotify_add_watch(look->inotify_fd, path, WATCHED);
}

static bool is_runner(const struct folder_look *look, const char *name)
{
    for (size_t i = 0; i < look->n_runners; i++)
        if (strcmp(look->runners[i], name) == 0)
            return true;
    return false;
}

/* The first of its kind is told, as a person would write it. */
static void note_way(char ret[FOLDER_WAY_MAX], const struct here *here, const char *name)
{
    char way[2 * FOLDER_WAY_MAX];

    if (ret[0])
        return;
    snprintf(way, sizeof(way), "%s%s%s%s%s", here->runner, here->below[0] ? "/" : "", here->below,
             name[0] ? "/" : "", name);
    import_name_text(way, ret, FOLDER_WAY_MAX);
}

static void note_closed(struct folder_look *look, const struct here *here, int error)
{
    if (look->closed[0])
        return;
    note_way(look->closed, here, "");
    look->closed_error = error;
}

static int look_into(struct folder_look *look, const struct here *here, int fd);

/* What went, or became a link, since its name was read is nobody's loss. */
static void look_below(struct folder_look *look, const struct here *above, int above_fd,
                       const char *name, const char *way)
{
    const struct here here = { above->runner, way, above->depth + 1 };
    int fd = open_below(above_fd, name), r;

    look->places->n_below++;
    r = fd < 0 ? fd : look_into(look, &here, fd);
    if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
        note_closed(look, &here, r);
}

static void note_folder(struct folder_look *look, const struct here *here, int folder_fd,
                        const char *name, const char *way)
{
    if (import_name_is_passed_over(name))
        return;
    if (here->runner[0] && here->depth == IMPORT_DEPTH_MAX)
        note_way(look->deep, here, name);
    else if (here->runner[0] && look->places->n_below == FOLDER_BELOW_MAX)
        note_way(look->many, here, name);
    else if (here->runner[0])
        look_below(look, here, folder_fd, name, way);
    else if (!is_runner(look, name) && !look->stray[0])
        import_name_text(name, look->stray, sizeof(look->stray));
}

static void note_file(struct folder_look *look, const struct here *here, const char *way,
                      const struct stat *st)
{
    int64_t written_nsec = mtime_nsec(st);

    if (keys_has(&look->settled, folder_file_key(here->runner, way, st->st_size, written_nsec)))
        return;
    if (look->n_files == FOLDER_FILES_MAX) {
        look->more = true;
        return;
    }
    struct folder_file *file = &look->files[look->n_files++];
    *file = (struct folder_file){ .size = st->st_size,
                                  .mtime_nsec = written_nsec,
                                  .inode = (uint64_t)st->st_ino };
    snprintf(file->runner, sizeof(file->runner), "%s", here->runner);
    snprintf(file->name, sizeof(file->name), "%s", way);
}

static void look_at(struct folder_look *look, const struct here *here, int folder_fd,
                    const char *name)
{
    char way[FOLDER_NAME_MAX];
    struct stat st;

    if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        (!S_ISDIR(st.st_mode) && (!S_ISREG(st.st_mode) || import_name_is_temporary(name))))
        return;
    if ((size_t)snprintf(way, sizeof(way), "%s%s%s", here->below, here->below[0] ? "/" : "",
                         name) >= sizeof(way))
        note_way(look->deep, here, ""); /* by its names */
    else if (S_ISREG(st.st_mode))
        note_file(look, here, way, &st);
    else
        note_folder(look, here, folder_fd, name, way);
}

/* Takes the descriptor over. */
static int look_into(struct folder_look *look, const struct here *here, int fd)
{
    if (fd < 0)
        return fd;
    watch(look, here, fd);
    _cleanup_closedir_ DIR *dir = fdopendir(fd);
    if (!dir) {
        int r = -errno;
        close(fd);
        return r;
    }
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0) {
        look_at(look, here, dirfd(dir), entry->d_name);
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
    look->files = calloc(FOLDER_FILES_MAX, sizeof(*look->files));
    look->places = calloc(1, sizeof(*look->places));
    look->error = look->files && look->places
                      ? look_into(look, &(struct here){ "", "", 0 }, folder_open(look->path, ""))
                      : -ENOMEM;
    for (size_t i = 0; look->error >= 0 && i < look->n_runners; i++) {
        const struct here here = { look->runners[i], "", 0 };
        int r = look_into(look, &here, folder_open(look->path, here.runner));
        if (r < 0 && r != -ENOENT)
            note_closed(look, &here, r);
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
        snprintf(ret, PAYLOAD_TEXT_MAX,
                 "The subfolder %.60s of the import folder cannot be read: %s", look->closed,
                 strerrordesc_np(-look->closed_error));
    else if (look->stray[0])
        snprintf(ret, PAYLOAD_TEXT_MAX, "The subfolder %.60s of the import folder is no runner's",
                 look->stray);
    else if (look->deep[0])
        snprintf(ret, PAYLOAD_TEXT_MAX,
                 "The subfolder %.60s of the import folder lies too deep: no file is read there",
                 look->deep);
    else if (look->many[0])
        snprintf(ret, PAYLOAD_TEXT_MAX,
                 "The subfolder %.60s of the import folder is one too many: no file is read there",
                 look->many);
    utf8_mend(ret); /* what was cut was perhaps cut within a character */
}

void folder_look_done(struct folder_look *look)
{
    free(look->files);
    look->files = NULL;
    free(look->places);
    look->places = NULL;
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
