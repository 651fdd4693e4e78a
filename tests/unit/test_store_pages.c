/* SPDX-License-Identifier: MIT */
/* Stored rows, a page at a time: each once, in their order, whatever comes in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/store/store.h"
#include "disk_fixture.h"

#define HOUR_USEC INT64_C(3600000000)

struct fixture {
    struct disk_fixture disk;
    struct store *store;
    struct store_page_question question;
    int answers, result;
    struct store_page page;
    char ids[400]; /* of the page, each with a blank behind it */
    char last[64];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    disk_fixture_init(&f->disk);
    assert_return_code(store_open(&f->store, f->disk.worker, f->disk.dir, clock_wall_usec()), 0);
    f->question.limit = 100;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->disk.worker = worker_free(f->disk.worker);
    f->store = store_free(f->store);
    disk_fixture_done(&f->disk);
    free(f);
    return 0;
}

/* ---- asking -------------------------------------------------------------------------------------- */

static void note(struct fixture *f, const char *text)
{
    snprintf(f->ids + strlen(f->ids), sizeof(f->ids) - strlen(f->ids), "%s ", text);
    snprintf(f->last, sizeof(f->last), "%.63s", text);
}

static void on_page(void *userdata, int result, const struct store_page *page)
{
    struct fixture *f = userdata;

    f->answers++;
    f->result = result;
    assert_int_equal(page != NULL, result == 0);
    f->ids[0] = '\0';
    if (!page)
        return;
    f->page = *page;
    for (size_t i = 0; i < page->n; i++)
        note(f, page->sessions   ? page->sessions[i].session.id
                : page->verdicts ? page->verdicts[i].rule
                                 : page->imports[i].name);
    if (page->n > 0 && page->places)
        f->question.after = page->places[page->n - 1];
    if (page->n > 0 && page->verdicts)
        snprintf(f->question.beyond, sizeof(f->question.beyond), "%s:%s",
                 page->verdicts[page->n - 1].rule, page->verdicts[page->n - 1].session);
}

static void post(struct fixture *f)
{
    assert_return_code(store_read_page(f->store, &f->question, on_page, f), 0);
}

/* From the loop alone. */
static const char *ask(struct fixture *f)
{
    int answers = f->answers;

    post(f);
    assert_int_equal(f->answers, answers);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->answers, answers + 1);
    assert_return_code(f->result, 0);
    return f->ids;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/* hour 0: nobody knew when it was */
static void put(struct fixture *f, const char *id, const char *runner, int hour)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.session.runner, sizeof(row.session.runner), "%s", runner);
    row.session.state = runner[0] ? SESSION_ENDED : SESSION_UNASSIGNED;
    row.session.start_usec = hour * HOUR_USEC;
    if (hour)
        snprintf(row.session.day, sizeof(row.session.day), "1970-01-%02u",
                 (1 + (unsigned)hour / 24) % 32);
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
}

static void put_some(struct fixture *f)
{
    put(f, "c", "anna", 50);
    put(f, "a", "anna", 30);
    put(f, "x", "ben", 40);
    put(f, "undated", "anna", 0);
    put(f, "nobodys", "", 60);
    put(f, "b2", "anna", 40); /* two of one moment: by their ids */
    put(f, "b1", "anna", 40);
}

static void test_sessions_come_in_the_order_of_their_start(void **state)
{
    struct fixture *f = *state;

    put_some(f);
    assert_string_equal(ask(f), "undated a b1 b2 x c nobodys ");
    f->question.newest_first = true;
    assert_string_equal(ask(f), "nobodys c x b2 b1 a undated ");
    f->question.not_nobodys = true;
    assert_string_equal(ask(f), "c x b2 b1 a undated ");
    snprintf(f->question.runner, sizeof(f->question.runner), "anna");
    assert_string_equal(ask(f), "c b2 b1 a undated ");
    assert_false(f->page.more);
    snprintf(f->question.runner, sizeof(f->question.runner), "eve");
    assert_string_equal(ask(f), "");
}

static void test_pages_follow_each_other_without_a_gap(void **state)
{
    struct fixture *f = *state;
    char all[2][400] = { "", "" };

    put_some(f);
    f->question.limit = 2;
    for (int newest = 0; newest < 2; newest++) {
        f->question.newest_first = newest;
        f->question.beyond[0] = '\0';
        do {
            strcat(all[newest], ask(f));
            assert_true(f->page.n <= 2);
            memcpy(f->question.beyond, f->last, sizeof(f->question.beyond));
        } while (f->page.more);
    }
    assert_string_equal(all[0], "undated a b1 b2 x c nobodys ");
    assert_string_equal(all[1], "nobodys c x b2 b1 a undated ");
}

static void test_what_comes_in_between_makes_no_other_come_twice(void **state)
{
    struct fixture *f = *state;

    put_some(f);
    f->question.limit = 3;
    assert_string_equal(ask(f), "undated a b1 ");
    put(f, "early", "anna", 10);
    put(f, "late", "anna", 45);
    snprintf(f->question.beyond, sizeof(f->question.beyond), "b1");
    f->question.limit = 10;
    assert_string_equal(ask(f), "b2 x late c nobodys ");
}

static void test_days_bound_them_and_leave_out_what_has_none(void **state)
{
    struct fixture *f = *state;

    put_some(f); /* 30, 40 on the 2nd, 50, 60 on the 3rd */
    snprintf(f->question.from, sizeof(f->question.from), "1970-01-03");
    assert_string_equal(ask(f), "c nobodys ");
    f->question.from[0] = '\0';
    snprintf(f->question.to, sizeof(f->question.to), "1970-01-02");
    assert_string_equal(ask(f), "a b1 b2 x ");
    snprintf(f->question.from, sizeof(f->question.from), "1970-01-02");
    assert_string_equal(ask(f), "a b1 b2 x ");
    snprintf(f->question.to, sizeof(f->question.to), "1970-01-01");
    assert_string_equal(ask(f), "");
}

static void test_no_rows_but_that_there_are_some(void **state)
{
    struct fixture *f = *state;

    f->question.limit = 0;
    assert_string_equal(ask(f), "");
    assert_false(f->page.more);
    put_some(f);
    assert_string_equal(ask(f), "");
    assert_true(f->page.more);
}

static void test_behind_one_that_is_not_there_is_nothing_and_it_is_said(void **state)
{
    struct fixture *f = *state;

    put_some(f);
    snprintf(f->question.beyond, sizeof(f->question.beyond), "gone");
    assert_string_equal(ask(f), "");
    assert_true(f->page.lost);
    snprintf(f->question.beyond, sizeof(f->question.beyond), "a' OR '1'='1");
    assert_string_equal(ask(f), "");
    assert_true(f->page.lost);
}

static void break_row(struct fixture *f, const char *sql)
{
    char path[300];
    sqlite3 *db;

    snprintf(path, sizeof(path), "%s/strided.db", f->disk.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_a_row_that_is_not_valid_is_none(void **state)
{
    struct fixture *f = *state;

    put_some(f);
    disk_fixture_settle(&f->disk);
    break_row(f, "UPDATE sessions SET distance_m = -1 WHERE id IN ('a', 'b2')");
    f->question.limit = 3;
    assert_string_equal(ask(f), "undated b1 x ");
    assert_true(f->page.more);
}

static void test_verdicts_of_a_runner_by_rule(void **state)
{
    struct fixture *f = *state;
    struct store_verdict rows[4] = {
        { .runner = "anna", .rule = "weekly_time", .standing = "ok", .level = "ok" },
        { .runner = "ben", .rule = "monotony", .standing = "ok", .level = "ok" },
        { .runner = "anna", .rule = "spike_distance", .standing = "warning", .level = "warning" },
        { .runner = "anna", .rule = "first_descent", .standing = "caution", .level = "caution" },
    };
    const struct store_judged judged = { .verdicts = rows, .n_verdicts = 4 };

    snprintf(rows[2].session, sizeof(rows[2].session), "0123456789abcdef");
    rows[2].said_usec = clock_wall_usec(); /* of one run, and of late */
    assert_return_code(store_put_judged(f->store, &judged, NULL, NULL), 0);
    f->question.of = STORE_PAGE_VERDICTS;
    f->question.limit = 2;
    snprintf(f->question.runner, sizeof(f->question.runner), "anna");
    assert_string_equal(ask(f), "first_descent spike_distance ");
    assert_true(f->page.more);
    snprintf(rows[2].session, sizeof(rows[2].session), "0000000000000000"); /* told meanwhile */
    assert_return_code(
        store_put_judged(f->store, &(struct store_judged){ .verdicts = &rows[2], .n_verdicts = 1 },
                         NULL, NULL),
        0);
    assert_string_equal(ask(f), "weekly_time ");
    assert_false(f->page.more);
}

static void put_import(struct fixture *f, const char *name, const char *runner, char hash)
{
    struct store_import import;
    const struct store_imported imported = { .import = &import };

    store_import_init(&import);
    memset(import.hash, hash, sizeof(import.hash) - 1);
    import.hash[STORE_HASH_MAX - 1] = '\0';
    snprintf(import.runner, sizeof(import.runner), "%s", runner);
    snprintf(import.name, sizeof(import.name), "%s", name);
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
}

static void test_imports_of_a_runner_as_they_came_and_all_are_counted(void **state)
{
    struct fixture *f = *state;

    put_some(f);
    put_import(f, "z.fit", "anna", 'a');
    put_import(f, "y.fit", "ben", 'b');
    put_import(f, "b.gpx", "anna", 'c');
    put_import(f, "a.tcx", "anna", 'd');
    f->question.of = STORE_PAGE_IMPORTS;
    f->question.limit = 2;
    f->question.count = true;
    snprintf(f->question.runner, sizeof(f->question.runner), "anna");
    assert_string_equal(ask(f), "z.fit b.gpx ");
    assert_true(f->page.more);
    assert_int_equal(f->page.counts[STORE_PAGE_SESSIONS], 5);
    assert_int_equal(f->page.counts[STORE_PAGE_IMPORTS], 3);
    assert_int_equal(f->page.counts[STORE_PAGE_VERDICTS], 0);
    assert_string_equal(ask(f), "a.tcx ");
    assert_false(f->page.more);
    snprintf(f->question.from, sizeof(f->question.from), "1970-01-03");
    (void)ask(f);
    assert_int_equal(f->page.counts[STORE_PAGE_SESSIONS], 1);
}

static void test_who_still_waits_at_the_end_is_answered(void **state)
{
    struct fixture *f = *state;

    put_some(f);
    post(f);
    post(f);
    f->disk.worker = worker_free(f->disk.worker);
    assert_int_equal(f->answers, 2);
    assert_string_equal(f->ids, "undated a b1 b2 x c nobodys ");
}

/* The sanitizers say whether it was let go. */
static void test_a_disk_that_is_not_there_answers_nobody(void **state)
{
    struct fixture *f = *state;
    struct store *store;
    char path[300];

    snprintf(path, sizeof(path), "%s/missing", f->disk.dir);
    assert_return_code(store_open(&store, f->disk.worker, path, clock_wall_usec()), 0);
    assert_return_code(store_read_page(store, &f->question, on_page, f), 0);
    disk_fixture_settle(&f->disk);
    f->disk.worker = worker_free(f->disk.worker);
    store_free(store);
    assert_int_equal(f->answers, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_sessions_come_in_the_order_of_their_start),
        T(test_pages_follow_each_other_without_a_gap),
        T(test_what_comes_in_between_makes_no_other_come_twice),
        T(test_days_bound_them_and_leave_out_what_has_none),
        T(test_no_rows_but_that_there_are_some),
        T(test_behind_one_that_is_not_there_is_nothing_and_it_is_said),
        T(test_a_row_that_is_not_valid_is_none),
        T(test_verdicts_of_a_runner_by_rule),
        T(test_imports_of_a_runner_as_they_came_and_all_are_counted),
        T(test_who_still_waits_at_the_end_is_answered),
        T(test_a_disk_that_is_not_there_answers_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
