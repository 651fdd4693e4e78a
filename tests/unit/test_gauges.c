/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/training/gauges.h"
#include "tests/unit/close.h"

#define S UINT64_C(1000000)

static void power(struct gauges *gauges, double power_w, uint64_t t_usec)
{
    const struct sample sample = { .has = SAMPLE_POWER, .power_w = power_w };

    gauges_feed(gauges, &sample, t_usec);
}

static void temperature(struct gauges *gauges, double temperature_c, uint64_t t_usec)
{
    const struct sample sample = { .has = SAMPLE_TEMPERATURE, .temperature_c = temperature_c };

    gauges_feed(gauges, &sample, t_usec);
}

static void test_nothing_told_is_nothing_known(void **state)
{
    const struct sample motion = { .has = SAMPLE_SPEED | SAMPLE_PRESSURE, .power_w = 200 };
    struct gauges gauges;

    gauges_init(&gauges);
    assert_true(isnan(gauges_power_w(&gauges, 0)));
    assert_true(isnan(gauges_temperature_c(&gauges, 0)));
    gauges_feed(&gauges, &motion, 10 * S);
    assert_true(isnan(gauges_power_w(&gauges, 10 * S)));
    assert_true(isnan(gauges_temperature_c(&gauges, 10 * S)));
}

static void test_power_is_the_mean_of_five_seconds(void **state)
{
    struct gauges gauges;

    gauges_init(&gauges);
    for (int t = 0; t <= 60; t++)
        power(&gauges, t % 2 ? 260 : 240, 100 * S + (uint64_t)t * S);
    assert_close(gauges_power_w(&gauges, 160 * S), 250, 3);
    for (int t = 61; t <= 66; t++)
        power(&gauges, 0, 100 * S + (uint64_t)t * S);
    assert_close(gauges_power_w(&gauges, 166 * S), 0, 0); /* he stands: 0 W, and known */
}

static void test_power_of_a_pod_that_fell_silent_is_not_known(void **state)
{
    struct gauges gauges;

    gauges_init(&gauges);
    power(&gauges, 250, 100 * S);
    assert_close(gauges_power_w(&gauges, 103 * S), 250, 0);
    assert_true(isnan(gauges_power_w(&gauges, 103 * S + 1)));
}

static void test_temperature_holds_for_a_minute(void **state)
{
    struct gauges gauges;

    gauges_init(&gauges);
    temperature(&gauges, 19.5, 100 * S);
    temperature(&gauges, 0, 90 * S); /* late, and old */
    assert_close(gauges_temperature_c(&gauges, 160 * S), 19.5, 0);
    assert_true(isnan(gauges_temperature_c(&gauges, 160 * S + 1)));
    temperature(&gauges, -3, 170 * S);
    assert_close(gauges_temperature_c(&gauges, 170 * S), -3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_told_is_nothing_known),
        cmocka_unit_test(test_power_is_the_mean_of_five_seconds),
        cmocka_unit_test(test_power_of_a_pod_that_fell_silent_is_not_known),
        cmocka_unit_test(test_temperature_holds_for_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
