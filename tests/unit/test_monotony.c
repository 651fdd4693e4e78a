/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "lib/metrics/monotony.h"
#include "close.h"
#include "vectors.h"

static void check(double got, const json_t *expected, double tol)
{
    assert_non_null(expected);
    if (json_is_null(expected))
        assert_true(isnan(got));
    else
        vectors_assert_close(got, json_number_value(expected), tol);
}

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("monotony.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *week = json_object_get(json_object_get(c, "input"), "week");
        const json_t *expected = json_object_get(c, "expected");
        double load[MONOTONY_DAYS], tol = vectors_number(c, "tol");

        assert_int_equal(json_array_size(week), MONOTONY_DAYS);
        for (size_t d = 0; d < MONOTONY_DAYS; d++)
            load[d] = json_number_value(json_array_get(week, d));
        check(monotony_of(load), json_object_get(expected, "monotony"), tol);
        check(monotony_strain(load), json_object_get(expected, "strain"), tol);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 6);
}

static void test_a_day_that_is_not_known_is_no_day_of_rest(void **state)
{
    const double load[MONOTONY_DAYS] = { 50, 50, NAN, 50, 50, 50, 50 };

    assert_true(isnan(monotony_of(load)));
    assert_true(isnan(monotony_strain(load)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_a_day_that_is_not_known_is_no_day_of_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
