/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/training/counter.h"
#include "tests/unit/close.h"

#define S UINT64_C(1000000)

/* One sensor of each source: its number is that of the source. */
static double feed(struct counter *c, enum sample_source source, double delta, uint64_t t_usec)
{
    return counter_feed(c, (int)source, source, delta, t_usec);
}

static void touch(struct counter *c, enum sample_source source, uint64_t t_usec)
{
    counter_touch(c, (int)source, source, t_usec);
}

static void test_one_source_is_simply_summed(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    assert_false(c.any);
    for (uint64_t t = 1; t <= 10; t++)
        assert_close(feed(&c, SAMPLE_SOURCE_POD, 3, t * S), 3, 1e-9);
    assert_close(c.total, 30, 1e-9);
    assert_int_equal(c.active, SAMPLE_SOURCE_POD);
}

static void test_belt_and_pod_together_count_once(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 100; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, 3, t * S);
        feed(&c, SAMPLE_SOURCE_POD, 3.3, t * S + S / 2);
    }
    assert_close(c.total, 300, 1e-9);
    assert_int_equal(c.active, SAMPLE_SOURCE_BELT);
}

static void test_the_pod_takes_over_when_the_belt_falls_silent_and_nothing_is_lost(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 10; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, 3, t * S);
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S + 1);
    }
    for (uint64_t t = 11; t <= 60; t++)
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S + 1);
    /* one packet of the pod fell between the belt's last and its own */
    assert_close(c.total, 180, 3.01);
    assert_int_equal(c.active, SAMPLE_SOURCE_POD);
}

static void test_a_bridged_gap_that_another_filled_is_not_filled_twice(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 10; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, 3, t * S);
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
    }
    for (uint64_t t = 11; t <= 40; t++)
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
    feed(&c, SAMPLE_SOURCE_BELT, 93, 41 * S); /* its own count of the 31 s */
    assert_close(c.total, 123, 0.01);
}

static void test_an_odometer_that_ran_on_fills_a_gap(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    feed(&c, SAMPLE_SOURCE_POD, 3, 1 * S);
    feed(&c, SAMPLE_SOURCE_POD, 300, 101 * S);
    assert_close(c.total, 303, 1e-9);
}

static void test_a_source_that_joins_late_brings_nothing_from_before(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 10; t++)
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
    feed(&c, SAMPLE_SOURCE_BELT, 0, 11 * S);
    feed(&c, SAMPLE_SOURCE_BELT, 3, 12 * S);
    assert_close(c.total, 33, 1e-9);
}

/* Belt and pod for ten seconds, then the pod alone until second 40: 120 m. */
static struct counter pod_filled_a_gap(void)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 0; t <= 40; t++) {
        feed(&c, SAMPLE_SOURCE_POD, t ? 3 : 0, t * S);
        if (t <= 10)
            feed(&c, SAMPLE_SOURCE_BELT, t ? 3 : 0, t * S);
    }
    assert_close(c.total, 120, 1e-9);
    return c;
}

static void test_packets_that_a_bad_link_held_back_are_no_second_distance(void **state)
{
    struct counter c = pod_filled_a_gap();

    for (uint64_t i = 1; i <= 31; i++)
        feed(&c, SAMPLE_SOURCE_BELT, 3, 41 * S + i * 1000);
    assert_close(c.total, 123, 1e-9);
    assert_int_equal(c.active, SAMPLE_SOURCE_BELT);
    for (uint64_t t = 42; t <= 60; t++) {
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
        feed(&c, SAMPLE_SOURCE_BELT, 3, t * S);
    }
    assert_close(c.total, 180, 1e-9);
}

static void test_a_source_that_comes_back_with_nothing_of_the_gap_goes_on_from_there(void **state)
{
    struct counter c = pod_filled_a_gap();

    feed(&c, SAMPLE_SOURCE_BELT, 0, 40 * S + 1);
    for (uint64_t t = 41; t <= 60; t++) {
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
        feed(&c, SAMPLE_SOURCE_BELT, 3, t * S + 1);
        assert_close(c.total, 3.0 * (double)t, 1e-9); /* and it never stands still */
    }
    assert_int_equal(c.active, SAMPLE_SOURCE_BELT);
}

/* Held back while the other filled in, and let go once the runner stands: the other's word has more. */
static void test_packets_held_back_until_the_other_stands_are_no_second_distance(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 0; t <= 140; t++) {
        feed(&c, SAMPLE_SOURCE_POD, t && t <= 108 ? 3 : 0, t * S);
        for (uint64_t i = 1; t == 117 && i <= 8; i++)
            feed(&c, SAMPLE_SOURCE_BELT, 3, t * S + i * 1000);
        if (t <= 100 || t >= 117)
            feed(&c, SAMPLE_SOURCE_BELT, t && t <= 100 ? 3 : 0, t * S + S / 2);
    }
    assert_close(c.total, 108 * 3, 1e-9);
}

/* It moves and brings nothing of the silence, while the other stands: its metres come five seconds late. */
static void
test_who_was_silent_and_moves_while_the_other_stands_loses_nothing_for_long(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 0; t <= 140; t++) {
        feed(&c, SAMPLE_SOURCE_POD, t && t <= 108 ? 3 : 0, t * S);
        if (t <= 100 || t >= 117)
            feed(&c, SAMPLE_SOURCE_BELT, t && t != 117 ? 3 : 0, t * S + S / 2);
    }
    assert_close(c.total, 108 * 3 + 23 * 3, 1e-9);
}

static void test_the_lesser_source_that_falls_silent_just_then_costs_nothing(void **state)
{
    struct counter c = pod_filled_a_gap();

    for (uint64_t t = 41; t <= 60; t++)
        feed(&c, SAMPLE_SOURCE_BELT, t == 41 ? 0 : 3, t * S);
    assert_close(c.total, 120 + 19 * 3, 1e-9);
}

static void test_what_the_leader_counted_is_not_brought_again_by_who_was_silent(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 0; t <= 100; t++) {
        if (t <= 10)
            feed(&c, SAMPLE_SOURCE_POD, t ? 3 : 0, t * S);
        feed(&c, SAMPLE_SOURCE_BELT, t ? 3 : 0, t * S);
    }
    feed(&c, SAMPLE_SOURCE_POD, 3 * 100, 110 * S); /* its odometer ran on */
    assert_close(c.total, 330, 1e-9);
    feed(&c, SAMPLE_SOURCE_POD, 3, 111 * S);
    assert_close(c.total, 333, 1e-9);
}

/* A treadmill is linked all day and tells 0 each second, whoever runs beside it. */
static void test_a_better_one_that_stands_leaves_the_word_to_the_one_that_moves(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 700; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, 0, t * S);
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S + S / 2);
    }
    assert_close(c.total, 2100, 1e-9);
    assert_int_equal(c.active, SAMPLE_SOURCE_POD);
}

static void test_for_eight_seconds_it_is_believed_that_it_stands(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 30; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, t <= 10 ? 3 : 0, t * S);
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S + S / 2);
        assert_int_equal(counter_best(&c, t * S + S / 2),
                         t < 18 ? SAMPLE_SOURCE_BELT : SAMPLE_SOURCE_POD);
    }
    assert_close(c.total, 30 + 14 * 3, 1e-9); /* from the belt's word in second 17 */
}

/* Both say 0: it is known that nobody moves, and the better one says it. */
static void test_of_two_that_stand_the_better_one_speaks(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 60; t++) {
        feed(&c, SAMPLE_SOURCE_POD, t < 20 ? 3 : 0, t * S);
        feed(&c, SAMPLE_SOURCE_BELT, 0, t * S + 1);
        assert_true(counter_best(&c, t * S + 1) != COUNTER_NOBODY);
    }
    assert_int_equal(counter_best(&c, 60 * S + 1), SAMPLE_SOURCE_BELT);
    assert_close(c.total, 19 * 3, 1e-9);
}

static void test_who_stood_and_starts_again_loses_nothing_and_doubles_nothing(void **state)
{
    struct counter c;
    double there = NAN;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 130; t++) {
        bool stands = t > 10 && t <= 70;

        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
        feed(&c, SAMPLE_SOURCE_BELT, stands ? 0 : 3, t * S + 1);
        if (t == 20)
            there = c.total;
        if (t > 20)
            assert_close(c.total, there + 3.0 * (double)(t - 20), 1e-9);
    }
    assert_int_equal(c.active, SAMPLE_SOURCE_BELT);
}

static void test_who_starts_again_while_the_other_stands_counts_from_its_first_metre(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 200; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, t > 150 ? 3 : 0, t * S);
        feed(&c, SAMPLE_SOURCE_POD, t <= 100 ? 3 : 0, t * S + 1);
        assert_close(c.total, 3.0 * (double)(t <= 100 ? t : t > 150 ? t - 50 : 100), 1e-9);
    }
    assert_int_equal(c.active, SAMPLE_SOURCE_BELT);
}

/* It tells its metres by the hundred: in between it seems to stand. */
static void
test_metres_that_come_by_the_hundred_are_not_counted_beside_those_of_another(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 1000; t++) {
        feed(&c, SAMPLE_SOURCE_POD, 3, t * S);
        feed(&c, SAMPLE_SOURCE_BELT, t % 40 == 0 ? 120 : 0, t * S + 1);
    }
    assert_close(c.total, 3000, 30);
}

static void test_who_moves_does_not_stand_be_there_no_metre_yet(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 60; t++) {
        feed(&c, SAMPLE_SOURCE_BELT, 0, t * S);
        counter_moves(&c, SAMPLE_SOURCE_BELT, t * S);
        feed(&c, SAMPLE_SOURCE_POD, 0.1, t * S + 1);
    }
    assert_int_equal(counter_best(&c, 60 * S + 1), SAMPLE_SOURCE_BELT);
    assert_close(c.total, 0, 0);
}

static void test_of_two_of_one_source_the_one_that_moves_counts(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 100; t++) {
        counter_feed(&c, 0, SAMPLE_SOURCE_POD, 0, t * S);
        counter_feed(&c, 1, SAMPLE_SOURCE_POD, 3, t * S + S / 2);
    }
    assert_close(c.total, 300, 1e-9);
    assert_int_equal(c.leader, 1);
}

static void test_cadence_prefers_the_pod_and_distance_the_belt(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_cadence);
    touch(&c, SAMPLE_SOURCE_BELT, 1 * S);
    assert_int_equal(counter_best(&c, 2 * S), SAMPLE_SOURCE_BELT);
    touch(&c, SAMPLE_SOURCE_STRAP, 1 * S);
    assert_int_equal(counter_best(&c, 2 * S), SAMPLE_SOURCE_STRAP);
    touch(&c, SAMPLE_SOURCE_POD, 1 * S);
    assert_int_equal(counter_best(&c, 2 * S), SAMPLE_SOURCE_POD);
    assert_int_equal(counter_best(&c, 7 * S), COUNTER_NOBODY);
}

/* A pod on either shoe: one of them counts, and the other fills its gap. */
static void test_two_sensors_of_one_source_count_once(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 100; t++) {
        counter_feed(&c, 0, SAMPLE_SOURCE_POD, 3, t * S);
        counter_feed(&c, 1, SAMPLE_SOURCE_POD, 3, t * S + S / 2);
    }
    assert_close(c.total, 300, 1e-9);
    assert_int_equal(c.leader, 0);
    for (uint64_t t = 101; t <= 200; t++)
        counter_feed(&c, 1, SAMPLE_SOURCE_POD, 3, t * S + S / 2);
    assert_close(c.total, 600, 3.01);
    assert_int_equal(c.leader, 1);
    counter_feed(&c, 0, SAMPLE_SOURCE_POD, 303, 201 * S); /* its odometer ran on */
    assert_close(c.total, 603, 3.01);
    assert_int_equal(c.leader, 0);
}

static void test_a_device_that_turns_out_to_be_a_strap_goes_on(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    for (uint64_t t = 1; t <= 100; t++) {
        counter_feed(&c, 0, t < 50 ? SAMPLE_SOURCE_POD : SAMPLE_SOURCE_STRAP, 3, t * S);
        counter_feed(&c, 1, SAMPLE_SOURCE_POD, 3, t * S + S / 2);
    }
    assert_close(c.total, 300, 3.01);
    assert_int_equal(c.leader, 1);
}

static void test_nonsense_changes_nothing(void **state)
{
    struct counter c;

    counter_init(&c, counter_rank_distance);
    assert_close(feed(&c, SAMPLE_SOURCE_CONFIGURED, 5, S), 0, 0);
    assert_close(feed(&c, SAMPLE_SOURCE_POD, -5, S), 0, 0);
    assert_close(feed(&c, SAMPLE_SOURCE_POD, __builtin_nan(""), S), 0, 0);
    assert_close(counter_feed(&c, -1, SAMPLE_SOURCE_POD, 5, S), 0, 0);
    assert_close(counter_feed(&c, COUNTER_SENSORS, SAMPLE_SOURCE_POD, 5, S), 0, 0);
    assert_false(c.any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_source_is_simply_summed),
        cmocka_unit_test(test_belt_and_pod_together_count_once),
        cmocka_unit_test(test_the_pod_takes_over_when_the_belt_falls_silent_and_nothing_is_lost),
        cmocka_unit_test(test_a_bridged_gap_that_another_filled_is_not_filled_twice),
        cmocka_unit_test(test_an_odometer_that_ran_on_fills_a_gap),
        cmocka_unit_test(test_a_source_that_joins_late_brings_nothing_from_before),
        cmocka_unit_test(test_packets_that_a_bad_link_held_back_are_no_second_distance),
        cmocka_unit_test(test_a_source_that_comes_back_with_nothing_of_the_gap_goes_on_from_there),
        cmocka_unit_test(test_packets_held_back_until_the_other_stands_are_no_second_distance),
        cmocka_unit_test(
            test_who_was_silent_and_moves_while_the_other_stands_loses_nothing_for_long),
        cmocka_unit_test(test_the_lesser_source_that_falls_silent_just_then_costs_nothing),
        cmocka_unit_test(test_what_the_leader_counted_is_not_brought_again_by_who_was_silent),
        cmocka_unit_test(test_a_better_one_that_stands_leaves_the_word_to_the_one_that_moves),
        cmocka_unit_test(test_for_eight_seconds_it_is_believed_that_it_stands),
        cmocka_unit_test(test_of_two_that_stand_the_better_one_speaks),
        cmocka_unit_test(test_who_stood_and_starts_again_loses_nothing_and_doubles_nothing),
        cmocka_unit_test(test_who_starts_again_while_the_other_stands_counts_from_its_first_metre),
        cmocka_unit_test(
            test_metres_that_come_by_the_hundred_are_not_counted_beside_those_of_another),
        cmocka_unit_test(test_who_moves_does_not_stand_be_there_no_metre_yet),
        cmocka_unit_test(test_of_two_of_one_source_the_one_that_moves_counts),
        cmocka_unit_test(test_cadence_prefers_the_pod_and_distance_the_belt),
        cmocka_unit_test(test_two_sensors_of_one_source_count_once),
        cmocka_unit_test(test_a_device_that_turns_out_to_be_a_strap_goes_on),
        cmocka_unit_test(test_nonsense_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
