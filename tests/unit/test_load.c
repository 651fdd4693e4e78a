/* SPDX-License-Identifier: MIT */
/* What a log comes to as load: of which days it is made, and what is missing in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/training/load.h"
#include "close.h"
#include "training_log.h"
#include "vectors.h"

static struct training_log training;

static int setup(void **state)
{
    log_init(&training);
    return 0;
}

/* A run of 10 km; load NAN: without a strap. */
static void run(int day, double load)
{
    struct outing o = log_run(&training, day, 10000, NAN);

    if (!isnan(load)) {
        o.has |= OUTING_LOAD;
        o.load_centi = (uint32_t)lround(load * 100);
    }
    assert_int_equal(ledger_put(&training.ledger, &o), 0);
}

static struct load load_on(int day)
{
    struct load load;

    load_read(&training.ledger, LOG_FIRST_DAY + day, &load);
    return load;
}

static void test_an_independent_implementation_gets_the_same_from_a_log(void **state)
{
    json_t *file = vectors_load("pmc_acwr.json"), *c, *value;
    size_t i, day, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *loads = json_object_get(json_object_get(c, "input"), "loads");
        const json_t *expected = json_object_get(c, "expected");
        struct load load;

        if (strcmp(json_string_value(json_object_get(c, "fn")), "pmc_alternatives") != 0)
            continue;
        log_init(&training);
        json_array_foreach(loads, day, value) run((int)day, json_number_value(value));
        load = load_on((int)json_array_size(loads) - 1);
        assert_true(load.days > 42);
        assert_close(load.fitness, vectors_number(expected, "ctl_exp"), 0.01); /* 0.01 AU stored */
        assert_close(load.fatigue, vectors_number(expected, "atl_exp"), 0.01);
        checked++;
    }
    json_decref(file);
    assert_true(checked > 0);
}

static void test_nothing_is_known_of_an_empty_log(void **state)
{
    struct load load = load_on(0);

    assert_int_equal(load.days, 0);
    assert_true(isnan(load.fitness) && isnan(load.form) && isnan(load.monotony) &&
                isnan(load.strain) && isnan(load.coupled) && isnan(load.uncoupled) &&
                isnan(load.ewma));
}

static void test_each_figure_waits_for_its_days(void **state)
{
    for (int day = 0; day < 60; day++)
        run(day, day % 2 ? 40 : 60);
    assert_true(isnan(load_on(5).monotony));
    assert_false(isnan(load_on(6).monotony));
    assert_true(isnan(load_on(26).coupled) && isnan(load_on(26).ewma));
    assert_close(load_on(27).coupled, 1, 1e-9);
    assert_close(load_on(27).uncoupled, 1, 1e-9);
    assert_close(load_on(27).ewma, 1, 1e-9);
    assert_true(isnan(load_on(41).fitness) && isnan(load_on(41).fatigue));
    assert_in_range((int)load_on(42).fitness, 30, 34); /* 50 (1 - e^(-43/42)) */
    assert_int_equal(load_on(42).days, 43);
}

static void test_what_was_not_measured_is_counted_and_is_no_rest(void **state)
{
    for (int day = 0; day < 50; day++)
        run(day, day == 48 ? NAN : 50 + day % 3);
    assert_int_equal(load_on(47).without_heart_load, 0);
    assert_false(isnan(load_on(47).monotony));
    assert_int_equal(load_on(49).without_heart_load, 1);
    assert_true(isnan(load_on(49).monotony) && isnan(load_on(49).strain));
    assert_false(isnan(load_on(49).fitness));
}

static void test_without_a_strap_there_is_a_ratio_of_distance_and_no_fitness(void **state)
{
    for (int day = 0; day < 50; day++)
        run(day, NAN);
    assert_int_equal(load_on(49).without_heart_load, 42);
    assert_true(isnan(load_on(49).fitness) && isnan(load_on(49).fatigue) &&
                isnan(load_on(49).form));
    assert_close(load_on(49).coupled, 1, 1e-9);
}

static void test_a_run_of_unknown_distance_makes_no_ratio_until_it_is_old(void **state)
{
    for (int day = 0; day < 80; day++)
        if (day == 40)
            log_add_unmeasured(&training, day);
        else
            run(day, 50);
    assert_false(isnan(load_on(39).coupled));
    for (int day = 40; day < 68; day++)
        assert_true(isnan(load_on(day).coupled) && isnan(load_on(day).uncoupled) &&
                    isnan(load_on(day).ewma));
    assert_close(load_on(68).coupled, 1, 1e-9);
    assert_close(load_on(68).ewma, 1, 0.01);
}

static void test_after_four_weeks_of_rest_there_is_no_ratio(void **state)
{
    for (int day = 0; day < 50; day++)
        run(day, 50);
    assert_false(isnan(load_on(49 + 27).ewma));
    assert_true(isnan(load_on(49 + 28).coupled) && isnan(load_on(49 + 28).ewma));
}

static void test_a_first_run_decades_ago_costs_no_decades(void **state)
{
    run(-15000, 50);
    for (int day = 0; day < 60; day++)
        run(day, 50);
    assert_int_equal(load_on(59).days, 15060);
    assert_close(load_on(59).coupled, 1, 1e-9);
    assert_in_range((int)load_on(59).fitness, 37, 39); /* 50 (1 - e^(-60/42)) */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_an_independent_implementation_gets_the_same_from_a_log, setup),
        cmocka_unit_test_setup(test_nothing_is_known_of_an_empty_log, setup),
        cmocka_unit_test_setup(test_each_figure_waits_for_its_days, setup),
        cmocka_unit_test_setup(test_what_was_not_measured_is_counted_and_is_no_rest, setup),
        cmocka_unit_test_setup(test_without_a_strap_there_is_a_ratio_of_distance_and_no_fitness,
                               setup),
        cmocka_unit_test_setup(test_a_run_of_unknown_distance_makes_no_ratio_until_it_is_old,
                               setup),
        cmocka_unit_test_setup(test_after_four_weeks_of_rest_there_is_no_ratio, setup),
        cmocka_unit_test_setup(test_a_first_run_decades_ago_costs_no_decades, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
