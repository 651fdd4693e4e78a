/* SPDX-License-Identifier: MIT */
/* Recordings besides sessions: what stands in them, and when they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/recording/recovery.h"
#include "daemon/records/records.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "lib/training/tracker.h"

#define S UINT64_C(1000000)

static struct disk_fixture disk;
static struct records *records;
static struct conf conf;
static enum clock_state clock_known;
static struct record_answer now;
static int answers;

const struct tracker *sessions_tracker(const struct sessions *sessions)
{
    return NULL;
}

const struct stream *tracker_stream(const struct tracker *tracker, size_t sensor)
{
    return NULL; /* nothing is known of it yet */
}

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return clock_known;
}

static void add_sensor(struct conf *to, const char *name, unsigned number, int runner)
{
    struct conf_sensor *sensor = &to->sensors[to->n_sensors++];

    *sensor = (struct conf_sensor){ .runner = runner, .factor = 1 };
    snprintf(sensor->name, sizeof(sensor->name), "%s", name);
    snprintf(sensor->address, sizeof(sensor->address), "C0:DE:00:00:00:%02X", number);
}

static int set_up(void **state)
{
    disk_fixture_init(&disk);
    conf_init(&conf);
    conf.n_runners = 2;
    snprintf(conf.runners[0].id, CONF_ID_MAX, "anna");
    snprintf(conf.runners[1].id, CONF_ID_MAX, "ben");
    conf.runners[1].max_heart_rate_bpm = 188;
    conf.runners[0].mass_kg = conf.runners[1].mass_kg = NAN;
    conf.runners[0].live_incline_pct = conf.runners[1].live_incline_pct = NAN;
    add_sensor(&conf, "pod", 1, 0);
    add_sensor(&conf, "strap", 2, 1);
    add_sensor(&conf, "belt", 3, CONF_RUNNER_AUTO);
    clock_known = CLOCK_SYNCED;
    answers = 0;
    fake_clock_set_wall(FAKE_WALL_USEC);
    const struct records_parts parts = {
        .event = disk.event, .conf = &conf, .worker = disk.worker, .state_dir = disk.dir
    };
    return records_new(&records, &parts);
}

static int tear_down(void **state)
{
    records_stop(records);
    disk_fixture_settle(&disk);
    records_free(records);
    disk_fixture_done(&disk);
    return 0;
}

static void on_done(void *userdata, const struct record_answer *answer)
{
    answers++;
    now = *answer;
}

static void ask(enum record_wish wish, const char *sensor, unsigned minutes)
{
    struct record_request request = { .wish = wish, .minutes = minutes };
    int before = answers;

    snprintf(request.sensor, sizeof(request.sensor), "%s", sensor);
    records_ask(records, &request, on_done, NULL);
    disk_fixture_settle(&disk);
    assert_int_equal(answers, before + 1);
}

static void packet(size_t sensor, uint8_t byte)
{
    records_notification(records, clock_now_usec(), sensor, 0x2a53, &byte, 1);
}

static void pass(uint64_t seconds)
{
    for (uint64_t i = 0; i < seconds; i++) {
        fake_clock_advance(S);
        disk_fixture_settle(&disk);
    }
}

/* Its lines without their sums, times in seconds since it began. */
static void lines_are(const char *want)
{
    char *text = disk_read(&disk, strstr(now.file, "records/"), &(size_t){ 0 }), *at = text, *line;
    char got[4000] = "";

    while ((line = strsep(&at, "\n"))) {
        char *sum = strstr(line, " *");

        if (!*line || *line == 'A')
            continue;
        if (sum)
            *sum = '\0';
        if (*line == 'N' || *line == 'L') { /* without the time */
            char *rest = strchr(line + 2, ' ');
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%c%s\n", *line, rest);
        } else {
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s\n", line);
        }
    }
    free(text);
    assert_string_equal(got, want);
}

#define HEADER "strided-recording 1\n"
#define ANNA   "R anna - 0 0 0 - -\n"
#define BEN    "R ben - 0 188 0 - -\n"
#define NOBODY "R - - 0 0 0 - -\n"
#define POD    " pod C0:DE:00:00:00:01 auto 1 -\n"
#define STRAP  " strap C0:DE:00:00:00:02 auto 1 -\n"
#define BELT   " belt C0:DE:00:00:00:03 auto 1 -\n"

static void test_all_that_is_said_is_written_with_whose_it_is(void **state)
{
    records_link(records, 1, 1, true); /* before anybody records */
    packet(0, 1);
    ask(RECORD_WISH_START, "", 10);
    assert_null(now.code);
    assert_true(now.recording);
    assert_non_null(strstr(now.file, "/records/20260101T0000"));
    packet(0, 0xaa);
    packet(2, 0xbb);
    pass(2);
    records_link(records, clock_now_usec(), 0, true);
    records_link(records, clock_now_usec(), 1, false);
    packet(0, 0xcc);
    ask(RECORD_WISH_STATUS, "", 0);
    assert_int_equal(now.packets, 3);
    assert_int_equal(now.link_changes, 2);
    assert_int_equal(now.n_sensors, 3);
    assert_int_equal(now.elapsed_usec, 2 * S);
    assert_int_equal(now.left_usec, 598 * S);
    ask(RECORD_WISH_STOP, "", 0);
    assert_false(now.recording);
    assert_string_equal(now.ended, "it was stopped");
    packet(0, 0xdd);
    lines_are(HEADER BEN "S 0" STRAP "L 0 up\n" ANNA "S 1" POD "N 1 2a53 aa\n" NOBODY "S 2" BELT
                         "N 2 2a53 bb\nL 1 up\nL 0 down\nN 1 2a53 cc\n");
}

static void test_one_sensor_alone(void **state)
{
    ask(RECORD_WISH_START, "strap", 10);
    packet(0, 1);
    packet(1, 2);
    records_link(records, clock_now_usec(), 0, true);
    ask(RECORD_WISH_STOP, "", 0);
    lines_are(HEADER BEN "S 0" STRAP "N 0 2a53 02\n");
    ask(RECORD_WISH_START, "watch", 10);
    assert_string_equal(now.code, "not_found");
    assert_string_equal(now.allowed, "pod | strap | belt");
}

static void test_it_ends_when_its_time_is_over(void **state)
{
    ask(RECORD_WISH_START, "", 2);
    for (int i = 0; i < 119; i++) {
        packet(0, 1);
        pass(1);
    }
    ask(RECORD_WISH_STATUS, "", 0);
    assert_true(now.recording);
    pass(2);
    ask(RECORD_WISH_STATUS, "", 0);
    assert_false(now.recording);
    assert_string_equal(now.ended, "its time was over");
    assert_int_equal(now.packets, 119);
    assert_int_equal(fake_clock_armed(), 0); /* nothing wakes the loop for it any more */
}

static void test_it_ends_when_it_is_large(void **state)
{
    uint8_t bytes[RECORDING_BYTES_MAX] = { 0 };

    ask(RECORD_WISH_START, "", 240);
    for (int second = 0; second < 100 && now.ended == NULL; second++) {
        for (int i = 0; i < 1000; i++)
            records_notification(records, clock_now_usec(), 0, 0x2a53, bytes, sizeof(bytes));
        pass(1);
        ask(RECORD_WISH_STATUS, "", 0);
    }
    assert_string_equal(now.ended, "it is as large as one may be");
    assert_in_range(now.bytes, RECORDS_BYTES_MAX, RECORDS_BYTES_MAX + (1 << 20));
    assert_int_equal(now.lost, 0);
}

static void test_a_disk_that_does_not_answer_costs_a_megabyte_and_no_more(void **state)
{
    uint8_t bytes[RECORDING_BYTES_MAX] = { 0 };

    ask(RECORD_WISH_START, "", 240);
    for (int i = 0; i < 10000; i++) /* and the loop does not come to the worker */
        records_notification(records, clock_now_usec(), 0, 0x2a53, bytes, sizeof(bytes));
    ask(RECORD_WISH_STATUS, "", 0);
    assert_in_range(now.lost, 7000, 9000);
    ask(RECORD_WISH_STOP, "", 0);
    assert_null(now.code);
}

static void test_one_at_a_time(void **state)
{
    ask(RECORD_WISH_STATUS, "", 0);
    assert_false(now.recording);
    assert_string_equal(now.file, "");
    ask(RECORD_WISH_STOP, "", 0);
    assert_string_equal(now.code, "not_found");
    ask(RECORD_WISH_START, "", 1);
    ask(RECORD_WISH_START, "", 1);
    assert_string_equal(now.code, "already");
    ask(RECORD_WISH_STOP, "", 0);
    ask(RECORD_WISH_START, "", 1); /* in the same second: another file */
    assert_null(now.code);
    assert_int_equal(disk_count(&disk, "records/*.rec"), 2);
}

static void test_sensors_are_the_same_after_a_reload_by_name_and_address(void **state)
{
    static struct conf other;

    ask(RECORD_WISH_START, "", 10);
    packet(0, 1);
    packet(1, 2);
    conf_init(&other);
    memcpy(other.runners, conf.runners, sizeof(other.runners));
    other.n_runners = 2;
    add_sensor(&other, "strap", 2, 1);
    add_sensor(&other, "pod", 9, 0); /* another device */
    records_set_conf(records, &other);
    packet(0, 3);
    packet(1, 4);
    packet(2, 5); /* there is none */
    ask(RECORD_WISH_STOP, "", 0);
    lines_are(HEADER ANNA "S 0" POD "N 0 2a53 01\n" BEN "S 1" STRAP
                          "N 1 2a53 02\nN 1 2a53 03\n" ANNA
                          "S 2 pod C0:DE:00:00:00:09 auto 1 -\nN 2 2a53 04\n");
}

static void test_a_clock_that_is_set_dates_it(void **state)
{
    char *text;
    size_t length;

    clock_known = CLOCK_UNSET;
    ask(RECORD_WISH_START, "", 10);
    assert_non_null(strstr(now.file, "/records/bootb007"));
    clock_known = CLOCK_SYNCED;
    records_clock_changed(records, clock_now_usec());
    ask(RECORD_WISH_STOP, "", 0);
    text = disk_read(&disk, strstr(now.file, "records/"), &length);
    assert_non_null(strstr(text, " unset *"));
    assert_non_null(strstr(text, " synced *"));
    free(text);
}

static void test_a_stop_of_strided_leaves_all_of_it(void **state)
{
    ask(RECORD_WISH_START, "", 10);
    packet(0, 7);
    records_stop(records);
    disk_fixture_settle(&disk);
    lines_are(HEADER ANNA "S 0" POD "N 0 2a53 07\n");
}

static void test_a_folder_that_cannot_be_made_is_said(void **state)
{
    disk_write(&disk, "records", "x", 1);
    ask(RECORD_WISH_START, "", 10);
    assert_string_equal(now.code, "unavailable");
    assert_non_null(strstr(now.message, "No file can be made in "));
    ask(RECORD_WISH_STATUS, "", 0);
    assert_false(now.recording);
}

#define WITH_ALL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ALL(test_all_that_is_said_is_written_with_whose_it_is),
        WITH_ALL(test_one_sensor_alone),
        WITH_ALL(test_it_ends_when_its_time_is_over),
        WITH_ALL(test_it_ends_when_it_is_large),
        WITH_ALL(test_a_disk_that_does_not_answer_costs_a_megabyte_and_no_more),
        WITH_ALL(test_one_at_a_time),
        WITH_ALL(test_sensors_are_the_same_after_a_reload_by_name_and_address),
        WITH_ALL(test_a_clock_that_is_set_dates_it),
        WITH_ALL(test_a_stop_of_strided_leaves_all_of_it),
        WITH_ALL(test_a_folder_that_cannot_be_made_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
