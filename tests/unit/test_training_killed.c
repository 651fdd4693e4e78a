/* SPDX-License-Identifier: MIT */
/*
 * Killed when a session was in the store and what follows from it was not. Each situation is lived
 * three times from the same database: without a kill; killed; and killed once more before what the
 * next start said was in the store, a minute later. It is the same each time, under the same ids, and
 * told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <sqlite3.h>
#include "daemon/training/training.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "training_fixture.h"

#define HOUR_USEC UINT64_C(3600000000)
#define DAY_USEC  (24 * HOUR_USEC)
#define BEFORE    37 /* days of the log before a test begins */

struct fixture {
    struct disk_fixture disk;
    struct conf conf;
    struct store *store;
    struct training *training;
    enum clock_state clock;
    char said[2048]; /* "anna spike_distance crossed warning\n" */
    char ids[1024];  /* of the same events */
};

static struct fixture f;

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return f.clock;
}

bool timekeeper_is_settled(const struct timekeeper *timekeeper)
{
    return true;
}

/* ---- a life -------------------------------------------------------------------------------------- */

static void on_week(void *userdata, size_t runner, const struct payload_week *week)
{
}

static void on_alert(void *userdata, size_t runner, const struct payload_alert *alert)
{
}

static void on_event(void *userdata, const struct store_event *event)
{
    json_t *body = json_loads(event->body, 0, NULL), *alert = json_object_get(body, "alert");

    snprintf(f.said + strlen(f.said), sizeof(f.said) - strlen(f.said), "%s %s %s %s\n",
             event->runner, json_string_value(json_object_get(alert, "rule")),
             json_string_value(json_object_get(body, "news")),
             json_string_value(json_object_get(alert, "verdict")));
    snprintf(f.ids + strlen(f.ids), sizeof(f.ids) - strlen(f.ids), "%s\n", event->id);
    json_decref(body);
}

static bool open_session(void *userdata, size_t runner, struct store_session *ret)
{
    return false;
}

static const struct training_callbacks callbacks = {
    .on_week = on_week, .on_alert = on_alert, .on_event = on_event, .open_session = open_session
};

static void take_past(void *userdata, const struct store_session *row)
{
    training_take_past(f.training, row);
}

static void start(void)
{
    const struct training_parts parts = { .event = f.disk.event, .conf = &f.conf };
    struct training_parts with_store = parts;

    f.said[0] = f.ids[0] = '\0';
    assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    with_store.store = f.store;
    assert_int_equal(training_new(&f.training, &with_store, &callbacks, NULL), 0);
    training_end_past(f.training, store_read_sessions(f.store, take_past, NULL));
    training_start(f.training);
    disk_fixture_settle(&f.disk);
}

static void stop(void)
{
    f.disk.worker = worker_free(f.disk.worker);
    f.training = training_free(f.training);
    f.store = store_free(f.store);
}

static void restart(void)
{
    stop();
    start();
}

static void keep_in_store(const struct store_session *row)
{
    assert_return_code(store_put_session(f.store, row, NULL, 0, NULL, NULL), 0);
}

static void put(const struct store_session *row)
{
    keep_in_store(row);
    training_session(f.training, row);
    disk_fixture_settle(&f.disk);
}

static int n_unjudged(void)
{
    sqlite3_stmt *count;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(disk_path(&f.disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM unjudged", -1, &count, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(count), SQLITE_ROW);
    int n = sqlite3_column_int(count, 0);
    sqlite3_finalize(count);
    sqlite3_close(db);
    return n;
}

/* ---- runs ---------------------------------------------------------------------------------------- */

static struct store_session a_run(const char *runner, double distance_m, int days_ago)
{
    return training_fixture_run(runner, distance_m,
                                clock_wall_usec() - days_ago * (int64_t)DAY_USEC);
}

static struct store_session run(double distance_m)
{
    struct store_session row = a_run("anna", distance_m, 0);

    put(&row);
    return row;
}

/* 5 km three times a week; today is a day of a run. */
static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    training_fixture_conf(&f.conf);
    f.clock = CLOCK_SYNCED;
    fake_clock_set_wall(FAKE_WALL_USEC + 8 * (int64_t)HOUR_USEC);
    start();
    for (int day = 0; day < BEFORE; day++) {
        if (day % 7 == 0 || day % 7 == 2 || day % 7 == 4) {
            (void)run(5000);
            fake_clock_advance(HOUR_USEC);
            struct store_session bens = a_run("ben", 5000, 0);
            put(&bens);
            fake_clock_advance(DAY_USEC - HOUR_USEC);
        } else {
            fake_clock_advance(DAY_USEC);
        }
    }
    assert_string_equal(f.said, "");
    assert_int_equal(n_unjudged(), 0);
    return 0;
}

static int teardown(void **state)
{
    stop();
    assert_int_equal(fake_clock_armed(), 0);
    disk_fixture_done(&f.disk);
    return 0;
}

/* ---- the same from the same database -------------------------------------------------------------- */

struct saved {
    char *bytes;
    size_t length;
};

static struct saved save(void)
{
    struct saved saved;

    stop();
    saved.bytes = disk_read(&f.disk, "strided.db", &saved.length);
    return saved;
}

/* Whatever happened since was not on the disk when it was killed. */
static void kill_and_start(const struct saved *saved)
{
    if (f.store)
        stop();
    disk_write(&f.disk, "strided.db", saved->bytes, saved->length);
    start();
}

static void live_three_times(const struct store_session *rows, size_t n, const char *expected)
{
    struct saved before = save(), between;
    char ids[sizeof(f.ids)];

    start();
    f.said[0] = f.ids[0] = '\0';
    for (size_t i = 0; i < n; i++)
        put(&rows[i]);
    assert_string_equal(f.said, expected);
    memcpy(ids, f.ids, sizeof(ids));

    kill_and_start(&before);
    for (size_t i = 0; i < n; i++)
        keep_in_store(&rows[i]);
    between = save();
    assert_true(n_unjudged() > 0);
    for (int times = 0; times < 2; times++) {
        kill_and_start(&between);
        assert_string_equal(f.said, expected);
        assert_string_equal(f.ids, ids);
        fake_clock_advance(HOUR_USEC / 60);
    }
    restart();
    assert_string_equal(f.said, "");
    assert_int_equal(n_unjudged(), 0);
    free(before.bytes);
    free(between.bytes);
}

static void test_the_end_of_a_run(void **state)
{
    const struct store_session row = a_run("anna", 9000, 0);

    live_three_times(&row, 1,
                     "anna weekly_distance crossed caution\nanna weekly_time crossed caution\n"
                     "anna spike_distance crossed warning\n");
}

static void test_a_run_before_the_latest(void **state)
{
    const struct store_session row = a_run("anna", 8000, 1);

    (void)run(1000);
    live_three_times(&row, 1,
                     "anna weekly_distance crossed caution\nanna weekly_time crossed caution\n"
                     "anna spike_distance crossed warning\n");
}

static void test_the_latest_run_is_discarded(void **state)
{
    struct store_session row = run(9000);

    row.session.state = SESSION_DISCARDED;
    live_three_times(&row, 1,
                     "anna weekly_distance retracted ok\nanna weekly_time retracted ok\n"
                     "anna spike_distance retracted ok\n");
}

static void test_a_run_before_the_latest_is_discarded(void **state)
{
    struct store_session row = run(9000);

    fake_clock_advance(3 * HOUR_USEC);
    (void)run(1000);
    row.session.state = SESSION_DISCARDED;
    live_three_times(&row, 1,
                     "anna weekly_distance retracted ok\nanna weekly_time retracted ok\n"
                     "anna spike_distance retracted ok\n");
}

/* To the one it is taken away, to the other it comes. */
static void test_a_run_is_given_to_another(void **state)
{
    struct store_session row = run(9000);

    strcpy(row.session.runner, "ben");
    live_three_times(&row, 1,
                     "anna weekly_distance retracted ok\nanna weekly_time retracted ok\n"
                     "anna spike_distance retracted ok\nben weekly_distance crossed caution\n"
                     "ben weekly_time crossed caution\nben spike_distance crossed warning\n");
}

static void test_a_run_is_nobodys_any_more(void **state)
{
    struct store_session row = run(9000);

    row.session.state = SESSION_UNASSIGNED;
    row.session.runner[0] = '\0';
    live_three_times(&row, 1,
                     "anna weekly_distance retracted ok\nanna weekly_time retracted ok\n"
                     "anna spike_distance retracted ok\n");
}

static void test_what_says_nothing(void **state)
{
    const struct store_session rows[] = { a_run("anna", 3000, 0), a_run("anna", 90000, 20) };

    live_three_times(rows, 2, "");
}

/* ---- more than one -------------------------------------------------------------------------------- */

/* What is so between two of them is not told: the week is too full once. */
static void test_two_runs(void **state)
{
    const struct store_session rows[] = { a_run("anna", 8000, 1), a_run("anna", 9000, 0) };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        keep_in_store(&rows[i]);
    restart();
    assert_string_equal(
        f.said, "anna weekly_distance crossed warning\nanna weekly_time crossed warning\n"
                "anna spike_distance crossed warning\nanna spike_distance crossed warning\n");
    restart();
    assert_string_equal(f.said, "");
}

/* The run of a watch came twice, and is told of by the one that counts. */
static void test_the_same_run_twice(void **state)
{
    struct store_session first = a_run("anna", 8000, 1), second = first;

    (void)run(1000);
    strcpy(second.session.id, "second");
    strcpy(first.instead, "second");
    keep_in_store(&first);
    keep_in_store(&second);
    restart();
    assert_string_equal(f.said,
                        "anna weekly_distance crossed caution\nanna weekly_time crossed caution\n"
                        "anna spike_distance crossed warning\n");
    restart();
    assert_string_equal(f.said, "");
}

static void choose_second(void *userdata, const struct store_session *row)
{
    struct store_choice choice = { 0 };

    if (strcmp(row->session.id, "second") == 0)
        return;
    memcpy(choice.id, row->session.id, sizeof(choice.id));
    strcpy(choice.instead, "second");
    training_choose(f.training, "anna", &choice, 1);
}

/* Which of them counts is another transaction, and was not in the store either. */
static void test_the_same_run_twice_before_one_was_chosen(void **state)
{
    const struct training_parts parts = { .event = f.disk.event, .conf = &f.conf };
    struct training_parts with_store = parts;
    struct store_session first = a_run("anna", 9000, 0), second = first;

    strcpy(second.session.id, "second");
    keep_in_store(&second);
    keep_in_store(&first);
    stop();
    f.said[0] = '\0';
    assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    with_store.store = f.store;
    assert_int_equal(training_new(&f.training, &with_store, &callbacks, NULL), 0);
    training_end_past(f.training, store_read_sessions(f.store, take_past, NULL));
    training_each_unjudged(f.training, choose_second, NULL);
    training_start(f.training);
    disk_fixture_settle(&f.disk);
    assert_string_equal(f.said, /* of 19 km, not 28 */
                        "anna weekly_distance crossed caution\nanna weekly_time crossed caution\n"
                        "anna spike_distance crossed warning\n");
}

/* ---- when it can be ------------------------------------------------------------------------------- */

static void test_days_later_it_is_history(void **state)
{
    const struct store_session rows[] = { a_run("anna", 9000, 0), a_run("ben", 9000, 0) };

    keep_in_store(&rows[0]);
    keep_in_store(&rows[1]);
    stop();
    fake_clock_advance(2 * DAY_USEC);
    start();
    assert_string_equal(f.said, "");
    assert_int_equal(n_unjudged(), 0);
}

static void test_what_is_gone_is_taken_back_days_later(void **state)
{
    struct store_session row = run(9000);

    row.session.state = SESSION_DISCARDED;
    keep_in_store(&row);
    stop();
    fake_clock_advance(2 * DAY_USEC);
    start();
    assert_non_null(strstr(f.said, "anna spike_distance retracted ok\n"));
    restart();
    assert_string_equal(f.said, "");
}

static void test_while_the_clock_is_unset_it_waits(void **state)
{
    const struct store_session row = a_run("anna", 8000, 1);

    (void)run(1000);
    keep_in_store(&row);
    stop();
    f.clock = CLOCK_UNSET;
    start();
    struct store_session meanwhile = a_run("anna", 2000, 0);
    put(&meanwhile);
    assert_string_equal(f.said, "");
    f.clock = CLOCK_SYNCED;
    training_clock_changed(f.training);
    disk_fixture_settle(&f.disk);
    assert_string_equal(f.said,
                        "anna weekly_distance crossed warning\nanna weekly_time crossed warning\n"
                        "anna spike_distance crossed warning\n");
    restart();
    assert_string_equal(f.said, "");
}

/* Nobody is told; and it is not taken for told. */
static void test_of_a_runner_who_is_not_configured_it_waits(void **state)
{
    static struct conf both;
    const struct store_session row = a_run("ben", 9000, 0);

    keep_in_store(&row);
    stop();
    both = f.conf;
    f.conf.n_runners = 1;
    start();
    restart();
    assert_string_equal(f.said, "");
    assert_int_equal(n_unjudged(), 1);
    training_set_conf(f.training, &both);
    training_say_all(f.training);
    disk_fixture_settle(&f.disk);
    assert_string_equal(f.said,
                        "ben weekly_distance crossed caution\nben weekly_time crossed caution\n"
                        "ben spike_distance crossed warning\n");
    f.conf = both;
    restart();
    assert_string_equal(f.said, "");
    assert_int_equal(n_unjudged(), 0);
}

/* The database was lost, and all is made again: what was said is not known, so nothing is. */
static void test_what_is_made_again_raises_nothing(void **state)
{
    struct store_session row = a_run("anna", 9000, 0), earlier = a_run("anna", 8000, 1);

    row.rebuilt = earlier.rebuilt = true;
    keep_in_store(&row); /* killed meanwhile: it is read as any other of the past */
    assert_int_equal(n_unjudged(), 0);
    put(&row);
    put(&earlier);
    assert_string_equal(f.said, "");
    restart();
    assert_string_equal(f.said, "");
    (void)run(3000); /* but it counts, as soon as there is news */
    assert_non_null(strstr(f.said, "anna weekly_distance crossed warning\n"));
}

/* Its file is read again, for somebody else by now: that it is gone from him is news all the same. */
static void test_what_is_read_again_while_it_waits(void **state)
{
    static struct conf both;
    struct store_session row = a_run("ben", 9000, 0);

    put(&row);
    assert_non_null(strstr(f.said, "ben spike_distance crossed warning\n"));
    strcpy(row.session.runner, "anna");
    keep_in_store(&row);
    stop();
    both = f.conf;
    f.conf.n_runners = 1;
    start();
    assert_int_equal(n_unjudged(), 1);
    row.rebuilt = true;
    keep_in_store(&row);
    training_correct(f.training, &row, 1);
    training_corrected(f.training);
    disk_fixture_settle(&f.disk);
    f.said[0] = '\0';
    training_set_conf(f.training, &both);
    training_say_all(f.training);
    disk_fixture_settle(&f.disk);
    assert_string_equal(f.said, "ben weekly_distance retracted ok\nben weekly_time retracted ok\n"
                                "ben spike_distance retracted ok\n");
    assert_int_equal(n_unjudged(), 0);
    f.conf = both;
    restart();
    assert_string_equal(f.said, "");
}

/* There is nothing to be judged, today or ever. */
static void test_what_cannot_be_read_does_not_wait_for_ever(void **state)
{
    const struct store_session row = a_run("anna", 9000, 0);
    sqlite3 *db;

    keep_in_store(&row);
    stop();
    assert_int_equal(sqlite3_open(disk_path(&f.disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE sessions SET day = 'rotten' WHERE state = 'ended'"
                                  " AND distance_m = 9000",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    start();
    assert_string_equal(f.said, "");
    assert_int_equal(n_unjudged(), 0);
}

/* ---- the same once more ---------------------------------------------------------------------------- */

/* It is news again, and another event: who has seen the first does not take it for that. */
static void test_what_is_said_again_has_another_id(void **state)
{
    struct store_session row = a_run("anna", 8000, 1);
    char first[sizeof(f.ids)];

    (void)run(1000);
    put(&row);
    assert_non_null(strstr(f.said, "anna spike_distance crossed warning\n"));
    memcpy(first, f.ids, sizeof(first));
    strcpy(row.session.runner, "ben");
    put(&row);
    restart();
    strcpy(row.session.runner, "anna");
    put(&row);
    assert_non_null(strstr(f.said, "anna weekly_distance crossed caution\n"));
    for (char *id = strtok(f.ids, "\n"); id; id = strtok(NULL, "\n"))
        assert_null(strstr(first, id));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_the_end_of_a_run),
        T(test_a_run_before_the_latest),
        T(test_the_latest_run_is_discarded),
        T(test_a_run_before_the_latest_is_discarded),
        T(test_a_run_is_given_to_another),
        T(test_a_run_is_nobodys_any_more),
        T(test_what_says_nothing),
        T(test_two_runs),
        T(test_the_same_run_twice),
        T(test_the_same_run_twice_before_one_was_chosen),
        T(test_days_later_it_is_history),
        T(test_what_is_gone_is_taken_back_days_later),
        T(test_while_the_clock_is_unset_it_waits),
        T(test_of_a_runner_who_is_not_configured_it_waits),
        T(test_what_is_made_again_raises_nothing),
        T(test_what_is_read_again_while_it_waits),
        T(test_what_cannot_be_read_does_not_wait_for_ever),
        T(test_what_is_said_again_has_another_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
