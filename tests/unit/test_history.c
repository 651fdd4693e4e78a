/* SPDX-License-Identifier: MIT */
/* What a log comes to by calendar weeks, and what of it nobody told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/civil.h"
#include "lib/training/history.h"
#include "training_log.h"

static struct training_log training;
static struct history_week weeks[HISTORY_WEEKS_MAX];

static int setup(void **state)
{
    log_init(&training);
    return 0;
}

static void walk(int day, double distance_m, double drop_m)
{
    struct outing outing = log_run(&training, day, distance_m, drop_m);

    outing.kind = OUTING_WALK;
    assert_int_equal(ledger_put(&training.ledger, &outing), 0);
}

static size_t up_to(int day, size_t most)
{
    return history_weeks(&training.ledger, LOG_FIRST_DAY + day, most, weeks);
}

static void assert_figure(double got, double expected)
{
    if (isnan(expected) ? !isnan(got) : fabs(got - expected) > 1e-6)
        fail_msg("%g, not %g", got, expected);
}

static void test_a_week_is_from_monday_to_sunday(void **state)
{
    log_add(&training, 0, 5000, 10);
    log_add(&training, 6, 7000, 20);
    log_add(&training, 7, 9000, 30);
    assert_int_equal(up_to(8, 12), 2);
    assert_int_equal(weeks[0].start, LOG_FIRST_DAY);
    assert_int_equal(weeks[0].figures.runs, 2);
    assert_figure(weeks[0].figures.distance_m, 12000);
    assert_figure(weeks[0].figures.moving_s, 12000 * 0.36);
    assert_figure(weeks[0].figures.longest_run_m, 7000);
    assert_figure(weeks[0].figures.drop_m, 30);
    assert_figure(weeks[0].figures.downhill_m, 600);
    assert_figure(weeks[0].figures.ascent_m, 30);
    assert_int_equal(weeks[1].start, LOG_FIRST_DAY + 7);
    assert_int_equal(weeks[1].figures.runs, 1);
    assert_figure(weeks[1].figures.distance_m, 9000);
}

static void test_a_week_of_rest_between_others_is_told_and_is_nothing(void **state)
{
    log_add(&training, 2, 5000, NAN);
    log_add(&training, 16, 5000, NAN);
    assert_int_equal(up_to(16, 12), 3);
    assert_int_equal(weeks[1].figures.runs, 0);
    assert_figure(weeks[1].figures.distance_m, 0);
    assert_figure(weeks[1].figures.drop_m, 0);
    assert_figure(weeks[1].figures.load, 0);
    assert_figure(weeks[1].figures.longest_run_m, NAN); /* there is none */
}

static void test_what_no_session_of_a_week_told_is_not_known(void **state)
{
    log_add_unmeasured(&training, 1); /* nobody knows how far */
    log_add(&training, 8, 5000, NAN); /* nor how high, here */
    log_add(&training, 9, 6000, 25);
    assert_int_equal(up_to(9, 12), 2);
    assert_int_equal(weeks[0].figures.runs, 1);
    assert_figure(weeks[0].figures.distance_m, NAN);
    assert_figure(weeks[0].figures.moving_s, 1800);
    assert_figure(weeks[0].figures.drop_m, NAN);
    assert_figure(weeks[0].figures.ascent_m, NAN);
    assert_figure(weeks[0].figures.load, 50);
    assert_figure(weeks[1].figures.distance_m, 11000);
    assert_figure(weeks[1].figures.drop_m, 25); /* of the one that told it */
    assert_figure(weeks[1].figures.load, NAN);
}

/* As one who enters a run by hand may. */
static void test_who_tells_a_descent_alone_says_nothing_of_the_rest(void **state)
{
    struct outing outing = log_run(&training, 0, 5000, NAN);

    outing_set_figures(&outing, &(struct outing_figures){
                                    .distance_m = 5000,
                                    .moving_s = 1800,
                                    .steps = NAN,
                                    .heart_load = NAN,
                                    .altitude_m = 5000,
                                    .ascent_m = NAN,
                                    .drop_m = 80,
                                    .downhill_m = NAN,
                                    .knee_steps = NAN,
                                });
    assert_int_equal(ledger_put(&training.ledger, &outing), 0);
    assert_int_equal(up_to(0, 1), 1);
    assert_figure(weeks[0].figures.drop_m, 80);
    assert_figure(weeks[0].figures.ascent_m, NAN);
    assert_figure(weeks[0].figures.downhill_m, NAN);
    log_add(&training, 1, 6000, 25);
    assert_int_equal(up_to(1, 1), 1);
    assert_figure(weeks[0].figures.drop_m, 105);
    assert_figure(weeks[0].figures.ascent_m, 25); /* of the one that told it */
    assert_figure(weeks[0].figures.downhill_m, 500);
}

static void test_walks_stand_apart_but_for_their_descent(void **state)
{
    log_add(&training, 0, 5000, 10);
    walk(1, 20000, 300);
    assert_int_equal(up_to(1, 1), 1);
    assert_int_equal(weeks[0].figures.runs, 1);
    assert_int_equal(weeks[0].figures.walks, 1);
    assert_figure(weeks[0].figures.distance_m, 5000);
    assert_figure(weeks[0].figures.longest_run_m, 5000);
    assert_figure(weeks[0].figures.walked_m, 20000);
    assert_figure(weeks[0].figures.walked_drop_m, 300);
    assert_figure(weeks[0].figures.drop_m, 310);
}

static void test_a_ride_counts_for_the_heart_alone(void **state)
{
    struct outing ride = log_run(&training, 0, 40000, 500);

    ride.kind = OUTING_OTHER;
    ride.has |= OUTING_LOAD;
    ride.load_centi = 9000;
    assert_int_equal(ledger_put(&training.ledger, &ride), 0);
    assert_int_equal(up_to(0, 1), 1);
    assert_int_equal(weeks[0].figures.others, 1);
    assert_figure(weeks[0].figures.distance_m, 0);
    assert_figure(weeks[0].figures.drop_m, 0);
    assert_figure(weeks[0].figures.load, 90);
}

static void test_no_week_before_the_first_and_none_to_come(void **state)
{
    assert_int_equal(up_to(0, 12), 0);
    log_add(&training, 20, 5000, NAN); /* dated ahead: the clock was wrong */
    assert_int_equal(up_to(0, 12), 0);
    log_add(&training, 0, 5000, NAN);
    log_add(&training, 3, 8000, NAN);
    assert_int_equal(up_to(2, 12), 1);
    assert_figure(weeks[0].figures.distance_m, 5000); /* this week so far */
    assert_int_equal(up_to(30, 2), 2);
    assert_int_equal(weeks[0].start, LOG_FIRST_DAY + 21);
    assert_int_equal(up_to(30, 0), 0);
}

static void test_each_day_lies_in_one_week(void **state)
{
    for (int32_t day = -1500; day < 1500; day++) {
        int32_t start = history_week_start(day);

        assert_true(start <= day && day < start + 7);
        assert_int_equal(((start % 7) + 7) % 7, 4); /* day 4 of 1970 was a Monday */
    }
}

static void test_weeks_are_called_as_iso_8601_does(void **state)
{
    static const struct {
        int year, month, day;
        const char *label;
    } rows[] = { { 2026, 11, 16, "2026-W47" }, { 2026, 1, 1, "2026-W01" },
                 { 2027, 1, 3, "2026-W53" },   { 2025, 12, 29, "2026-W01" },
                 { 2021, 1, 3, "2020-W53" },   { 2024, 12, 30, "2025-W01" },
                 { 2023, 1, 1, "2022-W52" },   { 2000, 2, 29, "2000-W09" } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char label[HISTORY_LABEL_MAX];

        history_week_label(
            history_week_start((int32_t)civil_to_days(rows[i].year, rows[i].month, rows[i].day)),
            label);
        assert_string_equal(label, rows[i].label);
    }
}

static void test_as_many_weeks_as_there_can_be(void **state)
{
    for (int day = 0; day < LOG_MAX; day++)
        log_add(&training, day * 2, 1000, 1);
    assert_int_equal(up_to(2 * LOG_MAX - 1, HISTORY_WEEKS_MAX), HISTORY_WEEKS_MAX);
    assert_int_equal(weeks[HISTORY_WEEKS_MAX - 1].start,
                     history_week_start(LOG_FIRST_DAY + 2 * LOG_MAX - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_week_is_from_monday_to_sunday, setup),
        cmocka_unit_test_setup(test_a_week_of_rest_between_others_is_told_and_is_nothing, setup),
        cmocka_unit_test_setup(test_what_no_session_of_a_week_told_is_not_known, setup),
        cmocka_unit_test_setup(test_who_tells_a_descent_alone_says_nothing_of_the_rest, setup),
        cmocka_unit_test_setup(test_walks_stand_apart_but_for_their_descent, setup),
        cmocka_unit_test_setup(test_a_ride_counts_for_the_heart_alone, setup),
        cmocka_unit_test_setup(test_no_week_before_the_first_and_none_to_come, setup),
        cmocka_unit_test(test_each_day_lies_in_one_week),
        cmocka_unit_test(test_weeks_are_called_as_iso_8601_does),
        cmocka_unit_test_setup(test_as_many_weeks_as_there_can_be, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
