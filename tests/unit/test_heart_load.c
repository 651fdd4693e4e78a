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
    heart_load_feed(&load, NAN, t);
    return load;
}

static void check_banister(const json_t *input, const json_t *expected, double tol)
{
    const char *sex = json_string_value(json_object_get(input, "sex"));
    struct heart_profile profile = {
        .max_bpm = (int)json_number_value(json_object_get(input, "hrmax")),
        .rest_bpm = (int)json_number_value(json_object_get(input, "rest")),
    };
    struct heart_load load;

    profile.sex = sex && strcmp(sex, "male") == 0     ? CONF_SEX_MALE
                  : sex && strcmp(sex, "female") == 0 ? CONF_SEX_FEMALE
                                                      : CONF_SEX_UNKNOWN;
    load = run(&profile, json_object_get(input, "samples"));
    vectors_assert_close(heart_load_trimp(&load),
                         json_number_value(json_object_get(expected, "trimp")), tol);
}

static void check_edwards(const json_t *input, const json_t *expected, double tol)
{
    struct heart_profile profile = {
        .max_bpm = (int)json_number_value(json_object_get(input, "hrmax")),
    };
    struct heart_load load = run(&profile, json_object_get(input, "samples"));
    const json_t *minutes = json_object_get(expected, "zone_min");

    vectors_assert_close(heart_load_edwards(&load),
                         json_number_value(json_object_get(expected, "trimp")), tol);
    for (int zone = 0; minutes && zone < 5; zone++)
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
        double tol = json_number_value(json_object_get(c, "tol"));

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
    assert_float_equal(heart_load_trimp(&load), 0.5 * 0.64 * exp(0.96), 1e-9);
    assert_float_equal(heart_load_zone(&load, 120), 2, 0); /* 63.8 % of 188 */
    assert_float_equal(heart_load_edwards(&load), 2, 1e-9);
    assert_float_equal(heart_load_reserve_pct(&load, 120), 50, 1e-9);
    assert_float_equal(heart_load_mean_bpm(&load), 120, 1e-9);
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
    assert_float_equal(heart_load_mean_bpm(&load), 150, 1e-9);
    assert_float_equal(heart_load_max_bpm(&load), 150, 0);
}

static void test_without_a_resting_rate_there_are_zones_but_no_banister(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ .max_bpm = 190 });
    for (uint64_t t = 1; t <= 30; t++)
        heart_load_feed(&load, 150, t * S);
    assert_true(isnan(heart_load_trimp(&load)));
    assert_float_equal(heart_load_edwards(&load), 3 * 29 / 60.0, 1e-9);
}

static void test_the_highest_rate_is_estimated_from_age_and_said_so(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &(struct heart_profile){ .age_years = 40 });
    assert_true(load.estimated);
    assert_float_equal(load.max_bpm, 180, 1e-9);
}

static void test_a_rate_holds_five_seconds_over_a_gap_and_the_rest_is_missing(void **state)
{
    struct heart_load load;

    heart_load_init(&load, &man);
    heart_load_feed(&load, 120, 1 * S);
    heart_load_feed(&load, 120, 61 * S);
    assert_float_equal(load.known_s, 5, 1e-9);
    assert_float_equal(load.missing_s, 55, 1e-9);
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
        assert_float_equal(load.known_s, 0, 0);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
