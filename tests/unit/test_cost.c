/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "lib/metrics/cost.h"
#include "close.h"
#include "vectors.h"

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("grade_gap.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *in = json_object_get(c, "input"), *expected = json_object_get(c, "expected");
        double grade = vectors_number(in, "grade"), tol = vectors_number(c, "tol");

        if (strcmp(json_string_value(json_object_get(c, "fn")), "gap_speed") == 0) {
            vectors_assert_close(vectors_number(in, "speed") * cost_ratio(grade),
                                 vectors_number(expected, "gap"), tol);
        } else {
            vectors_assert_close(cost_of_running(grade), vectors_number(expected, "cost"), tol);
            vectors_assert_close(cost_ratio(grade), vectors_number(expected, "ratio"), tol);
        }
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 30);
}

static void test_a_grade_nobody_knows_has_no_cost(void **state)
{
    assert_true(isnan(cost_of_running(NAN)));
    assert_true(isnan(cost_ratio(NAN)));
    assert_close(cost_ratio(INFINITY), cost_ratio(COST_GRADE_MAX), 0);
    assert_close(cost_ratio(0), 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_a_grade_nobody_knows_has_no_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
