/* SPDX-License-Identifier: MIT */
/* A run that is told by a person: what can be one, and its text, also when somebody else wrote it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/civil.h"
#include "lib/logged.h"

static struct logged_run a_run(void)
{
    struct logged_run run;

    logged_init(&run);
    strcpy(run.runner, "anna");
    run.day = civil_to_days(2026, 11, 20);
    run.start_min = 450;
    run.utc_offset_s = 3600;
    run.start_usec = (run.day * 86400 + 450 * 60 - 3600) * 1000000;
    run.distance_m = 5000;
    run.moving_s = 1800;
    run.said_usec = 1795234085000000;
    return run;
}

static void test_what_can_be_a_run(void **state)
{
    static const struct {
        double distance_m, moving_s, ascent_m, drop_m;
        bool possible;
    } rows[] = {
        { 5000, 1800, NAN, NAN, true },      { 500000, 172800, 0, 20000, true },
        { 120, 10, 120, 120, true },         { 121, 10, NAN, NAN, false },
        { NAN, 10, NAN, NAN, false },        { 5000, NAN, NAN, NAN, false },
        { 0, 10, NAN, NAN, false },          { -5, 10, NAN, NAN, false },
        { 5000, INFINITY, NAN, NAN, false }, { 500001, 172800, NAN, NAN, false },
        { 5000, 172801, NAN, NAN, false },   { 100, 100, 101, NAN, false },
        { 100, 100, NAN, 101, false },       { 100000, 100000, 20001, NAN, false },
        { 100, 100, -1, NAN, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct logged_run run = a_run();

        run.distance_m = rows[i].distance_m;
        run.moving_s = rows[i].moving_s;
        run.ascent_m = rows[i].ascent_m;
        run.downhill_drop_m = rows[i].drop_m;
        if (logged_is_possible(&run) != rows[i].possible)
            fail_msg("row %zu", i);
    }
}

static void test_a_time_of_the_day(void **state)
{
    static const char *const bad[] = { "",       "7:30",  "24:00", "07:60",   "07-30", "07:3",
                                       "07:300", "-1:30", " 7:30", "07:30\n", "0x:10" };
    int minutes = 7;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (logged_read_time(bad[i], &minutes))
            fail_msg("\"%s\"", bad[i]);
    assert_int_equal(minutes, 7);
    assert_true(logged_read_time("00:00", &minutes));
    assert_int_equal(minutes, 0);
    assert_true(logged_read_time("23:59", &minutes));
    assert_int_equal(minutes, 1439);
}

static void test_it_is_read_as_it_was_written(void **state)
{
    struct logged_run run = a_run(), read;
    char text[LOGGED_TEXT_MAX];

    for (int i = 0; i < 2; i++) {
        logged_format(&run, text);
        assert_true(logged_parse(&read, "hand-1", text));
        assert_string_equal(read.id, "hand-1");
        assert_string_equal(read.runner, "anna");
        assert_int_equal(read.day, run.day);
        assert_int_equal(read.start_min, run.start_min);
        assert_int_equal(read.start_usec, run.start_usec);
        assert_int_equal(read.utc_offset_s, run.utc_offset_s);
        assert_int_equal(read.kind, run.kind);
        assert_true(read.distance_m == run.distance_m && read.moving_s == run.moving_s);
        assert_true(i ? read.ascent_m == 12.5 : isnan(read.ascent_m));
        assert_true(i ? read.downhill_drop_m == 0 : isnan(read.downhill_drop_m));
        assert_int_equal(read.said_usec, run.said_usec);
        assert_int_equal(read.discarded_usec, run.discarded_usec);
        run.start_min = LOGGED_NO_START;
        run.kind = SESSION_WALK;
        run.distance_m = 5123.456;
        run.ascent_m = 12.5;
        run.downhill_drop_m = 0;
        run.discarded_usec = 1795234086000000;
    }
}

/* A line that replaces one of a text that is right. */
static void test_a_text_that_cannot_be_one_is_none(void **state)
{
    static const struct {
        const char *line;
        bool good;
    } rows[] = {
        { "runner anna", true },
        { "weather rain", true },
        { "nothing", true },
        { "runner ", false },
        { "runner ../anna", false },
        { "runner a-name-that-is-longer-than-any-may-be", false },
        { "day 2026-11-21", false }, /* its start is of the day before */
        { "day 2026-11-31", false },
        { "kind ride", false },
        { "kind walk", true },
        { "start_usec 0", false },
        { "start_usec 12x", false },
        { "start_usec 999999999999999999999", false },
        { "utc_offset_s 90000", false },
        { "start_min 1440", false },
        { "start_min -1", true },
        { "start_min -2", false },
        { "distance_m nan", false },
        { "distance_m 0", false },
        { "distance_m 90000", false },
        { "moving_s -3", false },
        { "moving_s 1e400", false },
        { "ascent_m 6000", false },
        { "downhill_drop_m inf", false },
        { "said_usec -1", false },
        { "discarded_usec 5", true },
        { "discarded_usec yes", false },
    };
    struct logged_run run = a_run(), read;
    char text[LOGGED_TEXT_MAX], more[2 * LOGGED_TEXT_MAX];

    logged_format(&run, text);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(more, sizeof(more), "%s%s\n", text, rows[i].line);
        if (logged_parse(&read, "x", more) != rows[i].good)
            fail_msg("%s", rows[i].line);
    }
    for (size_t length = 0; length + 1 < strlen(text); length++) { /* cut off anywhere */
        memcpy(more, text, length);
        more[length] = '\0';
        if (logged_parse(&read, "x", more))
            assert_true(logged_is_possible(&read));
    }
    assert_false(logged_parse(&read, "x", ""));
    memset(more, 'x', sizeof(more) - 1);
    more[sizeof(more) - 1] = '\0';
    assert_false(logged_parse(&read, "x", more));
    assert_false(logged_parse(&read, more, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_can_be_a_run),
        cmocka_unit_test(test_a_time_of_the_day),
        cmocka_unit_test(test_it_is_read_as_it_was_written),
        cmocka_unit_test(test_a_text_that_cannot_be_one_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
