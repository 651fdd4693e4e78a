/* SPDX-License-Identifier: MIT */
#include "daemon/store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "daemon/listing.h"
#include "daemon/recording/disk.h"
#include "daemon/store/db.h"
#include "daemon/util.h"

#define NEW_NAME   ".new" /* is no name of one */
#define STAMP      "strided-%Y%m%dT%H%M%SZ.db"
#define STAMP_SIZE sizeof("strided-20261122T130000Z.db")

/* ---- the copy ---------------------------------------------------------------------------------- */

static int errno_of(int rc)
{
    struct db none = { .os_error = 0 };

    return rc == SQLITE_OK ? 0 : rc == SQLITE_CANTOPEN ? -EACCES : db_errno(&none, rc);
}

static int open_reading(const char *path, sqlite3 **ret)
{
    int rc = sqlite3_open_v2(path, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    return rc == SQLITE_OK ? sqlite3_busy_timeout(*ret, 5000) : rc;
}

static int write_copy(const char *from, const char *to)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    int rc = open_reading(from, &db);

    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "VACUUM INTO ?", -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(s, 1, to, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return errno_of(rc == SQLITE_DONE ? SQLITE_OK : rc);
}

static int look_through(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    bool sound = false;
    int rc = open_reading(path, &db);

    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        sound = strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
    sqlite3_finalize(s);
    sqlite3_close(db);
    return rc == SQLITE_ROW && sound ? 0 : rc == SQLITE_ROW ? -EBADMSG : errno_of(rc);
}

/* ---- those there are --------------------------------------------------------------------------- */

static bool is_backup(const char *name)
{
    static const char like[] = "strided-########T######Z.db";

    for (size_t i = 0; i < sizeof(like); i++)
        if (like[i] == '#' ? name[i] < '0' || name[i] > '9' : name[i] != like[i])
            return false;
    return true;
}

/* Their order by name is that of their moments. */
static int compare(const void *a, const void *b)
{
    return strcmp(b, a);
}

static int list(int folder_fd, char (**ret)[STAMP_SIZE], size_t *ret_n)
{
    _cleanup_free_ char(*names)[STAMP_SIZE] = NULL;
    _cleanup_closedir_ DIR *dir = NULL;
    size_t n = 0;
    int r = listing_open(folder_fd, &dir);

    if (r < 0)
        return r;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!is_backup(entry->d_name))
            continue;
        void *grown = reallocarray(names, n + 1, sizeof(*names));
        if (!grown)
            return -ENOMEM;
        names = grown;
        memcpy(names[n++], entry->d_name, STAMP_SIZE);
    }
    if (n > 1)
        qsort(names, n, sizeof(*names), compare);
    *ret = TAKE_PTR(names);
    *ret_n = n;
    return 0;
}

static void make_name(int64_t usec, char ret[STAMP_SIZE])
{
    time_t seconds = (time_t)(usec / 1000000);
    struct tm utc;

    ret[0] = '\0';
    (void)strftime(ret, STAMP_SIZE, STAMP, gmtime_r(&seconds, &utc));
}

/* Of a clock that was ahead some may be named by days to come: they are none of the last night. */
static int refuse_if_made(int folder_fd, int64_t since_usec, int64_t now_usec)
{
    _cleanup_free_ char(*names)[STAMP_SIZE] = NULL;
    char since[STAMP_SIZE], now[STAMP_SIZE];
    size_t n = 0;
    int r = list(folder_fd, &names, &n);

    make_name(since_usec, since);
    make_name(now_usec, now);
    for (size_t i = 0; r == 0 && i < n; i++)
        if (strcmp(names[i], since) >= 0 && strcmp(names[i], now) <= 0)
            r = -EALREADY;
    return r;
}

/* The one that was just made, and the newest before it; those that a clock which was ahead named by days to come
 * are older than they say, and go first. */
static void drop_oldest(int folder_fd, const char *made)
{
    _cleanup_free_ char(*names)[STAMP_SIZE] = NULL;
    size_t n = 0, kept = 0;

    if (list(folder_fd, &names, &n) < 0)
        return;
    for (int ahead = 0; ahead <= 1; ahead++)
        for (size_t i = 0; i < n; i++)
            if ((strcmp(names[i], made) > 0) == (ahead == 1) && ++kept > BACKUP_KEPT)
                (void)unlinkat(folder_fd, names[i], 0);
}

/* ---- all of it --------------------------------------------------------------------------------- */

static int sync_file(int folder_fd, const char *name, int64_t *ret_size)
{
    struct stat st;
    _cleanup_close_ int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 || fstat(fd, &st) < 0 || fsync(fd) < 0)
        return -errno;
    *ret_size = st.st_size;
    return 0;
}

/* The copy is no larger than the database with its log. */
static int refuse_without_room(int folder_fd, const char *database)
{
    char log[PATH_MAX + 4];
    struct stat st, log_st;
    struct statvfs disk;

    if (stat(database, &st) < 0)
        return -errno;
    snprintf(log, sizeof(log), "%s-wal", database);
    if (stat(log, &log_st) < 0)
        log_st.st_size = 0;
    if (fstatvfs(folder_fd, &disk) < 0 || disk.f_blocks == 0)
        return 0; /* some cannot tell */
    return (int64_t)(disk.f_bavail * disk.f_frsize) - st.st_size - log_st.st_size < BACKUP_RESERVE
               ? -ENOSPC
               : 0;
}

static int make_in(int folder_fd, const char *state_dir, int64_t now_usec, struct backup *ret)
{
    char from[PATH_MAX], to[PATH_MAX], name[STAMP_SIZE];
    int r;

    if (snprintf(from, sizeof(from), "%s/" DB_NAME, state_dir) >= (int)sizeof(from) ||
        snprintf(to, sizeof(to), "%s/" BACKUP_FOLDER "/" NEW_NAME, state_dir) >= (int)sizeof(to))
        return -ENAMETOOLONG;
    if (unlinkat(folder_fd, NEW_NAME, 0) < 0 && errno != ENOENT) /* a killed process left it */
        return -errno;
    r = refuse_without_room(folder_fd, from);
    if (r < 0)
        return r;
    make_name(now_usec, name);
    r = write_copy(from, to);
    if (r == 0)
        r = look_through(to);
    if (r == 0)
        r = sync_file(folder_fd, NEW_NAME, &ret->size);
    if (r == 0 && (fchmodat(folder_fd, NEW_NAME, 0640, 0) < 0 ||
                   renameat(folder_fd, NEW_NAME, folder_fd, name) < 0 || fsync(folder_fd) < 0))
        r = -errno;
    if (r < 0)
        (void)unlinkat(folder_fd, NEW_NAME, 0);
    else
        snprintf(ret->name, sizeof(ret->name), BACKUP_FOLDER "/%s", name);
    return r;
}

int backup_make(const char *state_dir, int64_t now_usec, int64_t none_since_usec,
                struct backup *ret)
{
    char path[PATH_MAX], name[STAMP_SIZE];
    struct backup made = { .size = 0 };
    int r = 0;

    if (snprintf(path, sizeof(path), "%s/" BACKUP_FOLDER, state_dir) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    _cleanup_close_ int folder_fd = recording_folder_open(path);
    if (folder_fd < 0)
        return folder_fd;
    if (none_since_usec)
        r = refuse_if_made(folder_fd, none_since_usec, now_usec);
    if (r == 0)
        r = make_in(folder_fd, state_dir, now_usec, &made);
    if (r < 0)
        return r;
    make_name(now_usec, name);
    drop_oldest(folder_fd, name);
    *ret = made;
    return 0;
}
