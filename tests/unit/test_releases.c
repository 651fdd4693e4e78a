/* SPDX-License-Identifier: MIT */
/* How long a sensor stays let go when we, or the machine, start anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "daemon/releases.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_is_left_after_a_start) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
