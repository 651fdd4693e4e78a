/* SPDX-License-Identifier: MIT */
/* What a file that is read again comes to, beside what it came to before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/result.h"

#define HASH   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MOMENT INT64_C(1750000000000000) /* 2025-06-15T15:06:40Z */
#define ID(i)  "20250615T150640Z-0123456789ab-" #i

static struct result result;
static struct said said;
static struct days days;
static struct store_session was[3];

static void read_file_every(uint32_t n, int64_t start_usec, int64_t every_usec)
{
    static struct report report;
    const struct folder_file file = { .name = "run.fit" };
    struct tz utc;

    report = (struct report){ .n_sessions = n };
    for (uint32_t i = 0; i < n; i++) {
        report.sessions[i].sport = ACTIVITY_SPORT_RUNNING;
        report.sessions[i].start_usec = start_usec + i * every_usec;
        report.sessions[i].end_usec = report.sessions[i].start_usec + 1000000;
        report.sessions[i].trimp = 10 + i;
    }
    tz_init_utc(&utc);
    result = (struct result){ 0 };
    result_init(&result, &file, "anna", HASH, MOMENT);
    result_take(&result, &report, &said, &days, &utc);
}

/* A file of so many sessions, an hour each. */
static void read_file(uint32_t n, int64_t start_usec)
{
    read_file_every(n, start_usec, INT64_C(3600000000));
}

static size_t read_before(uint32_t n)
{
    read_file(n, MOMENT);
    memcpy(was, result.sessions, n * sizeof(was[0]));
    return n;
}

static void assert_session(size_t i, const char *id, enum session_state state, double trimp)
{
    const struct payload_session *s = &result.sessions[i].session;

    assert_true(i < result.n_sessions);
    assert_string_equal(s->id, id);
    assert_string_equal(result.levels[i].id, id);
    assert_int_equal(s->state, state);
    assert_true(s->trimp == trimp);
}

static void test_a_session_keeps_what_is_not_of_its_file(void **state)
{
    size_t n = read_before(2);

    snprintf(was[0].session.day, sizeof(was[0].session.day), "2025-06-16");
    snprintf(was[0].session.runner, sizeof(was[0].session.runner), "ben");
    was[0].utc_offset_s = 36000;
    was[0].session.trimp = 1;
    read_file(2, MOMENT + 5000000); /* this reader takes another point for the first */
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 2);
    assert_session(0, ID(0), SESSION_ENDED, 10);
    assert_string_equal(result.sessions[0].session.day, "2025-06-16");
    assert_string_equal(result.sessions[0].session.runner, "ben");
    assert_string_equal(result.levels[0].runner, "ben");
    assert_int_equal(result.sessions[0].utc_offset_s, 36000);
    assert_true(result.sessions[0].session.start_usec == MOMENT + 5000000);
    assert_true(result.levels[0].start_usec == MOMENT + 5000000);
    assert_string_equal(result.sessions[1].session.id, was[1].session.id);
    assert_string_equal(result.sessions[1].session.day, "2025-06-15");
}

static void test_what_was_discarded_stays_so(void **state)
{
    size_t n = read_before(1);

    was[0].session.state = SESSION_DISCARDED;
    snprintf(was[0].reason, sizeof(was[0].reason), "discarded by command");
    read_file(1, MOMENT);
    result_keep(&result, was, n);
    assert_session(0, ID(0), SESSION_DISCARDED, 10);
    assert_string_equal(result.sessions[0].reason, "discarded by command");
}

/* Killed after the word was written beside the copy, and before anybody was told that it is done: to take
 * the session away here would take back nothing that was said of it. */
static void test_what_was_to_be_discarded_waits_to_be_asked_for_again(void **state)
{
    size_t n = read_before(1);

    said.n_discarded = 1;
    snprintf(said.discarded[0].id, sizeof(said.discarded[0].id), "%s", ID(0));
    read_file(1, MOMENT);
    said.n_discarded = 0;
    assert_session(0, ID(0), SESSION_DISCARDED, 10);
    result_keep(&result, was, n);
    assert_session(0, ID(0), SESSION_ENDED, 10);
    assert_string_equal(result.sessions[0].reason, "");
}

/* The database is lost, and what was said is of a reading that had another place for it. */
static void test_what_was_discarded_is_found_at_another_place(void **state)
{
    said.n_discarded = 1;
    snprintf(said.discarded[0].id, sizeof(said.discarded[0].id), "%s", ID(1));
    read_file(2, MOMENT);
    said.n_discarded = 0;
    assert_session(0, ID(0), SESSION_DISCARDED, 10);
    assert_session(1, "20250615T160640Z-0123456789ab-1", SESSION_ENDED, 11);
}

/* Each word takes one of those that began in the same second: its own, or else the next that none takes. */
static void test_what_was_discarded_is_one_of_those_that_began_together(void **state)
{
    static const struct {
        const char *said[2];
        bool discarded[3];
    } rows[] = {
        { { ID(1) }, { false, true, false } },
        { { ID(7) }, { true, false, false } },
        { { ID(7), ID(0) }, { true, true, false } },
        { { ID(0), ID(2) }, { true, false, true } },
        { { "20250615T150640Z-0123456789ac-0" }, { false, false, false } },
        { { "20250615T150640Z-anna" }, { false, false, false } },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        said.n_discarded = 0;
        for (size_t k = 0; k < 2 && rows[i].said[k]; k++)
            snprintf(said.discarded[said.n_discarded++].id, SESSION_ID_MAX, "%s", rows[i].said[k]);
        read_file_every(3, MOMENT, 0);
        said.n_discarded = 0;
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(result.sessions[k].session.state == SESSION_DISCARDED,
                             rows[i].discarded[k]);
    }
}

static void test_what_is_no_longer_in_the_file_goes(void **state)
{
    size_t n = read_before(2);

    read_file(1, MOMENT);
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 2);
    assert_session(0, ID(0), SESSION_ENDED, 10);
    assert_session(1, was[1].session.id, SESSION_DISCARDED, 11);
    assert_true(result.levels[1].level.seconds == 0);
    assert_int_equal(result.import.n_sessions, 1);
    n = read_before(2);
    was[1].session.state = SESSION_DISCARDED; /* it went before */
    read_file(1, MOMENT);
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 1);
}

static void test_what_is_new_in_it_comes(void **state)
{
    size_t n = read_before(1);

    read_file(2, MOMENT);
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 2);
    assert_session(1, "20250615T160640Z-0123456789ab-1", SESSION_ENDED, 11);
}

/* An hour each, too; the id is that of before, the figures are those of its place now. */
static void assert_is(size_t i, const struct store_session *before, enum session_state state)
{
    assert_session(i, before->session.id, state, 10 + (double)i);
    assert_string_equal(result.sessions[i].session.day, before->session.day);
}

/* A file with the newest first: without it, all others have another place in the file. */
static void test_places_that_move_are_no_other_sessions(void **state)
{
    size_t n = read_before(3);

    snprintf(was[1].session.day, sizeof(was[1].session.day), "2025-06-16");
    was[2].session.state = SESSION_DISCARDED;
    snprintf(was[2].reason, sizeof(was[2].reason), "discarded by command");
    read_file(2, was[1].session.start_usec + 5000000);
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 3);
    assert_is(0, &was[1], SESSION_ENDED);
    assert_is(1, &was[2], SESSION_DISCARDED);
    assert_string_equal(result.sessions[2].session.id, was[0].session.id);
    assert_int_equal(result.sessions[2].session.state, SESSION_DISCARDED);
}

/* Another reader may have another zone for a file that says none: all have moved, and are the same ones. */
static void test_starts_that_move_far_are_the_same_by_their_places(void **state)
{
    size_t n = read_before(2);

    read_file(2, MOMENT + INT64_C(20) * 3600000000);
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 2);
    assert_is(0, &was[0], SESSION_ENDED);
    assert_is(1, &was[1], SESSION_ENDED);
}

/* Nobody discarded it. */
static void test_what_is_in_the_file_again_counts_again(void **state)
{
    struct store_session gone;
    size_t n = read_before(2);

    read_file(1, MOMENT);
    result_keep(&result, was, n);
    gone = result.sessions[1];
    assert_int_equal(gone.session.state, SESSION_DISCARDED);
    was[1] = gone;
    read_file(2, MOMENT);
    result_keep(&result, was, n);
    assert_int_equal(result.n_sessions, 2);
    assert_is(1, &was[1], SESSION_ENDED);
    assert_string_equal(result.sessions[1].reason, "");
}

/* Whoever gets it reads less of it: of what is left only so much is known that nobody counts it any more. */
static void test_one_that_is_given_leaves_nobody_what_it_was(void **state)
{
    size_t n = read_before(2);

    snprintf(was[1].session.id, sizeof(was[1].session.id), "20250615T160640Z-0123456789ab-7");
    read_file(1, was[1].session.start_usec);
    snprintf(result.import.runner, sizeof(result.import.runner), "ben");
    snprintf(result.sessions[0].session.runner, sizeof(result.sessions[0].session.runner), "ben");
    result_keep_given(&result, was, n);
    assert_int_equal(result.n_sessions, 2);
    assert_session(0, was[1].session.id, SESSION_ENDED, 10);
    assert_string_equal(result.sessions[0].session.runner, "ben");
    assert_string_equal(result.sessions[1].session.id, ID(0));
    assert_string_equal(result.sessions[1].session.runner, "ben");
    assert_int_equal(result.sessions[1].session.state, SESSION_DISCARDED);
    assert_int_equal(result_rows(&result).n_sessions, 1);
    assert_int_equal(result_rows(&result).n_levels, 2);
}

/* Also where nobody said beside the file that it was discarded. */
static void test_what_is_deleted_stays_so_when_its_file_is_given(void **state)
{
    size_t n = read_before(2);

    was[0].session.state = SESSION_DISCARDED;
    snprintf(was[0].reason, sizeof(was[0].reason), STORE_DELETED);
    read_file(2, MOMENT);
    result_keep_given(&result, was, n);
    assert_session(0, ID(0), SESSION_DISCARDED, 10);
    assert_true(store_session_is_deleted(&result.sessions[0]));
    assert_false(store_session_is_blank(&result.sessions[0])); /* it may come back yet */
    assert_session(1, was[1].session.id, SESSION_ENDED, 11);
    assert_string_equal(result.sessions[1].reason, "");
}

static void test_what_is_gone_for_good_has_no_figures_again(void **state)
{
    size_t n = read_before(2);

    was[0].session.state = SESSION_DISCARDED;
    snprintf(was[0].reason, sizeof(was[0].reason), STORE_DELETED);
    store_session_blank(&was[0]);
    for (int given = 0; given < 2; given++) {
        read_file(2, MOMENT);
        (given ? result_keep_given : result_keep)(&result, was, n);
        assert_string_equal(result.sessions[0].session.id, ID(0));
        assert_true(store_session_is_deleted(&result.sessions[0]));
        assert_true(store_session_is_blank(&result.sessions[0]));
        assert_true(isnan(result.sessions[0].session.trimp));
        assert_int_equal(result.sessions[0].session.start_usec, MOMENT);
        assert_session(1, was[1].session.id, SESSION_ENDED, 11);
    }
}

/* All that is known of them while the daemon runs, or after a start, is what the choice knows. */
static void test_what_the_choice_knows_keeps_what_is_deleted(void **state)
{
    for (int start = 0; start < 2; start++)
        for (int blank = 0; blank < 2; blank++) {
            struct choice *choice;
            size_t n = read_before(2);
            json_t *event;
            struct store_event told;

            assert_int_equal(choice_new(&choice), 0);
            for (size_t i = 0; !start && i < n; i++)
                assert_int_equal(choice_put(choice, &was[i]), 0);
            was[0].session.state = SESSION_DISCARDED;
            snprintf(was[0].reason, sizeof(was[0].reason), STORE_DELETED);
            if (blank)
                store_session_blank(&was[0]);
            for (size_t i = 0; i < n; i++)
                assert_int_equal((start ? choice_load : choice_put)(choice, &was[i]), 0);
            n = choice_rows_of_file(choice, HASH, "anna", was, 3);
            assert_int_equal(n, 2);
            read_file(2, MOMENT);
            strcpy(result.from, "anna");
            strcpy(result.import.runner, "ben");
            for (size_t i = 0; i < n; i++)
                strcpy(result.sessions[i].session.runner, "ben");
            result_keep_given(&result, was, n);
            assert_string_equal(result.sessions[0].session.id, ID(0));
            assert_true(store_session_is_deleted(&result.sessions[0]));
            assert_int_equal(store_session_is_blank(&result.sessions[0]), blank);
            assert_session(1, "20250615T160640Z-0123456789ab-1", SESSION_ENDED, 11);
            assert_int_equal(result_choose(&result, choice), 0);
            assert_int_equal(choice_standing(choice, HASH), 1);
            assert_int_equal(choice_rows_of_file(choice, HASH, "ben", was, 3), 2);
            choice_undo(choice); /* it could not be stored, and is given once more */
            assert_int_equal(choice_rows_of_file(choice, HASH, "anna", was, 3), 2);
            assert_true(store_session_is_deleted(&was[1]));
            assert_int_equal(result_event(&result, &told), 0); /* and no list tells of it */
            event = json_loads(told.body, 0, NULL);
            assert_int_equal(json_array_size(json_object_get(event, "sessions")), 1);
            json_decref(event);
            free(told.body);
            choice_free(choice);
        }
}

static void test_what_comes_back_is_known_to_count_again(void **state)
{
    struct choice *choice;
    size_t n = read_before(1);
    struct store_session row = was[0];

    assert_int_equal(choice_new(&choice), 0);
    row.session.state = SESSION_DISCARDED;
    snprintf(row.reason, sizeof(row.reason), STORE_DELETED);
    assert_int_equal(choice_put(choice, &row), 0);
    assert_int_equal(choice_put(choice, &was[0]), 0);
    n = choice_rows_of_file(choice, HASH, "anna", was, 3);
    assert_int_equal(n, 1);
    assert_int_equal(was[0].session.state, SESSION_ENDED);
    choice_free(choice);
}

static void test_ids_that_no_file_gives(void **state)
{
    static const char *const ids[] = { "", "20250615T150640Z-anna",
                                       "20250615T150640Z-0123456789ab-",
                                       "20250615T150640Z-0123456789ab-0x", "-64" };

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        size_t n = read_before(1);
        snprintf(was[0].session.id, sizeof(was[0].session.id), "%s", ids[i]);
        read_file(1, MOMENT);
        result_keep(&result, was, n);
        assert_session(0, ID(0), SESSION_ENDED, 10);
        assert_int_equal(result.sessions[1].session.state, SESSION_DISCARDED);
    }
}

static void test_a_name_says_which_of_its_files_sessions_it_is(void **state)
{
    const char *hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const struct {
        const char *id;
        int place;
    } rows[] = {
        { "20250601T060000Z-bbbbbbbbbbbb-0", -1 }, /* another file's */
        { "20250601T060000Z-aaaaaaaaaaaa-0", 0 },  { "20250601T060000Z-aaaaaaaaaaaa-63", 63 },
        { "20250601T060000Z-aaaaaaaaaaaa-", -1 },  { "20250601T060000Z", -1 },
        { "20250601T060000Z-anna", -1 },           { "20250601T060000Z-aaaaaaaaaaaa-1x", -1 },
        { "x-99999999999999999999", -1 },          { "", -1 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(result_place(rows[i].id, hash), rows[i].place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_says_which_of_its_files_sessions_it_is),
        cmocka_unit_test(test_a_session_keeps_what_is_not_of_its_file),
        cmocka_unit_test(test_what_was_discarded_stays_so),
        cmocka_unit_test(test_what_was_to_be_discarded_waits_to_be_asked_for_again),
        cmocka_unit_test(test_what_was_discarded_is_found_at_another_place),
        cmocka_unit_test(test_what_was_discarded_is_one_of_those_that_began_together),
        cmocka_unit_test(test_what_is_no_longer_in_the_file_goes),
        cmocka_unit_test(test_what_is_new_in_it_comes),
        cmocka_unit_test(test_places_that_move_are_no_other_sessions),
        cmocka_unit_test(test_starts_that_move_far_are_the_same_by_their_places),
        cmocka_unit_test(test_what_is_in_the_file_again_counts_again),
        cmocka_unit_test(test_what_is_deleted_stays_so_when_its_file_is_given),
        cmocka_unit_test(test_what_is_gone_for_good_has_no_figures_again),
        cmocka_unit_test(test_one_that_is_given_leaves_nobody_what_it_was),
        cmocka_unit_test(test_what_the_choice_knows_keeps_what_is_deleted),
        cmocka_unit_test(test_what_comes_back_is_known_to_count_again),
        cmocka_unit_test(test_ids_that_no_file_gives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
