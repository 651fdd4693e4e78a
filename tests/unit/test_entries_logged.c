/* SPDX-License-Identifier: MIT */
/* Runs that were entered by hand, on the disk: kept, changed, and put again where the database has them not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/entries/logged.h"
#include "disk_fixture.h"
#include "lib/civil.h"

static struct {
    struct disk_fixture disk;
    struct store *store;
    struct logged *logged;
    int result;
    struct store_session missing[4];
    size_t n_missing;
} f;

/* ---- a disk that refuses ------------------------------------------------------------------------ */

static bool folders_fail; /* to be synced */
static bool is_read_only;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
    struct stat st;

    if (!folders_fail || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
        return __real_fsync(fd);
    errno = EIO;
    return -1;
}

int __real_unlinkat(int fd, const char *path, int flags);
int __wrap_unlinkat(int fd, const char *path, int flags);

int __wrap_unlinkat(int fd, const char *path, int flags)
{
    if (!is_read_only)
        return __real_unlinkat(fd, path, flags);
    errno = EROFS;
    return -1;
}

/* ------------------------------------------------------------------------------------------------- */

static void on_missing(void *userdata, const struct store_session *row)
{
    assert_true(f.n_missing < 4);
    f.missing[f.n_missing++] = *row;
}

static void open_all(void)
{
    struct logged_parts parts = { .state_dir = f.disk.dir, .on_missing = on_missing };

    if (!f.disk.worker)
        assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    parts.worker = f.disk.worker;
    parts.store = f.store;
    f.n_missing = 0;
    assert_return_code(logged_new(&f.logged, &parts), 0);
    assert_true(logged_is_reading(f.logged));
    disk_fixture_settle(&f.disk);
    assert_false(logged_is_reading(f.logged));
}

static void close_all(void)
{
    f.disk.worker = worker_free(f.disk.worker);
    f.logged = logged_free(f.logged);
    f.store = store_free(f.store);
}

static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    folders_fail = is_read_only = false;
    disk_fixture_init(&f.disk);
    open_all();
    return 0;
}

static int teardown(void **state)
{
    close_all();
    disk_fixture_done(&f.disk);
    return 0;
}

static void on_done(void *userdata, int result)
{
    f.result = result;
}

static struct logged_run a_run(const char *id)
{
    struct logged_run run;

    logged_init(&run);
    snprintf(run.id, sizeof(run.id), "%s", id);
    strcpy(run.runner, "anna");
    run.day = civil_to_days(2025, 11, 20);
    run.start_usec = (run.day * 86400 + 450 * 60) * 1000000;
    run.distance_m = 5000;
    run.moving_s = 1800;
    run.said_usec = run.start_usec;
    return run;
}

static int settled(int r)
{
    if (r < 0)
        return r;
    f.result = 1;
    disk_fixture_settle(&f.disk);
    return f.result;
}

static int keep(const struct logged_run *run)
{
    return settled(logged_keep(f.logged, run, on_done, NULL));
}

static void test_what_was_kept_is_put_where_the_database_has_it_not(void **state)
{
    struct logged_run run = a_run("hand-1"), other = a_run("hand-2");
    struct store_session row;

    other.downhill_drop_m = 40;
    other.start_min = 450;
    other.said_usec = clock_wall_usec() + 1000000000;
    assert_int_equal(keep(&run), 0);
    assert_int_equal(keep(&other), 0);
    logged_row(&run, &row);
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    close_all();
    open_all();
    assert_int_equal(f.n_missing, 1);
    assert_string_equal(f.missing[0].session.id, "hand-2");
    assert_string_equal(f.missing[0].session.runner, "anna");
    assert_string_equal(f.missing[0].session.day, "2025-11-20");
    assert_true(f.missing[0].session.hills.drop_m == 40);
    assert_true(f.missing[0].session.hills.altitude_m == 5000);
    assert_false(
        f.missing[0].rebuilt); /* it was said since the database was begun, and told by nobody */
    assert_false(store_session_is_untimed(&f.missing[0]));
    assert_true(store_session_is_by_hand(&f.missing[0]));
    close_all();
    assert_return_code(unlink(disk_path(&f.disk, "strided.db")), errno);
    open_all();
    assert_int_equal(f.n_missing, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(f.missing[i].rebuilt, f.missing[i].session.id[5] == '1');
}

static void test_the_row_is_one_that_the_store_takes(void **state)
{
    struct logged_run run = a_run("hand-1");
    struct store_session row;

    run.kind = SESSION_WALK;
    logged_row(&run, &row);
    assert_return_code(store_put_session(f.store, &row, NULL, 0, on_done, NULL), 0);
    assert_int_equal(settled(0), 0);
    assert_true(store_session_is_untimed(&row));
    assert_int_equal(row.session.kind, SESSION_WALK);
    assert_int_equal(row.session.state, SESSION_ENDED);
    assert_int_equal(row.session.end_usec - row.session.start_usec, 1800000000);
    assert_true(isnan(row.session.hills.drop_m) && isnan(row.session.hills.altitude_m));
    assert_true(isnan(row.session.trimp) && isnan(row.session.steps));
}

static void test_what_is_said_of_it_later_is_kept(void **state)
{
    struct logged_run run = a_run("hand-1"), other = a_run("hand-2");

    assert_int_equal(keep(&run), 0);
    assert_int_equal(keep(&other), 0);
    assert_int_equal(settled(logged_discard(f.logged, "hand-1", 5, on_done, NULL)), 0);
    assert_int_equal(settled(logged_give(f.logged, "hand-2", "ben", on_done, NULL)), 0);
    assert_int_equal(settled(logged_give(f.logged, "hand-3", "ben", on_done, NULL)),
                     0); /* no text */
    close_all();
    open_all();
    assert_int_equal(f.n_missing, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct payload_session *session = &f.missing[i].session;
        bool first = session->id[5] == '1';

        assert_int_equal(session->state, first ? SESSION_DISCARDED : SESSION_ENDED);
        assert_string_equal(session->runner, first ? "anna" : "ben");
    }
}

static void test_one_that_is_taken_back_is_put_no_more(void **state)
{
    struct logged_run run = a_run("hand-1"), other = a_run("hand-2");

    assert_int_equal(settled(logged_forget(f.logged, "hand-1", on_done, NULL)), 0); /* no folder */
    assert_int_equal(keep(&run), 0);
    assert_int_equal(keep(&other), 0);
    assert_int_equal(settled(logged_forget(f.logged, "hand-1", on_done, NULL)), 0);
    assert_int_equal(settled(logged_forget(f.logged, "hand-1", on_done, NULL)), 0);
    close_all();
    open_all();
    assert_int_equal(f.n_missing, 1);
    assert_string_equal(f.missing[0].session.id, "hand-2");
}

/* What failed last is no reason for it not to be there. */
static void test_one_that_may_be_there_is_taken_back(void **state)
{
    struct logged_run run = a_run("hand-1"), other = a_run("hand-2");

    assert_int_equal(keep(&other), 0);
    folders_fail = true;
    assert_int_equal(keep(&run), -EIO);
    assert_int_equal(settled(logged_forget(f.logged, "hand-2", on_done, NULL)), -EIO);
    folders_fail = false;
    close_all();
    open_all();
    assert_int_equal(f.n_missing, 1); /* it was refused, and would come back */
    is_read_only = true;
    assert_int_equal(settled(logged_forget(f.logged, "hand-1", on_done, NULL)), -EROFS);
    assert_int_equal(settled(logged_forget(f.logged, "hand-3", on_done, NULL)), 0);
    is_read_only = false;
    assert_int_equal(settled(logged_forget(f.logged, "hand-1", on_done, NULL)), 0);
    close_all();
    open_all();
    assert_int_equal(f.n_missing, 0);
}

static void test_a_text_that_is_none_is_left_alone(void **state)
{
    struct logged_run run = a_run("hand-1");

    assert_int_equal(keep(&run), 0);
    disk_write(&f.disk, "logged/hand-2", "rotten", 6);
    disk_write(&f.disk, "logged/.new", "half", 4);
    close_all();
    open_all();
    assert_int_equal(f.n_missing, 1);
    assert_int_equal(settled(logged_discard(f.logged, "hand-2", 5, on_done, NULL)), -EBADMSG);
}

static void test_each_has_an_id_of_its_own(void **state)
{
    struct logged_run run = a_run("");
    struct store_session row;
    char id[SESSION_ID_MAX];

    for (size_t i = 0; i < 3; i++) {
        static const char *const ids[] = { "hand-20251120T073000Z", "hand-20251120T073000Z.2",
                                           "hand-20251120T073000Z.3" };

        logged_make_id(f.logged, run.start_usec, id);
        assert_string_equal(id, ids[i]);
        memcpy(run.id, id, sizeof(id));
        assert_return_code(logged_keep(f.logged, &run, on_done, NULL), 0); /* on its way */
        if (i == 1)
            continue;
        logged_row(&run, &row);
        assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    }
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_was_kept_is_put_where_the_database_has_it_not),
        T(test_the_row_is_one_that_the_store_takes),
        T(test_what_is_said_of_it_later_is_kept),
        T(test_one_that_is_taken_back_is_put_no_more),
        T(test_one_that_may_be_there_is_taken_back),
        T(test_a_text_that_is_none_is_left_alone),
        T(test_each_has_an_id_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
