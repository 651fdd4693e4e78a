/* SPDX-License-Identifier: MIT */
/* The simulated clock: tests/sim/clock.c read through daemon/clock.h, changed through clockctl. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "daemon/clock.h"
#include "daemon/util.h"
#include "tests/sim/clockctl.h"

#define S             UINT64_C(1000000)
#define PATIENCE_USEC (10 * S) /* real; what is waited for comes within milliseconds */

static char folder[64], path[80];
static struct clockctl *ctl;
static sd_event *event;

static int setup(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/strided-clock-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/clock", folder);
    setenv(SIM_CLOCK_ENV, path, 1);
    return clockctl_open(&ctl, path) < 0 || sd_event_new(&event) < 0;
}

static int teardown(void **state)
{
    event = sd_event_unref(event);
    ctl = clockctl_free(ctl);
    unlink(path);
    return rmdir(folder);
}

static int slow_again(void **state)
{
    return clockctl_set_rate(ctl, 1);
}

static void count(void *userdata, uint64_t now_usec)
{
    ++*(int *)userdata;
}

static void run_until(const int *counter, int wanted)
{
    while (*counter < wanted)
        assert_true(sd_event_run(event, PATIENCE_USEC) > 0);
}

/* Lets everything that is due happen, without waiting for anything. */
static void run_due(void)
{
    while (sd_event_run(event, 0) > 0)
        ;
}

static void test_fast_clock_reaches_a_minute_in_milliseconds(void **state)
{
    struct clock_timer *timer = NULL;
    uint64_t real = clock_line_real_usec(), at;
    int rang = 0;

    assert_int_equal(clockctl_set_rate(ctl, 3600), 0);
    at = clock_now_usec() + 60 * S;
    assert_int_equal(clock_timer_new(&timer, event, at, count, &rang), 0);
    run_until(&rang, 1);
    assert_true(clock_now_usec() >= at);
    assert_true(clock_line_real_usec() - real < 5 * S);
    clock_timer_unref(timer);
}

static void test_armed_timer_follows_a_change_of_rate(void **state)
{
    struct clock_timer *timer = NULL;
    int rang = 0;

    assert_int_equal(clock_timer_new(&timer, event, clock_now_usec() + 600 * S, count, &rang), 0);
    run_due();
    assert_int_equal(rang, 0);
    assert_int_equal(clockctl_set_rate(ctl, 3600), 0);
    run_until(&rang, 1);
    clock_timer_unref(timer);
}

static void test_jump_fires_what_became_due_and_nothing_else(void **state)
{
    struct clock_timer *soon = NULL, *late = NULL, *watch = NULL;
    uint64_t before = clock_now_usec();
    int64_t wall = clock_wall_usec();
    int soon_rang = 0, late_rang = 0, watched = 0;

    assert_int_equal(clock_timer_new(&soon, event, before + 3600 * S, count, &soon_rang), 0);
    assert_int_equal(clock_timer_new(&late, event, before + 9000 * S, count, &late_rang), 0);
    assert_int_equal(clock_watch_new(&watch, event, count, &watched), 0);
    clockctl_jump(ctl, 7200 * S);
    run_until(&soon_rang, 1);
    run_due();
    assert_true(clock_now_usec() >= before + 7200 * S && clock_now_usec() < before + 7300 * S);
    assert_true(clock_wall_usec() >= wall + (int64_t)(7200 * S));
    assert_int_equal(late_rang, 0);
    assert_int_equal(watched, 0);
    clock_timer_unref(soon);
    clock_timer_unref(late);
    clock_timer_unref(watch);
}

static void test_wall_clock_set_moves_no_timer_and_tells_watchers(void **state)
{
    const int64_t then = INT64_C(1234567890) * 1000000;
    struct clock_timer *timer = NULL, *watch = NULL;
    uint64_t before = clock_now_usec();
    int rang = 0, watched = 0;

    assert_int_equal(clock_timer_new(&timer, event, before + 3600 * S, count, &rang), 0);
    assert_int_equal(clock_watch_new(&watch, event, count, &watched), 0);
    clockctl_set_wall(ctl, then);
    run_until(&watched, 1);
    assert_true(clock_wall_usec() >= then && clock_wall_usec() < then + (int64_t)(60 * S));
    assert_true(clock_now_usec() < before + 60 * S);
    clockctl_set_wall(ctl, then);
    run_until(&watched, 2);
    run_due();
    assert_int_equal(watched, 2);
    assert_int_equal(rang, 0);
    clock_timer_unref(timer);
    clock_timer_unref(watch);
}

static void test_suspend_jumps_and_tells_watchers(void **state)
{
    struct clock_timer *watch = NULL;
    uint64_t before = clock_now_usec();
    int watched = 0;

    assert_int_equal(clock_watch_new(&watch, event, count, &watched), 0);
    clockctl_suspend(ctl, 8 * 3600 * S);
    run_until(&watched, 1);
    assert_true(clock_now_usec() >= before + 8 * 3600 * S);
    clock_timer_unref(watch);
}

static void test_reboot_begins_boottime_anew_for_those_who_start_then(void **state)
{
    char old[33];
    int status;
    pid_t pid;

    snprintf(old, sizeof old, "%s", clock_boot_id());
    clockctl_reboot(ctl);
    assert_true(clock_now_usec() < 3600 * S);
    assert_string_equal(clock_boot_id(), old);
    pid = fork();
    if (pid == 0) /* what a new process would read */
        _exit(strcmp(clock_file_read(clockctl_file(ctl)).boot_id, old) == 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void on_last(void *userdata, uint64_t now_usec)
{
    struct clock_timer **timer = userdata;

    *timer = clock_timer_unref(*timer);
}

static void test_handlers_may_end_their_own_timer_or_watch(void **state)
{
    struct clock_timer *timer = NULL, *watch = NULL;

    assert_int_equal(clock_watch_new(&watch, event, on_last, &watch), 0);
    clockctl_set_wall(ctl, 0);
    while (watch)
        assert_true(sd_event_run(event, PATIENCE_USEC) > 0);
    assert_int_equal(clock_timer_new(&timer, event, 0, on_last, &timer), 0);
    while (timer)
        assert_true(sd_event_run(event, PATIENCE_USEC) > 0);
}

static void test_timer_disarmed_or_rearmed_later_stays_silent(void **state)
{
    struct clock_timer *timer = NULL;
    int rang = 0;

    assert_int_equal(clock_timer_new(&timer, event, clock_now_usec() + 10 * S, count, &rang), 0);
    clock_timer_set(timer, CLOCK_NEVER);
    clockctl_jump(ctl, 60 * S);
    run_due();
    assert_int_equal(rang, 0);
    clock_timer_set(timer, clock_now_usec() + 100 * S);
    clockctl_jump(ctl, 60 * S);
    run_due();
    assert_int_equal(rang, 0);
    clockctl_jump(ctl, 60 * S);
    run_until(&rang, 1);
    clock_timer_unref(timer);
}

static void test_rates_out_of_range_are_refused(void **state)
{
    static const double bad[] = { 0, -1, 0.99, 3600.1, 1.0 / 0.0, 0.0 / 0.0 };
    uint32_t sequence = clockctl_file(ctl)->sequence;

    for (size_t i = 0; i < ELEMENTSOF(bad); i++)
        assert_int_equal(clockctl_set_rate(ctl, bad[i]), -ERANGE);
    assert_int_equal(clockctl_file(ctl)->sequence, sequence);
}

static void test_files_that_are_no_clock_are_refused(void **state)
{
    static const char bytes[512] = "not a clock";
    static const struct {
        const char *label;
        size_t length;
    } rows[] = { { "short", 1 }, { "long enough, wrong magic", sizeof bytes } };
    struct clockctl *other = NULL;
    char wrong[80];
    int fd;

    snprintf(wrong, sizeof wrong, "%s/wrong", folder);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        print_message("  %s\n", rows[i].label);
        fd = open(wrong, O_CREAT | O_TRUNC | O_WRONLY, 0600);
        assert_int_equal(write(fd, bytes, rows[i].length), rows[i].length);
        close(fd);
        assert_int_equal(clockctl_open(&other, wrong), -EBADMSG);
        assert_null(other);
    }
    unlink(wrong);
}

static void test_second_opener_sees_and_changes_the_same_clock(void **state)
{
    struct clockctl *other = NULL;
    uint64_t before = clock_now_usec();

    assert_int_equal(clockctl_open(&other, path), 0);
    clockctl_jump(other, 500 * S);
    assert_true(clock_now_usec() >= before + 500 * S);
    assert_null(clockctl_free(other));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, slow_again)
    const struct CMUnitTest tests[] = {
        TEST(test_fast_clock_reaches_a_minute_in_milliseconds),
        TEST(test_armed_timer_follows_a_change_of_rate),
        TEST(test_jump_fires_what_became_due_and_nothing_else),
        TEST(test_wall_clock_set_moves_no_timer_and_tells_watchers),
        TEST(test_suspend_jumps_and_tells_watchers),
        TEST(test_handlers_may_end_their_own_timer_or_watch),
        TEST(test_timer_disarmed_or_rearmed_later_stays_silent),
        TEST(test_rates_out_of_range_are_refused),
        TEST(test_files_that_are_no_clock_are_refused),
        TEST(test_second_opener_sees_and_changes_the_same_clock),
        TEST(test_reboot_begins_boottime_anew_for_those_who_start_then),
    };

    return cmocka_run_group_tests_name("sim_clock", tests, setup, teardown);
}
