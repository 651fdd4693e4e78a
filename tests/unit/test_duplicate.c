/* SPDX-License-Identifier: MIT */
/* The same run from several recorders, in any order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/training/duplicate.h"

#define MINUTE INT64_C(60000000)

static struct duplicate_session of(const char *id, int64_t from, int64_t until)
{
    return (struct duplicate_session){ .id = id,
                                       .start_usec = from * MINUTE,
                                       .end_usec = until * MINUTE,
                                       .distance = true,
                                       .n_samples = 100 };
}

static void test_what_is_the_same_run(void **state)
{
    static const struct {
        const char *label;
        int64_t a_from, a_until, b_from, b_until;
        bool same;
    } rows[] = {
        { "the same minutes", 0, 30, 0, 30, true },
        { "half of the shorter", 0, 60, 50, 70, true },
        { "a minute less than half", 0, 60, 51, 71, false },
        { "one within the other", 0, 60, 20, 30, true },
        { "one after the other", 0, 30, 30, 60, false },
        { "hours apart", 0, 30, 300, 330, false },
        { "no time at all, within", 0, 30, 10, 10, false },
        { "it ends before it begins", 0, 30, 20, 10, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct duplicate_session a = of("a", rows[i].a_from, rows[i].a_until);
        struct duplicate_session b = of("b", rows[i].b_from, rows[i].b_until);
        if (duplicate_is_same(&a, &b) != rows[i].same || duplicate_is_same(&b, &a) != rows[i].same)
            fail_msg("%s", rows[i].label);
    }
}

static void test_which_of_two_tells_more(void **state)
{
    struct duplicate_session better[8], worse[8];

    for (int i = 0; i < 8; i++) {
        better[i] = of("better", 0, 30);
        worse[i] = of("worse", 0, 30);
        /* all that comes later in the order speaks for the other one */
        worse[i].grade = i < 1;
        worse[i].heart_rate = i < 2;
        worse[i].cadence = i < 3;
        worse[i].n_samples = i < 4 ? 9999 : 100;
    }
    worse[0].distance = false;
    better[7].drop = true;
    worse[7].n_samples = 9999;
    worse[6].grade = worse[6].heart_rate = worse[6].cadence =
        true; /* of a ride, or of who knows what */
    better[6].on_foot = true;
    better[6].distance = false;
    better[1].grade = better[2].heart_rate = better[3].cadence = true;
    better[4].n_samples = 101;
    worse[5].start_usec = MINUTE;
    for (int i = 0; i < 8; i++)
        if (duplicate_compare(&better[i], &worse[i]) <= 0 ||
            duplicate_compare(&worse[i], &better[i]) >= 0)
            fail_msg("row %d", i);
}

/* Chooses for every order of the sessions, by id; ret: "a>b" for a that b stands for. */
static void choose(struct duplicate_session *sessions, size_t n, const char *expected)
{
    size_t chosen[8], at = 0;
    char text[64] = "";

    duplicate_choose(sessions, n, chosen);
    for (char id = 'a'; id < (char)('a' + n); id++)
        for (size_t i = 0; i < n; i++)
            if (sessions[i].id[0] == id && chosen[i] != i)
                at += (size_t)snprintf(text + at, sizeof(text) - at, "%c>%s ", id,
                                       sessions[chosen[i]].id);
    assert_string_equal(text, expected);
}

static void choose_in_every_order(struct duplicate_session *sessions, size_t n, size_t fixed,
                                  const char *expected)
{
    if (fixed + 1 >= n)
        choose(sessions, n, expected);
    for (size_t i = fixed; i < n; i++) {
        struct duplicate_session swapped = sessions[fixed];
        sessions[fixed] = sessions[i];
        sessions[i] = swapped;
        if (fixed + 1 < n)
            choose_in_every_order(sessions, n, fixed + 1, expected);
        sessions[i] = sessions[fixed];
        sessions[fixed] = swapped;
    }
}

static void test_watch_phone_and_live(void **state)
{
    struct duplicate_session sessions[] = { of("a", 0, 30), of("b", 1, 31), of("c", 0, 29) };

    sessions[1].heart_rate = true;
    choose_in_every_order(sessions, 3, 0, "a>b c>b ");
}

static void test_two_alike_are_told_apart_by_their_names(void **state)
{
    struct duplicate_session sessions[] = { of("a", 0, 30), of("b", 0, 30) };

    choose_in_every_order(sessions, 2, 0, "b>a ");
}

static void test_one_long_against_three_short(void **state)
{
    struct duplicate_session sessions[] = { of("a", 0, 30), of("b", 0, 10), of("c", 10, 20),
                                            of("d", 20, 30) };

    sessions[0].n_samples = 500;
    choose_in_every_order(sessions, 4, 0, "b>a c>a d>a ");
}

/* The best of the short ones takes the long one's place; the others are no part of it. */
static void test_a_short_one_that_tells_more(void **state)
{
    struct duplicate_session sessions[] = { of("a", 0, 30), of("b", 0, 10), of("c", 10, 20) };

    sessions[1].grade = true;
    sessions[0].n_samples = 500;
    choose_in_every_order(sessions, 3, 0, "a>b ");
}

static void test_nothing_to_choose_from(void **state)
{
    size_t chosen[1] = { 7 };
    struct duplicate_session alone = of("a", 0, 30);

    duplicate_choose(&alone, 0, chosen);
    assert_int_equal(chosen[0], 7);
    duplicate_choose(&alone, 1, chosen);
    assert_int_equal(chosen[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_the_same_run),
        cmocka_unit_test(test_which_of_two_tells_more),
        cmocka_unit_test(test_watch_phone_and_live),
        cmocka_unit_test(test_two_alike_are_told_apart_by_their_names),
        cmocka_unit_test(test_one_long_against_three_short),
        cmocka_unit_test(test_a_short_one_that_tells_more),
        cmocka_unit_test(test_nothing_to_choose_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
