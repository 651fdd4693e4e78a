/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/training/verdict.h"
#include "close.h"
#include "training_log.h"
#include "vectors.h"

static struct training_log training;
static struct rule_settings settings;

static int setup(void **state)
{
    log_init(&training);
    rule_settings_init(&settings);
    return 0;
}

static struct verdict judge(enum rule_id id, int today, const struct outing *live)
{
    struct verdict_time time = { .today = LOG_FIRST_DAY + today,
                                 .now_s = (int64_t)(LOG_FIRST_DAY + today) * LOG_DAY_S + 72000,
                                 .week_start = 1 };
    struct verdict ret;

    verdict_judge(&training.ledger, live, &settings, &time, id, &ret);
    return ret;
}

static void weeks(int from, int to, double distance_m, double drop_m)
{
    for (int week = from; week < to; week++)
        for (int i = 0; i < 4; i++)
            log_add(&training, week * 7 + 1 + i, distance_m, drop_m);
}

static void test_headroom_counts_down_while_the_runner_runs(void **state)
{
    struct outing live;

    weeks(0, 5, 10000, 50);
    for (int km = 0; km <= 9; km++) {
        double left =
            fmax(0, 4000 - km * 1000 + 10000); /* day 36: Tuesday's run has left the week */

        live = log_run(&training, 36, km * 1000.0, km * 5.0);
        assert_close(judge(RULE_WEEKLY_DISTANCE, 36, &live).left, left, 1e-6);
        assert_close(judge(RULE_SPIKE_DISTANCE, 36, &live).left, 11000 - km * 1000, 1e-6);
    }
    live = log_run(&training, 36, 14001, 50);
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 36, &live).word, VERDICT_CAUTION);
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 36, &live).word, VERDICT_WARNING);
    assert_close(judge(RULE_WEEKLY_DISTANCE, 36, &live).week.frees_tomorrow, 10000, 1e-6);
}

static void test_before_going_out_a_run_has_its_headroom(void **state)
{
    struct verdict got;

    weeks(0, 5, 10000, 50);
    got = judge(RULE_SPIKE_DISTANCE, 36, NULL);
    assert_int_equal(got.word, VERDICT_OK);
    assert_true(isnan(got.value) && isnan(got.ratio));
    assert_close(got.left, 11000, 1e-6);
    assert_close(judge(RULE_SPIKE_DESCENT, 36, NULL).left, 65, 1e-6);
    got = judge(RULE_SPIKE_DISTANCE, 80, NULL);
    assert_int_equal(got.word, VERDICT_NO_BASELINE);
    assert_true(isnan(got.left) && isnan(got.limit));
}

/* A file of yesterday's run comes with breakfast. */
static void test_yesterdays_run_is_still_told(void **state)
{
    weeks(0, 5, 10000, 50);
    log_add(&training, 36, 15000, 50);
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 36, NULL).word, VERDICT_WARNING);
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 37, NULL).word, VERDICT_WARNING);
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 38, NULL).word, VERDICT_OK);
}

static void test_first_descents_after_five_weeks_without(void **state)
{
    static const struct {
        const char *label;
        int break_days;
        double drop_m;
        int days_later;
        enum verdict_word word;
    } rows[] = {
        { "35 days without, a little", 35, 40, 0, VERDICT_CAUTION },
        { "35 days without, the floor", 35, 50, 0, VERDICT_CAUTION },
        { "35 days without, much", 35, 51, 0, VERDICT_WARNING },
        { "6 days later it is still the first", 35, 51, 6, VERDICT_WARNING },
        { "a week later it is over", 35, 51, 7, VERDICT_OK },
        { "34 days without", 34, 300, 0, VERDICT_OK },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int day = 15 + rows[i].break_days;

        print_message("%s\n", rows[i].label);
        log_init(&training);
        log_add(&training, 14, 5000, 60);
        for (int d = 15; d < day; d++)
            log_add(&training, d, 5000, 0);
        log_add(&training, day, 5000, rows[i].drop_m);
        assert_int_equal(judge(RULE_FIRST_DESCENT, day + rows[i].days_later, NULL).word,
                         rows[i].word);
    }
}

static void test_a_break_has_to_be_on_record(void **state)
{
    for (int d = 0; d < 30; d++)
        log_add(&training, d, 5000, 0);
    assert_int_equal(judge(RULE_FIRST_DESCENT, 29, NULL).word, VERDICT_INSUFFICIENT_HISTORY);
    log_add(&training, 40, 60000, NAN); /* where was it? */
    log_add(&training, 41, 5000, 80);
    assert_int_equal(judge(RULE_FIRST_DESCENT, 41, NULL).word, VERDICT_INSUFFICIENT_DATA);
}

static void test_descents_want_three_uphill_runs_first(void **state)
{
    for (int runs = 0; runs <= 4; runs++) {
        struct verdict got;

        print_message("%d uphill runs\n", runs);
        log_init(&training);
        weeks(0, 4, 10000, 20);
        for (int i = 0; i < runs; i++) {
            struct outing up = log_run(&training, 20 + i, 3000, 0);

            up.ascent_mm = 50000;
            assert_int_equal(ledger_put(&training.ledger, &up), 0);
        }
        log_add(&training, 34, 9000, 49); /* up 49 m: not one of them */
        log_add(&training, 33, 9000, 49);
        got = judge(RULE_UPHILL_BASE, 34, NULL);
        assert_int_equal(got.uphill_runs, runs);
        assert_int_equal(got.word, runs < 3 ? VERDICT_CAUTION : VERDICT_OK);
        assert_int_equal(got.evidence, 'C');
        if (runs < 3)
            assert_close(got.limit, 80, 1e-6); /* R: four weeks of 80 m */
        else                                   /* ok has no end, and 98 m are no 0 m left of 80 */
            assert_true(isnan(got.limit) && isnan(got.left));
    }
}

static void test_a_part_of_the_descent_is_no_ok_of_all_of_it(void **state)
{
    weeks(0, 4, 10000, 2); /* R: 8 m */
    log_add(&training, 33, 3000, 20);
    log_add(&training, 34, 9000, NAN);
    assert_int_equal(judge(RULE_UPHILL_BASE, 34, NULL).word, VERDICT_INSUFFICIENT_DATA);
    log_add(&training, 34, 3000, 40); /* 60 m are known, and 50 m would do */
    assert_int_equal(judge(RULE_UPHILL_BASE, 34, NULL).word, VERDICT_CAUTION);
}

/* A pod alone has no altitude: what there is of descent is a part of it, with or without a verdict. */
static void test_a_descent_nobody_measured_is_not_none(void **state)
{
    for (int n_days = 1; n_days <= 50; n_days += 7) {
        log_init(&training);
        for (int d = 0; d < n_days; d++)
            log_add(&training, d, 5000, NAN);
        for (enum rule_id id = 0; id < RULES; id++) {
            struct verdict verdict = judge(id, n_days - 1, NULL);

            if (rule_get(id)->unit != RULE_UNIT_METRES_HIGH)
                continue;
            print_message("%s after %d days: %s\n", rule_get(id)->id, n_days,
                          verdict_word_name(verdict.word));
            assert_false(verdict_word_judges(verdict.word));
            assert_true(verdict.value == 0 && verdict.at_least);
        }
    }
}

/* Loads of seven days, the last on day 26; NAN: a session without one, 0: rest. */
/* A heart-rate strap alone, in a file that says it was a run. */
static void test_a_run_of_unknown_distance_is_not_one_of_none(void **state)
{
    struct verdict verdict;

    for (int d = 0; d < 6 * 7; d += 2)
        log_add_unmeasured(&training, d);
    verdict = judge(RULE_WEEKLY_DISTANCE, 41, NULL);
    assert_false(verdict_word_judges(verdict.word));
    assert_true(verdict.value == 0 && verdict.at_least && isnan(verdict.left));
    assert_true(verdict_word_judges(judge(RULE_WEEKLY_TIME, 41, NULL).word));

    log_add(&training, 42, 8000, 90);
    for (enum rule_id id = 0; id < RULES; id++) {
        verdict = judge(id, 42, NULL);
        print_message("%s: %s\n", rule_get(id)->id, verdict_word_name(verdict.word));
        if (rule_get(id)->unit == RULE_UNIT_METRES_FAR ||
            rule_get(id)->unit == RULE_UNIT_METRES_HIGH)
            assert_false(verdict_word_judges(verdict.word));
    }
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 42, NULL).word, VERDICT_INSUFFICIENT_DATA);
}

static void test_a_week_with_a_run_of_unknown_distance_has_at_least_the_rest(void **state)
{
    struct verdict verdict;

    weeks(0, 5, 5000, 0);
    log_add_unmeasured(&training, 34);
    verdict = judge(RULE_WEEKLY_DISTANCE, 34, NULL);
    assert_int_equal(verdict.word, VERDICT_INSUFFICIENT_DATA);
    assert_true(verdict.at_least && verdict.value > 0);
    log_add(&training, 34, 100000, 0);
    verdict = judge(RULE_WEEKLY_DISTANCE, 34, NULL);
    assert_int_equal(verdict.word, VERDICT_WARNING); /* what is known is above it */
    assert_true(verdict.at_least);
    verdict = judge(RULE_WEEKLY_DISTANCE, 41, NULL); /* left out of the reference */
    assert_int_equal(verdict.word, VERDICT_OK);
    assert_close(verdict.reference, judge(RULE_WEEKLY_DISTANCE, 33, NULL).reference, 1e-9);
}

static void week_of_loads(const double load[7])
{
    log_init(&training);
    log_add(&training, 0, 1000, 0); /* history */
    for (int d = 0; d < 7; d++) {
        struct outing o = log_run(&training, 20 + d, 5000, 0);

        if (load[d] == 0)
            continue;
        if (!isnan(load[d]))
            o.has |= OUTING_LOAD;
        o.load_centi = isnan(load[d]) ? 0 : (uint32_t)lround(load[d] * 100);
        assert_int_equal(ledger_put(&training.ledger, &o), 0);
    }
}

static void test_an_independent_implementation_gets_the_same_monotony(void **state)
{
    json_t *file = vectors_load("monotony.json"), *c, *value;
    size_t i, k;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *expected = json_object_get(json_object_get(c, "expected"), "monotony");
        double load[7] = { 0 }, got;

        print_message("%s\n", json_string_value(json_object_get(c, "name")));
        json_array_foreach(json_object_get(json_object_get(c, "input"), "week"), k, value) load[k] =
            json_number_value(value);
        week_of_loads(load);
        got = judge(RULE_MONOTONY, 26, NULL).value;
        if (json_is_null(expected))
            assert_true(isnan(got));
        else
            vectors_assert_close(got, json_number_value(expected), vectors_number(c, "tol"));
    }
    json_decref(file);
    assert_true(i >= 6);
}

static void test_monotony_of_a_week(void **state)
{
    static const struct {
        const char *label;
        double load[7];
        enum verdict_word word;
        double value;
    } rows[] = {
        { "hard and easy", { 100, 0, 100, 0, 100, 0, 0 }, VERDICT_OK, 0.866 },
        { "every day nearly alike", { 50, 60, 50, 60, 50, 60, 50 }, VERDICT_CAUTION, 10 },
        { "all alike", { 50, 50, 50, 50, 50, 50, 50 }, VERDICT_CAUTION, 10 },
        { "rest", { 0 }, VERDICT_OK, NAN },
        { "one without a strap", { 50, NAN, 50, 60, 50, 60, 50 }, VERDICT_INSUFFICIENT_DATA, NAN },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict got;

        print_message("%s\n", rows[i].label);
        week_of_loads(rows[i].load);
        got = judge(RULE_MONOTONY, 26, NULL);
        assert_int_equal(got.word, rows[i].word);
        if (isnan(rows[i].value)) {
            assert_true(isnan(got.value) && isnan(got.left));
            continue;
        }
        assert_close(got.value, rows[i].value, 0.001);
        assert_close(got.left, fmax(0, got.limit - got.value), 1e-9);
    }
}

static void test_thresholds_are_data(void **state)
{
    weeks(0, 4, 10000, 50);
    weeks(4, 5, 12000, 50);
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 34, NULL).word, VERDICT_CAUTION);
    assert_true(rule_settings_set(&settings, RULE_WEEKLY_DISTANCE, RULE_KEY_CAUTION, 1.25));
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 34, NULL).word, VERDICT_OK);
    assert_true(rule_settings_set(&settings, RULE_WEEKLY_DISTANCE, RULE_KEY_CAUTION, 1.05));
    assert_true(rule_settings_set(&settings, RULE_WEEKLY_DISTANCE, RULE_KEY_WARNING, 1.15));
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 34, NULL).word, VERDICT_WARNING);
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 29, NULL).word, VERDICT_WARNING);
    assert_true(rule_settings_set(&settings, RULE_SPIKE_DISTANCE, RULE_KEY_WARNING, 1.2));
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 29, NULL).word, VERDICT_OK);
}

static void test_a_studys_letter_is_only_for_what_it_studied(void **state)
{
    weeks(0, 4, 10000, 50);
    weeks(4, 5, 14000, 50);
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 34, NULL).evidence, 'B');
    assert_int_equal(judge(RULE_WEEKLY_TIME, 34, NULL).evidence, 'C');
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 29, NULL).evidence, 'A');
    log_init(&training);
    weeks(0, 4, 10000, 50);
    weeks(4, 5, 12000, 50);
    log_add(&training, 40, 12850, 50); /* 1.07 times the longest */
    assert_true(rule_settings_set(&settings, RULE_WEEKLY_DISTANCE, RULE_KEY_WARNING, 1.15));
    assert_true(rule_settings_set(&settings, RULE_SPIKE_DISTANCE, RULE_KEY_WARNING, 1.05));
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 34, NULL).word, VERDICT_WARNING);
    assert_int_equal(judge(RULE_WEEKLY_DISTANCE, 34, NULL).evidence, 'C');
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 40, NULL).word, VERDICT_WARNING);
    assert_int_equal(judge(RULE_SPIKE_DISTANCE, 40, NULL).evidence, 'C');
}

static void test_the_calendar_window_begins_anew_with_the_week(void **state)
{
    weeks(0, 4, 10000, 50);
    log_add(&training, 29, 20000, 50);
    /* day 30: of the rolling week, 20 km of this and 20 km of the last calendar week */
    assert_close(judge(RULE_WEEKLY_DISTANCE, 30, NULL).value, 40000, 1e-6);
    settings.window = WEEK_CALENDAR;
    assert_close(judge(RULE_WEEKLY_DISTANCE, 30, NULL).value, 20000, 1e-6);
    assert_close(judge(RULE_WEEKLY_DISTANCE, 30, NULL).left, 24000, 1e-6);
}

static void test_an_empty_log_judges_nothing(void **state)
{
    for (enum rule_id id = 0; id < RULES; id++) {
        struct verdict got = judge(id, 0, NULL);
        enum rule_family family = rule_get(id)->family;

        assert_int_equal(got.word, family == RULE_OF_RUN ? VERDICT_NO_BASELINE
                                                         : VERDICT_INSUFFICIENT_HISTORY);
        assert_true(isnan(got.limit) && isnan(got.left) && isnan(got.reference));
        if (family == RULE_OF_WEEK)
            assert_close(got.value, 0, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_headroom_counts_down_while_the_runner_runs, setup),
        cmocka_unit_test_setup(test_before_going_out_a_run_has_its_headroom, setup),
        cmocka_unit_test_setup(test_yesterdays_run_is_still_told, setup),
        cmocka_unit_test_setup(test_first_descents_after_five_weeks_without, setup),
        cmocka_unit_test_setup(test_a_break_has_to_be_on_record, setup),
        cmocka_unit_test_setup(test_descents_want_three_uphill_runs_first, setup),
        cmocka_unit_test_setup(test_a_part_of_the_descent_is_no_ok_of_all_of_it, setup),
        cmocka_unit_test_setup(test_a_descent_nobody_measured_is_not_none, setup),
        cmocka_unit_test_setup(test_a_run_of_unknown_distance_is_not_one_of_none, setup),
        cmocka_unit_test_setup(test_a_week_with_a_run_of_unknown_distance_has_at_least_the_rest,
                               setup),
        cmocka_unit_test_setup(test_an_independent_implementation_gets_the_same_monotony, setup),
        cmocka_unit_test_setup(test_monotony_of_a_week, setup),
        cmocka_unit_test_setup(test_thresholds_are_data, setup),
        cmocka_unit_test_setup(test_a_studys_letter_is_only_for_what_it_studied, setup),
        cmocka_unit_test_setup(test_the_calendar_window_begins_anew_with_the_week, setup),
        cmocka_unit_test_setup(test_an_empty_log_judges_nothing, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
