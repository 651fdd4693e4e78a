/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/metrics/smooth.h"
#include "lib/terrain/turns.h"
#include "close.h"
#include "vectors.h"

#define N_MAX 2000

static size_t altitudes(const json_t *in, double ret[N_MAX])
{
    const json_t *list = json_object_get(in, "alt");
    size_t n = json_array_size(list);

    assert_true(n > 0 && n <= N_MAX);
    for (size_t i = 0; i < n; i++)
        ret[i] = json_number_value(json_array_get(list, i));
    return n;
}

static double pair(const json_t *object, const char *key, size_t i)
{
    const json_t *value = json_array_get(json_object_get(object, key), i);

    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void check(const double *alt, size_t n, double threshold_m, const json_t *expected,
                  const char *key, double tol)
{
    struct turns turns;

    turns_init(&turns, threshold_m);
    for (size_t i = 0; i < n; i++)
        turns_feed(&turns, alt[i]);
    vectors_assert_close(turns_ascent_m(&turns), pair(expected, key, 0), tol);
    vectors_assert_close(turns_descent_m(&turns), pair(expected, key, 1), tol);
}

static void smooth(const double *in, size_t n, double *ret)
{
    struct smooth smooth;
    size_t done = 0;

    smooth_init_final(&smooth);
    for (size_t i = 0; i < n; i++)
        done += smooth_feed(&smooth, in[i], ret + done);
    while (smooth_flush(&smooth, ret + done))
        done++;
    assert_int_equal(done, n);
}

static void test_an_independent_implementation_gets_the_same(void **state)
{
    static double alt[N_MAX], smoothed[N_MAX + 1];
    json_t *file = vectors_load("ascent.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *in = json_object_get(c, "input"), *expected = json_object_get(c, "expected");
        double threshold_m = vectors_number(in, "threshold"), tol = vectors_number(c, "tol");
        size_t n = altitudes(in, alt);

        print_message("%s\n", json_string_value(json_object_get(c, "name")));
        if (json_object_get(in, "median")) {
            check(alt, n, threshold_m, expected, "zigzag_unsmoothed", tol);
            smooth(alt, n, smoothed);
            check(smoothed, n, threshold_m, expected, "zigzag", tol);
            check(smoothed, n, threshold_m, expected, "true", 0.05);
        } else {
            check(alt, n, threshold_m, expected, "zigzag", tol);
        }
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 12);
}

static void test_what_is_unknown_is_passed_over(void **state)
{
    static const double alt[] = { NAN, 10, NAN, 20, INFINITY, -INFINITY, NAN, 5, NAN };
    struct turns turns;

    turns_init(&turns, TURNS_FINE_M);
    assert_close(turns_ascent_m(&turns), 0, 0);
    for (size_t i = 0; i < sizeof(alt) / sizeof(alt[0]); i++)
        turns_feed(&turns, alt[i]);
    assert_close(turns_ascent_m(&turns), 10, 0);
    assert_close(turns_descent_m(&turns), 15, 0);
}

/* Two barometers of one run need not agree on the level. */
static void test_nothing_is_climbed_between_two_parts(void **state)
{
    struct turns turns;

    turns_init(&turns, TURNS_FINE_M);
    turns_feed(&turns, 0);
    turns_feed(&turns, 10);
    turns_part(&turns);
    turns_feed(&turns, 500);
    turns_feed(&turns, 494);
    assert_close(turns_ascent_m(&turns), 10, 0);
    assert_close(turns_descent_m(&turns), 6, 0);
    turns_part(&turns);
    turns_part(&turns);
    assert_close(turns_ascent_m(&turns), 10, 0);
    assert_close(turns_descent_m(&turns), 6, 0);
}

static void test_a_threshold_of_nothing_counts_every_step(void **state)
{
    struct turns turns;

    turns_init(&turns, 0);
    for (int i = 0; i < 11; i++)
        turns_feed(&turns, i % 2);
    assert_close(turns_ascent_m(&turns), 5, 0);
    assert_close(turns_descent_m(&turns), 5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_what_is_unknown_is_passed_over),
        cmocka_unit_test(test_nothing_is_climbed_between_two_parts),
        cmocka_unit_test(test_a_threshold_of_nothing_counts_every_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
