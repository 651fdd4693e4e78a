/* SPDX-License-Identifier: MIT */
/* A database looked at from outside: at rest, in use, broken, newer; and that the look leaves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/db.h"
#include "daemon/store/inspect.h"
#include "disk_fixture.h"

#define LATER UINT64_MAX

struct fixture {
    struct disk_fixture disk;
    char folder[128]; /* with bytes in its name that mean something in a URI */
    sqlite3 *sqlite;  /* somebody who has it open; NULL: nobody */
};

static void run(sqlite3 *sqlite, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(sqlite, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

static char *path_of(const struct fixture *f, const char *end)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/" DB_NAME "%s", f->folder, end);
    return path;
}

static bool stands(const struct fixture *f, const char *end)
{
    return access(path_of(f, end), F_OK) == 0;
}

static void open_it(struct fixture *f)
{
    assert_int_equal(sqlite3_open(path_of(f, ""), &f->sqlite), SQLITE_OK);
    run(f->sqlite, "PRAGMA journal_mode = WAL");
}

static void close_it(struct fixture *f)
{
    assert_int_equal(sqlite3_close(f->sqlite), SQLITE_OK);
    f->sqlite = NULL;
}

/* The tables that are counted, of the version that we know, and closed again. */
static void fill(struct fixture *f)
{
    char sql[64];

    open_it(f);
    run(f->sqlite, "CREATE TABLE sessions (id TEXT); CREATE TABLE events (id TEXT)");
    run(f->sqlite,
        "INSERT INTO sessions VALUES ('a'), ('b'), ('c'); INSERT INTO events VALUES (1)");
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", db_newest_version());
    run(f->sqlite, sql);
    close_it(f);
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){ 0 };
    disk_fixture_init(&fixture.disk);
    snprintf(fixture.folder, sizeof(fixture.folder), "%s/a b?c#d%%41", fixture.disk.dir);
    assert_int_equal(mkdir(fixture.folder, 0700), 0);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    sqlite3_close(f->sqlite);
    disk_fixture_done(&f->disk);
    return 0;
}

static struct store_inspection look(const struct fixture *f, uint64_t deadline_usec)
{
    struct store_inspection found;

    store_inspect(f->folder, deadline_usec, &found);
    return found;
}

static void test_none(void **state)
{
    assert_int_equal(look(*state, LATER).result, INSPECT_NONE);
    assert_false(stands(*state, ""));
}

static void test_one_at_rest(void **state)
{
    struct fixture *f = *state;
    struct store_inspection found;

    fill(f);
    assert_false(stands(f, "-shm"));
    found = look(f, LATER);
    assert_int_equal(found.result, INSPECT_SOUND);
    assert_int_equal(found.version, db_newest_version());
    assert_int_equal(found.sessions, 3);
    assert_int_equal(found.events, 1);
    assert_string_equal(found.path, path_of(f, ""));
    assert_false(stands(f, "-shm"));
    assert_false(stands(f, "-wal"));
}

static void test_one_in_use(void **state)
{
    struct fixture *f = *state;

    fill(f);
    open_it(f);
    run(f->sqlite, "INSERT INTO sessions VALUES ('d')");
    assert_int_equal(look(f, LATER).sessions, 4); /* what is in its log only counts, too */
    run(f->sqlite, "BEGIN IMMEDIATE; INSERT INTO sessions VALUES ('e')");
    assert_int_equal(look(f, LATER).sessions, 4);
    run(f->sqlite, "COMMIT");
    assert_int_equal(look(f, LATER).sessions, 5);
}

static void test_a_newer_one(void **state)
{
    struct fixture *f = *state;
    char sql[64];

    fill(f);
    open_it(f);
    snprintf(sql, sizeof(sql), "DROP TABLE events; PRAGMA user_version = %d",
             db_newest_version() + 1);
    run(f->sqlite, sql);
    close_it(f);
    assert_int_equal(look(f, LATER).result, INSPECT_NEWER);
}

static void test_one_without_its_tables(void **state)
{
    struct fixture *f = *state;

    fill(f);
    open_it(f);
    run(f->sqlite, "DROP TABLE events");
    close_it(f);
    assert_int_equal(look(f, LATER).result, INSPECT_DAMAGED);
    assert_string_not_equal(look(f, LATER).text, "");
}

static void test_broken_pages(void **state)
{
    struct fixture *f = *state;
    char rot[4096];
    int fd;

    fill(f);
    memset(rot, 0xa5, sizeof(rot));
    fd = open(path_of(f, ""), O_WRONLY);
    assert_int_equal(pwrite(fd, rot, sizeof(rot), 4096), sizeof(rot));
    assert_int_equal(look(f, LATER).result, INSPECT_DAMAGED);
    assert_int_equal(pwrite(fd, rot, 100, 0), 100);
    close(fd);
    assert_int_equal(look(f, LATER).result, INSPECT_DAMAGED);
}

static void test_time_is_over(void **state)
{
    struct fixture *f = *state;

    fill(f);
    open_it(f);
    run(f->sqlite, "INSERT INTO sessions WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < 50000) SELECT i FROM n");
    close_it(f);
    assert_int_equal(look(f, 0).result, INSPECT_UNFINISHED);
    assert_int_equal(look(f, LATER).result, INSPECT_SOUND);
}

static void test_what_is_no_file(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(mkdir(path_of(f, ""), 0700), 0);
    assert_int_equal(look(f, LATER).result, INSPECT_UNREADABLE);
    assert_string_not_equal(look(f, LATER).text, "");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_none),
        WITH_FOLDER(test_one_at_rest),
        WITH_FOLDER(test_one_in_use),
        WITH_FOLDER(test_a_newer_one),
        WITH_FOLDER(test_one_without_its_tables),
        WITH_FOLDER(test_broken_pages),
        WITH_FOLDER(test_time_is_over),
        WITH_FOLDER(test_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
