/* SPDX-License-Identifier: MIT */
/*
 * A damaged database is never deleted: somebody may get more out of it than we do. It is renamed to
 * strided.db.damaged-<UTC>, with its write-ahead log beside it under the name that the sqlite3 tool
 * looks for.
 */
#include "daemon/store/db.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/log.h"
#include "daemon/util.h"

#define ASIDE_MAX 8 /* in one life: a disk that bends every new one is not to be filled with them */

static const char *const suffixes[] = { "", "-wal", "-shm" };

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* A name that nothing has: the clock may stand at the same second at every start. */
static void make_name(const struct db *db, int64_t wall_usec, char path[static PATH_MAX])
{
    time_t seconds = (time_t)(wall_usec / 1000000);
    char stamp[32] = "unknown";
    struct tm tm;

    if (gmtime_r(&seconds, &tm))
        strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    snprintf(path, PATH_MAX, "%s.damaged-%s", db->path, stamp);
    for (int i = 2; exists(path) && i < 10000; i++)
        snprintf(path, PATH_MAX, "%s.damaged-%s.%d", db->path, stamp, i);
}

int db_set_aside(struct db *db, int64_t wall_usec)
{
    char to[PATH_MAX], from_one[PATH_MAX + 8], to_one[PATH_MAX + 8];

    if (++db->n_aside > ASIDE_MAX) {
        db->os_error = EIO;
        return -EIO;
    }
    make_name(db, wall_usec, to);
    for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
        snprintf(from_one, sizeof(from_one), "%s%s", db->path, suffixes[i]);
        snprintf(to_one, sizeof(to_one), "%s%s", to, suffixes[i]);
        if (rename(from_one, to_one) == 0 || errno == ENOENT)
            continue;
        db->os_error = errno;
        return log_error_errno(errno, "Cannot set the damaged %s aside: %m", from_one);
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
