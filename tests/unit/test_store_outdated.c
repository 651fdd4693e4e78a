/* SPDX-License-Identifier: MIT */
/* Which files would come to something else now: by their reader, and by the sessions that they are
 * compared with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/store.h"
#include "disk_fixture.h"
#include "fake_clock.h"

#define MOMENT INT64_C(1700000000000000)
#define DAY    INT64_C(86400000000)
#define NOW    7 /* what the reader of anna's files is now */

static struct {
    struct disk_fixture disk;
    struct store *store;
    char gone; /* files of this hash have no copy */
    bool answered;
    struct store_outdated answer;
    char sessions[200]; /* of the answer */
} f;

static void start(void)
{
    assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    assert_true(store_was_read(f.store));
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
    f.disk.worker = worker_free(f.disk.worker);
    start();
    return 0;
}

static int teardown(void **state)
{
    stop();
    disk_fixture_done(&f.disk);
    return 0;
}

/* ---- what is put ------------------------------------------------------------------------------- */

/* The file of a run on this day: its hash is this digit, its session this letter. */
struct file {
    char hash, session;
    int day;
    uint64_t read_with;
    double own;     /* NAN: it is compared with nothing */
    double level_m; /* run on the level in 2000 s, at 160 steps a minute; 0: none */
    bool again, refused;
};

static struct store_import an_import(const struct file *file)
{
    struct store_import import;

    store_import_init(&import);
    memset(import.hash, file->hash, sizeof(import.hash) - 1);
    snprintf(import.runner, sizeof(import.runner), "anna");
    snprintf(import.name, sizeof(import.name), "%c.fit", file->hash);
    import.at_usec = MOMENT;
    import.verdict = file->refused ? STORE_REFUSED : STORE_IMPORTED;
    import.n_sessions = !file->refused;
    import.read_with = file->read_with;
    import.compared_usec = MOMENT + file->day * DAY;
    import.own_speed_m_s = file->own;
    import.own_cadence_spm = isnan(file->own) ? NAN : 160;
    return import;
}

static struct store_session a_session(const struct file *file)
{
    struct store_session row;

    store_session_init(&row);
    memset(row.file, file->hash, sizeof(row.file) - 1);
    snprintf(row.session.id, sizeof(row.session.id), "%c-0", file->session);
    snprintf(row.session.runner, sizeof(row.session.runner), "anna");
    row.session.kind = SESSION_RUN;
    row.session.state = SESSION_ENDED;
    row.session.start_usec = MOMENT + file->day * DAY;
    row.session.end_usec = row.session.start_usec + 2000000000;
    row.session.cadence_mean_spm = 160;
    return row;
}

static struct store_level a_level(const struct file *file)
{
    struct store_level level = { .start_usec = MOMENT + file->day * DAY };

    snprintf(level.id, sizeof(level.id), "%c-0", file->session);
    snprintf(level.runner, sizeof(level.runner), "anna");
    if (file->level_m > 0)
        level_add(&level.level, file->level_m / 2000, 160, 2000);
    return level;
}

static void put(const struct file *file)
{
    const struct store_import import = an_import(file);
    const struct store_session session = a_session(file);
    const struct store_level level = a_level(file);
    struct store_imported imported = { .import = &import, .again = file->again };

    if (!file->refused) {
        imported.sessions = &session;
        imported.levels = &level;
        imported.n_sessions = imported.n_levels = 1;
    }
    assert_return_code(store_put_import(f.store, &imported, NULL, NULL), 0);
}

static void discard(const struct file *file)
{
    struct store_session session = a_session(file);

    session.session.state = SESSION_DISCARDED;
    assert_return_code(store_put_session(f.store, &session, NULL, 0, NULL, NULL), 0);
}

/* ---- what is asked ----------------------------------------------------------------------------- */

static bool has_copy(void *where, const char *runner, const char *hash)
{
    assert_string_equal(where, "here");
    assert_string_equal(runner, "anna");
    return hash[0] != f.gone;
}

static void on_answer(void *userdata, int error, const struct store_outdated *outdated)
{
    assert_int_equal(error, 0);
    f.answered = true;
    f.answer = *outdated;
    f.sessions[0] = '\0';
    for (size_t i = 0; i < outdated->n_sessions; i++)
        snprintf(f.sessions + strlen(f.sessions), 20, "%.15s ", outdated->sessions[i].session.id);
}

static const struct store_outdated *ask(int64_t after)
{
    static const struct store_reader readers[] = { { "ben", 1 }, { "anna", NOW } };
    const struct store_outdated_question question = { .after = after,
                                                      .readers = readers,
                                                      .n_readers = 2,
                                                      .has_copy = has_copy,
                                                      .where = (void *)"here",
                                                      .done = on_answer };

    f.answered = false;
    assert_return_code(store_find_outdated(f.store, &question), 0);
    while (!f.answered)
        assert_true(sd_event_run(f.disk.event, UINT64_MAX) >= 0);
    return &f.answer;
}

/* The hashes of all that are outdated, each looked at as it is. */
static void assert_outdated(const char *label, const char *hashes)
{
    char all[80] = "";

    for (int64_t at = 0; !ask(at)->end; at = f.answer.at)
        if (f.answer.found)
            all[strlen(all)] = f.answer.import.hash[0];
    if (strcmp(all, hashes) != 0)
        fail_msg("%s: %s", label, all);
}

/* ---- situations -------------------------------------------------------------------------------- */

static void test_another_reader(void **state)
{
    put(&(struct file){ 'a', 'a', 0, NOW, NAN, 0 });
    put(&(struct file){ 'b', 'b', 1, NOW + 1, NAN, 0 });
    put(&(struct file){ 'c', 'c', 2, 0, NAN, 0 });
    put(&(struct file){ 'd', 'd', 3, 0, NAN, 0, .refused = true });
    assert_outdated("another, and none", "bc");
    assert_true(ask(0)->settings);
    assert_string_equal(f.answer.import.name, "b.fit");
    assert_int_equal(f.answer.import.read_with, NOW);
    assert_string_equal(f.sessions, "b-0 ");
    put(&(struct file){ 'b', 'b', 1, NOW, NAN, 0, .again = true });
    assert_outdated("one is read again", "c");
    stop();
    start();
    assert_outdated("it is in the rows", "c");
}

static void test_a_row_that_is_read_again_keeps_its_name(void **state)
{
    const struct file file = { 'a', 'a', 0, 1, NAN, 0 };
    struct store_import import = an_import(&file);
    struct store_imported imported = { .import = &import, .again = true };

    put(&file);
    snprintf(import.name, sizeof(import.name), "a.gz");
    import.at_usec = 1;
    import.read_with = 2;
    assert_return_code(store_put_import(f.store, &imported, NULL, NULL), 0);
    ask(0);
    assert_string_equal(f.answer.import.name, "a.fit");
    assert_int_equal(f.answer.import.at_usec, MOMENT);
    memset(import.hash, 'b', sizeof(import.hash) - 1); /* and one that is not there stays away */
    assert_return_code(store_put_import(f.store, &imported, NULL, NULL), 0);
    assert_outdated("one", "a");
}

/* What came in last is compared with nothing; what it makes of the others is found out. */
static void test_older_files_that_follow(void **state)
{
    put(&(struct file){ 'c', 'c', 40, NOW, NAN, 5000 });
    put(&(struct file){ 'b', 'b', 20, NOW, NAN, 6000 });
    assert_outdated("one was run before it", "c");
    assert_false(ask(0)->settings);
    assert_true(f.answer.own.cadence_spm == 160);
    assert_true(fabs(f.answer.own.speed_m_s - 3.05) < 0.051); /* 6000 m, in a bin of 0.1 m/s */
    assert_int_equal(f.answer.own_usec, MOMENT + 40 * DAY);
    put(&(struct file){ 'c', 'c', 40, NOW, f.answer.own.speed_m_s, 5000, .again = true });
    assert_outdated("and is compared with", "");
    put(&(struct file){ 'a', 'a', -10, NOW, NAN, 4000 });
    assert_outdated("more than 28 days before either", "");
    put(&(struct file){ 'd', 'd', 19, NOW, NAN, 4000 });
    assert_outdated("less than 28 days before either", "cb");
}

static void test_a_session_that_is_an_example_no_more(void **state)
{
    const struct file before = { 'a', 'a', 0, NOW, NAN, 6000 };
    struct store_choice choice = { .id = "a-0", .instead = "z-0" };

    put(&before);
    put(&(struct file){ 'b', 'b', 1, NOW, NAN, 5000 });
    put(&(struct file){ 'b', 'b', 1, NOW, ask(0)->own.speed_m_s, 5000, .again = true });
    assert_outdated("all is well", "");
    assert_return_code(store_put_choices(f.store, &choice, 1), 0);
    assert_outdated("another counts in its place", "b");
    choice.instead[0] = '\0';
    assert_return_code(store_put_choices(f.store, &choice, 1), 0);
    assert_outdated("it counts again", "");
    discard(&before);
    assert_outdated("it is discarded", "b");
    assert_true(isnan(ask(0)->own.speed_m_s));
}

static void test_a_level_that_is_as_it_was_asks_for_nothing(void **state)
{
    put(&(struct file){ 'a', 'a', 0, NOW, NAN, 6000 });
    put(&(struct file){ 'b', 'b', 1, NOW, NAN, 0 });
    put(&(struct file){ 'b', 'b', 1, NOW, ask(0)->own.speed_m_s, 0, .again = true });
    put(&(struct file){ 'a', 'a', 0, NOW, NAN, 6000, .again = true });
    assert_outdated("the same", "");
    put(&(struct file){ 'a', 'a', 0, NOW, NAN, 0, .again = true });
    assert_outdated("none any more", "b");
    assert_true(isnan(ask(0)->own.speed_m_s));
}

static void test_a_copy_that_is_gone_is_counted_once(void **state)
{
    put(&(struct file){ 'a', 'a', 0, 1, NAN, 0 });
    put(&(struct file){ 'b', 'b', 1, 1, NAN, 0 });
    f.gone = 'a';
    assert_true(ask(0)->found);
    assert_int_equal(f.answer.n_lost, 1);
    assert_int_equal(f.answer.import.hash[0], 'b');
    assert_int_equal(ask(0)->n_lost, 0);
    assert_outdated("and not found again", "b");
}

static void edit(const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(disk_path(&f.disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Our columns in a table that promises nothing of them: quick_check finds nothing wrong with it. */
static void test_a_table_that_somebody_made_anew(void **state)
{
    put(&(struct file){ 'a', 'a', 0, 1, NAN, 0 });
    put(&(struct file){ 'b', 'b', 1, 1, NAN, 0 });
    stop();
    edit("CREATE TABLE loose AS SELECT * FROM imports; DROP TABLE imports;"
         "ALTER TABLE loose RENAME TO imports; UPDATE imports SET verdict = NULL WHERE seq = 1;"
         "CREATE UNIQUE INDEX key ON imports (hash, runner)");
    start();
    assert_null(store_problem(f.store)); /* nobody has looked at its rows */
    assert_outdated("the row that is none is left out", "b");
}

/* Each look takes a bounded time, and all of them are looked at. */
static void test_many(void **state)
{
    size_t n_lost = 0, n_asked = 0;

    for (unsigned i = 0; i < 300; i++) {
        struct store_import import = an_import(&(struct file){ 'a', 'a', 0, 1, NAN, 0 });
        const struct store_imported imported = { .import = &import };
        char digits[4];

        snprintf(digits, sizeof(digits), "%03u", i % 1000);
        memcpy(import.hash + 1, digits, 3);
        assert_return_code(store_put_import(f.store, &imported, NULL, NULL), 0);
    }
    f.gone = 'a';
    for (int64_t at = 0; n_asked++ == 0 || !f.answer.end; at = f.answer.at) {
        n_lost += ask(at)->n_lost;
        assert_true(f.answer.n_lost <= 64);
    }
    assert_int_equal(n_lost, 300);
    assert_true(n_asked > 4);
    f.gone = '\0';
    assert_outdated("all of them are settled", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_another_reader, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_row_that_is_read_again_keeps_its_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_older_files_that_follow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_session_that_is_an_example_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_level_that_is_as_it_was_asks_for_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_copy_that_is_gone_is_counted_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_table_that_somebody_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
