/* SPDX-License-Identifier: MIT */
/* What a person said of files, as it lies beside their copies: kept, read again, and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/import/said.h"
#include "daemon/util.h"
#include "disk_fixture.h"

#define HASH   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER  "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define MOMENT INT64_C(1806229800000000) /* 2027-03-28 */

static struct disk_fixture disk;
static int result;

static bool rotten;      /* no file can be read */
static int failing_sync; /* the n-th from now fails; 0: none */

ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    struct stat st;

    if (!rotten || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return __real_read(fd, bytes, size);
    errno = EIO;
    return -1;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    if (failing_sync == 0 || --failing_sync > 0)
        return __real_fsync(fd);
    failing_sync = 1; /* and all behind it */
    errno = EIO;
    return -1;
}

static int begin(void **state)
{
    rotten = false;
    failing_sync = 0;
    disk_fixture_init(&disk);
    return 0;
}

static int end(void **state)
{
    disk_fixture_settle(&disk);
    disk_fixture_done(&disk);
    return 0;
}

static void on_done(void *userdata, int r)
{
    result = r;
}

static int discard(const char *id, int64_t at_usec)
{
    struct said_session session = { .at_usec = at_usec };

    snprintf(session.id, sizeof(session.id), "%s", id);
    result = 1;
    assert_return_code(said_discard(disk.worker, disk.dir, HASH, &session, on_done, NULL), 0);
    disk_fixture_settle(&disk);
    return result;
}

static int give(const char *from, const char *to)
{
    result = 1;
    assert_return_code(said_give(disk.worker, disk.dir, HASH, from, to, on_done, NULL), 0);
    disk_fixture_settle(&disk);
    return result;
}

static struct said read_said(const char *hash, const char *owner)
{
    struct said said;

    said_read(&said, disk.dir, hash, owner);
    return said;
}

static void keep_copy(const char *runner)
{
    char path[160];

    (void)mkdir(disk_path(&disk, "imported"), 0750);
    snprintf(path, sizeof(path), "imported/%s", runner);
    (void)mkdir(disk_path(&disk, path), 0750);
    snprintf(path, sizeof(path), "imported/%s/" HASH ".gz", runner);
    disk_write(&disk, path, "x", 1);
}

static int restore(const char *id)
{
    result = 1;
    assert_return_code(said_restore(disk.worker, disk.dir, HASH, id, on_done, NULL), 0);
    disk_fixture_settle(&disk);
    return result;
}

static void test_what_was_said_is_taken_back(void **state)
{
    struct said said;

    assert_int_equal(restore("one"), 0); /* never said */
    assert_int_equal(discard("one", MOMENT), 0);
    assert_int_equal(discard("one-2", MOMENT), 0);
    assert_int_equal(restore("one"), 0);
    said = read_said(HASH, "anna");
    assert_int_equal(said.n_discarded, 1);
    assert_string_equal(said.discarded[0].id, "one-2");
    assert_int_equal(restore("one"), 0);
    assert_int_equal(restore("one-2"), 0);
    assert_int_equal(read_said(HASH, "anna").n_discarded, 0);
    assert_int_equal(discard("one", MOMENT), 0);
    rotten = true;
    assert_int_equal(restore("one"), -EIO);
    rotten = false;
    assert_int_equal(read_said(HASH, "anna").n_discarded, 1);
}

static void test_all_of_it_was_deleted(void **state)
{
    assert_int_equal(discard("one", MOMENT), 0);
    assert_false(read_said(HASH, "anna").deleted);
    disk_write(&disk, "imported/" HASH ".deleted", "x", 1);
    assert_true(read_said(HASH, "anna").deleted);
    assert_false(read_said(OTHER, "anna").deleted);
}

static void test_nothing_was_said(void **state)
{
    struct said said = read_said(HASH, "anna");
    char words[200];

    assert_int_equal(said.n_discarded, 0);
    assert_string_equal(said.keeper, "");
    said_words(&said, words, sizeof(words));
    assert_string_equal(words, "");
}

static void test_sessions_that_are_discarded_stay_so(void **state)
{
    struct said said;
    char words[200];

    assert_int_equal(discard("20270328T080000Z-0123456789ab-0", MOMENT), 0);
    assert_int_equal(discard("20270328T090000Z-0123456789ab-1", 0), 0);
    assert_int_equal(discard("20270328T080000Z-0123456789ab-0", MOMENT + 1), 0); /* it is already */
    said = read_said(HASH, "anna");
    assert_int_equal(said.n_discarded, 2);
    assert_int_equal(said_of(&said, "20270328T080000Z-0123456789ab-0")->at_usec, MOMENT);
    assert_null(said_of(&said, "20270328T080000Z-0123456789ab-2"));
    said_words(&said, words, sizeof(words));
    assert_string_equal(words, "its session 20270328T080000Z-0123456789ab-0 was discarded on "
                               "2027-03-28, its session 20270328T090000Z-0123456789ab-1 was "
                               "discarded");
    said = read_said(OTHER, "anna");
    assert_int_equal(said.n_discarded, 0);
    assert_int_equal(disk_count(&disk, "imported/*.new"), 0);
}

static void test_no_more_than_a_file_can_have(void **state)
{
    char id[SESSION_ID_MAX], words[200];
    struct said said;

    for (unsigned i = 0; i < ACTIVITY_PARTS_MAX; i++) {
        snprintf(id, sizeof(id), "20270328T080000Z-0123456789ab-and-as-long-as-an-id-may-be-%03u",
                 i % 1000);
        assert_int_equal(discard(id, INT64_MAX), 0);
    }
    assert_int_equal(discard("one-more", MOMENT), -ENOSPC);
    said = read_said(HASH, "anna");
    assert_int_equal(said.n_discarded, ACTIVITY_PARTS_MAX);
    said_words(&said, words, sizeof(words)); /* as many as there is room for */
    assert_true(strlen(words) > 0);
}

static void test_lines_that_are_rotten_say_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "\n\n\n",
        "20270328T080000Z-a\n",
        "20270328T080000Z-a x\n",
        "20270328T080000Z-a -5\n",
        "20270328T080000Z-a 5 6\n",
        "../../etc/passwd 5\n",
        "a\x01\x02 5\n",
        "\xff\xfe 5\n",
        "123456789012345678901234567890123456789012345678901234567890123456789 5\n",
    };

    (void)mkdir(disk_path(&disk, "imported"), 0750);
    for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
        disk_write(&disk, "imported/" HASH ".discarded", texts[i], strlen(texts[i]));
        print_message("  %zu\n", i);
        assert_int_equal(read_said(HASH, "anna").n_discarded, 0);
    }
    disk_write(&disk, "imported/" HASH ".discarded", "nonsense\nb 5\n", 13);
    assert_int_equal(read_said(HASH, "anna").n_discarded, 1);
}

static void assert_lines(const char *name, const char *expected)
{
    size_t length;
    _cleanup_free_ char *text = disk_read(&disk, name, &length);

    assert_string_equal(text, expected);
}

/* Somebody may make more of it than we do. */
static void test_lines_that_are_rotten_stay(void **state)
{
    static const char lines[] = "nonsense\na 5\nb 5\0b 5 \xff", *text;
    size_t length;

    (void)mkdir(disk_path(&disk, "imported"), 0750);
    disk_write(&disk, "imported/" HASH ".discarded", lines, sizeof(lines) - 1);
    assert_int_equal(discard("c", 7), 0);
    text = disk_read(&disk, "imported/" HASH ".discarded", &length);
    assert_int_equal(length, sizeof(lines) + sizeof("c 7\n") - 1);
    assert_memory_equal(text, lines, sizeof(lines) - 1);
    assert_string_equal(text + sizeof(lines) - 1, "\nc 7\n");
    free((char *)text);
    assert_int_equal(read_said(HASH, "anna").n_discarded, 2);
}

/* It is not as if nothing had been said: what was discarded does not come back by that. */
static void test_what_cannot_be_read_is_not_written_over(void **state)
{
    static char many[200 * (SESSION_ID_MAX + 24)];

    (void)mkdir(disk_path(&disk, "imported"), 0750);
    disk_write(&disk, "elsewhere", "a 5\n", 4);
    assert_int_equal(symlink("../elsewhere", disk_path(&disk, "imported/" HASH ".discarded")), 0);
    assert_int_equal(read_said(HASH, "anna").error, -ELOOP);
    assert_int_equal(discard("b", MOMENT), -ELOOP);
    assert_lines("imported/" HASH ".discarded", "a 5\n");
    assert_int_equal(unlink(disk_path(&disk, "imported/" HASH ".discarded")), 0);
    memset(many, '\n', sizeof(many));
    disk_write(&disk, "imported/" HASH ".discarded", many, sizeof(many));
    assert_int_equal(read_said(HASH, "anna").error, -EFBIG);
    assert_int_equal(discard("b", MOMENT), -EFBIG);
    assert_int_equal(read_said(OTHER, "anna").error, 0);
}

static void test_when_a_copy_was_made(void **state)
{
    const struct timespec times[] = { { .tv_sec = 5 }, { .tv_sec = 5, .tv_nsec = 7000 } };

    assert_int_equal(read_said(HASH, "anna").kept_usec, 0);
    keep_copy("anna");
    assert_int_equal(utimensat(AT_FDCWD, disk_path(&disk, "imported/anna/" HASH ".gz"), times, 0),
                     0);
    assert_int_equal(read_said(HASH, "anna").kept_usec, 5000007);
    assert_int_equal(read_said(HASH, "ben").kept_usec, 0);
    assert_int_equal(give("anna", "ben"), 0);
    assert_int_equal(read_said(HASH, "ben").kept_usec, 5000007);
}

static void test_of_two_copies_none_stays_behind(void **state)
{
    keep_copy("anna");
    keep_copy("ben");
    assert_int_equal(give("anna", "ben"), 0);
    assert_int_equal(disk_count(&disk, "imported/*/" HASH ".gz"), 1);
    assert_string_equal(read_said(HASH, "anna").keeper, "ben");
}

static void test_a_copy_goes_to_another_runner(void **state)
{
    keep_copy("anna");
    assert_string_equal(read_said(HASH, "anna").keeper, "");
    assert_string_equal(read_said(HASH, "ben").keeper, "anna");
    assert_string_equal(read_said(OTHER, "ben").keeper, "");
    assert_int_equal(give("anna", "ben"), 0);
    assert_int_equal(disk_count(&disk, "imported/ben/" HASH ".gz"), 1);
    assert_int_equal(disk_count(&disk, "imported/anna/" HASH ".gz"), 0);
    assert_string_equal(read_said(HASH, "anna").keeper, "ben");
    assert_int_equal(give("anna", "ben"), 0); /* killed before it was stored, and asked again */
    assert_int_equal(give("anna", "eve"), -ENOENT);
    assert_int_equal(disk_count(&disk, "imported/ben/" HASH ".gz"), 1);
}

static void test_a_disk_that_refuses_keeps_what_was(void **state)
{
    if (geteuid() == 0) {
        print_message("skipped: nothing is refused to root\n");
        skip();
    }
    keep_copy("anna");
    assert_int_equal(discard("a", MOMENT), 0);
    assert_int_equal(chmod(disk_path(&disk, "imported"), 0550), 0);
    assert_int_equal(discard("b", MOMENT), -EACCES);
    assert_int_equal(give("anna", "ben"), -EACCES);
    assert_int_equal(chmod(disk_path(&disk, "imported"), 0750), 0);
    assert_int_equal(read_said(HASH, "anna").n_discarded, 1);
    assert_int_equal(disk_count(&disk, "imported/anna/" HASH ".gz"), 1);
}

/* Else the next that is said would be all that was. */
static void test_what_cannot_be_read_is_not_written_anew(void **state)
{
    struct said said;

    assert_int_equal(discard("a", MOMENT), 0);
    rotten = true;
    assert_int_equal(discard("b", MOMENT), -EIO);
    said_read(&said, disk.dir, HASH, "anna");
    assert_int_equal(said.error, -EIO);
    rotten = false;
    said_read(&said, disk.dir, HASH, "anna");
    assert_int_equal(said.error, 0);
    assert_int_equal(said.n_discarded, 1);
    assert_non_null(said_of(&said, "a"));
}

/* Who was told that it failed asks again: by then it is there, and must be on the disk as well. */
static void test_what_is_there_already_is_on_the_disk(void **state)
{
    assert_int_equal(discard("a", MOMENT), 0);
    failing_sync = 2; /* of the folder, behind the renaming */
    assert_int_equal(discard("b", MOMENT), -EIO);
    assert_int_equal(discard("b", MOMENT), -EIO);
    failing_sync = 0;
    assert_int_equal(discard("b", MOMENT), 0);
    keep_copy("anna");
    (void)mkdir(disk_path(&disk, "imported/ben"), 0750);
    failing_sync = 1;
    assert_int_equal(give("anna", "ben"), -EIO);
    assert_int_equal(give("anna", "ben"), -EIO);
    failing_sync = 0;
    assert_int_equal(give("anna", "ben"), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_nothing_was_said),
        T(test_what_was_said_is_taken_back),
        T(test_all_of_it_was_deleted),
        T(test_sessions_that_are_discarded_stay_so),
        T(test_no_more_than_a_file_can_have),
        T(test_lines_that_are_rotten_say_nothing),
        T(test_lines_that_are_rotten_stay),
        T(test_what_cannot_be_read_is_not_written_over),
        T(test_when_a_copy_was_made),
        T(test_of_two_copies_none_stays_behind),
        T(test_a_copy_goes_to_another_runner),
        T(test_what_cannot_be_read_is_not_written_anew),
        T(test_what_is_there_already_is_on_the_disk),
        T(test_a_disk_that_refuses_keeps_what_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
