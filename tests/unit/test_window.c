/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/metrics/window.h"

#define S UINT64_C(1000000)

static void test_nothing_said_is_nothing_known(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    assert_true(isnan(window_mean(&w, 5 * S)));
    window_feed(&w, NAN, 5 * S);
    assert_true(isnan(window_mean(&w, 5 * S)));
}

static void test_the_mean_is_of_the_last_ten_seconds(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    for (uint64_t t = 1; t <= 30; t++)
        window_feed(&w, (double)t, t * S);
    assert_float_equal(window_mean(&w, 30 * S), 25.5, 1e-9); /* 21 .. 30 */
}

static void test_after_three_silent_seconds_there_is_no_value(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    window_feed(&w, 160, 7 * S);
    assert_float_equal(window_mean(&w, 10 * S), 160, 1e-9);
    assert_true(isnan(window_mean(&w, 10 * S + 1)));
}

static void test_fifty_packets_a_second_weigh_as_much_as_one(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    for (int i = 0; i < 250; i++) /* five seconds at 50 Hz */
        window_feed(&w, 100, 10 * S + (uint64_t)i * 20000);
    for (int i = 0; i < 20; i++) /* five seconds at 4 Hz */
        window_feed(&w, 200, 15 * S + (uint64_t)i * 250000);
    assert_float_equal(window_mean(&w, 20 * S - 1), 150, 1e-6);
}

static void test_an_old_turn_of_the_ring_is_not_counted(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    window_feed(&w, 1000, 1 * S);
    window_feed(&w, 10, 100 * S);
    assert_float_equal(window_mean(&w, 100 * S), 10, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said_is_nothing_known),
        cmocka_unit_test(test_the_mean_is_of_the_last_ten_seconds),
        cmocka_unit_test(test_after_three_silent_seconds_there_is_no_value),
        cmocka_unit_test(test_fifty_packets_a_second_weigh_as_much_as_one),
        cmocka_unit_test(test_an_old_turn_of_the_ring_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
