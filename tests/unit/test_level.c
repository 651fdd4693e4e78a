/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/metrics/level.h"
#include "close.h"

static void test_a_line_through_what_was_seen(void **state)
{
    struct level level, other;

    level_init(&level);
    level_init(&other);
    for (int i = 0; i < 300; i++) { /* 10 s each; half of it on another day */
        double v = 2.5 + (i % 11) * 0.1;

        level_add(i % 2 ? &level : &other, v, 140 + 10 * v, 10);
    }
    assert_true(isnan(level_speed_m_s(&level)));
    assert_true(isnan(level_cadence_spm(&level, 3)));
    level_merge(&level, &other);
    assert_close(level_speed_m_s(&level), 3.0, 0.06);
    assert_close(level_cadence_spm(&level, 3), 170, 1e-6);
    assert_close(level_cadence_spm(&level, 2), 160, 1e-6);
    assert_true(isnan(level_cadence_spm(&level, NAN)));
}

static void test_a_runner_of_one_speed_has_the_mean(void **state)
{
    struct level level;

    level_init(&level);
    for (int i = 0; i < 200; i++)
        level_add(&level, 2.8 + (i % 2) * 0.01, 168 + i % 3, 10);
    assert_close(level_cadence_spm(&level, 5), 169, 0.05);
    assert_close(level_speed_m_s(&level), 2.85, 0.051);
}

static void test_rubbish_is_left_out(void **state)
{
    struct level level;

    level_init(&level);
    level_add(&level, NAN, 170, 4000);
    level_add(&level, 0, 170, 4000);
    level_add(&level, -3, 170, 4000);
    level_add(&level, INFINITY, 170, 4000);
    level_add(&level, 3, 170, NAN);
    level_add(&level, 3, 170, -4000);
    level_add(&level, 3, NAN, 4000); /* the speed is good */
    level_add(&level, 1e9, NAN, 1);
    assert_close(level.seconds, 4001, 0);
    assert_close(level_speed_m_s(&level), 3.05, 0.06);
    assert_true(isnan(level_cadence_spm(&level, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_through_what_was_seen),
        cmocka_unit_test(test_a_runner_of_one_speed_has_the_mean),
        cmocka_unit_test(test_rubbish_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
