/* SPDX-License-Identifier: MIT */
/* The store on disks and databases that are not as they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/db.h"
#include "daemon/store/store.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "old_database.h"

#define SECOND 1000000ULL

/* ---- a disk that refuses: SQLite's own calls are replaced ---------------------------------- */

static atomic_int disk_error; /* errno for each write and open for writing; 0 = let through */

static ssize_t refuse_pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    if (atomic_load(&disk_error) == 0)
        return pwrite(fd, bytes, length, offset);
    errno = atomic_load(&disk_error);
    return -1;
}

static int refuse_open(const char *path, int flags, int mode)
{
    if (atomic_load(&disk_error) == EROFS && (flags & O_ACCMODE) != O_RDONLY) {
        errno = EROFS;
        return -1;
    }
    return open(path, flags, mode);
}

static void install_calls(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
    assert_int_equal(vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)refuse_open), SQLITE_OK);
    vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)refuse_pwrite);
    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)refuse_pwrite);
}

/* ---- fixture ------------------------------------------------------------------------------- */

struct fixture {
    struct disk_fixture disk;
    struct store *store;
    int committed, last_result, problems;
    char order[256];
};

static void on_problem(void *userdata)
{
    ((struct fixture *)userdata)->problems++;
}

static void start(struct fixture *f)
{
    if (!f->disk.worker)
        assert_return_code(worker_new(&f->disk.worker, f->disk.event), 0);
    assert_return_code(store_open(&f->store, f->disk.worker, f->disk.dir, FAKE_WALL_USEC), 0);
    store_on_problem(f->store, on_problem, f);
    f->problems = f->committed = 0;
}

static void stop(struct fixture *f)
{
    f->disk.worker = worker_free(f->disk.worker);
    f->store = store_free(f->store);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    atomic_store(&disk_error, 0);
    disk_fixture_init(&f->disk);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    atomic_store(&disk_error, 0);
    stop(f);
    disk_fixture_done(&f->disk);
    assert_int_equal(fake_clock_armed(), 0);
    free(f);
    return 0;
}

static void on_committed(void *userdata, int result)
{
    struct fixture *f = userdata;
    f->committed++;
    f->last_result = result;
}

static int try_put(struct fixture *f, const char *id)
{
    struct store_event event = { .kind = EVENT_SENSOR, .body = (char *)"{}" };
    snprintf(event.id, sizeof(event.id), "%s", id);
    return store_put_events(f->store, &event, 1, on_committed, f);
}

static void put_event(struct fixture *f, const char *id)
{
    assert_return_code(try_put(f, id), 0);
}

static void put_session(struct fixture *f, const char *id)
{
    struct store_session row;
    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    row.session.state = SESSION_ENDED;
    assert_return_code(store_put_session(f->store, &row, NULL, 0, on_committed, f), 0);
}

static size_t count_events(struct fixture *f)
{
    size_t n;
    store_events(f->store, &n);
    return n;
}

static void count_known(void *userdata, const struct store_session *row)
{
    assert_true(isnan(row->session.hills.altitude_m) && isnan(row->session.hills.knee_load_steps) &&
                isnan(row->session.hills.coverage_pct));
    ++*(int *)userdata;
}

/* A database with |n| sessions and events, cleanly closed. */
static void make_database(struct fixture *f, int n)
{
    start(f);
    assert_null(store_problem(f->store));
    for (int i = 0; i < n; i++) {
        char id[16];
        snprintf(id, sizeof(id), "x%d", i);
        put_session(f, id);
        put_event(f, id);
    }
    stop(f);
}

static void run_sql(struct fixture *f, const char *sql)
{
    sqlite3 *sqlite;
    assert_int_equal(sqlite3_open(disk_path(&f->disk, "strided.db"), &sqlite), SQLITE_OK);
    int rc = sqlite3_exec(sqlite, sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        print_error("%s: %s\n", sql, sqlite3_errmsg(sqlite));
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
}

/* The store takes a put and has it after a restart. */
static void assert_goes_on(struct fixture *f)
{
    int before = f->committed;
    put_event(f, "goes-on");
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, before + 1);
    assert_int_equal(f->last_result, 0);
    stop(f);
    start(f);
    assert_null(store_problem(f->store));
    assert_true(count_events(f) >= 1);
}

static void assert_set_aside(struct fixture *f)
{
    assert_non_null(store_problem(f->store));
    assert_non_null(strstr(store_problem(f->store), "damaged"));
    assert_non_null(strstr(store_problem(f->store), "strided.db.damaged-20260101T000"));
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-*Z"), 1);
}

/* ---- damage at open ------------------------------------------------------------------------ */

static void test_what_is_no_database_is_set_aside(void **state)
{
    struct fixture *f = *state;
    static const char garbage[5000] = "this is a text, and not a short one";

    disk_write(&f->disk, "strided.db", garbage, sizeof(garbage));
    start(f);
    assert_set_aside(f);
    size_t length;
    _cleanup_free_ char *kept = disk_read(&f->disk, "strided.db.damaged-20260101T000000Z", &length);
    assert_int_equal(length, sizeof(garbage));
    assert_memory_equal(kept, garbage, length);
    assert_goes_on(f);
}

static void test_a_folder_in_its_place_is_set_aside(void **state)
{
    struct fixture *f = *state;
    assert_return_code(mkdir(disk_path(&f->disk, "strided.db"), 0700), 0);
    start(f);
    assert_set_aside(f);
    assert_goes_on(f);
}

static void test_somebody_elses_database_is_set_aside(void **state)
{
    static const char *const sqls[] = {
        "CREATE TABLE sessions (x)", /* a table of our name */
        "PRAGMA user_version = 3",   /* our version without tables */
        "PRAGMA user_version = 1",   /* older ones without */
        "PRAGMA user_version = 2; CREATE TABLE sessions (id TEXT)",
        "PRAGMA user_version = 1; CREATE TABLE sessions (id TEXT)",
        "PRAGMA user_version = -5; CREATE TABLE t (x)",
        "PRAGMA user_version = 1919252073; CREATE TABLE t (x)",
    };
    for (size_t i = 0; i < ELEMENTSOF(sqls); i++) {
        struct fixture *f;
        setup((void **)&f);
        run_sql(f, sqls[i]);
        start(f);
        assert_set_aside(f);
        assert_goes_on(f);
        teardown((void **)&f);
    }
}

static void test_asides_of_one_second_do_not_replace_each_other(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        disk_write(&f->disk, "strided.db", "garbage, once more of it..........", 30);
        start(f);
        assert_non_null(store_problem(f->store));
        stop(f);
    }
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-*"), 3);
}

static void test_a_log_without_its_database_is_kept_too(void **state)
{
    struct fixture *f = *state;
    disk_write(&f->disk, "strided.db-wal", "somebody may want this", 22);
    start(f);
    assert_non_null(store_problem(f->store));
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-*-wal"), 1);
    assert_goes_on(f);
}

/* Nor is it written over when the database that is begun then is damaged in the same second. */
static void test_a_log_that_was_set_aside_keeps_its_name(void **state)
{
    struct fixture *f = *state;

    disk_write(&f->disk, "strided.db-wal", "somebody may want this", 22);
    start(f);
    stop(f);
    disk_write(&f->disk, "strided.db", "garbage, once more of it..........", 30);
    disk_write(&f->disk, "strided.db-wal", "and its log", 11);
    start(f);
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-*-wal"), 2);
}

static int64_t changed_nsec(struct fixture *f, const char *name)
{
    struct stat st;

    assert_int_equal(lstat(disk_path(&f->disk, name), &st), 0);
    return (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
}

/* The kernel's clock has ticks. */
static void touch_after(struct fixture *f, const char *name, const char *other)
{
    do {
        assert_int_equal(chmod(disk_path(&f->disk, name), 0640), 0);
    } while (changed_nsec(f, name) <= changed_nsec(f, other));
}

/* Killed between the two: an older one that was set aside has none, and does not get this one. */
static void test_a_log_follows_its_database(void **state)
{
    struct fixture *f = *state;
    const struct timespec before[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1 } };

    disk_write(&f->disk, "strided.db.damaged-20250101T000000Z", "an older one", 12);
    disk_write(&f->disk, "strided.db-wal", "its log", 7);
    assert_int_equal(utimensat(AT_FDCWD, disk_path(&f->disk, "strided.db-wal"), before, 0), 0);
    disk_write(&f->disk, "strided.db.damaged-20250102T000000Z", "this one", 8);
    touch_after(f, "strided.db.damaged-20250102T000000Z", "strided.db.damaged-20250101T000000Z");
    disk_write(&f->disk, "strided.db.damaged-20250103T000000Z", "complete", 8);
    disk_write(&f->disk, "strided.db.damaged-20250103T000000Z-wal", "it too", 6);
    start(f);
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-20250102T000000Z-wal"), 1);
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-*"), 5);
    assert_goes_on(f);
    stop(f);
    /* The log of one that is gone, of later than all that were set aside, is nobody's of these. */
    assert_int_equal(unlink(disk_path(&f->disk, "strided.db")), 0);
    const struct timespec later[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = INT32_MAX } };
    disk_write(&f->disk, "strided.db-wal", "of another", 10);
    assert_int_equal(utimensat(AT_FDCWD, disk_path(&f->disk, "strided.db-wal"), later, 0), 0);
    start(f);
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-20250101T000000Z-wal"), 0);
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged-*"), 6);
}

/* An id that its index knows otherwise: found by the first write to that row else, while the daemon runs
 * and nobody reads recordings back any more. */
static void test_a_row_that_is_not_as_its_index_says_is_found_at_open(void **state)
{
    struct fixture *f = *state;
    size_t length;

    make_database(f, 3);
    _cleanup_free_ char *bytes = disk_read(&f->disk, "strided.db", &length);
    char *id = memmem(bytes + 4096, 4096, "x1", 2); /* the second page is of the first table */
    assert_non_null(id);
    id[1] = '7';
    disk_write(&f->disk, "strided.db", bytes, length);
    start(f);
    assert_set_aside(f);
    assert_goes_on(f);
}

/* What cannot be used any more is set aside, and not waited for as for a disk that refuses. Of all bytes
 * of the header those that once made a difference. */
static void test_a_bent_header_is_lived_with_or_set_aside(void **state)
{
    static const struct {
        const char *label;
        size_t at;
    } rows[] = {
        { "size of a page", 16 },        { "who may write it", 18 },
        { "who may read it", 19 },       { "fractions", 21 },
        { "number of pages", 31 },       { "format of the schema", 47 },
        { "root that is largest", 55 },  { "encoding", 59 },
        { "version, out of reach", 60 },
    };
    struct fixture *f = *state;
    size_t length;

    make_database(f, 3);
    _cleanup_free_ char *bytes = disk_read(&f->disk, "strided.db", &length);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        bytes[rows[i].at] ^= 0x5a;
        disk_write(&f->disk, "strided.db", bytes, length);
        start(f);
        put_event(f, "goes-on");
        disk_fixture_settle(&f->disk);
        if (f->committed != 1 || f->last_result != 0)
            fail_msg("%s: %s", rows[i].label, store_problem(f->store));
        stop(f);
        bytes[rows[i].at] ^= 0x5a;
    }
}

/* Bytes bent or cut off anywhere: either it is set aside, or bad rows are skipped, or nobody can tell
 * (a letter in an id); it always goes on. */
static void test_bent_bytes_and_cut_files_never_stop_it(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 99;
    size_t length;
    int aside = 0;

    make_database(f, 200);
    _cleanup_free_ char *good = disk_read(&f->disk, "strided.db", &length);
    for (int round = 0; round < 120; round++) {
        _cleanup_free_ char *bad = malloc(length);
        assert_non_null(bad);
        memcpy(bad, good, length);
        size_t size = length;
        if (round % 4 == 0)
            size = 1 + (size_t)rand_r(&seed) % length;
        else
            for (int i = 0; i < round; i++)
                bad[(size_t)rand_r(&seed) % length] = (char)rand_r(&seed);
        disk_write(&f->disk, "strided.db", bad, size);
        start(f);
        const char *problem = store_problem(f->store);
        aside += problem && strstr(problem, "set aside");
        if (problem && strstr(problem, "newer")) { /* the version itself was bent: left alone */
            stop(f);
            continue;
        }
        put_event(f, "goes-on");
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->committed, 1);
        assert_int_equal(f->last_result, 0);
        stop(f);
    }
    assert_true(aside > 60); /* the test bends enough to matter */
}

/* ---- damage while running ------------------------------------------------------------------ */

static void test_damage_found_by_a_write_is_set_aside_and_the_write_done(void **state)
{
    struct fixture *f = *state;
    char zeros[4096];

    make_database(f, 300);
    start(f);
    assert_null(store_problem(f->store));
    store_note_clock(f->store);
    disk_fixture_settle(&f->disk);
    fake_clock_advance(60 * SECOND);
    /* somebody else's write: SQLite has to read again what it had in memory */
    run_sql(f, "INSERT INTO answers VALUES (7, 't', '{}', 1)");
    memset(zeros, 0xee, sizeof(zeros));
    int fd = open(disk_path(&f->disk, "strided.db"), O_RDWR | O_CLOEXEC);
    assert_return_code(fd, 0);
    struct stat st;
    assert_return_code(fstat(fd, &st), 0);
    for (off_t at = 4096; at < st.st_size; at += 4096)
        assert_int_equal(pwrite(fd, zeros, sizeof(zeros), at), sizeof(zeros));
    close(fd);
    for (int i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof(id), "x%dy", i);
        put_session(f, id);
    }
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 300);
    assert_int_equal(f->last_result, 0);
    assert_set_aside(f);
    assert_int_equal(f->problems, 1);
    /* and when the new one was begun is known, in the next life too */
    const int64_t begun_usec = clock_wall_usec();
    assert_true(store_made_usec(f->store) == begun_usec);
    disk_fixture_settle(&f->disk);
    stop(f);
    fake_clock_advance(60 * SECOND);
    start(f);
    assert_true(store_is_dated(f->store));
    assert_true(store_made_usec(f->store) == begun_usec);
    assert_null(store_problem(f->store));
    assert_true(store_session_ended(f->store, "x0y"));
    assert_true(store_session_ended(f->store, "x299y"));
}

/* ---- a newer one --------------------------------------------------------------------------- */

static int put_judged(struct fixture *f, const struct store_verdict *row)
{
    return store_put_judged(f->store, &(struct store_judged){ .verdicts = row, .n_verdicts = 1 },
                            on_committed, f);
}

/* A database as version 1 left it: its rows are there, and what they did not know is not known. */
static void test_an_older_database_is_brought_up(void **state)
{
    struct fixture *f = *state;
    int n = 0;

    make_database(f, 3);
    old_database_make(disk_path(&f->disk, "strided.db"), 1);
    start(f);
    assert_null(store_problem(f->store));
    assert_true(store_read_sessions(f->store, count_known, &n));
    assert_true(store_past_is_whole(f->store));
    assert_int_equal(n, 3);
    const struct store_verdict row = { "anna", "weekly_time", "caution", "ok", 1, 2, 0, 0 };
    assert_return_code(put_judged(f, &row), 0);
}

static void test_a_newer_database_is_left_alone(void **state)
{
    struct fixture *f = *state;
    size_t before, after;
    char text[128];

    make_database(f, 3);
    snprintf(text, sizeof(text),
             "PRAGMA user_version = %d; ALTER TABLE sessions ADD COLUMN shoe TEXT",
             db_newest_version() + 1);
    run_sql(f, text);
    _cleanup_free_ char *old = disk_read(&f->disk, "strided.db", &before);
    start(f);
    assert_false(store_was_read(f->store));
    assert_int_equal(count_events(f), 0);
    assert_non_null(strstr(store_problem(f->store), "newer"));
    snprintf(text, sizeof(text), "version %d, known up to %d", db_newest_version() + 1,
             db_newest_version());
    assert_non_null(strstr(store_problem(f->store), text));
    put_event(f, "memory-only");
    put_session(f, "s");
    assert_return_code(store_put_answer(f->store, "t", "{}", 1), 0);
    assert_string_equal(store_answer(f->store, "t"), "{}"); /* what memory can do still works */
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 2);
    assert_int_equal(f->last_result, -EROFS);
    stop(f);
    _cleanup_free_ char *now = disk_read(&f->disk, "strided.db", &after);
    assert_int_equal(before, after);
    assert_memory_equal(old, now, before);
    assert_int_equal(disk_count(&f->disk, "strided.db*"), 1);
}

/* ---- bad rows ------------------------------------------------------------------------------ */

static void test_rows_that_are_not_valid_are_skipped_and_counted(void **state)
{
    static const struct {
        const char *label, *sql;
    } rows[] = {
        { "a kind nobody knows", "UPDATE events SET kind = 'party' WHERE id = 'x1'" },
        { "a runner with a slash", "UPDATE events SET runner = 'a/b' WHERE id = 'x1'" },
        { "a runner too long", "UPDATE events SET runner = hex(zeroblob(40)) WHERE id = 'x1'" },
        { "a body that is no object", "UPDATE events SET body = '[1]' WHERE id = 'x1'" },
        { "a body that is no JSON", "UPDATE events SET body = '{' WHERE id = 'x1'" },
        { "a body of 1 MB", "UPDATE events SET body = hex(zeroblob(500000)) WHERE id = 'x1'" },
        { "no UTF-8", "UPDATE events SET body = CAST(x'7b22ff223a317d' AS TEXT) WHERE id = 'x1'" },
        { "a NUL inside", "UPDATE events SET body = CAST(x'7b7d007b7d' AS TEXT) WHERE id = 'x1'" },
        { "a control character", "UPDATE events SET id = 'x' || char(7) WHERE id = 'x1'" },
        { "an empty id", "UPDATE events SET id = '' WHERE id = 'x1'" },
        { "a time before all", "UPDATE events SET at_usec = -1 WHERE id = 'x1'" },
        { "a time after all", "UPDATE events SET at_usec = 9e18 WHERE id = 'x1'" },
        { "tries below 0", "UPDATE events SET tries = -1 WHERE id = 'x1'" },
        { "refused is 2", "UPDATE events SET refused = 2 WHERE id = 'x1'" },
        { "a state nobody knows", "UPDATE sessions SET state = 'asleep' WHERE id = 'x2'" },
        { "a kind nobody knows", "UPDATE sessions SET kind = 'swim' WHERE id = 'x2'" },
        { "a day that is none", "UPDATE sessions SET day = '2026-02-30' WHERE id = 'x2'" },
        { "a figure below 0", "UPDATE sessions SET steps = -1 WHERE id = 'x2'" },
        { "a figure without end", "UPDATE sessions SET trimp = 9e999 WHERE id = 'x2'" },
        { "an end before the start",
          "UPDATE sessions SET start_usec = 9, end_usec = 8 WHERE id = 'x2'" },
        { "an offset of days", "UPDATE sessions SET utc_offset_s = 200000 WHERE id = 'x2'" },
        { "a source nobody knows", "UPDATE sessions SET source_grade = 'moon' WHERE id = 'x2'" },
        { "an id that is a path", "UPDATE sessions SET id = '../x' WHERE id = 'x2'" },
        { "a sensor's address", "INSERT INTO sensors VALUES ('pod', 'nowhere', 'steps', '', 1)" },
        { "a sensor's name", "INSERT INTO sensors VALUES ('P/', 'AA:BB:CC:DD:EE:FF', '', '', 1)" },
        { "a sensor's unit", "INSERT INTO sensors VALUES ('p', 'AA:BB:CC:DD:EE:FF', 'm', '', 1)" },
        { "a rule with a slash",
          "INSERT INTO verdicts VALUES ('anna', 'a/b', 'ok', 'ok', 1, 1, 1, 1, 1, 1, 1, 'ok')" },
        { "a verdict nobody gives",
          "INSERT INTO verdicts VALUES ('anna', 'x', 'alarm', 'ok', 1, 1, 1, 1, 1, 1, 1, 'ok')" },
        { "a verdict of the year 300000",
          "INSERT INTO verdicts VALUES ('anna', 'x', 'ok', 'ok', 1, 9e18, 1, 1, 1, 1, 1, 'ok')" },
        { "a verdict seen before all",
          "INSERT INTO verdicts VALUES ('anna', 'x', 'ok', 'ok', 1, 1, 1, 1, -1, 1, 1, 'ok')" },
        { "a snooze until the year 300000",
          "INSERT INTO verdicts VALUES ('anna', 'x', 'ok', 'ok', 1, 1, 1, 1, 1, 1, 9e18, 'ok')" },
        { "a snooze of what nobody says",
          "INSERT INTO verdicts VALUES ('anna', 'x', 'ok', 'ok', 1, 1, 1, 1, 1, 1, 1, 'alarm')" },
        { "what was said of no session",
          "INSERT INTO told_runs VALUES ('anna', 'x', 'x', 'caution', 'ok', 1, 1, 1, 1)" },
        { "what is judged for no runner", "INSERT INTO unjudged VALUES (99, 'a/b', 'x')" },
        { "what is judged of no session", "INSERT INTO unjudged VALUES (99, 'anna', '../x')" },
        { "an empty transaction", "INSERT INTO answers VALUES (1, '', '{}', 1)" },
        { "an answer of the year 300000", "INSERT INTO answers VALUES (1, 't', '{}', 9e18)" },
    };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct fixture *f;
        size_t n;
        setup((void **)&f);
        make_database(f, 3);
        run_sql(f, rows[i].sql);
        start(f);
        const char *problem = store_problem(f->store);
        if (!problem || !strstr(problem, "1 row that is"))
            print_error("%s: %s\n", rows[i].label, problem ? problem : "no problem");
        assert_non_null(problem);
        assert_non_null(strstr(problem, "strided.db has 1 row that is not valid"));
        bool of_event = strncmp(rows[i].sql, "UPDATE events", 13) == 0;
        bool of_session = strncmp(rows[i].sql, "UPDATE sessions", 15) == 0;
        assert_int_equal(count_events(f), of_event ? 2 : 3);
        const struct store_session *last = store_last_sessions(f->store, &n);
        assert_int_equal(n, 1);
        assert_string_equal(last->session.id, of_session ? "x1" : "x2");
        store_sensors(f->store, &n);
        assert_int_equal(n, 0);
        teardown((void **)&f);
    }
}

/* Of an older row only its id is looked at when the database is opened. Then it has not ended: its
 * recording is read back. */
static void test_an_older_row_that_is_not_valid_shows_when_all_are_read(void **state)
{
    struct fixture *f = *state;
    int n = 0;

    make_database(f, 3);
    run_sql(f, "UPDATE sessions SET trimp = 9e999 WHERE id = 'x0';"
               "UPDATE events SET kind = 'party' WHERE id = 'x1'");
    start(f);
    assert_non_null(strstr(store_problem(f->store), "1 row that is not valid"));
    assert_true(store_read_sessions(f->store, count_known, &n));
    assert_int_equal(n, 2);
    assert_false(store_session_ended(f->store, "x0"));
    assert_true(store_session_ended(f->store, "x1") && store_session_ended(f->store, "x2"));
    assert_non_null(strstr(store_problem(f->store), "2 rows that are not valid"));
    assert_true(store_read_sessions(f->store, count_known, &n));
    assert_non_null(strstr(store_problem(f->store), "2 rows that are not valid"));
}

/* ---- disks --------------------------------------------------------------------------------- */

static void test_a_disk_that_refuses_is_waited_for(void **state)
{
    static const int errors[] = { ENOSPC, EIO, EROFS };

    for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
        struct fixture *f;
        setup((void **)&f);
        start(f);
        put_event(f, "before");
        disk_fixture_settle(&f->disk);
        f->committed = 0;
        atomic_store(&disk_error, errors[i]);
        put_event(f, "e1");
        put_session(f, "s1");
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->committed, 0);
        assert_true(f->problems >= 1);
        assert_non_null(strstr(store_problem(f->store), "cannot be written"));
        if (errors[i] !=
            EROFS) /* an open file that became read-only fails with what the disk says */
            assert_non_null(strstr(store_problem(f->store), strerrordesc_np(errors[i])));
        for (int k = 0; k < 5; k++) {
            char id[16];
            snprintf(id, sizeof(id), "w%d", k);
            put_event(f, id);
            fake_clock_advance(60 * SECOND);
            disk_fixture_settle(&f->disk);
        }
        assert_int_equal(f->committed, 0);
        assert_non_null(strstr(store_problem(f->store), "7 changes"));
        atomic_store(&disk_error, 0);
        fake_clock_advance(60 * SECOND);
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->committed, 7);
        assert_int_equal(f->last_result, 0);
        assert_null(store_problem(f->store));
        stop(f);
        start(f);
        size_t n;
        const struct store_event *events = store_events(f->store, &n);
        assert_int_equal(n, 7);
        assert_string_equal(events[0].id, "before");
        assert_string_equal(events[1].id, "e1");
        assert_string_equal(events[6].id, "w4");
        assert_true(store_session_ended(f->store, "s1"));
        teardown((void **)&f);
    }
}

static void test_a_start_without_the_folder(void **state)
{
    struct fixture *f = *state;
    char dir[64], gone[80];

    snprintf(dir, sizeof(dir), "%s", f->disk.dir);
    snprintf(gone, sizeof(gone), "%s/later", dir);
    assert_return_code(store_open(&f->store, f->disk.worker, gone, FAKE_WALL_USEC), 0);
    assert_false(store_was_read(f->store));
    assert_false(store_past_is_whole(f->store));
    assert_non_null(strstr(store_problem(f->store), strerrordesc_np(ENOENT)));
    put_event(f, "e1");
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 0);
    assert_return_code(mkdir(gone, 0700), 0);
    fake_clock_advance(60 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 1);
    assert_null(store_problem(f->store));
}

static void test_a_start_on_a_read_only_disk_goes_well_later(void **state)
{
    struct fixture *f = *state;

    make_database(f, 2);
    atomic_store(&disk_error, EROFS);
    start(f);
    assert_non_null(strstr(store_problem(f->store), "cannot be written"));
    atomic_store(&disk_error, 0);
    fake_clock_advance(5 * SECOND); /* also with nothing to write: the sentence is to go */
    disk_fixture_settle(&f->disk);
    assert_null(store_problem(f->store));
    assert_int_equal(disk_count(&f->disk, "strided.db.damaged*"), 0);
    assert_goes_on(f);
}

static void test_a_database_in_somebody_elses_hands_is_waited_for(void **state)
{
    struct fixture *f = *state;
    sqlite3 *other;

    make_database(f, 1);
    start(f);
    assert_int_equal(sqlite3_open(disk_path(&f->disk, "strided.db"), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    put_event(f, "e1");
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 0);
    assert_non_null(strstr(store_problem(f->store), strerrordesc_np(EBUSY)));
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    fake_clock_advance(5 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, 1);
    assert_null(store_problem(f->store));
}

static int try_put_import(struct fixture *f)
{
    struct store_import import = {
        .runner = "anna", .name = "run.fit", .own_cadence_spm = NAN, .own_speed_m_s = NAN
    };
    const struct store_imported imported = { .import = &import };

    memset(import.hash, 'a', sizeof(import.hash) - 1);
    return store_put_import(f->store, &imported, NULL, NULL);
}

static void test_memory_is_bounded_and_the_loss_is_said(void **state)
{
    struct fixture *f = *state;
    int taken = 0, lost = 0;

    start(f);
    atomic_store(&disk_error, ENOSPC);
    for (int i = 0; i < 10050; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%d", i);
        int r = try_put(f, id);
        assert_true(r == 0 || r == -ENOBUFS);
        taken += r == 0;
        lost += r != 0;
    }
    assert_true(lost >= 50);
    assert_false(store_has_room(f->store));
    assert_int_equal(try_put_import(f), -ENOBUFS); /* it is tried again: that is no loss */
    disk_fixture_settle(&f->disk);
    char said[64];
    snprintf(said, sizeof(said), "%d changes wait, %d were lost", taken, lost);
    assert_non_null(strstr(store_problem(f->store), said));
    atomic_store(&disk_error, 0);
    fake_clock_advance(60 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->committed, taken);
    assert_true(store_has_room(f->store));
    assert_non_null(strstr(store_problem(f->store), "were lost"));
    assert_true(store_has_room_for(f->store, 100));
    assert_false(store_has_room_for(f->store, 1000));
}

static void test_what_waits_at_the_end_is_tried_once_more(void **state)
{
    struct fixture *f = *state;

    start(f);
    atomic_store(&disk_error, ENOSPC);
    put_event(f, "e1");
    disk_fixture_settle(&f->disk);
    f->disk.worker = worker_free(f->disk.worker);
    atomic_store(&disk_error, 0);
    f->store = store_free(f->store);
    assert_int_equal(f->committed, 0); /* nobody may be there any more */
    start(f);
    assert_int_equal(count_events(f), 1);
    assert_null(store_free(NULL));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static int install(void **state)
{
    install_calls();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_is_no_database_is_set_aside),
        T(test_a_folder_in_its_place_is_set_aside),
        cmocka_unit_test(test_somebody_elses_database_is_set_aside),
        T(test_asides_of_one_second_do_not_replace_each_other),
        T(test_a_log_that_was_set_aside_keeps_its_name),
        T(test_a_log_follows_its_database),
        T(test_a_log_without_its_database_is_kept_too),
        T(test_a_row_that_is_not_as_its_index_says_is_found_at_open),
        T(test_a_bent_header_is_lived_with_or_set_aside),
        T(test_bent_bytes_and_cut_files_never_stop_it),
        T(test_damage_found_by_a_write_is_set_aside_and_the_write_done),
        T(test_an_older_database_is_brought_up),
        T(test_an_older_row_that_is_not_valid_shows_when_all_are_read),
        T(test_a_newer_database_is_left_alone),
        cmocka_unit_test(test_rows_that_are_not_valid_are_skipped_and_counted),
        cmocka_unit_test(test_a_disk_that_refuses_is_waited_for),
        T(test_a_start_without_the_folder),
        T(test_a_start_on_a_read_only_disk_goes_well_later),
        T(test_a_database_in_somebody_elses_hands_is_waited_for),
        T(test_memory_is_bounded_and_the_loss_is_said),
        T(test_what_waits_at_the_end_is_tried_once_more),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
