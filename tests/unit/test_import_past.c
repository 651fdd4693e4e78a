/* SPDX-License-Identifier: MIT */
/* What came in before: known by content and runner, shown by name, the newest first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/past.h"

#define HASH  "00000000000000aa00000000000000000000000000000000000000000000aaaa"
#define OTHER "00000000000000bb00000000000000000000000000000000000000000000bbbb"

static struct past past;

static struct store_import row(const char *hash, const char *runner, enum store_outcome verdict)
{
    struct store_import row = { .verdict = verdict };

    snprintf(row.hash, sizeof(row.hash), "%s", hash);
    snprintf(row.runner, sizeof(row.runner), "%s", runner);
    snprintf(row.name, sizeof(row.name), "run.fit");
    return row;
}

static void note(const char *hash, const char *runner, enum store_outcome verdict)
{
    const struct store_import noted = row(hash, runner, verdict);

    past_note(&past, &noted);
}

static int forget(void **state)
{
    past_done(&past);
    past = (struct past){ 0 };
    return 0;
}

static void test_a_content_is_known_of_its_runner(void **state)
{
    assert_false(past_knows(&past, HASH, "anna"));
    note(HASH, "anna", STORE_IMPORTED);
    assert_true(past_knows(&past, HASH, "anna"));
    assert_false(past_knows(&past, HASH, "ben"));
    assert_false(past_knows(&past, OTHER, "anna"));
}

static void test_only_what_was_not_refused_is_taken(void **state)
{
    static const struct {
        enum store_outcome verdict;
        bool taken;
    } rows[] = { { STORE_REFUSED, false }, { STORE_PARTLY, true }, { STORE_IMPORTED, true } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        note(HASH, "anna", rows[i].verdict);
        if (past_is_taken(&past, HASH) != rows[i].taken || past_is_taken(&past, OTHER))
            fail_msg("%s", store_outcome_name(rows[i].verdict));
        forget(NULL);
    }
}

static void test_what_was_refused_for_one_may_be_taken_for_another(void **state)
{
    note(HASH, "ben", STORE_IMPORTED);
    note(HASH, "anna", STORE_REFUSED);
    assert_true(past_is_taken(&past, HASH));
    assert_true(past_knows(&past, HASH, "anna"));
}

static void test_what_is_only_shown_is_not_known(void **state)
{
    const struct store_import shown = row(HASH, "", STORE_IMPORTED);
    json_t *list;

    past_show(&past, &shown);
    assert_false(past_knows(&past, HASH, ""));
    assert_false(past_is_taken(&past, HASH));
    list = past_list(&past);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
}

static void hold_list(size_t n, size_t newest)
{
    json_t *list = past_list(&past), *entry;
    char name[32];
    size_t i;

    assert_int_equal(json_array_size(list), n);
    json_array_foreach(list, i, entry)
    {
        snprintf(name, sizeof(name), "%zu.fit", newest - i);
        assert_string_equal(json_string_value(json_object_get(entry, "file")), name);
    }
    json_decref(list);
}

static void test_the_newest_hundred_are_shown_the_newest_first(void **state)
{
    struct store_import noted = row(HASH, "anna", STORE_IMPORTED);

    hold_list(0, 0);
    for (size_t i = 1; i <= 2 * PAST_SHOWN_MAX + 5; i++) {
        snprintf(noted.name, sizeof(noted.name), "%zu.fit", i);
        past_note(&past, &noted);
        if (i == 3 || i == PAST_SHOWN_MAX)
            hold_list(i, i);
    }
    hold_list(PAST_SHOWN_MAX, 2 * PAST_SHOWN_MAX + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_content_is_known_of_its_runner, forget),
        cmocka_unit_test_teardown(test_only_what_was_not_refused_is_taken, forget),
        cmocka_unit_test_teardown(test_what_was_refused_for_one_may_be_taken_for_another, forget),
        cmocka_unit_test_teardown(test_what_is_only_shown_is_not_known, forget),
        cmocka_unit_test_teardown(test_the_newest_hundred_are_shown_the_newest_first, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
