/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "lib/metrics/smooth.h"
#include "lib/terrain/grade.h"
#include "lib/terrain/stretch.h"
#include "close.h"
#include "vectors.h"

/* Grades and the stretches they make, which are only worth something together. */
#define N_MAX 2000

static struct terrain_row rows[N_MAX], graded[N_MAX];

static double altitude_at(const json_t *pieces, double distance_m)
{
    double altitude_m = 200, left_m = distance_m;
    const json_t *piece;
    size_t i;

    json_array_foreach(pieces, i, piece)
    {
        double metres = json_number_value(json_array_get(piece, 0));

        altitude_m += fmin(left_m, metres) * json_number_value(json_array_get(piece, 1));
        left_m -= fmin(left_m, metres);
    }
    return altitude_m;
}

static double length_of(const json_t *pieces)
{
    double metres = 0;
    const json_t *piece;
    size_t i;

    json_array_foreach(pieces, i, piece) metres += json_number_value(json_array_get(piece, 0));
    return metres;
}

static void put(size_t i, double distance_m, double altitude_m)
{
    assert_true(i < N_MAX);
    rows[i] = (struct terrain_row){ .t_s = (double)i,
                                    .distance_m = distance_m,
                                    .altitude_m = altitude_m,
                                    .steps = 3.0 * (double)i,
                                    .grade = NAN };
}

static size_t read_profile(const json_t *in)
{
    const json_t *pieces = json_object_get(in, "pieces_m_grade"),
                 *noisy = json_object_get(in, "noise_alt");
    double speed = vectors_number(in, "speed");
    double given[N_MAX], smoothed[N_MAX + 1];
    size_t n = (size_t)(length_of(pieces) / speed) + 1, done = 0;
    struct smooth smooth;

    if (!json_is_array(noisy)) {
        for (size_t i = 0; i < n; i++)
            put(i, speed * (double)i, altitude_at(pieces, speed * (double)i));
        return n;
    }
    n = json_array_size(noisy);
    smooth_init_final(&smooth);
    for (size_t i = 0; i < n; i++) {
        given[i] = json_number_value(json_array_get(noisy, i));
        done += smooth_feed(&smooth, given[i], smoothed + done);
    }
    while (smooth_flush(&smooth, smoothed + done))
        done++;
    assert_int_equal(done, n);
    for (size_t i = 0; i < n; i++)
        put(i, speed * (double)i, smoothed[i]);
    return n;
}

/* Returns how many came out; stretches after each are in *ret. */
static size_t run(size_t n, bool live, struct stretch *ret)
{
    static struct grade grade;
    size_t done = 0;

    grade_init(&grade, live);
    stretch_init(ret);
    for (size_t i = 0; i <= n; i++) {
        if (i < n)
            grade_feed(&grade, &rows[i]);
        else
            grade_end(&grade);
        while (grade_take(&grade, &graded[done]))
            stretch_feed(ret, &graded[done++]);
    }
    stretch_part(ret);
    return done;
}

static void check_grades(const json_t *expected, double tol)
{
    json_t *value;
    const char *key;

    json_object_foreach(json_object_get((json_t *)expected, "grade_at"), key, value)
        vectors_assert_close(graded[strtoul(key, NULL, 10)].grade, json_number_value(value), tol);
}

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("downhill.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *in = json_object_get(c, "input"), *expected = json_object_get(c, "expected");
        double tol = vectors_number(c, "tol");
        size_t n = read_profile(in);
        struct stretch stretch;

        assert_close(vectors_number(in, "window"), GRADE_SPAN_M, 0);
        assert_close(vectors_number(in, "enter"), STRETCH_ENTER, 0);
        assert_close(vectors_number(in, "leave"), STRETCH_LEAVE, 0);
        assert_int_equal(run(n, false, &stretch), n);
        check_grades(expected, tol);
        assert_int_equal(stretch.total.n, json_array_size(json_object_get(expected, "segments")));
        vectors_assert_close(stretch.total.drop_m, vectors_number(expected, "drop"), tol);
        vectors_assert_close(stretch.total.distance_m, vectors_number(expected, "length"), tol);
        assert_close(stretch.total.time_s, stretch.total.distance_m / 3, 1e-6);
        assert_close(stretch.total.steps, stretch.total.distance_m, 1e-6);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 2);
}

/* ---- what counts ------------------------------------------------------------------------------- */

static void test_which_hills_count(void **state)
{
    static const struct {
        const char *label;
        double grade, metres;
        unsigned n;
        double steep_share;
    } hills[] = {
        { "5 % for 100 m", -0.05, 100, 1, 0 },
        { "3 % for 200 m", -0.03, 200, 1, 0 },
        { "2.9 % for a kilometre", -0.029, 1000, 0, 0 },
        { "5 % for 50 m: 2.5 m", -0.05, 50, 0, 0 },
        { "20 % for 25 m: too short", -0.20, 25, 0, 0 },
        { "12 % for 100 m: steep", -0.12, 100, 1, 1 },
        { "10 % is steep", -0.10, 100, 1, 1 },
        { "uphill", 0.12, 500, 0, 0 },
    };

    for (size_t h = 0; h < sizeof(hills) / sizeof(hills[0]); h++) {
        struct stretch stretch;
        struct stretch_total total;
        double m = 0;

        print_message("%s\n", hills[h].label);
        stretch_init(&stretch);
        for (; m <= hills[h].metres; m += 2.5)
            stretch_feed(&stretch, &(struct terrain_row){ .t_s = m / 2.5,
                                                          .distance_m = m,
                                                          .altitude_m = hills[h].grade * m,
                                                          .grade = hills[h].grade,
                                                          .steps = NAN });
        total = stretch_total(&stretch);
        assert_int_equal(total.n, hills[h].n);
        if (hills[h].n == 0)
            continue;
        assert_close(total.drop_m, -hills[h].grade * hills[h].metres, 1e-9);
        assert_close(total.steep_m, hills[h].steep_share * total.drop_m, 1e-9);
        assert_true(isnan(total.steps)); /* nobody counted */
        stretch_part(&stretch);
        stretch_part(&stretch);
        assert_close(stretch_total(&stretch).drop_m, total.drop_m, 0);
    }
}

static void test_a_hole_and_the_level_end_a_stretch(void **state)
{
    static const double after[] = { NAN, 0, -0.0199 };

    for (size_t i = 0; i < 3; i++) {
        struct stretch stretch;

        stretch_init(&stretch);
        stretch_feed(&stretch, &(struct terrain_row){ .grade = -0.05 });
        stretch_feed(&stretch,
                     &(struct terrain_row){
                         .t_s = 60, .distance_m = 200, .altitude_m = -10, .grade = -0.025 });
        assert_true(stretch.open);
        stretch_feed(&stretch,
                     &(struct terrain_row){
                         .t_s = 61, .distance_m = 203, .altitude_m = -10.1, .grade = after[i] });
        assert_false(stretch.open);
        assert_close(stretch.total.drop_m, 10.1, 1e-9);
    }
}

static void test_what_was_walked_is_told_apart_and_a_red_light_takes_no_time(void **state)
{
    struct terrain_row row = { .grade = -0.05 };
    struct stretch_total total;
    struct stretch stretch;

    stretch_init(&stretch);
    for (int i = 0; i < 100; i++) {
        stretch_feed(&stretch, &row);
        row.t_s += i == 50 ? 90 : 1;
        row.distance_m += 3;
        row.altitude_m -= 0.15;
        row.walking = i >= 60;
    }
    total = stretch_total(&stretch);
    assert_close(total.drop_m, 99 * 0.15, 1e-9);
    assert_close(total.walked_m, 39 * 0.15, 1e-9);
    assert_close(total.time_s, 98, 1e-9);
}

/* ---- grade ------------------------------------------------------------------------------------- */

static void test_live_the_grade_lags_and_nothing_waits(void **state)
{
    static struct grade grade;
    struct terrain_row row;

    grade_init(&grade, true);
    for (int i = 0; i < 200; i++) {
        put((size_t)i, 3.0 * i, i < 100 ? 0 : -0.3 * (i - 100));
        grade_feed(&grade, &rows[i]);
        assert_true(grade_take(&grade, &row));
        assert_false(grade_take(&grade, &row));
        assert_close(row.t_s, i, 0);
        if (3 * i < 20)
            assert_true(isnan(row.grade));
        else if (i <= 100)
            assert_close(row.grade, 0, 1e-12);
        else if (i > 117)
            assert_close(row.grade, -0.1, 1e-9);
        else
            assert_true(row.grade <= 0 && row.grade >= -0.1);
    }
}

static void test_a_crowd_of_rows_in_one_place_is_answered_all_the_same(void **state)
{
    static struct grade grade;
    size_t done = 0;
    struct terrain_row row;

    for (int live = 0; live < 2; live++) {
        done = 0;
        grade_init(&grade, live);
        for (int i = 0; i < 5000; i++) {
            /* a millimetre a row, and once it goes back */
            put(0, i == 2500 ? 0 : 0.001 * i, i % 7);
            grade_feed(&grade, &rows[0]);
            for (; grade_take(&grade, &row); done++)
                assert_true(isnan(row.grade));
        }
        grade_end(&grade);
        while (grade_take(&grade, &row))
            done++;
        assert_int_equal(done, 5000);
    }
}

static void test_no_grade_is_steeper_than_any_that_is_run(void **state)
{
    struct stretch stretch;

    for (size_t i = 0; i < 100; i++)
        put(i, 2.0 * (double)i, -5.0 * (double)i);
    assert_int_equal(run(100, false, &stretch), 100);
    assert_close(graded[50].grade, -GRADE_MAX, 0);
    assert_int_equal(run(0, false, &stretch), 0);
    assert_int_equal(stretch.total.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_which_hills_count),
        cmocka_unit_test(test_a_hole_and_the_level_end_a_stretch),
        cmocka_unit_test(test_what_was_walked_is_told_apart_and_a_red_light_takes_no_time),
        cmocka_unit_test(test_live_the_grade_lags_and_nothing_waits),
        cmocka_unit_test(test_a_crowd_of_rows_in_one_place_is_answered_all_the_same),
        cmocka_unit_test(test_no_grade_is_steeper_than_any_that_is_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
