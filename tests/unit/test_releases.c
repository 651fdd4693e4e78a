/* SPDX-License-Identifier: MIT */
/* How long a sensor stays let go when we, or the machine, start anew. What is put away is one row, and
 * whom the sensors let go is what they were told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/releases.h"
#include "fake_clock.h"

#define S      (1000000ULL)
#define HERE   "0123456789abcdef0123456789abcdef"
#define BEFORE "fedcba9876543210fedcba9876543210"
#define NOON   (1900000000 * (int64_t)S)

static void test_what_is_left_after_a_start(void **state)
{
    static const struct {
        const char *label, *boot_id;
        int64_t until_usec;
        uint64_t now_usec;
        bool clock_known;
        int64_t wall_usec;
        uint64_t left_usec;
        bool guessed;
    } rows[] = {
        { "same boot, in the middle", HERE, NOON, 5000 * S, true, NOON - 100 * S, 2000 * S, false },
        { "same boot, whatever the clock says", HERE, 0, 5000 * S, false, 0, 2000 * S, false },
        { "same boot, and the clock was set since", HERE, NOON, 5000 * S, true, NOON * 2, 2000 * S,
          false },
        { "same boot, over", HERE, NOON, 7000 * S, true, NOON, 0, false },
        { "another boot, in the middle", BEFORE, NOON, 10 * S, true, NOON - 600 * S, 600 * S,
          false },
        { "another boot, over", BEFORE, NOON, 10 * S, true, NOON, 0, false },
        { "another boot, long over", BEFORE, NOON, 10 * S, true, NOON * 2, 0, false },
        { "another boot, and the clock was set back", BEFORE, NOON, 10 * S, true, NOON / 2,
          3600 * S, false },
        { "another boot, the clock is not known yet", BEFORE, NOON, 10 * S, false, 0, 3600 * S,
          true },
        { "the clock was not known when it was asked for", BEFORE, 0, 10 * S, true, NOON, 3600 * S,
          false },
        { "never a clock", BEFORE, 0, 10 * S, false, 0, 3600 * S, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store_release row = { .until_boot_usec = 7000 * (int64_t)S,
                                     .until_usec = rows[i].until_usec,
                                     .length_usec = 3600 * (int64_t)S };
        bool guessed = !rows[i].guessed;
        snprintf(row.boot_id, sizeof row.boot_id, "%s", rows[i].boot_id);
        print_message("%s\n", rows[i].label);
        assert_true(release_left_usec(&row, HERE, rows[i].now_usec, rows[i].clock_known,
                                      rows[i].wall_usec, &guessed) == rows[i].left_usec);
        assert_int_equal(guessed, rows[i].guessed);
    }
}

static void test_what_is_over_is_over_in_every_boot(void **state)
{
    static const char *const boot_ids[] = { HERE, BEFORE };
    static const int64_t untils_usec[] = { 0, NOON };

    for (size_t i = 0; i < 8; i++) {
        struct store_release row = { .until_boot_usec = 7000 * (int64_t)S,
                                     .until_usec = untils_usec[i / 2 % 2] };
        bool guessed = true;
        snprintf(row.boot_id, sizeof row.boot_id, "%s", boot_ids[i % 2]);
        assert_true(release_left_usec(&row, HERE, 10 * S, i < 4, NOON / 2, &guessed) == 0);
        assert_false(guessed);
    }
}

/* ---- one sensor, over restarts --------------------------------------------------------------- */

#define HOUR       (3600 * S)
#define NEVER_TOLD UINT64_MAX

static struct conf conf = { .n_sensors = 1,
                            .sensors = { { .name = "pod", .address = "C0:DE:00:00:00:01" } } };
static struct store_release stored;
static size_t n_stored, puts_made;
static uint64_t told_usec; /* for how long the sensor was let go last */
static enum clock_state wall;
static struct releases releases;

const struct store_release *__wrap_store_releases(const struct store *store, size_t *ret_n);
int __wrap_store_put_release(struct store *store, const struct store_release *release);
int __wrap_sensors_release(struct sensors *sensors, size_t sensor, uint64_t for_usec,
                           uint64_t now_usec);
enum clock_state __wrap_timekeeper_state(const struct timekeeper *timekeeper);

const struct store_release *__wrap_store_releases(const struct store *store, size_t *ret_n)
{
    *ret_n = n_stored;
    return &stored;
}

int __wrap_store_put_release(struct store *store, const struct store_release *release)
{
    stored = *release;
    n_stored = 1;
    puts_made++;
    return 0;
}

int __wrap_sensors_release(struct sensors *sensors, size_t sensor, uint64_t for_usec,
                           uint64_t now_usec)
{
    assert_int_equal(sensor, 0);
    told_usec = for_usec;
    return 0;
}

enum clock_state __wrap_timekeeper_state(const struct timekeeper *timekeeper)
{
    return wall;
}

static void start(void)
{
    releases = (struct releases){ .conf = &conf };
    told_usec = NEVER_TOLD;
    puts_made = 0;
    releases_restore(&releases, clock_now_usec());
}

static void restart(void)
{
    releases_done(&releases);
    start();
}

static void reboot(enum clock_state known)
{
    releases_done(&releases);
    fake_clock_reboot();
    wall = known;
    start();
}

static void set_clock(enum clock_state known)
{
    wall = known;
    told_usec = NEVER_TOLD;
    releases_clock_changed(&releases, clock_now_usec());
}

static int setup(void **state)
{
    n_stored = 0;
    wall = CLOCK_SYNCED;
    start();
    return 0;
}

static int teardown(void **state)
{
    releases_done(&releases);
    assert_int_equal(fake_clock_armed(), 0);
    return 0;
}

static void let_go(uint64_t for_usec)
{
    assert_int_equal(releases_release(&releases, 0, for_usec, clock_now_usec()), 0);
}

static void test_one_that_ended_is_not_begun_anew(void **state)
{
    for (size_t i = 0; i < 4; i++) {
        bool dated = i % 2 == 0;
        wall = dated ? CLOCK_SYNCED : CLOCK_UNSET;
        let_go(HOUR);
        if (i < 2) {
            fake_clock_advance(HOUR);
        } else { /* we were away when it ended */
            releases_done(&releases);
            fake_clock_advance(HOUR);
            start();
            assert_true(told_usec == NEVER_TOLD);
        }
        for (size_t boot = 0; boot < 2; boot++) {
            reboot(CLOCK_UNSET);
            assert_true(told_usec == NEVER_TOLD);
            restart();
            assert_true(told_usec == NEVER_TOLD);
            set_clock(CLOCK_SYNCED);
            assert_true(told_usec == NEVER_TOLD);
        }
    }
}

static void test_a_guess_is_made_once_a_boot(void **state)
{
    let_go(HOUR);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == HOUR);
    assert_int_equal(puts_made, 1);
    fake_clock_advance(HOUR / 4);
    restart();
    assert_true(told_usec == HOUR - HOUR / 4);
    assert_int_equal(puts_made, 0);
    fake_clock_advance(HOUR - HOUR / 4);
    restart();
    assert_true(told_usec == NEVER_TOLD);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == NEVER_TOLD);
}

static void test_a_guess_ends_by_the_clock_when_it_comes(void **state)
{
    let_go(HOUR);
    fake_clock_advance(HOUR / 2);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == HOUR);
    fake_clock_advance(HOUR / 4);
    set_clock(CLOCK_SYNCED);
    assert_true(told_usec == HOUR / 4);
    restart();
    assert_true(told_usec == HOUR / 4);
    reboot(CLOCK_SYNCED); /* and in the next boot */
    assert_true(told_usec == HOUR / 4);
    fake_clock_advance(HOUR / 4);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == NEVER_TOLD);
}

static void test_a_guess_leaves_the_next_boot_the_day_it_ends(void **state)
{
    let_go(HOUR);
    reboot(CLOCK_UNSET);
    fake_clock_advance(HOUR / 2);
    reboot(CLOCK_SYNCED);
    assert_true(told_usec == HOUR / 2);
}

static void test_a_guess_that_was_too_long_is_over_with_the_clock(void **state)
{
    let_go(HOUR);
    releases_done(&releases);
    fake_clock_advance(2 * HOUR);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == HOUR);
    set_clock(CLOCK_SYNCED);
    assert_true(told_usec == 0);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == NEVER_TOLD);
}

static void test_a_guess_stays_one_over_a_restart(void **state)
{
    let_go(HOUR);
    releases_done(&releases);
    fake_clock_advance(2 * HOUR);
    reboot(CLOCK_UNSET);
    fake_clock_advance(HOUR / 4);
    restart();
    assert_true(told_usec == HOUR - HOUR / 4);
    set_clock(CLOCK_SYNCED);
    assert_true(told_usec == 0);
    reboot(CLOCK_UNSET);
    assert_true(told_usec == NEVER_TOLD);
}

/* A clock that was known when it was asked for, and after the start is not yet: nothing was guessed. */
static void test_one_of_this_boot_is_what_it_was_when_the_clock_comes(void **state)
{
    let_go(HOUR);
    fake_clock_advance(HOUR / 4);
    wall = CLOCK_UNSET;
    restart();
    assert_true(told_usec == HOUR - HOUR / 4);
    set_clock(CLOCK_SYNCED);
    assert_true(told_usec == NEVER_TOLD || told_usec == HOUR - HOUR / 4);
    fake_clock_advance(HOUR / 4);
    restart();
    assert_true(told_usec == HOUR / 2);
}

static void test_a_clock_that_was_set_back_makes_a_guess_no_longer(void **state)
{
    let_go(HOUR);
    reboot(CLOCK_UNSET);
    fake_clock_advance(HOUR / 4);
    fake_clock_set_wall(FAKE_WALL_USEC / 2);
    set_clock(CLOCK_SYNCED);
    assert_true(told_usec == HOUR - HOUR / 4);
    fake_clock_set_wall(FAKE_WALL_USEC);
}

static void test_two_in_a_row_end_each_at_its_time(void **state)
{
    let_go(HOUR);
    fake_clock_advance(HOUR / 2);
    let_go(HOUR); /* once more, before the first was over */
    fake_clock_advance(HOUR / 2);
    restart();
    assert_true(told_usec == HOUR / 2);
    let_go(0); /* it is to come back */
    reboot(CLOCK_UNSET);
    assert_true(told_usec == NEVER_TOLD);
}

static void test_one_that_is_configured_again_is_told_how_long(void **state)
{
    const struct conf_sensor *pod = &conf.sensors[0];
    static const struct conf_sensor other = { .name = "pod", .address = "C0:DE:00:00:00:02" };
    uint64_t until_usec = clock_now_usec() + HOUR;

    assert_true(releases_until_usec(&releases, pod) == 0);
    let_go(HOUR);
    assert_true(releases_until_usec(&releases, pod) == until_usec);
    assert_true(releases_until_usec(&releases, &other) == 0);
    restart();
    assert_true(releases_until_usec(&releases, pod) == until_usec);
    fake_clock_advance(HOUR);
    assert_true(releases_until_usec(&releases, pod) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_after_a_start),
        cmocka_unit_test(test_what_is_over_is_over_in_every_boot),
        cmocka_unit_test_setup_teardown(test_one_that_ended_is_not_begun_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_guess_is_made_once_a_boot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_guess_ends_by_the_clock_when_it_comes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_guess_leaves_the_next_boot_the_day_it_ends, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_guess_that_was_too_long_is_over_with_the_clock,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_guess_stays_one_over_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_of_this_boot_is_what_it_was_when_the_clock_comes,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_clock_that_was_set_back_makes_a_guess_no_longer,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_in_a_row_end_each_at_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_is_configured_again_is_told_how_long, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
