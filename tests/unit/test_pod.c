/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/pod.h"

#define S UINT64_C(1000000)

static struct pod pod_with(enum conf_cadence_unit configured, enum pod_unit preset)
{
    struct pod pod;
    pod_init(&pod, 1.0, configured, preset);
    return pod;
}

static struct sample feed(struct pod *pod, double t_s, double speed, int cadence, int64_t total_dm)
{
    struct rsc rsc = { .has = total_dm >= 0 ? RSC_TOTAL_DISTANCE : 0,
                       .speed_256 = (uint16_t)(speed * 256),
                       .cadence = (uint8_t)cadence,
                       .total_distance_dm = total_dm >= 0 ? (uint32_t)total_dm : 0 };
    struct sample sample;
    assert_int_equal(pod_feed(pod, &rsc, (uint64_t)(t_s * (double)S), &sample), DECODE_OK);
    return sample;
}

static void test_strides_pod_decided_and_paid_back(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_AUTO, POD_UNIT_UNDECIDED);
    struct sample sample;
    double steps = 0;

    for (int t = 0; t < 30; t++) {
        sample = feed(&pod, t, 3.0, 90, -1);
        assert_false(sample.has & (SAMPLE_CADENCE | SAMPLE_STEPS | SAMPLE_STEP_LENGTH));
        assert_false(sample.has & SAMPLE_UNIT_DECIDED);
        assert_true(sample.moving);
    }
    sample = feed(&pod, 30, 3.0, 90, -1);
    assert_true(sample.has & SAMPLE_UNIT_DECIDED);
    assert_near(sample.cadence_spm, 180, 1e-9);
    assert_near(sample.steps, 90, 1e-9); /* 30 s at 180 a minute, none lost, none twice */
    assert_near(sample.step_length_m, 1.0, 1e-9);
    for (int t = 31; t <= 90; t++) {
        sample = feed(&pod, t, 3.0, 90, -1);
        assert_false(sample.has & SAMPLE_UNIT_DECIDED);
        steps += sample.steps;
    }
    assert_near(steps, 180, 1e-6);
}

static void test_given_unit_counts_at_once(void **state)
{
    static const struct {
        enum conf_cadence_unit configured;
        enum pod_unit preset;
        double cadence;
    } rows[] = { { CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED, 90 },
                 { CONF_CADENCE_STRIDES, POD_UNIT_STEPS, 180 },
                 { CONF_CADENCE_AUTO, POD_UNIT_STRIDES, 180 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pod pod = pod_with(rows[i].configured, rows[i].preset);
        struct sample sample = feed(&pod, 5, 3.0, 90, -1);
        assert_true(sample.has & SAMPLE_STEPS);
        assert_near(sample.steps, 0, 1e-9);
        assert_near(sample.cadence_spm, rows[i].cadence, 1e-9);
        sample = feed(&pod, 6, 3.0, 90, -1);
        assert_near(sample.steps, rows[i].cadence / 60, 1e-9);
        assert_false(sample.has & SAMPLE_UNIT_DECIDED);
    }
}

static void test_a_value_holds_three_seconds(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    struct sample sample;

    feed(&pod, 0, 3.0, 180, -1);
    sample = feed(&pod, 60, 3.0, 180, -1);
    assert_near(sample.steps, 9, 1e-9);
    assert_near(sample.distance_m, 9, 1e-9);
    assert_false(sample.has & SAMPLE_GAP_BRIDGED);
}

static void test_dropout_bridged_by_the_odometer(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    struct sample sample;

    feed(&pod, 0, 3.0, 180, 1000);
    sample = feed(&pod, 1, 3.0, 180, 1030);
    assert_near(sample.distance_m, 3, 1e-9);
    sample = feed(&pod, 61, 3.0, 180, 1030 + 1800);
    assert_true(sample.has & SAMPLE_GAP_BRIDGED);
    assert_near(sample.distance_m, 180, 1e-9);
    assert_near(sample.steps, 9, 1e-9); /* steps of a dropout are not known */
}

static void test_an_outing_with_a_watch_is_no_dropout(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_AUTO, POD_UNIT_UNDECIDED);
    struct sample sample;

    for (int t = 0; t < 20; t++)
        feed(&pod, t, 3.0, 180, 1000 + 30 * t);
    sample = feed(&pod, 20 + 3600, 3.0, 180, 101000);
    assert_false(sample.has & SAMPLE_GAP_BRIDGED);
    assert_near(sample.distance_m, 0, 1e-9);
    for (int t = 1; t <= 11; t++)
        sample = feed(&pod, 20 + 3600 + t, 3.0, 180, 101000 + 30 * t);
    /* decided by the running of both, but the steps held back an hour ago are gone */
    assert_true(sample.has & SAMPLE_UNIT_DECIDED);
    assert_near(sample.steps, 33, 1e-9);
}

static void test_standing_while_linked_drops_what_was_held(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_AUTO, POD_UNIT_UNDECIDED);
    int t = 0;

    for (; t < 20; t++)
        feed(&pod, t, 3.0, 180, -1);
    for (; t < 900; t++)
        assert_false(feed(&pod, t, 0, 0, -1).moving);
    assert_near(pod.held_counts, 0, 1e-9);
}

static void test_moving(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    struct sample sample;

    assert_true(feed(&pod, 0, 2.0, 160, -1).moving);
    sample = feed(&pod, 1, 1.5, 0, -1); /* the filter fades after the stop */
    assert_false(sample.moving);
    assert_true(sample.has & SAMPLE_CADENCE);
    assert_near(sample.cadence_spm, 0, 1e-9);
    assert_false(sample.has & SAMPLE_STEP_LENGTH);
    assert_true(feed(&pod, 2, 0, 160, -1).moving); /* on the spot */

    pod = pod_with(CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    sample = feed(&pod, 0, 2.0, 0, -1); /* never a cadence: the speed is all there is */
    assert_true(sample.moving);
    assert_false(sample.has & (SAMPLE_CADENCE | SAMPLE_STEPS));
    assert_false(feed(&pod, 1, 0.2, 0, -1).moving);
}

static void test_factor_scales_speed_and_distance(void **state)
{
    struct pod pod;
    struct sample sample;

    pod_init(&pod, 1.05, CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    feed(&pod, 0, 3.0, 180, 1000);
    sample = feed(&pod, 1, 3.0, 180, 1030);
    assert_near(sample.speed_m_s, 3.15, 1e-9);
    assert_near(sample.distance_m, 3.15, 1e-9);
    assert_near(sample.cadence_spm, 180, 1e-9);

    pod_init(&pod, 1.05, CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    feed(&pod, 0, 3.0, 180, -1);
    assert_near(feed(&pod, 1, 3.0, 180, -1).distance_m, 3.15, 1e-9);
}

static void test_more_steps_than_feet_can_make_are_not_known(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_STRIDES, POD_UNIT_UNDECIDED);
    struct sample sample;

    feed(&pod, 0, 3.0, 85, -1);
    sample = feed(&pod, 1, 3.0, 200, -1);
    assert_false(sample.has & (SAMPLE_CADENCE | SAMPLE_STEPS | SAMPLE_STEP_LENGTH));
    assert_true(sample.has & SAMPLE_SPEED && sample.moving);
    sample = feed(&pod, 2, 3.0, 85, -1);
    assert_near(sample.cadence_spm, 170, 1e-9);
    assert_near(sample.steps, 170 / 60.0, 1e-9); /* of the first second; the other is unknown */
}

static void test_impossible_speed_is_dropped(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    struct rsc rsc = { .speed_256 = 13 * 256, .cadence = 180 };
    struct sample sample = { .has = 99 };
    struct pod before;

    feed(&pod, 0, 3.0, 180, -1);
    before = pod;
    assert_int_equal(pod_feed(&pod, &rsc, 1 * S, &sample), DECODE_OUT_OF_RANGE);
    assert_int_equal(sample.has, 99);
    assert_memory_equal(&pod, &before, sizeof pod);
    assert_near(feed(&pod, 2, 3.0, 180, -1).distance_m, 6, 1e-9);
}

static void test_time_that_stands_or_goes_back_adds_nothing(void **state)
{
    struct pod pod = pod_with(CONF_CADENCE_STEPS, POD_UNIT_UNDECIDED);
    struct sample sample;

    feed(&pod, 100, 3.0, 180, -1);
    sample = feed(&pod, 100, 3.0, 180, -1);
    assert_near(sample.distance_m + sample.steps, 0, 1e-9);
    sample = feed(&pod, 50, 3.0, 180, -1);
    assert_near(sample.distance_m + sample.steps, 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strides_pod_decided_and_paid_back),
        cmocka_unit_test(test_given_unit_counts_at_once),
        cmocka_unit_test(test_a_value_holds_three_seconds),
        cmocka_unit_test(test_dropout_bridged_by_the_odometer),
        cmocka_unit_test(test_an_outing_with_a_watch_is_no_dropout),
        cmocka_unit_test(test_standing_while_linked_drops_what_was_held),
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_factor_scales_speed_and_distance),
        cmocka_unit_test(test_more_steps_than_feet_can_make_are_not_known),
        cmocka_unit_test(test_impossible_speed_is_dropped),
        cmocka_unit_test(test_time_that_stands_or_goes_back_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
