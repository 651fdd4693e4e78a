/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/training/gait.h"
#include "tests/unit/close.h"

#define S UINT64_C(1000000)

static void run(struct gait *gait, uint64_t from_s, uint64_t to_s, double cadence_spm)
{
    for (uint64_t t = from_s; t <= to_s; t++)
        gait_cadence(gait, cadence_spm, 0, t * S);
}

static void test_the_mean_is_of_steps_and_the_seconds_they_were_made_in(void **state)
{
    struct gait gait;

    gait_init(&gait);
    assert_true(isnan(gait_mean_spm(&gait)));
    gait_steps(&gait, 27, 9, true);
    assert_true(isnan(gait_mean_spm(&gait))); /* nine seconds are no mean */
    gait_steps(&gait, 33, 20, true);
    assert_close(gait_mean_spm(&gait), 180, 1e-9);
}

static void test_steps_after_a_silence_are_in_no_mean(void **state)
{
    struct gait gait;

    gait_init(&gait);
    gait_steps(&gait, 60, 20, true);
    gait_steps(&gait, 500, 40, false); /* 20 s more of movement that another sensor told */
    assert_close(gait_mean_spm(&gait), 180, 1e-9);
    gait_steps(&gait, 30, 50, true); /* of the ten seconds since, not of thirty */
    assert_close(gait_mean_spm(&gait), 180, 1e-9);
}

static void test_the_maximum_is_of_ten_seconds(void **state)
{
    struct gait gait;

    gait_init(&gait);
    run(&gait, 100, 120, 170);
    gait_cadence(&gait, 250, 0, 121 * S);
    assert_in_range((int)gait.max_spm, 171, 180);
    run(&gait, 122, 140, 160);
    assert_in_range((int)gait.max_spm, 171, 180);
}

static void test_the_packet_after_a_dropout_is_no_maximum(void **state)
{
    struct gait gait;

    gait_init(&gait);
    run(&gait, 100, 120, 170);
    gait_cadence(&gait, 250, 0, 200 * S);
    assert_close(gait.max_spm, 170, 1e-9);
}

static void test_what_was_before_the_start_is_in_no_maximum(void **state)
{
    struct gait gait;

    gait_init(&gait);
    for (uint64_t t = 100; t < 130; t++)
        gait_cadence(&gait, 190, 120 * S, t * S);
    assert_close(gait.max_spm, 0, 0);
    gait_cadence(&gait, 190, 120 * S, 130 * S);
    assert_close(gait.max_spm, 190, 1e-9);
}

static void test_a_step_is_as_long_as_speed_and_cadence_of_one_moment_say(void **state)
{
    static const struct {
        const char *label;
        double speed_m_s, cadence_spm;
        uint64_t later_usec; /* the cadence, after the speed */
        double length_m;     /* NAN: not known */
    } rows[] = {
        { "one packet", 3, 180, 0, 1 },
        { "within the hold", 3, 180, 3 * S, 1 },
        { "of another time", 3, 180, 3 * S + 1, NAN },
        { "no speed was told", NAN, 180, 0, NAN },
        { "the shortest", 0.6, 180, 0, 0.2 },
        { "shorter than a step", 0.5, 180, 0, NAN },
        { "longer than a step", 8, 180, 0, NAN },
        { "no step at all", 3, 0, 0, NAN },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t at = 100 * S + rows[i].later_usec;
        struct gait gait;
        double length_m;

        gait_init(&gait);
        if (!isnan(rows[i].speed_m_s))
            gait_speed(&gait, rows[i].speed_m_s, 100 * S);
        gait_cadence(&gait, rows[i].cadence_spm, 0, at);
        length_m = window_mean(&gait.step_length_m, at);
        if (isnan(length_m) != isnan(rows[i].length_m) ||
            (!isnan(length_m) && fabs(length_m - rows[i].length_m) > 1e-9))
            fail_msg("%s: %g m", rows[i].label, length_m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mean_is_of_steps_and_the_seconds_they_were_made_in),
        cmocka_unit_test(test_steps_after_a_silence_are_in_no_mean),
        cmocka_unit_test(test_the_maximum_is_of_ten_seconds),
        cmocka_unit_test(test_the_packet_after_a_dropout_is_no_maximum),
        cmocka_unit_test(test_what_was_before_the_start_is_in_no_maximum),
        cmocka_unit_test(test_a_step_is_as_long_as_speed_and_cadence_of_one_moment_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
