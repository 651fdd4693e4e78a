/* SPDX-License-Identifier: MIT */
/* When the shared radio scans, and whose turn to connect it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/sensors/radio.h"

#define S (1000000ULL)

/* Runs the radio as sensors.c does for `for_s` seconds in steps of 100 ms and counts whole bursts. */
static unsigned run(struct radio *radio, enum radio_need need, uint64_t from_usec, unsigned for_s)
{
    unsigned bursts = 0;
    for (uint64_t t = from_usec; t < from_usec + for_s * S; t += S / 10)
        switch (radio_step(radio, need, false, false, t)) {
        case RADIO_STEP_START:
            radio_started(radio, true, "", t);
            break;
        case RADIO_STEP_STOP:
            bursts += radio_stopped(radio, t);
            break;
        case RADIO_STEP_GRANT:
        case RADIO_STEP_NONE:
            break;
        }
    return bursts;
}

static void test_bursts_come_each_30_s_slow_and_each_5_s_fast(void **state)
{
    static const struct {
        const char *label;
        enum radio_need need;
        unsigned bursts;
    } rows[] = {
        { "all stream", RADIO_NEED_NONE, 0 },
        { "one is missing", RADIO_NEED_SLOW, 10 },
        { "one is missing and showed life", RADIO_NEED_FAST, 60 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct radio radio;
        radio_init(&radio, 1);
        print_message("%s\n", rows[i].label);
        assert_int_equal(run(&radio, rows[i].need, 1000 * S, 300), rows[i].bursts);
    }
}

static void test_the_burst_counts_from_the_reply(void **state)
{
    struct radio radio;
    radio_init(&radio, 1);
    assert_int_equal(radio_step(&radio, RADIO_NEED_SLOW, false, false, 10 * S), RADIO_STEP_START);
    assert_int_equal(radio_step(&radio, RADIO_NEED_SLOW, false, false, 15 * S), RADIO_STEP_NONE);
    radio_started(&radio, true, "", 16 * S);
    assert_int_equal(radio_step(&radio, RADIO_NEED_SLOW, false, false, 19 * S), RADIO_STEP_NONE);
    assert_true(radio_deadline(&radio, RADIO_NEED_SLOW, false) == 20 * S);
    assert_int_equal(radio_step(&radio, RADIO_NEED_SLOW, false, false, 20 * S), RADIO_STEP_STOP);
    assert_true(radio_stopped(&radio, 20 * S));
}

static void test_the_scan_stops_before_a_connect_and_says_nothing_about_the_silent(void **state)
{
    struct radio radio;
    radio_init(&radio, 1);
    radio_step(&radio, RADIO_NEED_FAST, false, false, 10 * S);
    radio_started(&radio, true, "", 10 * S);
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, true, false, 11 * S), RADIO_STEP_STOP);
    /* the reply is awaited */
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, true, false, 11 * S), RADIO_STEP_NONE);
    assert_false(radio_stopped(&radio, 12 * S));
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, true, false, 12 * S), RADIO_STEP_GRANT);
    /* while somebody dials there is neither a scan nor a second turn */
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, true, true, 20 * S), RADIO_STEP_NONE);
    assert_true(radio_deadline(&radio, RADIO_NEED_FAST, true) == UINT64_MAX);
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, false, false, 21 * S), RADIO_STEP_START);
}

static void test_a_scan_that_does_not_start_backs_off_and_is_said_after_five_times(void **state)
{
    struct radio radio;
    uint64_t now = 10 * S;
    radio_init(&radio, 7);
    for (unsigned i = 0; i < 5; i++) {
        assert_false(radio_is_stuck(&radio));
        assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, false, false, now), RADIO_STEP_START);
        radio_started(&radio, false, "Resource Not Ready", now);
        assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, false, false, now), RADIO_STEP_NONE);
        uint64_t next = radio_deadline(&radio, RADIO_NEED_FAST, false);
        assert_true(next > now && next <= now + 72 * S);
        now = next;
    }
    assert_true(radio_is_stuck(&radio));
    assert_string_equal(radio.error, "Resource Not Ready");
    radio_step(&radio, RADIO_NEED_FAST, false, false, now);
    radio_started(&radio, true, "", now);
    assert_false(radio_is_stuck(&radio));
}

static void test_a_person_may_scan_though_nobody_is_missing(void **state)
{
    struct radio radio;
    radio_init(&radio, 1);
    radio.person_until_usec = 110 * S;
    assert_int_equal(run(&radio, RADIO_NEED_NONE, 100 * S, 10), 2);
    assert_true(radio_deadline(&radio, RADIO_NEED_NONE, false) <= 110 * S);
}

static void test_a_person_does_not_wait_for_the_next_burst(void **state)
{
    struct radio radio;
    uint64_t now = 100 * S;
    radio_init(&radio, 1);
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_NONE, false, now),
                     RADIO_STEP_START);
    radio_started(&radio, true, "", now);
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_NOW, false, now),
                     RADIO_STEP_STOP);
    radio_stopped(&radio, now);
    assert_int_equal(radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_NONE, false, now + 1),
                     RADIO_STEP_NONE);
    radio.person_until_usec = now + 2 * S;
    assert_true(radio_deadline(&radio, RADIO_NEED_NONE, false) <= now + 1);
    assert_int_equal(radio_step(&radio, RADIO_NEED_NONE, RADIO_READY_NONE, false, now + 1),
                     RADIO_STEP_START);
    radio_started(&radio, false, "Not Ready", now + 1); /* but a backoff holds for everybody */
    assert_int_equal(radio_step(&radio, RADIO_NEED_NONE, RADIO_READY_NONE, false, now + 2),
                     RADIO_STEP_NONE);
}

static void test_backoff_grows_to_a_minute_and_jitters_by_a_fifth(void **state)
{
    static const double expected_s[] = { 0, 0.25, 1, 4, 16, 60, 60, 60 };
    uint32_t seed = 42, same = 42, other = 43;
    bool differs = false;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t usec = radio_backoff_usec(i, &seed);
        assert_true((double)usec >= expected_s[i] * 0.8 * 1e6 - 1);
        assert_true((double)usec <= expected_s[i] * 1.2 * 1e6 + 1);
        assert_true(radio_backoff_usec(i, &same) == usec);
        differs |= radio_backoff_usec(i, &other) != usec;
    }
    assert_true(differs);
    assert_true(radio_backoff_usec(4000000000u, &seed) <= 72 * S);
}

static void test_the_first_place_is_next(void **state)
{
    static const struct {
        const char *label;
        uint64_t places[4];
        size_t head;
    } rows[] = {
        { "nobody", { 0, 0, 0, 0 }, SIZE_MAX },
        { "the only one", { 0, 0, 9, 0 }, 2 },
        { "the first place", { 7, 0, 3, 5 }, 2 },
        { "of two alike the first", { 0, 4, 4, 8 }, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(radio_pick(rows[i].places, 4), rows[i].head);
    }
    assert_int_equal(radio_pick(NULL, 0), SIZE_MAX);
}

static void test_who_fails_again_and_again_waits_for_the_end_of_the_burst(void **state)
{
    struct radio radio;
    radio_init(&radio, 1);
    radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_NONE, false, 10 * S);
    radio_started(&radio, true, "", 10 * S);
    assert_int_equal(
        radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_AFTER_THE_BURST, false, 14 * S - 1),
        RADIO_STEP_NONE);
    assert_int_equal(
        radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_AFTER_THE_BURST, false, 14 * S),
        RADIO_STEP_STOP);
    assert_true(radio_stopped(&radio, 14 * S)); /* and who was silent in it was silent */
    assert_int_equal(
        radio_step(&radio, RADIO_NEED_FAST, RADIO_READY_AFTER_THE_BURST, false, 14 * S),
        RADIO_STEP_GRANT);
}

static void test_places_in_the_queue(void **state)
{
    assert_true(radio_place(0, false) > 0);
    assert_true(radio_place(0, false) < radio_place(1, false));
    assert_true(radio_place(5 * S, false) < radio_place(6 * S, false));
    assert_true(radio_place(UINT64_MAX / 4, false) < radio_place(0, true));
    assert_true(radio_place(5 * S, true) < radio_place(6 * S, true));
}

static void test_a_new_bluetoothd_knows_of_no_scan(void **state)
{
    struct radio radio;
    radio_init(&radio, 1);
    radio_step(&radio, RADIO_NEED_SLOW, false, false, 10 * S);
    radio_started(&radio, true, "", 10 * S);
    radio_reset(&radio);
    assert_int_equal(radio_step(&radio, RADIO_NEED_SLOW, false, false, 11 * S), RADIO_STEP_START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bursts_come_each_30_s_slow_and_each_5_s_fast),
        cmocka_unit_test(test_the_burst_counts_from_the_reply),
        cmocka_unit_test(test_the_scan_stops_before_a_connect_and_says_nothing_about_the_silent),
        cmocka_unit_test(test_a_scan_that_does_not_start_backs_off_and_is_said_after_five_times),
        cmocka_unit_test(test_a_person_may_scan_though_nobody_is_missing),
        cmocka_unit_test(test_a_person_does_not_wait_for_the_next_burst),
        cmocka_unit_test(test_backoff_grows_to_a_minute_and_jitters_by_a_fifth),
        cmocka_unit_test(test_the_first_place_is_next),
        cmocka_unit_test(test_who_fails_again_and_again_waits_for_the_end_of_the_burst),
        cmocka_unit_test(test_places_in_the_queue),
        cmocka_unit_test(test_a_new_bluetoothd_knows_of_no_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
