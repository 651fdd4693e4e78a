/* SPDX-License-Identifier: MIT */
/* The real clock: daemon/clock.c. Boot ids are asked for in children, because a process has one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>
#include <systemd/sd-id128.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

static bool proc_is_hidden;

/* Ours comes before libsystemd's: a unit with ProcSubset=pid sees no /proc/sys. */
int sd_id128_get_boot(sd_id128_t *ret)
{
    if (proc_is_hidden)
        return -ENOENT;
    return sd_id128_from_string("0123456789abcdef0123456789abcdef", ret);
}

void log_full(int level, const char *const *fields, const char *format, ...)
{
}

static void boot_id_in_child(bool hidden, const char *handed_in, char ret[64])
{
    int pipe_fd[2], status;
    pid_t pid;

    assert_int_equal(pipe(pipe_fd), 0);
    pid = fork();
    if (pid == 0) {
        proc_is_hidden = hidden;
        if (handed_in)
            setenv("STRIDED_BOOT_ID", handed_in, 1);
        else
            unsetenv("STRIDED_BOOT_ID");
        if (clock_boot_id() != clock_boot_id()) /* for the life of the process */
            _exit(1);
        _exit(write(pipe_fd[1], clock_boot_id(), 33) != 33);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(read(pipe_fd[0], ret, 64), 33);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

static void test_boot_id_sources(void **state)
{
    static const struct {
        const char *label;
        bool hidden;
        const char *handed_in, *expected; /* expected NULL: random */
    } rows[] = {
        { "the kernel tells", false, NULL, "0123456789abcdef0123456789abcdef" },
        { "the kernel goes first", false, "ffffffffffffffffffffffffffffffff",
          "0123456789abcdef0123456789abcdef" },
        { "hidden, from the unit", true, "00112233445566778899aabbccddeeff",
          "00112233445566778899aabbccddeeff" },
        { "hidden, nothing handed in", true, NULL, NULL },
        { "hidden, an unexpanded specifier", true, "%b", NULL },
    };
    char id[64], again[64];

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        print_message("  %s\n", rows[i].label);
        boot_id_in_child(rows[i].hidden, rows[i].handed_in, id);
        assert_int_equal(strspn(id, "0123456789abcdef"), 32);
        if (rows[i].expected) {
            assert_string_equal(id, rows[i].expected);
            continue;
        }
        boot_id_in_child(rows[i].hidden, rows[i].handed_in, again);
        assert_string_not_equal(id, again);
    }
}

struct alarm {
    sd_event *event;
    struct clock_timer *timer;
    int rang;
    uint64_t at_usec;
};

static void on_alarm(void *userdata, uint64_t now_usec)
{
    struct alarm *alarm = userdata;

    assert_true(now_usec >= alarm->at_usec);
    alarm->at_usec = now_usec + 2000;
    if (++alarm->rang < 3)
        clock_timer_set(alarm->timer, alarm->at_usec);
    else
        alarm->timer = clock_timer_unref(alarm->timer); /* from within its own handler */
}

static void on_silence(void *userdata, uint64_t now_usec)
{
    fail();
}

static void test_timer_rearms_and_ends_from_its_handler(void **state)
{
    struct alarm alarm = { .at_usec = clock_now_usec() + 5000 };
    struct clock_timer *never = NULL, *disarmed = NULL;

    assert_true(sd_event_new(&alarm.event) >= 0);
    assert_int_equal(clock_timer_new(&alarm.timer, alarm.event, alarm.at_usec, on_alarm, &alarm),
                     0);
    assert_int_equal(clock_timer_new(&never, alarm.event, CLOCK_NEVER, on_silence, NULL), 0);
    assert_int_equal(clock_timer_new(&disarmed, alarm.event, 0, on_silence, NULL), 0);
    clock_timer_set(disarmed, CLOCK_NEVER);
    while (alarm.timer)
        assert_true(sd_event_run(alarm.event, 5000000) > 0);
    assert_int_equal(alarm.rang, 3);
    assert_null(clock_timer_unref(never));
    assert_null(clock_timer_unref(disarmed));
    assert_null(clock_timer_unref(NULL));
    sd_event_unref(alarm.event);
}

static void test_watch_stays_silent_while_nobody_sets_the_clock(void **state)
{
    struct clock_timer *watch = NULL;
    sd_event *event = NULL;

    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(clock_watch_new(&watch, event, on_silence, NULL), 0);
    assert_int_equal(sd_event_run(event, 20000), 0);
    clock_timer_unref(watch);
    sd_event_unref(event);
}

static void test_clocks_go_on(void **state)
{
    uint64_t before = clock_now_usec();

    assert_true(clock_now_usec() >= before);
    assert_true(clock_wall_usec() > INT64_C(1600000000) * 1000000); /* later than 2020 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot_id_sources),
        cmocka_unit_test(test_timer_rearms_and_ends_from_its_handler),
        cmocka_unit_test(test_watch_stays_silent_while_nobody_sets_the_clock),
        cmocka_unit_test(test_clocks_go_on),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
