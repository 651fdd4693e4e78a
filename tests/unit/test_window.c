/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/metrics/window.h"
#include "close.h"

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
    assert_close(window_mean(&w, 30 * S), 25.5, 1e-9); /* 21 .. 30 */
}

static void test_after_three_silent_seconds_there_is_no_value(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    window_feed(&w, 160, 7 * S);
    assert_close(window_mean(&w, 10 * S), 160, 1e-9);
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
    assert_close(window_mean(&w, 20 * S - 1), 150, 1e-6);
}

static void test_an_old_turn_of_the_ring_is_not_counted(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    window_feed(&w, 1000, 1 * S);
    window_feed(&w, 10, 100 * S);
    assert_close(window_mean(&w, 100 * S), 10, 1e-9);
}

static void test_each_value_weighs_the_time_it_speaks_for(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    for (uint64_t i = 1; i <= 5; i++) /* five seconds at 1 Hz */
        window_feed(&w, 100, (10 + i) * S);
    for (uint64_t i = 1; i <= 20; i++) /* five seconds at 4 Hz */
        window_feed(&w, 200, 15 * S + i * S / 4);
    /* 5 s less the three slots before the very first value, which it cannot speak for */
    assert_close(window_covered_s(&w, 20 * S), 9.25, 1e-9);
    assert_close(window_mean(&w, 20 * S), (4.25 * 100 + 5 * 200) / 9.25, 1e-9);
}

static void test_after_a_silence_a_value_speaks_for_itself_alone(void **state)
{
    static const struct {
        const char *label;
        uint64_t silence;
        double covered_s, mean;
    } rows[] = {
        /* 100 at 1 s, 200 after the silence; slots of 0.25 s */
        { "held", 3 * S, 3.25, (0.25 * 100 + 3 * 200) / 3.25 },
        { "not held", 3 * S + S / 4, 0.5, 150 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct window w;
        uint64_t t = S + rows[i].silence;

        print_message("%s\n", rows[i].label);
        window_init(&w, 10 * S);
        window_feed(&w, 100, S);
        window_feed(&w, 200, t);
        assert_close(window_covered_s(&w, t), rows[i].covered_s, 1e-9);
        assert_close(window_mean(&w, t), rows[i].mean, 1e-9);
    }
}

static void test_what_entered_before_the_span_counts_from_its_edge(void **state)
{
    struct window w;

    window_init(&w, 4 * S);
    for (uint64_t t = 2; t <= 20; t += 2) /* each speaks for two seconds */
        window_feed(&w, (double)t, t * S);
    assert_close(window_covered_s(&w, 20 * S), 4, 1e-9);
    assert_close(window_mean(&w, 20 * S), 19, 1e-9); /* 18 and 20 */
    /* a second later the span begins at 17 s: of the 18 a second is left */
    assert_close(window_covered_s(&w, 21 * S), 3, 1e-9);
    assert_close(window_mean(&w, 21 * S), (18 + 2 * 20) / 3.0, 1e-9);
}

static void test_a_packet_from_the_past_changes_nothing(void **state)
{
    struct window w, before;

    window_init(&w, 10 * S);
    for (uint64_t t = 1; t <= 30; t++)
        window_feed(&w, 150, t * S);
    before = w;
    window_feed(&w, 1, 30 * S - 1);
    window_feed(&w, 1, 14 * S); /* the place of the slot of 30 s */
    window_feed(&w, INFINITY, 31 * S);
    assert_memory_equal(&w, &before, sizeof(w));
}

static void test_time_may_begin_at_zero(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    window_feed(&w, 160, 0);
    assert_close(window_mean(&w, 0), 160, 1e-9);
    assert_close(window_mean(&w, 1 * S), 160, 1e-9);
}

static void test_the_longest_span_is_twelve_seconds(void **state)
{
    struct window w;

    window_init(&w, 60 * S);
    for (uint64_t t = 1; t <= 60; t++)
        window_feed(&w, (double)t, t * S);
    assert_close(window_covered_s(&w, 60 * S), 12, 1e-9);
    assert_close(window_mean(&w, 60 * S), 54.5, 1e-9); /* 49 .. 60 */
}

static void test_silence_covers_nothing(void **state)
{
    struct window w;

    window_init(&w, 10 * S);
    assert_close(window_covered_s(&w, 5 * S), 0, 0);
    for (uint64_t t = 1; t <= 20; t++)
        window_feed(&w, 160, t * S);
    assert_close(window_covered_s(&w, 20 * S), 10, 1e-9);
    assert_close(window_covered_s(&w, 23 * S + 1), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said_is_nothing_known),
        cmocka_unit_test(test_the_mean_is_of_the_last_ten_seconds),
        cmocka_unit_test(test_after_three_silent_seconds_there_is_no_value),
        cmocka_unit_test(test_fifty_packets_a_second_weigh_as_much_as_one),
        cmocka_unit_test(test_an_old_turn_of_the_ring_is_not_counted),
        cmocka_unit_test(test_each_value_weighs_the_time_it_speaks_for),
        cmocka_unit_test(test_after_a_silence_a_value_speaks_for_itself_alone),
        cmocka_unit_test(test_what_entered_before_the_span_counts_from_its_edge),
        cmocka_unit_test(test_a_packet_from_the_past_changes_nothing),
        cmocka_unit_test(test_time_may_begin_at_zero),
        cmocka_unit_test(test_the_longest_span_is_twelve_seconds),
        cmocka_unit_test(test_silence_covers_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
