/* SPDX-License-Identifier: MIT */
/*
 * What is in the store and not judged: from the commit of a session to that of what it leads to,
 * whichever way it came in; and how long it is kept what was said of one run.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/db.h"
#include "daemon/store/store.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "old_database.h"

#define DAY_USEC  INT64_C(86400000000)
#define TOLD_USEC ((int64_t)STORE_TOLD_USEC)

struct fixture {
    struct disk_fixture disk;
    struct store *store;
};

static struct fixture f;

static void start(void)
{
    if (!f.disk.worker)
        assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    assert_null(store_problem(f.store));
}

static void stop(void)
{
    f.disk.worker = worker_free(f.disk.worker);
    f.store = store_free(f.store);
}

static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    start();
    return 0;
}

static int teardown(void **state)
{
    stop();
    assert_int_equal(fake_clock_armed(), 0);
    disk_fixture_done(&f.disk);
    return 0;
}

static void run_sql(const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(disk_path(&f.disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- sessions ------------------------------------------------------------------------------------ */

static struct store_session a_session(const char *id, const char *runner, enum session_state state)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.session.runner, sizeof(row.session.runner), "%s", runner);
    row.session.state = state;
    row.session.start_usec = FAKE_WALL_USEC;
    row.session.end_usec = FAKE_WALL_USEC + 1;
    snprintf(row.session.day, sizeof(row.session.day), "2026-01-01");
    return row;
}

static void put(const char *id, const char *runner, enum session_state state)
{
    const struct store_session row = a_session(id, runner, state);

    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
}

static int put_judged(const char *runner, const char *id)
{
    struct store_unjudged row = { 0 };

    snprintf(row.runner, sizeof(row.runner), "%s", runner);
    snprintf(row.id, sizeof(row.id), "%s", id);
    return store_put_judged(f.store, &(struct store_judged){ .sessions = &row, .n_sessions = 1 },
                            NULL, NULL);
}

/* "anna:id ben:id ", as the next start reads it. */
static void assert_unjudged(const char *expected)
{
    char text[512] = "";
    size_t n;

    stop();
    start();
    const struct store_unjudged *rows = store_unjudged(f.store, &n);
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s:%s ", rows[i].runner,
                 rows[i].id);
    assert_string_equal(text, expected);
}

static void test_a_session_is_unjudged_until_that_is_put(void **state)
{
    assert_unjudged("");
    put("b", "anna", SESSION_ENDED);
    put("a", "anna", SESSION_ENDED);
    put("c", "ben", SESSION_DISCARDED);
    put("b", "anna", SESSION_ENDED); /* worked out again: it keeps its place */
    assert_unjudged("anna:b anna:a ben:c ");
    assert_return_code(put_judged("anna", "b"), 0);
    assert_return_code(put_judged("anna", "never"), 0);
    assert_unjudged("anna:a ben:c ");
    put("b", "anna", SESSION_DISCARDED);
    assert_unjudged("anna:a ben:c anna:b ");
}

static void test_a_session_that_goes_to_another_is_unjudged_for_both(void **state)
{
    put("a", "anna", SESSION_ENDED);
    assert_return_code(put_judged("anna", "a"), 0);
    put("a", "ben", SESSION_ENDED);
    assert_unjudged("anna:a ben:a ");
    assert_return_code(put_judged("anna", "a"), 0);
    assert_unjudged("ben:a ");
    assert_return_code(put_judged("ben", "a"), 0);
    put("a", "", SESSION_UNASSIGNED);
    assert_unjudged("ben:a ");
}

/* It was in nobody's log, or it is not to be said anything of it. */
static void test_what_leads_to_nothing_is_not_unjudged(void **state)
{
    struct store_session row = a_session("rebuilt", "anna", SESSION_ENDED);

    put("merged", "", SESSION_DISCARDED);
    put("nobodys", "", SESSION_UNASSIGNED);
    row.rebuilt = true;
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    assert_unjudged("");
    row = a_session("undated", "anna", SESSION_ENDED);
    row.session.start_usec = row.session.end_usec = 0;
    row.session.day[0] = '\0';
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    assert_return_code(put_judged("anna", "undated"), 0);
    put("undated", "ben", SESSION_ENDED); /* it was in no log of anna's */
    assert_unjudged("ben:undated ");
}

static void test_the_sessions_of_a_file_are_unjudged_with_it(void **state)
{
    const struct store_session rows[] = { a_session("x", "anna", SESSION_ENDED),
                                          a_session("y", "anna", SESSION_ENDED) };
    struct store_import import = { .runner = "anna",
                                   .name = "x.fit",
                                   .n_sessions = 2,
                                   .own_cadence_spm = NAN,
                                   .own_speed_m_s = NAN };

    memset(import.hash, 'a', sizeof(import.hash) - 1);
    assert_return_code(store_put_import(f.store,
                                        &(struct store_imported){
                                            .import = &import, .sessions = rows, .n_sessions = 2 },
                                        NULL, NULL),
                       0);
    assert_unjudged("anna:x anna:y ");
}

/* All of it or nothing: that it is judged goes with what is said of it. */
static void test_what_is_refused_leaves_it_unjudged(void **state)
{
    const struct store_unjudged good = { "anna", "a" };
    const struct store_unjudged bad[] = { { "", "a" }, { "anna", "" }, { "a/b", "a" } };
    const struct store_verdict verdict = { "anna", "weekly_time", "alarm", "ok", 1, 2, 0, 0 };
    struct store_event broken = { .id = "e", .kind = EVENT_ALERT, .body = (char *)"[" };

    put("a", "anna", SESSION_ENDED);
    for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
        const struct store_unjudged two[] = { good, bad[i] };
        assert_int_equal(
            store_put_judged(f.store, &(struct store_judged){ .sessions = two, .n_sessions = 2 },
                             NULL, NULL),
            -EINVAL);
    }
    assert_int_equal(store_put_judged(f.store,
                                      &(struct store_judged){ .verdicts = &verdict,
                                                              .n_verdicts = 1,
                                                              .sessions = &good,
                                                              .n_sessions = 1 },
                                      NULL, NULL),
                     -EINVAL);
    assert_int_equal(
        store_put_judged(f.store,
                         &(struct store_judged){
                             .events = &broken, .n_events = 1, .sessions = &good, .n_sessions = 1 },
                         NULL, NULL),
        -EINVAL);
    assert_unjudged("anna:a ");
}

static void test_rows_that_are_none_are_left_out(void **state)
{
    put("a", "anna", SESSION_ENDED);
    stop();
    run_sql("INSERT INTO unjudged (runner, id) VALUES ('a/b', 'x'), ('anna', '../x')");
    assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    assert_non_null(store_problem(f.store));
    size_t n;
    const struct store_unjudged *rows = store_unjudged(f.store, &n);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].id, "a");
}

/* ---- together ------------------------------------------------------------------------------------ */

static int n_done;

static void on_done(void *userdata, int result)
{
    assert_int_equal(result, 0);
    n_done++;
}

static void put_and_tell(const char *id)
{
    const struct store_session row = a_session(id, "anna", SESSION_ENDED);

    assert_return_code(store_put_session(f.store, &row, NULL, 0, on_done, NULL), 0);
}

/* One transaction: what was sent is all there as soon as any of it is. */
static void test_what_is_gathered_is_one_job(void **state)
{
    put_and_tell("first"); /* that under way holds up nothing by itself */
    disk_fixture_settle(&f.disk);
    n_done = 0;
    store_gather(f.store);
    put_and_tell("a");
    store_gather(f.store);
    assert_return_code(put_judged("anna", "a"), 0);
    store_send(f.store);
    disk_fixture_settle(&f.disk);
    assert_int_equal(n_done, 0);
    store_send(f.store);
    disk_fixture_settle(&f.disk);
    assert_int_equal(n_done, 1);
    assert_unjudged("anna:first ");
}

static void test_what_is_gathered_at_the_end_is_not_lost(void **state)
{
    store_gather(f.store);
    put_and_tell("a");
    assert_unjudged("anna:a ");
}

/* ---- the database -------------------------------------------------------------------------------- */

static void test_a_database_knows_when_it_was_begun(void **state)
{
    assert_true(store_made_usec(f.store) == clock_wall_usec());
    assert_true(store_is_new(f.store));
    fake_clock_advance((uint64_t)DAY_USEC);
    stop();
    start();
    assert_true(store_made_usec(f.store) == clock_wall_usec() - DAY_USEC);
    assert_false(store_is_new(f.store));
}

/* The clock stood at some time of long ago when it was begun, and in the next life, too. */
static void test_when_a_database_was_begun_is_known_with_the_clock(void **state)
{
    const int64_t today_usec = clock_wall_usec() + 1000 * DAY_USEC;

    stop();
    start();
    fake_clock_advance(60000000);
    fake_clock_set_wall(today_usec);
    assert_true(store_made_usec(f.store) < today_usec - 999 * DAY_USEC);
    assert_false(store_is_dated(f.store));
    store_note_clock(f.store);
    assert_true(store_is_dated(f.store));
    assert_true(store_made_usec(f.store) == today_usec - 60000000);
    fake_clock_set_wall(today_usec + DAY_USEC); /* it is set once more */
    store_note_clock(f.store);
    assert_true(store_made_usec(f.store) == today_usec + DAY_USEC - 60000000);
    stop();
    start();
    assert_true(store_is_dated(f.store));
    fake_clock_set_wall(today_usec + 9 * DAY_USEC); /* and that is how it stays */
    store_note_clock(f.store);
    assert_true(store_made_usec(f.store) == today_usec + DAY_USEC - 60000000);
}

/* Of an older version: it is not known when it was begun, and what is in it is judged. */
static void test_a_database_of_an_older_version_has_nothing_unjudged(void **state)
{
    put("a", "anna", SESSION_ENDED);
    stop();
    old_database_make(disk_path(&f.disk, "strided.db"), 6);
    start();
    assert_true(store_made_usec(f.store) == 0);
    assert_unjudged("");
    put("b", "anna", SESSION_ENDED);
    assert_unjudged("anna:b ");
}

/* ---- what was said of one run -------------------------------------------------------------------- */

static void put_told(const char *session, int64_t said_usec)
{
    struct store_verdict row = {
        "anna", "spike_distance", "warning", "warning", 0, said_usec, 1, 2
    };

    snprintf(row.session, sizeof(row.session), "%s", session);
    assert_return_code(store_put_judged(f.store,
                                        &(struct store_judged){ .verdicts = &row, .n_verdicts = 1 },
                                        NULL, NULL),
                       0);
}

static void assert_told(const char *expected)
{
    char text[256] = "";
    size_t n;

    stop();
    start();
    const struct store_verdict *rows = store_verdicts(f.store, &n);
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.2s ", rows[i].session);
    assert_string_equal(text, expected);
}

/* A clock that is ahead for a day is no reason to forget. */
static void test_what_was_said_of_a_run_is_kept_whatever_the_clock_says(void **state)
{
    put_told("aa00000000000000", FAKE_WALL_USEC);
    put_told("bb00000000000000", FAKE_WALL_USEC + TOLD_USEC + DAY_USEC);
    put_told("cc00000000000000", FAKE_WALL_USEC + 10 * TOLD_USEC);
    put_told("dd00000000000000", FAKE_WALL_USEC + DAY_USEC);
    assert_told("cc bb dd aa ");
}

static void put_many_told(size_t n, int64_t said_usec)
{
    struct store_verdict rows[STORE_TOLD_MAX];
    const struct store_judged judged = { .verdicts = rows, .n_verdicts = n };

    for (size_t i = 0; i < n; i++) {
        rows[i] =
            (struct store_verdict){ "anna", "spike_distance", "ok", "ok", 0, said_usec, 1, 2 };
        snprintf(rows[i].session, sizeof(rows[i].session), "ff%014x", (unsigned int)i);
    }
    assert_return_code(store_put_judged(f.store, &judged, NULL, NULL), 0);
}

static size_t count_told(void)
{
    size_t n;

    stop();
    start();
    (void)store_verdicts(f.store, &n);
    return n;
}

static void test_what_was_said_of_a_run_goes_when_nobody_waits_for_its_end(void **state)
{
    put_told("aa00000000000000", FAKE_WALL_USEC);
    put_told("bb00000000000000", FAKE_WALL_USEC + DAY_USEC);
    put_many_told(STORE_TOLD_MAX, FAKE_WALL_USEC + TOLD_USEC);
    assert_int_equal(count_told(), STORE_TOLD_MAX + 2); /* not before its time, however many */
    put_told("cc00000000000000", FAKE_WALL_USEC + TOLD_USEC + DAY_USEC);
    assert_int_equal(count_told(), STORE_TOLD_MAX + 2); /* without aa */
    put_told("dd00000000000000", FAKE_WALL_USEC + 3 * TOLD_USEC);
    assert_int_equal(count_told(), STORE_TOLD_MAX + 2); /* those of one moment stay together */
    put_many_told(STORE_TOLD_MAX - 2, FAKE_WALL_USEC + 3 * TOLD_USEC);
    assert_int_equal(count_told(), STORE_TOLD_MAX);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_session_is_unjudged_until_that_is_put),
        T(test_a_session_that_goes_to_another_is_unjudged_for_both),
        T(test_what_leads_to_nothing_is_not_unjudged),
        T(test_the_sessions_of_a_file_are_unjudged_with_it),
        T(test_what_is_refused_leaves_it_unjudged),
        T(test_rows_that_are_none_are_left_out),
        T(test_what_is_gathered_is_one_job),
        T(test_what_is_gathered_at_the_end_is_not_lost),
        T(test_a_database_knows_when_it_was_begun),
        T(test_when_a_database_was_begun_is_known_with_the_clock),
        T(test_a_database_of_an_older_version_has_nothing_unjudged),
        T(test_what_was_said_of_a_run_is_kept_whatever_the_clock_says),
        T(test_what_was_said_of_a_run_goes_when_nobody_waits_for_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
