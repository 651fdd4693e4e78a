/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/training/week.h"
#include "close.h"
#include "training_log.h"
#include "vectors.h"

static const struct week_limits distance_limits = { 1.10, 1.30, 2000 };
static const struct week_limits drop_limits = { 1.10, 1.30, 50 };
static struct training_log training;

static struct week_place place(int today)
{
    return (struct week_place){ .ledger = &training.ledger,
                                .today = LOG_FIRST_DAY + today,
                                .week_start = 1 };
}

static struct week_verdict judge(int today, enum week_measure measure)
{
    struct week_place at = place(today);
    struct week_blocks blocks;
    struct week_verdict ret;

    week_blocks_read(&at, measure, WEEK_ROLLING, &blocks);
    week_judge(&blocks, measure == WEEK_DROP_M ? &drop_limits : &distance_limits, &ret);
    return ret;
}

/* ---- against an independent implementation */

static void assert_figure(double got, const json_t *object, const char *key, double tol)
{
    if (json_is_null(json_object_get(object, key)))
        assert_true(isnan(got));
    else
        vectors_assert_close(got, vectors_number(object, key), tol);
}

/* The numbers are per day without a kind: the measure whose floor they name. */
static void fill(const json_t *daily, bool drop)
{
    json_t *value;
    size_t i;

    log_init(&training);
    /* history begins on the first day, be it one of rest */
    log_add(&training, 0, 0, 0);
    json_array_foreach(daily, i, value)
    {
        double number = json_number_value(value);

        if (number > 0)
            log_add(&training, (int)i, drop ? 5000 : number, drop ? number : 0);
    }
}

static void check_case(const json_t *c)
{
    const json_t *input = json_object_get(c, "input"), *expected = json_object_get(c, "expected");
    const json_t *daily = json_object_get(input, "daily"), *day = json_object_get(input, "today");
    bool drop = vectors_number(input, "floor") == drop_limits.floor;
    int today = day ? (int)json_integer_value(day) : (int)json_array_size(daily) - 1;
    enum week_measure measure = drop ? WEEK_DROP_M : WEEK_DISTANCE_M;
    double tol = vectors_number(c, "tol");
    struct week_place at = place(today);
    struct week_blocks blocks;
    struct week_verdict got;

    if (!drop)
        assert_close(vectors_number(input, "floor"), distance_limits.floor, 0);
    fill(daily, drop);
    week_blocks_read(&at, measure, WEEK_ROLLING, &blocks);
    week_judge(&blocks, drop ? &drop_limits : &distance_limits, &got);
    assert_string_equal(verdict_word_name(got.word),
                        json_string_value(json_object_get(expected, "status")));
    vectors_assert_close(blocks.now.total, vectors_number(expected, "w0"), tol);
    assert_figure(got.reference, expected, "ref", tol);
    assert_figure(got.ratio, expected, "ratio", tol);
    assert_figure(got.left, expected, "headroom", tol);
}

static void test_an_independent_implementation_judges_the_same(void **state)
{
    json_t *file = vectors_load("weekly.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        print_message("%s\n", json_string_value(json_object_get(c, "name")));
        check_case(c);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 60);
}

/* ---- by hand */

static void four_runs_a_week(int weeks, double distance_m, double drop_m)
{
    for (int d = 0; d < weeks * 7; d++)
        if (d % 7 == 1 || d % 7 == 3 || d % 7 == 5 || d % 7 == 6)
            log_add(&training, d, distance_m, drop_m);
}

static void test_the_limit_is_the_end_of_ok(void **state)
{
    static const struct {
        const char *label;
        double extra_m;
        enum verdict_word word;
        double left;
    } rows[] = {
        { "as ever", 0, VERDICT_OK, 4000 },
        { "at the limit", 4000, VERDICT_OK, 0 },
        { "a millimetre above", 4000.001, VERDICT_CAUTION, 0 },
        { "at the end of caution", 12000, VERDICT_CAUTION, 0 },
        { "above that", 12000.001, VERDICT_WARNING, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct week_verdict got;

        print_message("%s\n", rows[i].label);
        log_init(&training);
        four_runs_a_week(5, 10000, 0);
        if (rows[i].extra_m > 0)
            log_add(&training, 34, rows[i].extra_m, 0);
        got = judge(34, WEEK_DISTANCE_M);
        assert_int_equal(got.word, rows[i].word);
        assert_close(got.reference, 40000, 1e-9);
        assert_close(got.limit, 44000, 1e-6);
        assert_close(got.left, rows[i].left, 1e-6);
        assert_int_equal(got.clears, i == 0);
    }
}

static void test_a_live_run_counts_on_the_day_it_began(void **state)
{
    struct week_place at = place(34);
    struct week_blocks blocks;
    struct outing live;

    log_init(&training);
    four_runs_a_week(5, 10000, 0);
    live = log_run(&training, 34, 3500, NAN);
    at.live = &live;
    week_blocks_read(&at, WEEK_DISTANCE_M, WEEK_ROLLING, &blocks);
    assert_close(blocks.now.total, 43500, 1e-9);
    at.today++; /* it runs on past midnight, and yesterday's other run stays in the week */
    week_blocks_read(&at, WEEK_DISTANCE_M, WEEK_ROLLING, &blocks);
    assert_close(blocks.now.total, 43500, 1e-9);
    assert_close(blocks.frees_tomorrow, 10000, 1e-9);
}

static void test_a_walk_counts_in_descent_alone(void **state)
{
    struct outing hike;

    log_init(&training);
    four_runs_a_week(5, 10000, 50);
    hike = log_run(&training, 33, 25000, 400);
    hike.kind = OUTING_WALK;
    assert_int_equal(ledger_put(&training.ledger, &hike), 0);
    assert_int_equal(judge(34, WEEK_DISTANCE_M).word, VERDICT_OK);
    assert_int_equal(judge(34, WEEK_MOVING_S).word, VERDICT_OK);
    assert_int_equal(judge(34, WEEK_DROP_M).word, VERDICT_WARNING);
    assert_close(judge(34, WEEK_DROP_M).ratio, 3, 1e-9);
}

static void test_a_week_is_known_from_80_percent_of_altitude_on(void **state)
{
    static const struct {
        const char *label;
        double blind_m, drop_m;
        enum verdict_word word;
        bool at_least;
    } rows[] = {
        { "all known", 0, 50, VERDICT_OK, false },
        { "80 % known", 10000, 50, VERDICT_OK, false },
        { "79 % known", 10700, 50, VERDICT_INSUFFICIENT_DATA, true },
        { "79 % known, and that alone is too much", 10700, 65, VERDICT_CAUTION, true },
        { "79 % known, and that alone is far too much", 10700, 90, VERDICT_WARNING, true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct week_verdict got;

        print_message("%s\n", rows[i].label);
        log_init(&training);
        four_runs_a_week(4, 10000, 50);
        for (int d = 29; d < 33; d++)
            log_add(&training, d, 10000, rows[i].drop_m);
        if (rows[i].blind_m > 0)
            log_add(&training, 33, rows[i].blind_m, NAN);
        got = judge(34, WEEK_DROP_M);
        assert_int_equal(got.word, rows[i].word);
        assert_int_equal(got.at_least, rows[i].at_least);
        if (!verdict_word_judges(got.word))
            assert_true(isnan(got.limit) && isnan(got.left) && isnan(got.reference) &&
                        isnan(got.ratio));
    }
}

/* Entered by hand: how far it went down, and not along how much of the way. */
static void test_a_descent_that_was_told_alone_is_no_distance_downhill(void **state)
{
    struct outing told;

    log_init(&training);
    four_runs_a_week(4, 10000, 50);
    for (int d = 29; d < 33; d++) {
        told = log_run(&training, d, 10000, 50);
        told.has &= (uint8_t) ~(OUTING_DOWNHILL | OUTING_ASCENT);
        told.downhill_mm = told.ascent_mm = 0;
        assert_int_equal(ledger_put(&training.ledger, &told), 0);
    }
    assert_int_equal(judge(34, WEEK_DROP_M).word, VERDICT_OK);
    assert_int_equal(judge(34, WEEK_DOWNHILL_M).word, VERDICT_INSUFFICIENT_DATA);
}

static void test_blind_weeks_are_left_out_of_the_reference(void **state)
{
    static const struct {
        const char *label;
        int known; /* of the four weeks before, the latest */
        enum verdict_word word;
    } rows[] = {
        { "none known", 0, VERDICT_INSUFFICIENT_HISTORY },
        { "one known", 1, VERDICT_INSUFFICIENT_HISTORY },
        { "two known", 2, VERDICT_OK },
        { "all known", 4, VERDICT_OK },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        log_init(&training);
        for (int week = 0; week < 5; week++)
            log_add(&training, week * 7 + 3, 10000, week >= 4 - rows[i].known ? 200 : NAN);
        assert_int_equal(judge(34, WEEK_DROP_M).word, rows[i].word);
        assert_int_equal(judge(34, WEEK_DISTANCE_M).word, VERDICT_OK);
    }
}

/* As of files with an altitude of satellites only: why nothing is said is the missing altitude. */
static void test_a_blind_week_without_a_reference_is_blind(void **state)
{
    struct week_verdict got;

    log_init(&training);
    for (int week = 0; week < 5; week++)
        log_add(&training, week * 7 + 3, 10000, NAN);
    got = judge(34, WEEK_DROP_M);
    assert_int_equal(got.word, VERDICT_INSUFFICIENT_DATA);
    assert_true(got.at_least);
    got = judge(10, WEEK_DROP_M); /* it would be too early for any verdict */
    assert_int_equal(got.word, VERDICT_INSUFFICIENT_HISTORY);
    assert_true(got.at_least);
}

static void test_two_weeks_are_the_least_history(void **state)
{
    log_init(&training);
    assert_int_equal(judge(0, WEEK_DISTANCE_M).word, VERDICT_INSUFFICIENT_HISTORY);
    four_runs_a_week(3, 10000, 50); /* the first run is on day 1 */
    assert_int_equal(judge(13, WEEK_DISTANCE_M).word, VERDICT_INSUFFICIENT_HISTORY);
    assert_int_equal(judge(14, WEEK_DISTANCE_M).word, VERDICT_OK);
    assert_int_equal(judge(14, WEEK_DROP_M).word, VERDICT_OK);
}

static void test_the_calendar_week_begins_where_the_runner_says(void **state)
{
    static const struct {
        const char *label;
        int today, week_start;
        int start;
        double total, frees;
    } rows[] = {
        { "Sunday, weeks from Monday", 34, 1, 28, 40000, 40000 },
        { "Saturday, weeks from Monday", 33, 1, 28, 30000, 0 },
        { "Sunday, weeks from Sunday", 34, 0, 34, 10000, 0 },
        { "Monday, weeks from Monday", 35, 1, 35, 0, 0 },
        { "Wednesday, weeks from Saturday", 30, 6, 26, 30000, 0 },
    };

    log_init(&training);
    four_runs_a_week(5, 10000, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct week_place at = place(rows[i].today);
        struct week_blocks rolling, calendar;

        print_message("%s\n", rows[i].label);
        at.week_start = rows[i].week_start;
        week_blocks_read(&at, WEEK_DISTANCE_M, WEEK_ROLLING, &rolling);
        week_blocks_read(&at, WEEK_DISTANCE_M, WEEK_CALENDAR, &calendar);
        assert_int_equal(rolling.calendar_start - LOG_FIRST_DAY, rows[i].start);
        assert_close(rolling.calendar_total, rows[i].total, 1e-9);
        assert_close(rolling.now.total, 40000, 1e-9);
        assert_close(calendar.now.total, rows[i].total, 1e-9);
        assert_close(calendar.frees_tomorrow, rows[i].frees, 1e-9);
        assert_close(calendar.before[0].total, 40000, 1e-9);
    }
}

static void test_what_was_walked_stands_apart(void **state)
{
    static const struct {
        const char *label;
        double distance_m, drop_m, altitude_m; /* of a hike on day 30 */
        double walked_m, walked_drop_m;
    } rows[] = {
        { "none", 0, 0, 0, 0, 0 },
        { "a hike", 25000, 700, 25000, 25000, 700 },
        { "on the level", 25000, 0, 25000, 25000, 0 },
        { "without altitude", 25000, 0, 0, 25000, NAN },
        { "most of it without, and level where it is known", 25000, 0, 5000, 25000, NAN },
        { "most of it without", 25000, 100, 5000, 25000, 100 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct week_place at = place(32);
        struct outing hike;
        struct day_walked got;

        print_message("%s\n", rows[i].label);
        log_init(&training);
        four_runs_a_week(5, 10000, 50);
        hike = log_run(&training, 30, rows[i].distance_m, rows[i].drop_m);
        hike.kind = OUTING_WALK;
        hike.altitude_mm = (uint32_t)(rows[i].altitude_m * 1000);
        if (rows[i].distance_m > 0)
            assert_int_equal(ledger_put(&training.ledger, &hike), 0);
        week_walked_read(&at, WEEK_ROLLING, &got);
        assert_close(got.distance_m, rows[i].walked_m, 1e-9);
        assert_close(got.moving_s, rows[i].distance_m * 0.36, 1e-9);
        assert_int_equal(isnan(got.drop_m), isnan(rows[i].walked_drop_m));
        assert_int_equal(isnan(got.downhill_m), isnan(rows[i].walked_drop_m));
        if (!isnan(got.drop_m))
            assert_close(got.drop_m, rows[i].walked_drop_m, 1e-9);
    }
}

static void test_a_walk_that_goes_on_is_in_its_own_week(void **state)
{
    struct outing hike;
    struct week_place at = place(35); /* a Monday */
    struct day_walked rolling, calendar;

    log_init(&training);
    four_runs_a_week(5, 10000, 50);
    hike = log_run(&training, 33, 8000, 200);
    hike.kind = OUTING_WALK;
    assert_int_equal(ledger_put(&training.ledger, &hike), 0);
    hike = log_run(&training, 35, 3000, 40);
    hike.kind = OUTING_WALK;
    at.live = &hike;
    week_walked_read(&at, WEEK_ROLLING, &rolling);
    week_walked_read(&at, WEEK_CALENDAR, &calendar);
    assert_close(rolling.drop_m, 240, 1e-9);
    assert_close(calendar.drop_m, 40, 1e-9);
    assert_close(calendar.downhill_m, 800, 1e-9);
}

static void test_days_before_1970_have_weeks_too(void **state)
{
    struct outing run = { .key = 1, .day = -4 }; /* a Sunday */
    struct week_place at = { .ledger = &training.ledger, .today = -4, .week_start = 1 };
    struct week_blocks blocks;

    log_init(&training);
    outing_set_figures(&run, &(struct outing_figures){ .distance_m = 5000, .moving_s = 1800 });
    assert_int_equal(ledger_put(&training.ledger, &run), 0);
    week_blocks_read(&at, WEEK_DISTANCE_M, WEEK_ROLLING, &blocks);
    assert_int_equal(blocks.calendar_start, -10);
    assert_close(blocks.calendar_total, 5000, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_judges_the_same),
        cmocka_unit_test(test_the_limit_is_the_end_of_ok),
        cmocka_unit_test(test_a_live_run_counts_on_the_day_it_began),
        cmocka_unit_test(test_a_walk_counts_in_descent_alone),
        cmocka_unit_test(test_a_week_is_known_from_80_percent_of_altitude_on),
        cmocka_unit_test(test_a_descent_that_was_told_alone_is_no_distance_downhill),
        cmocka_unit_test(test_blind_weeks_are_left_out_of_the_reference),
        cmocka_unit_test(test_a_blind_week_without_a_reference_is_blind),
        cmocka_unit_test(test_two_weeks_are_the_least_history),
        cmocka_unit_test(test_the_calendar_week_begins_where_the_runner_says),
        cmocka_unit_test(test_what_was_walked_stands_apart),
        cmocka_unit_test(test_a_walk_that_goes_on_is_in_its_own_week),
        cmocka_unit_test(test_days_before_1970_have_weeks_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
