/* SPDX-License-Identifier: MIT */
/*
 * Only the very file that was read goes: one that was written anew in the meantime is another run.
 */
#include "daemon/import/after.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/import/name.h"
#include "daemon/log.h"
#include "daemon/mtime.h"
#include "daemon/util.h"

struct after {
    char path[CONF_TEXT_MAX];
    struct folder_file file;
    char hash[16];
    enum conf_after what;
};

static bool is_the_same(int folder_fd, const char *name, const struct folder_file *file)
{
    struct stat st;

    return fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           st.st_size == file->size && (uint64_t)st.st_ino == file->inode &&
           mtime_nsec(&st) == file->mtime_nsec;
}

/* NFS and many of FUSE's know no renaming that replaces nothing: there it is looked before. Nobody else puts files
 * there in that moment, but a person. -EEXIST: something has that name. */
static int rename_if_free(int from_fd, int to_fd, const char *name)
{
    if (renameat2(from_fd, name, to_fd, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -errno;
    if (faccessat(to_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST;
    if (errno != ENOENT)
        return -errno;
    return renameat(from_fd, name, to_fd, name) < 0 ? -errno : 0;
}

static int move(int folder_fd, const char *name, const struct after *after)
{
    char other[FOLDER_NAME_MAX + sizeof(after->hash) + 1];
    int r;

    if (mkdirat(folder_fd, IMPORT_DONE, 0775) < 0 && errno != EEXIST)
        return -errno;
    _cleanup_close_ int done_fd =
        openat(folder_fd, IMPORT_DONE, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (done_fd < 0)
        return -errno;
    r = rename_if_free(folder_fd, done_fd, name);
    if (r != -EEXIST)
        return r;
    snprintf(other, sizeof(other), "%s-%s", after->hash, name); /* watches reuse names */
    return renameat(folder_fd, name, done_fd, other) < 0 ? -errno : 0;
}

static int run(void *data)
{
    const struct after *after = data;
    const char *name;
    _cleanup_close_ int folder_fd = folder_open_of(after->path, &after->file, &name);

    if (folder_fd < 0)
        return folder_fd;
    if (!is_the_same(folder_fd, name, &after->file))
        return 0;
    if (after->what == CONF_AFTER_MOVE)
        return move(folder_fd, name, after);
    return unlinkat(folder_fd, name, 0) < 0 ? -errno : 0;
}

static void on_done(void *data, int result)
{
    struct after *after = data;
    char name[FOLDER_NAME_MAX];

    import_name_text(after->file.name, name, sizeof(name));
    if (result < 0 && result != -ECANCELED) /* which is done after the next start */
        log_warning_errno(result, "%s is imported, and cannot be %s: %m", name,
                          after->what == CONF_AFTER_MOVE ? "moved" : "deleted");
    free(after);
}

int after_import(struct worker *worker, const char *path, const struct folder_file *file,
                 const char *hash, enum conf_after what)
{
    struct after *after = calloc(1, sizeof(*after));
    struct worker_job job = { .run = run, .done = on_done, .data = after };
    int r;

    if (!after)
        return -ENOMEM;
    after->file = *file;
    after->what = what;
    snprintf(after->path, sizeof(after->path), "%s", path);
    snprintf(after->hash, sizeof(after->hash), "%.12s", hash);
    r = worker_post(worker, &job);
    if (r < 0)
        free(after);
    return r;
}
