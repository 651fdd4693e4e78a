/* SPDX-License-Identifier: MIT */
#include "hex.h"
#include "lib/sensor/belt.h"

#define S UINT64_C(1000000)

static struct belt new_belt(void)
{
    struct belt belt;
    belt_init(&belt, 1.0);
    return belt;
}

static struct treadmill_record record_of(double km_h, int64_t total_m)
{
    return (struct treadmill_record){
        .has = TREADMILL_SPEED | (total_m >= 0 ? TREADMILL_TOTAL_DISTANCE : 0),
        .speed = (uint16_t)(km_h * 100 + 0.5),
        .total_distance_m = total_m >= 0 ? (uint32_t)total_m & 0xFFFFFF : 0,
    };
}

static struct sample feed(struct belt *belt, double t_s, struct treadmill_record record)
{
    struct sample sample = { .has = 99 };
    assert_true(belt_feed(belt, &record, (uint64_t)(t_s * (double)S), &sample));
    return sample;
}

static void test_speed_and_distance_by_speed(void **state)
{
    struct belt belt = new_belt();
    struct sample sample = feed(&belt, 0, record_of(9.0, -1));

    assert_near(sample.speed_m_s, 2.5, 1e-9);
    assert_true(sample.moving);
    assert_near(sample.distance_m, 0, 1e-9);
    assert_near(feed(&belt, 1, record_of(0, -1)).distance_m, 2.5, 1e-9);
    sample = feed(&belt, 2, record_of(0, -1));
    assert_false(sample.moving);
    assert_near(sample.distance_m, 0, 1e-9);
    assert_false(sample.has & (SAMPLE_GRADE | SAMPLE_CADENCE | SAMPLE_STEPS | SAMPLE_HEART_RATE |
                               SAMPLE_MACHINE_CLIMB));
}

static void test_split_record_is_one_sample(void **state)
{
    struct belt belt = new_belt();
    struct treadmill_record first = { .has = TREADMILL_TOTAL_DISTANCE | TREADMILL_INCLINATION,
                                      .more_data = true,
                                      .total_distance_m = 54,
                                      .inclination = -25 };
    struct treadmill_record second = { .has = TREADMILL_SPEED, .speed = 900 };
    struct sample sample = { .has = 99 };

    assert_false(belt_feed(&belt, &first, 1 * S, &sample));
    assert_int_equal(sample.has, 99);
    sample = feed(&belt, 1.1, second);
    assert_near(sample.grade_pct, -2.5, 1e-9);
    assert_near(sample.speed_m_s, 2.5, 1e-9);
    assert_true(belt.odometer.has_total);
    sample = feed(&belt, 2, second);
    assert_false(sample.has & SAMPLE_GRADE);
}

static void test_half_a_record_dies_with_the_link_or_with_age(void **state)
{
    for (int age = 0; age < 2; age++) {
        struct belt belt = new_belt();
        struct treadmill_record first = { .has = TREADMILL_INCLINATION,
                                          .more_data = true,
                                          .inclination = 50 };
        struct sample sample;
        assert_false(belt_feed(&belt, &first, 1 * S, &sample));
        if (age == 0)
            belt_link_lost(&belt);
        sample = feed(&belt, age ? 5 : 1.5, record_of(9, -1));
        assert_false(sample.has & SAMPLE_GRADE);
    }
}

static void test_grade(void **state)
{
    static const struct {
        const char *label;
        int16_t inclination;
        bool available, level, present;
        double grade;
    } rows[] = {
        { "up", 15, true, false, true, 1.5 },
        { "down", -30, true, false, true, -3.0 },
        { "flat", 0, true, false, true, 0 },
        { "not available", 0x7FFF, false, false, false, 0 },
        { "impossible", 900, true, false, false, 0 },
        { "a machine without an incline", 0, true, true, false, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct belt belt = new_belt();
        struct treadmill_record record = record_of(9, -1);
        struct sample sample;
        belt_set_range(&belt, &(struct inclination_range){ rows[i].level ? 0 : -30,
                                                           rows[i].level ? 0 : 150, 5 });
        record.inclination = rows[i].inclination;
        record.has |= rows[i].available ? TREADMILL_INCLINATION : 0;
        sample = feed(&belt, 1, record);
        print_message("%s\n", rows[i].label);
        assert_int_equal(!!(sample.has & SAMPLE_GRADE), rows[i].present);
        assert_near(sample.grade_pct, rows[i].grade, 1e-9);
    }
}

static void test_distance_ends_where_the_machine_ends(void **state)
{
    struct belt belt = new_belt();
    double sum = 0;
    int lifetime = 7654321;

    feed(&belt, 0, record_of(0, lifetime));
    for (int t = 1; t <= 1200; t++) /* the machine runs 4 % faster than it says */
        sum += feed(&belt, t, record_of(9.0, lifetime + (int)(2.6 * t))).distance_m;
    assert_near(sum, 2.6 * 1200, 6);
}

static void test_pause_and_reset(void **state)
{
    struct belt belt = new_belt();
    double sum = 0;
    int t = 0;

    for (; t <= 100; t++)
        sum += feed(&belt, t, record_of(9.0, (int)(2.5 * t))).distance_m;
    for (; t < 400; t++) /* paused: all stands */
        sum += feed(&belt, t, record_of(0, 250)).distance_m;
    for (int u = 0; u <= 100; u++, t++) /* and starts again at 0 */
        sum += feed(&belt, t, record_of(9.0, (int)(2.5 * u))).distance_m;
    assert_near(sum, 500, 6);
}

static void test_dropout_is_bridged(void **state)
{
    struct belt belt = new_belt();
    struct sample sample = { 0 };
    double sum = 0;

    for (int t = 0; t <= 60; t++)
        sum += feed(&belt, t, record_of(9.0, (int)(2.5 * t))).distance_m;
    sample = feed(&belt, 100, record_of(9.0, 250));
    assert_true(sample.has & SAMPLE_GAP_BRIDGED);
    assert_near(sum + sample.distance_m, 250, 6);
}

static void test_what_others_ran_overnight_is_not_ours(void **state)
{
    struct belt belt = new_belt();
    struct treadmill_record record = record_of(9.0, 1000);
    struct sample sample;

    record.has |= TREADMILL_POSITIVE_GAIN | TREADMILL_STEPS;
    feed(&belt, 0, record);
    record = record_of(9.0, 6000);
    record.has |= TREADMILL_POSITIVE_GAIN | TREADMILL_STEPS;
    record.positive_gain_dm = 900;
    record.steps = 5000;
    sample = feed(&belt, 8 * 3600, record);
    assert_near(sample.distance_m, 0, 1e-9);
    assert_false(sample.has & (SAMPLE_GAP_BRIDGED | SAMPLE_MACHINE_CLIMB | SAMPLE_STEPS));
    record.total_distance_m = 6003;
    assert_near(feed(&belt, 8 * 3600 + 1, record).distance_m, 2.5, 1);
}

static void test_machine_that_sends_no_speed(void **state)
{
    struct belt belt = new_belt();
    struct sample sample = { 0 };
    double sum = 0;
    int t = 0;

    for (; t <= 100; t++) {
        sample = feed(&belt, t, record_of(0, 2 * t));
        sum += sample.distance_m;
        if (t >= 3)
            assert_near(sample.speed_m_s, 2.0, 1e-9);
    }
    assert_true(sample.moving);
    assert_near(sum, 200, 1e-9);
    for (; t < 110; t++)
        sample = feed(&belt, t, record_of(0, 200));
    assert_false(sample.moving);
    assert_near(sample.speed_m_s, 0, 1e-9);
}

static void test_idle_machine_with_a_lifetime_counter_stands(void **state)
{
    struct belt belt = new_belt();
    for (int t = 0; t < 60; t++) {
        struct sample sample = feed(&belt, t, record_of(0, 123456));
        assert_false(sample.moving);
        assert_near(sample.distance_m, 0, 1e-9);
    }
}

static void test_steps_of_the_machine(void **state)
{
    struct belt belt = new_belt();
    struct treadmill_record record = record_of(2.25, -1);
    struct sample sample = { 0 };
    double steps = 0;

    record.has |= TREADMILL_STEPS;
    for (int t = 0; t <= 60; t++) {
        record.steps = (0xFFFFF0 + (uint32_t)(t * 1.5)) & 0xFFFFFF; /* wraps */
        sample = feed(&belt, t, record);
        assert_int_equal(!!(sample.has & SAMPLE_STEPS), t > 0);
        assert_int_equal(!!(sample.has & SAMPLE_CADENCE), t >= 5);
        steps += sample.steps;
    }
    assert_near(steps, 90, 1e-9);
    assert_near(sample.cadence_spm, 90, 6);
    record.steps = 0; /* reset */
    sample = feed(&belt, 61, record);
    assert_false(sample.has & (SAMPLE_STEPS | SAMPLE_CADENCE));
    record.steps = 3;
    assert_near(feed(&belt, 62, record).steps, 3, 1e-9);
}

static void test_machine_climb(void **state)
{
    struct belt belt = new_belt();
    struct treadmill_record record = record_of(9, -1);
    struct sample sample;

    record.has |= TREADMILL_POSITIVE_GAIN | TREADMILL_NEGATIVE_GAIN;
    record.positive_gain_dm = 100;
    record.negative_gain_dm = 50;
    assert_false(feed(&belt, 0, record).has & SAMPLE_MACHINE_CLIMB);
    record.positive_gain_dm = 102;
    record.negative_gain_dm = 51;
    sample = feed(&belt, 1, record);
    assert_true(sample.has & SAMPLE_MACHINE_CLIMB);
    assert_near(sample.machine_ascent_m, 0.2, 1e-9);
    assert_near(sample.machine_descent_m, 0.1, 1e-9);
    record.positive_gain_dm = 0; /* reset */
    record.has &= ~(uint32_t)TREADMILL_NEGATIVE_GAIN;
    sample = feed(&belt, 2, record);
    assert_near(sample.machine_ascent_m + sample.machine_descent_m, 0, 1e-9);
}

static void test_a_belt_that_never_tells_its_speed_moves_by_its_distance(void **state)
{
    struct belt belt = new_belt();
    struct sample sample = { 0 };
    double distance_m = 0;

    for (int t = 0; t <= 120; t++) {
        struct treadmill_record record = record_of(0, (int64_t)(t * 2.5));

        record.has &= ~(uint32_t)TREADMILL_SPEED;
        sample = feed(&belt, t, record);
        distance_m += sample.distance_m;
    }
    assert_true(sample.has & SAMPLE_MOVING && sample.moving);
    assert_near(sample.speed_m_s, 2.5, 0.2);
    assert_near(distance_m, 300, 3);
}

static void test_impossible_or_absent_speed_is_not_known(void **state)
{
    struct belt belt = new_belt();
    struct treadmill_record record = { .has = 0 };
    struct sample sample = feed(&belt, 0, record_of(500, -1));

    assert_false(sample.has & (SAMPLE_SPEED | SAMPLE_MOVING));
    sample = feed(&belt, 1, record);
    assert_false(sample.has & (SAMPLE_SPEED | SAMPLE_MOVING));
    assert_near(sample.distance_m, 0, 1e-9);
}

static void test_the_machines_own_word(void **state)
{
    struct belt belt = new_belt();
    struct sample sample;
    static const enum machine_status stops[] = { MACHINE_STATUS_STOPPED, MACHINE_STATUS_PAUSED,
                                                 MACHINE_STATUS_SAFETY_KEY };

    feed(&belt, 0, record_of(9, -1));
    for (size_t i = 0; i < 3; i++) {
        sample = (struct sample){ .moving = true };
        assert_true(belt_status(&belt, stops[i], 1 * S, &sample));
        assert_int_equal(sample.has, SAMPLE_MOVING);
        assert_false(sample.moving);
    }
    sample.has = 99;
    assert_false(belt_status(&belt, MACHINE_STATUS_STARTED, 1 * S, &sample));
    assert_false(belt_status(&belt, MACHINE_STATUS_RESET, 1 * S, &sample));
    assert_int_equal(sample.has, 99);
    assert_near(feed(&belt, 2, record_of(3, -1)).distance_m, 5, 1e-9); /* it runs out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_speed_and_distance_by_speed),
        cmocka_unit_test(test_split_record_is_one_sample),
        cmocka_unit_test(test_half_a_record_dies_with_the_link_or_with_age),
        cmocka_unit_test(test_grade),
        cmocka_unit_test(test_distance_ends_where_the_machine_ends),
        cmocka_unit_test(test_pause_and_reset),
        cmocka_unit_test(test_dropout_is_bridged),
        cmocka_unit_test(test_what_others_ran_overnight_is_not_ours),
        cmocka_unit_test(test_machine_that_sends_no_speed),
        cmocka_unit_test(test_idle_machine_with_a_lifetime_counter_stands),
        cmocka_unit_test(test_steps_of_the_machine),
        cmocka_unit_test(test_machine_climb),
        cmocka_unit_test(test_a_belt_that_never_tells_its_speed_moves_by_its_distance),
        cmocka_unit_test(test_impossible_or_absent_speed_is_not_known),
        cmocka_unit_test(test_the_machines_own_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
