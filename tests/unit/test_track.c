/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/terrain/track.h"
#include "close.h"

static struct track track;
static struct terrain_row rows[20000];
static size_t n_rows, n_parts;

static void fresh(void)
{
    track_init(&track);
    n_rows = n_parts = 0;
}

static void feed(double t_s, double distance_m, double altitude_m)
{
    struct track_point point = { (int64_t)llround(t_s * 1e6), distance_m, 2 * distance_m,
                                 altitude_m, false };
    enum track_step step;

    track_feed(&track, &point);
    while ((step = track_take(&track, &rows[n_rows])) != TRACK_NONE) {
        if (step == TRACK_PART)
            n_parts++;
        else
            assert_true(++n_rows < 20000);
    }
}

static double climbed(void)
{
    return rows[n_rows - 1].altitude_m - rows[0].altitude_m;
}

static void test_points_at_any_rate_become_a_row_a_second(void **state)
{
    static const double every_s[] = { 0.1, 0.37, 1, 2.5, 7, 30 };

    for (size_t k = 0; k < sizeof(every_s) / sizeof(every_s[0]); k++) {
        double t = 0;

        print_message("every %g s\n", every_s[k]);
        fresh();
        for (; t <= 300.0001; t += every_s[k])
            feed(t, 3 * t, 50 - 0.2 * t);
        assert_int_equal(n_parts, 0);
        assert_int_equal(n_rows, floor(t - every_s[k] + 1e-6) + 1);
        for (size_t i = 0; i < n_rows; i++) {
            assert_close(rows[i].t_s, i, 1e-6);
            assert_close(rows[i].distance_m, 3.0 * (double)i, 1e-5);
            assert_close(rows[i].steps, 6.0 * (double)i, 1e-5);
            assert_close(rows[i].altitude_m, 50 - 0.2 * (double)i, 1e-5);
        }
    }
}

static void test_a_silence_parts_the_way_but_what_was_climbed_is_there(void **state)
{
    fresh();
    for (int t = 0; t < 20; t++)
        feed(t, 3 * t, 100);
    feed(60, 180, 90); /* came on 120 m meanwhile */
    assert_int_equal(n_parts, 1);
    assert_int_equal(n_rows, 21);
    assert_close(climbed(), -10, 1e-9);
}

static void test_a_jump_of_the_way_parts_it(void **state)
{
    fresh();
    for (int t = 0; t < 20; t++)
        feed(t, t < 10 ? 3 * t : 3 * t + 2000, 100);
    assert_int_equal(n_parts, 1);
    assert_int_equal(n_rows, 20);
}

static void test_who_stands_does_not_climb(void **state)
{
    static const struct {
        const char *label;
        double stand_s, every_s, drift_m;
    } rows_[] = {
        { "a minute, a lift", 60, 1, 20 },
        { "an hour of weather, recorded", 3600, 1, 8 },
        { "an hour of weather, the watch stopped", 3600, 3600, 8 },
        { "a bench every 20 s", 600, 20, -4 },
    };

    for (size_t k = 0; k < sizeof(rows_) / sizeof(rows_[0]); k++) {
        double t = 0, metres = 0, lift = 0;

        print_message("%s\n", rows_[k].label);
        fresh();
        for (; t < 100; t++, metres += 3)
            feed(t, metres, 100);
        for (double end = t + rows_[k].stand_s; t < end; t += rows_[k].every_s) {
            lift = rows_[k].drift_m * (1 - (end - t) / rows_[k].stand_s);
            feed(t, metres, 100 + lift);
        }
        for (int i = 0; i < 100; i++, t++, metres += 3)
            feed(t, metres, 100 + rows_[k].drift_m);
        /* it takes five seconds to see that someone stands, or goes again */
        assert_close(climbed(), 0, 0.18 * fabs(rows_[k].drift_m));
        assert_close(rows[n_rows - 1].distance_m, metres - 3, 1e-9);
    }
}

static void test_a_spike_is_left_out_and_a_step_is_nobodys_climb(void **state)
{
    static const double step_m[] = { 3.5, 10, 14, 40, -14, -400 };

    for (size_t k = 0; k < sizeof(step_m) / sizeof(step_m[0]); k++) {
        fresh();
        for (int t = 0; t < 200; t++)
            feed(t, 3 * t, t == 30 || t == 31 ? 100 + step_m[k] : t < 100 ? 100 : 100 + step_m[k]);
        for (size_t i = 0; i < n_rows; i++)
            assert_close(rows[i].altitude_m, 100, 1e-9);
        assert_int_equal(n_rows, 200);
        assert_int_equal(n_parts, 0);
    }
}

static void test_a_real_climb_is_no_step(void **state)
{
    fresh();
    for (int t = 0; t < 200; t++)
        feed(t, 2 * t, 100 + 0.9 * t);
    assert_close(climbed(), 0.9 * 199, 1e-9);
}

static void test_satellites_that_count_in_metres_ten_times_a_second(void **state)
{
    fresh();
    for (int t = 0; t < 2000; t++)
        feed(t / 10.0, 0.3 * t, floor(0.03 * t));
    assert_close(climbed(), 59, 1);
}

static void test_rubbish_moves_nothing(void **state)
{
    fresh();
    for (int t = 0; t < 20; t++) {
        feed(t, 3 * t, 100);
        feed(t, 3 * t, 150);          /* the same second again */
        feed(t - 10, 3 * t, 150);     /* back in time */
        feed(t + 0.1, 3 * t - 1, 90); /* back on the way */
        feed(t + 0.2, NAN, 100);
        feed(t + 0.3, 3 * t, NAN);
        feed(t + 0.4, 3 * t, INFINITY);
        feed(t + 0.5, INFINITY, 100);
    }
    assert_int_equal(n_rows, 20);
    assert_int_equal(n_parts, 0);
    assert_close(climbed(), 0, 0);
}

static void test_the_ends_of_time(void **state)
{
    struct track_point first = { INT64_MIN, 0, 0, 100, false },
                       last = { INT64_MAX, 10, 20, 90, false };
    struct terrain_row row;

    track_init(&track);
    assert_int_equal(track_take(&track, &row), TRACK_NONE);
    track_feed(&track, &first);
    assert_int_equal(track_take(&track, &row), TRACK_ROW);
    assert_int_equal(track_take(&track, &row), TRACK_NONE);
    track_feed(&track, &last);
    assert_int_equal(track_take(&track, &row), TRACK_PART);
    assert_int_equal(track_take(&track, &row), TRACK_ROW);
    assert_int_equal(track_take(&track, &row), TRACK_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points_at_any_rate_become_a_row_a_second),
        cmocka_unit_test(test_a_silence_parts_the_way_but_what_was_climbed_is_there),
        cmocka_unit_test(test_a_jump_of_the_way_parts_it),
        cmocka_unit_test(test_who_stands_does_not_climb),
        cmocka_unit_test(test_a_spike_is_left_out_and_a_step_is_nobodys_climb),
        cmocka_unit_test(test_a_real_climb_is_no_step),
        cmocka_unit_test(test_satellites_that_count_in_metres_ten_times_a_second),
        cmocka_unit_test(test_rubbish_moves_nothing),
        cmocka_unit_test(test_the_ends_of_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
