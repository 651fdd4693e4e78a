/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>
#include "lib/metrics/heart_load.h"
#include "close.h"
#include "vectors.h"

#define S UINT64_C(1000000)

static const struct heart_profile man = { CONF_SEX_MALE, 188, 52, 0 };

/* Each sample holds for its seconds: told each second, as a strap does. */
static struct heart_load run(const struct heart_profile *profile, const json_t *samples)
{
    struct heart_load load;
    uint64_t t = S;
    size_t i;
    json_t *sample;

    heart_load_init(&load, profile);
    json_array_foreach(samples, i, sample)
    {
        double bpm = json_number_value(json_array_get(sample, 0));
        double left = json_number_value(json_array_get(sample, 1));

        while (left > 0) {
            double step = left < 1 ? left : 1;

            heart_load_feed(&load, bpm, t);
            t += (uint64_t)(step * 1e6);
            left -= step;
        }
    }
    heart_load_tick(&load, t);
    return load;
}

static void check_banister(const json_t *input, const json_t *expected, double tol)
{
    const char *sex = json_string_value(json_object_get(input, "sex"));
    struct heart_profile profile = {
        .max_bpm = (int)vectors_number(input, "hrmax"),
        .rest_bpm = (int)vectors_number(input, "rest"),
    };
    struct heart_load load;

    profile.sex = sex && strcmp(sex, "male") == 0     ? CONF_SEX_MALE
                  : sex && strcmp(sex, "female") == 0 ? CONF_SEX_FEMALE
                                                      : CONF_SEX_UNKNOWN;
    load = run(&profile, json_object_get(input, "samples"));
    vectors_assert_close(heart_load_trimp(&load), vectors_number(expected, "trimp"), tol);
}

static void check_edwards(const json_t *input, const json_t *expected, double tol)
{
    struct heart_profile profile = {
        .max_bpm = (int)vectors_number(input, "hrmax"),
    };
    struct heart_load load = run(&profile, json_object_get(input, "samples"));
    const json_t *minutes = json_object_get(expected, "zone_min");

    vectors_assert_close(heart_load_edwards(&load), vectors_number(expected, "trimp"), tol);
    assert_int_equal(json_array_size(minutes), 6); /* the first: below every zone */
    vectors_assert_close(load.zone_s[0] / 60, json_number_value(json_array_get(minutes, 0)), tol);
    for (int zone = 0; zone < 5; zone++)
        vectors_assert_close(heart_load_zone_s(&load, zone) / 60,
                             json_number_value(json_array_get(minutes, (size_t)zone + 1)), tol);
}

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("trimp.json");
    size_t i, checked = 0;
    json_t *c;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const char *fn = json_string_value(json_object_get(c, "fn"));
        const json_t *input = json_object_get(c, "input"),
                     *expected = json_object_get(c, "expected");
        double tol = vectors_number(c, "tol");

        if (strcmp(fn, "banister") == 0)
            check_banister(input, expected, tol);
        else if (strcmp(fn, "edwards") == 0)
            check_edwards(input, expected, tol);
        else
            continue;
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 10);
}

static void test_a_minute_by_hand(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    for (uint64_t t = 0; t <= 60; t++)
        heart_load_feed(&load, 120, (t + 1) * S);
    /* x = 68/136 = 0.5; 0.5 * 0.64 * e^0.96 */
    assert_close(heart_load_trimp(&load), 0.5 * 0.64 * exp(0.96), 1e-9);
    assert_close(heart_load_zone(&load, 120), 2, 0); /* 63.8 % of 188 */
    assert_close(heart_load_edwards(&load), 2, 1e-9);
    assert_close(heart_load_reserve_pct(&load, 120), 50, 1e-9);
    assert_close(heart_load_mean_bpm(&load), 120, 1e-9);
}

static void test_no_profile_gives_no_load_but_a_mean(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ 0 });
    for (uint64_t t = 1; t <= 30; t++)
        heart_load_feed(&load, 150, t * S);
    assert_true(isnan(heart_load_trimp(&load)));
    assert_true(isnan(heart_load_edwards(&load)));
    assert_true(isnan(heart_load_zone(&load, 150)));
    assert_true(isnan(heart_load_zone_s(&load, 0)));
    assert_true(isnan(heart_load_reserve_pct(&load, 150)));
    assert_close(heart_load_mean_bpm(&load), 150, 1e-9);
    assert_close(heart_load_max_bpm(&load), 150, 0);
}

static void test_without_a_resting_rate_there_are_zones_but_no_banister(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ .max_bpm = 190 });
    for (uint64_t t = 1; t <= 30; t++)
        heart_load_feed(&load, 150, t * S);
    assert_true(isnan(heart_load_trimp(&load)));
    assert_close(heart_load_edwards(&load), 3 * 29 / 60.0, 1e-9);
}

static void test_the_highest_rate_is_estimated_from_age_and_said_so(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ .age_years = 40 });
    assert_true(load.estimated);
    assert_close(load.max_bpm, 180, 1e-9);
}

static void test_a_rate_holds_five_seconds_over_a_gap_and_the_rest_is_missing(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    heart_load_feed(&load, 120, 1 * S);
    heart_load_feed(&load, 120, 61 * S);
    assert_close(load.known_s, 5, 1e-9);
    assert_close(load.missing_s, 55, 1e-9);
}

static void test_less_than_ten_seconds_are_no_mean(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    assert_true(isnan(heart_load_mean_bpm(&load)));
    assert_true(isnan(heart_load_max_bpm(&load)));
    heart_load_feed(&load, 120, 1 * S);
    heart_load_feed(&load, 120, 5 * S);
    assert_true(isnan(heart_load_mean_bpm(&load)));
}

static void test_impossible_rates_are_missing(void **state)
{
    static const double rows[] = { 0, 29, 241, -5, 65535 };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heart_load load;

        heart_load_init(&load, &man);
        heart_load_feed(&load, rows[i], 1 * S);
        heart_load_feed(&load, rows[i], 2 * S);
        assert_close(load.known_s, 0, 0);
        assert_true(isnan(heart_load_max_bpm(&load)));
    }
}

static void test_ten_seconds_above_the_highest_say_that_it_is_set_too_low(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    for (uint64_t t = 1; t <= 10; t++)
        heart_load_feed(&load, 189, t * S);
    assert_false(load.max_too_low);
    heart_load_feed(&load, 189, 11 * S);
    assert_true(load.max_too_low);
}

static void test_time_going_back_changes_nothing(void **state)
{
    struct heart_load load, before;

    heart_load_init(&load, &man);
    heart_load_feed(&load, 120, 10 * S);
    before = load;
    heart_load_feed(&load, 190, 9 * S);
    assert_memory_equal(&load, &before, sizeof(load));
}

/* Sums by hand: x = 1/4, 1/2, 3/4 of a reserve of 136 above 52. */
static void test_each_sex_has_its_curve(void **state)
{
    static const struct {
        const char *label;
        enum conf_sex sex;
        double bpm, per_minute;
    } rows[] = {
        { "man at half", CONF_SEX_MALE, 120, 0.8357428715 },        /* 0.5 * 0.64 * e^0.96 */
        { "woman at half", CONF_SEX_FEMALE, 120, 0.9910700408 },    /* 0.5 * 0.86 * e^0.835 */
        { "not given, half", CONF_SEX_UNKNOWN, 120, 0.9200481687 }, /* 0.5 * 0.75 * e^0.8975 */
        { "man at a quarter", CONF_SEX_MALE, 86, 0.2585719044 },    /* 0.25 * 0.64 * e^0.48 */
        { "man at rest", CONF_SEX_MALE, 52, 0 },
        { "below rest is rest", CONF_SEX_MALE, 40, 0 },
        { "at the highest", CONF_SEX_MALE, 188, 4.3654134203 }, /* 0.64 * e^1.92 */
        { "above the highest is the highest", CONF_SEX_MALE, 200, 4.3654134203 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heart_profile profile = { rows[i].sex, 188, 52, 0 };
        struct heart_load load;

        print_message("%s\n", rows[i].label);
        heart_load_init(&load, &profile);
        assert_close(heart_load_banister(&load, rows[i].bpm), rows[i].per_minute, 1e-9);
    }
}

static void test_the_lower_edge_belongs_to_the_zone(void **state)
{
    static const struct {
        double bpm, zone;
    } rows[] = { { 94, 0 },  { 95, 1 },  { 113, 1 }, { 114, 2 }, { 132, 2 }, { 133, 3 }, { 151, 3 },
                 { 152, 4 }, { 170, 4 }, { 171, 5 }, { 190, 5 }, { 240, 5 }, { 30, 0 } };
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ .max_bpm = 190 });
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_close(heart_load_zone(&load, rows[i].bpm), rows[i].zone, 0);
    assert_true(isnan(heart_load_zone_s(&load, -1)));
    assert_true(isnan(heart_load_zone_s(&load, 5)));
}

static void test_no_heart_rate_is_no_share_of_the_reserve(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    assert_true(isnan(heart_load_reserve_pct(&load, NAN)));
    assert_true(isnan(heart_load_banister(&load, NAN)));
    assert_true(isnan(heart_load_zone(&load, NAN)));
}

static void test_two_packets_about_a_hole_are_not_ten_seconds_above(void **state)
{
    static const struct {
        const char *label;
        double between;
        uint64_t step;
        bool too_low;
    } rows[] = {
        { "a hole", 190, 60, false },
        { "each 5 s, as long as a rate holds", 190, 5, true },
        { "each 6 s", 190, 6, false },
        { "a packet without a rate", NAN, 4, false },
        { "a packet at the highest itself", 188, 4, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heart_load load;

        print_message("%s\n", rows[i].label);
        heart_load_init(&load, &man);
        heart_load_feed(&load, 190, S);
        heart_load_feed(&load, rows[i].between, S + rows[i].step * S);
        heart_load_feed(&load, 190, S + 2 * rows[i].step * S);
        heart_load_feed(&load, 190, S + 3 * rows[i].step * S);
        assert_int_equal(load.max_too_low, rows[i].too_low);
    }
}

static void test_time_may_begin_at_zero(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    for (uint64_t t = 0; t <= 20; t++)
        heart_load_feed(&load, 189, t * S);
    assert_close(load.known_s, 20, 1e-9);
    assert_true(load.max_too_low);
}

static void test_silence_at_the_start_and_at_the_end_is_missing(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    assert_true(isnan(heart_load_missing_s(&load)));
    heart_load_tick(&load, 100 * S);
    for (uint64_t t = 130; t <= 190; t++)
        heart_load_feed(&load, 120, t * S);
    assert_close(heart_load_missing_s(&load), 30, 1e-9);
    heart_load_tick(&load, 192 * S); /* holds still: for 5 s from its packet, not from the tick */
    heart_load_tick(&load, 250 * S);
    assert_close(load.known_s, 65, 1e-9);
    assert_close(heart_load_missing_s(&load), 85, 1e-9);
    assert_close(heart_load_trimp(&load), 65 / 60.0 * 0.5 * 0.64 * exp(0.96), 1e-9);
    heart_load_tick(&load, 10 * S); /* back: nothing */
    assert_close(heart_load_missing_s(&load), 85, 1e-9);
}

static void test_a_load_over_a_part_of_the_time_is_none(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ 0 });
    for (uint64_t t = 1; t <= 600; t++)
        heart_load_feed(&load, 150, t * S);
    heart_load_set_profile(&load, &man);
    for (uint64_t t = 601; t <= 660; t++)
        heart_load_feed(&load, 150, t * S);
    assert_true(isnan(heart_load_trimp(&load)));
    assert_true(isnan(heart_load_edwards(&load)));
    assert_true(isnan(heart_load_zone_s(&load, 3)));
    assert_close(heart_load_mean_bpm(&load), 150, 1e-9);
}

static void test_a_mean_is_weighted_by_time(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    for (uint64_t t = 0; t < 10; t += 5) /* ten seconds of 100 in two packets */
        heart_load_feed(&load, 100, (t + 1) * S);
    for (uint64_t i = 0; i < 40; i++) /* ten seconds of 160 in forty */
        heart_load_feed(&load, 160, 11 * S + i * S / 4);
    heart_load_tick(&load, 21 * S);
    assert_close(heart_load_mean_bpm(&load), 130, 1e-9);
    assert_close(heart_load_max_bpm(&load), 160, 0);
}

static void test_rates_at_the_edge_of_the_possible_count(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    heart_load_feed(&load, 30, 1 * S);
    heart_load_feed(&load, 240, 3 * S);
    heart_load_tick(&load, 4 * S);
    assert_close(load.known_s, 3, 1e-9);
    assert_close(heart_load_max_bpm(&load), 240, 0);
}

static void test_an_age_that_cannot_be_gives_no_estimate(void **state)
{
    static const int ages[] = { 0, -3, 4, 111, 2026 };

    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        struct heart_load load;

        heart_load_init(&load, &(struct heart_profile){ .age_years = ages[i], .rest_bpm = 50 });
        assert_false(load.estimated);
        assert_true(isnan(heart_load_zone(&load, 150)));
    }
}

static void test_half_the_reserve_is_an_effort(void **state)
{
    static const struct {
        const char *label;
        double bpm;
        int max_bpm, rest_bpm;
        bool effort;
    } rows[] = {
        { "at half of it", 120, 190, 50, true },
        { "just below", 119.5, 190, 50, false },
        { "well above", 180, 190, 50, true },
        { "no rate", NAN, 190, 50, false },
        { "no highest rate given", 180, 0, 50, false },
        { "no resting rate given", 180, 190, 0, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (heart_load_is_effort(rows[i].bpm, rows[i].max_bpm, rows[i].rest_bpm) != rows[i].effort)
            fail_msg("%s", rows[i].label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_a_minute_by_hand),
        cmocka_unit_test(test_no_profile_gives_no_load_but_a_mean),
        cmocka_unit_test(test_without_a_resting_rate_there_are_zones_but_no_banister),
        cmocka_unit_test(test_the_highest_rate_is_estimated_from_age_and_said_so),
        cmocka_unit_test(test_a_rate_holds_five_seconds_over_a_gap_and_the_rest_is_missing),
        cmocka_unit_test(test_less_than_ten_seconds_are_no_mean),
        cmocka_unit_test(test_impossible_rates_are_missing),
        cmocka_unit_test(test_ten_seconds_above_the_highest_say_that_it_is_set_too_low),
        cmocka_unit_test(test_time_going_back_changes_nothing),
        cmocka_unit_test(test_each_sex_has_its_curve),
        cmocka_unit_test(test_the_lower_edge_belongs_to_the_zone),
        cmocka_unit_test(test_no_heart_rate_is_no_share_of_the_reserve),
        cmocka_unit_test(test_two_packets_about_a_hole_are_not_ten_seconds_above),
        cmocka_unit_test(test_time_may_begin_at_zero),
        cmocka_unit_test(test_silence_at_the_start_and_at_the_end_is_missing),
        cmocka_unit_test(test_a_load_over_a_part_of_the_time_is_none),
        cmocka_unit_test(test_a_mean_is_weighted_by_time),
        cmocka_unit_test(test_rates_at_the_edge_of_the_possible_count),
        cmocka_unit_test(test_an_age_that_cannot_be_gives_no_estimate),
        cmocka_unit_test(test_half_the_reserve_is_an_effort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
