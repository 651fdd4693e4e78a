/* SPDX-License-Identifier: MIT */
/* The lines of a recording that are written more than once: when, which, and what they are good for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/recording/private.h"
#include "daemon/recording/recovery.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"

#define HEADER "strided-recording 1\n"
#define ANNA   "R anna female 1990 180 50 - -"
#define POD    "S 0 pod C0:DE:00:00:00:01 auto 1 p"
#define BEGIN  "G 1000000 motion"
#define BOOT1  "A 0123456789abcdef0123456789abcdef "
#define BOOT2  "A fedcba9876543210fedcba9876543210 "
#define PAGE   4096

static const char *const head[] = { BOOT1 "1000000 1700000000000000 synced", ANNA, POD, BEGIN };

struct fixture {
    struct disk_fixture disk;
    struct recorder *recorder;
    struct recording_file *file;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    disk_fixture_init(&f->disk);
    assert_return_code(recorder_new(&f->recorder, f->disk.event, f->disk.worker, f->disk.dir), 0);
    assert_return_code(recorder_open(f->recorder, "run", &f->file), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->recorder = recorder_free(f->recorder);
    disk_fixture_done(&f->disk);
    free(f);
    return 0;
}

static void declare(struct fixture *f, const char *said)
{
    struct record record;
    char line[RECORDING_LINE_MAX];

    assert_int_equal(recording_parse(said, strlen(said), true, &record), RECORDING_OK);
    recorder_declare(f->file, line, recording_format(&record, line, sizeof(line)));
}

static void declare_head(struct fixture *f)
{
    recorder_append(f->file, HEADER, strlen(HEADER));
    for (size_t i = 0; i < ELEMENTSOF(head); i++)
        declare(f, head[i]);
}

/* So many bytes of packets, and at most a line more. */
static void run_on(struct fixture *f, size_t bytes)
{
    struct record record = { .type = RECORD_NOTIFICATION,
                             .t_usec = 2000000,
                             .notification = { 0x2a53, 10, "0123456789" } };
    char line[RECORDING_LINE_MAX];
    size_t length = recording_format(&record, line, sizeof(line));

    for (size_t written = 0; written < bytes; written += length)
        recorder_append(f->file, line, length);
}

static char *read_file_of(struct fixture *f, size_t *ret_length)
{
    return disk_read(&f->disk, "sessions/run.rec", ret_length);
}

/* How often it is said by a copy; each names the place of the line itself. */
static size_t count_copies(struct fixture *f, const char *said)
{
    const char *line;
    size_t cursor = 0, length, text_length, n = 0;
    _cleanup_free_ char *text = read_file_of(f, &text_length);

    while (recording_next_line(text, text_length, &cursor, &line, &length)) {
        struct recording_copy copy;
        struct record record;

        if (recording_copy_parse(line, length, false, &copy, &record) != RECORDING_OK ||
            copy.said != strlen(said) || memcmp(line + copy.at, said, copy.said) != 0)
            continue;
        assert_memory_equal(text + copy.place, said, copy.said);
        n++;
    }
    return n;
}

static void assert_copies(struct fixture *f, size_t expected)
{
    for (size_t i = 0; i < ELEMENTSOF(head); i++)
        assert_int_equal(count_copies(f, head[i]), expected);
}

static void test_each_page_of_packets_has_a_copy(void **state)
{
    struct fixture *f = *state;

    declare_head(f);
    run_on(f, PAGE - 512);
    assert_copies(f, 0);
    run_on(f, 512);
    assert_copies(f, 1);
    run_on(f, 3 * PAGE);
    assert_copies(f, 4);
}

static void test_a_short_one_has_a_copy_at_its_end(void **state)
{
    struct fixture *f = *state;

    declare_head(f);
    run_on(f, 100);
    recorder_close(TAKE_PTR(f->file), NULL, NULL);
    disk_fixture_settle(&f->disk);
    assert_copies(f, 1);
}

static void test_so_it_has_when_the_daemon_stops(void **state)
{
    struct fixture *f = *state;

    declare_head(f);
    f->recorder = recorder_free(f->recorder);
    assert_copies(f, 1);
}

static void test_a_line_that_comes_late_is_copied_too(void **state)
{
    struct fixture *f = *state;
    static const char late[] = "S 1 strap C0:DE:00:00:00:02 auto 1 s";

    declare_head(f);
    run_on(f, PAGE);
    declare(f, late);
    assert_int_equal(count_copies(f, late), 0);
    recorder_close(TAKE_PTR(f->file), NULL, NULL);
    disk_fixture_settle(&f->disk);
    assert_int_equal(count_copies(f, late), 1);
    assert_copies(f, 2);
}

/* What it had open can neither be written nor read any more, and an empty one stands in its place. */
static void change_the_disk(struct fixture *f)
{
    char away[128];

    int dead = open(disk_path(&f->disk, "sessions/run.rec"), O_PATH | O_CLOEXEC);
    assert_return_code(dup3(dead, f->file->fd, O_CLOEXEC), 0);
    close(dead);
    snprintf(away, sizeof(away), "%s", disk_path(&f->disk, "away"));
    assert_return_code(rename(disk_path(&f->disk, "sessions"), away), 0);
    assert_return_code(mkdir(disk_path(&f->disk, "sessions"), 0750), 0);
}

static void test_one_that_begins_anew_on_another_disk_says_whose_it_is(void **state)
{
    struct fixture *f = *state;
    struct recovered recovered;
    size_t length;
    char *text;

    declare_head(f);
    change_the_disk(f);
    run_on(f, 1);
    fake_clock_advance(5000000);
    disk_fixture_settle(&f->disk);
    text = read_file_of(f, &length);
    assert_memory_equal(text, HEADER, strlen(HEADER));
    assert_int_equal(length, f->file->length);
    assert_int_equal(recovered_read(&recovered, text, length), 0);
    assert_int_equal(recovered.n, ELEMENTSOF(head) + 1);
    assert_int_equal(recovered.bad, 0);
    for (size_t i = 0; i < recovered.n; i++)
        assert_int_equal(recovered_letter(&recovered, i), "ARSGN"[i]);
    recovered_done(&recovered);
}

static void test_lines_without_copies_are_written_as_they_are(void **state)
{
    struct fixture *f = *state;
    size_t length;

    run_on(f, 2 * PAGE);
    recorder_close(TAKE_PTR(f->file), NULL, NULL);
    disk_fixture_settle(&f->disk);
    _cleanup_free_ char *text = read_file_of(f, &length);
    assert_null(strstr(text, "\nC "));
}

static void recall_all(struct fixture *f)
{
    struct recovered recovered;
    size_t length;
    char *text;

    assert_int_equal(recorder_read(f->recorder, "run", &text, &length), 0);
    assert_int_equal(recovered_read(&recovered, text, length), 0);
    assert_return_code(recorder_open(f->recorder, "run", &f->file), 0);
    for (size_t i = 0; i < recovered.n; i++) {
        uint32_t place;
        const char *said;

        if (!recording_has_copies(recovered_letter(&recovered, i)))
            continue;
        said = recovered_said(&recovered, i, &length, &place);
        recorder_recall(f->file, said, length, place);
    }
    recovered_done(&recovered);
}

static void go_on(struct fixture *f)
{
    recorder_close(TAKE_PTR(f->file), NULL, NULL);
    disk_fixture_settle(&f->disk);
    recall_all(f);
}

static void test_who_goes_on_with_it_copies_it_at_once(void **state)
{
    struct fixture *f = *state;
    static const char later[] = BOOT1 "9000000 1700000008000000 synced";

    declare_head(f);
    go_on(f);
    assert_copies(f, 1);
    declare(f, later);
    assert_copies(f, 2);
    assert_int_equal(count_copies(f, later), 1);
    run_on(f, PAGE);
    assert_copies(f, 3);
}

static void test_who_only_reads_it_leaves_it(void **state)
{
    struct fixture *f = *state;
    size_t before, after;

    declare_head(f);
    go_on(f);
    free(read_file_of(f, &before));
    recorder_close(TAKE_PTR(f->file), NULL, NULL);
    disk_fixture_settle(&f->disk);
    free(read_file_of(f, &after));
    assert_int_equal(after, before);
}

/* What rotted in the file is whole in the copies, and stays so from one process to the next. */
static void test_what_rotted_is_copied_from_its_copy(void **state)
{
    struct fixture *f = *state;
    size_t length;

    declare_head(f);
    for (int round = 0; round < 3; round++) {
        go_on(f);
        run_on(f, PAGE);
        recorder_close(TAKE_PTR(f->file), NULL, NULL);
        disk_fixture_settle(&f->disk);
        _cleanup_free_ char *text = read_file_of(f, &length);
        /* all that was whole so far, less the newest copy */
        char *last = memmem(text, length, "R anna", 6);
        for (char *at = last; at;
             at = memmem(at + 1, length - (size_t)(at + 1 - text), "R anna", 6))
            last = at;
        for (char *at = memmem(text, (size_t)(last - text), "R anna", 6); at;
             at = memmem(at, (size_t)(last - at), "R anna", 6))
            at[3] = '?';
        disk_write(&f->disk, "sessions/run.rec", text, length);
        recall_all(f);
    }
    struct recovered recovered;
    char *text;
    assert_int_equal(recorder_read(f->recorder, "run", &text, &length), 0);
    assert_int_equal(recovered_read(&recovered, text, length), 0);
    assert_int_equal(recovered_letter(&recovered, 1), 'R'); /* behind the A, where it stood */
    assert_int_equal(recovered.found, 1);
    recovered_done(&recovered);
}

/* A daemon that is started again and again in one boot makes an A line each time. */
static void test_of_each_boot_the_first_and_the_last_axis(void **state)
{
    struct fixture *f = *state;
    char said[128], first[128], boot2[128];

    declare_head(f);
    for (int i = 1; i <= 100; i++) {
        snprintf(said, sizeof(said), BOOT1 "%d000000 1700000000000000 synced", i + 1);
        declare(f, said);
    }
    snprintf(boot2, sizeof(boot2), BOOT2 "1000000 1700000900000000 synced");
    declare(f, boot2);
    run_on(f, PAGE);
    run_on(f, PAGE);
    snprintf(first, sizeof(first), BOOT1 "51000000 1700000000000000 synced");
    assert_true(count_copies(f, said) >= 2);
    assert_true(count_copies(f, boot2) >= 2);
    assert_copies(f, count_copies(f, head[1]));
    assert_true(count_copies(f, first) <= 1); /* while it was the last */
}

/* Whatever comes: no more than so much is kept in mind, and written each time. */
static void test_copies_are_bounded(void **state)
{
    struct fixture *f = *state;
    size_t before, after;
    char said[128];

    for (int i = 0; i < 1000; i++) {
        snprintf(said, sizeof(said), "A %032d 1000000 1700000000000000 synced", i);
        declare(f, said);
    }
    free(read_file_of(f, &before));
    run_on(f, PAGE);
    free(read_file_of(f, &after));
    assert_true(after - before <= PAGE + 64 + 2 * 8192);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_each_page_of_packets_has_a_copy),
        T(test_a_short_one_has_a_copy_at_its_end),
        T(test_so_it_has_when_the_daemon_stops),
        T(test_a_line_that_comes_late_is_copied_too),
        T(test_lines_without_copies_are_written_as_they_are),
        T(test_one_that_begins_anew_on_another_disk_says_whose_it_is),
        T(test_who_goes_on_with_it_copies_it_at_once),
        T(test_who_only_reads_it_leaves_it),
        T(test_what_rotted_is_copied_from_its_copy),
        T(test_of_each_boot_the_first_and_the_last_axis),
        T(test_copies_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
