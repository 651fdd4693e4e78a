/* SPDX-License-Identifier: MIT */
/*
 * A database with a write-ahead log needs the -shm file beside it even to be read, and SQLite would make
 * it where it is not: owned by whoever looks. It is there as long as somebody has the database open, and
 * after a kill. Without it nobody writes, and what is on the disk is read as it is, as a file that does not
 * change.
 */
#include "daemon/store/inspect.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/store/db.h"

#define BUSY_MS     1000
#define STEPS       2000 /* of SQLite's machine between two looks at the clock */
#define URI_ROOM(n) (3 * (n) + 64)

static bool stands(const char *path, const char *suffix)
{
    char whole[4200];

    snprintf(whole, sizeof(whole), "%s%s", path, suffix);
    return access(whole, F_OK) == 0;
}

/* file:/var/lib/x?immutable=1, with every byte that means something in a URI as %41 */
static void make_uri(const char *path, bool at_rest, char *ret, size_t size)
{
    size_t n = (size_t)snprintf(ret, size, "file:");

    for (; *path && n + 4 < size; path++)
        n += (size_t)snprintf(ret + n, size - n,
                              isalnum((unsigned char)*path) || strchr("/._-", *path) ? "%c"
                                                                                     : "%%%02X",
                              (unsigned char)*path);
    snprintf(ret + n, size - n, at_rest ? "?immutable=1" : "");
}

static int on_progress(void *userdata)
{
    return clock_machine_usec() >= *(uint64_t *)userdata;
}

/* The first column of the first row. */
static int ask(sqlite3 *sqlite, const char *sql, char *ret, size_t size)
{
    __attribute__((cleanup(db_finalizep))) sqlite3_stmt *statement = NULL;
    const unsigned char *text;
    int rc = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? SQLITE_ERROR : rc;
    text = sqlite3_column_text(statement, 0);
    snprintf(ret, size, "%s", text ? (const char *)text : "");
    return SQLITE_OK;
}

static int ask_number(sqlite3 *sqlite, const char *sql, int64_t *ret)
{
    char text[32] = "";
    int rc = ask(sqlite, sql, text, sizeof(text));

    *ret = strtoll(text, NULL, 10);
    return rc;
}

static int look(sqlite3 *sqlite, struct store_inspection *ret)
{
    int64_t version;
    int rc = ask_number(sqlite, "PRAGMA user_version", &version);

    ret->version = (int)version;
    if (rc != SQLITE_OK)
        return rc;
    rc = ask(sqlite, "PRAGMA quick_check(1)", ret->text, sizeof(ret->text));
    if (rc != SQLITE_OK || strcmp(ret->text, "ok") != 0)
        return rc == SQLITE_OK ? SQLITE_CORRUPT : rc;
    ret->text[0] = '\0';
    if (ret->version > ret->newest_version || ret->version == 0)
        return SQLITE_OK;
    rc = ask_number(sqlite, "SELECT count(*) FROM sessions", &ret->sessions);
    return rc == SQLITE_OK ? ask_number(sqlite, "SELECT count(*) FROM events", &ret->events) : rc;
}

static void judge(int rc, const char *text, struct store_inspection *ret)
{
    int primary = rc & 0xff;

    if (rc == SQLITE_OK)
        ret->result = ret->version > ret->newest_version ? INSPECT_NEWER : INSPECT_SOUND;
    else if (primary == SQLITE_INTERRUPT)
        ret->result = INSPECT_UNFINISHED;
    else if (db_is_damage(rc) || primary == SQLITE_ERROR) /* a table is not there */
        ret->result = INSPECT_DAMAGED;
    else
        ret->result = INSPECT_UNREADABLE;
    if (rc != SQLITE_OK && !ret->text[0])
        snprintf(ret->text, sizeof(ret->text), "%s", text);
}

static void inspect(const char *path, bool at_rest, uint64_t deadline_usec,
                    struct store_inspection *ret)
{
    char uri[URI_ROOM(sizeof(ret->path))];
    sqlite3 *sqlite = NULL;
    int rc;

    make_uri(path, at_rest, uri, sizeof(uri));
    rc = sqlite3_open_v2(
        uri, &sqlite,
        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(sqlite, BUSY_MS);
        sqlite3_progress_handler(sqlite, STEPS, on_progress, &deadline_usec);
        rc = look(sqlite, ret);
    }
    judge(rc, sqlite ? sqlite3_errmsg(sqlite) : sqlite3_errstr(rc), ret);
    sqlite3_close(sqlite);
}

void store_inspect(const char *state_dir, uint64_t deadline_usec, struct store_inspection *ret)
{
    *ret = (struct store_inspection){ .newest_version = db_newest_version() };
    snprintf(ret->path, sizeof(ret->path), "%s/" DB_NAME, state_dir);
    if (!stands(ret->path, "")) {
        ret->result = INSPECT_NONE;
        return;
    }
    bool at_rest = !stands(ret->path, "-shm");
    inspect(ret->path, at_rest, deadline_usec, ret);
    /* somebody may have opened it meanwhile, and what changes under an immutable look seems damaged */
    if (at_rest && ret->result == INSPECT_DAMAGED && stands(ret->path, "-shm")) {
        ret->text[0] = '\0';
        inspect(ret->path, false, deadline_usec, ret);
    }
}
