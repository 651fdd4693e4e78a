/* SPDX-License-Identifier: MIT */
/* Files are found, once they are whole and until they are settled, in a real folder and on a clock that
 * a test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/import/lookout.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"

#define TEN_MINUTES_S 600

static struct {
    struct disk_fixture disk;
    struct conf conf;
    struct lookout *lookout;
    bool busy, closed;
    int looked, problems;
} f;

static bool busy(void *userdata)
{
    return f.busy;
}

static bool takes(void *userdata)
{
    return !f.closed;
}

static void on_looked(void *userdata)
{
    f.looked++;
}

static void on_problem(void *userdata)
{
    f.problems++;
}

static const struct lookout_callbacks callbacks = { busy, takes, on_looked, on_problem };

/* ---- a house ------------------------------------------------------------------------------------ */

static void run_loop(void)
{
    while (sd_event_run(f.disk.event, 0) > 0)
        ;
}

static void pass(unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        run_loop(); /* what inotify has to tell */
        fake_clock_advance(1000000);
        disk_fixture_settle(&f.disk);
    }
}

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(disk_path(&f.disk, name), 0750), 0);
}

static void put(const char *name, const char *text)
{
    disk_write(&f.disk, name, text, strlen(text));
}

static void set_folder(const char *name)
{
    snprintf(f.conf.import_folder, sizeof(f.conf.import_folder), "%s",
             name ? disk_path(&f.disk, name) : "");
}

static int begin(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    f.conf.n_runners = 2;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    snprintf(f.conf.runners[1].id, sizeof(f.conf.runners[1].id), "ben");
    make_folder("in");
    make_folder("in/anna");
    set_folder("in");
    return lookout_new(&f.lookout, f.disk.event, f.disk.worker, &f.conf, &callbacks, NULL);
}

static int end(void **state)
{
    lookout_stop(f.lookout);
    disk_fixture_settle(&f.disk);
    f.lookout = lookout_free(f.lookout);
    disk_fixture_done(&f.disk);
    return 0;
}

static void take(struct folder_file *ret, const char *runner, const char *name)
{
    assert_true(lookout_take(f.lookout, ret));
    assert_string_equal(ret->runner, runner);
    assert_string_equal(ret->name, name);
}

static void assert_none(void)
{
    struct folder_file file;

    if (lookout_take(f.lookout, &file))
        fail_msg("%s/%s", file.runner, file.name);
}

static void assert_problem(const char *like)
{
    const char *problem = lookout_problem(f.lookout);

    if (!like != !problem || (like && !strstr(problem, like)))
        fail_msg("%s", problem ? problem : "no problem");
}

/* ---- files -------------------------------------------------------------------------------------- */

static void test_a_file_is_found_when_it_is_whole_and_until_it_is_settled(void **state)
{
    struct folder_file file;

    put("in/anna/run.fit", "half");
    pass(2);
    assert_none();
    put("in/anna/run.fit", "half, and more");
    pass(3);
    assert_none(); /* it is another since its last look */
    pass(7);
    take(&file, "anna", "run.fit");
    assert_int_equal(file.size, strlen("half, and more"));
    assert_none();
    lookout_settle(f.lookout, &file);
    pass(TEN_MINUTES_S + 20);
    assert_none();
    put("in/anna/run.fit", "another run");
    pass(10);
    take(&file, "anna", "run.fit");
}

/* Later than 2262 no count of nanoseconds has. */
static void test_a_file_of_a_far_future_is_found(void **state)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 13569465600 } };
    struct folder_file file;

    put("in/anna/run.fit", "x");
    assert_int_equal(utimensat(AT_FDCWD, disk_path(&f.disk, "in/anna/run.fit"), times, 0), 0);
    pass(10);
    take(&file, "anna", "run.fit");
    assert_true(file.mtime_nsec > 0);
    lookout_settle(f.lookout, &file);
    pass(TEN_MINUTES_S + 20);
    assert_none();
}

static void test_one_that_is_taken_and_not_settled_is_found_again(void **state)
{
    struct folder_file file;

    put("in/run.gpx", "x");
    pass(10);
    take(&file, "", "run.gpx");
    pass(TEN_MINUTES_S + 20);
    take(&file, "", "run.gpx");
}

static void test_what_is_settled_before_the_first_look_is_not_found(void **state)
{
    struct folder_file file;

    put("in/anna/old.fit", "x");
    pass(10);
    take(&file, "anna", "old.fit");
    lookout_free(f.lookout);
    assert_int_equal(
        lookout_new(&f.lookout, f.disk.event, f.disk.worker, &f.conf, &callbacks, NULL), 0);
    lookout_settle(f.lookout, &file);
    pass(20);
    assert_none();
}

static void test_nothing_is_expected_when_a_look_was_for_nothing(void **state)
{
    struct folder_file file;

    assert_false(lookout_is_idle(f.lookout));
    pass(10);
    assert_true(lookout_is_idle(f.lookout));
    put("in/anna/run.fit", "x");
    pass(4);
    assert_false(lookout_is_idle(f.lookout));
    pass(10);
    take(&file, "anna", "run.fit");
    lookout_settle(f.lookout, &file);
    pass(10);
    assert_true(lookout_is_idle(f.lookout));
}

static void test_who_is_busy_is_not_told_of_more(void **state)
{
    pass(10);
    f.busy = true;
    f.looked = 0;
    put("in/anna/run.fit", "x");
    pass(20);
    assert_int_equal(f.looked, 0);
    f.busy = false;
    pass(10);
    assert_true(f.looked > 0);
}

static void test_what_nobody_takes_is_not_looked_at_all_the_time(void **state)
{
    f.closed = true;
    put("in/anna/run.fit", "x");
    pass(10);
    f.looked = 0;
    pass(TEN_MINUTES_S - 100);
    assert_int_equal(f.looked, 0);
    pass(120);
    assert_int_equal(f.looked, 1);
}

static void test_what_waits_is_looked_for_again_later(void **state)
{
    struct folder_file file;

    put("in/anna/run.fit", "x");
    pass(10);
    lookout_retry(f.lookout, 60000000);
    pass(50);
    assert_none();
    pass(20);
    take(&file, "anna", "run.fit");
}

/* ---- what is wrong ------------------------------------------------------------------------------ */

static struct folder_file deny_one(void)
{
    struct folder_file file;

    put("in/anna/run.fit", "x");
    pass(10);
    take(&file, "anna", "run.fit");
    lookout_deny(f.lookout, &file, -EACCES);
    assert_problem("run.fit in the import folder cannot be read: Permission denied");
    assert_int_equal(f.problems, 1);
    return file;
}

static void test_what_cannot_be_read_is_tried_again_after_ten_minutes(void **state)
{
    struct folder_file file = deny_one();

    pass(TEN_MINUTES_S - 100);
    assert_none();
    assert_problem("run.fit");
    pass(120);
    assert_problem(NULL);
    assert_int_equal(f.problems, 2);
    take(&file, "anna", "run.fit");
}

static void test_what_cannot_be_read_is_tried_again_when_its_rights_change(void **state)
{
    struct folder_file file = deny_one();

    pass(20);
    assert_none();
    assert_int_equal(chmod(disk_path(&f.disk, "in/anna/run.fit"), 0600), 0);
    pass(10);
    take(&file, "anna", "run.fit");
    assert_problem(NULL);
}

static void test_a_folder_that_is_not_there_is_waited_for(void **state)
{
    set_folder("out");
    lookout_set_conf(f.lookout, &f.conf);
    pass(20);
    assert_problem("out is not there");
    assert_int_equal(f.problems, 1);
    make_folder("out");
    pass(20);
    assert_problem(NULL);
    assert_int_equal(f.problems, 2);
}

static void test_a_subfolder_of_nobody_is_told(void **state)
{
    make_folder("in/carl");
    pass(10);
    assert_problem("The subfolder carl of the import folder is no runner's");
}

/* ---- folders below a runner's: an archive was unpacked there ---------------------------------- */

static void test_files_in_folders_below_a_runners_are_found(void **state)
{
    struct folder_file file;

    make_folder("in/anna/export");
    make_folder("in/anna/export/activities");
    put("in/anna/export/b.fit", "x");
    put("in/anna/export/activities/a.fit", "x");
    pass(10);
    take(&file, "anna", "export/activities/a.fit");
    lookout_settle(f.lookout, &file);
    take(&file, "anna", "export/b.fit");
    lookout_settle(f.lookout, &file);
    pass(TEN_MINUTES_S + 20);
    assert_none();
    assert_problem(NULL);
}

static void assert_heard(const char *name);

static void test_a_folder_below_that_comes_later_is_heard(void **state)
{
    struct folder_file file;

    pass(30);
    make_folder("in/anna/late");
    pass(30); /* by its clock it is looked at after ten minutes */
    assert_heard("in/anna/late/a.fit");
    take(&file, "anna", "late/a.fit");
}

static void test_a_writer_below_is_waited_for(void **state)
{
    struct folder_file file;

    make_folder("in/anna/late");
    pass(10);
    _cleanup_close_ int fd =
        open(disk_path(&f.disk, "in/anna/late/a.fit"), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    pass(30);
    assert_none(); /* it is still open */
    closep(&fd);
    pass(10);
    take(&file, "anna", "late/a.fit");
}

static void test_what_is_kept_apart_below_is_passed_over(void **state)
{
    static const char *const apart[] = { "in/anna/done", "in/anna/routes", "in/anna/.hidden",
                                         "in/anna/__MACOSX", "in/anna/x.tmp" };
    char name[64];

    make_folder("in/anna/x");
    make_folder("in/anna/x/done");
    put("in/anna/x/done/a.fit", "x");
    for (size_t i = 0; i < ELEMENTSOF(apart); i++) {
        make_folder(apart[i]);
        snprintf(name, sizeof(name), "%s/a.fit", apart[i]);
        put(name, "x");
    }
    make_folder("away");
    put("away/a.fit", "x");
    assert_return_code(symlink("../../away", disk_path(&f.disk, "in/anna/link")), errno);
    pass(20);
    assert_none();
    assert_problem(NULL);
}

static void test_a_folder_that_lies_too_deep_is_told(void **state)
{
    make_folder("in/anna/a");
    make_folder("in/anna/a/b");
    make_folder("in/anna/a/b/c");
    put("in/anna/a/b/c/a.fit", "x");
    pass(20);
    assert_none();
    assert_problem("The subfolder anna/a/b/c of the import folder lies too deep");
    assert_int_equal(unlink(disk_path(&f.disk, "in/anna/a/b/c/a.fit")), 0);
    assert_int_equal(rmdir(disk_path(&f.disk, "in/anna/a/b/c")), 0);
    pass(20);
    assert_problem(NULL);
}

static void test_so_many_folders_are_looked_into(void **state)
{
    struct folder_file file;
    char name[64];

    for (int i = 0; i <= FOLDER_BELOW_MAX; i++) {
        snprintf(name, sizeof(name), "in/anna/%d", i);
        make_folder(name);
        strcat(name, "/a.fit");
        put(name, "x");
    }
    pass(20);
    assert_problem("of the import folder is one too many");
    for (int i = 0; i < FOLDER_BELOW_MAX; i++)
        assert_true(lookout_take(f.lookout, &file));
    assert_none();
}

static void test_a_folder_below_that_is_closed_is_told(void **state)
{
    make_folder("in/anna/a");
    assert_int_equal(chmod(disk_path(&f.disk, "in/anna/a"), 0), 0);
    if (access(disk_path(&f.disk, "in/anna/a"), R_OK) == 0)
        skip(); /* root may read everything */
    pass(20);
    assert_problem("The subfolder anna/a of the import folder cannot be read: Permission denied");
    assert_int_equal(chmod(disk_path(&f.disk, "in/anna/a"), 0750), 0);
    pass(20);
    assert_problem(NULL);
}

static void test_a_long_name_is_cut_between_two_characters(void **state)
{
    char name[3 + 1 + 2 * 60 + 1] = "in/x";

    for (size_t i = 0; i < 60; i++)
        strcat(name, "\xc3\xa9"); /* an e with an accent, at every second byte */
    make_folder(name);
    pass(10);
    memcpy(name + 3 + 59, "?", 2); /* as much as is shown */
    assert_problem(name + 3);
}

/* ---- another configuration ---------------------------------------------------------------------- */

static void test_what_was_settled_in_one_folder_says_nothing_of_another(void **state)
{
    struct folder_file file;

    put("in/anna/run.fit", "x");
    pass(10);
    take(&file, "anna", "run.fit");
    lookout_settle(f.lookout, &file);
    lookout_set_conf(f.lookout, &f.conf);
    pass(10);
    assert_none(); /* it is the same folder */
    set_folder("out");
    lookout_set_conf(f.lookout, &f.conf);
    set_folder("in");
    lookout_set_conf(f.lookout, &f.conf);
    pass(10);
    take(&file, "anna", "run.fit");
}

static void test_a_look_into_the_folder_before_is_dropped(void **state)
{
    put("in/anna/run.fit", "x");
    make_folder("out");
    fake_clock_advance(1000000); /* it is under way */
    set_folder("out");
    lookout_set_conf(f.lookout, &f.conf);
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.looked, 0);
    pass(20);
    assert_none();
    assert_true(f.looked > 0);
}

/* Neither at once nor by a look that was due all the same. */
static void assert_unheard(const char *name)
{
    pass(20);
    f.looked = 0;
    put(name, "x");
    pass(20);
    assert_int_equal(f.looked, 0);
    assert_true(lookout_is_idle(f.lookout));
}

static void assert_heard(const char *name)
{
    f.looked = 0;
    put(name, "x");
    pass(20);
    assert_true(f.looked > 0);
}

/* Each holds the watches that were had by it. */
static size_t count_inotify(void)
{
    size_t n = 0;
    char text[64];

    _cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        ssize_t length = readlinkat(dirfd(dir), entry->d_name, text, sizeof(text) - 1);
        text[length > 0 ? length : 0] = '\0';
        n += strstr(text, "inotify") != NULL;
    }
    return n;
}

static void test_the_folder_before_is_not_heard(void **state)
{
    make_folder("out");
    pass(20);
    assert_heard("in/run.fit");
    set_folder("out");
    lookout_set_conf(f.lookout, &f.conf);
    assert_unheard("in/run.fit");
    assert_unheard("in/anna/run.fit");
    assert_int_equal(count_inotify(), 1);
    assert_heard("out/run.fit");
    set_folder(NULL);
    lookout_set_conf(f.lookout, &f.conf);
    assert_unheard("out/run.fit");
    assert_int_equal(count_inotify(), 1);
}

static void test_a_folder_that_is_left_within_a_look_is_not_heard(void **state)
{
    make_folder("out");
    fake_clock_advance(1000000); /* it is under way */
    set_folder("out");
    lookout_set_conf(f.lookout, &f.conf);
    assert_unheard("in/run.fit");
    assert_int_equal(count_inotify(), 1);
}

static void test_the_subfolder_of_a_runner_before_is_not_heard(void **state)
{
    make_folder("in/ben");
    pass(20);
    assert_heard("in/anna/run.fit");
    f.conf.runners[0] = f.conf.runners[1];
    f.conf.n_runners = 1;
    lookout_set_conf(f.lookout, &f.conf);
    assert_unheard("in/anna/run.fit");
    assert_heard("in/ben/run.fit");
}

static void move(const char *from, const char *to)
{
    char was[PATH_MAX];

    snprintf(was, sizeof(was), "%s", disk_path(&f.disk, from));
    assert_return_code(rename(was, disk_path(&f.disk, to)), errno);
}

/* A watch goes with its folder. */
static void test_a_folder_below_that_is_moved_out_is_not_heard(void **state)
{
    make_folder("out");
    make_folder("in/anna/done");
    make_folder("in/anna/export_1");
    make_folder("in/anna/export_2");
    make_folder("in/anna/export_2/activities");
    pass(20);
    move("in/anna/export_1", "in/anna/done/export_1");
    assert_unheard("in/anna/done/export_1/a.fit");
    move("in/anna/export_2", "out/export_2");
    assert_unheard("out/export_2/a.fit");
    assert_unheard("out/export_2/activities/a.fit");
    make_folder("in/anna/export_3");
    pass(20);
    move("in/anna/export_3", "in/anna/export_4");
    pass(20);
    assert_heard("in/anna/export_4/a.fit"); /* the same one, elsewhere */
}

static void test_what_only_a_forgotten_look_saw_is_not_heard_once_it_is_moved_out(void **state)
{
    make_folder("out");
    pass(20);
    make_folder("in/anna/late");
    run_loop();
    fake_clock_advance(3000000); /* it is under way */
    lookout_set_conf(f.lookout, &f.conf);
    f.looked = 0;
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.looked, 0);
    move("in/anna/late", "out/late");
    assert_unheard("out/late/a.fit");
}

/* The kernel tells that it has removed it, which is no news. */
static void test_a_watch_that_is_removed_has_nothing_looked_at(void **state)
{
    make_folder("out");
    make_folder("in/anna/export");
    pass(20);
    f.looked = 0;
    move("in/anna/export", "out/export");
    pass(TEN_MINUTES_S / 2);
    assert_int_equal(f.looked, 1);
}

static void test_a_folder_that_stays_is_heard_on(void **state)
{
    pass(20);
    lookout_set_conf(f.lookout, &f.conf);
    pass(20);
    assert_heard("in/anna/run.fit");
    assert_int_equal(count_inotify(), 1);
}

static void test_without_a_folder_nothing_is_wrong_and_nothing_expected(void **state)
{
    make_folder("in/carl");
    pass(10);
    set_folder(NULL);
    lookout_set_conf(f.lookout, &f.conf);
    assert_problem(NULL);
    assert_true(lookout_is_idle(f.lookout));
    f.looked = 0;
    pass(TEN_MINUTES_S + 20);
    assert_int_equal(f.looked, 0);
}

static void test_a_look_under_way_at_the_end_is_told_to_nobody(void **state)
{
    put("in/anna/run.fit", "x");
    fake_clock_advance(1000000);
    lookout_stop(f.lookout);
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.looked, 0);
    pass(20);
    assert_int_equal(f.looked, 0);
}

/* ---- a folder that hangs ------------------------------------------------------------------------- */

static void test_a_folder_that_does_not_answer_is_said_and_nothing_is_expected_of_it(void **state)
{
    struct folder_file file;
    int problems;

    put("in/anna/run.fit", "a run");
    pass(10);
    problems = f.problems;
    lookout_note_silence(f.lookout, true);
    assert_problem("does not answer");
    assert_non_null(strstr(lookout_problem(f.lookout), f.disk.dir));
    assert_int_equal(f.problems, problems + 1);
    assert_true(lookout_is_idle(f.lookout)); /* so kept copies need not wait */
    assert_none();
    lookout_set_conf(f.lookout, &f.conf);
    assert_problem("does not answer");
    assert_int_equal(f.problems, problems + 1);
    lookout_note_silence(f.lookout, false);
    assert_problem(NULL);
    assert_int_equal(f.problems, problems + 2);
    pass(1);
    assert_none(); /* what was seen before says nothing of now */
    pass(9);
    take(&file, "anna", "run.fit");
}

/* Each look is longer than what is waited for an answer. */
static void test_a_file_of_a_folder_that_answers_late_is_found(void **state)
{
    struct folder_file file;

    put("in/anna/run.fit", "a run");
    pass(1);
    for (int i = 0; i < 2; i++) {
        fake_clock_advance(3000000); /* a look is under way */
        lookout_note_silence(f.lookout, true);
        assert_none();
        lookout_note_silence(f.lookout, false); /* it comes back */
        assert_none();
        disk_fixture_settle(&f.disk);
    }
    take(&file, "anna", "run.fit");
}

static void
test_what_is_postponed_is_tried_again_after_ten_minutes_or_when_it_is_another(void **state)
{
    struct folder_file file;

    put("in/anna/run.fit", "a run");
    pass(10);
    take(&file, "anna", "run.fit");
    lookout_postpone(f.lookout, &file, "");
    assert_problem(NULL);
    pass(TEN_MINUTES_S / 2);
    assert_none();
    pass(TEN_MINUTES_S);
    take(&file, "anna", "run.fit");
    lookout_postpone(f.lookout, &file, "");
    put("in/anna/run.fit", "another run");
    pass(10);
    take(&file, "anna", "run.fit");
}

/* What is wrong is none of the folder's. */
static void test_why_one_is_postponed_is_said_until_it_is_tried_again(void **state)
{
    struct folder_file file;

    put("in/anna/run.fit", "a run");
    pass(10);
    take(&file, "anna", "run.fit");
    lookout_postpone(f.lookout, &file, "a note cannot be read");
    assert_string_equal(lookout_problem(f.lookout), "a note cannot be read");
    pass(TEN_MINUTES_S / 2);
    assert_problem("a note");
    assert_none();
    pass(TEN_MINUTES_S);
    assert_problem(NULL);
    take(&file, "anna", "run.fit");
}

static void test_a_folder_that_is_none_cannot_be_silent(void **state)
{
    set_folder(NULL);
    lookout_set_conf(f.lookout, &f.conf);
    lookout_note_silence(f.lookout, true);
    assert_problem(NULL);
    lookout_note_silence(f.lookout, false);
    assert_problem(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_found_when_it_is_whole_and_until_it_is_settled),
        TEST(test_a_file_of_a_far_future_is_found),
        TEST(test_one_that_is_taken_and_not_settled_is_found_again),
        TEST(test_what_is_settled_before_the_first_look_is_not_found),
        TEST(test_nothing_is_expected_when_a_look_was_for_nothing),
        TEST(test_who_is_busy_is_not_told_of_more),
        TEST(test_what_nobody_takes_is_not_looked_at_all_the_time),
        TEST(test_what_waits_is_looked_for_again_later),
        TEST(test_what_cannot_be_read_is_tried_again_after_ten_minutes),
        TEST(test_what_cannot_be_read_is_tried_again_when_its_rights_change),
        TEST(test_a_folder_that_is_not_there_is_waited_for),
        TEST(test_a_subfolder_of_nobody_is_told),
        TEST(test_files_in_folders_below_a_runners_are_found),
        TEST(test_a_folder_below_that_comes_later_is_heard),
        TEST(test_a_writer_below_is_waited_for),
        TEST(test_what_is_kept_apart_below_is_passed_over),
        TEST(test_a_folder_that_lies_too_deep_is_told),
        TEST(test_so_many_folders_are_looked_into),
        TEST(test_a_folder_below_that_is_closed_is_told),
        TEST(test_a_long_name_is_cut_between_two_characters),
        TEST(test_what_was_settled_in_one_folder_says_nothing_of_another),
        TEST(test_a_look_into_the_folder_before_is_dropped),
        TEST(test_the_folder_before_is_not_heard),
        TEST(test_a_folder_that_is_left_within_a_look_is_not_heard),
        TEST(test_the_subfolder_of_a_runner_before_is_not_heard),
        TEST(test_a_folder_below_that_is_moved_out_is_not_heard),
        TEST(test_what_only_a_forgotten_look_saw_is_not_heard_once_it_is_moved_out),
        TEST(test_a_watch_that_is_removed_has_nothing_looked_at),
        TEST(test_a_folder_that_stays_is_heard_on),
        TEST(test_without_a_folder_nothing_is_wrong_and_nothing_expected),
        TEST(test_a_look_under_way_at_the_end_is_told_to_nobody),
        TEST(test_a_folder_that_does_not_answer_is_said_and_nothing_is_expected_of_it),
        TEST(test_a_file_of_a_folder_that_answers_late_is_found),
        TEST(test_what_is_postponed_is_tried_again_after_ten_minutes_or_when_it_is_another),
        TEST(test_why_one_is_postponed_is_said_until_it_is_tried_again),
        TEST(test_a_folder_that_is_none_cannot_be_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
