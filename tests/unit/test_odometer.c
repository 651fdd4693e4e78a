/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/odometer.h"

#define S 1000000u

/* A second of running at speed with the total at `total` counts; 0 or less: no total in the packet. */
static double feed_for(struct odometer *o, bool tight, double seconds, double speed, int64_t total,
                       bool *ret_bridged)
{
    struct odometer_input input = {
        .elapsed_usec = (uint64_t)(seconds * S),
        .by_speed_m = speed * (seconds < 3 ? seconds : 3),
        .has_total = total >= 0,
        .total = (uint32_t)total,
        .tight = tight,
    };
    return odometer_feed(o, &input, ret_bridged);
}

static double tight(struct odometer *o, double seconds, double speed, int64_t total)
{
    bool bridged;
    return feed_for(o, true, seconds, speed, total, &bridged);
}

static double loose(struct odometer *o, double seconds, double speed, int64_t total)
{
    bool bridged;
    return feed_for(o, false, seconds, speed, total, &bridged);
}

static void test_tight_total_is_the_distance(void **state)
{
    struct odometer o;
    double sum = 0;

    odometer_init(&o, 0.1, UINT32_MAX);
    assert_near(tight(&o, 0, 3, 123456), 0, 1e-9); /* a lifetime counter: only a reference */
    for (int i = 1; i <= 100; i++)
        sum += tight(&o, 1, 3.3, 123456 + 30 * i); /* speed reads 10 % high */
    assert_near(sum, 300, 1e-6);
}

static void test_wrap_is_a_difference(void **state)
{
    struct odometer o;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 3, UINT32_MAX - 10);
    assert_near(tight(&o, 1, 3, 19), 3.0, 1e-9);

    odometer_init(&o, 1, 0xFFFFFF);
    tight(&o, 0, 3, 0xFFFFFE);
    assert_near(tight(&o, 1, 3, 1), 3, 1e-9);
}

static void test_reset_counts_by_speed_once(void **state)
{
    static const struct {
        const char *label;
        uint32_t total;
    } rows[] = { { "to zero", 0 }, { "backward a little", 4999 }, { "far ahead", 90000 } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct odometer o;
        bool bridged;
        odometer_init(&o, 0.1, UINT32_MAX);
        tight(&o, 0, 3, 5000);
        print_message("%s\n", rows[i].label);
        assert_near(feed_for(&o, true, 1, 3, rows[i].total, &bridged), 3, 1e-9);
        assert_false(bridged);
        assert_near(tight(&o, 1, 2.5, rows[i].total + 30), 3, 1e-9);
    }
}

static void test_dropout_is_bridged(void **state)
{
    struct odometer o;
    bool bridged;

    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 3, 1000);
    assert_near(feed_for(&o, true, 1, 3, 1030, &bridged), 3, 1e-9);
    assert_false(bridged);
    assert_near(feed_for(&o, true, 40, 3, 1030 + 1200, &bridged), 120, 1e-9);
    assert_true(bridged);
    /* reset while away: three seconds of the last speed, and no more is known */
    assert_near(feed_for(&o, true, 40, 3, 50, &bridged), 9, 1e-9);
    assert_false(bridged);
    /* faster than anyone runs */
    assert_near(feed_for(&o, true, 40, 3, 50 + 6000, &bridged), 9, 1e-9);
    assert_false(bridged);
}

/* Fewer metres than the speed before it would have made, and the total has counted each of them. */
static void test_a_dropout_in_which_the_runner_slows_down_is_bridged(void **state)
{
    struct odometer o;
    bool bridged;

    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 4.2, 1000);
    tight(&o, 1, 4.2, 1042);
    assert_near(feed_for(&o, true, 5, 4.2, 1042 + 115, &bridged), 11.5, 1e-9);
    assert_true(bridged);
    assert_near(feed_for(&o, true, 20, 2.2, 1157 + 60, &bridged), 6,
                1e-9); /* began again at its end */
    assert_false(bridged);
    assert_near(feed_for(&o, true, 5, 2.2, 1217, &bridged), 0, 1e-9); /* stood, or is frozen */
    assert_false(bridged);
}

static void test_no_total_ever(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 0.1, UINT32_MAX);
    for (int i = 0; i < 100; i++)
        sum += tight(&o, 1, 3, -1);
    assert_near(sum, 300, 1e-6);
}

static void test_total_in_some_packets_only(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 3, 0);
    for (int i = 1; i <= 600; i++)
        sum += tight(&o, 1, 3.1, i % 5 ? -1 : 30 * i);
    assert_near(sum, 1800, 1e-6);
    assert_false(o.mistrusted);
}

static void test_frozen_total_goes_by_speed_and_loses_nothing(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 3, 0);
    for (int i = 1; i <= 9; i++)
        sum += tight(&o, 1, 3, 0);
    assert_near(sum, 0, 1e-9);
    sum += tight(&o, 1, 3, 0);
    assert_near(sum, 30, 1e-9); /* what was missed comes at once */
    for (int i = 11; i <= 1000; i++)
        sum += tight(&o, 1, 3, 0);
    assert_near(sum, 3000, 1e-6);
}

static void test_frozen_total_that_catches_up_is_not_counted_twice(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 2, 0);
    for (int i = 1; i <= 11; i++) /* 22 m by speed */
        sum += tight(&o, 1, 2, 0);
    sum += tight(&o, 1, 2, 240); /* all of it in one lump */
    assert_near(sum, 24, 1e-9);
    sum += tight(&o, 1, 2, 260);
    assert_near(sum, 26, 1e-9);
}

/* What a total will never count is not taken from what it counts later. */
static void test_total_that_starts_late_keeps_what_was_run_before(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 3, 0);
    for (int i = 1; i <= 30; i++)
        sum += tight(&o, 1, 3, 0);
    for (int i = 1; i <= 100; i++)
        sum += tight(&o, 1, 3, 30 * i);
    assert_near(sum, 90 + 300, 3);
}

static void test_standing_is_not_frozen(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 0, 700);
    for (int i = 0; i < 600; i++)
        sum += tight(&o, 1, 0, 700);
    assert_near(sum, 0, 1e-9);
    assert_false(o.frozen);
    assert_near(tight(&o, 1, 0, 720), 2, 1e-9);
}

static void test_loose_follows_the_total_within_two_lumps(void **state)
{
    static const struct {
        const char *label;
        double speed, per_second, expected;
        int lump;
    } rows[] = {
        { "metres, speed right", 2.5, 2.5, 2500, 1 },
        { "metres, speed 3 % high", 2.575, 2.5, 2500, 1 },
        { "metres, speed 3 % low", 2.425, 2.5, 2500, 1 },
        { "miles an hour in the km/h field", 1.5534, 2.5, 2500, 1 },
        { "lumps of 10 m", 2.5, 2.5, 2500, 10 },
        { "lumps of 10 m, speed 10 % low", 2.25, 2.5, 2500, 10 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct odometer o;
        double sum = 0;
        odometer_init(&o, 1, 0xFFFFFF);
        loose(&o, 0, 0, 0);
        for (int t = 1; t <= 1000; t++) {
            int total = (int)(rows[i].per_second * t);
            double metres = loose(&o, 1, rows[i].speed, total - total % rows[i].lump);
            assert_true(metres >= 0);
            sum += metres;
        }
        print_message("%s: %.1f\n", rows[i].label, sum);
        assert_near(sum, rows[i].expected, 2 * (rows[i].lump > 3 ? rows[i].lump : 3));
    }
}

static void test_loose_total_in_other_units_is_not_believed(void **state)
{
    static const struct {
        const char *label;
        double per_second, least, most;
    } rows[] = {
        { "tens of metres", 0.25, 2480, 2520 },
        { "frozen", 0, 2480, 2520 },
        { "decimetres", 25, 2480, 2900 }, /* believed until 200 'metres' made it plain */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct odometer o;
        double sum = 0;
        odometer_init(&o, 1, 0xFFFFFF);
        loose(&o, 0, 0, 0);
        for (int t = 1; t <= 1000; t++)
            sum += loose(&o, 1, 2.5, (int)(rows[i].per_second * t));
        print_message("%s: %.1f\n", rows[i].label, sum);
        assert_true(sum >= rows[i].least && sum <= rows[i].most);
    }
}

/* The machine had counted a little more than was given out: a reset does not lose it. */
static void test_reset_gives_what_was_counted_and_not_given(void **state)
{
    struct odometer o;
    double sum = 0;
    odometer_init(&o, 1, 0xFFFFFF);
    loose(&o, 0, 2, 100);
    for (int i = 1; i <= 3; i++)
        sum += loose(&o, 1, 2, 100 + 3 * i); /* 9 m counted, 6 m by speed: within two lumps */
    assert_near(sum, 6, 1e-9);
    sum += loose(&o, 1, 2, 0);
    assert_near(sum, 9 + 2, 1e-9);
}

static void test_forget_makes_a_new_beginning(void **state)
{
    struct odometer o;
    odometer_init(&o, 0.1, UINT32_MAX);
    tight(&o, 0, 3, 1000);
    odometer_forget(&o);
    assert_near(tight(&o, 0, 3, 51000), 0, 1e-9);
    assert_near(tight(&o, 1, 3, 51030), 3, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tight_total_is_the_distance),
        cmocka_unit_test(test_wrap_is_a_difference),
        cmocka_unit_test(test_reset_counts_by_speed_once),
        cmocka_unit_test(test_dropout_is_bridged),
        cmocka_unit_test(test_a_dropout_in_which_the_runner_slows_down_is_bridged),
        cmocka_unit_test(test_no_total_ever),
        cmocka_unit_test(test_total_in_some_packets_only),
        cmocka_unit_test(test_frozen_total_goes_by_speed_and_loses_nothing),
        cmocka_unit_test(test_frozen_total_that_catches_up_is_not_counted_twice),
        cmocka_unit_test(test_total_that_starts_late_keeps_what_was_run_before),
        cmocka_unit_test(test_standing_is_not_frozen),
        cmocka_unit_test(test_loose_follows_the_total_within_two_lumps),
        cmocka_unit_test(test_loose_total_in_other_units_is_not_believed),
        cmocka_unit_test(test_reset_gives_what_was_counted_and_not_given),
        cmocka_unit_test(test_forget_makes_a_new_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
