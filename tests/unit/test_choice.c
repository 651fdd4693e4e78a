/* SPDX-License-Identifier: MIT */
/* Which of two sessions counts, as they come from the store, end, are discarded and change hands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <malloc.h>
#include <math.h>
#include "daemon/import/choice.h"

#define DAY_USEC  INT64_C(86400000000)
#define HOUR_USEC INT64_C(3600000000)
#define TEN_YEARS 3653

/* An hour on that day; a file of a watch has the barometer. */
static struct store_session a_run(const char *runner, int day, bool file)
{
    struct store_session row = { 0 };
    struct payload_session *s = &row.session;

    snprintf(s->id, sizeof(s->id), "2027%05dT080000Z-%s", day, file ? "file" : runner);
    snprintf(s->runner, sizeof(s->runner), "%s", runner);
    s->state = SESSION_ENDED;
    s->start_usec = (10000 + day) * DAY_USEC;
    s->end_usec = s->start_usec + HOUR_USEC;
    s->distance_m = 10000;
    s->moving_s = 3600;
    if (file) {
        memset(row.file, 'a', sizeof(row.file) - 1);
        row.samples = 3600;
        row.barometric = true;
    }
    return row;
}

static size_t decide(struct choice *choice, const struct store_session *row,
                     struct store_choice ret[CHOICE_CHANGES_MAX])
{
    return choice_decide(choice, row->session.runner, row->session.start_usec,
                         row->session.end_usec, ret);
}

static void test_the_better_of_two_counts_until_it_is_discarded(void **state)
{
    struct store_session live = a_run("anna", 1, false), file = a_run("anna", 1, true);
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    assert_int_equal(choice_new(&choice), 0);
    assert_string_equal(choice_instead(choice, live.session.id), "");
    assert_int_equal(choice_put(choice, &live), 0);
    assert_int_equal(decide(choice, &live, changes), 0);
    assert_int_equal(choice_put(choice, &file), 0);
    assert_int_equal(decide(choice, &file, changes), 1);
    assert_string_equal(changes[0].id, live.session.id);
    assert_string_equal(changes[0].instead, file.session.id);
    assert_string_equal(choice_instead(choice, live.session.id), file.session.id);
    assert_string_equal(choice_instead(choice, file.session.id), "");
    assert_int_equal(decide(choice, &file, changes), 0); /* it is so already */
    file.session.state = SESSION_DISCARDED;
    assert_int_equal(choice_put(choice, &file), 0);
    assert_int_equal(decide(choice, &live, changes), 1);
    assert_string_equal(changes[0].id, live.session.id);
    assert_string_equal(changes[0].instead, "");
    choice_free(choice);
}

/* Whose it was has another run of those hours, which counts again; whose it is now has one, too. */
static void test_a_run_that_goes_to_another_runner_is_chosen_anew_for_both(void **state)
{
    struct store_session annas = a_run("anna", 1, false), file = a_run("anna", 1, true);
    struct store_session bens = a_run("ben", 1, false);
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    assert_int_equal(choice_new(&choice), 0);
    assert_string_equal(choice_runner(choice, file.session.id), "");
    assert_int_equal(choice_put(choice, &annas), 0);
    assert_int_equal(choice_put(choice, &bens), 0);
    assert_int_equal(choice_put(choice, &file), 0);
    assert_int_equal(decide(choice, &file, changes), 1);
    assert_string_equal(choice_runner(choice, file.session.id), "anna");
    snprintf(file.session.runner, sizeof(file.session.runner), "ben");
    assert_int_equal(choice_put(choice, &file), 0);
    assert_int_equal(choice_decide_for(choice, "anna", &file.session, changes), 2);
    assert_string_equal(changes[0].id, bens.session.id);
    assert_string_equal(changes[0].runner, "ben");
    assert_string_equal(changes[0].instead, file.session.id);
    assert_string_equal(changes[1].id, annas.session.id);
    assert_string_equal(changes[1].runner, "anna");
    assert_string_equal(changes[1].instead, "");
    assert_int_equal(choice_decide_for(choice, "", &file.session, changes), 0);
    choice_free(choice);
}

/* The file has the heart rate: what else there is to say for the run that was recorded live? */
static void test_what_a_source_of_grade_is_worth(void **state)
{
    static const struct {
        const char *grade;
        bool file_has_heart, live_counts;
    } rows[] = {
        { "belt", true, true },        { "incline", true, true },     { "barometer", true, true },
        { "elevation", true, true },   { "route", true, true },       { "gps", true, false },
        { "configured", true, false }, { "configured", false, true }, { "", false, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_session live = a_run("anna", 1, false), file = a_run("anna", 1, true);
        struct store_choice changes[CHOICE_CHANGES_MAX];
        struct choice *choice;

        snprintf(live.session.hills.source, sizeof(live.session.hills.source), "%s", rows[i].grade);
        live.session.hills.drop_m = rows[i].grade[0] ? 0 : NAN;
        file.session.hills.drop_m = NAN;
        file.session.heart_rate_mean_bpm = rows[i].file_has_heart ? 150 : NAN;
        file.barometric = false;
        file.samples = 4000;
        assert_int_equal(choice_new(&choice), 0);
        assert_int_equal(choice_put(choice, &live), 0);
        assert_int_equal(choice_put(choice, &file), 0);
        (void)decide(choice, &file, changes);
        if ((choice_instead(choice, live.session.id)[0] == '\0') != rows[i].live_counts)
            fail_msg("row %zu: %s", i, rows[i].grade);
        choice_free(choice);
    }
}

static void test_a_copy_of_ours_takes_no_originals_place(void **state)
{
    static const struct {
        const char *device;
        bool live_counts;
    } rows[] = { { "development 21331", true }, { "garmin 3121", false } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_session live = a_run("anna", 1, false), file = a_run("anna", 1, true);
        struct store_choice changes[CHOICE_CHANGES_MAX];
        struct choice *choice;

        live.session.heart_rate_mean_bpm = file.session.heart_rate_mean_bpm;
        live.session.hills = file.session.hills;
        snprintf(live.session.hills.source, sizeof(live.session.hills.source), "barometer");
        file.barometric = true;
        file.samples = 40000; /* more than it moved seconds */
        snprintf(file.device, sizeof(file.device), "%s", rows[i].device);
        assert_int_equal(choice_new(&choice), 0);
        assert_int_equal(choice_put(choice, &live), 0);
        assert_int_equal(choice_put(choice, &file), 0);
        (void)decide(choice, &file, changes);
        assert_int_equal(choice_instead(choice, live.session.id)[0] == '\0', rows[i].live_counts);
        choice_free(choice);
    }
}

/* As a database has them whose disk refused what was chosen: the run of every other day counts twice. */
static void test_two_that_both_count_are_found_at_the_start(void **state)
{
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    assert_int_equal(choice_new(&choice), 0);
    for (int day = 9; day >= 0; day--) {
        struct store_session live = a_run("anna", day, false), file = a_run("anna", day, true);
        struct store_session bens = a_run("ben", day, false);
        if (day % 2)
            memcpy(live.instead, file.session.id, sizeof(live.instead));
        assert_int_equal(choice_load(choice, &live), 0);
        assert_int_equal(choice_load(choice, &bens), 0);
        assert_int_equal(choice_load(choice, &file), 0);
    }
    assert_int_equal(choice_decide_twins(choice, changes), 5);
    for (size_t i = 0; i < 5; i++) {
        struct store_session live = a_run("anna", 2 * (int)i, false);
        struct store_session file = a_run("anna", 2 * (int)i, true);
        assert_string_equal(changes[i].id, live.session.id);
        assert_string_equal(changes[i].runner, "anna");
        assert_string_equal(changes[i].instead, file.session.id);
    }
    assert_int_equal(choice_decide_twins(choice, changes), 0);
    choice_free(choice);
}

/* Its row was not valid, and its file is gone; or it went, and the disk refused what was chosen then. */
static void test_one_whose_place_nobody_takes_counts_from_the_start(void **state)
{
    struct store_session live = a_run("anna", 1, false), file = a_run("anna", 1, true);
    struct store_session given = a_run("ben", 1, true), aside = a_run("anna", 1, true);
    struct store_session better = a_run("anna", 1, true), next = a_run("anna", 2, false);
    const struct store_session *const others[] = { NULL, &given, &aside };
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    memcpy(live.instead, file.session.id, sizeof(live.instead));
    memcpy(aside.instead, next.session.id, sizeof(aside.instead));
    aside.session.distance_m = NAN;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        print_message("  %zu\n", i);
        assert_int_equal(choice_new(&choice), 0);
        assert_int_equal(choice_load(choice, &live), 0);
        assert_int_equal(choice_load(choice, &next), 0);
        if (others[i])
            assert_int_equal(choice_load(choice, others[i]), 0);
        assert_in_range(choice_decide_twins(choice, changes), 1, 2);
        assert_string_equal(changes[0].id, live.session.id);
        assert_string_equal(changes[0].runner, "anna");
        assert_string_equal(changes[0].instead, "");
        assert_string_equal(choice_instead(choice, live.session.id), "");
        assert_int_equal(choice_decide_twins(choice, changes), 0);
        choice_free(choice);
    }
    snprintf(better.session.id, sizeof(better.session.id), "better"); /* another takes it */
    assert_int_equal(choice_new(&choice), 0);
    assert_int_equal(choice_load(choice, &live), 0);
    assert_int_equal(choice_load(choice, &better), 0);
    assert_int_equal(choice_decide_twins(choice, changes), 1);
    assert_string_equal(changes[0].instead, "better");
    choice_free(choice);
}

static void test_what_is_not_stored_is_taken_back(void **state)
{
    struct store_session live = a_run("anna", 1, false), file = a_run("anna", 1, true);
    struct store_session next = a_run("anna", 2, false), bens = a_run("ben", 1, false);
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    assert_int_equal(choice_new(&choice), 0);
    assert_int_equal(choice_put(choice, &live), 0);
    assert_int_equal(choice_put(choice, &bens), 0);
    assert_int_equal(choice_put(choice, &next), 0);
    for (int i = 0; i < 2; i++) { /* it comes, and the runs of that day and the next one change */
        choice_begin(choice);
        assert_int_equal(choice_put(choice, &file), 0);
        assert_int_equal(decide(choice, &file, changes), 1);
        snprintf(bens.session.runner, sizeof(bens.session.runner), "anna");
        assert_int_equal(choice_put(choice, &bens), 0);
        assert_int_equal(decide(choice, &bens, changes), 1);
        next.session.state = SESSION_DISCARDED;
        assert_int_equal(choice_put(choice, &next), 0);
        choice_end(choice);
        choice_undo(choice);
        assert_string_equal(choice_instead(choice, live.session.id), "");
        assert_string_equal(choice_instead(choice, bens.session.id), "");
        assert_string_equal(choice_runner(choice, bens.session.id), "ben");
        assert_string_equal(choice_runner(choice, next.session.id), "anna");
        assert_string_equal(choice_runner(choice, file.session.id), "");
    }
    assert_int_equal(choice_put(choice, &file), 0); /* what is stored stays */
    assert_int_equal(decide(choice, &file, changes), 1);
    choice_undo(choice);
    assert_string_equal(choice_instead(choice, live.session.id), file.session.id);
    choice_free(choice);
}

/* What follows it says nothing of it any more. */
static void test_what_was_stored_is_not_taken_back_with_the_next(void **state)
{
    struct store_session live = a_run("anna", 1, false), file = a_run("anna", 1, true);
    struct store_session other = a_run("ben", 2, false);
    struct store_choice changes[CHOICE_CHANGES_MAX];

    for (int i = 0; i < 2; i++) {
        struct choice *choice;

        assert_int_equal(choice_new(&choice), 0);
        assert_int_equal(choice_put(choice, &live), 0);
        choice_begin(choice);
        assert_int_equal(choice_put(choice, &file), 0);
        assert_int_equal(decide(choice, &file, changes), 1);
        choice_end(choice);
        if (i == 0)
            choice_keep(choice);
        else
            assert_int_equal(choice_put(choice, &other), 0);
        choice_undo(choice);
        assert_string_equal(choice_instead(choice, live.session.id), file.session.id);
        choice_free(choice);
    }
}

/* 40 minutes of a watch that was stopped and saved three days later, with all a file can have. */
static void test_a_forgotten_watch_takes_no_other_days_runs(void **state)
{
    struct store_session file = a_run("anna", 1, true), next = a_run("anna", 2, false);
    struct store_session live = a_run("anna", 1, false);
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    file.session.end_usec = file.session.start_usec + 3 * DAY_USEC;
    file.session.moving_s = 2400;
    assert_int_equal(choice_new(&choice), 0);
    assert_int_equal(choice_put(choice, &live), 0);
    assert_int_equal(choice_put(choice, &next), 0);
    assert_int_equal(choice_put(choice, &file), 0);
    assert_int_equal(decide(choice, &file, changes), 1);
    assert_string_equal(choice_instead(choice, live.session.id), file.session.id);
    assert_string_equal(choice_instead(choice, next.session.id), "");
    choice_free(choice);
}

static void test_runs_of_two_runners_at_one_time_are_two(void **state)
{
    struct store_session anna = a_run("anna", 1, false), ben = a_run("ben", 1, true);
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;

    assert_int_equal(choice_new(&choice), 0);
    assert_int_equal(choice_put(choice, &anna), 0);
    assert_int_equal(choice_put(choice, &ben), 0);
    assert_int_equal(decide(choice, &anna, changes), 0);
    snprintf(ben.session.runner, sizeof(ben.session.runner), "anna"); /* it was hers after all */
    assert_int_equal(choice_put(choice, &ben), 0);
    assert_int_equal(decide(choice, &anna, changes), 1);
    assert_string_equal(changes[0].id, anna.session.id);
    choice_free(choice);
}

/* An hour of which that much is run: open, and in no list. */
static struct store_session an_open_run(const char *runner, double elapsed_s)
{
    struct store_session row = a_run(runner, 1, false);

    row.session.state = SESSION_RUNNING;
    row.session.end_usec = 0;
    row.session.elapsed_s = elapsed_s;
    return row;
}

static void test_the_file_of_a_run_that_goes_on_is_known(void **state)
{
    struct store_session file = a_run("anna", 1, true), open = an_open_run("anna", 600);
    struct store_session bens = an_open_run("ben", 600), just = an_open_run("anna", 0);
    struct choice *choice;

    assert_int_equal(choice_new(&choice), 0);
    assert_false(choice_has(choice, &open));
    assert_int_equal(choice_put(choice, &file), 0);
    assert_true(choice_has(choice, &open));
    assert_false(choice_has(choice, &bens));
    assert_false(choice_has(choice, &just));              /* nothing of it is run yet */
    open.session.start_usec += HOUR_USEC - 299 * 1000000; /* it shares less than half of its time */
    assert_false(choice_has(choice, &open));
    file.session.state = SESSION_DISCARDED;
    assert_int_equal(choice_put(choice, &file), 0);
    open = an_open_run("anna", 600);
    assert_false(choice_has(choice, &open));
    choice_free(choice);
}

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Each run came in twice. What the store chose is not chosen anew. */
static void test_ten_years_are_known_again_in_less_than_a_megabyte(void **state)
{
    struct store_choice changes[CHOICE_CHANGES_MAX];
    struct choice *choice;
    size_t before = allocated(), bytes;

    assert_int_equal(choice_new(&choice), 0);
    for (int day = 0; day < TEN_YEARS; day++) {
        struct store_session live = a_run("anna", day, false), file = a_run("anna", day, true);
        memcpy(live.instead, file.session.id, sizeof(live.instead));
        assert_int_equal(choice_load(choice, &live), 0);
        assert_int_equal(choice_load(choice, &file), 0);
    }
    bytes = allocated() - before;
    print_message("ten years, each run twice: %zu bytes\n", bytes);
    assert_true(bytes < 1000000);
    for (int day = 0; day < TEN_YEARS; day += 500) {
        struct store_session live = a_run("anna", day, false), file = a_run("anna", day, true);
        assert_string_equal(choice_instead(choice, live.session.id), file.session.id);
        assert_int_equal(decide(choice, &live, changes), 0);
    }
    choice_free(choice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_better_of_two_counts_until_it_is_discarded),
        cmocka_unit_test(test_a_run_that_goes_to_another_runner_is_chosen_anew_for_both),
        cmocka_unit_test(test_what_a_source_of_grade_is_worth),
        cmocka_unit_test(test_a_copy_of_ours_takes_no_originals_place),
        cmocka_unit_test(test_what_was_stored_is_not_taken_back_with_the_next),
        cmocka_unit_test(test_a_forgotten_watch_takes_no_other_days_runs),
        cmocka_unit_test(test_two_that_both_count_are_found_at_the_start),
        cmocka_unit_test(test_one_whose_place_nobody_takes_counts_from_the_start),
        cmocka_unit_test(test_what_is_not_stored_is_taken_back),
        cmocka_unit_test(test_runs_of_two_runners_at_one_time_are_two),
        cmocka_unit_test(test_the_file_of_a_run_that_goes_on_is_known),
        cmocka_unit_test(test_ten_years_are_known_again_in_less_than_a_megabyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
