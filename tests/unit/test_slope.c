/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/training/slope.h"
#include "tests/unit/close.h"

#define S UINT64_C(1000000)

static void test_who_knows_the_grade(void **state)
{
    static const struct {
        const char *label;
        double belt_pct, set_pct; /* NAN: not told; the belt tells it at 100 s */
        uint64_t t_usec;
        double grade_pct;
        enum sample_source source;
    } rows[] = {
        { "nobody", NAN, NAN, 100 * S, NAN, SAMPLE_SOURCE_NONE },
        { "a person", NAN, 2.5, 100 * S, 2.5, SAMPLE_SOURCE_CONFIGURED },
        { "a person says level", NAN, 0, 100 * S, 0, SAMPLE_SOURCE_CONFIGURED },
        { "the belt", 4, NAN, 100 * S, 4, SAMPLE_SOURCE_BELT },
        { "the belt before a person", 4, 2.5, 105 * S, 4, SAMPLE_SOURCE_BELT },
        { "a belt that fell silent", 4, NAN, 105 * S + 1, NAN, SAMPLE_SOURCE_NONE },
        { "a person after that", 4, 2.5, 105 * S + 1, 2.5, SAMPLE_SOURCE_CONFIGURED },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        enum sample_source source = SAMPLE_SOURCE_POD;
        struct slope slope;
        double grade_pct;

        slope_init(&slope);
        if (!isnan(rows[i].belt_pct))
            slope_belt(&slope, rows[i].belt_pct, 100 * S);
        slope_set(&slope, rows[i].set_pct);
        grade_pct = slope_grade_pct(&slope, rows[i].t_usec, &source);
        if (source != rows[i].source || isnan(grade_pct) != isnan(rows[i].grade_pct) ||
            (!isnan(grade_pct) && fabs(grade_pct - rows[i].grade_pct) > 1e-12))
            fail_msg("%s: %g from %d", rows[i].label, grade_pct, (int)source);
    }
}

static void test_only_what_was_covered_at_a_known_grade_is_climbed(void **state)
{
    struct slope slope;

    slope_init(&slope);
    slope_cover(&slope, 1000, 10 * S);
    assert_false(slope.climb_known);
    slope_belt(&slope, 10, 20 * S);
    slope_cover(&slope, 100, 21 * S);
    assert_true(slope.climb_known);
    assert_close(slope.climb.ascent_m, 100 * 0.1 / sqrt(1.01), 1e-9);
    slope_cover(&slope, 100, 60 * S); /* the belt is silent */
    assert_close(slope.climb.ascent_m, 100 * 0.1 / sqrt(1.01), 1e-9);
}

static void test_a_level_belt_is_known_to_climb_nothing(void **state)
{
    struct slope slope;

    slope_init(&slope);
    slope_set(&slope, 0);
    slope_cover(&slope, 100, 10 * S);
    assert_true(slope.climb_known);
    assert_close(slope.climb.ascent_m, 0, 0);
}

static void test_a_person_may_take_back_what_was_set(void **state)
{
    enum sample_source source;
    struct slope slope;

    slope_init(&slope);
    slope_set(&slope, 3);
    slope_set(&slope, NAN);
    assert_true(isnan(slope_grade_pct(&slope, S, &source)));
    assert_int_equal(source, SAMPLE_SOURCE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_knows_the_grade),
        cmocka_unit_test(test_only_what_was_covered_at_a_known_grade_is_climbed),
        cmocka_unit_test(test_a_level_belt_is_known_to_climb_nothing),
        cmocka_unit_test(test_a_person_may_take_back_what_was_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
