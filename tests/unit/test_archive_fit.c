/* SPDX-License-Identifier: MIT */
/* Of files that came in as GPX or TCX, FIT files: made by a real process (this program, started again), one
 * after the other, held for who did not wait, and ended at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/archive/archive.h"
#include "daemon/clock.h"
#include "daemon/import/copy.h"
#include "daemon/import/read.h"
#include "disk_fixture.h"
#include "emulated.h"
#include "fake_clock.h"
#include "lib/base64.h"

#define SECOND   UINT64_C(1000000)
#define START_S  INT64_C(1748757600) /* 2025-06-01T06:00:00Z */
#define ASKS_MAX 16
#define FIT_MAX  200000

struct ask { /* of one that was asked */
    int answers;
    char code[32], message[200], allowed[200], next[ARCHIVED_CURSOR_MAX];
    uint8_t bytes[FIT_MAX];
    size_t length;
};

static struct fixture {
    struct disk_fixture disk;
    struct store *store;
    struct archive *archive;
    struct conf conf;
    struct ask asks[ASKS_MAX];
    int64_t free_bytes; /* on the disk; 0: as it is */
} f;

bool training_days(const struct training *training, const char *runner, int32_t from, int32_t to,
                   size_t most, struct training_day *ret, size_t *ret_n, size_t *ret_all)
{
    return false; /* no document is asked for */
}

int __real_fstatvfs64(int fd, struct statvfs *ret);
int __wrap_fstatvfs64(int fd, struct statvfs *ret);
int __wrap_fstatvfs64(int fd, struct statvfs *ret)
{
    int r = __real_fstatvfs64(fd, ret);

    if (f.free_bytes == 0)
        return r;
    ret->f_frsize = 1;
    ret->f_bavail = (fsblkcnt_t)f.free_bytes;
    return r;
}

/* Below valgrind /proc/self/exe is valgrind's. */
static char program[4096];

int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
    assert_string_equal(path, "/proc/self/exe");
    return __real_posix_spawn(pid, program, actions, attributes, argv, env);
}

/* ---- the process that reads ---------------------------------------------------------------------- */

/* What it does is in the file that it is given. */
static bool is_told(const char *word)
{
    char text[1024] = "";
    gzFile file = lseek(STDIN_FILENO, 0, SEEK_SET) == 0 ? gzdopen(dup(STDIN_FILENO), "r") : NULL;
    int n = gzread(file, text, sizeof(text) - 1);

    gzclose(file);
    return n > 0 && strstr(text, word);
}

/* A line each: who, and when its session began. */
static void say_begun(const char *text)
{
    struct orders orders;
    FILE *file = fopen("begun", "ae");

    if (!file || !orders_parse(text, &orders))
        _exit(9);
    fprintf(file, "%d %lld\n", (int)getpid(), (long long)(orders.start_usec / 1000000 - START_S));
    fclose(file);
}

static int act_reader(const char *text)
{
    say_begun(text);
    if ((fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) != O_RDONLY)
        return 8;
    if (is_told("WAIT"))
        (void)open("go", O_RDONLY | O_CLOEXEC); /* until the test opens it, too */
    if (is_told("LARGE"))
        return READ_EXIT_LARGE;
    if (is_told("FULL"))
        return READ_EXIT_FULL;
    if (is_told("FAIL"))
        return EXIT_FAILURE;
    if (is_told("CRASH"))
        raise(SIGKILL);
    if (is_told("JUNK"))
        return write(STDOUT_FILENO, "no FIT file at all", 18) == 18 ? 0 : 7;
    return read_main(text);
}

/* The last one that began, and how many did; its order, "0 100 ". */
static int begun(pid_t *ret_pid, char ret_order[200])
{
    FILE *file = fopen("begun", "re");
    char order[200] = "";
    long long start;
    int n = 0, pid;

    for (; file && fscanf(file, "%d %lld", &pid, &start) == 2; n++) {
        snprintf(order + strlen(order), sizeof(order) - strlen(order), "%lld ", start);
        if (ret_pid)
            *ret_pid = pid;
    }
    if (ret_order)
        memcpy(ret_order, order, sizeof(order));
    if (file)
        fclose(file);
    return n;
}

static int begun_so_far(void)
{
    return begun(NULL, NULL);
}

static bool is_there(pid_t pid)
{
    return kill(pid, 0) == 0;
}

static void run_once(void)
{
    assert_true(sd_event_run(f.disk.event, 60 * SECOND) > 0);
}

static void run_until_begun(int n)
{
    while (begun_so_far() < n) /* which no event tells */
        assert_return_code(sd_event_run(f.disk.event, 1000), errno);
}

/* The nth waits, or will: it is let on. */
static void let_go(int n)
{
    int fd;

    run_until_begun(n);
    fd = open("go", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
}

/* Until the last one is gone, and we know. */
static void run_until_gone(void)
{
    pid_t pid = 0;

    assert_true(begun(&pid, NULL) > 0);
    while (is_there(pid))
        run_once();
}

/* ---- asking -------------------------------------------------------------------------------------- */

static int setup(void **state)
{
    struct archive_parts parts = { .conf = &f.conf };

    memset(&f, 0, sizeof(f));
    fake_clock_set_wall(FAKE_WALL_USEC);
    disk_fixture_init(&f.disk);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    conf_init(&f.conf);
    f.conf.n_runners = 1;
    f.conf.runners[0].publish_heart_rate = true;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    parts.event = f.disk.event;
    parts.worker = f.disk.worker;
    parts.store = f.store;
    parts.state_dir = f.disk.dir;
    assert_return_code(archive_new(&f.archive, &parts), 0);
    assert_return_code(chdir(f.disk.dir), 0);
    assert_return_code(mkfifo("go", 0600), 0);
    assert_return_code(mkdir("imported", 0700), 0);
    assert_return_code(mkdir("imported/anna", 0700), 0);
    return 0;
}

static int teardown(void **state)
{
    archive_stop(f.archive);
    f.disk.worker = worker_free(f.disk.worker);
    f.archive = archive_free(f.archive);
    f.store = store_free(f.store);
    assert_return_code(chdir("/"), 0);
    disk_fixture_done(&f.disk);
    return 0;
}

static void put_copy(char letter, const char *text)
{
    char path[128] = "imported/anna/";
    size_t length = strlen(path);
    gzFile file;

    memset(path + length, letter, 64);
    strcpy(path + length + 64, ".gz");
    file = gzopen(path, "w");
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
    assert_int_equal(gzclose(file), Z_OK);
}

static void put_row(const char *id, char letter, int start_s)
{
    struct store_session row;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "%s", id);
    snprintf(row.session.runner, sizeof(row.session.runner), "anna");
    memset(row.file, letter, 64);
    row.session.state = SESSION_ENDED;
    row.session.kind = SESSION_RUN;
    row.session.start_usec = (START_S + start_s) * 1000000;
    row.session.end_usec = row.session.start_usec + 100 * 1000000;
    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
}

static void add_point(char *text, size_t size, int64_t at_s, int i)
{
    time_t t = (time_t)at_s;
    struct tm tm;
    char when[32];

    gmtime_r(&t, &tm);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
    snprintf(text + strlen(text), size - strlen(text),
             "<trkpt lat=\"%.5f\" lon=\"9\"><ele>%d</ele><time>%s</time></trkpt>", 48 + i * 3e-4,
             400 + i, when);
}

/* A track of eleven points that begins so long after START_S; with words for the process that reads it. */
static void put_track(const char *id, char letter, int start_s, const char *words)
{
    char text[4096];

    snprintf(text, sizeof(text), "<gpx><!-- %s --><trk><type>running</type><trkseg>", words);
    for (int i = 0; i < 11; i++)
        add_point(text, sizeof(text), START_S + start_s + 10 * i, i);
    strcat(text, "</trkseg></trk></gpx>");
    put_copy(letter, text);
    put_row(id, letter, start_s);
}

static void on_answer(void *userdata, const struct archived *answer)
{
    struct ask *ask = userdata;

    ask->answers++;
    snprintf(ask->code, sizeof(ask->code), "%s", answer->code ? answer->code : "");
    snprintf(ask->message, sizeof(ask->message), "%s", answer->message ? answer->message : "");
    snprintf(ask->allowed, sizeof(ask->allowed), "%.199s", answer->allowed);
    memcpy(ask->next, answer->next, sizeof(ask->next));
    if (answer->text) {
        size_t length = strlen(answer->text);

        assert_true(ask->length + length < FIT_MAX && answer->base64);
        assert_true(base64_decode(answer->text, ask->bytes + ask->length, &length));
        ask->length += length;
    }
}

static void begin_ask(int i, const char *id)
{
    struct archived_question asked = { .what = ARCHIVED_SESSION, .fit = true };

    assert_true(i < ASKS_MAX);
    snprintf(asked.id, sizeof(asked.id), "%s", id);
    memcpy(asked.cursor, f.asks[i].next, sizeof(asked.cursor));
    f.asks[i].answers = 0;
    archive_ask(f.archive, &asked, on_answer, &f.asks[i]);
}

static void run_until_answered(int i)
{
    while (f.asks[i].answers == 0)
        run_once();
    assert_int_equal(f.asks[i].answers, 1);
}

static void ask(int i, const char *id)
{
    begin_ask(i, id);
    run_until_answered(i);
}

static void assert_is_fit(int i)
{
    assert_string_equal(f.asks[i].message, "");
    assert_true(f.asks[i].length > 500);
    assert_memory_equal(f.asks[i].bytes + 8, ".FIT", 4);
}

static void assert_same(int i, int k)
{
    assert_int_equal(f.asks[i].length, f.asks[k].length);
    assert_memory_equal(f.asks[i].bytes, f.asks[k].bytes, f.asks[i].length);
}

static void assert_differ(int i, int k)
{
    assert_false(f.asks[i].length == f.asks[k].length &&
                 memcmp(f.asks[i].bytes, f.asks[k].bytes, f.asks[i].length) == 0);
}

static void assert_refused(int i, const char *code, const char *why)
{
    assert_string_equal(f.asks[i].code, code);
    if (!strstr(f.asks[i].message, why))
        fail_msg("'%s' is not '%s'", f.asks[i].message, why);
}

/* ---- making -------------------------------------------------------------------------------------- */

static void test_a_track_is_made_once_a_minute_and_each_time_the_same(void **state)
{
    skip_emulated();
    put_track("a-0", 'a', 0, "");
    ask(0, "a-0");
    assert_is_fit(0);
    ask(1, "a-0");
    assert_same(0, 1);
    assert_int_equal(begun_so_far(), 1);
    fake_clock_advance(61 * SECOND);
    ask(2, "a-0");
    assert_same(0, 2);
    assert_int_equal(begun_so_far(), 2);
    assert_int_equal(disk_count(&f.disk, "exported*"), 0);
}

static void test_why_there_is_none_is_said(void **state)
{
    static const struct {
        const char *word, *why;
    } rows[] = {
        { "LARGE", "larger than 64 MB" },
        { "FULL", "the disk is full" },
        { "FAIL", "process that was to make it failed" },
        { "CRASH", "more memory or time" },
        { "JUNK", "what was made of it is none" },
    };

    skip_emulated();
    for (int i = 0; i < (int)(sizeof(rows) / sizeof(rows[0])); i++) {
        put_track("a-0", 'a', 0, rows[i].word);
        ask(i, "a-0");
        assert_refused(i, "unavailable", rows[i].why);
        assert_int_equal(begun_so_far(), i + 1);
    }
    put_row("b-0", 'a', 1); /* in its file none began then */
    put_track("a-0", 'a', 0, "");
    ask(8, "b-0");
    assert_refused(8, "unavailable", "tells of no such session");
    ask(9, "a-0");
    assert_is_fit(9);
}

static void test_of_two_that_began_at_once_the_name_says_which(void **state)
{
    static const char lap[] =
        "<Lap StartTime=\"2025-06-01T06:00:00Z\"><TotalTimeSeconds>%d</TotalTimeSeconds>"
        "<DistanceMeters>%d</DistanceMeters></Lap></Activity>";
    char text[2048] = "<TrainingCenterDatabase><Activities><Activity Sport=\"Running\">";

    skip_emulated();
    snprintf(text + strlen(text), sizeof(text) - strlen(text), lap, 100, 300);
    strcat(text, "<Activity Sport=\"Biking\">");
    snprintf(text + strlen(text), sizeof(text) - strlen(text), lap, 200, 2000);
    strcat(text, "</Activities></TrainingCenterDatabase>");
    put_copy('a', text);
    put_row("20250601T060000Z-aaaaaaaaaaaa-0", 'a', 0);
    put_row("20250601T060000Z-aaaaaaaaaaaa-1", 'a', 0);
    put_row("20250601T060000Z-aaaaaaaaaaaa-2", 'a', 0);
    put_row("nameless", 'a', 0);
    ask(0, "20250601T060000Z-aaaaaaaaaaaa-0");
    ask(1, "20250601T060000Z-aaaaaaaaaaaa-1");
    for (int i = 0; i < 2; i++) {
        assert_string_equal(f.asks[i].message, "");
        assert_memory_equal(f.asks[i].bytes + 8, ".FIT", 4);
    }
    assert_differ(0, 1);
    ask(2, "20250601T060000Z-aaaaaaaaaaaa-2");
    assert_refused(2, "unavailable", "tells of no such session");
    ask(3, "nameless");
    assert_refused(3, "unavailable", "tells of no such session");
}

static void test_what_the_runner_says_of_altitudes_is_in_it(void **state)
{
    skip_emulated();
    put_track("a-0", 'a', 0, "");
    ask(0, "a-0");
    f.conf.runners[0].file_altitude = CONF_ALTITUDE_BAROMETRIC;
    ask(1, "a-0");
    assert_int_equal(begun_so_far(), 2);
    assert_is_fit(1);
    assert_true(f.asks[1].length > f.asks[0].length);
    f.conf.runners[0].file_altitude = CONF_ALTITUDE_GPS;
    ask(2, "a-0"); /* both are held */
    assert_same(0, 2);
    assert_int_equal(begun_so_far(), 2);
}

/* Most of the file is of later than a month after. */
static void test_the_first_of_a_long_archive_of_tracks(void **state)
{
    static char text[16384];

    skip_emulated();
    text[0] = '\0';
    strcat(text, "<gpx>");
    for (int i = 0; i < 12; i++) {
        strcat(text, "<trk><type>running</type><trkseg>");
        for (int k = 0; k < 11; k++)
            add_point(text, sizeof(text), START_S + i * 1000000 + 10 * k, k);
        strcat(text, "</trkseg></trk>");
    }
    strcat(text, "</gpx>");
    put_copy('a', text);
    put_row("a-0", 'a', 0);
    ask(0, "a-0");
    assert_is_fit(0);
}

static void test_the_room_that_it_may_need_is_asked_for(void **state)
{
    size_t length = 4 << 20;
    char *text = malloc(length + 4096);

    skip_emulated();
    assert_non_null(text);
    strcpy(text, "<gpx>");
    memset(text + strlen(text), ' ', length);
    strcpy(text + length, "<trk><type>running</type><trkseg>");
    for (int i = 0; i < 11; i++)
        add_point(text + length, 4096, START_S + 10 * i, i);
    strcat(text + length, "</trkseg></trk></gpx>");
    put_copy('a', text);
    put_row("a-0", 'a', 0);
    free(text);
    f.free_bytes = COPY_RESERVE + (3 << 20);
    ask(0, "a-0");
    assert_refused(0, "unavailable", "No space left");
    f.free_bytes = COPY_RESERVE + (5 << 20);
    ask(1, "a-0");
    assert_is_fit(1);
    put_track("b-0", 'b', 0, "");
    f.free_bytes = COPY_RESERVE + 10000; /* a small one needs no more */
    ask(2, "b-0");
    assert_is_fit(2);
}

/* ---- longer than anybody waits ------------------------------------------------------------------- */

static void test_who_asks_while_it_is_made_waits_for_the_same(void **state)
{
    skip_emulated();
    put_track("a-0", 'a', 0, "WAIT");
    begin_ask(0, "a-0");
    begin_ask(1, "a-0"); /* before anything of it is done */
    run_until_begun(1);
    begin_ask(2, "a-0");
    let_go(1);
    for (int i = 0; i < 3; i++) {
        run_until_answered(i);
        assert_is_fit(i);
        assert_same(0, i);
    }
    assert_int_equal(begun_so_far(), 1);
}

static void test_who_did_not_wait_is_given_it_when_they_ask_again(void **state)
{
    skip_emulated();
    put_track("a-0", 'a', 0, "WAIT");
    begin_ask(0, "a-0");
    disk_fixture_settle(&f.disk);
    fake_clock_advance(15 * SECOND);
    assert_int_equal(f.asks[0].answers, 1);
    assert_refused(0, "under_way", "still being made");
    assert_non_null(strstr(f.asks[0].allowed, "the same again"));
    begin_ask(1, "a-0"); /* while it is, still */
    disk_fixture_settle(&f.disk);
    fake_clock_advance(15 * SECOND);
    assert_refused(1, "under_way", "still being made");
    let_go(1);
    run_until_gone();
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.asks[0].answers, 1);
    ask(2, "a-0");
    assert_is_fit(2);
    assert_int_equal(begun_so_far(), 1);
    fake_clock_advance(61 * SECOND); /* it is not kept for ever */
    begin_ask(3, "a-0");
    let_go(2);
    run_until_answered(3);
    assert_same(2, 3);
    assert_int_equal(begun_so_far(), 2);
}

static void test_who_did_not_wait_is_told_why_there_is_none(void **state)
{
    skip_emulated();
    put_track("a-0", 'a', 0, "WAIT FULL");
    begin_ask(0, "a-0");
    disk_fixture_settle(&f.disk);
    fake_clock_advance(15 * SECOND);
    assert_refused(0, "under_way", "still being made");
    let_go(1);
    run_until_gone();
    ask(1, "a-0");
    assert_refused(1, "unavailable", "the disk is full");
    assert_int_equal(begun_so_far(), 1);
    put_track("a-0", 'a', 0, ""); /* from then on it is tried again */
    ask(2, "a-0");
    assert_is_fit(2);
    assert_int_equal(begun_so_far(), 2);
}

/* A disk that is slow in giving the copy is no disk that does not answer. */
static void test_a_file_that_comes_as_it_was_is_kept_too(void **state)
{
    struct archived_question asked = { .what = ARCHIVED_SESSION, .id = "a-0" };

    put_track("a-0", 'a', 0, "");
    archive_ask(f.archive, &asked, on_answer, &f.asks[0]);
    while (f.asks[0].answers == 0) { /* in the middle of it */
        run_once();
        fake_clock_advance(15 * SECOND);
    }
    assert_non_null(strstr(f.asks[0].message, "disk has not answered"));
    disk_fixture_settle(&f.disk);
    put_copy('a', "another by now");
    archive_ask(f.archive, &asked, on_answer, &f.asks[1]);
    disk_fixture_settle(&f.disk);
    assert_string_equal(f.asks[1].code, "");
    assert_memory_equal(f.asks[1].bytes, "<gpx>", 5);
}

/* ---- several ------------------------------------------------------------------------------------- */

static const char *const ids[] = { "a-0", "b-0", "c-0", "d-0", "e-0" };

static void put_tracks(int n, const char *words)
{
    for (int i = 0; i < n; i++)
        put_track(ids[i], (char)('a' + i), 1000 * i, words);
}

static void test_one_after_the_other_and_first_who_is_waited_for(void **state)
{
    char order[200];

    skip_emulated();
    put_tracks(3, "WAIT");
    begin_ask(0, ids[0]);
    disk_fixture_settle(&f.disk);
    run_until_begun(1);
    begin_ask(1, ids[1]);
    disk_fixture_settle(&f.disk);
    fake_clock_advance(15 * SECOND); /* the first two wait no more */
    assert_refused(1, "under_way", "still being made");
    begin_ask(2, ids[2]);
    disk_fixture_settle(&f.disk);
    assert_int_equal(begun_so_far(), 1);
    let_go(1);
    run_until_gone();
    let_go(2);
    run_until_answered(2);
    let_go(3);
    run_until_gone();
    disk_fixture_settle(&f.disk);
    (void)begun(NULL, order);
    assert_string_equal(order, "0 2000 1000 ");
    for (int i = 0; i < 3; i++) { /* and all are there */
        ask(4 + i, ids[i]);
        assert_is_fit(4 + i);
    }
    assert_int_equal(begun_so_far(), 3);
    assert_differ(4, 5);
}

static void test_too_many_are_refused_but_for_whom_nobody_waits(void **state)
{
    skip_emulated();
    put_tracks(5, "WAIT");
    for (int i = 0; i < 5; i++) {
        begin_ask(i, ids[i]);
        disk_fixture_settle(&f.disk);
    }
    assert_int_equal(f.asks[4].answers, 1);
    assert_refused(4, "busy", "Too many FIT files");
    fake_clock_advance(15 * SECOND);
    assert_refused(3, "under_way", "still being made");
    begin_ask(4, ids[4]); /* in the place of the second */
    begin_ask(5, ids[0]);
    disk_fixture_settle(&f.disk);
    assert_int_equal(f.asks[4].answers, 0);
    for (int n = 1; n < 5; n++) {
        let_go(n);
        run_until_gone();
    }
    run_until_answered(4);
    run_until_answered(5);
    assert_is_fit(4);
    assert_is_fit(5);
    disk_fixture_settle(&f.disk);
    assert_int_equal(begun_so_far(), 4);
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void test_stopping_ends_what_is_being_made(void **state)
{
    pid_t pid = 0;

    skip_emulated();
    put_tracks(2, "WAIT");
    begin_ask(0, ids[0]);
    begin_ask(1, ids[1]);
    disk_fixture_settle(&f.disk);
    run_until_begun(1);
    (void)begun(&pid, NULL);
    assert_true(is_there(pid));
    archive_stop(f.archive);
    assert_false(is_there(pid)); /* at once, and not when all else is done */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(f.asks[i].answers, 1);
        assert_refused(i, "unavailable", "strided is stopping");
    }
    begin_ask(2, ids[0]);
    assert_refused(2, "unavailable", "strided is stopping");
    disk_fixture_settle(&f.disk);
    assert_int_equal(begun_so_far(), 1);
}

static void test_stopping_before_and_behind_it(void **state)
{
    skip_emulated();
    put_tracks(2, "");
    begin_ask(0, ids[0]);
    while (begun_so_far() == 0)
        run_once();
    run_until_gone(); /* the worker looks at what was made */
    begin_ask(1, ids[1]);
    archive_stop(f.archive);
    for (int i = 0; i < 2; i++)
        assert_int_equal(f.asks[i].answers, 1);
    disk_fixture_settle(&f.disk);
    assert_int_equal(begun_so_far(), 1); /* no other one begins */
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(test_a_track_is_made_once_a_minute_and_each_time_the_same),
        T(test_why_there_is_none_is_said),
        T(test_of_two_that_began_at_once_the_name_says_which),
        T(test_what_the_runner_says_of_altitudes_is_in_it),
        T(test_the_first_of_a_long_archive_of_tracks),
        T(test_the_room_that_it_may_need_is_asked_for),
        T(test_who_asks_while_it_is_made_waits_for_the_same),
        T(test_who_did_not_wait_is_given_it_when_they_ask_again),
        T(test_who_did_not_wait_is_told_why_there_is_none),
        T(test_a_file_that_comes_as_it_was_is_kept_too),
        T(test_one_after_the_other_and_first_who_is_waited_for),
        T(test_too_many_are_refused_but_for_whom_nobody_waits),
        T(test_stopping_ends_what_is_being_made),
        T(test_stopping_before_and_behind_it),
    };
    sigset_t child;

    if (argc == 3 && strcmp(argv[1], READ_ARGUMENT) == 0)
        return act_reader(argv[2]);
    if (!realpath(argv[0], program))
        return EXIT_FAILURE;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
