/* SPDX-License-Identifier: MIT */
/* What came in before: known by content and runner, shown by name, the newest first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/choice.h"
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

static void test_a_refusal_that_may_pass_is_not_known_but_was_said(void **state)
{
    struct store_import noted = row(HASH, "anna", STORE_REFUSED);

    assert_false(past_may_pass(&past));
    noted.passes = true;
    snprintf(noted.reason, sizeof(noted.reason), "Refused: it is dated in the future");
    assert_false(past_said(&past, &noted));
    past_note(&past, &noted);
    assert_true(past_may_pass(&past));
    assert_true(past_said(&past, &noted));
    assert_false(past_knows(&past, HASH, "anna"));
    snprintf(noted.reason, sizeof(noted.reason), "Refused: for another reason");
    assert_false(past_said(&past, &noted));
    noted.passes = false; /* and now for good */
    past_note(&past, &noted);
    assert_false(past_said(&past, &noted));
    assert_true(past_knows(&past, HASH, "anna"));
}

static void test_what_is_only_shown_is_not_known(void **state)
{
    const struct store_import shown = row(HASH, "", STORE_IMPORTED);
    json_t *list;

    past_show(&past, &shown);
    assert_false(past_knows(&past, HASH, ""));
    assert_false(past_is_taken(&past, HASH));
    list = past_list(&past, NULL);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
}

static void hold_list(size_t n, size_t newest)
{
    json_t *list = past_list(&past, NULL), *entry;
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

static struct store_session session(const char *id, const char *instead)
{
    struct store_session row = { .session = { .state = SESSION_ENDED,
                                              .runner = "anna",
                                              .start_usec = 1000000,
                                              .end_usec = 2000000 } };

    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.instead, sizeof(row.instead), "%s", instead);
    return row;
}

/* How many of the first file's sessions count, by the list; the ids that count in the others' places. */
static int first_counts(const struct choice *choice, char ret_instead[64])
{
    json_t *list = past_list(&past, choice), *first = json_array_get(list, 0);
    const json_t *instead = json_object_get(first, "instead");
    int n = (int)json_integer_value(json_object_get(first, "counts"));

    ret_instead[0] = '\0';
    for (size_t i = 0; i < json_array_size(instead); i++)
        strcat(strcat(ret_instead, json_string_value(json_array_get(instead, i))), " ");
    json_decref(list);
    return n;
}

static void test_what_does_not_count_is_listed_with_what_does(void **state)
{
    struct store_session sessions[] = {
        session("20270101T080000Z-000000000000-0", "20270101T080000Z-anna"),
        session("20270101T080000Z-000000000000-1", ""),
        session("20270101T080000Z-111111111111-0", "20270101T080000Z-000000000000-1"),
        session("20270101T080000Z-anna", ""),
    };
    struct store_import files[] = { row(HASH, "anna", STORE_IMPORTED),
                                    row("", "anna", STORE_REFUSED) };
    struct choice *choice;
    char instead[64];

    assert_int_equal(choice_new(&choice), 0);
    for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
        assert_int_equal(choice_load(choice, &sessions[i]), 0);
    files[0].n_sessions = 2;
    past_note(&past, &files[0]);
    assert_int_equal(first_counts(choice, instead), 1);
    assert_string_equal(instead, "20270101T080000Z-anna ");
    sessions[1].session.state = SESSION_DISCARDED;
    assert_int_equal(choice_put(choice, &sessions[1]), 0);
    assert_int_equal(first_counts(choice, instead), 0);
    assert_string_equal(instead, "20270101T080000Z-anna ");
    past_show(&past, &files[1]); /* of none: nothing counts, and nothing in its place */
    assert_int_equal(first_counts(choice, instead), 0);
    assert_string_equal(instead, "");
    choice_free(choice);
}

/* Of whom it was it counts no more, and what it was called is found for the other. */
static void test_a_content_that_went_to_another_runner(void **state)
{
    struct conf conf = { .n_runners = 2 };
    struct folder_file file = { .name = "as its copy" };
    char owner[CONF_ID_MAX];

    snprintf(conf.runners[0].id, sizeof(conf.runners[0].id), "anna");
    snprintf(conf.runners[1].id, sizeof(conf.runners[1].id), "ben");
    past_owner_but(&past, HASH, &conf, "ben", owner);
    assert_string_equal(owner, "");
    note(HASH, "anna", STORE_IMPORTED);
    note(OTHER, "ben", STORE_REFUSED);
    past_owner_but(&past, HASH, &conf, "ben", owner);
    assert_string_equal(owner, "anna");
    past_owner_but(&past, HASH, &conf, "anna", owner);
    assert_string_equal(owner, "");
    past_owner_but(&past, OTHER, &conf, "anna", owner); /* nobody's: it was refused */
    assert_string_equal(owner, "");
    past_look(&past, HASH, "ben", &file);
    assert_string_equal(file.name, "as its copy");
    past_look(&past, HASH, "anna", &file);
    assert_string_equal(file.name, "run.fit");
    past_give(&past, HASH, "anna", "Given to ben");
    past_give(&past, HASH, "eve", "Given to nobody");
    assert_int_equal(past.shown[0].verdict, STORE_REFUSED);
    assert_string_equal(past.shown[0].reason, "Given to ben");
    assert_true(past_knows(&past, HASH, "anna")); /* it does not come in again */
    assert_true(past_is_taken(&past, HASH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_content_is_known_of_its_runner, forget),
        cmocka_unit_test_teardown(test_only_what_was_not_refused_is_taken, forget),
        cmocka_unit_test_teardown(test_what_was_refused_for_one_may_be_taken_for_another, forget),
        cmocka_unit_test_teardown(test_a_refusal_that_may_pass_is_not_known_but_was_said, forget),
        cmocka_unit_test_teardown(test_what_is_only_shown_is_not_known, forget),
        cmocka_unit_test_teardown(test_a_content_that_went_to_another_runner, forget),
        cmocka_unit_test_teardown(test_the_newest_hundred_are_shown_the_newest_first, forget),
        cmocka_unit_test_teardown(test_what_does_not_count_is_listed_with_what_does, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
