/* SPDX-License-Identifier: MIT */
/* What SQLite's codes come to: of which of the three kinds (db.c) a failure is, and a -errno for people. */
#include "daemon/store/db.h"

#include <errno.h>

static int primary(int rc)
{
    return rc & 0xff;
}

bool db_is_damage(int rc)
{
    return primary(rc) == SQLITE_CORRUPT || primary(rc) == SQLITE_NOTADB ||
           primary(rc) == SQLITE_FORMAT;
}

bool db_is_rows_own(int rc)
{
    return primary(rc) == SQLITE_CONSTRAINT || primary(rc) == SQLITE_TOOBIG ||
           primary(rc) == SQLITE_MISMATCH;
}

int db_errno(const struct db *db, int rc)
{
    switch (primary(rc)) {
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_TOOBIG:
        return -E2BIG;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return -EINVAL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return -EBADMSG;
    default: {
        int error = db->os_error ? db->os_error : db->sqlite ? sqlite3_system_errno(db->sqlite) : 0;
        return error > 0 ? -error : -EIO;
    }
    }
}
