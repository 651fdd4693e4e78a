/* SPDX-License-Identifier: MIT */
/* Recordings on a good disk, on one that refuses in every way, and after a kill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/recording/disk.h"
#include "daemon/recording/private.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "lib/recording.h"

#define SECOND 1000000ULL

/* ---- a disk that refuses ------------------------------------------------------------------- */

static int write_error;       /* errno for write(2) to a recording; 0 = let through */
static size_t write_room;     /* bytes it takes before that */
static ssize_t write_at_most; /* a short write; 0 = all */
static atomic_int sync_error;
static atomic_int n_syncs_fail; /* then no more do, whatever was lost: the kernel says it once */
static atomic_int n_syncs, n_folder_syncs; /* counted on the worker */

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

static bool is_file(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* A spot of it that cannot be read. */
static ino_t bad_file; /* 0: none */
static off64_t bad_from, bad_to;
static int n_bad_reads; /* that often; then it can be, as others can that only seemed to be gone */

ssize_t __real_pread64(int fd, void *bytes, size_t length, off64_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off64_t at);
ssize_t __wrap___pread64_chk(int fd, void *bytes, size_t length, off64_t at, size_t room);

ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off64_t at)
{
    struct stat st;

    if (bad_file == 0 || fstat(fd, &st) < 0 || st.st_ino != bad_file)
        return __real_pread64(fd, bytes, length, at);
    if (at >= bad_to || n_bad_reads == 0)
        return __real_pread64(fd, bytes, length, at);
    if (at >= bad_from) {
        n_bad_reads--;
        errno = EIO;
        return -1;
    }
    if ((off64_t)length > bad_from - at)
        length = (size_t)(bad_from - at);
    return __real_pread64(fd, bytes, length, at);
}

/* As a build that is fortified calls it. */
ssize_t __wrap___pread64_chk(int fd, void *bytes, size_t length, off64_t at, size_t room)
{
    assert_true(length <= room);
    return __wrap_pread64(fd, bytes, length, at);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    if (!is_file(fd))
        return __real_write(fd, bytes, length);
    if (write_error != 0 && write_room == 0) {
        errno = write_error;
        return -1;
    }
    if (write_error != 0 && length > write_room)
        length = write_room;
    if (write_error != 0)
        write_room -= length;
    if (write_at_most > 0 && length > (size_t)write_at_most)
        length = (size_t)write_at_most;
    return __real_write(fd, bytes, length);
}

/* A disk that is slow to sync, until it is let go. */
static pthread_mutex_t sync_gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool sync_held;

static void hold_syncs(void)
{
    pthread_mutex_lock(&sync_gate);
    sync_held = true;
}

static void let_syncs_go(void)
{
    sync_held = false;
    pthread_mutex_unlock(&sync_gate);
}

static void pass_gate(void)
{
    if (!sync_held)
        return;
    pthread_mutex_lock(&sync_gate);
    pthread_mutex_unlock(&sync_gate);
}

int __wrap_fdatasync(int fd)
{
    n_syncs++;
    pass_gate();
    if (n_syncs_fail > 0 && n_syncs_fail-- > 0)
        errno = EIO;
    else if (sync_error != 0)
        errno = sync_error;
    else
        return __real_fdatasync(fd);
    return -1;
}

int __wrap_fsync(int fd)
{
    n_folder_syncs++;
    return __real_fsync(fd);
}

/* ---- fixture ------------------------------------------------------------------------------- */

struct fixture {
    struct disk_fixture disk;
    struct recorder *recorder;
    int problems, dones;
};

static void on_problem(void *userdata)
{
    ((struct fixture *)userdata)->problems++;
}

static void on_done(void *userdata)
{
    ((struct fixture *)userdata)->dones++;
}

static void start(struct fixture *f)
{
    assert_return_code(recorder_new(&f->recorder, f->disk.event, f->disk.worker, f->disk.dir), 0);
    recorder_on_problem(f->recorder, on_problem, f);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    write_error = sync_error = n_syncs_fail = n_syncs = n_folder_syncs = 0;
    write_room = 0;
    write_at_most = 0;
    bad_file = 0;
    disk_fixture_init(&f->disk);
    start(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    write_error = sync_error = 0;
    f->recorder = recorder_free(f->recorder);
    disk_fixture_done(&f->disk);
    assert_int_equal(fake_clock_armed(), 0);
    free(f);
    return 0;
}

static struct recording_file *open_one(struct fixture *f, const char *id)
{
    struct recording_file *file = NULL;
    assert_return_code(recorder_open(f->recorder, id, &file), 0);
    assert_non_null(file);
    return file;
}

static void append(struct recording_file *file, const char *lines)
{
    recorder_append(file, lines, strlen(lines));
}

static void assert_content(struct fixture *f, const char *id, const char *expected)
{
    char name[128];
    size_t length;

    snprintf(name, sizeof(name), "sessions/%s%s", id, strstr(id, ".rec") ? "" : ".rec");
    _cleanup_free_ char *bytes = disk_read(&f->disk, name, &length);
    assert_string_equal(bytes, expected);
    assert_int_equal(length, strlen(expected));
}

/* ---- a good disk --------------------------------------------------------------------------- */

static void test_a_line_is_in_the_file_when_append_returns(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    assert_content(f, "run", "one\n");
    append(file, "two\nthree\n");
    assert_content(f, "run", "one\ntwo\nthree\n");
    assert_null(recorder_problem(f->recorder));

    struct stat st;
    assert_return_code(stat(disk_path(&f->disk, "sessions/run.rec"), &st), 0);
    assert_int_equal(st.st_mode & 07777 & ~0640u, 0);
    assert_return_code(stat(disk_path(&f->disk, "sessions"), &st), 0);
    assert_int_equal(st.st_mode & 07777 & ~0750u, 0);
}

static void test_short_writes_are_continued(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    write_at_most = 3;
    append(file, "a line in pieces\n");
    assert_content(f, "run", "a line in pieces\n");
}

/* With 2 s that the disk may take for it, a power cut costs 10 s. */
static void test_synced_each_eight_seconds_and_only_when_written(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 1);        /* the new file, and */
    assert_int_equal(n_folder_syncs, 2); /* its name in the folder, and the folder's own */
    append(file, "one\n");
    fake_clock_advance(7 * SECOND);
    append(file, "two\n");
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 1);
    fake_clock_advance(1 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 2);
    assert_int_equal(n_folder_syncs, 2);
    fake_clock_advance(8 * SECOND);
    assert_int_equal(fake_clock_armed(), 0); /* nothing wakes the loop while nothing is written */
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 2);
}

static void test_a_sync_that_is_due_while_the_disk_is_at_one_follows_it_at_once(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n"); /* behind the sync of the new file, of which nothing is heard yet */
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 2);
}

static void test_a_sync_that_is_asked_for_waits_for_none_before_it(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    recorder_sync(file);
    recorder_sync(file); /* of nothing more */
    append(file, "two\n");
    recorder_sync(file);
    recorder_close(file, on_done, f);
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 4); /* the new file, twice what was asked for, and the end */
    assert_int_equal(f->dones, 1);
}

static void test_syncs_outlive_their_recorder(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    recorder_sync(file);
    f->recorder = recorder_free(f->recorder);
    disk_fixture_settle(&f->disk);
    assert_content(f, "run", "one\n");
}

/* The one before us may have been killed between making the file and syncing the folder. */
static void test_a_file_that_was_there_is_synced_with_its_folder_once(void **state)
{
    struct fixture *f = *state;

    append(open_one(f, "run"), "one\n");
    f->recorder = recorder_free(f->recorder);
    disk_fixture_settle(&f->disk); /* the worker outlives it, and may be at its sync still */
    start(f);
    n_syncs = n_folder_syncs = 0;
    struct recording_file *file = open_one(f, "run");
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 1);
    assert_int_equal(n_folder_syncs, 2);
    append(file, "two\n");
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(n_syncs, 2);
    assert_int_equal(n_folder_syncs, 2);
}

static void test_close_syncs_and_tells(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    recorder_close(file, on_done, f);
    assert_int_equal(f->dones, 0); /* never from inside the call */
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 1);
    assert_true(n_syncs >= 2);
    file = open_one(f, "run"); /* and may be opened again */
    append(file, "two\n");
    assert_content(f, "run", "one\ntwo\n");
    recorder_close(file, NULL, NULL);
    disk_fixture_settle(&f->disk);
    recorder_close(NULL, on_done, f);
}

static void test_a_close_is_through_when_the_worker_is_freed(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    recorder_close(file, on_done, f);
    f->disk.worker = worker_free(f->disk.worker);
    assert_int_equal(f->dones, 1);
}

static void test_recorder_freed_before_the_worker_leaves_nothing_dangling(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    recorder_close(file, on_done, f);
    open_one(f, "other");
    f->recorder = recorder_free(f->recorder);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 0);
    assert_content(f, "run", "one\n");
    assert_null(recorder_free(NULL));
}

/* ---- names --------------------------------------------------------------------------------- */

static void test_ids_that_are_no_file_names_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const ids[] = {
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "../x",
        "/etc/passwd",
        "a b",
        "a\nb",
        "-x",
        "\xc3\xa4",
        "0123456789012345678901234567890123456789012345678901234567890123", /* 64 bytes */
    };
    for (size_t i = 0; i < ELEMENTSOF(ids); i++) {
        struct recording_file *file = (void *)0x1;
        char *bytes = (void *)0x1;
        size_t length = 7;
        assert_int_equal(recorder_open(f->recorder, ids[i], &file), -EINVAL);
        assert_ptr_equal(file, (void *)0x1);
        assert_int_equal(recorder_read(f->recorder, ids[i], &bytes, &length), -EINVAL);
        assert_ptr_equal(bytes, (void *)0x1);
        assert_int_equal(length, 7);
    }
    open_one(f, "20260101T060000Z-anna_1.2");
    struct recording_file *file = NULL;
    assert_int_equal(recorder_open(f->recorder, "20260101T060000Z-anna_1.2", &file), -EBUSY);
    assert_null(file);
}

static void test_a_link_is_not_followed(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file;

    disk_write(&f->disk, "target", "keep\n", 5);
    assert_return_code(symlink("../target", disk_path(&f->disk, "sessions/run.rec")), 0);
    file = open_one(f, "run");
    append(file, "line\n");
    assert_non_null(recorder_problem(f->recorder));
    size_t length;
    _cleanup_free_ char *bytes = disk_read(&f->disk, "target", &length);
    assert_string_equal(bytes, "keep\n");
    assert_return_code(unlink(disk_path(&f->disk, "sessions/run.rec")), 0);
    fake_clock_advance(5 * SECOND); /* a person took it away */
    assert_content(f, "run", "line\n");
    assert_null(recorder_problem(f->recorder));
}

static void test_list_shows_recordings_only_and_sorted(void **state)
{
    struct fixture *f = *state;
    char(*ids)[64] = NULL;
    size_t n = 99;

    assert_return_code(recorder_list(f->recorder, &ids, &n), 0);
    assert_int_equal(n, 0);
    free(ids);
    disk_write(&f->disk, "sessions/b.rec", "", 0);
    disk_write(&f->disk, "sessions/a.rec", "", 0);
    disk_write(&f->disk, "sessions/.c.rec", "", 0);
    disk_write(&f->disk, "sessions/.rec", "", 0);
    disk_write(&f->disk, "sessions/notes.txt", "", 0);
    disk_write(&f->disk, "sessions/x y.rec", "", 0);
    assert_return_code(mkdir(disk_path(&f->disk, "sessions/d.rec"), 0700), 0);
    assert_return_code(recorder_list(f->recorder, &ids, &n), 0);
    assert_int_equal(n, 2);
    assert_string_equal(ids[0], "a");
    assert_string_equal(ids[1], "b");
    free(ids);
}

static void test_read_gives_whole_lines(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *content, *whole;
    } rows[] = {
        { "", "" },
        { "torn", "" },
        { "one\n", "one\n" },
        { "one\ntorn", "one\n" },
        { "one\n\n", "one\n\n" },
    };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        _cleanup_free_ char *bytes = NULL;
        size_t length;
        disk_write(&f->disk, "sessions/r.rec", rows[i].content, strlen(rows[i].content));
        assert_return_code(recorder_read(f->recorder, "r", &bytes, &length), 0);
        assert_string_equal(bytes, rows[i].whole);
        assert_int_equal(length, strlen(rows[i].whole));
    }
    char *bytes;
    size_t length;
    assert_int_equal(recorder_read(f->recorder, "none", &bytes, &length), -ENOENT);
    disk_write(&f->disk, "sessions/big.rec", "", 0); /* more than any session: no memory is taken */
    assert_return_code(truncate(disk_path(&f->disk, "sessions/big.rec"), (64 << 20) + 1), 0);
    assert_int_equal(recorder_read(f->recorder, "big", &bytes, &length), -EFBIG);
    assert_return_code(mkfifo(disk_path(&f->disk, "sessions/fifo.rec"), 0600), 0);
    assert_true(recorder_read(f->recorder, "fifo", &bytes, &length) < 0);
}

static void test_read_gives_what_waits_for_room_too(void **state)
{
    struct fixture *f = *state;
    _cleanup_free_ char *bytes = NULL;
    struct recording_file *file = NULL;
    size_t length = 0;

    assert_false(recorder_has(f->recorder, "run"));
    assert_return_code(recorder_open(f->recorder, "run", &file), 0);
    assert_true(recorder_has(f->recorder, "run"));
    recorder_append(file, "one\n", 4);
    write_error = ENOSPC;
    write_room = 2;
    recorder_append(file, "two\n", 4); /* torn in the file, whole in both */
    recorder_append(file, "three\n", 6);
    assert_return_code(recorder_read(f->recorder, "run", &bytes, &length), 0);
    assert_string_equal(bytes, "one\ntwo\nthree\n");
    assert_int_equal(length, 14);
    write_error = 0;
}

static void test_a_torn_last_line_is_cut_on_open(void **state)
{
    struct fixture *f = *state;
    char big[10001];

    memset(big, 'x', 10000);
    big[10000] = '\0';
    static const struct {
        const char *label;
        size_t torn;
        bool has_line;
    } rows[] = { { "nothing torn", 0, true },
                 { "a short one", 5, true },
                 { "longer than a block", 10000, true },
                 { "nothing but torn", 10000, false } };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        char content[10100];
        const char *line = rows[i].has_line ? "whole\n" : "";
        int n = snprintf(content, sizeof(content), "%s%.*s", line, (int)rows[i].torn, big);
        disk_write(&f->disk, "sessions/t.rec", content, (size_t)n);
        struct recording_file *file = open_one(f, "t");
        assert_content(f, "t", line);
        append(file, "next\n");
        assert_content(f, "t", rows[i].has_line ? "whole\nnext\n" : "next\n");
        recorder_close(file, NULL, NULL);
        disk_fixture_settle(&f->disk);
    }
}

static void test_more_is_added_to_one_whose_end_is_on_its_way(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run"), *again = NULL;

    append(file, "one\n");
    recorder_close(file, NULL, NULL);
    assert_int_equal(recorder_open(f->recorder, "run", &again), 0);
    append(again, "two\n");
    disk_fixture_settle(&f->disk); /* what was under way does not close it any more */
    append(again, "three\n");
    recorder_close(again, on_done, f);
    assert_int_equal(recorder_open(f->recorder, "run", &file), -EBUSY); /* somebody waits */
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 1);
    assert_content(f, "run", "one\ntwo\nthree\n");
}

/* ---- a disk that refuses ------------------------------------------------------------------- */

static void test_a_full_disk_loses_nothing_and_is_said_once(void **state)
{
    struct fixture *f = *state;
    static const int errors[] = { ENOSPC, EROFS, EIO, EDQUOT };

    for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
        char id[16];
        snprintf(id, sizeof(id), "run%zu", i);
        struct recording_file *file = open_one(f, id);
        append(file, "one\n");
        f->problems = 0;
        write_error = errors[i];
        write_room = 2; /* half a line still goes */
        append(file, "two\n");
        append(file, "three\n");
        assert_content(f, id, "one\ntw");
        assert_int_equal(f->problems, 1);
        assert_non_null(strstr(recorder_problem(f->recorder), strerrordesc_np(errors[i])));
        fake_clock_advance(60 * SECOND);
        append(file, "four\n");
        assert_int_equal(f->problems, 1);
        write_error = 0;
        append(file, "five\n"); /* not before what waits */
        assert_content(f, id, "one\ntw");
        fake_clock_advance(5 * SECOND);
        assert_content(f, id, "one\ntwo\nthree\nfour\nfive\n");
        assert_int_equal(f->problems, 2);
        assert_null(recorder_problem(f->recorder));
        append(file, "six\n");
        assert_content(f, id, "one\ntwo\nthree\nfour\nfive\nsix\n");
    }
}

static void test_a_new_recording_on_a_disk_that_is_not_there(void **state)
{
    struct fixture *f = *state;

    f->recorder = recorder_free(f->recorder);
    assert_return_code(rmdir(disk_path(&f->disk, "sessions")), 0);
    disk_write(&f->disk, "sessions", "a file in the way", 17);
    start(f);
    assert_non_null(recorder_problem(f->recorder));
    char(*ids)[64];
    size_t n;
    assert_int_equal(recorder_list(f->recorder, &ids, &n), -ENOTDIR);

    struct recording_file *one = open_one(f, "one"), *two = open_one(f, "two");
    append(one, "1\n");
    append(two, "2\n");
    recorder_close(two, on_done, f);
    fake_clock_advance(20 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 0);
    assert_return_code(unlink(disk_path(&f->disk, "sessions")), 0);
    fake_clock_advance(5 * SECOND);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 1);
    assert_content(f, "one", "1\n");
    assert_content(f, "two", "2\n");
    assert_null(recorder_problem(f->recorder));
}

static void test_a_folder_that_is_removed_under_way_is_made_again(void **state)
{
    struct fixture *f = *state;

    recorder_close(open_one(f, "before"), on_done, f);
    disk_fixture_settle(&f->disk);
    assert_return_code(unlink(disk_path(&f->disk, "sessions/before.rec")), 0);
    assert_return_code(rmdir(disk_path(&f->disk, "sessions")), 0);
    append(open_one(f, "after"), "1\n");
    assert_content(f, "after", "1\n");
    assert_null(recorder_problem(f->recorder));
}

/* ---- somebody at the files ----------------------------------------------------------------- */

static void remove_it(struct fixture *f)
{
    assert_return_code(unlink(disk_path(&f->disk, "sessions/run.rec")), 0);
}

static void remove_its_folder(struct fixture *f)
{
    remove_it(f);
    assert_return_code(rmdir(disk_path(&f->disk, "sessions")), 0);
}

static void move_it_away(struct fixture *f)
{
    char to[128];

    snprintf(to, sizeof(to), "%s", disk_path(&f->disk, "sessions/run.old"));
    assert_return_code(rename(disk_path(&f->disk, "sessions/run.rec"), to), 0);
}

static void put_another_in_its_place(struct fixture *f)
{
    remove_it(f);
    disk_write(&f->disk, "sessions/run.rec", "another\n", 8);
}

static const struct {
    const char *label;
    void (*happens)(struct fixture *f);
} hands[] = {
    { "removed", remove_it },
    { "its folder too", remove_its_folder },
    { "moved away", move_it_away },
    { "replaced", put_another_in_its_place },
};

/* One that is put back takes two turns: its copy, then the sync of its name. */
static void settle_both(struct fixture *f)
{
    disk_fixture_settle(&f->disk);
    disk_fixture_settle(&f->disk);
}

static void close_and_remove(struct fixture *f, struct recording_file *file)
{
    recorder_close(file, NULL, NULL);
    disk_fixture_settle(&f->disk);
    remove_it(f);
}

static void test_an_open_recording_that_is_removed_is_put_back(void **state)
{
    struct fixture *f = *state;
    size_t length;

    for (size_t i = 0; i < ELEMENTSOF(hands); i++) {
        print_message("%s\n", hands[i].label);
        struct recording_file *file = open_one(f, "run");
        append(file, "one\n");
        disk_fixture_settle(&f->disk);
        hands[i].happens(f);
        append(file, "two\n");
        fake_clock_advance(10 * SECOND); /* the sync finds it */
        settle_both(f);
        assert_content(f, "run", "one\ntwo\n");
        append(file, "three\n");
        assert_content(f, "run", "one\ntwo\nthree\n");
        assert_null(recorder_problem(f->recorder));
        assert_int_equal(disk_count(&f->disk, "sessions/*.new"), 0);
        close_and_remove(f, file);
    }
    _cleanup_free_ char *other = disk_read(&f->disk, "sessions/run.rec.other", &length);
    assert_string_equal(other, "another\n");
}

static void test_a_removed_recording_is_whole_at_its_end_and_when_read(void **state)
{
    struct fixture *f = *state;
    _cleanup_free_ char *bytes = NULL;
    size_t length;

    struct recording_file *file = open_one(f, "run");
    append(file, "one\n");
    remove_it(f);
    assert_return_code(recorder_read(f->recorder, "run", &bytes, &length), 0);
    assert_string_equal(bytes, "one\n");
    append(file, "two\n");
    fake_clock_advance(10 * SECOND);
    settle_both(f);
    remove_it(f); /* that it was read did not put it back, the sync did */
    recorder_close(file, on_done, f);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_content(f, "run", "one\ntwo\n");

    append(open_one(f, "run"), "three\n");
    remove_it(f);
    f->recorder = recorder_free(f->recorder); /* the daemon is stopped */
    assert_content(f, "run", "one\ntwo\nthree\n");
}

/* The worker is at the copy when more comes, and more; whoever reads meanwhile has all of it. */
static void test_a_disk_that_is_slow_to_put_one_back_holds_up_nobody(void **state)
{
    struct fixture *f = *state;
    size_t length;

    struct recording_file *file = open_one(f, "run");
    append(file, "one\n");
    disk_fixture_settle(&f->disk);
    remove_it(f);
    hold_syncs();
    append(file, "two\n");
    fake_clock_advance(10 * SECOND); /* returns while the copy is not on the disk */
    append(file, "three\n");
    fake_clock_advance(10 * SECOND);
    append(file, "four\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*.rec"), 0);
    _cleanup_free_ char *bytes = NULL;
    assert_return_code(recorder_read(f->recorder, "run", &bytes, &length), 0);
    assert_string_equal(bytes, "one\ntwo\nthree\nfour\n");
    let_syncs_go();
    settle_both(f);
    assert_content(f, "run", "one\ntwo\nthree\nfour\n");
    append(file, "five\n");
    assert_content(f, "run", "one\ntwo\nthree\nfour\nfive\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 1);
    assert_null(recorder_problem(f->recorder));
}

static void test_one_that_is_removed_while_its_end_is_synced_is_put_back(void **state)
{
    struct fixture *f = *state;

    struct recording_file *file = open_one(f, "run");
    append(file, "one\n");
    disk_fixture_settle(&f->disk);
    hold_syncs();
    recorder_close(file, on_done, f);
    remove_it(f);
    let_syncs_go();
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_content(f, "run", "one\n");
}

static void test_a_recorder_that_is_freed_while_one_is_put_back_leaves_it_whole(void **state)
{
    struct fixture *f = *state;

    struct recording_file *file = open_one(f, "run");
    append(file, "one\n");
    disk_fixture_settle(&f->disk);
    remove_it(f);
    hold_syncs();
    append(file, "two\n");
    fake_clock_advance(10 * SECOND);
    append(file, "three\n");
    sync_held = false; /* ours goes through, and meets the worker's */
    f->recorder = recorder_free(f->recorder);
    assert_content(f, "run", "one\ntwo\nthree\n");
    let_syncs_go();
    disk_fixture_settle(&f->disk);
    assert_content(f, "run", "one\ntwo\nthree\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 1);
}

static void test_a_removed_recording_waits_for_a_full_disk(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    disk_fixture_settle(&f->disk);
    remove_it(f);
    write_error = ENOSPC;
    write_room = 2;
    recorder_close(file, on_done, f);
    for (int i = 0; i < 3; i++) {
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->dones, 0);
        assert_non_null(recorder_problem(f->recorder));
        assert_int_equal(disk_count(&f->disk, "sessions/*"), 0); /* no half of it stands */
        fake_clock_advance(5 * SECOND);
    }
    disk_fixture_settle(&f->disk); /* the last try of these is over, too */
    write_error = 0;
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_content(f, "run", "one\n");
    assert_null(recorder_problem(f->recorder));
}

/* ---- a disk that goes away ----------------------------------------------------------------- */

/* What it had open takes nothing more; O_PATH: and gives nothing. */
static void pull_out(struct fixture *f, struct recording_file *file, int flags)
{
    char away[128];

    int dead = open(disk_path(&f->disk, "sessions/run.rec"), flags | O_CLOEXEC);
    assert_return_code(dup3(dead, file->fd, O_CLOEXEC), 0);
    close(dead);
    snprintf(away, sizeof(away), "%s", disk_path(&f->disk, "away"));
    assert_return_code(rename(disk_path(&f->disk, "sessions"), away), 0);
}

static void plug_in(struct fixture *f, const char *content)
{
    assert_return_code(mkdir(disk_path(&f->disk, "sessions"), 0750), 0);
    if (content)
        disk_write(&f->disk, "sessions/run.rec", content, strlen(content));
}

static struct recording_file *open_and_pull_out(struct fixture *f, int flags)
{
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    append(file, "two\n");
    disk_fixture_settle(&f->disk);
    pull_out(f, file, flags);
    append(file, "three\n");
    fake_clock_advance(20 * SECOND);
    settle_both(f);
    assert_int_equal(disk_count(&f->disk, "sessions"), 0); /* it would be hidden by the disk */
    assert_non_null(recorder_problem(f->recorder));
    return file;
}

static void test_a_disk_that_comes_back_gets_the_recording_and_what_waits(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *label;
        int flags;
        const char *stands, *expected;
    } rows[] = {
        { "another, empty", O_RDONLY, NULL, "one\ntwo\nthree\nfour\n" },
        { "without the last page", O_RDONLY, "one\n", "one\ntwo\nthree\nfour\n" },
        { "so, and not to be read by the old one", O_PATH, "one\ntw", "one\nthree\nfour\n" },
        { "empty, and so", O_PATH, NULL, RECORDING_HEADER "\nthree\nfour\n" },
    };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        print_message("%s\n", rows[i].label);
        struct recording_file *file = open_and_pull_out(f, rows[i].flags);
        plug_in(f, rows[i].stands);
        fake_clock_advance(5 * SECOND);
        settle_both(f);
        append(file, "four\n");
        assert_null(recorder_problem(f->recorder));
        assert_content(f, "run", rows[i].expected);
        assert_int_equal(file->length, strlen(rows[i].expected));
        close_and_remove(f, file);
        unlink(disk_path(&f->disk, "sessions/run.rec.other"));
        assert_int_equal(disk_count(&f->disk, "away/*"), 1); /* nothing is put there any more */
        assert_return_code(unlink(disk_path(&f->disk, "away/run.rec")), 0);
        assert_return_code(rmdir(disk_path(&f->disk, "away")), 0);
    }
}

static void test_a_disk_that_comes_back_before_the_daemon_is_stopped(void **state)
{
    struct fixture *f = *state;

    open_and_pull_out(f, O_RDONLY);
    plug_in(f, "one\n");
    f->recorder = recorder_free(f->recorder);
    assert_content(f, "run", "one\ntwo\nthree\n");
}

static void test_the_rest_of_a_line_is_not_put_behind_another(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    write_error = EIO;
    write_room = 2;
    append(file, "one\n");
    append(file, "two\n");
    write_error = 0;
    disk_fixture_settle(&f->disk);
    pull_out(f, file, O_PATH);
    plug_in(f, "on");
    recorder_close(file, on_done, f);
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_content(f, "run", RECORDING_HEADER "\ntwo\n");
}

/* A thing that is no file stands in its place until somebody removes it. */
static void test_whose_it_is_stands_in_a_new_file_that_could_not_be_made_at_once(void **state)
{
    struct fixture *f = *state;

    struct recording_file *file = open_and_pull_out(f, O_PATH);
    plug_in(f, NULL);
    assert_return_code(mkdir(disk_path(&f->disk, "sessions/run.rec"), 0750), 0);
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    assert_non_null(recorder_problem(f->recorder));
    assert_return_code(rmdir(disk_path(&f->disk, "sessions/run.rec")), 0);
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    assert_content(f, "run", RECORDING_HEADER "\nthree\n");
    assert_int_equal(file->length, strlen(RECORDING_HEADER "\nthree\n"));
    assert_null(recorder_problem(f->recorder));
}

static void test_what_another_put_in_its_place_twice_is_kept_twice(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    for (int i = 0; i < 2; i++) {
        disk_fixture_settle(&f->disk);
        put_another_in_its_place(f);
        append(file, "one\n");
        fake_clock_advance(10 * SECOND);
        settle_both(f);
    }
    assert_content(f, "run", "one\none\n");
    assert_int_equal(disk_count(&f->disk, "sessions/run.rec.other*"), 2);
}

/* A try before that got no further than the second name. */
static void test_what_is_kept_already_is_kept_once(void **state)
{
    struct fixture *f = *state;
    char other[128];
    int folder_fd;

    recorder_close(open_one(f, "run"), NULL, NULL);
    disk_fixture_settle(&f->disk);
    snprintf(other, sizeof(other), "%s", disk_path(&f->disk, "sessions/run.rec.other"));
    assert_return_code(link(disk_path(&f->disk, "sessions/run.rec"), other), 0);
    folder_fd = recording_folder_open(disk_path(&f->disk, "sessions"));
    assert_return_code(folder_fd, 0);
    assert_int_equal(recording_keep_aside(folder_fd, "run"), 0);
    assert_int_equal(recording_keep_aside(folder_fd, "run"), 0); /* nothing stands there */
    close(folder_fd);
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 1);
    assert_content(f, "run.rec.other", "");
}

/* ---- a bad spot ---------------------------------------------------------------------------- */

#define BAD_LINES 600 /* of ten bytes: one page, and some of the next */
#define PAGE      4096

static void fill(char text[static 10 * BAD_LINES + 1])
{
    for (unsigned i = 0; i < BAD_LINES; i++)
        snprintf(text + i * 10, 11, "line %04u\n", i % 10000);
}

static void spoil(struct fixture *f, const char *name, off64_t from)
{
    struct stat st;

    assert_return_code(stat(disk_path(&f->disk, name), &st), 0);
    bad_file = st.st_ino;
    bad_from = from;
    bad_to = INT64_MAX;
    n_bad_reads = INT_MAX;
}

/* What can be read, blank from there on to the end of what was, and what came since. */
static void assert_saved(struct fixture *f, const char *text, const char *more)
{
    char expected[10 * BAD_LINES + 100];

    memset(expected, '\n', 10 * BAD_LINES);
    memcpy(expected, text, PAGE);
    strcpy(expected + 10 * BAD_LINES, more);
    assert_content(f, "run", expected);
    assert_content(f, "run.rec.other", text);
}

static void test_a_bad_spot_takes_no_more_than_what_stood_there(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");
    char text[10 * BAD_LINES + 1];

    fill(text);
    append(file, text);
    n_syncs_fail = 1;
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    spoil(f, "sessions/run.rec", PAGE);
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    append(file, "more\n");
    assert_saved(f, text, "more\n");
    assert_int_equal(file->length, 10 * BAD_LINES + 5);
    fake_clock_advance(10 * SECOND);
    settle_both(f);
    assert_null(recorder_problem(f->recorder));
}

static void test_a_bad_spot_at_the_end_of_one_that_goes_on_after_a_start(void **state)
{
    struct fixture *f = *state;
    char text[10 * BAD_LINES + 1];

    fill(text);
    disk_write(&f->disk, "sessions/run.rec", text, 10 * BAD_LINES);
    spoil(f, "sessions/run.rec", PAGE);
    hold_syncs(); /* as slow as such a disk is: nobody waits for it */
    struct recording_file *file = open_one(f, "run");
    append(file, "more\n");
    assert_return_code(recorder_when_on_disk(file, on_done, f), 0);
    fake_clock_advance(5 * SECOND);
    assert_non_null(recorder_problem(f->recorder));
    let_syncs_go();
    settle_both(f);
    assert_saved(f, text, "more\n");
    assert_int_equal(file->length, 10 * BAD_LINES + 5);
    assert_null(recorder_problem(f->recorder));
    assert_int_equal(f->dones, 1);
}

static void test_a_bad_spot_of_one_that_is_closed_at_once(void **state)
{
    struct fixture *f = *state;
    char text[10 * BAD_LINES + 1];

    fill(text);
    disk_write(&f->disk, "sessions/run.rec", text, 10 * BAD_LINES);
    spoil(f, "sessions/run.rec", PAGE);
    struct recording_file *file = open_one(f, "run");
    append(file, "more\n");
    recorder_close(file, on_done, f);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_saved(f, text, "more\n");
}

static void test_a_bad_spot_when_the_daemon_is_stopped(void **state)
{
    struct fixture *f = *state;
    char text[10 * BAD_LINES + 1];

    fill(text);
    disk_write(&f->disk, "sessions/run.rec", text, 10 * BAD_LINES);
    spoil(f, "sessions/run.rec", PAGE);
    append(open_one(f, "run"), "more\n");
    f->recorder = recorder_free(f->recorder);
    assert_saved(f, text, "more\n");
    disk_fixture_settle(&f->disk); /* what the worker was at is let go */
    assert_saved(f, text, "more\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 2);
}

/* It is whole then, and nothing is kept beside it. */
static void test_a_bad_spot_that_can_be_read_after_all(void **state)
{
    struct fixture *f = *state;

    disk_write(&f->disk, "sessions/run.rec", "one\ntorn", 8);
    spoil(f, "sessions/run.rec", 0);
    n_bad_reads = 1;
    append(open_one(f, "run"), "more\n");
    settle_both(f);
    assert_content(f, "run", "one\nmore\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 1);
    assert_null(recorder_problem(f->recorder));
}

static void test_one_of_which_nothing_can_be_read_when_it_is_opened(void **state)
{
    struct fixture *f = *state;

    disk_write(&f->disk, "sessions/run.rec", "one\n", 4);
    spoil(f, "sessions/run.rec", 0);
    append(open_one(f, "run"), "more\n");
    settle_both(f);
    assert_content(f, "run", RECORDING_HEADER "\nmore\n");
    assert_int_equal(disk_count(&f->disk, "sessions/run.rec.other"), 1);
    assert_null(recorder_problem(f->recorder));
}

/* As a start reads it, before it goes on. */
static void test_what_can_be_read_around_a_bad_spot_is_given(void **state)
{
    struct fixture *f = *state;
    static const struct {
        off64_t from, to; /* to INT64_MAX: all the rest */
    } rows[] = { { PAGE, INT64_MAX }, { 0, PAGE } };
    char text[10 * BAD_LINES + 1], expected[10 * BAD_LINES + 1];
    char *bytes;
    size_t length;

    fill(text);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        print_message("row %zu\n", i);
        disk_write(&f->disk, "sessions/run.rec", text, 10 * BAD_LINES);
        spoil(f, "sessions/run.rec", rows[i].from);
        bad_to = rows[i].to;
        memcpy(expected, text, sizeof(expected));
        for (off64_t at = 0; at < 10 * BAD_LINES; at++)
            if (at >= rows[i].from && at < rows[i].to)
                expected[at] = '\n';
        assert_return_code(recorder_read(f->recorder, "run", &bytes, &length), 0);
        assert_int_equal(length, 10 * BAD_LINES);
        assert_string_equal(bytes, expected);
        free(bytes);
    }
    spoil(f, "sessions/run.rec", 0);
    assert_int_equal(recorder_read(f->recorder, "run", &bytes, &length), -EIO);
}

static void test_one_of_which_nothing_can_be_read_is_kept_and_another_begun(void **state)
{
    struct fixture *f = *state;
    struct record runner = { .type = RECORD_RUNNER, .runner = { .id = "anna" } };
    runner.runner.mass_kg = runner.runner.incline_pct = NAN;
    struct recording_file *file = open_one(f, "run");
    char declared[RECORDING_LINE_MAX];
    size_t length;

    recorder_declare(file, declared, recording_format(&runner, declared, sizeof(declared)));
    append(file, "one\n");
    n_syncs_fail = 1;
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    spoil(f, "sessions/run.rec", 0);
    append(file, "two\n");
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    append(file, "three\n");
    _cleanup_free_ char *bytes = disk_read(&f->disk, "sessions/run.rec", &length);
    assert_ptr_equal(strstr(bytes, RECORDING_HEADER "\nC 0 R anna "), bytes);
    assert_non_null(strstr(bytes, "\nthree\n"));
    assert_int_equal(file->length, length);
    bad_file = 0;
    _cleanup_free_ char *other = disk_read(&f->disk, "sessions/run.rec.other", &length);
    assert_non_null(strstr(other, "\none\ntwo\n"));
    fake_clock_advance(10 * SECOND);
    settle_both(f);
    assert_null(recorder_problem(f->recorder));
}

/* ---- memory, syncs, the end ---------------------------------------------------------------- */

static void test_memory_is_bounded_and_the_loss_is_counted(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");
    char line[1001];

    memset(line, 'x', 999);
    line[999] = '\n';
    line[1000] = '\0';
    write_error = ENOSPC;
    for (int i = 0; i < 5000; i++) {
        line[0] = (char)('a' + i % 26);
        append(file, line);
    }
    unsigned long waits = 0, lost = 0;
    const char *sentence = recorder_problem(f->recorder);
    assert_int_equal(
        sscanf(strchr(sentence, ':'), ": %lu bytes wait, %lu were lost", &waits, &lost), 2);
    assert_int_equal(waits + lost, 5000 * 1000);
    assert_in_range(waits, (4 << 20) - 1000, 4 << 20);
    write_error = 0;
    fake_clock_advance(5 * SECOND);
    size_t length;
    _cleanup_free_ char *bytes = disk_read(&f->disk, "sessions/run.rec", &length);
    assert_int_equal(length, waits);
    for (size_t i = 0; i < length / 1000; i++) /* the first ones, in order */
        assert_int_equal(bytes[i * 1000], 'a' + i % 26);
    assert_non_null(strstr(recorder_problem(f->recorder), "were lost")); /* stays said */
}

static void test_lines_of_which_all_are_taken_or_none(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");
    static char line[1001], many[3 << 20];

    memset(line, 'x', 999);
    line[999] = '\n';
    memset(many, 'y', sizeof(many));
    many[sizeof(many) - 1] = '\n';
    write_error = ENOSPC;
    write_room = 500; /* it takes half a line still */
    assert_int_equal(recorder_append_all(file, many, sizeof(many)), 0);
    assert_int_equal(recorder_append_all(file, many, sizeof(many)), -ENOBUFS);
    append(file, line);
    assert_null(strstr(recorder_problem(f->recorder), "lost"));
    write_error = 0;
    assert_int_equal(recorder_append_all(file, many, sizeof(many)), -ENOBUFS); /* it waits still */
    fake_clock_advance(5 * SECOND);
    assert_int_equal(recorder_append_all(file, "last\n", 5), 0);

    size_t length;
    _cleanup_free_ char *bytes = disk_read(&f->disk, "sessions/run.rec", &length);
    assert_int_equal(length, sizeof(many) + 1005);
    assert_memory_equal(bytes, many, sizeof(many));
    assert_memory_equal(bytes + sizeof(many), line, 1000);
    assert_null(recorder_problem(f->recorder));
}

/* It says whose it is, as a line that is declared does. */
static void test_lines_that_are_taken_together_have_their_copies(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");
    struct record record = { .type = RECORD_BEGIN, .t_usec = 5 };
    char lines[128] = "first\n", copy[64];

    size_t length = strlen(lines) + recording_format(&record, lines + 6, sizeof(lines) - 6);
    append(file, "before\n");
    assert_int_equal(recorder_append_all(file, lines, length), 0);
    recorder_close(file, NULL, NULL);
    disk_fixture_settle(&f->disk);
    size_t n = recording_said(lines + 6, length - 7, false);
    assert_true(recording_copy_format(lines + 6, n, 13, copy, sizeof(copy)) > 0);
    _cleanup_free_ char *bytes = disk_read(&f->disk, "sessions/run.rec", &length);
    assert_non_null(strstr(bytes, copy));
}

static void test_who_waits_for_the_disk_is_told_when_it_is_there(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    disk_fixture_settle(&f->disk);
    append(file, "one\n");
    hold_syncs();
    assert_return_code(recorder_when_on_disk(file, on_done, f), 0);
    assert_int_equal(f->dones, 0);
    append(file, "two\n"); /* of which that sync says nothing */
    assert_return_code(recorder_when_on_disk(file, on_done, &f->problems), 0);
    recorder_never_mind(f->recorder, &f->problems);
    let_syncs_go();
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 1);
    assert_return_code(recorder_when_on_disk(file, on_done, f), 0); /* it is there already */
    assert_int_equal(f->dones, 1);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->dones, 2);
}

static void test_who_waits_for_the_disk_waits_for_what_it_refuses(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    write_error = ENOSPC;
    append(file, "one\n");
    assert_return_code(recorder_when_on_disk(file, on_done, f), 0);
    settle_both(f);
    fake_clock_advance(10 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 0);
    write_error = 0;
    fake_clock_advance(5 * SECOND);
    fake_clock_advance(10 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_content(f, "run", "one\n");
}

/* It was there before, and could not be opened at first: what stood in it is not what was appended. */
static void test_who_waits_for_one_that_is_not_open_yet_is_told_when_it_is_there(void **state)
{
    struct fixture *f = *state;
    static const char before[] = "what stood there before, and is longer\n";

    assert_return_code(rmdir(disk_path(&f->disk, "sessions")), 0);
    disk_write(&f->disk, "sessions", "", 0);
    struct recording_file *file = open_one(f, "run");
    append(file, "one\n");
    assert_return_code(recorder_when_on_disk(file, on_done, f), 0);
    assert_return_code(unlink(disk_path(&f->disk, "sessions")), 0);
    plug_in(f, before);
    write_error = ENOSPC;
    for (int i = 0; i < 4; i++) {
        fake_clock_advance(5 * SECOND);
        settle_both(f);
    }
    assert_content(f, "run", before);
    assert_int_equal(f->dones, 0);
    write_error = 0;
    for (int i = 0; i < 4; i++) {
        fake_clock_advance(5 * SECOND);
        settle_both(f);
    }
    assert_int_equal(f->dones, 1);
}

static void test_a_sync_that_fails_is_said_and_repeated(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    disk_fixture_settle(&f->disk);
    sync_error = EIO;
    append(file, "one\n");
    recorder_close(file, on_done, f);
    for (int i = 0; i < 3; i++) {
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->dones, 0);
        assert_int_equal(f->problems, 1);
        assert_non_null(recorder_problem(f->recorder));
        fake_clock_advance(5 * SECOND);
    }
    disk_fixture_settle(&f->disk);
    sync_error = 0;
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_null(recorder_problem(f->recorder));
}

static ino_t number_of(struct fixture *f, const char *name)
{
    struct stat st;

    assert_return_code(stat(disk_path(&f->disk, name), &st), 0);
    return st.st_ino;
}

/* The same descriptor would say from now on that all is well. */
static void test_a_recording_whose_sync_failed_is_written_anew(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    append(file, "one\n");
    disk_fixture_settle(&f->disk);
    ino_t first = number_of(f, "sessions/run.rec");
    n_syncs_fail = 1;
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    append(file, "two\n");
    recorder_close(file, on_done, f); /* does not take the word of the second one */
    settle_both(f);
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_true(number_of(f, "sessions/run.rec") != first);
    assert_content(f, "run", "one\ntwo\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 1); /* ours is no other's */
    assert_null(recorder_problem(f->recorder));
}

/* The kernel says once that it lost something, to the first who asks. */
static void test_who_waits_for_the_disk_does_not_take_the_word_of_a_second_sync(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    disk_fixture_settle(&f->disk);
    append(file, "one\n");
    ino_t first = number_of(f, "sessions/run.rec");
    n_syncs_fail = 1;
    recorder_sync(file);
    assert_return_code(recorder_when_on_disk(file, on_done, f), 0);
    settle_both(f);
    assert_int_equal(f->dones, 0);
    fake_clock_advance(5 * SECOND);
    settle_both(f);
    fake_clock_advance(10 * SECOND);
    settle_both(f);
    assert_int_equal(f->dones, 1);
    assert_true(number_of(f, "sessions/run.rec") != first);
}

static void test_one_whose_sync_failed_is_written_anew_when_the_daemon_is_stopped(void **state)
{
    struct fixture *f = *state;

    append(open_one(f, "run"), "one\n");
    disk_fixture_settle(&f->disk);
    ino_t first = number_of(f, "sessions/run.rec");
    n_syncs_fail = 1;
    fake_clock_advance(10 * SECOND);
    disk_fixture_settle(&f->disk);
    f->recorder = recorder_free(f->recorder);
    assert_true(number_of(f, "sessions/run.rec") != first);
    assert_content(f, "run", "one\n");
    assert_int_equal(disk_count(&f->disk, "sessions/*"), 1);
}

/* The worker hangs in another's job, and the process is ended before the recorder is freed. */
static void test_what_waits_is_written_at_a_stop_that_is_cut_off(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    disk_fixture_settle(&f->disk);
    hold_syncs();
    append(file, "one\n");
    recorder_sync(file);
    write_error = ENOSPC;
    append(file, "two\n");
    write_error = 0;
    recorder_close(file, NULL, NULL);
    recorder_write(f->recorder);
    assert_content(f, "run", "one\ntwo\n");
    let_syncs_go();
    settle_both(f);
    assert_null(recorder_problem(f->recorder));
}

static void test_what_waits_is_written_when_the_recorder_is_freed(void **state)
{
    struct fixture *f = *state;
    struct recording_file *file = open_one(f, "run");

    write_error = ENOSPC;
    append(file, "one\n");
    write_error = 0;
    f->recorder = recorder_free(f->recorder);
    assert_content(f, "run", "one\n");
}

/* ---- kill -9 ------------------------------------------------------------------------------- */

static _Noreturn void write_until_killed(struct fixture *f, int told)
{
    struct recorder *recorder;
    struct recording_file *file;
    sd_event *event;
    struct worker *worker;

    if (sd_event_new(&event) < 0 || worker_new(&worker, event) < 0 ||
        recorder_new(&recorder, event, worker, f->disk.dir) < 0 ||
        recorder_open(recorder, "killed", &file) < 0)
        _exit(1);
    for (uint32_t i = 0;; i++) {
        char line[256];
        int n = snprintf(line, sizeof(line), "%u %0*u\n", i, (int)(i * 7919 % 200) + 1, i);
        recorder_append(file, line, (size_t)n);
        if (__real_write(told, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

/* Lines 0..n-1, each whole and as written; -1 where one is not. */
static int count_good_lines(const char *bytes)
{
    int n = 0;
    for (const char *line = bytes; *line; n++) {
        char expected[256];
        int k = snprintf(expected, sizeof(expected), "%d %0*d\n", n, n * 7919 % 200 + 1, n);
        if (strncmp(line, expected, (size_t)k) != 0)
            return -1;
        line += k;
    }
    return n;
}

static void kill_one(struct fixture *f, unsigned lines)
{
    int fds[2];
    uint32_t last = 0, i;

    assert_return_code(pipe2(fds, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_return_code(child, 0);
    if (child == 0)
        write_until_killed(f, fds[1]);
    close(fds[1]);
    while (last < lines && read(fds[0], &i, sizeof(i)) == sizeof(i))
        last = i;
    assert_return_code(kill(child, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(fds[0], &i, sizeof(i)) == sizeof(i))
        last = i;
    close(fds[0]);

    _cleanup_free_ char *bytes = NULL;
    size_t length;
    assert_return_code(recorder_read(f->recorder, "killed", &bytes, &length), 0);
    assert_in_range(count_good_lines(bytes), last + 1, last + 2);
    assert_return_code(unlink(disk_path(&f->disk, "sessions/killed.rec")), 0);
}

static void test_a_killed_process_loses_no_line(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 42;

    f->disk.worker = worker_free(f->disk.worker); /* fork with one thread only */
    for (int i = 0; i < 20; i++)
        kill_one(f, (unsigned)rand_r(&seed) % 3000);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_line_is_in_the_file_when_append_returns),
        T(test_short_writes_are_continued),
        T(test_synced_each_eight_seconds_and_only_when_written),
        T(test_a_sync_that_is_asked_for_waits_for_none_before_it),
        T(test_syncs_outlive_their_recorder),
        T(test_a_sync_that_is_due_while_the_disk_is_at_one_follows_it_at_once),
        T(test_a_file_that_was_there_is_synced_with_its_folder_once),
        T(test_close_syncs_and_tells),
        T(test_a_close_is_through_when_the_worker_is_freed),
        T(test_recorder_freed_before_the_worker_leaves_nothing_dangling),
        T(test_ids_that_are_no_file_names_are_refused),
        T(test_a_link_is_not_followed),
        T(test_list_shows_recordings_only_and_sorted),
        T(test_read_gives_whole_lines),
        T(test_read_gives_what_waits_for_room_too),
        T(test_a_torn_last_line_is_cut_on_open),
        T(test_more_is_added_to_one_whose_end_is_on_its_way),
        T(test_a_full_disk_loses_nothing_and_is_said_once),
        T(test_a_new_recording_on_a_disk_that_is_not_there),
        T(test_a_folder_that_is_removed_under_way_is_made_again),
        T(test_an_open_recording_that_is_removed_is_put_back),
        T(test_a_removed_recording_is_whole_at_its_end_and_when_read),
        T(test_a_disk_that_is_slow_to_put_one_back_holds_up_nobody),
        T(test_one_that_is_removed_while_its_end_is_synced_is_put_back),
        T(test_a_recorder_that_is_freed_while_one_is_put_back_leaves_it_whole),
        T(test_a_removed_recording_waits_for_a_full_disk),
        T(test_a_disk_that_comes_back_gets_the_recording_and_what_waits),
        T(test_a_disk_that_comes_back_before_the_daemon_is_stopped),
        T(test_the_rest_of_a_line_is_not_put_behind_another),
        T(test_memory_is_bounded_and_the_loss_is_counted),
        T(test_lines_of_which_all_are_taken_or_none),
        T(test_lines_that_are_taken_together_have_their_copies),
        T(test_who_waits_for_the_disk_is_told_when_it_is_there),
        T(test_who_waits_for_the_disk_waits_for_what_it_refuses),
        T(test_who_waits_for_one_that_is_not_open_yet_is_told_when_it_is_there),
        T(test_who_waits_for_the_disk_does_not_take_the_word_of_a_second_sync),
        T(test_a_sync_that_fails_is_said_and_repeated),
        T(test_whose_it_is_stands_in_a_new_file_that_could_not_be_made_at_once),
        T(test_what_another_put_in_its_place_twice_is_kept_twice),
        T(test_what_is_kept_already_is_kept_once),
        T(test_a_bad_spot_takes_no_more_than_what_stood_there),
        T(test_a_bad_spot_at_the_end_of_one_that_goes_on_after_a_start),
        T(test_a_bad_spot_of_one_that_is_closed_at_once),
        T(test_a_bad_spot_when_the_daemon_is_stopped),
        T(test_a_bad_spot_that_can_be_read_after_all),
        T(test_one_of_which_nothing_can_be_read_when_it_is_opened),
        T(test_what_can_be_read_around_a_bad_spot_is_given),
        T(test_one_of_which_nothing_can_be_read_is_kept_and_another_begun),
        T(test_a_recording_whose_sync_failed_is_written_anew),
        T(test_one_whose_sync_failed_is_written_anew_when_the_daemon_is_stopped),
        T(test_what_waits_is_written_at_a_stop_that_is_cut_off),
        T(test_what_waits_is_written_when_the_recorder_is_freed),
        T(test_a_killed_process_loses_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
