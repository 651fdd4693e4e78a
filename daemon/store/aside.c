/* SPDX-License-Identifier: MIT */
/*
 * A damaged database is never deleted: somebody may get more out of it than we do. It is renamed to
 * strided.db.damaged-<UTC>, with its write-ahead log beside it under the name that the sqlite3 tool
 * looks for.
 */
#include "daemon/store/db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/util.h"

#define ASIDE_MAX 8 /* in one life: a disk that bends every new one is not to be filled with them */

static const char *const suffixes[] = { "", "-wal", "-shm" };

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static const char *name_of(const struct db *db)
{
    const char *slash = strrchr(db->path, '/');

    return slash ? slash + 1 : db->path;
}

static void folder_of(const struct db *db, char path[static PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.*s.", (int)(name_of(db) - db->path), db->path);
}

/* It, or what belongs to one of that name: a log that was set aside without its database. */
static bool is_taken(const char *path)
{
    char one[PATH_MAX + 8];
    bool taken = false;

    for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
        snprintf(one, sizeof(one), "%s%s", path, suffixes[i]);
        taken |= exists(one);
    }
    return taken;
}

/* A name that nothing has: the clock may stand at the same second at every start. */
static int make_name(const struct db *db, int64_t wall_usec, char path[static PATH_MAX])
{
    time_t seconds = (time_t)(wall_usec / 1000000);
    char stamp[32] = "unknown";
    struct tm tm;

    if (gmtime_r(&seconds, &tm))
        strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    snprintf(path, PATH_MAX, "%s.damaged-%s", db->path, stamp);
    for (int i = 2; is_taken(path) && i < 10000; i++)
        snprintf(path, PATH_MAX, "%s.damaged-%s.%d", db->path, stamp, i);
    return is_taken(path) ? -EEXIST : 0;
}

/* ---- ended between two renames ----------------------------------------------------------------- */

static bool is_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), of_suffix = strlen(suffix);

    return length >= of_suffix && strcmp(name + length - of_suffix, suffix) == 0;
}

/* Is it a database that was set aside after that moment, with nothing beside it yet? */
static bool is_alone(const char *path, const char *name, const struct timespec *since,
                     struct timespec *ret_moved)
{
    char log[PATH_MAX + 8];
    struct stat st;

    snprintf(log, sizeof(log), "%s%s", path, suffixes[1]);
    if (ends_in(name, suffixes[1]) || ends_in(name, suffixes[2]) || exists(log) ||
        lstat(path, &st) < 0 || is_later(since, &st.st_ctim))
        return false;
    *ret_moved = st.st_ctim;
    return true;
}

/* Of a log that was left behind: the name that its database has by now, which was the last to get one and
 * got it when nobody wrote to the log any more. false: it is not there. */
static bool find_head(const struct db *db, char path[static PATH_MAX])
{
    const char *name = name_of(db);
    char folder[PATH_MAX], before[PATH_MAX], one[PATH_MAX];
    struct timespec moved, latest = { 0 };
    struct stat log;

    folder_of(db, folder);
    snprintf(before, sizeof(before), "%s.damaged-%s", name, "");
    snprintf(one, sizeof(one), "%s%s", db->path, suffixes[1]);
    _cleanup_closedir_ DIR *dir = opendir(folder);
    if (!dir || lstat(one, &log) < 0)
        return false;
    for (struct dirent *entry; (entry = readdir(dir));) {
        int length = snprintf(one, sizeof(one), "%s/%s", folder, entry->d_name);
        if (length >= (int)sizeof(one) || strncmp(entry->d_name, before, strlen(before)) != 0 ||
            !is_alone(one, entry->d_name, &log.st_mtim, &moved) || is_later(&latest, &moved))
            continue;
        latest = moved;
        memcpy(path, one, sizeof(one));
    }
    return latest.tv_sec > 0;
}

/* ---- aside ------------------------------------------------------------------------------------- */

/* Before another is begun in its place: a power cut is not to bring this one back, and lose that. */
static int sync_folder(const struct db *db)
{
    char folder[PATH_MAX];

    folder_of(db, folder);
    _cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int db_set_aside(struct db *db, int64_t wall_usec)
{
    char to[PATH_MAX], from_one[PATH_MAX + 8], to_one[PATH_MAX + 8];
    int r = 0;

    if (++db->n_aside > ASIDE_MAX) {
        db->os_error = EIO;
        return -EIO;
    }
    if (!(db_is_headless(db) && find_head(db, to)))
        r = make_name(db, wall_usec, to);
    for (size_t i = 0; r >= 0 && i < ELEMENTSOF(suffixes); i++) {
        snprintf(from_one, sizeof(from_one), "%s%s", db->path, suffixes[i]);
        snprintf(to_one, sizeof(to_one), "%s%s", to, suffixes[i]);
        if (rename(from_one, to_one) < 0 && errno != ENOENT)
            r = -errno;
    }
    if (r >= 0)
        r = sync_folder(db);
    if (r < 0) {
        db->os_error = -r;
        return log_error_errno(r, "Cannot set the damaged %s aside: %m", db->path);
    }
    snprintf(db->aside, sizeof(db->aside), "%s", strrchr(to, '/') + 1);
    log_error("The database %s was damaged: set aside as %s and begun anew", db->path, db->aside);
    return 0;
}

bool db_has_log(const struct db *db)
{
    char log[PATH_MAX + 8];
    struct stat st;
    snprintf(log, sizeof(log), "%s-wal", db->path);
    return lstat(log, &st) == 0 && st.st_size > 0;
}

/* Ended between two renames: SQLite would take the log for a stale one and delete it. */
bool db_is_headless(const struct db *db)
{
    return !exists(db->path) && db_has_log(db);
}
