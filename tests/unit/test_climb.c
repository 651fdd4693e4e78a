/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/metrics/climb.h"
#include "vectors.h"

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("treadmill.json"), *c, *sample;
    size_t i, j;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *samples = json_object_get(json_object_get(c, "input"), "samples");
        const json_t *expected = json_object_get(c, "expected");
        double tol = json_number_value(json_object_get(c, "tol"));
        struct climb climb;

        climb_init(&climb);
        json_array_foreach(samples, j, sample)
            climb_feed(&climb,
                       json_number_value(json_array_get(sample, 0)) *
                           json_number_value(json_array_get(sample, 2)),
                       json_number_value(json_array_get(sample, 1)) / 100);
        vectors_assert_close(climb.ascent_m,
                             json_number_value(json_object_get(expected, "ascent_m")), tol);
        vectors_assert_close(climb.descent_m,
                             json_number_value(json_object_get(expected, "descent_m")), tol);
    }
    json_decref(file);
}

static void test_a_kilometre_by_hand(void **state)
{
    struct climb climb;

    climb_init(&climb);
    climb_feed(&climb, 1000, 0.75); /* 3-4-5: 0.75/1.25 = 0.6 */
    climb_feed(&climb, 1000, -0.75);
    climb_feed(&climb, 1000, 0);
    assert_float_equal(climb.ascent_m, 600, 1e-9);
    assert_float_equal(climb.descent_m, 600, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_a_kilometre_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
