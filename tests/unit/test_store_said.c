/* SPDX-License-Identifier: MIT */
/* What was said of the rules is found again with its session, once, and says who has seen it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/store/store.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "lib/digest.h"

#define DAY (INT64_C(86400) * 1000000)
#define NOW (20000 * DAY)

struct fixture {
    struct disk_fixture disk;
    struct store *store;
    int answers, result;
    bool more;
    size_t n;
    struct store_said rows[STORE_SAID_TOLD_MAX];
};

static void open_store(struct fixture *f)
{
    assert_return_code(worker_new(&f->disk.worker, f->disk.event), 0);
    assert_return_code(store_open(&f->store, f->disk.worker, f->disk.dir, clock_wall_usec()), 0);
}

static void close_store(struct fixture *f)
{
    f->disk.worker = worker_free(f->disk.worker);
    f->store = store_free(f->store);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    disk_fixture_init(&f->disk);
    open_store(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    close_store(f);
    disk_fixture_done(&f->disk);
    free(f);
    return 0;
}

static void on_said(void *userdata, int result, const struct store_said *rows, size_t n, bool more)
{
    struct fixture *f = userdata;

    f->answers++;
    f->result = result;
    f->n = n;
    f->more = more;
    memcpy(f->rows, rows, n * sizeof(*rows));
}

/* Those found, newest first: "id " each. */
static const char *ask_behind(struct fixture *f, const char *runner, int64_t since_usec,
                              const char *before)
{
    static char ids[STORE_SAID_TOLD_MAX * 12];
    int answers = f->answers;

    assert_return_code(store_find_said(f->store, runner, since_usec, before, on_said, f), 0);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->answers, answers + 1);
    assert_int_equal(f->result, 0);
    ids[0] = '\0';
    for (size_t i = 0; i < f->n; i++)
        snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s ", f->rows[i].id);
    return ids;
}

static const char *ask(struct fixture *f, const char *runner, int64_t since_usec)
{
    return ask_behind(f, runner, since_usec, "");
}

static struct store_said a_message(const char *id, const char *runner, const char *rule,
                                   int64_t at_usec)
{
    struct store_said row = {
        .at_usec = at_usec, .value = 28500, .reference = 25000, .limit = NAN
    };

    snprintf(row.id, sizeof(row.id), "%s", id);
    snprintf(row.runner, sizeof(row.runner), "%s", runner);
    snprintf(row.rule, sizeof(row.rule), "%s", rule);
    snprintf(row.news, sizeof(row.news), "crossed");
    snprintf(row.verdict, sizeof(row.verdict), "insufficient_history"); /* the longest */
    snprintf(row.day, sizeof(row.day), "2024-10-04");
    snprintf(row.evidence, sizeof(row.evidence), "C");
    snprintf(row.sentence, sizeof(row.sentence), "28.5 km, usual 25.0 km");
    return row;
}

static int put(struct fixture *f, const struct store_said *row)
{
    return store_put_judged(f->store, &(struct store_judged){ .said = row, .n_said = 1 }, NULL,
                            NULL);
}

static void say(struct fixture *f, const char *id, const char *runner, const char *rule,
                int64_t at_usec)
{
    struct store_said row = a_message(id, runner, rule, at_usec);

    assert_return_code(put(f, &row), 0);
}

static void see(struct fixture *f, const char *runner, const char *rule)
{
    struct store_seen seen = { .at_usec = NOW };

    snprintf(seen.runner, sizeof(seen.runner), "%s", runner);
    snprintf(seen.rule, sizeof(seen.rule), "%s", rule);
    assert_return_code(store_put_judged(f->store,
                                        &(struct store_judged){ .seen = &seen, .n_seen = 1 }, NULL,
                                        NULL),
                       0);
}

static void test_what_was_said_is_found_newest_first_after_a_restart_too(void **state)
{
    struct fixture *f = *state;

    say(f, "a", "anna", "weekly_time", NOW - 9 * DAY);
    say(f, "b", "anna", "weekly_time", NOW - 2 * DAY);
    say(f, "x", "ben", "weekly_time", NOW - DAY);
    say(f, "c", "anna", "uphill_base", NOW - DAY);
    say(f, "c", "anna", "weekly_time", NOW); /* the same, told again */
    assert_string_equal(ask(f, "anna", NOW - 3 * DAY), "c b ");
    close_store(f);
    open_store(f);
    assert_string_equal(ask(f, "anna", 0), "c b a ");
    assert_false(f->more);
    assert_string_equal(f->rows[0].rule, "uphill_base");
    assert_string_equal(f->rows[0].runner, "anna");
    assert_string_equal(f->rows[0].sentence, "28.5 km, usual 25.0 km");
    assert_string_equal(f->rows[0].verdict, "insufficient_history");
    assert_true(f->rows[0].value == 28500 && isnan(f->rows[0].limit));
    assert_int_equal(f->rows[0].at_usec, NOW - DAY);
    assert_string_equal(ask(f, "eve", 0), "");
}

static void test_its_session_is_named_while_there_is_one(void **state)
{
    struct store_said row = a_message("a", "anna", "weekly_time", NOW);
    struct fixture *f = *state;
    struct store_session session;

    snprintf(row.session, sizeof(row.session), "%016" PRIx64, digest_text("run-1"));
    assert_return_code(put(f, &row), 0);
    ask(f, "anna", 0);
    assert_string_equal(f->rows[0].session_id, "");
    store_session_init(&session);
    snprintf(session.session.id, sizeof(session.session.id), "run-1");
    snprintf(session.session.runner, sizeof(session.session.runner), "anna");
    session.session.state = SESSION_ENDED;
    session.session.start_usec = NOW - DAY;
    session.session.end_usec = NOW;
    assert_return_code(store_put_session(f->store, &session, NULL, 0, NULL, NULL), 0);
    ask(f, "anna", NOW - 1);
    assert_string_equal(f->rows[0].session_id, "run-1");
}

static void test_what_was_seen_is_seen_and_what_comes_after_is_not(void **state)
{
    struct fixture *f = *state;

    say(f, "a", "anna", "weekly_time", NOW - 3);
    say(f, "b", "anna", "uphill_base", NOW - 2);
    say(f, "x", "ben", "weekly_time", NOW - 1);
    see(f, "anna", "weekly_time");
    say(f, "c", "anna", "weekly_time", NOW);
    ask(f, "anna", 0);
    assert_int_equal(f->rows[0].acknowledged_usec, 0);
    assert_int_equal(f->rows[1].acknowledged_usec, 0);
    assert_int_equal(f->rows[2].acknowledged_usec, NOW);
    see(f, "anna", "");
    ask(f, "anna", 0);
    for (size_t i = 0; i < f->n; i++)
        assert_int_equal(f->rows[i].acknowledged_usec, NOW);
    ask(f, "ben", 0);
    assert_int_equal(f->rows[0].acknowledged_usec, 0);
}

static void test_an_answer_has_so_many_and_the_table_no_more_than_it_may(void **state)
{
    struct fixture *f = *state;
    sqlite3_stmt *s;
    sqlite3 *db;

    store_gather(f->store);
    for (int i = 0; i < STORE_SAID_MAX + 70; i++) {
        char id[16];

        snprintf(id, sizeof(id), "m-%d", i);
        say(f, id, "anna", "weekly_time", NOW + i);
    }
    store_send(f->store);
    ask(f, "anna", 0);
    assert_int_equal(f->n, STORE_SAID_TOLD_MAX);
    assert_true(f->more);
    assert_int_equal(f->rows[0].at_usec, NOW + STORE_SAID_MAX + 69);
    close_store(f);
    assert_int_equal(sqlite3_open(disk_path(&f->disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM said", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(s, 0), STORE_SAID_MAX);
    sqlite3_finalize(s);
    sqlite3_close(db);
    open_store(f);
}

static void test_page_by_page_each_is_told_once(void **state)
{
    struct fixture *f = *state;
    int64_t expected = 3 * STORE_SAID_TOLD_MAX + 5;
    char before[EVENT_ID_MAX] = "";
    int pages = 0;

    store_gather(f->store);
    for (int i = 0; i <= expected; i++) {
        char id[16];

        snprintf(id, sizeof(id), "m-%d", i);
        say(f, id, i == 70 ? "ben" : "anna", "weekly_time", i % 2 ? NOW : NOW - DAY);
    }
    store_send(f->store);
    for (; pages == 0 || f->more; pages++) {
        ask_behind(f, "anna", NOW - DAY, before);
        for (size_t i = 0; i < f->n; i++) {
            char id[16];

            expected -= expected == 70;
            snprintf(id, sizeof(id), "m-%d", (int)expected--);
            assert_string_equal(f->rows[i].id, id);
        }
        snprintf(before, sizeof(before), "%s", f->rows[f->n - 1].id);
    }
    assert_int_equal(pages, 4);
    assert_int_equal(expected, -1);
    assert_string_equal(ask_behind(f, "anna", NOW - DAY, "m-0"), "");
    assert_string_equal(ask_behind(f, "anna", NOW, "m-4"), "m-3 m-1 ");
}

static void test_behind_what_is_no_message_of_theirs_is_nothing(void **state)
{
    static const char *const before[] = { "no-such", "x", "' OR 1 --" };
    struct fixture *f = *state;

    say(f, "a", "anna", "weekly_time", NOW);
    say(f, "x", "ben", "weekly_time", NOW);
    for (size_t i = 0; i < ELEMENTSOF(before); i++) {
        assert_return_code(store_find_said(f->store, "anna", 0, before[i], on_said, f), 0);
        disk_fixture_settle(&f->disk);
        assert_int_equal(f->result, -ENOENT);
        assert_int_equal(f->n, 0);
        assert_false(f->more);
    }
}

static void test_what_is_no_message_is_not_stored(void **state)
{
    struct store_said good = a_message("a", "anna", "weekly_time", NOW);
    struct store_said bad[] = { good, good, good, good, good, good };
    struct store_seen seen = { "an na", "", NOW };
    struct fixture *f = *state;

    snprintf(bad[0].id, sizeof(bad[0].id), "a b");
    snprintf(bad[1].rule, sizeof(bad[1].rule), "%s", "");
    snprintf(bad[2].day, sizeof(bad[2].day), "2024-13-04");
    snprintf(bad[3].sentence, sizeof(bad[3].sentence), "a\nb");
    snprintf(bad[4].session, sizeof(bad[4].session), "0123");
    bad[5].at_usec = -1;
    for (size_t i = 0; i < ELEMENTSOF(bad); i++)
        assert_int_equal(put(f, &bad[i]), -EINVAL);
    assert_int_equal(store_put_judged(f->store,
                                      &(struct store_judged){ .seen = &seen, .n_seen = 1 }, NULL,
                                      NULL),
                     -EINVAL);
    assert_string_equal(ask(f, "anna", 0), "");
}

/* A row that somebody else wrote is input. */
static void test_a_row_that_is_not_valid_is_passed_over(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;

    say(f, "a", "anna", "weekly_time", NOW);
    close_store(f);
    assert_int_equal(sqlite3_open(disk_path(&f->disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO said (id, runner, rule, news, verdict, day, at_usec, sentence)"
                     " VALUES ('b', 'anna', '../x', 'crossed', 'ok', '2024-10-04', 1, 'x'),"
                     " ('c', 'anna', 'weekly_time', 'crossed', 'ok', 'today', 1, 'x'),"
                     " ('d', 'anna', 'weekly_time', 'crossed', 'ok', '2024-10-04', 1,"
                     " hex(zeroblob(1000)))",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    open_store(f);
    assert_string_equal(ask(f, "anna", 0), "a ");
}

static void test_what_a_person_said_to_a_rule_is_kept(void **state)
{
    struct store_verdict row = { "anna", "weekly_time", "caution", "caution", 1, 2, 0, 0, "", 3, 4,
                                 5,      "caution" };
    struct store_verdict bad = row;
    struct fixture *f = *state;
    size_t n;

    snprintf(bad.snoozed, sizeof(bad.snoozed), "ever");
    assert_int_equal(store_put_judged(f->store,
                                      &(struct store_judged){ .verdicts = &bad, .n_verdicts = 1 },
                                      NULL, NULL),
                     -EINVAL);
    assert_return_code(store_put_judged(f->store,
                                        &(struct store_judged){ .verdicts = &row, .n_verdicts = 1 },
                                        NULL, NULL),
                       0);
    close_store(f);
    open_store(f);
    const struct store_verdict *back = store_verdicts(f->store, &n);
    assert_int_equal(n, 1);
    assert_string_equal(back->standing, "caution");
    assert_string_equal(back->snoozed, "caution");
    assert_int_equal(back->seen_usec, 3);
    assert_int_equal(back->snoozed_usec, 4);
    assert_int_equal(back->snoozed_until_usec, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        IN_STORE(test_what_was_said_is_found_newest_first_after_a_restart_too),
        IN_STORE(test_its_session_is_named_while_there_is_one),
        IN_STORE(test_what_was_seen_is_seen_and_what_comes_after_is_not),
        IN_STORE(test_an_answer_has_so_many_and_the_table_no_more_than_it_may),
        IN_STORE(test_page_by_page_each_is_told_once),
        IN_STORE(test_behind_what_is_no_message_of_theirs_is_nothing),
        IN_STORE(test_what_is_no_message_is_not_stored),
        IN_STORE(test_a_row_that_is_not_valid_is_passed_over),
        IN_STORE(test_what_a_person_said_to_a_rule_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
