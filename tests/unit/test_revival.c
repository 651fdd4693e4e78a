/* SPDX-License-Identifier: MIT */
/* When a bluetoothd that is away is asked about, and when it is started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/sensors/revival.h"

#define S (1000000ULL)

static void test_what_systemd_says_is_understood(void **state)
{
    static const struct {
        const char *label, *load, *active;
        enum revival_unit unit;
    } rows[] = {
        { "killed or crashed", "loaded", "failed", REVIVAL_FAILED },
        { "stopped, or never started", "loaded", "inactive", REVIVAL_STOPPED },
        { "masked after it failed", "masked", "failed", REVIVAL_MASKED },
        { "masked", "masked", "inactive", REVIVAL_MASKED },
        { "no BlueZ here", "not-found", "inactive", REVIVAL_MISSING },
        { "its end is not known to systemd yet", "loaded", "active", REVIVAL_UNDER_WAY },
        { "Restart=on-failure does it already", "loaded", "activating", REVIVAL_UNDER_WAY },
        { "on its way down", "loaded", "deactivating", REVIVAL_UNDER_WAY },
        { "words of a later systemd", "loaded", "refreshing", REVIVAL_UNDER_WAY },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(revival_unit(rows[i].load, rows[i].active), rows[i].unit);
    }
}

static void test_only_what_failed_is_started(void **state)
{
    static const struct {
        const char *label;
        enum revival_unit unit;
        bool start;
        uint64_t again_usec;
        const char *text;
    } rows[] = {
        { "no systemd", REVIVAL_UNKNOWN, false, 30 * S, "'sudo systemctl start bluetooth'" },
        { "not installed", REVIVAL_MISSING, false, 30 * S, "'sudo apt install bluez'" },
        { "masked", REVIVAL_MASKED, false, 30 * S, "'sudo systemctl unmask bluetooth'" },
        { "stopped", REVIVAL_STOPPED, false, 30 * S, "'sudo systemctl start bluetooth'" },
        { "systemd is at it", REVIVAL_UNDER_WAY, false, 5 * S, "systemd is starting or ending" },
        { "crashed", REVIVAL_FAILED, true, UINT64_MAX, "it crashed, and is started again" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct revival revival = { 0 };
        char text[160];
        print_message("%s\n", rows[i].label);
        revival_set_away(&revival, true, 100 * S);
        assert_false(revival_is_due(&revival, 101 * S));
        assert_true(revival_deadline(&revival) == 102 * S);
        assert_true(revival_is_due(&revival, 102 * S));
        assert_false(revival_is_due(&revival, 103 * S)); /* it waits for the answer */
        assert_true(revival_deadline(&revival) == UINT64_MAX);
        assert_int_equal(revival_told(&revival, rows[i].unit, 103 * S), rows[i].start);
        assert_true(revival_deadline(&revival) ==
                    (rows[i].again_usec == UINT64_MAX ? UINT64_MAX : 103 * S + rows[i].again_usec));
        revival_text(&revival, text, sizeof text);
        assert_non_null(strstr(text, "bluetoothd is not running: "));
        assert_non_null(strstr(text, rows[i].text));
    }
}

/* Asks, is told that it failed, starts in vain; returns how long it waited before. */
static uint64_t start_in_vain(struct revival *revival, uint64_t *now_usec)
{
    uint64_t before_usec = *now_usec;
    *now_usec = revival_deadline(revival);
    assert_true(revival_is_due(revival, *now_usec));
    assert_true(revival_told(revival, REVIVAL_FAILED, *now_usec));
    revival_started(revival, "it exited with status 1", *now_usec);
    return *now_usec - before_usec;
}

/* Asks and is told that it failed until that starts it; when that is. */
static uint64_t start_when_allowed(struct revival *revival)
{
    uint64_t now_usec;
    do {
        now_usec = revival_deadline(revival);
        assert_true(revival_is_due(revival, now_usec));
    } while (!revival_told(revival, REVIVAL_FAILED, now_usec));
    return now_usec;
}

static void test_a_start_in_vain_is_tried_later_and_later_and_for_ever(void **state)
{
    static const unsigned at_s[] = { 2, 32, 152, 3602, 7202, 10802 };
    struct revival revival = { 0 };
    char text[160];
    revival_set_away(&revival, true, 100 * S);
    for (size_t i = 0; i < sizeof at_s / sizeof *at_s; i++) {
        uint64_t now_usec = start_when_allowed(&revival);
        assert_in_range(now_usec, (100 + at_s[i]) * S, (100 + at_s[i] + 30) * S);
        revival_started(&revival, "it exited with status 1", now_usec);
    }
    revival_text(&revival, text, sizeof text);
    assert_non_null(strstr(text, "does not start again (it exited with status 1)"));
    assert_non_null(strstr(text, "'journalctl -u bluetooth' tells why"));
}

static void
test_one_that_crashes_soon_again_waits_longer_and_one_that_ran_well_does_not(void **state)
{
    struct revival revival = { 0 };
    uint64_t now_usec = 100 * S;
    revival_set_away(&revival, true, now_usec);
    start_in_vain(&revival, &now_usec);
    revival_set_away(&revival, false, now_usec);
    assert_true(revival_deadline(&revival) == UINT64_MAX);
    now_usec += 599 * S;
    revival_set_away(&revival, true, now_usec);
    assert_true(start_in_vain(&revival, &now_usec) == 30 * S);
    revival_set_away(&revival, false, now_usec);
    now_usec += 600 * S;
    revival_set_away(&revival, true, now_usec);
    assert_true(start_in_vain(&revival, &now_usec) == 2 * S);
}

static void
test_one_that_runs_well_and_crashes_is_not_started_a_fourth_time_within_an_hour(void **state)
{
    struct revival revival = { 0 };
    uint64_t began_usec[12];
    for (size_t i = 0; i < sizeof began_usec / sizeof *began_usec; i++) {
        uint64_t now_usec =
            i == 0 ? 100 * S : began_usec[i - 1] + 601 * S; /* of health, each time */
        revival_set_away(&revival, true, now_usec);
        began_usec[i] = start_when_allowed(&revival);
        revival_set_away(&revival, false, began_usec[i]);
        if (i >= REVIVAL_STARTS)
            assert_true(began_usec[i] - began_usec[i - REVIVAL_STARTS] >= 3600 * S);
    }
    assert_in_range(began_usec[3], (102 + 3600) * S, (102 + 3630) * S); /* and then it is */
}

static void test_one_start_too_many_is_said_and_what_becomes_of_it_is_still_seen(void **state)
{
    struct revival revival = { 0 };
    uint64_t now_usec = 100 * S;
    char text[160];
    for (size_t i = 0; i <= REVIVAL_STARTS; i++) {
        revival_set_away(&revival, true, now_usec);
        now_usec = revival_deadline(&revival);
        assert_true(revival_is_due(&revival, now_usec));
        assert_int_equal(revival_told(&revival, REVIVAL_FAILED, now_usec), i < REVIVAL_STARTS);
        revival_set_away(&revival, i == REVIVAL_STARTS, now_usec);
    }
    revival_text(&revival, text, sizeof text);
    assert_non_null(strstr(text, "again and again, and is left alone"));
    now_usec = revival_deadline(&revival);
    assert_true(revival_is_due(&revival, now_usec));
    assert_false(revival_told(&revival, REVIVAL_MASKED, now_usec));
    revival_text(&revival, text, sizeof text);
    assert_non_null(strstr(text, "unmask"));
}

static void test_an_answer_that_comes_after_bluetoothd_starts_nothing(void **state)
{
    struct revival revival = { 0 };
    revival_set_away(&revival, true, 100 * S);
    assert_true(revival_is_due(&revival, 102 * S));
    revival_set_away(&revival, false, 103 * S);
    assert_false(revival_told(&revival, REVIVAL_FAILED, 103 * S));
    assert_false(revival_is_due(&revival, 200 * S));
}

static void test_an_error_of_any_length_leaves_the_advice_whole(void **state)
{
    struct revival revival = { 0 };
    char text[160], endless[300];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    revival_set_away(&revival, true, 100 * S);
    revival_started(&revival, endless, 102 * S);
    revival_text(&revival, text, sizeof text);
    assert_string_equal(text + strlen(text) - 10, " tells why");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_systemd_says_is_understood),
        cmocka_unit_test(test_only_what_failed_is_started),
        cmocka_unit_test(test_a_start_in_vain_is_tried_later_and_later_and_for_ever),
        cmocka_unit_test(
            test_one_that_crashes_soon_again_waits_longer_and_one_that_ran_well_does_not),
        cmocka_unit_test(
            test_one_that_runs_well_and_crashes_is_not_started_a_fourth_time_within_an_hour),
        cmocka_unit_test(test_one_start_too_many_is_said_and_what_becomes_of_it_is_still_seen),
        cmocka_unit_test(test_an_answer_that_comes_after_bluetoothd_starts_nothing),
        cmocka_unit_test(test_an_error_of_any_length_leaves_the_advice_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
