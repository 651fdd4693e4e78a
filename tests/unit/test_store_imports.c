/* SPDX-License-Identifier: MIT */
/* Files in the store: all of one or nothing, once each, beside the sessions that were recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/store.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "old_database.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MOMENT INT64_C(1700000000000000)

struct fixture {
    struct disk_fixture disk;
    struct store *store;
};

static void start(struct fixture *f)
{
    assert_return_code(worker_new(&f->disk.worker, f->disk.event), 0);
    assert_return_code(store_open(&f->store, f->disk.worker, f->disk.dir, clock_wall_usec()), 0);
    assert_null(store_problem(f->store));
    assert_true(store_was_read(f->store));
}

static void stop(struct fixture *f)
{
    f->disk.worker = worker_free(f->disk.worker);
    f->store = store_free(f->store);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    disk_fixture_init(&f->disk);
    f->disk.worker = worker_free(f->disk.worker);
    start(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    stop(f);
    disk_fixture_done(&f->disk);
    free(f);
    return 0;
}

/* ---- what is put ------------------------------------------------------------------------------- */

static struct store_import an_import(const char *runner, enum store_outcome verdict)
{
    struct store_import import = { .hash = HASH_A,
                                   .name = "lauf ä.fit",
                                   .size = 1234,
                                   .mtime_nsec = -5,
                                   .at_usec = MOMENT,
                                   .verdict = verdict,
                                   .n_sessions = verdict == STORE_REFUSED ? 0 : 1,
                                   .own_cadence_spm = NAN,
                                   .own_speed_m_s = NAN };

    snprintf(import.runner, sizeof(import.runner), "%s", runner);
    snprintf(import.reason, sizeof(import.reason), "%s",
             verdict == STORE_REFUSED ? "Refused: for a reason" : "");
    return import;
}

static struct store_session a_session(const char *id, int64_t minute)
{
    struct store_session row;
    struct payload_session *s = &row.session;

    store_session_init(&row);
    row.samples = 1800;
    row.barometric = true;
    snprintf(row.file, sizeof(row.file), HASH_A);
    snprintf(row.sport, sizeof(row.sport), "running");
    snprintf(row.device, sizeof(row.device), "maker product");
    snprintf(s->id, sizeof(s->id), "%s", id);
    snprintf(s->runner, sizeof(s->runner), "anna");
    snprintf(s->day, sizeof(s->day), "2023-11-14");
    snprintf(s->source.distance, sizeof(s->source.distance), "file");
    s->state = SESSION_ENDED;
    s->start_usec = MOMENT + minute * 60000000;
    s->end_usec = s->start_usec + 1800000000;
    s->distance_m = 5000;
    return row;
}

static void put(struct fixture *f, const struct store_import *import,
                const struct store_session *session)
{
    struct store_event event = {
        .kind = EVENT_IMPORT, .runner = "anna", .at_usec = 5, .body = (char *)"{}"
    };
    struct store_imported imported = { .import = import,
                                       .sessions = session,
                                       .n_sessions = session ? 1 : 0,
                                       .events = &event,
                                       .n_events = 1 };

    snprintf(event.id, sizeof(event.id), "import-%s", import->runner);
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
}

/* ---- what there is ----------------------------------------------------------------------------- */

static void add_session(void *userdata, const struct store_session *session)
{
    char *all = userdata;
    size_t at = strlen(all);

    snprintf(all + at, 512 - at, "%s%s%s ", session->session.id, session->instead[0] ? ">" : "",
             session->instead);
}

static void add_import(void *userdata, const struct store_import *import)
{
    char *all = userdata;
    size_t at = strlen(all);

    snprintf(all + at, 512 - at, "%s:%s:%s:%d ", import->runner,
             store_outcome_name(import->verdict), import->name, import->n_sessions);
}

static void assert_there(struct fixture *f, const char *imports, const char *sessions)
{
    char all[512] = "";

    stop(f);
    start(f);
    store_each_import(f->store, add_import, all);
    assert_string_equal(all, imports);
    all[0] = '\0';
    assert_true(store_read_sessions(f->store, add_session, all));
    assert_string_equal(all, sessions);
}

static void keep_session(void *userdata, const struct store_session *session)
{
    *(struct store_session *)userdata = *session;
}

static void keep_b(void *userdata, const struct store_session *session)
{
    if (strcmp(session->session.id, "b") == 0)
        *(struct store_session *)userdata = *session;
}

static void keep_a(void *userdata, const struct store_session *session)
{
    if (strcmp(session->session.id, "a") == 0)
        *(struct store_session *)userdata = *session;
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void test_a_file_with_its_session_comes_back(void **state)
{
    struct fixture *f = *state;
    struct store_import import = an_import("anna", STORE_IMPORTED);
    struct store_session row = a_session("a", 0), back = { 0 };
    size_t n;

    put(f, &import, &row);
    assert_there(f, "anna:imported:lauf ä.fit:1 ", "a ");
    store_events(f->store, &n);
    assert_int_equal(n, 1);
    assert_true(store_read_sessions(f->store, keep_session, &back));
    assert_string_equal(back.file, HASH_A);
    assert_string_equal(back.sport, "running");
    assert_string_equal(back.device, "maker product");
    assert_int_equal(back.samples, 1800);
    assert_true(back.barometric);
    assert_string_equal(back.session.source.distance, "file");
    assert_true(back.session.distance_m == 5000 && isnan(back.session.steps));
    store_last_sessions(f->store, &n); /* it has no recording, and is nobody's last */
    assert_int_equal(n, 0);
    assert_false(store_session_ended(f->store, "a"));
}

static void test_what_was_taken_stays(void **state)
{
    struct fixture *f = *state;
    struct store_import import = an_import("anna", STORE_IMPORTED);
    struct store_session row = a_session("a", 0);

    put(f, &import, &row);
    import = an_import("anna", STORE_REFUSED);
    put(f, &import, NULL);
    assert_there(f, "anna:imported:lauf ä.fit:1 ", "a ");
}

/* Known by its content to both; of whom it was it counts no more, and keeps its name for the other. */
static void test_a_file_that_goes_to_another_runner(void **state)
{
    struct fixture *f = *state;
    struct store_import annas = an_import("anna", STORE_IMPORTED),
                        bens = an_import("ben", STORE_IMPORTED);
    struct store_session row = a_session("a", 0);
    struct store_imported imported = {
        .import = &bens, .from = "anna", .given = "Given to ben", .sessions = &row, .n_sessions = 1
    };

    put(f, &annas, &row);
    snprintf(bens.name, sizeof(bens.name), "what its copy is called");
    snprintf(row.session.runner, sizeof(row.session.runner), "ben");
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
    assert_there(f, "anna:refused:lauf ä.fit:0 ben:imported:lauf ä.fit:1 ", "a ");
    assert_true(store_read_sessions(f->store, keep_session, &row));
    assert_string_equal(row.session.runner, "ben");
    imported.import = &annas; /* and back */
    imported.from = "ben";
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
    assert_there(f, "anna:imported:lauf ä.fit:1 ben:refused:lauf ä.fit:0 ", "a ");
    imported.from = "no topic";
    assert_int_equal(store_put_import(f->store, &imported, NULL, NULL), -EINVAL);
    imported.from = "eve"; /* of whom there is no row: nothing is made up */
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
    assert_there(f, "anna:imported:lauf ä.fit:1 ben:refused:lauf ä.fit:0 ", "a ");
}

/* Whose file it is has all that it ever came to; what is not read from it now counts for nobody. */
static void test_a_file_that_goes_leaves_no_session_behind(void **state)
{
    struct fixture *f = *state;
    struct store_import annas = an_import("anna", STORE_IMPORTED),
                        bens = an_import("ben", STORE_IMPORTED);
    struct store_session row = a_session("a", 0), left = a_session("b", 0);
    struct store_imported imported = { .import = &bens, .from = "anna", .given = "Given to ben" };

    put(f, &annas, &row);
    put(f, &annas, &left);
    snprintf(row.session.runner, sizeof(row.session.runner), "ben");
    imported.sessions = &row;
    imported.n_sessions = 1;
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
    stop(f);
    start(f);
    assert_true(store_read_sessions(f->store, keep_a, &left));
    assert_string_equal(left.session.id, "a");
    assert_string_equal(left.session.runner, "ben");
    assert_int_equal(left.session.state, SESSION_ENDED);
    left = (struct store_session){ 0 };
    assert_true(store_read_sessions(f->store, keep_b, &left));
    assert_string_equal(left.session.id, "b");
    assert_string_equal(left.session.runner, "ben");
    assert_int_equal(left.session.state, SESSION_DISCARDED);
    assert_string_equal(left.reason, STORE_NOT_IN_FILE);
    assert_true(left.session.distance_m == 5000);
}

static int count_rows(struct fixture *f, const char *table)
{
    char sql[64];
    sqlite3 *db;
    sqlite3_stmt *s;
    int n;

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    assert_int_equal(sqlite3_open(disk_path(&f->disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    n = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

/* Also one that is given by who does not know of it; what is blank stays so. */
static void test_what_was_deleted_stays_so_whoever_reads_its_file(void **state)
{
    struct fixture *f = *state;
    struct store_import annas = an_import("anna", STORE_IMPORTED),
                        bens = an_import("ben", STORE_IMPORTED);

    for (int blank = 0; blank < 2; blank++) {
        struct store_session read = a_session("a", 0), row = read, back = { 0 };
        struct store_level level = { .id = "a", .runner = "ben", .start_usec = MOMENT };
        struct store_imported imported = { .import = blank ? &annas : &bens,
                                           .from = blank ? "ben" : "anna",
                                           .given = "Given",
                                           .sessions = &read,
                                           .n_sessions = 1,
                                           .levels = &level,
                                           .n_levels = 1 };

        level_init(&level.level);
        level.level.seconds = 600;
        row.session.state = SESSION_DISCARDED;
        snprintf(row.reason, sizeof(row.reason), STORE_DELETED);
        if (blank)
            store_session_blank(&row);
        if (!blank)
            put(f, &annas, &row);
        else
            assert_return_code(store_put_session(f->store, &row, NULL, 0, NULL, NULL), 0);
        snprintf(read.session.runner, sizeof(read.session.runner), "%s", imported.import->runner);
        assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
        stop(f);
        start(f);
        assert_true(store_read_sessions(f->store, keep_session, &back));
        assert_string_equal(back.session.runner, imported.import->runner);
        assert_true(store_session_is_deleted(&back));
        assert_int_equal(back.session.state, SESSION_DISCARDED);
        assert_int_equal(store_session_is_blank(&back), blank);
        assert_true(blank || back.session.distance_m == 5000);
        assert_int_equal(count_rows(f, "levels"), !blank);
    }
}

static void test_a_refusal_gives_way(void **state)
{
    struct fixture *f = *state;
    struct store_import import = an_import("anna", STORE_REFUSED);
    struct store_session row = a_session("a", 0);

    put(f, &import, NULL);
    assert_there(f, "anna:refused:lauf ä.fit:0 ", "");
    import = an_import("anna", STORE_PARTLY);
    put(f, &import, &row);
    assert_there(f, "anna:partly:lauf ä.fit:1 ", "a ");
    import = an_import("ben", STORE_REFUSED);
    put(f, &import, NULL);
    assert_there(f, "anna:partly:lauf ä.fit:1 ben:refused:lauf ä.fit:0 ", "a ");
}

static void test_a_choice_between_a_file_and_a_recording(void **state)
{
    struct fixture *f = *state;
    struct store_session live = a_session("live", 1), file = a_session("file", 0);
    struct store_import import = an_import("anna", STORE_IMPORTED);
    struct store_choice choice = { .id = "live", .instead = "file" };
    struct store_imported imported = {
        .import = &import, .sessions = &file, .n_sessions = 1, .choices = &choice, .n_choices = 1
    };

    live.file[0] = '\0';
    assert_return_code(store_put_session(f->store, &live, NULL, 0, NULL, NULL), 0);
    assert_return_code(store_put_import(f->store, &imported, NULL, NULL), 0);
    assert_there(f, "anna:imported:lauf ä.fit:1 ", "live>file file ");
    choice.instead[0] = '\0';
    assert_return_code(store_put_choices(f->store, &choice, 1), 0);
    assert_there(f, "anna:imported:lauf ä.fit:1 ", "live file ");
}

static void keep_read_with(void *userdata, const struct store_import *import)
{
    *(uint64_t *)userdata = import->read_with;
}

static void test_a_reading_that_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct store_import import = an_import("anna", STORE_IMPORTED);
    struct store_session row = a_session("a", 0);
    uint64_t read_with = 1;

    import.read_with = 7;
    put(f, &import, &row);
    assert_return_code(store_forget_reading(f->store, HASH_A), 0);
    assert_int_equal(store_forget_reading(f->store, "x"), -EINVAL);
    stop(f);
    start(f);
    store_each_import(f->store, keep_read_with, &read_with);
    assert_int_equal(read_with, 0);
}

static void test_what_is_no_import(void **state)
{
    struct fixture *f = *state;
    struct store_session row = a_session("a", 0), bad = a_session("../a", 0);
    static const char *const labels[] = { "hash", "runner", "name", "size", "sessions" };

    for (int i = 0; i < 5; i++) {
        struct store_import import = an_import("anna", STORE_IMPORTED);
        struct store_imported imported = { .import = &import, .sessions = &row, .n_sessions = 1 };

        if (i == 0)
            import.hash[0] = 'G';
        if (i == 1)
            import.runner[0] = '\0';
        if (i == 2)
            import.name[0] = '\n';
        if (i == 3)
            import.size = -1;
        if (i == 4)
            imported.sessions = &bad;
        if (store_put_import(f->store, &imported, NULL, NULL) != -EINVAL)
            fail_msg("%s", labels[i]);
    }
    assert_there(f, "", "");
}

/* As version 3 left it: nothing of what it knew is lost. */
static void test_a_database_from_before_there_were_imports(void **state)
{
    struct fixture *f = *state;
    struct store_session live = a_session("live", 0);
    size_t n;

    live.file[0] = '\0';
    assert_return_code(store_put_session(f->store, &live, NULL, 0, NULL, NULL), 0);
    stop(f);
    old_database_make(disk_path(&f->disk, "strided.db"), 3);
    start(f);
    assert_there(f, "", "live ");
    assert_string_equal(store_last_sessions(f->store, &n)->session.id, "live");
    assert_true(store_session_ended(f->store, "live"));
}

static void run_sql(struct fixture *f, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(disk_path(&f->disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void keep_reading(void *userdata, const struct store_import *import)
{
    *(uint64_t *)userdata = import->read_with;
}

/* Nothing else is left of it but the kept copy, of which what it was read with is not known any more. */
static void test_a_session_that_is_not_valid_is_read_from_its_file_again(void **state)
{
    static const struct {
        const char *label, *sql;
        uint64_t read_with;
    } rows[] = {
        { "nothing", "SELECT 1", 7 },
        { "a figure", "UPDATE sessions SET trimp = 9e999", 0 },
        { "an id", "UPDATE sessions SET id = '../a'", 0 },
        { "another file", "UPDATE sessions SET trimp = -1, file = replace(file, 'a', 'b')", 7 },
        { "no hash", "UPDATE sessions SET trimp = -1, file = 'x'", 7 },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct fixture *f;
        struct store_import import = an_import("anna", STORE_IMPORTED);
        struct store_session row = a_session("a", 0);
        char all[512] = "";
        uint64_t read_with = 1;

        setup((void **)&f);
        import.read_with = 7;
        put(f, &import, &row);
        stop(f);
        run_sql(f, rows[i].sql);
        start(f);
        assert_true(store_read_sessions(f->store, add_session, all));
        assert_string_equal(all, i ? "" : "a ");
        store_each_import(f->store, keep_reading, &read_with);
        if (read_with != rows[i].read_with)
            fail_msg("%s: %d", rows[i].label, (int)read_with);
        teardown((void **)&f);
    }
}

static void test_an_import_that_is_not_valid_is_there(void **state)
{
    static const struct {
        const char *sql, *there;
    } rows[] = {
        { "UPDATE imports SET reason = char(7)", "anna:imported:not known:0 " },
        { "UPDATE imports SET verdict = 'perhaps'", "anna:imported:not known:0 " },
        { "UPDATE imports SET verdict = 'refused', size = -1", "anna:refused:not known:0 " },
        { "UPDATE imports SET runner = 'a/b'", "" },
        { "UPDATE imports SET hash = 'x'", "" },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct fixture *f;
        struct store_import import = an_import("anna", STORE_IMPORTED);
        struct store_session row = a_session("a", 0);
        char all[512] = "";

        setup((void **)&f);
        put(f, &import, &row);
        stop(f);
        run_sql(f, rows[i].sql);
        start(f);
        store_each_import(f->store, add_import, all);
        assert_string_equal(all, rows[i].there);
        assert_non_null(strstr(store_problem(f->store), "1 row that is not valid"));
        teardown((void **)&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_with_its_session_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_taken_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_refusal_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_deleted_stays_so_whoever_reads_its_file,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_goes_to_another_runner, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_reading_that_is_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_goes_leaves_no_session_behind, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_choice_between_a_file_and_a_recording, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_import, setup, teardown),
        cmocka_unit_test(test_an_import_that_is_not_valid_is_there),
        cmocka_unit_test(test_a_session_that_is_not_valid_is_read_from_its_file_again),
        cmocka_unit_test_setup_teardown(test_a_database_from_before_there_were_imports, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
