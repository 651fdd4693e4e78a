/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "lib/recording.h"

static struct record notification(void)
{
    struct record r = { .type = RECORD_NOTIFICATION, .t_usec = 123456789, .sensor = 1 };

    r.notification.uuid = 0x2a37;
    r.notification.length = 4;
    memcpy(r.notification.bytes, "\x16\x78\x00\x02", 4);
    return r;
}

static struct record parse_ok(const char *line, bool plain)
{
    struct record record;

    assert_int_equal(recording_parse(line, strlen(line), plain, &record), RECORDING_OK);
    return record;
}

static void test_a_notification_reads_as_a_person_would_write_it(void **state)
{
    struct record r = notification();
    char line[RECORDING_LINE_MAX];
    size_t n = recording_format(&r, line, sizeof(line));

    assert_true(n > 0);
    line[n - 7] = '\0'; /* less " *crc\n" */
    assert_string_equal(line, "N 123456789 1 2a37 16780002");
}

static void test_every_record_comes_back_as_it_was(void **state)
{
    static const char *const lines[] = {
        "A 0123456789abcdef0123456789abcdef 5000000 1795221821498126 synced",
        "R anna female 1990 188 52 61.5 -",
        "R - - 0 0 0 - 0",
        "S 0 pod C0:DE:00:00:00:01 strides 1.02 ps",
        "G 5000000 motion",
        "N 6000000 0 2a53 07000354d6003c000000",
        "N 6000000 0 2a53 -",
        "L 6000001 0 down",
        "U 7000000 0 strides median 86 at 3.0 m/s over 30 s",
        "I 8000000 -8.5",
        "I 8000000 -",
        "H 8000000 0:100 5.1:100.3 1000000:-500",
        "H 8000000 1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8 9:9 10:10 11:11 12:12 13:13 14:14 15:15 16:16 "
        "17:17 18:18 19:19 20:20 21:21 22:22 23:23 24:24",
        "H 8000000 -",
        "K 171.5 2.95",
        "K - -",
        "T 8000001 start",
        "Z anna 1795221821 50400",
        "Z anna 1 -93600",
        "M 9000000 20261121T070312Z-0",
        "M 9000000 20261121T070312Z-0.2",
        "J 9000000 20261121T070312Z-0.2 4095",
        "E 9000000 told stopped by command",
        "E 9000000 idle ten idle minutes",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct record record = parse_ok(lines[i], true);
        char again[RECORDING_LINE_MAX];
        size_t n = recording_format(&record, again, sizeof(again));

        assert_true(n > 7);
        assert_int_equal(recording_parse(again, n - 1, false, &record), RECORDING_OK);
        again[n - 7] = '\0';
        assert_string_equal(again, lines[i]);
    }
}

static const char *const declaring[] = {
    "A 0123456789abcdef0123456789abcdef 5000000 1795221821498126 synced",
    "R anna female 1990 188 52 61.5 -",
    "K 171.5 2.95",
    "S 0 pod C0:DE:00:00:00:01 strides 1.02 ps",
    "G 5000000 motion",
};

static void test_a_copy_tells_the_line_and_its_place(void **state)
{
    for (size_t i = 0; i < sizeof(declaring) / sizeof(declaring[0]); i++) {
        const char *said = declaring[i];
        char line[RECORDING_LINE_MAX], again[RECORDING_LINE_MAX];
        size_t n = recording_copy_format(said, strlen(said), UINT32_MAX, line, sizeof(line));
        struct recording_copy copy;
        struct record record;

        assert_true(n > 0 && line[n - 1] == '\n' && strlen(line) == n);
        assert_int_equal(recording_parse(line, n - 1, false, &record), RECORDING_E_COPY);
        assert_int_equal(recording_copy_parse(line, n - 1, false, &copy, &record), RECORDING_OK);
        assert_int_equal(copy.place, UINT32_MAX);
        assert_int_equal(copy.said, strlen(said));
        assert_memory_equal(line + copy.at, said, copy.said);
        assert_true(recording_has_copies(line[copy.at]));
        n = recording_format(&record, again, sizeof(again));
        assert_int_equal(recording_said(again, n - 1, false), strlen(said));
        assert_memory_equal(again, said, strlen(said));
    }
}

static void test_a_copy_that_does_not_fit_is_none(void **state)
{
    const char *said = declaring[1];
    const size_t whole = strlen("C 7 ") + strlen(said) + strlen(" *0000\n") + 1;
    char line[RECORDING_LINE_MAX];

    for (size_t size = 1; size < whole; size++)
        assert_int_equal(recording_copy_format(said, strlen(said), 7, line, size), 0);
    assert_int_equal(recording_copy_format(said, strlen(said), 7, line, whole), whole - 1);
}

static void test_lines_that_are_copies_of_nothing(void **state)
{
    static const struct {
        const char *line;
        enum recording_result result;
    } rows[] = {
        { "", RECORDING_E_CHECKSUM },
        { "C", RECORDING_E_FORM },
        { "C ", RECORDING_E_FORM },
        { "C 5", RECORDING_E_FORM },
        { "C 5 ", RECORDING_E_FORM },
        { "C R anna female 1990 188 52 61.5 -", RECORDING_E_FORM },
        { "C -1 K 171 3", RECORDING_E_FORM },
        { "C 4294967296 K 171 3", RECORDING_E_FORM },
        { "C 5 K 171", RECORDING_E_FORM },
        { "C 5 N 5 0 2a37 00", RECORDING_E_FORM },
        { "C 5 C 5 K 171 3", RECORDING_E_FORM },
        { "C 5 # remark", RECORDING_E_FORM },
        { "C 5 strided-recording 1", RECORDING_E_FORM },
        { "K 171 3", RECORDING_E_FORM },
    };
    struct recording_copy copy, before;
    struct record record, record_before;

    memset(&before, 0x5a, sizeof(before));
    memset(&record_before, 0x5a, sizeof(record_before));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        copy = before;
        record = record_before;
        assert_int_equal(
            recording_copy_parse(rows[i].line, strlen(rows[i].line), true, &copy, &record),
            rows[i].result);
        assert_memory_equal(&copy, &before, sizeof(copy));
        assert_memory_equal(&record, &record_before, sizeof(record));
    }
    assert_int_equal(recording_copy_parse("C 5 K 171 3", 11, false, &copy, &record),
                     RECORDING_E_CHECKSUM);
}

static void test_one_wrong_character_anywhere_is_noticed(void **state)
{
    struct record r = notification(), before;
    char line[RECORDING_LINE_MAX];
    size_t n = recording_format(&r, line, sizeof(line)) - 1;

    memset(&before, 0x5a, sizeof(before));
    for (size_t i = 0; i < n; i++) {
        struct record ret = before;
        char kept = line[i];

        line[i] = kept == '7' ? '8' : '7';
        assert_int_not_equal(recording_parse(line, n, false, &ret), RECORDING_OK);
        assert_memory_equal(&ret, &before, sizeof(ret)); /* the output is untouched */
        line[i] = kept;
    }
}

static void test_a_line_cut_anywhere_is_noticed(void **state)
{
    struct record r = notification(), ret;
    char line[RECORDING_LINE_MAX];
    size_t n = recording_format(&r, line, sizeof(line)) - 1;

    for (size_t cut = 1; cut < n; cut++)
        assert_int_not_equal(recording_parse(line, cut, false, &ret), RECORDING_OK);
}

static void test_lines_that_are_no_records_of_this_version(void **state)
{
    static const struct {
        const char *line;
        enum recording_result result;
    } rows[] = {
        { "", RECORDING_E_EMPTY },
        { "# a comment", RECORDING_E_EMPTY },
        { "strided-recording 1", RECORDING_E_HEADER },
        { "Z 1 2", RECORDING_E_FORM },
        { "N", RECORDING_E_FORM },
        { "N x 0 2a37 00", RECORDING_E_FORM },
        { "N -5 0 2a37 00", RECORDING_E_FORM },
        { "N 99999999999999999999 0 2a37 00", RECORDING_E_FORM },
        { "N 5 16 2a37 00", RECORDING_E_FORM },
        { "N 5 0 2a3 00", RECORDING_E_FORM },
        { "N 5 0 2a375 00", RECORDING_E_FORM },
        { "N 5 0 0x2a 00", RECORDING_E_FORM },
        { "N 5 0 -001 00", RECORDING_E_FORM },
        { "N 5 0 +2a3 00", RECORDING_E_FORM },
        { "N 5 0 2a37 0", RECORDING_E_FORM },
        { "N 5 0 2a37 0g", RECORDING_E_FORM },
        { "N 5 0 2a37 00 more", RECORDING_E_FORM },
        { "H 5", RECORDING_E_FORM },
        { "H 5 1", RECORDING_E_FORM },
        { "H 5 1:", RECORDING_E_FORM },
        { "H 5 :1", RECORDING_E_FORM },
        { "H 5 1:2:3", RECORDING_E_FORM },
        { "H 5 - 1:2", RECORDING_E_FORM },
        { "H 5 -1:2", RECORDING_E_FORM },
        { "H 5 1000001:2", RECORDING_E_FORM },
        { "H 5 1:9001", RECORDING_E_FORM },
        { "H 5 1:nan", RECORDING_E_FORM },
        { "H 5 inf:1", RECORDING_E_FORM },
        { "H 5 0:1 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1 10:1 11:1 12:1 13:1 14:1 15:1 16:1 17:1 "
          "18:1 19:1 20:1 21:1 22:1 23:1 24:1",
          RECORDING_E_FORM },
        { "L 5 0 sideways", RECORDING_E_FORM },
        { "U 5 0 auto because", RECORDING_E_FORM },
        { "I 5 46", RECORDING_E_FORM },
        { "I 5 nan", RECORDING_E_FORM },
        { "K 171", RECORDING_E_FORM },
        { "K 20 3", RECORDING_E_FORM },
        { "E 5 died", RECORDING_E_FORM },
        { "M 5 ../passwd", RECORDING_E_FORM },
        { "M 5 .2", RECORDING_E_FORM },
        { "Z anna 1795221821", RECORDING_E_FORM },
        { "Z anna 1795221821 93601", RECORDING_E_FORM },
        { "Z anna 1795221821 -93601", RECORDING_E_FORM },
        { "Z anna 0 0", RECORDING_E_FORM },
        { "Z anna 253402300800 0", RECORDING_E_FORM },
        { "Z an/na 1795221821 0", RECORDING_E_FORM },
        { "J 5 belt", RECORDING_E_FORM },
        { "J 5 belt -1", RECORDING_E_FORM },
        { "J 5 belt 16777216", RECORDING_E_FORM },
        { "J 5 ../belt 1", RECORDING_E_FORM },
        { "S 0 po/d C0:DE:00:00:00:01 auto 1 p", RECORDING_E_FORM },
        { "S 0 pod C0:DE:00:00:00:01 auto - p", RECORDING_E_FORM },
        { "S 0 pod C0:DE:00:00:00:01 auto 1 x", RECORDING_E_FORM },
        { "R anna neither 0 0 0 - -", RECORDING_E_FORM },
    };
    struct record ret;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(recording_parse(rows[i].line, strlen(rows[i].line), true, &ret),
                         rows[i].result);
}

static void test_a_longest_notification_fits_a_line(void **state)
{
    struct record r = notification(), ret;
    char line[RECORDING_LINE_MAX];
    size_t n;

    r.notification.length = RECORDING_BYTES_MAX;
    memset(r.notification.bytes, 0xff, RECORDING_BYTES_MAX);
    n = recording_format(&r, line, sizeof(line));
    assert_true(n > 0);
    assert_int_equal(recording_parse(line, n - 1, false, &ret), RECORDING_OK);
    assert_int_equal(ret.notification.length, RECORDING_BYTES_MAX);
}

static void test_free_text_cannot_break_its_line(void **state)
{
    struct record r = { .type = RECORD_END, .t_usec = 1 };
    char line[RECORDING_LINE_MAX];
    size_t n;

    strcpy(r.end.why, "two\nlines\x01");
    n = recording_format(&r, line, sizeof(line));
    assert_ptr_equal(memchr(line, '\n', n), line + n - 1);
}

static void test_a_torn_last_line_is_not_given(void **state)
{
    static const char text[] = "one\ntwo\ntor";
    const char *line;
    size_t cursor = 0, n, lines = 0;

    while (recording_next_line(text, strlen(text), &cursor, &line, &n))
        lines++;
    assert_int_equal(lines, 2);
}

static void feed_axis(struct recording_axis *axis, const char *boot, uint64_t boot_usec,
                      int64_t wall_usec, enum clock_state clock)
{
    struct record r = { .type = RECORD_AXIS, .t_usec = boot_usec };

    snprintf(r.axis.boot_id, sizeof(r.axis.boot_id), "%s", boot);
    r.axis.wall_usec = wall_usec;
    r.axis.clock = clock;
    recording_axis_feed(axis, &r);
}

static void test_a_later_boot_is_laid_behind_by_the_wall_clock(void **state)
{
    struct recording_axis axis = { 0 };

    feed_axis(&axis, "a", 1000, 500000, CLOCK_SYNCED);
    assert_int_equal(recording_axis_time(&axis, 1200), 1200);
    feed_axis(&axis, "b", 30, 500900, CLOCK_SYNCED);
    assert_true(axis.known);
    assert_int_equal(recording_axis_time(&axis, 30), 1900);
    assert_int_equal(recording_axis_time(&axis, 130), 2000);
}

static void test_a_clock_set_within_a_boot_moves_no_time(void **state)
{
    struct recording_axis axis = { 0 };

    feed_axis(&axis, "a", 1000, 5, CLOCK_UNSET);
    feed_axis(&axis, "a", 2000, 900000, CLOCK_SYNCED);
    assert_int_equal(recording_axis_time(&axis, 2500), 2500);
    assert_true(axis.known && axis.trusted);
}

static void test_without_a_clock_nobody_knows_how_long_it_was_off(void **state)
{
    struct recording_axis axis = { 0 };

    feed_axis(&axis, "a", 1000, 500000, CLOCK_SYNCED);
    feed_axis(&axis, "b", 30, 10, CLOCK_UNSET);
    assert_false(axis.known);
    assert_int_equal(recording_axis_time(&axis, 30), 1000);
}

static void test_a_clock_that_ran_backwards_is_not_believed(void **state)
{
    struct recording_axis axis = { 0 };

    feed_axis(&axis, "a", 1000, 500000, CLOCK_SYNCED);
    feed_axis(&axis, "b", 30, 400000, CLOCK_SYNCED);
    assert_false(axis.known);
}

static void test_what_is_dated_moves_only_when_the_clock_was_set(void **state)
{
    static const struct {
        const char *label, *boot;
        uint64_t boot_usec;
        int64_t wall_usec;
        enum clock_state clock;
        int64_t wall_of_1000; /* expected after this line */
    } rows[] = {
        { "no trusted clock yet", "a", 1000, 5, CLOCK_UNSET, 0 },
        { "the first that is", "a", 2000, 900002000, CLOCK_ASSUMED, 900001000 },
        { "read again, a little late", "a", 5000, 900005007, CLOCK_SYNCED, 900001000 },
        { "drifted for hours", "a", 9000, 901909000, CLOCK_SYNCED, 900001000 },
        { "set", "a", 9500, 4000009500, CLOCK_SYNCED, 4000001000 },
        { "set back", "a", 9600, 900009600, CLOCK_SYNCED, 900001000 },
        { "the next boot lies behind", "b", 10, 900019600, CLOCK_SYNCED, 900001000 },
        { "what was known stays known", "c", 10, 7, CLOCK_UNSET, 900001000 },
    };
    struct recording_axis axis = { 0 };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        feed_axis(&axis, rows[i].boot, rows[i].boot_usec, rows[i].wall_usec, rows[i].clock);
        if (recording_axis_wall(&axis, 1000) != rows[i].wall_of_1000)
            fail_msg("%s: %lld", rows[i].label, (long long)recording_axis_wall(&axis, 1000));
    }
}

static void test_no_lines_lead_out_of_a_century(void **state)
{
    static const struct {
        const char *label;
        uint64_t first_usec, last_usec; /* of each boot */
        int64_t wall_step_usec;
    } rows[] = {
        { "boots of ten years, and no clock", 0, RECORDING_T_MAX, 0 },
        { "boots that end before they begin", RECORDING_T_MAX, 0, 0 },
        { "a thousand years off", 0, 1, RECORDING_WALL_MAX / 40000 },
        { "all that can be", 0, RECORDING_T_MAX, RECORDING_WALL_MAX / 40000 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct recording_axis axis = { 0 };

        for (int boot = 0; boot < 40000; boot++) {
            char id[16];
            int64_t wall_usec = boot * rows[i].wall_step_usec;

            snprintf(id, sizeof(id), "%d", boot);
            feed_axis(&axis, id, rows[i].first_usec, wall_usec, CLOCK_SYNCED);
            feed_axis(&axis, id, rows[i].last_usec, wall_usec, CLOCK_SYNCED);
            if (recording_axis_time(&axis, RECORDING_T_MAX) > RECORDING_AXIS_MAX)
                fail_msg("%s: boot %d", rows[i].label, boot);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_dated_moves_only_when_the_clock_was_set),
        cmocka_unit_test(test_a_notification_reads_as_a_person_would_write_it),
        cmocka_unit_test(test_every_record_comes_back_as_it_was),
        cmocka_unit_test(test_a_copy_tells_the_line_and_its_place),
        cmocka_unit_test(test_a_copy_that_does_not_fit_is_none),
        cmocka_unit_test(test_lines_that_are_copies_of_nothing),
        cmocka_unit_test(test_one_wrong_character_anywhere_is_noticed),
        cmocka_unit_test(test_a_line_cut_anywhere_is_noticed),
        cmocka_unit_test(test_lines_that_are_no_records_of_this_version),
        cmocka_unit_test(test_a_longest_notification_fits_a_line),
        cmocka_unit_test(test_free_text_cannot_break_its_line),
        cmocka_unit_test(test_a_torn_last_line_is_not_given),
        cmocka_unit_test(test_a_later_boot_is_laid_behind_by_the_wall_clock),
        cmocka_unit_test(test_a_clock_set_within_a_boot_moves_no_time),
        cmocka_unit_test(test_without_a_clock_nobody_knows_how_long_it_was_off),
        cmocka_unit_test(test_a_clock_that_ran_backwards_is_not_believed),
        cmocka_unit_test(test_no_lines_lead_out_of_a_century),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
