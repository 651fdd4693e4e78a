/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/power.h"

static void test_watts(void **state)
{
    static const struct {
        const char *label;
        int16_t sent;
        enum decode_result result;
        double power_w;
    } rows[] = {
        { "a run", 279, DECODE_OK, 279 },
        { "standing is 0 W, and known", 0, DECODE_OK, 0 },
        { "a little below zero is none", -4, DECODE_OK, 0 },
        { "the most", 3000, DECODE_OK, 3000 },
        { "more than anybody has", 3001, DECODE_OUT_OF_RANGE, 7 },
        { "what other services call 'not available'", 0x7FFF, DECODE_OUT_OF_RANGE, 7 },
        { "the least there is", INT16_MIN, DECODE_OUT_OF_RANGE, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct cycling_power packet = { .power_w = rows[i].sent };
        struct sample sample = { .has = 7, .power_w = 7 };

        if (power_feed(&packet, 1000, &sample) != rows[i].result)
            fail_msg("%s", rows[i].label);
        assert_near(sample.power_w, rows[i].power_w, 0);
        assert_int_equal(sample.has, rows[i].result == DECODE_OK ? SAMPLE_POWER : 7);
    }
}

/* A crank that turns is nobody's step: that is for the RSC beside it to say. */
static void test_a_crank_is_no_cadence(void **state)
{
    const struct cycling_power packet = { .has = CYCLING_POWER_CRANK | CYCLING_POWER_WHEEL,
                                          .power_w = 250,
                                          .crank_revolutions = 400,
                                          .wheel_revolutions = 900 };
    struct sample sample;

    assert_int_equal(power_feed(&packet, 1000, &sample), DECODE_OK);
    assert_int_equal(sample.has, SAMPLE_POWER);
    assert_int_equal(sample.source, SAMPLE_SOURCE_POWER);
    assert_int_equal(sample.t_usec, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watts),
        cmocka_unit_test(test_a_crank_is_no_cadence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
