/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/metrics/motion.h"
#include "close.h"

#define S   UINT64_C(1000000)
#define ALL (SAMPLE_SPEED | SAMPLE_CADENCE | SAMPLE_STEPS | SAMPLE_DISTANCE | SAMPLE_MOVING)

/* 3 m/s at 180 steps a minute: 3 steps and 3 m a second, a metre a step. */
static struct sample second_of_running(uint64_t t_usec)
{
    return (struct sample){ .t_usec = t_usec,
                            .has = ALL,
                            .source = SAMPLE_SOURCE_POD,
                            .moving = true,
                            .speed_m_s = 3,
                            .cadence_spm = 180,
                            .steps = 3,
                            .distance_m = 3 };
}

/* Packets at from, from + 1 .. to seconds. */
static void run(struct motion *motion, uint64_t from, uint64_t to)
{
    for (uint64_t t = from; t <= to; t++) {
        struct sample sample = second_of_running(t * S);

        motion_feed(motion, &sample);
    }
}

static void test_nothing_told_is_nothing_known(void **state)
{
    struct motion m;

    motion_init(&m);
    assert_true(isnan(motion_distance_m(&m)));
    assert_true(isnan(motion_steps(&m)));
    assert_true(isnan(motion_moving_s(&m)));
    assert_true(isnan(motion_gaps_s(&m)));
    assert_true(isnan(motion_cadence_mean_spm(&m)));
    assert_true(isnan(motion_cadence_max_spm(&m)));
    assert_true(isnan(motion_speed_m_s(&m, 5 * S)));
    assert_true(isnan(motion_pace_s_per_km(&m, 5 * S)));
    assert_true(isnan(motion_step_length_m(&m, 5 * S)));
}

static void test_a_minute_by_hand(void **state)
{
    struct motion m;

    motion_init(&m);
    run(&m, 0, 60);
    assert_close(motion_distance_m(&m), 183, 1e-9); /* 61 packets */
    assert_close(motion_steps(&m), 183, 1e-9);
    assert_close(motion_moving_s(&m), 60, 1e-9); /* 60 seconds between them */
    assert_close(motion_gaps_s(&m), 0, 0);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-9);
    assert_close(motion_cadence_max_spm(&m), 180, 1e-9);
    assert_close(motion_speed_m_s(&m, 60 * S), 3, 1e-9);
    assert_close(motion_pace_s_per_km(&m, 60 * S), 1000 / 3.0, 1e-9);
    assert_close(motion_step_length_m(&m, 60 * S), 1, 1e-9);
}

static void test_fifty_packets_a_second_give_the_same(void **state)
{
    struct motion m;

    motion_init(&m);
    for (uint64_t i = 0; i <= 3000; i++) {
        struct sample sample = second_of_running(i * S / 50);

        sample.steps = sample.distance_m = 3 / 50.0;
        motion_feed(&m, &sample);
    }
    assert_close(motion_moving_s(&m), 60, 1e-6);
    assert_close(motion_distance_m(&m), 180.06, 1e-6);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-6);
    assert_close(motion_cadence_max_spm(&m), 180, 1e-6);
}

static void test_three_silent_seconds_leave_nothing_current(void **state)
{
    struct motion m;

    motion_init(&m);
    run(&m, 1, 30);
    assert_close(motion_speed_m_s(&m, 33 * S), 3, 1e-9);
    assert_true(isnan(motion_speed_m_s(&m, 33 * S + 1)));
    assert_true(isnan(motion_cadence_spm(&m, 33 * S + 1)));
    assert_true(isnan(motion_pace_s_per_km(&m, 33 * S + 1)));
    assert_true(isnan(motion_step_length_m(&m, 33 * S + 1)));
    assert_close(motion_distance_m(&m), 90, 1e-9); /* sums stay */
}

static void test_a_silence_is_a_gap_unless_the_odometer_ran_on(void **state)
{
    static const struct {
        const char *label;
        bool moved_before;
        uint64_t silence_s;
        uint32_t has;
        double metres, moving_s, gaps_s;
    } rows[] = {
        { "held", true, 3, 0, 9, 23, 0 },
        { "just not held", true, 4, 0, 12, 20, 4 },
        { "a minute", true, 60, 0, 3, 20, 60 },
        { "a minute, bridged at 3 m/s", true, 60, SAMPLE_GAP_BRIDGED, 180, 80, 0 },
        { "a minute, bridged, but stood", true, 60, SAMPLE_GAP_BRIDGED, 20, 20, 60 },
        { "it stood before", false, 60, 0, 3, 20, 0 },
        { "it stood before, then ran unheard", false, 60, SAMPLE_GAP_BRIDGED, 180, 80, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct motion m;
        struct sample sample = second_of_running(20 * S);

        print_message("%s\n", rows[i].label);
        motion_init(&m);
        run(&m, 0, 20);
        sample.moving = rows[i].moved_before;
        sample.steps = sample.distance_m = 0;
        motion_feed(&m, &sample);
        sample = second_of_running((20 + rows[i].silence_s) * S);
        sample.has |= rows[i].has;
        sample.distance_m = rows[i].metres;
        motion_feed(&m, &sample);
        assert_close(motion_moving_s(&m), rows[i].moving_s, 1e-9);
        assert_close(motion_gaps_s(&m), rows[i].gaps_s, 1e-9);
        assert_close(motion_distance_m(&m), 63 + rows[i].metres, 1e-9); /* counted all the same */
    }
}

static void test_standing_is_no_motion_and_does_not_thin_the_mean(void **state)
{
    struct motion m;

    motion_init(&m);
    run(&m, 0, 30);
    for (uint64_t t = 31; t <= 60; t++) {
        struct sample sample = { .t_usec = t * S, .has = ALL, .source = SAMPLE_SOURCE_POD };

        motion_feed(&m, &sample);
    }
    assert_close(motion_moving_s(&m), 30, 1e-9);
    assert_close(motion_gaps_s(&m), 0, 0);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-9);
    assert_close(motion_speed_m_s(&m, 60 * S), 0, 0); /* known to be 0 */
    assert_true(isnan(motion_pace_s_per_km(&m, 60 * S)));
    assert_true(isnan(motion_step_length_m(&m, 60 * S)));
}

static void test_steps_over_a_silence_are_summed_but_not_in_the_mean(void **state)
{
    struct motion m;
    struct sample sample = second_of_running(80 * S);

    motion_init(&m);
    run(&m, 0, 20);
    sample.has |= SAMPLE_GAP_BRIDGED;
    sample.distance_m = 180;
    sample.steps = 3; /* nobody counted those in between */
    motion_feed(&m, &sample);
    run(&m, 81, 90);
    assert_close(motion_steps(&m), 63 + 3 + 30, 1e-9);
    assert_close(motion_moving_s(&m), 90, 1e-9);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-9);
}

static void test_steps_held_back_until_the_unit_is_decided_count_for_all_the_time(void **state)
{
    struct motion m;

    motion_init(&m);
    for (uint64_t t = 0; t <= 29; t++) {
        struct sample sample = second_of_running(t * S);

        sample.has &= ~(uint32_t)(SAMPLE_STEPS | SAMPLE_CADENCE);
        motion_feed(&m, &sample);
    }
    assert_true(isnan(motion_steps(&m)));
    struct sample sample = second_of_running(30 * S);

    sample.has |= SAMPLE_UNIT_DECIDED;
    sample.steps = 90;
    motion_feed(&m, &sample);
    assert_close(motion_steps(&m), 90, 1e-9);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-9);
}

static void test_less_than_ten_seconds_are_no_mean_and_no_maximum(void **state)
{
    struct motion m;

    motion_init(&m);
    run(&m, 0, 8);
    assert_true(isnan(motion_cadence_mean_spm(&m)));
    assert_true(isnan(motion_cadence_max_spm(&m)));
    run(&m, 9, 10);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-9);
    assert_close(motion_cadence_max_spm(&m), 180, 1e-9);
}

static void test_the_maximum_is_of_the_mean_and_not_of_a_packet(void **state)
{
    struct motion m;
    struct sample sample = second_of_running(31 * S);

    motion_init(&m);
    run(&m, 0, 30);
    sample.cadence_spm = 240;
    motion_feed(&m, &sample);
    assert_close(motion_cadence_max_spm(&m), (9 * 180 + 240) / 10.0, 1e-9);
    sample.t_usec = 60 * S; /* alone after a silence: a mean of one */
    motion_feed(&m, &sample);
    assert_close(motion_cadence_spm(&m, 60 * S), 240, 1e-9);
    assert_close(motion_cadence_max_spm(&m), 186, 1e-9);
}

static void test_each_figure_keeps_its_source(void **state)
{
    struct motion m;
    struct sample belt = second_of_running(S), pod = belt;

    motion_init(&m);
    belt.source = SAMPLE_SOURCE_BELT;
    belt.has = SAMPLE_SPEED | SAMPLE_DISTANCE | SAMPLE_MOVING;
    pod.has = SAMPLE_CADENCE | SAMPLE_STEPS;
    motion_feed(&m, &belt);
    motion_feed(&m, &pod);
    assert_int_equal(m.distance_m.source, SAMPLE_SOURCE_BELT);
    assert_int_equal(m.speed_source, SAMPLE_SOURCE_BELT);
    assert_int_equal(m.steps.source, SAMPLE_SOURCE_POD);
    assert_int_equal(m.cadence_source, SAMPLE_SOURCE_POD);
}

static void test_only_what_has_says_is_read(void **state)
{
    struct motion m, before;
    struct sample sample = second_of_running(2 * S);

    motion_init(&m);
    run(&m, 0, 1);
    before = m;
    sample.has = SAMPLE_HEART_RATE | SAMPLE_GRADE;
    motion_feed(&m, &sample);
    assert_memory_equal(&m, &before, sizeof(m));
}

static void test_impossible_deltas_are_left_out(void **state)
{
    static const double rows[] = { NAN, INFINITY, -1, -INFINITY };
    struct motion m;

    motion_init(&m);
    run(&m, 0, 20);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample sample = second_of_running((21 + i) * S);

        sample.distance_m = sample.steps = rows[i];
        sample.speed_m_s = sample.cadence_spm = NAN;
        motion_feed(&m, &sample);
    }
    assert_close(motion_distance_m(&m), 63, 1e-9);
    assert_close(motion_steps(&m), 63, 1e-9);
    assert_close(motion_cadence_mean_spm(&m), 180, 1e-9);
    assert_true(isnan(motion_speed_m_s(&m, 24 * S)));
}

static void test_a_packet_from_the_past_adds_no_time(void **state)
{
    struct motion m;
    struct sample sample = second_of_running(5 * S);

    motion_init(&m);
    run(&m, 10, 20);
    motion_feed(&m, &sample);
    run(&m, 21, 30);
    assert_close(motion_moving_s(&m), 20, 1e-9);
    assert_close(motion_gaps_s(&m), 0, 0);
    assert_close(motion_distance_m(&m), 66, 1e-9);
    assert_close(motion_speed_m_s(&m, 30 * S), 3, 1e-9);
}

static void test_pace_and_step_length_are_absent_where_they_mean_nothing(void **state)
{
    static const struct {
        const char *label;
        double speed, cadence, pace, step;
    } rows[] = {
        { "easy running", 2.5, 150, 400, 1 },
        { "walking", 1.25, 100, 800, 0.75 },
        { "slowest", 0.5, 60, 2000, 0.5 },
        { "slower: standing", 0.49, 60, NAN, 0.49 },
        { "shortest step", 0.5, 150, 2000, 0.2 },
        { "shorter", 0.5, 151, 2000, NAN },
        { "longest step", 5, 120, 200, 2.5 },
        { "longer", 5, 119, 200, NAN },
        { "no cadence", 3, NAN, 1000 / 3.0, NAN },
        { "no steps", 3, 0, 1000 / 3.0, NAN },
        { "no speed", NAN, 170, NAN, NAN },
        { "speed 0", 0, 170, NAN, NAN },
        { "speed below 0", -3, 170, NAN, NAN },
        { "speed no number", INFINITY, 170, NAN, NAN },
        { "cadence below 0", 3, -170, 1000 / 3.0, NAN },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double pace = motion_pace_of(rows[i].speed);
        double step = motion_step_length_of(rows[i].speed, rows[i].cadence);

        print_message("%s\n", rows[i].label);
        assert_int_equal(!!isnan(pace), !!isnan(rows[i].pace));
        assert_int_equal(!!isnan(step), !!isnan(rows[i].step));
        if (!isnan(pace))
            assert_close(pace, rows[i].pace, 1e-9);
        if (!isnan(step))
            assert_close(step, rows[i].step, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_told_is_nothing_known),
        cmocka_unit_test(test_a_minute_by_hand),
        cmocka_unit_test(test_fifty_packets_a_second_give_the_same),
        cmocka_unit_test(test_three_silent_seconds_leave_nothing_current),
        cmocka_unit_test(test_a_silence_is_a_gap_unless_the_odometer_ran_on),
        cmocka_unit_test(test_standing_is_no_motion_and_does_not_thin_the_mean),
        cmocka_unit_test(test_steps_over_a_silence_are_summed_but_not_in_the_mean),
        cmocka_unit_test(test_steps_held_back_until_the_unit_is_decided_count_for_all_the_time),
        cmocka_unit_test(test_less_than_ten_seconds_are_no_mean_and_no_maximum),
        cmocka_unit_test(test_the_maximum_is_of_the_mean_and_not_of_a_packet),
        cmocka_unit_test(test_each_figure_keeps_its_source),
        cmocka_unit_test(test_only_what_has_says_is_read),
        cmocka_unit_test(test_impossible_deltas_are_left_out),
        cmocka_unit_test(test_a_packet_from_the_past_adds_no_time),
        cmocka_unit_test(test_pace_and_step_length_are_absent_where_they_mean_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
