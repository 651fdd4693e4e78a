/* SPDX-License-Identifier: MIT */
/* When the adapter is switched off and on, and that it never stays off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/sensors/powercycle.h"

#define S (1000000ULL)

static const struct powercycle_view stuck = { .present = true, .powered = true, .stuck = true };
static const struct powercycle_view off = { .present = true };
static const struct powercycle_view on = { .present = true, .powered = true };

static void test_only_a_stuck_adapter_that_nobody_else_uses_is_switched(void **state)
{
    static const struct {
        const char *label;
        struct powercycle_view view;
        enum powercycle_step step;
        bool hindered;
    } rows[] = {
        { "stuck, and ours alone",
          { .present = true, .powered = true, .stuck = true },
          POWERCYCLE_STEP_OFF,
          false },
        { "all is well", { .present = true, .powered = true }, POWERCYCLE_STEP_NONE, false },
        { "others use it",
          { .present = true, .powered = true, .stuck = true, .shared = true },
          POWERCYCLE_STEP_NONE,
          true },
        { "we are at it: who else is cannot be told",
          { .present = true, .powered = true, .stuck = true, .busy = true, .shared = true },
          POWERCYCLE_STEP_NONE,
          false },
        { "somebody switched it off",
          { .present = true, .stuck = true },
          POWERCYCLE_STEP_NONE,
          false },
        { "there is none", { .stuck = true }, POWERCYCLE_STEP_NONE, false },
        { "we end",
          { .present = true, .powered = true, .stuck = true, .stopping = true },
          POWERCYCLE_STEP_NONE,
          false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct powercycle cycle = { 0 };
        print_message("%s\n", rows[i].label);
        assert_int_equal(powercycle_step(&cycle, &rows[i].view, 100 * S), rows[i].step);
        assert_int_equal(cycle.hindered, rows[i].hindered);
        assert_true(powercycle_deadline(&cycle) == UINT64_MAX);
    }
}

/* A whole cycle that works, from now_usec on. */
static void run_cycle(struct powercycle *cycle, uint64_t now_usec)
{
    assert_int_equal(powercycle_step(cycle, &stuck, now_usec), POWERCYCLE_STEP_OFF);
    assert_int_equal(powercycle_step(cycle, &stuck, now_usec), POWERCYCLE_STEP_NONE);
    powercycle_switched(cycle, true, now_usec);
    assert_true(powercycle_deadline(cycle) == now_usec + S);
    assert_int_equal(powercycle_step(cycle, &off, now_usec), POWERCYCLE_STEP_NONE);
    assert_int_equal(powercycle_step(cycle, &off, now_usec + S), POWERCYCLE_STEP_ON);
    assert_int_equal(powercycle_step(cycle, &off, now_usec + S), POWERCYCLE_STEP_NONE);
    powercycle_switched(cycle, true, now_usec + S);
    assert_int_equal(cycle->phase, POWERCYCLE_AT_REST);
}

static void test_what_did_not_help_is_repeated_later_and_later(void **state)
{
    static const unsigned pauses_s[] = { 600, 3600, 6 * 3600, 6 * 3600 };
    struct powercycle cycle = { 0 };
    uint64_t now_usec = 100 * S;
    run_cycle(&cycle, now_usec);
    for (size_t i = 0; i < sizeof pauses_s / sizeof *pauses_s; i++) {
        now_usec += pauses_s[i] * S;
        assert_int_equal(powercycle_step(&cycle, &stuck, now_usec - 1), POWERCYCLE_STEP_NONE);
        run_cycle(&cycle, now_usec);
    }
}

static void test_after_a_calm_day_it_is_a_first_time_again(void **state)
{
    struct powercycle cycle = { 0 };
    run_cycle(&cycle, 100 * S);
    run_cycle(&cycle, 1000 * S);
    assert_int_equal(powercycle_step(&cycle, &on, 1001 * S + 24 * 3600 * S), POWERCYCLE_STEP_NONE);
    run_cycle(&cycle, 90000 * S);
    run_cycle(&cycle, 90600 * S);
}

static void test_it_is_switched_on_again_however_often_that_takes(void **state)
{
    struct powercycle cycle = { 0 };
    uint64_t now_usec = 101 * S;
    assert_int_equal(powercycle_step(&cycle, &stuck, 100 * S), POWERCYCLE_STEP_OFF);
    powercycle_switched(&cycle, true, 100 * S);
    for (unsigned i = 0; i < 1000; i++, now_usec += 10 * S) {
        assert_int_equal(powercycle_step(&cycle, &off, now_usec), POWERCYCLE_STEP_ON);
        powercycle_switched(&cycle, false, now_usec);
        assert_int_equal(powercycle_step(&cycle, &off, now_usec + 10 * S - 1),
                         POWERCYCLE_STEP_NONE);
        assert_true(powercycle_deadline(&cycle) == now_usec + 10 * S);
    }
}

static void test_whatever_happens_in_between_it_comes_on(void **state)
{
    static const struct powercycle_view gone = { 0 };
    static const struct powercycle_view ending = { .present = true, .stopping = true };
    static const struct {
        const char *label;
        bool lost_while_ending, lost_while_beginning, unplugged, stopping;
    } rows[] = {
        { .label = "bluetoothd crashed as it went off", .lost_while_ending = true },
        { .label = "and as it came on", .lost_while_beginning = true },
        { .label = "unplugged and plugged in", .unplugged = true },
        { .label = "we are told to end", .stopping = true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct powercycle cycle = { 0 };
        uint64_t now_usec = 100 * S;
        print_message("%s\n", rows[i].label);
        assert_int_equal(powercycle_step(&cycle, &stuck, now_usec), POWERCYCLE_STEP_OFF);
        if (rows[i].lost_while_ending)
            powercycle_lost(&cycle, now_usec);
        else
            powercycle_switched(&cycle, true, now_usec);
        if (rows[i].unplugged)
            assert_int_equal(powercycle_step(&cycle, &gone, now_usec += S), POWERCYCLE_STEP_NONE);
        if (rows[i].unplugged)
            assert_true(powercycle_deadline(&cycle) > now_usec);
        now_usec += rows[i].stopping ? 0 : 10 * S;
        assert_int_equal(powercycle_step(&cycle, rows[i].stopping ? &ending : &off, now_usec),
                         POWERCYCLE_STEP_ON);
        if (rows[i].lost_while_beginning) {
            powercycle_lost(&cycle, now_usec);
            assert_int_equal(powercycle_step(&cycle, &off, now_usec), POWERCYCLE_STEP_ON);
        }
        powercycle_switched(&cycle, true, now_usec);
        assert_int_equal(cycle.phase, POWERCYCLE_AT_REST);
    }
}

static void test_one_that_never_went_off_or_is_on_already_is_left_so(void **state)
{
    struct powercycle cycle = { 0 };
    assert_int_equal(powercycle_step(&cycle, &stuck, 100 * S), POWERCYCLE_STEP_OFF);
    powercycle_switched(&cycle, false, 100 * S);
    assert_int_equal(powercycle_step(&cycle, &on, 101 * S), POWERCYCLE_STEP_NONE);
    assert_int_equal(cycle.phase, POWERCYCLE_AT_REST);
    assert_int_equal(powercycle_step(&cycle, &stuck, 102 * S), POWERCYCLE_STEP_NONE);
}

static void test_bluetoothd_may_go_at_any_other_time(void **state)
{
    struct powercycle cycle = { 0 };
    powercycle_lost(&cycle, 100 * S);
    assert_int_equal(cycle.phase, POWERCYCLE_AT_REST);
    assert_int_equal(powercycle_step(&cycle, &off, 100 * S), POWERCYCLE_STEP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_stuck_adapter_that_nobody_else_uses_is_switched),
        cmocka_unit_test(test_what_did_not_help_is_repeated_later_and_later),
        cmocka_unit_test(test_after_a_calm_day_it_is_a_first_time_again),
        cmocka_unit_test(test_it_is_switched_on_again_however_often_that_takes),
        cmocka_unit_test(test_whatever_happens_in_between_it_comes_on),
        cmocka_unit_test(test_one_that_never_went_off_or_is_on_already_is_left_so),
        cmocka_unit_test(test_bluetoothd_may_go_at_any_other_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
