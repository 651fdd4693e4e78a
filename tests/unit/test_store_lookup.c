/* SPDX-License-Identifier: MIT */
/* One result, asked for while the loop runs: it is answered once, and sees all that was put before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/store/store.h"
#include "disk_fixture.h"

struct fixture {
    struct disk_fixture disk;
    struct store *store;
    int answers, result;
    struct store_session found;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    disk_fixture_init(&f->disk);
    assert_return_code(worker_new(&f->disk.worker, f->disk.event), 0);
    assert_return_code(store_open(&f->store, f->disk.worker, f->disk.dir, clock_wall_usec()), 0);
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

static void on_found(void *userdata, int result, const struct store_session *session)
{
    struct fixture *f = userdata;

    f->answers++;
    f->result = result;
    assert_int_equal(session != NULL, result == 0);
    if (session)
        f->found = *session;
}

static void put(struct fixture *f, const char *id, const char *runner, bool file)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.session.runner, sizeof(row.session.runner), "%s", runner);
    row.session.state = SESSION_ENDED;
    row.session.distance_m = 1234;
    if (file)
        memset(row.file, 'a', sizeof(row.file) - 1);
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
}

/* The answer, from the loop alone. */
static int ask(struct fixture *f,
               int (*find)(struct store *store, const char *key, store_found found, void *userdata),
               const char *key)
{
    int answers = f->answers;

    assert_return_code(find(f->store, key, on_found, f), 0);
    assert_int_equal(f->answers, answers);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->answers, answers + 1);
    return f->result;
}

static void test_a_session_is_found_by_its_id(void **state)
{
    struct fixture *f = *state;

    put(f, "one", "anna", false);
    put(f, "two", "ben", true);
    assert_int_equal(ask(f, store_find_session, "two"), 0);
    assert_string_equal(f->found.session.runner, "ben");
    assert_true(f->found.session.distance_m == 1234);
    assert_int_equal(f->found.file[0], 'a');
    assert_int_equal(ask(f, store_find_session, "three"), -ENOENT);
}

static void test_what_is_no_id_is_not_looked_for(void **state)
{
    static const char *const texts[] = { "", "../one", "a/b", ".hidden", "one' OR '1'='1", "a b" };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(store_find_session(f->store, texts[i], on_found, f), -EINVAL);
    disk_fixture_settle(&f->disk);
    assert_int_equal(f->answers, 0);
}

static void test_the_last_of_a_runner_is_the_one_recorded_that_ended_last(void **state)
{
    struct fixture *f = *state;

    put(f, "one", "anna", false);
    put(f, "two", "anna", false);
    put(f, "three", "anna", true);
    put(f, "four", "ben", false);
    assert_int_equal(ask(f, store_find_last, "anna"), 0);
    assert_string_equal(f->found.session.id, "two");
    put(f, "two", "ben", false); /* given to him */
    assert_int_equal(ask(f, store_find_last, "anna"), 0);
    assert_string_equal(f->found.session.id, "one");
    assert_int_equal(ask(f, store_find_last, "eve"), -ENOENT);
}

static void test_the_latest_of_a_runner_is_of_all_that_count(void **state)
{
    struct fixture *f = *state;
    struct store_session row;

    put(f, "one", "anna", false);
    store_session_init(&row);
    strcpy(row.session.id, "file");
    strcpy(row.session.runner, "anna");
    memset(row.file, 'a', sizeof(row.file) - 1);
    row.session.start_usec = 2000000;
    row.session.end_usec = 3000000;
    row.session.state = SESSION_ENDED;
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
    strcpy(row.session.id, "same");
    strcpy(row.instead, "file");
    row.session.start_usec = 2500000;
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
    strcpy(row.session.id, "gone");
    row.instead[0] = '\0';
    row.session.state = SESSION_DISCARDED;
    assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
    assert_int_equal(ask(f, store_find_latest, "anna"), 0);
    assert_string_equal(f->found.session.id, "file");
    assert_int_equal(ask(f, store_find_latest, "ben"), -ENOENT);
}

static void test_who_still_waits_at_the_end_is_answered(void **state)
{
    struct fixture *f = *state;

    assert_return_code(store_find_session(f->store, "one", on_found, f), 0);
    assert_return_code(store_find_session(f->store, "two", on_found, f), 0);
    f->disk.worker = worker_free(f->disk.worker);
    assert_int_equal(f->answers, 2);
}

/* It may come back; until then a question waits as everything does. The sanitizers say whether it was let
 * go. */
static void test_a_disk_that_is_not_there_answers_nobody(void **state)
{
    struct fixture *f = *state;
    struct store *store;
    char path[300];

    snprintf(path, sizeof(path), "%s/missing", f->disk.dir);
    assert_return_code(store_open(&store, f->disk.worker, path, clock_wall_usec()), 0);
    assert_return_code(store_find_session(store, "one", on_found, f), 0);
    disk_fixture_settle(&f->disk);
    f->disk.worker = worker_free(f->disk.worker);
    store_free(store);
    assert_int_equal(f->answers, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_session_is_found_by_its_id),
        T(test_what_is_no_id_is_not_looked_for),
        T(test_the_last_of_a_runner_is_the_one_recorded_that_ended_last),
        T(test_the_latest_of_a_runner_is_of_all_that_count),
        T(test_who_still_waits_at_the_end_is_answered),
        T(test_a_disk_that_is_not_there_answers_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
