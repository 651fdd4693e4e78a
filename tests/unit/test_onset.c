/* SPDX-License-Identifier: MIT */
/* Since when something has gone on, and which silence ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/training/onset.h"

#define S       1000000ULL
#define GAP     (3 * S) /* facts further apart do not belong together */
#define MEANT   (10 * S)
#define BEGIN_S 1000

static void test_what_counts_as_having_gone_on(void **state)
{
    static const struct {
        const char *label;
        const char *facts; /* one character a second: + it holds, - it does not, space: silence */
        bool reached;
        unsigned since_s; /* after the first fact; only where it holds at the end */
    } rows[] = {
        { "nothing yet", "", false, 0 },
        { "only the opposite", "-----------", false, 0 },
        { "ten seconds", "+++++++++++", true, 0 },
        { "a second too few", "++++++++++", false, 0 },
        { "it began after the fact before it", "-++++++++++", true, 0 },
        { "one fact against it begins anew", "+++++-++++++", false, 5 },
        { "and is enough later", "+++++-++++++++++", true, 5 },
        { "a silence of the gap is bridged", "+++  +++++++", true, 0 },
        { "a longer one is not, and time in it counts for nothing", "+++   +++++++", false, 6 },
        { "nor does a fact before it", "-   +++++++++++", true, 4 },
        { "a single fact after a long time", "+             +", false, 14 },
        { "over", "+++++++++++-", false, 0 },
        { "told a moment ago", "+++++++++++   ", true, 0 },
        { "told too long ago to be so now", "+++++++++++    ", false, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct onset onset = { 0 };
        print_message("%s\n", rows[i].label);
        unsigned s = 0;
        for (; rows[i].facts[s]; s++)
            if (rows[i].facts[s] != ' ')
                onset_feed(&onset, rows[i].facts[s] == '+', (BEGIN_S + s) * S, GAP);
        assert_int_equal(onset_reached(&onset, MEANT, (BEGIN_S + (s ? s - 1 : 0)) * S, GAP),
                         rows[i].reached);
        if (onset.on)
            assert_true(onset.since_usec == (BEGIN_S + rows[i].since_s) * S);
    }
}

static void test_the_first_fact_reaches_a_length_of_nothing_only(void **state)
{
    struct onset onset = { 0 };
    assert_false(onset_reached(&onset, 0, BEGIN_S * S, GAP));
    onset_feed(&onset, true, BEGIN_S * S, GAP);
    assert_true(onset_reached(&onset, 0, BEGIN_S * S, GAP));
    assert_false(onset_reached(&onset, 1, BEGIN_S * S, GAP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_counts_as_having_gone_on),
        cmocka_unit_test(test_the_first_fact_reaches_a_length_of_nothing_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
