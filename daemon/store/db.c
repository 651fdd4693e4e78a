/* SPDX-License-Identifier: MIT */
/*
 * Durability: WAL with synchronous=FULL, so that COMMIT returns only when the log is on the disk. An
 * event's row and the fact it tells are in one transaction, and what is told as committed survives a
 * power cut; with NORMAL the last commits would be lost by one. The price, an fsync each commit, is
 * paid by the worker, never by the loop, and puts that come during it share the next one.
 *
 * Failures are of three kinds:
 *   damage       (CORRUPT, NOTADB, tables that are not ours)   set aside, begin anew, write again
 *   a row's own  (constraint, too big)                         that put is refused, the others go on
 *   anything else (full, read-only, locked, I/O)               closed; the caller tries again later
 * It is closed on the third kind because a descriptor of a file that could only be opened for
 * reading, or of a disk that went away, stays like that.
 */
#include "daemon/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/log.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"

#define BUSY_MS              2000
#define HEADER_WRITE_VERSION 18    /* byte of the file */
#define HEADER_WAL           2     /* the highest there is, in fifteen years */
#define VERSION_SANE         10000 /* no strided of such a version will be: the header is damaged */

/* ---- statements ---------------------------------------------------------------------------- */

int db_prepare(struct db *db, sqlite3_stmt **ret, const char *sql)
{
    return sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);
}

int db_prepare_once(struct db *db, sqlite3_stmt **ret, const char *sql)
{
    return sqlite3_prepare_v2(db->sqlite, sql, -1, ret, NULL);
}

void db_finalizep(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

int db_run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    sqlite3_reset(statement); /* repeats the code of step */
    sqlite3_clear_bindings(statement);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int prepare_own(struct db *db)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } rows[] = {
        { &db->begin, "BEGIN IMMEDIATE" }, { &db->commit, "COMMIT" },
        { &db->rollback, "ROLLBACK" },     { &db->savepoint, "SAVEPOINT put" },
        { &db->release, "RELEASE put" },   { &db->rollback_to, "ROLLBACK TO put" },
    };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        int rc = db_prepare(db, rows[i].statement, rows[i].sql);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static int prepare_all(struct db *db)
{
    static int (*const prepares[])(struct db * db) = {
        prepare_own,           session_row_prepare,    event_table_prepare, sensor_table_prepare,
        release_table_prepare, verdict_table_prepare,  level_table_prepare, answer_table_prepare,
        import_table_prepare,  unjudged_table_prepare, said_table_prepare
    };
    for (size_t i = 0; i < ELEMENTSOF(prepares); i++) {
        int rc = prepares[i](db);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

/* ---- opening ------------------------------------------------------------------------------- */

void db_close(struct db *db)
{
    for (sqlite3_stmt *s; db->sqlite && (s = sqlite3_next_stmt(db->sqlite, NULL));)
        sqlite3_finalize(s); /* repeats an old code: nothing new to check */
    int rc = sqlite3_close(db->sqlite);
    if (rc != SQLITE_OK)
        log_error("Cannot close %s: %s", db->path, sqlite3_errstr(rc));
    db->sqlite = NULL;
    if (db->state == DB_OPEN)
        db->state = DB_CLOSED;
}

/* SQLite would make it readable for everybody; its log gets the mode of the database. */
static int create_file(struct db *db)
{
    struct stat st;

    if (lstat(db->path, &st) == 0)
        return S_ISDIR(st.st_mode) ? SQLITE_NOTADB : SQLITE_OK;
    _cleanup_close_ int fd = open(db->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd >= 0)
        return SQLITE_OK;
    db->os_error = errno;
    return SQLITE_CANTOPEN;
}

/* One whose header asks for another SQLite to write it would be opened as on a read-only disk, and
 * waited for. No SQLite of ours makes such. Nothing of it is open, so no lock is lost by the close. */
static int check_header(const struct db *db)
{
    uint8_t write_version = 0;
    _cleanup_close_ int fd = open(db->path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && pread(fd, &write_version, 1, HEADER_WRITE_VERSION) < 0)
        return SQLITE_OK; /* SQLite meets it too */
    return write_version > HEADER_WAL ? SQLITE_NOTADB : SQLITE_OK;
}

static int connect_file(struct db *db)
{
    int rc = create_file(db);
    if (rc == SQLITE_OK)
        rc = check_header(db);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_open_v2(db->path, &db->sqlite,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* Until we know that it is ours, closing must not move the log into it; with no log, closing
     * removes the empty one that reading makes. */
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, db_has_log(db), NULL);
    return SQLITE_OK;
}

/* The first column of the first row; ret_text is cut to its size. */
static int ask(struct db *db, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *statement;

    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(statement);
    const unsigned char *text = rc == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
    sqlite3_snprintf((int)size, ret_text, "%s", text ? (const char *)text : "");
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_version(struct db *db)
{
    char text[32];

    int rc = ask(db, "PRAGMA user_version", text, sizeof(text));
    if (rc != SQLITE_OK)
        return rc;
    db->found_version = atoi(text);
    if (db->found_version < 0 || db->found_version > VERSION_SANE)
        return SQLITE_CORRUPT;
    if (db->found_version > db_newest_version())
        db->state = DB_NEWER;
    return SQLITE_OK;
}

/* With its indexes, which quick_check leaves out: a row that its index knows otherwise would show at the
 * first write to it, when the recordings are not read back any more. 6 ms more, of ten years. */
static int check_whole(struct db *db)
{
    char text[200];

    int rc = ask(db, "PRAGMA integrity_check(1)", text, sizeof(text));
    if (rc != SQLITE_OK || strcmp(text, "ok") == 0)
        return rc;
    log_error("Checking %s: %s", db->path, text);
    return SQLITE_CORRUPT;
}

static int set_up(struct db *db)
{
    char mode[16];

    if (sqlite3_db_readonly(db->sqlite, "main") == 1)
        return SQLITE_READONLY;
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    /* Where a file system cannot share memory the answer is another mode: FULL holds there too. */
    int rc = ask(db, "PRAGMA journal_mode = WAL", mode, sizeof(mode));
    if (rc != SQLITE_OK)
        return rc;
    return sqlite3_exec(db->sqlite,
                        "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
                        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -256;" /* KiB */
                        "PRAGMA journal_size_limit = 1048576;"
                        "PRAGMA secure_delete = ON", /* what is deleted is in no page left free */
                        NULL, NULL, NULL);
}

static int make_ready(struct db *db, int64_t wall_usec)
{
    int rc = db_migrate(db, db->found_version, wall_usec);
    if (rc == SQLITE_OK)
        rc = prepare_all(db);
    return rc == SQLITE_OK ? origin_table_read(db) : rc;
}

/* A schema of another format, tables that are missing, or are there already, or have other columns: not
 * a database of ours. */
static int judge(struct db *db, int rc)
{
    if (rc != SQLITE_ERROR)
        return rc;
    log_error("%s: %s", db->path, sqlite3_errmsg(db->sqlite));
    return SQLITE_CORRUPT;
}

static int try_open(struct db *db, int64_t wall_usec)
{
    static int (*const steps[])(struct db * db) = { connect_file, check_version, check_whole,
                                                    set_up };
    for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
        int rc = steps[i](db);
        if (rc != SQLITE_OK || db->state == DB_NEWER)
            return judge(db, rc);
    }
    int rc = make_ready(db, wall_usec);
    if (rc == SQLITE_OK)
        db->state = DB_OPEN;
    return judge(db, rc);
}

int db_open(struct db *db, int64_t wall_usec)
{
    db->os_error = 0;
    if (db_is_headless(db) && db_set_aside(db, wall_usec) < 0)
        return SQLITE_CANTOPEN;
    int rc = try_open(db, wall_usec);
    if (db_is_damage(rc)) {
        db_close(db);
        if (db_set_aside(db, wall_usec) < 0)
            return SQLITE_CANTOPEN;
        rc = try_open(db, wall_usec);
    }
    if (db->state == DB_NEWER)
        db_close(db);
    return rc; /* on failure left connected, for db_errno; db_close is the caller's */
}

/* ---- writing ------------------------------------------------------------------------------- */

static int apply_one(struct db *db, struct put *put)
{
    int rc = db_run(db->savepoint);
    if (rc != SQLITE_OK)
        return rc;
    int applied = put->apply(db, put->rows);
    if (applied != SQLITE_OK && !db_is_rows_own(applied))
        return applied;
    put->result = applied == SQLITE_OK ? 0 : db_errno(db, applied);
    if (applied != SQLITE_OK) {
        log_error("A row was refused by %s: %s", db->path, sqlite3_errmsg(db->sqlite));
        rc = db_run(db->rollback_to);
    }
    return rc == SQLITE_OK ? db_run(db->release) : rc;
}

static int apply_all(struct db *db, struct put *puts)
{
    int rc = db_run(db->begin);
    for (struct put *put = puts; put && rc == SQLITE_OK; put = put->next)
        rc = apply_one(db, put);
    if (rc == SQLITE_OK)
        rc = db_run(db->commit);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(db->sqlite))
        db_run(db->rollback);          /* if that fails as well: it is closed next */
    if (rc == SQLITE_OK && db->forget) /* else with one of the next: nothing depends on it */
        (void)sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    db->forget = false;
    if (db->let_go)
        (void)sqlite3_db_release_memory(db->sqlite); /* in a transaction one page would hold many */
    db->let_go = false;
    return rc;
}

static int refuse_all(struct put *puts, int error)
{
    for (struct put *put = puts; put; put = put->next)
        put->result = error;
    return SQLITE_OK;
}

static int open_and_apply(struct db *db, struct put *puts, int64_t wall_usec)
{
    int rc = db->state == DB_CLOSED ? db_open(db, wall_usec) : SQLITE_OK;
    if (rc != SQLITE_OK)
        return rc;
    if (db->state == DB_NEWER)
        return refuse_all(puts, -EROFS);
    return puts ? apply_all(db, puts) : SQLITE_OK;
}

int db_write(struct db *db, struct put *puts, int64_t wall_usec)
{
    int rc = open_and_apply(db, puts, wall_usec);
    if (!db_is_damage(rc))
        return rc;
    db_close(db);
    if (db_set_aside(db, wall_usec) < 0)
        return SQLITE_CANTOPEN;
    return open_and_apply(db, puts, wall_usec);
}
