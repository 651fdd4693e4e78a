/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/terrain/closing.h"
#include "close.h"

#define HOUR INT64_C(3600)

static void feed(struct closing *closing, double drift_m_s, double noise_m)
{
    closing_init(closing);
    for (int64_t t = 0; t <= HOUR; t++) /* up a hill and down again */
        closing_feed(closing, t * 1000000,
                     100 + 50 * sin(3.14159265358979 * (double)t / HOUR) + drift_m_s * (double)t +
                         (t % 2 ? noise_m : -noise_m));
}

static void test_the_weather_of_an_hour_is_found(void **state)
{
    struct closing closing;

    feed(&closing, 8.0 / HOUR, 0.3);
    assert_close(closing_drift_m_s(&closing, 12), 8.0 / HOUR, 0.2 / HOUR);
    feed(&closing, 0, 0);
    assert_close(closing_drift_m_s(&closing, 0), 0, 1e-12);
}

static void test_when_nothing_is_taken_out(void **state)
{
    struct closing closing;

    feed(&closing, 8.0 / HOUR, 0);
    assert_close(closing_drift_m_s(&closing, 31), 0, 0);  /* somewhere else */
    assert_close(closing_drift_m_s(&closing, NAN), 0, 0); /* nobody knows where */
    feed(&closing, 40.0 / HOUR, 0);                       /* that is no weather */
    assert_close(closing_drift_m_s(&closing, 0), 0, 0);
    closing_init(&closing);
    assert_close(closing_drift_m_s(&closing, 0), 0, 0);
    for (int i = 0; i < 2 * CLOSING_POINTS - 1; i++)
        closing_feed(&closing, i * 1000000, i * 0.01);
    closing_feed(&closing, 100000000, NAN);
    closing_feed(&closing, 5000000, 3); /* back in time */
    assert_close(closing_drift_m_s(&closing, 0), 0, 0);
    closing_feed(&closing, 100000000, 0);
    assert_true(closing_drift_m_s(&closing, 0) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_weather_of_an_hour_is_found),
        cmocka_unit_test(test_when_nothing_is_taken_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
