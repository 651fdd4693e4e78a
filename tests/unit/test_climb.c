/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/metrics/climb.h"
#include "close.h"
#include "vectors.h"

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("treadmill.json"), *c, *sample;
    size_t i, j, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *samples = json_object_get(json_object_get(c, "input"), "samples");
        const json_t *expected = json_object_get(c, "expected");
        double tol = vectors_number(c, "tol");
        struct climb climb;

        climb_init(&climb);
        json_array_foreach(samples, j, sample)
            climb_feed(&climb,
                       json_number_value(json_array_get(sample, 0)) *
                           json_number_value(json_array_get(sample, 2)),
                       json_number_value(json_array_get(sample, 1)) / 100);
        vectors_assert_close(climb.ascent_m, vectors_number(expected, "ascent_m"), tol);
        vectors_assert_close(climb.descent_m, vectors_number(expected, "descent_m"), tol);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 4);
}

static void test_a_kilometre_by_hand(void **state)
{
    struct climb climb;

    climb_init(&climb);
    climb_feed(&climb, 1000, 0.75); /* 3-4-5: 0.75/1.25 = 0.6 */
    climb_feed(&climb, 1000, -0.75);
    climb_feed(&climb, 1000, 0);
    assert_close(climb.ascent_m, 600, 1e-9);
    assert_close(climb.descent_m, 600, 1e-9);
}

static void test_what_is_no_way_up_or_down_changes_nothing(void **state)
{
    static const struct {
        const char *label;
        double distance_m, grade;
    } rows[] = {
        { "distance unknown", NAN, 0.10 },
        { "grade unknown", 100, NAN },
        { "belt set back", -100, 0.10 },
        { "belt set back, downhill", -100, -0.10 },
        { "distance no number", INFINITY, 0 },
        { "grade no number", 100, -INFINITY },
        { "belt stands", 0, 0.10 },
    };
    struct climb climb, before;

    climb_init(&climb);
    climb_feed(&climb, 1000, 0.75);
    climb_feed(&climb, 500, -0.75);
    before = climb;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        climb_feed(&climb, rows[i].distance_m, rows[i].grade);
        assert_memory_equal(&climb, &before, sizeof(climb));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_a_kilometre_by_hand),
        cmocka_unit_test(test_what_is_no_way_up_or_down_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
