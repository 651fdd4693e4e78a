/* SPDX-License-Identifier: MIT */
/* A route file is found by its name in one folder and read by a real process (this program, started
 * again), or it is said why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/import/read.h"
#include "daemon/import/route.h"
#include "disk_fixture.h"
#include "emulated.h"
#include "fake_clock.h"

#define HEAD "<?xml version=\"1.0\"?><gpx xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>"
#define HILL                                                                                       \
    "<trkpt lat=\"48.000\" lon=\"9\"><ele>500</ele></trkpt>"                                       \
    "<trkpt lat=\"48.001\" lon=\"9\"><ele>490</ele></trkpt>"                                       \
    "<trkpt lat=\"48.002\" lon=\"9\"><ele>480</ele></trkpt>"
#define TAIL "</trkseg></trk></gpx>"

static struct {
    struct disk_fixture disk;
    struct route_file *route;
    bool answered;
    size_t n_places;
    double length_m;
    char said[500]; /* code argument: message (allowed) */
} f;

static void on_answer(void *userdata, const struct route_answer *answer)
{
    assert_false(f.answered);
    f.answered = true;
    f.n_places = answer->way ? answer->way->n : 0;
    f.length_m = answer->way ? answer->way->length_m : 0;
    if (!answer->way)
        snprintf(f.said, sizeof(f.said), "%s %s: %s (%s)", answer->code, answer->argument,
                 answer->message, answer->allowed);
    f.route = route_file_free(f.route);
}

static int begin(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    assert_int_equal(mkdir(disk_path(&f.disk, "anna"), 0750), 0);
    assert_int_equal(mkdir(disk_path(&f.disk, "anna/routes"), 0750), 0);
    return 0;
}

static int end(void **state)
{
    route_file_free(f.route);
    disk_fixture_settle(&f.disk);
    disk_fixture_done(&f.disk);
    return 0;
}

static void put(const char *name, const char *text)
{
    disk_write(&f.disk, name, text, strlen(text));
}

static void start(const char *runner, const char *name)
{
    const struct route_where where = { f.disk.dir, runner, name };

    f.answered = false;
    f.said[0] = '\0';
    assert_int_equal(route_file_read(&f.route, f.disk.worker, &where, on_answer, NULL), 0);
}

static void ask(const char *runner, const char *name)
{
    start(runner, name);
    while (!f.answered)
        assert_true(sd_event_run(f.disk.event, UINT64_MAX) >= 0);
}

static void refused(const char *runner, const char *name, const char *said)
{
    ask(runner, name);
    assert_int_equal(f.n_places, 0);
    assert_string_equal(f.said, said);
}

static void test_a_hill_is_handed_over(void **state)
{
    skip_emulated();
    put("anna/routes/hill.gpx", HEAD HILL TAIL);
    ask("anna", "hill.gpx");
    assert_string_equal(f.said, "");
    assert_int_equal(f.n_places, 3);
    assert_true(f.length_m > 220 && f.length_m < 225);
}

static void test_who_names_none_is_told_which_there_are(void **state)
{
    refused(
        "anna", "hill.gpx",
        "not_found file: There is no such route file of anna (a .gpx file put into anna/routes of "
        "the import folder)");
    put("anna/up.gpx", HEAD HILL TAIL); /* where activities lie */
    put("anna/routes/run.fit", "x");
    put("anna/routes/down.gpx", HEAD HILL TAIL);
    put("anna/routes/.down.gpx.tmp", HEAD HILL TAIL);
    refused("anna", "up.gpx", "not_found file: There is no such route file of anna (down.gpx)");
    refused(
        "ben", "down.gpx",
        "not_found file: There is no such route file of ben (a .gpx file put into ben/routes of "
        "the import folder)");
}

static void test_no_link_leads_out(void **state)
{
    put("hill.gpx", HEAD HILL TAIL);
    assert_int_equal(symlink("../../hill.gpx", disk_path(&f.disk, "anna/routes/link.gpx")), 0);
    ask("anna", "link.gpx");
    assert_memory_equal(f.said, "not_found", 9);
    assert_int_equal(mkdir(disk_path(&f.disk, "ben"), 0750), 0);
    assert_int_equal(symlink("..", disk_path(&f.disk, "ben/routes")), 0);
    ask("ben", "hill.gpx");
    assert_int_equal(f.n_places, 0);
    assert_memory_equal(f.said, "unavailable file: hill.gpx cannot be read: ", 43);
}

static void test_only_a_regular_file_is_one(void **state)
{
    assert_int_equal(mkdir(disk_path(&f.disk, "anna/routes/folder.gpx"), 0750), 0);
    ask("anna", "folder.gpx");
    assert_memory_equal(f.said, "not_found", 9);
    assert_int_equal(mkfifo(disk_path(&f.disk, "anna/routes/pipe.gpx"), 0640), 0);
    ask("anna", "pipe.gpx");
    assert_memory_equal(f.said, "not_found", 9);
}

static void test_a_large_one_is_not_read(void **state)
{
    int fd;

    put("anna/routes/large.gpx", HEAD HILL TAIL);
    fd = open(disk_path(&f.disk, "anna/routes/large.gpx"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, ROUTE_SIZE + 1), 0);
    close(fd);
    refused("anna", "large.gpx",
            "bad_file file: large.gpx: it is larger than 32 MB (a GPX file with heights along its "
            "way)");
}

static void test_what_cannot_be_followed_is_told(void **state)
{
    static const struct {
        const char *text, *like;
    } rows[] = {
        { HEAD HILL, "byte" },
        { HEAD "<trkpt lat=\"48\" lon=\"9\"/><trkpt lat=\"49\" lon=\"9\"/>" TAIL, "no heights" },
        { "Left, right, right again, and down the hill.", "it is no" },
        { "", "" },
    };

    skip_emulated();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put("anna/routes/x.gpx", rows[i].text);
        ask("anna", "x.gpx");
        if (strncmp(f.said, "bad_file file: x.gpx: ", 22) != 0 || !strstr(f.said, rows[i].like))
            fail_msg("%zu: %s", i, f.said);
    }
}

static void test_one_that_is_dropped_answers_nobody(void **state)
{
    put("anna/routes/hill.gpx", HEAD HILL TAIL);
    for (int steps = 0; steps < 20; steps++) {
        start("anna", "hill.gpx");
        for (int i = 0; i < steps && !f.answered; i++)
            assert_true(sd_event_run(f.disk.event, UINT64_MAX) >= 0);
        if (f.answered)
            return;
        f.route = route_file_free(f.route);
        disk_fixture_settle(&f.disk);
        assert_false(f.answered);
    }
    fail_msg("it never ended");
}

static int hang(void *data)
{
    char byte;

    return read(*(int *)data, &byte, 1) == 1 ? 0 : -1;
}

static void test_a_folder_that_hangs_is_told_in_time(void **state)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(
        worker_post(f.disk.worker, &(struct worker_job){ .run = hang, .data = &ends[0] }), 0);
    start("anna", "hill.gpx");
    fake_clock_advance(ROUTE_OPEN_USEC - 1);
    assert_false(f.answered);
    fake_clock_advance(1);
    assert_true(f.answered);
    assert_string_equal(f.said, "unavailable file: The import folder does not answer "
                                "(the same again once it does)");
    assert_null(f.route);
    assert_int_equal(write(ends[1], "x", 1), 1); /* it comes back to nobody */
    disk_fixture_settle(&f.disk);
    close(ends[0]);
    close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_hill_is_handed_over),
        TEST(test_who_names_none_is_told_which_there_are),
        TEST(test_no_link_leads_out),
        TEST(test_only_a_regular_file_is_one),
        TEST(test_a_large_one_is_not_read),
        TEST(test_what_cannot_be_followed_is_told),
        TEST(test_one_that_is_dropped_answers_nobody),
        TEST(test_a_folder_that_hangs_is_told_in_time),
    };
    sigset_t child;

    if (argc == 3 && strcmp(argv[1], READ_ARGUMENT) == 0)
        return read_main(argv[2]);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
