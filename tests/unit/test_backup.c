/* SPDX-License-Identifier: MIT */
/* Copies of the database: whole, a few of them, and none of what is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/import/copy.h"
#include "daemon/store/backup.h"
#include "daemon/store/store.h"
#include "disk_fixture.h"

#define MOMENT INT64_C(1795352400000000) /* 2026-11-22T13:00:00Z */
#define DAY    (INT64_C(86400) * 1000000)

/* The disk, while it is not 0. In the place of the C library's. */
static int64_t room_bytes;

int fstatvfs(int fd, struct statvfs *ret)
{
    *ret = (struct statvfs){ .f_frsize = 1 };
    ret->f_bavail = (fsblkcnt_t)room_bytes;
    ret->f_blocks = room_bytes ? ret->f_bavail * 2 : 0;
    return 0;
}

static struct disk_fixture disk;
static struct store *store;
static struct backup made;

static int setup(void **state)
{
    disk_fixture_init(&disk);
    assert_return_code(store_open(&store, disk.worker, disk.dir, clock_wall_usec()), 0);
    made = (struct backup){ .size = -1 };
    return 0;
}

static int teardown(void **state)
{
    disk_fixture_settle(&disk);
    disk.worker = worker_free(disk.worker);
    store = store_free(store);
    disk_fixture_done(&disk);
    return 0;
}

static void put(const char *id)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    strcpy(row.session.runner, "anna");
    row.session.state = SESSION_ENDED;
    row.session.distance_m = 1234;
    assert_return_code(store_put_session(store, &row, NULL, 0, NULL, NULL), 0);
    disk_fixture_settle(&disk);
}

static size_t count(void)
{
    DIR *dir = opendir(disk_path(&disk, "backups"));
    size_t n = 0;

    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        n += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(dir);
    return n;
}

static bool has_session(const char *id)
{
    return store_session_ended(store, id);
}

_Static_assert(BACKUP_RESERVE == COPY_RESERVE, "all that is kept leaves as much of the disk");

static void test_a_disk_that_would_be_full(void **state)
{
    put("one");
    room_bytes = BACKUP_RESERVE + (1 << 20); /* a database is smaller */
    assert_int_equal(backup_make(disk.dir, MOMENT, 0, &made), 0);
    assert_int_equal(count(), 1);
    room_bytes = BACKUP_RESERVE + made.size / 2;
    assert_int_equal(backup_make(disk.dir, MOMENT + 1000000, 0, &made), -ENOSPC);
    assert_int_equal(count(), 1);
    room_bytes = 0;
}

/* As the README says it is done. */
static void test_what_is_put_back_has_all_there_was(void **state)
{
    struct stat st;
    char name[128];

    put("one");
    assert_int_equal(backup_make(disk.dir, MOMENT, 0, &made), 0);
    assert_string_equal(made.name, "backups/strided-20261122T130000Z.db");
    assert_return_code(stat(disk_path(&disk, made.name), &st), errno);
    assert_int_equal(st.st_size, made.size);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(count(), 1);
    put("two");
    disk.worker = worker_free(disk.worker);
    store = store_free(store);
    snprintf(name, sizeof(name), "%s", disk_path(&disk, made.name));
    assert_return_code(rename(name, disk_path(&disk, "strided.db")), errno);
    assert_return_code(worker_new(&disk.worker, disk.event), 0);
    assert_return_code(store_open(&store, disk.worker, disk.dir, clock_wall_usec()), 0);
    assert_null(store_problem(store));
    assert_true(has_session("one"));
    assert_false(has_session("two"));
    put("three"); /* it is one that can be written */
    assert_null(store_problem(store));
}

static void test_the_last_seven_are_kept(void **state)
{
    put("one");
    assert_int_equal(backup_make(disk.dir, MOMENT, 0, &made), 0);
    disk_write(&disk, "backups/my own.db", "x", 1);
    disk_write(&disk, "backups/strided-20261122T130000Z.db.gz", "x", 1);
    for (int i = 1; i < 10; i++)
        assert_int_equal(backup_make(disk.dir, MOMENT + i * DAY, 0, &made), 0);
    assert_string_equal(made.name, "backups/strided-20261201T130000Z.db");
    assert_int_equal(count(), 7 + 2);
    assert_return_code(access(disk_path(&disk, "backups/strided-20261125T130000Z.db"), F_OK),
                       errno);
    assert_int_equal(access(disk_path(&disk, "backups/strided-20261124T130000Z.db"), F_OK), -1);
    assert_int_equal(backup_make(disk.dir, MOMENT + 9 * DAY, 0, &made), 0); /* in its place */
    assert_int_equal(count(), 7 + 2);
}

/* A clock that was ahead for some nights. */
static void test_copies_of_days_to_come_hold_up_none_and_go_first(void **state)
{
    put("one");
    for (int i = 0; i < 7; i++)
        assert_int_equal(backup_make(disk.dir, MOMENT + (100 + i) * DAY, 0, &made), 0);
    assert_int_equal(backup_make(disk.dir, MOMENT, MOMENT - DAY, &made), 0);
    assert_string_equal(made.name, "backups/strided-20261122T130000Z.db");
    assert_return_code(access(disk_path(&disk, made.name), F_OK), errno);
    assert_int_equal(count(), 7);
    assert_int_equal(backup_make(disk.dir, MOMENT + DAY, MOMENT, &made), -EALREADY);
    for (int i = 1; i < 8; i++)
        assert_int_equal(backup_make(disk.dir, MOMENT + i * DAY, 0, &made), 0);
    assert_int_equal(count(), 7);
    assert_return_code(access(disk_path(&disk, "backups/strided-20261123T130000Z.db"), F_OK),
                       errno);
}

static void test_one_that_is_new_enough_will_do(void **state)
{
    put("one");
    assert_int_equal(backup_make(disk.dir, MOMENT, MOMENT - DAY, &made), 0);
    made.size = 7;
    assert_int_equal(backup_make(disk.dir, MOMENT + 1000000, MOMENT, &made), -EALREADY);
    assert_int_equal(made.size, 7);
    assert_int_equal(backup_make(disk.dir, MOMENT + 2000000, MOMENT + 1000000, &made), 0);
    assert_int_equal(count(), 2);
}

static void test_what_a_kill_left_is_taken_away(void **state)
{
    (void)mkdir(disk_path(&disk, "backups"), 0750);
    disk_write(&disk, "backups/.new", "half", 4);
    put("one");
    assert_int_equal(backup_make(disk.dir, MOMENT, 0, &made), 0);
    assert_int_equal(count(), 1);
}

static void test_of_what_is_damaged_there_is_none(void **state)
{
    char rot[8192];
    int fd;

    for (int i = 0; i < 200; i++) {
        char id[16];

        snprintf(id, sizeof(id), "s%d", i);
        put(id);
    }
    disk.worker = worker_free(disk.worker);
    store = store_free(store);
    memset(rot, 'x', sizeof(rot));
    fd = open(disk_path(&disk, "strided.db"), O_WRONLY);
    assert_return_code(fd, errno);
    assert_int_equal(pwrite(fd, rot, sizeof(rot), 8192), sizeof(rot));
    close(fd);
    assert_int_equal(backup_make(disk.dir, MOMENT, 0, &made), -EBADMSG);
    assert_int_equal(count(), 0);
    assert_return_code(unlink(disk_path(&disk, "strided.db")), errno);
    assert_int_equal(backup_make(disk.dir, MOMENT, 0, &made), -ENOENT);
    assert_int_equal(count(), 0);
    assert_int_equal(made.size, -1);
    assert_return_code(worker_new(&disk.worker, disk.event), 0);
    assert_return_code(store_open(&store, disk.worker, disk.dir, clock_wall_usec()), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_disk_that_would_be_full),
        T(test_what_is_put_back_has_all_there_was),
        T(test_the_last_seven_are_kept),
        T(test_copies_of_days_to_come_hold_up_none_and_go_first),
        T(test_one_that_is_new_enough_will_do),
        T(test_what_a_kill_left_is_taken_away),
        T(test_of_what_is_damaged_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
