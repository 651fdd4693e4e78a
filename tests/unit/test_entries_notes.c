/* SPDX-License-Identifier: MIT */
/* What is said of sessions, on the disk and in the database: kept, changed, and put again when that is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/entries/notes.h"
#include "disk_fixture.h"

static struct {
    struct disk_fixture disk;
    struct store *store;
    struct notes *notes;
    int answers, result;
    struct note said;
    struct store_session found;
} f;

static void open_all(void)
{
    if (!f.disk.worker)
        assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    assert_return_code(notes_new(&f.notes, f.disk.worker, f.store, f.disk.dir), 0);
    disk_fixture_settle(&f.disk);
}

static void close_all(void)
{
    f.disk.worker = worker_free(f.disk.worker);
    f.notes = notes_free(f.notes);
    f.store = store_free(f.store);
}

static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    open_all();
    return 0;
}

static int teardown(void **state)
{
    close_all();
    disk_fixture_done(&f.disk);
    return 0;
}

static void on_noted(void *userdata, int result, const struct note *note)
{
    f.answers++;
    f.result = result;
    f.said = *note;
}

static int say(const char *id, double effort, const char *shoes, unsigned parts)
{
    struct note note = { .effort = effort };
    int answers = f.answers, r;

    snprintf(note.shoes, sizeof(note.shoes), "%s", shoes);
    r = notes_change(f.notes, id, &note, parts, on_noted, NULL);
    if (r < 0)
        return r;
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.answers, answers + 1);
    return f.result;
}

static void on_found(void *userdata, int result, const struct store_session *row)
{
    f.result = result;
    if (row)
        f.found = *row;
}

static const struct note *of_row(const char *id)
{
    f.result = 1;
    assert_return_code(store_find_session(f.store, id, on_found, NULL), 0);
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.result, 0);
    return &f.found.note;
}

static void put(const char *id)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    strcpy(row.session.runner, "anna");
    row.session.state = SESSION_ENDED;
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
}

static void test_it_is_in_the_row_whenever_that_is_put(void **state)
{
    put("one");
    assert_true(note_is_empty(of_row("one")));
    assert_int_equal(say("one", 7.5, "", NOTE_EFFORT), 0);
    assert_int_equal(say("one", 3, "blue", NOTE_SHOES), 0); /* the effort is not meant */
    assert_true(f.said.effort == 7.5);
    assert_string_equal(f.said.shoes, "blue");
    assert_true(of_row("one")->effort == 7.5);
    put("one"); /* worked out again */
    assert_string_equal(of_row("one")->shoes, "blue");
    assert_int_equal(say("two", 2, "", NOTE_EFFORT), 0); /* it is open yet */
    put("two");
    assert_true(of_row("two")->effort == 2);
}

static void test_it_holds_when_the_database_is_lost(void **state)
{
    assert_int_equal(say("one", 7.5, "blue", NOTE_EFFORT | NOTE_SHOES), 0);
    assert_int_equal(say("two", 1, "", NOTE_EFFORT), 0);
    assert_int_equal(say("two", NAN, "", NOTE_EFFORT), 0); /* taken back */
    close_all();
    assert_return_code(unlink(disk_path(&f.disk, "strided.db")), errno);
    open_all();
    put("one");
    put("two");
    assert_true(of_row("one")->effort == 7.5);
    assert_string_equal(of_row("one")->shoes, "blue");
    assert_true(note_is_empty(of_row("two")));
}

/* Killed between the two: what is on the disk first is what holds. */
static void test_what_the_database_did_not_get_it_gets(void **state)
{
    assert_int_equal(say("one", 7.5, "blue", NOTE_EFFORT | NOTE_SHOES), 0);
    close_all();
    disk_write(&f.disk, "notes/one", "effort 3\n", 9);
    open_all();
    put("one");
    assert_true(of_row("one")->effort == 3);
    assert_string_equal(of_row("one")->shoes, "");
}

static void test_of_a_folder_that_others_wrote_into_the_good_ones_count(void **state)
{
    (void)mkdir(disk_path(&f.disk, "notes"), 0750);
    disk_write(&f.disk, "notes/good", "effort 3\n", 9);
    disk_write(&f.disk, "notes/.new", "effort 4\n", 9);
    disk_write(&f.disk, "notes/no name", "effort 5\n", 9);
    assert_return_code(mkdir(disk_path(&f.disk, "notes/folder"), 0750), errno);
    assert_return_code(symlink("/etc/passwd", disk_path(&f.disk, "notes/link")), errno);
    close_all();
    open_all();
    put("good");
    assert_true(of_row("good")->effort == 3);
    assert_int_not_equal(say("link", 2, "", NOTE_EFFORT), 0);
}

static void test_what_cannot_be_said_or_kept_is_refused(void **state)
{
    assert_int_equal(say("one", 3.25, "", NOTE_EFFORT), -EINVAL);
    assert_int_equal(say("../one", 3, "", NOTE_EFFORT), -EINVAL);
    assert_int_equal(say("", 3, "", NOTE_EFFORT), -EINVAL);
    disk_write(&f.disk, "notes", "x", 1); /* no folder can be there */
    assert_int_equal(say("one", 3, "", NOTE_EFFORT), -ENOTDIR);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_it_is_in_the_row_whenever_that_is_put),
        T(test_it_holds_when_the_database_is_lost),
        T(test_what_the_database_did_not_get_it_gets),
        T(test_of_a_folder_that_others_wrote_into_the_good_ones_count),
        T(test_what_cannot_be_said_or_kept_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
