/* SPDX-License-Identifier: MIT */
/* The days of a file's sessions, as they lie beside its copy: kept, read again, and damaged. */
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
#include "daemon/import/days.h"
#include "daemon/import/slip.h"
#include "daemon/util.h"
#include "disk_fixture.h"

#define HASH   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER  "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define MOMENT INT64_C(1806229800000000) /* 2027-03-28 */
#define DAY    INT64_C(86400000000)

static struct disk_fixture disk;
static int folder_fd;

static int begin(void **state)
{
    disk_fixture_init(&disk);
    folder_fd = open(disk.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder_fd < 0 ? -1 : 0;
}

static int end(void **state)
{
    close(folder_fd);
    disk_fixture_done(&disk);
    return 0;
}

static struct days read_days(const char *hash)
{
    struct days days;

    days_read(&days, folder_fd, hash);
    return days;
}

static void write_one(int64_t start_usec, int32_t offset_s)
{
    struct days more = { 0 };

    days_note(&more, start_usec, offset_s);
    assert_int_equal(more.n, 1);
    assert_int_equal(days_write(&more, folder_fd, HASH), 0);
}

static void assert_offset(const struct days *days, int64_t start_usec, int32_t offset_s)
{
    int32_t is_s = INT32_MIN;

    assert_int_equal(days_offset(days, start_usec, &is_s), offset_s != INT32_MIN);
    assert_int_equal(is_s, offset_s);
}

static void test_none_is_none(void **state)
{
    struct days days = read_days(HASH);

    assert_int_equal(days.error, 0);
    assert_offset(&days, MOMENT, INT32_MIN);
}

static void test_what_is_written_is_read(void **state)
{
    struct days days;

    write_one(MOMENT, 14 * 3600);
    write_one(MOMENT + 3 * DAY, -39600);
    days = read_days(HASH);
    assert_int_equal(days.error, 0);
    assert_int_equal(days.n, 2);
    assert_offset(&days, MOMENT, 14 * 3600);
    assert_offset(&days, MOMENT + 3 * DAY, -39600);
    assert_int_equal(disk_count(&disk, "*"), 1);
    assert_int_equal(read_days(OTHER).n, 0);
}

/* Another reader may take another point for the first one; what is days away is another session. */
static void test_the_nearest_is_meant(void **state)
{
    struct days days = { 0 };

    days_note(&days, MOMENT, 3600);
    days_note(&days, MOMENT + 7200000000, 7200); /* the clocks were set between them */
    assert_offset(&days, MOMENT - DAY, 3600);
    assert_offset(&days, MOMENT - DAY - 1, INT32_MIN);
    assert_offset(&days, MOMENT + 3600000000, 3600);
    assert_offset(&days, MOMENT + 3600000001, 7200);
    assert_offset(&days, MOMENT + 7200000000 + DAY, 7200);
    assert_offset(&days, MOMENT + 7200000001 + DAY, INT32_MIN);
}

static void test_lines_that_are_rotten_say_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "\n\n\n",
        "1806229800000000\n",
        "1806229800000000 \n",
        "1806229800000000 x\n",
        "1806229800000000 5x\n",
        "1806229800000000 5 6\n",
        "1806229800000000  5\n",
        " 1806229800000000 5\n",
        "1806229800000000 93601\n",
        "1806229800000000 -93601\n",
        "1806229800000000 9223372036854775808\n",
        "9223372036854775808 5\n",
        "253402300799000001 5\n",
        "-1 5\n",
        "- 5\n",
        "1806229800000000\t5\n",
        "\xff\xfe 5\n",
    };

    for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
        disk_write(&disk, HASH ".days", texts[i], strlen(texts[i]));
        print_message("  %zu\n", i);
        assert_int_equal(read_days(HASH).n, 0);
    }
    disk_write(&disk, HASH ".days", "nonsense\n1 5\0\n2 6\n3 7", 21);
    assert_int_equal(read_days(HASH).n, 2);
}

/* Somebody may make more of it than we do. */
static void test_lines_that_are_rotten_stay(void **state)
{
    size_t length;
    _cleanup_free_ char *text = NULL;

    disk_write(&disk, HASH ".days", "nonsense\n1 5", 12);
    write_one(2, 6);
    text = disk_read(&disk, HASH ".days", &length);
    assert_string_equal(text, "nonsense\n1 5\n2 6\n");
}

static void test_no_more_than_there_is_room_for(void **state)
{
    static char many[2 * SLIP_TEXT_MAX];
    struct days days = { 0 };

    for (int i = 0; i < DAYS_MAX + 5; i++)
        days_note(&days, INT64_C(253402300799000000) - i * DAY, -93600);
    assert_int_equal(days.n, DAYS_MAX);
    assert_int_equal(days_write(&days, folder_fd, HASH), 0);
    assert_int_equal(read_days(HASH).n, DAYS_MAX); /* all fit */
    assert_int_equal(days_write(&days, folder_fd, HASH), 0);
    assert_int_equal(days_write(&days, folder_fd, HASH), 0);
    assert_int_equal(read_days(HASH).error, 0);
    assert_int_equal(read_days(HASH).n, DAYS_MAX);
    memset(many, '\n', sizeof(many));
    disk_write(&disk, HASH ".days", many, sizeof(many));
    assert_int_equal(read_days(HASH).error, -EFBIG);
}

static void test_what_cannot_be_read_is_not_written_over(void **state)
{
    struct days more = { 0 };
    size_t length;
    _cleanup_free_ char *text = NULL;

    disk_write(&disk, "elsewhere", "1 5\n", 4);
    assert_int_equal(symlink("elsewhere", disk_path(&disk, HASH ".days")), 0);
    assert_int_equal(read_days(HASH).error, -ELOOP);
    days_note(&more, MOMENT, 0);
    assert_int_equal(days_write(&more, folder_fd, HASH), -ELOOP);
    text = disk_read(&disk, "elsewhere", &length);
    assert_string_equal(text, "1 5\n");
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_none_is_none),
        T(test_what_is_written_is_read),
        T(test_the_nearest_is_meant),
        T(test_lines_that_are_rotten_say_nothing),
        T(test_lines_that_are_rotten_stay),
        T(test_no_more_than_there_is_room_for),
        T(test_what_cannot_be_read_is_not_written_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
