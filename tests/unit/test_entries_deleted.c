/* SPDX-License-Identifier: MIT */
/* Sessions that are to go: aside for a day, back, and away for good; over restarts, and with a clock that is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/entries/deleted.h"
#include "daemon/util.h"
#include "lib/digest.h"
#include "disk_fixture.h"
#include "fake_clock.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HOUR UINT64_C(3600000000)

static struct {
    struct disk_fixture disk;
    struct store *store;
    struct deleted *deleted;
    enum clock_state clock;
    int result;
    int n_found;
    char found[SESSION_ID_MAX];
    bool settles;
    struct store_session row;
} f;

static int rotten_after = -1; /* reads of a file that succeed; < 0: all */
static size_t read_most;      /* bytes at once; 0: all */
static int n_unread;          /* times that it was said */

ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    struct stat st;

    if (rotten_after < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return __real_read(fd, bytes, size);
    if (rotten_after-- > 0)
        return __real_read(fd, bytes, read_most && read_most < size ? read_most : size);
    rotten_after = 0;
    errno = EIO;
    return -1;
}

__attribute__((format(printf, 3, 4))) void __wrap_log_full(int level, const char *const *fields,
                                                           const char *format, ...);
void __wrap_log_full(int level, const char *const *fields, const char *format, ...)
{
    n_unread += strstr(format, "cannot be read") != NULL;
}

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return f.clock;
}

static void on_found(void *userdata, const struct deleted_session *session)
{
    f.n_found++;
    snprintf(f.found, sizeof(f.found), "%s", session->id);
    if (f.settles)
        deleted_settled(f.deleted, session->id);
}

static void open_all(void)
{
    struct deleted_parts parts = { .state_dir = f.disk.dir, .on_found = on_found };

    if (!f.disk.worker)
        assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    parts.event = f.disk.event;
    parts.worker = f.disk.worker;
    parts.store = f.store;
    f.n_found = 0;
    assert_return_code(deleted_new(&f.deleted, &parts), 0);
    disk_fixture_settle(&f.disk);
    fake_clock_advance(1); /* those that were read are told of */
}

static void close_all(void)
{
    f.disk.worker = worker_free(f.disk.worker);
    f.deleted = deleted_free(f.deleted);
    f.store = store_free(f.store);
}

static void folder(const char *name)
{
    (void)mkdir(disk_path(&f.disk, name), 0750);
}

static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    f.clock = CLOCK_SYNCED;
    f.settles = true;
    rotten_after = -1;
    fake_clock_set_wall(FAKE_WALL_USEC);
    disk_fixture_init(&f.disk);
    folder("sessions");
    folder("logged");
    folder("notes");
    folder("imported");
    folder("imported/anna");
    open_all();
    return 0;
}

static int teardown(void **state)
{
    close_all();
    disk_fixture_done(&f.disk);
    return 0;
}

static void make(const char *name)
{
    disk_write(&f.disk, name, name, strlen(name));
}

static bool is_there(const char *name)
{
    return access(disk_path(&f.disk, name), F_OK) == 0;
}

static void on_done(void *userdata, int result)
{
    f.result = result;
}

static int settled(int r)
{
    if (r < 0)
        return r;
    f.result = 1;
    disk_fixture_settle(&f.disk);
    return f.result;
}

static int keep(const char *id, const char *file, bool by_hand)
{
    struct deleted_session session = { .at_usec = f.clock == CLOCK_UNSET ? 0 : clock_wall_usec(),
                                       .was = SESSION_ENDED,
                                       .by_hand = by_hand };
    struct store_session row;

    snprintf(session.id, sizeof(session.id), "%s", id);
    snprintf(session.file, sizeof(session.file), "%s", file);
    strcpy(session.runner, "anna");
    strcpy(session.reason, "stopped by command");
    store_session_init(&row);
    memcpy(row.session.id, session.id, sizeof(session.id));
    memcpy(row.file, session.file, sizeof(session.file));
    row.session.state = SESSION_DISCARDED;
    strcpy(row.reason, STORE_DELETED);
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    return settled(deleted_keep(f.deleted, &session, on_done, NULL));
}

static void on_row(void *userdata, int result, const struct store_session *row)
{
    f.result = result;
    if (row)
        f.row = *row;
}

static int find_row(const char *id)
{
    return settled(store_find_session(f.store, id, on_row, NULL));
}

static void pass(uint64_t hours)
{
    fake_clock_advance(hours * HOUR);
    disk_fixture_settle(&f.disk);
    disk_fixture_settle(&f.disk);
}

static void test_a_recording_is_aside_for_a_day(void **state)
{
    make("sessions/one.rec");
    make("sessions/one.rec.other");
    make("sessions/one.recent");
    make("sessions/ones.rec");
    make("notes/one");
    assert_int_equal(keep("one", "", false), 0);
    assert_false(is_there("sessions/one.rec") || is_there("sessions/one.rec.other"));
    assert_true(is_there("sessions/one.recent") && is_there("sessions/ones.rec"));
    assert_true(is_there("deleted/.recordings/one.rec"));
    pass(23);
    assert_true(is_there("deleted/.recordings/one.rec"));
    assert_non_null(deleted_find(f.deleted, "one"));
    assert_string_equal(deleted_find(f.deleted, "one")->reason, "stopped by command");
    assert_int_equal(settled(deleted_bring_back(f.deleted, "one", on_done, NULL)), 0);
    assert_int_equal(settled(deleted_forget(f.deleted, "one", on_done, NULL)), 0);
    assert_true(is_there("sessions/one.rec") && is_there("sessions/one.rec.other"));
    assert_null(deleted_find(f.deleted, "one"));
    pass(48);
    assert_true(is_there("sessions/one.rec") && is_there("notes/one"));
    assert_int_equal(keep("one", "", false), 0);
    pass(25);
    assert_false(is_there("sessions/one.rec") || is_there("deleted/.recordings/one.rec") ||
                 is_there("deleted/.recordings/one.rec.other") || is_there("notes/one") ||
                 is_there("deleted/one"));
    assert_true(is_there("sessions/one.recent") && is_there("sessions/ones.rec"));
    assert_null(deleted_find(f.deleted, "one"));
    assert_int_equal(find_row("one"), -ENOENT);
}

static void put_merged(const char *id, const char *into)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    row.session.state = SESSION_DISCARDED;
    snprintf(row.reason, sizeof(row.reason), STORE_MERGED "%s", into);
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
}

/* The belt that two shared was recorded apart; what of it did not come over whole is a session of its own. */
static void test_what_it_took_in_goes_with_it(void **state)
{
    static const char text[] = "strided-recording 1 plain\n"
                               "S 1 belt C0:DE:00:00:00:01 auto 1 b\n"
                               "J 5000000 belt 1\n"
                               "S 2 belt C0:DE:00:00:00:01 auto 1 b\n"
                               "M 5000000 belt\n"
                               "J 6000000 torn 2\n"
                               "S 3 belt C0:DE:00:00:00:01 auto 1 b\n";

    disk_write(&f.disk, "sessions/one.rec", text, strlen(text));
    make("sessions/belt.rec");
    make("sessions/torn.rec");
    make("sessions/two.rec");
    put_merged("belt", "one");
    put_merged("elsewhere", "two");
    assert_int_equal(keep("one", "", false), 0);
    assert_false(is_there("sessions/one.rec") || is_there("sessions/belt.rec"));
    assert_true(is_there("sessions/torn.rec") && is_there("sessions/two.rec"));
    assert_int_equal(settled(deleted_bring_back(f.deleted, "one", on_done, NULL)), 0);
    assert_true(is_there("sessions/one.rec") && is_there("sessions/belt.rec"));
    assert_int_equal(settled(deleted_forget(f.deleted, "one", on_done, NULL)), 0);
    assert_int_equal(keep("one", "", false), 0);
    pass(25);
    assert_false(is_there("deleted/.recordings/one.rec") ||
                 is_there("deleted/.recordings/belt.rec") || is_there("sessions/belt.rec"));
    assert_true(is_there("sessions/torn.rec") && is_there("sessions/two.rec"));
    assert_int_equal(find_row("one"), -ENOENT);
    assert_int_equal(find_row("belt"), -ENOENT);
    assert_int_equal(find_row("elsewhere"), 0);
}

/* On a card that wears out; what can be read of it tells what goes with it. */
static void test_what_cannot_be_read_goes_all_the_same(void **state)
{
    static const char text[] = "strided-recording 1 plain\n"
                               "J 5000000 belt 1\n"
                               "S 2 belt C0:DE:00:00:00:01 auto 1 b\n"
                               "M 5000000 belt\n",
                      rest[] = "J 6000000 other 1\n"
                               "S 2 belt C0:DE:00:00:00:01 auto 1 b\n"
                               "M 6000000 other\n";
    char all[sizeof(text) + sizeof(rest)];

    snprintf(all, sizeof(all), "%s%s", text, rest);
    for (int reads = 0; reads < 2; reads++) {
        disk_write(&f.disk, "sessions/one.rec", all, strlen(all));
        make("sessions/belt.rec");
        make("sessions/other.rec");
        read_most = strlen(text);
        n_unread = 0;
        rotten_after = reads;
        assert_int_equal(keep("one", "", false), 0);
        rotten_after = -1;
        assert_int_equal(n_unread, 1);
        assert_false(is_there("sessions/one.rec"));
        assert_true(is_there("deleted/.recordings/one.rec"));
        assert_int_equal(is_there("sessions/belt.rec"), reads == 0);
        assert_true(is_there("sessions/other.rec"));
        rotten_after = reads;
        assert_int_equal(settled(deleted_bring_back(f.deleted, "one", on_done, NULL)), 0);
        rotten_after = -1;
        assert_true(is_there("sessions/one.rec") && is_there("sessions/belt.rec"));
        assert_int_equal(settled(deleted_forget(f.deleted, "one", on_done, NULL)), 0);
    }
    rotten_after = 0;
    assert_int_equal(keep("one", "", false), 0);
    close_all(); /* whoever starts again says it again, at most */
    rotten_after = -1;
    open_all();
    rotten_after = 0;
    pass(25);
    rotten_after = -1;
    assert_false(is_there("deleted/.recordings/one.rec") || is_there("deleted/one"));
}

/* Nor what cannot even be opened. */
static void test_what_cannot_be_opened_goes_all_the_same(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    n_unread = 0;
    assert_return_code(fd, errno);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s",
             disk_path(&f.disk, "sessions/one.rec"));
    assert_return_code(bind(fd, (struct sockaddr *)&address, sizeof(address)), errno);
    close(fd);
    assert_int_equal(keep("one", "", false), 0);
    assert_int_equal(n_unread, 1);
    assert_false(is_there("sessions/one.rec"));
    pass(25);
    assert_false(is_there("deleted/.recordings/one.rec") || is_there("deleted/one"));
}

static void test_it_goes_over_restarts(void **state)
{
    make("logged/hand");
    assert_int_equal(keep("hand", "", true), 0);
    for (int i = 0; i < 3; i++) {
        close_all();
        open_all();
        assert_non_null(deleted_find(f.deleted, "hand"));
        assert_int_equal(f.n_found, 1);
        assert_string_equal(f.found, "hand");
        pass(7);
    }
    assert_true(is_there("logged/hand"));
    close_all();
    open_all();
    pass(7);
    assert_false(is_there("logged/hand") || is_there("deleted/hand"));
    close_all();
    open_all();
    assert_int_equal(f.n_found, 0);
}

/* Of one that is not known to be deleted in the database nothing is taken away. */
static void test_what_was_cut_off_is_asked_for_until_it_is_done(void **state)
{
    make("sessions/one.rec");
    assert_int_equal(keep("one", "", false), 0);
    close_all();
    f.settles = false;
    open_all();
    assert_int_equal(f.n_found, 1);
    fake_clock_advance(UINT64_C(61000000));
    assert_int_equal(f.n_found, 2);
    pass(30);
    assert_true(is_there("deleted/.recordings/one.rec"));
    f.settles = true;
    fake_clock_advance(UINT64_C(61000000));
    pass(2);
    assert_false(is_there("deleted/.recordings/one.rec"));
}

static void test_a_file_goes_with_the_last_of_its_sessions(void **state)
{
    struct store_session other;

    make("imported/anna/" HASH ".gz");
    make("imported/anna/" HASH ".days");
    make("imported/" HASH ".discarded");
    store_session_init(&other);
    strcpy(other.session.id, "b");
    strcpy(other.file, HASH);
    other.session.state = SESSION_ENDED;
    assert_return_code(store_put_session(f.store, &other, NULL, 0, NULL, NULL), 0);
    assert_int_equal(keep("a", HASH, false), 0);
    pass(25);
    assert_true(is_there("imported/anna/" HASH ".gz")); /* the other is made of it */
    assert_false(is_there("imported/" HASH ".deleted"));
    assert_int_equal(find_row("a"), 0);
    assert_true(store_session_is_deleted(&f.row));
    assert_true(is_there("imported/anna/" HASH ".days"));
    assert_int_equal(keep("b", HASH, false), 0);
    pass(25);
    assert_false(is_there("imported/anna/" HASH ".gz") || is_there("imported/anna/" HASH ".days"));
    assert_true(is_there("imported/" HASH ".deleted"));
    assert_false(is_there("imported/" HASH ".discarded"));
    assert_int_equal(find_row("b"), -ENOENT);
}

/* A file that was given away lies with whom it was given to. */
static void test_a_copy_goes_with_whomever_it_lies(void **state)
{
    folder("imported/ben");
    make("imported/ben/" HASH ".gz");
    make("imported/ben/" HASH ".days");
    make("imported/ben/another.gz");
    assert_int_equal(keep("a", HASH, false), 0);
    pass(25);
    assert_false(is_there("imported/ben/" HASH ".gz") || is_there("imported/ben/" HASH ".days"));
    assert_true(is_there("imported/ben/another.gz") && is_there("imported/" HASH ".deleted"));
}

/* In the database or its log, as bytes. */
static bool is_on_disk(const char *words)
{
    static const char *const names[] = { "strided.db", "strided.db-wal" };

    for (size_t i = 0; i < ELEMENTSOF(names); i++) {
        size_t length;
        bool found;
        char *bytes = is_there(names[i]) ? disk_read(&f.disk, names[i], &length) : NULL;

        found = bytes && memmem(bytes, length, words, strlen(words));
        free(bytes);
        if (found)
            return true;
    }
    return false;
}

static void say_because_of(const char *event, const char *id, const char *sentence)
{
    struct store_said row = {
        .at_usec = clock_wall_usec(), .value = 1, .reference = 1, .limit = 1
    };

    strcpy(row.id, event);
    strcpy(row.runner, "anna");
    strcpy(row.rule, "one_run");
    strcpy(row.news, "crossed");
    strcpy(row.verdict, "caution");
    strcpy(row.day, "2026-11-20");
    strcpy(row.evidence, "B");
    snprintf(row.sentence, sizeof(row.sentence), "%s", sentence);
    snprintf(row.session, sizeof(row.session), "%016" PRIx64, digest_text(id));
    assert_return_code(
        store_put_judged(f.store, &(struct store_judged){ .said = &row, .n_said = 1 }, NULL, NULL),
        0);
    disk_fixture_settle(&f.disk);
}

static void test_what_was_said_of_it_goes_with_it_from_every_page(void **state)
{
    make("sessions/one.rec");
    say_because_of("alert-1", "one", "the run that is to be forgotten");
    say_because_of("alert-2", "two", "the run that stays");
    assert_int_equal(keep("one", "", false), 0);
    assert_true(is_on_disk("to be forgotten"));
    pass(25);
    assert_int_equal(find_row("one"), -ENOENT);
    assert_false(is_on_disk("to be forgotten"));
    assert_true(is_on_disk("the run that stays"));
}

/* The other one came in with it. */
static void test_a_row_that_stays_has_no_figures(void **state)
{
    struct store_session row;

    make("imported/anna/" HASH ".gz");
    store_session_init(&row);
    strcpy(row.session.id, "b");
    strcpy(row.file, HASH);
    row.session.state = SESSION_ENDED;
    row.session.distance_m = 4321;
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    assert_int_equal(keep("a", HASH, false), 0);
    strcpy(row.session.id, "a");
    strcpy(row.device, "a watch to be forgotten");
    strcpy(row.session.runner, "anna");
    row.session.state = SESSION_DISCARDED;
    strcpy(row.reason, STORE_DELETED);
    row.session.start_usec = 1;
    row.session.end_usec = 2;
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    pass(25);
    assert_int_equal(find_row("a"), 0);
    assert_true(store_session_is_deleted(&f.row) && store_session_is_blank(&f.row));
    assert_true(isnan(f.row.session.distance_m) && f.row.session.end_usec == 0);
    assert_int_equal(f.row.session.start_usec, 1);
    assert_string_equal(f.row.file, HASH);
    assert_string_equal(f.row.session.runner, "anna");
    assert_false(is_on_disk("a watch to be forgotten"));
    assert_int_equal(find_row("b"), 0);
    assert_true(f.row.session.distance_m == 4321);
}

static void test_of_two_of_a_file_the_first_waits_for_the_second(void **state)
{
    make("imported/anna/" HASH ".gz");
    assert_int_equal(keep("a", HASH, false), 0);
    pass(12);
    assert_int_equal(keep("b", HASH, false), 0);
    pass(13);
    assert_true(is_there("imported/anna/" HASH ".gz")); /* that one may come back */
    pass(12);
    assert_false(is_there("imported/anna/" HASH ".gz"));
}

static void test_the_day_begins_when_the_clock_is_known(void **state)
{
    make("logged/hand");
    f.clock = CLOCK_UNSET;
    assert_int_equal(keep("hand", "", true), 0);
    pass(48);
    f.clock = CLOCK_SYNCED;
    deleted_clock_changed(f.deleted);
    disk_fixture_settle(&f.disk);
    pass(23);
    assert_true(is_there("logged/hand"));
    pass(2);
    assert_false(is_there("logged/hand"));
}

static void test_a_text_that_leads_elsewhere_is_left_alone(void **state)
{
    static const char text[] = "at_usec 1\nwas ended\nrunner ../..\nfile \n",
                      file[] = "at_usec 1\nwas ended\nrunner anna\nfile ../../x\n";

    folder("deleted");
    disk_write(&f.disk, "deleted/one", text, strlen(text));
    disk_write(&f.disk, "deleted/two", file, strlen(file));
    close_all();
    open_all();
    assert_int_equal(f.n_found, 0);
    pass(30);
    assert_true(is_there("deleted/one") && is_there("deleted/two"));
    assert_int_equal(settled(deleted_keep(f.deleted, &(struct deleted_session){ .id = "../one" },
                                          on_done, NULL)),
                     -EINVAL);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_recording_is_aside_for_a_day),
        T(test_what_it_took_in_goes_with_it),
        T(test_what_cannot_be_read_goes_all_the_same),
        T(test_what_cannot_be_opened_goes_all_the_same),
        T(test_it_goes_over_restarts),
        T(test_what_was_cut_off_is_asked_for_until_it_is_done),
        T(test_a_file_goes_with_the_last_of_its_sessions),
        T(test_a_copy_goes_with_whomever_it_lies),
        T(test_what_was_said_of_it_goes_with_it_from_every_page),
        T(test_a_row_that_stays_has_no_figures),
        T(test_of_two_of_a_file_the_first_waits_for_the_second),
        T(test_the_day_begins_when_the_clock_is_known),
        T(test_a_text_that_leads_elsewhere_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
