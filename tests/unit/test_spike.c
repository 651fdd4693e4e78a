/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/training/spike.h"
#include "close.h"
#include "training_log.h"
#include "vectors.h"

static const struct spike_limits distance_limits = { 1.10, 500 };
static const struct spike_limits drop_limits = { 1.10, 15 };
static const int64_t base_s = (int64_t)LOG_FIRST_DAY * LOG_DAY_S;
static struct training_log training;

static struct week_place place(void)
{
    return (struct week_place){ .ledger = &training.ledger, .today = LOG_FIRST_DAY + 40 };
}

static struct outing run_at(int64_t start_s, double distance_m, double drop_m)
{
    struct outing run = log_run(&training, (int)(start_s / LOG_DAY_S), distance_m, drop_m);

    run.start_s = base_s + start_s;
    return run;
}

static void add_at(int64_t start_s, double distance_m, double drop_m)
{
    struct outing run = run_at(start_s, distance_m, drop_m);

    assert_int_equal(ledger_put(&training.ledger, &run), 0);
}

/* ---- against an independent implementation */

static void assert_bin(const json_t *c, double total, double longest)
{
    const json_t *expected = json_object_get(c, "expected");
    enum spike_bin bin = spike_bin(total, longest);
    double tol = vectors_number(c, "tol");

    assert_string_equal(spike_bin_name(bin), json_string_value(json_object_get(expected, "bin")));
    if (json_is_null(json_object_get(expected, "hrr"))) {
        assert_true(isnan(spike_hazard_ratio(bin)));
        return;
    }
    vectors_assert_close(spike_hazard_ratio(bin), vectors_number(expected, "hrr"), tol);
    vectors_assert_close(total / longest, vectors_number(expected, "ratio"), tol);
}

static void check_bin(const json_t *c, const json_t *input)
{
    double longest = 0;
    json_t *value;
    size_t i;

    json_array_foreach(json_object_get(input, "previous_m"), i, value) longest =
        fmax(longest, json_number_value(value));
    assert_bin(c, vectors_number(input, "session_m"), longest);
}

static void check_window(const json_t *c, const json_t *input)
{
    struct week_place at = place();
    struct spike_run longest = { .total = 0 };
    json_t *pair;
    size_t i;

    log_init(&training);
    json_array_foreach(json_object_get(input, "sessions"), i, pair)
        add_at(json_integer_value(json_array_get(pair, 0)),
               json_number_value(json_array_get(pair, 1)), NAN);
    spike_longest_before(&at, SPIKE_DISTANCE_M, base_s + (int64_t)vectors_number(input, "start_s"),
                         &longest);
    assert_bin(c, vectors_number(input, "session_m"), longest.total);
}

static void test_an_independent_implementation_bins_the_same(void **state)
{
    json_t *file = vectors_load("spike.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *input = json_object_get(c, "input");

        print_message("%s\n", json_string_value(json_object_get(c, "name")));
        if (json_object_get(input, "sessions"))
            check_window(c, input);
        else
            check_bin(c, input);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 16);
}

/* ---- by hand */

static void test_a_spike_is_more_by_tenth_and_by_metres(void **state)
{
    static const struct {
        const char *label;
        const struct spike_limits *limits;
        double longest, total;
        enum verdict_word word;
        double left;
    } rows[] = {
        { "shorter", &distance_limits, 10000, 8000, VERDICT_OK, 3000 },
        { "a tenth more", &distance_limits, 10000, 11000, VERDICT_OK, 0 },
        { "a metre above", &distance_limits, 10000, 11001, VERDICT_WARNING, 0 },
        { "more than twice", &distance_limits, 10000, 30000, VERDICT_WARNING, 0 },
        { "half more, but 400 m only", &distance_limits, 800, 1200, VERDICT_OK, 100 },
        { "half more, and 600 m", &distance_limits, 1200, 1800, VERDICT_WARNING, 0 },
        { "none before", &distance_limits, 0, 1800, VERDICT_NO_BASELINE, NAN },
        { "before going out", &distance_limits, 10000, NAN, VERDICT_OK, 11000 },
        { "descent, 14 m more", &drop_limits, 50, 64, VERDICT_OK, 1 },
        { "descent, 16 m more", &drop_limits, 50, 66, VERDICT_WARNING, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spike_run longest = { .total = rows[i].longest, .known = true };
        struct spike_verdict got;

        print_message("%s\n", rows[i].label);
        spike_judge(rows[i].total, true, rows[i].longest > 0 ? &longest : NULL, rows[i].limits,
                    &got);
        assert_int_equal(got.word, rows[i].word);
        if (isnan(rows[i].left))
            assert_true(isnan(got.left) && isnan(got.limit) && isnan(got.reference));
        else
            assert_close(got.left, rows[i].left, 1e-6);
    }
}

static void test_what_was_not_measured_gives_no_verdict(void **state)
{
    struct spike_run longest = { .total = 100, .known = false };
    struct spike_verdict got;

    spike_judge(200, true, &longest, &drop_limits, &got);
    assert_int_equal(got.word, VERDICT_INSUFFICIENT_DATA);
    longest.known = true;
    spike_judge(100, false, &longest, &drop_limits, &got);
    assert_int_equal(got.word, VERDICT_INSUFFICIENT_DATA);
    assert_true(got.at_least);
    spike_judge(120, false, &longest, &drop_limits, &got); /* the known part alone is one */
    assert_int_equal(got.word, VERDICT_WARNING);
    assert_true(got.at_least);
}

static void test_restarts_within_an_hour_are_one_run(void **state)
{
    static const struct {
        const char *label;
        int gap_s;
        double total;
    } rows[] = {
        { "at once", 0, 12000 },
        { "59 min", 59 * 60, 12000 },
        { "60 min", 3600, 12000 },
        { "an hour and a second", 3601, 4000 },
    };
    struct week_place at = place();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spike_run run;
        int64_t start_s = 39 * LOG_DAY_S;

        print_message("%s\n", rows[i].label);
        log_init(&training);
        for (int k = 0; k < 3; k++) {
            add_at(start_s, 4000, 20);
            start_s += (int64_t)(4000 * 0.36) + rows[i].gap_s;
        }
        assert_true(spike_run_latest(&at, SPIKE_DISTANCE_M, at.today - 1, &run));
        assert_close(run.total, rows[i].total, 1e-9);
    }
}

static void test_a_live_run_goes_on_with_the_one_before_it(void **state)
{
    struct week_place at = place();
    struct spike_run run, longest;
    struct outing live;

    log_init(&training);
    add_at(20 * LOG_DAY_S, 10000, 20);
    add_at(40 * LOG_DAY_S - 3600, 6000, 20); /* 23:00, until 23:36 */
    live = run_at(40 * LOG_DAY_S + 600, 7000, 20);
    at.live = &live;
    assert_true(spike_run_latest(&at, SPIKE_DISTANCE_M, at.today, &run));
    assert_close(run.total, 13000, 1e-9);
    assert_int_equal(run.start_s, base_s + 40 * LOG_DAY_S - 3600);
    /* and its own first half is no run before it */
    assert_true(spike_longest_before(&at, SPIKE_DISTANCE_M, run.start_s, &longest));
    assert_close(longest.total, 10000, 1e-9);
}

static void test_a_walk_is_a_run_for_descent_alone(void **state)
{
    struct week_place at = place();
    struct spike_run longest;
    struct outing hike;

    log_init(&training);
    add_at(30 * LOG_DAY_S, 10000, 60);
    hike = run_at(32 * LOG_DAY_S, 25000, 700);
    hike.kind = OUTING_WALK;
    assert_int_equal(ledger_put(&training.ledger, &hike), 0);
    assert_true(spike_longest_before(&at, SPIKE_DISTANCE_M, base_s + 40 * LOG_DAY_S, &longest));
    assert_close(longest.total, 10000, 1e-9);
    assert_true(spike_longest_before(&at, SPIKE_DROP_M, base_s + 40 * LOG_DAY_S, &longest));
    assert_close(longest.total, 700, 1e-9);
    assert_true(longest.known);
    add_at(33 * LOG_DAY_S, 12000, NAN); /* of 47 km, 35 have altitude: 74 % */
    assert_true(spike_longest_before(&at, SPIKE_DROP_M, base_s + 40 * LOG_DAY_S, &longest));
    assert_false(longest.known);
}

static void test_an_old_run_is_not_the_latest(void **state)
{
    struct week_place at = place();
    struct spike_run run = { .total = 1 };

    log_init(&training);
    assert_false(spike_run_latest(&at, SPIKE_DISTANCE_M, at.today - 1, &run));
    add_at(38 * LOG_DAY_S, 10000, 60);
    assert_false(spike_run_latest(&at, SPIKE_DISTANCE_M, at.today - 1, &run));
    assert_close(run.total, 1, 0);
    assert_false(spike_longest_before(&at, SPIKE_DISTANCE_M, base_s + 38 * LOG_DAY_S, &run));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_bins_the_same),
        cmocka_unit_test(test_a_spike_is_more_by_tenth_and_by_metres),
        cmocka_unit_test(test_what_was_not_measured_gives_no_verdict),
        cmocka_unit_test(test_restarts_within_an_hour_are_one_run),
        cmocka_unit_test(test_a_live_run_goes_on_with_the_one_before_it),
        cmocka_unit_test(test_a_walk_is_a_run_for_descent_alone),
        cmocka_unit_test(test_an_old_run_is_not_the_latest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
