/* SPDX-License-Identifier: MIT */
/* What became of a file is told when the store has it; and only then may the file go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/tell.h"

#define HASH "00000000000000aa00000000000000000000000000000000000000000000aaaa"

/* ---- a store that answers when it is told to ---------------------------------------------------- */

static struct {
    int refuses; /* -errno */
    size_t n_rows, n_sessions, n_events;
    store_committed committed[4];
    void *userdata[4];
    char said[200];
} f;

int store_put_import(struct store *store, const struct store_imported *imported,
                     store_committed committed, void *userdata)
{
    if (f.refuses < 0)
        return f.refuses;
    f.committed[f.n_rows] = committed;
    f.userdata[f.n_rows++] = userdata;
    f.n_sessions = imported->n_sessions;
    f.n_events = imported->n_events;
    return 0;
}

const char *store_why(const struct store *store, int error)
{
    return strerrordesc_np(-error);
}

/* ---- who is told -------------------------------------------------------------------------------- */

static void say(const char *what, const char *whose, const char *name)
{
    size_t at = strlen(f.said);

    snprintf(f.said + at, sizeof(f.said) - at, "%s%s %s/%.40s", at ? ", " : "", what, whose, name);
}

static void on_event(void *userdata, const struct store_event *event)
{
    json_t *body = json_loads(event->body, 0, NULL);

    if (event->kind == EVENT_RETRACTED) {
        assert_string_equal(json_string_value(json_object_get(body, "state")), "discarded");
        assert_true(json_is_null(json_object_get(body, "trimp"))); /* the other's */
        say("gone", event->runner, json_string_value(json_object_get(body, "id")));
    } else {
        assert_int_equal(event->kind, EVENT_IMPORT);
        say("told", event->runner, json_string_value(json_object_get(body, "file")));
    }
    json_decref(body);
}

static void on_stored(void *userdata, const struct folder_file *file, const char *hash)
{
    assert_string_equal(hash, HASH);
    say("stored", file->runner, file->name);
}

static const struct tell_callbacks callbacks = { .on_event = on_event, .on_stored = on_stored };
static const struct folder_file file = { .runner = "anna", .name = "run.fit" };
static struct tell tell;

static int begin(void **state)
{
    memset(&f, 0, sizeof(f));
    tell = (struct tell){ .callbacks = &callbacks };
    return 0;
}

static int give(enum store_outcome verdict, const char *runner, const struct folder_file *of)
{
    static struct result result;

    result = (struct result){ .import.verdict = verdict };
    result.n_sessions = verdict == STORE_REFUSED ? 0 : 1;
    snprintf(result.import.hash, sizeof(result.import.hash), HASH);
    snprintf(result.import.runner, sizeof(result.import.runner), "%s", runner);
    snprintf(result.import.name, sizeof(result.import.name), "run.fit");
    return tell_result(&tell, &result, of);
}

/* ---- situations --------------------------------------------------------------------------------- */

static void test_it_is_told_when_the_store_has_it(void **state)
{
    static const struct {
        const char *label, *runner, *said;
        enum store_outcome verdict;
        const struct folder_file *file;
        int result;
    } rows[] = {
        { "a run", "anna", "stored anna/run.fit, told anna/run.fit", STORE_IMPORTED, &file, 0 },
        { "half of one", "anna", "stored anna/run.fit, told anna/run.fit", STORE_PARTLY, &file, 0 },
        { "one that is refused stays", "anna", "told anna/run.fit", STORE_REFUSED, &file, 0 },
        { "a kept copy is no file", "anna", "told anna/run.fit", STORE_IMPORTED, NULL, 0 },
        { "nobody's", "", "stored anna/run.fit", STORE_IMPORTED, &file, 0 },
        { "a disk that is full", "anna", "told anna/run.fit", STORE_IMPORTED, &file, -ENOSPC },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(NULL);
        assert_int_equal(give(rows[i].verdict, rows[i].runner, rows[i].file), 0);
        assert_string_equal(f.said, "");
        assert_int_equal(f.n_events, 1);
        assert_int_equal(f.n_sessions, rows[i].verdict == STORE_REFUSED ? 0 : 1);
        f.committed[0](f.userdata[0], rows[i].result);
        if (strcmp(f.said, rows[i].said) != 0)
            fail_msg("%s: %s", rows[i].label, f.said);
        assert_null(tell.first);
    }
}

/* It is stored, and its file may go. */
static void test_nothing_is_told_of_what_another_database_told(void **state)
{
    static struct result result;

    result = (struct result){ .import.verdict = STORE_IMPORTED, .n_sessions = 1, .rebuilt = true };
    snprintf(result.import.hash, sizeof(result.import.hash), HASH);
    snprintf(result.import.runner, sizeof(result.import.runner), "anna");
    assert_int_equal(tell_result(&tell, &result, &file), 0);
    assert_int_equal(f.n_events, 0);
    f.committed[0](f.userdata[0], 0);
    assert_string_equal(f.said, "stored anna/run.fit");
    assert_int_equal(tell_result(&tell, &result, &file), 0);
    f.committed[1](f.userdata[1], -EINVAL);
    assert_string_equal(f.said, "stored anna/run.fit");
}

static void on_given(void *userdata, int result, size_t n_sessions)
{
    char text[16];

    snprintf(text, sizeof(text), "%d/%zu", result, n_sessions);
    say("done", text, "");
}

/* With two sessions, of which one is discarded: the one who had it is told of what counted. */
static void test_a_file_that_goes_to_another_runner_is_told_to_both(void **state)
{
    static struct result result;

    result = (struct result){ .import.verdict = STORE_IMPORTED, .from = "anna", .n_sessions = 2 };
    snprintf(result.import.hash, sizeof(result.import.hash), HASH);
    snprintf(result.import.runner, sizeof(result.import.runner), "ben");
    snprintf(result.import.name, sizeof(result.import.name), "run.fit");
    for (size_t i = 0; i < 2; i++) {
        store_session_init(&result.sessions[i]);
        snprintf(result.sessions[i].session.id, sizeof(result.sessions[i].session.id), "%zu", i);
        result.sessions[i].session.state = i ? SESSION_DISCARDED : SESSION_ENDED;
        result.sessions[i].session.trimp = 50;
    }
    assert_int_equal(tell_given(&tell, &result, on_given, NULL), 0);
    assert_int_equal(f.n_events, 2);
    assert_string_equal(f.said, "");
    f.committed[0](f.userdata[0], 0);
    assert_string_equal(f.said, "told ben/run.fit, gone anna/0, done 0/2/");
    assert_null(tell.first);
    f.refuses = -ENOMEM;
    assert_int_equal(tell_given(&tell, &result, on_given, NULL), -ENOMEM);
    assert_string_equal(f.said, "told ben/run.fit, gone anna/0, done 0/2/");
}

static void test_several_are_under_way_and_end_in_any_order(void **state)
{
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(give(STORE_IMPORTED, "anna", NULL), 0);
    f.committed[1](f.userdata[1], 0);
    f.committed[2](f.userdata[2], 0);
    f.committed[0](f.userdata[0], 0);
    assert_null(tell.first);
    assert_string_equal(f.said, "told anna/run.fit, told anna/run.fit, told anna/run.fit");
}

static void test_what_the_store_does_not_take_is_told_to_nobody(void **state)
{
    f.refuses = -ENOMEM;
    assert_int_equal(give(STORE_IMPORTED, "anna", &file), -ENOMEM);
    assert_null(tell.first);
    assert_string_equal(f.said, "");
}

static void test_a_disk_that_never_answers_holds_up_no_end(void **state)
{
    assert_int_equal(give(STORE_IMPORTED, "anna", &file), 0);
    assert_int_equal(give(STORE_REFUSED, "anna", &file), 0);
    tell_done(&tell);
    assert_null(tell.first);
    assert_string_equal(f.said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_it_is_told_when_the_store_has_it, begin),
        cmocka_unit_test_setup(test_several_are_under_way_and_end_in_any_order, begin),
        cmocka_unit_test_setup(test_nothing_is_told_of_what_another_database_told, begin),
        cmocka_unit_test_setup(test_a_file_that_goes_to_another_runner_is_told_to_both, begin),
        cmocka_unit_test_setup(test_what_the_store_does_not_take_is_told_to_nobody, begin),
        cmocka_unit_test_setup(test_a_disk_that_never_answers_holds_up_no_end, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
