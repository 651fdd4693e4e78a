/* SPDX-License-Identifier: MIT */
/* A loop runs what waits, ends as it is told to, and knows the longest that it was away from what waits. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/loop.h"
#include "fake_clock.h"

struct work {
    const uint64_t *takes_usec; /* of each run; 0 ends it */
    int code;                   /* with which the loop ends then */
};

static int on_work(sd_event_source *source, void *userdata)
{
    struct work *work = userdata;

    if (*work->takes_usec == 0)
        return sd_event_exit(sd_event_source_get_event(source), work->code);
    fake_clock_advance(*work->takes_usec++);
    return 0;
}

static int run(const uint64_t *takes_usec, int code)
{
    struct work work = { takes_usec, code };
    sd_event_source *source = NULL;
    sd_event *event = NULL;
    int r;

    assert_return_code(sd_event_new(&event), 0);
    assert_return_code(sd_event_add_defer(event, &source, on_work, &work), 0);
    assert_return_code(sd_event_source_set_enabled(source, SD_EVENT_ON), 0);
    r = loop_run(event);
    sd_event_source_disable_unref(source);
    sd_event_unref(event);
    return r;
}

/* The figure is the process's: each case goes on from the one before. */
static void test_the_longest_handler_counts_and_not_their_sum(void **state)
{
    static const struct {
        const char *label;
        uint64_t takes_usec[4], longest_usec;
    } rows[] = {
        { "nothing ran yet", { 0 }, 0 },
        { "two that follow each other", { 30000, 20000, 0 }, 30000 },
        { "shorter ones later", { 1, 29999, 0 }, 30000 },
        { "a longer one between short ones", { 10, 2000000, 10, 0 }, 2000000 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(run(rows[i].takes_usec, 0), 0);
        assert_int_equal(loop_stall_usec(), rows[i].longest_usec);
    }
}

static int on_prepare(sd_event_source *source, void *userdata)
{
    struct work *work = userdata;

    fake_clock_advance(*work->takes_usec);
    return sd_event_exit(sd_event_source_get_event(source), 0);
}

/* It comes before each wait, for a source that may never be ready. */
static void test_what_is_done_before_a_wait_counts_too(void **state)
{
    struct work work = { (const uint64_t[]){ loop_stall_usec() + 70000 }, 0 };
    uint64_t expected_usec = *work.takes_usec;
    sd_event_source *source = NULL;
    sd_event *event = NULL;

    assert_return_code(sd_event_new(&event), 0);
    assert_return_code(sd_event_add_post(event, &source, on_work, &work), 0);
    assert_return_code(sd_event_source_set_prepare(source, on_prepare), 0);
    assert_int_equal(loop_run(event), 0);
    assert_int_equal(loop_stall_usec(), expected_usec);
    sd_event_source_disable_unref(source);
    sd_event_unref(event);
}

static int on_last(sd_event_source *source, void *userdata)
{
    fake_clock_advance(*(const uint64_t *)userdata);
    return 0;
}

static void test_what_is_done_at_the_end_counts_too(void **state)
{
    uint64_t takes_usec = loop_stall_usec() + 70000;
    sd_event_source *source = NULL;
    sd_event *event = NULL;

    assert_return_code(sd_event_new(&event), 0);
    assert_return_code(sd_event_add_exit(event, &source, on_last, &takes_usec), 0);
    assert_return_code(sd_event_exit(event, 0), 0);
    assert_int_equal(loop_run(event), 0);
    assert_int_equal(loop_stall_usec(), takes_usec);
    sd_event_source_disable_unref(source);
    sd_event_unref(event);
}

static void test_what_passes_between_two_runs_is_no_stall(void **state)
{
    uint64_t before = loop_stall_usec();

    fake_clock_advance(before + 60000000);
    assert_int_equal(run((const uint64_t[]){ 5, 0 }, 0), 0);
    assert_int_equal(loop_stall_usec(), before);
}

static void test_it_ends_with_the_code_it_was_given(void **state)
{
    assert_int_equal(run((const uint64_t[]){ 1, 0 }, 75), 75);
}

static int on_broken(sd_event_source *source, void *userdata)
{
    return -EIO;
}

/* Of a source that fails, sd-event turns off the source and goes on; of one that must not, it ends. */
static void test_a_source_that_must_not_fail_ends_it(void **state)
{
    sd_event_source *source = NULL;
    sd_event *event = NULL;

    assert_return_code(sd_event_new(&event), 0);
    assert_return_code(sd_event_add_defer(event, &source, on_broken, NULL), 0);
    assert_return_code(sd_event_source_set_exit_on_failure(source, true), 0);
    assert_int_equal(loop_run(event), -EIO);
    sd_event_source_disable_unref(source);
    sd_event_unref(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_handler_counts_and_not_their_sum),
        cmocka_unit_test(test_what_is_done_before_a_wait_counts_too),
        cmocka_unit_test(test_what_is_done_at_the_end_counts_too),
        cmocka_unit_test(test_what_passes_between_two_runs_is_no_stall),
        cmocka_unit_test(test_it_ends_with_the_code_it_was_given),
        cmocka_unit_test(test_a_source_that_must_not_fail_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
