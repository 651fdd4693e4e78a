/* SPDX-License-Identifier: MIT */
/* Dates of files at and beyond the ends of what nanoseconds count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/mtime.h"
#include "daemon/util.h"

static void test_a_date_that_no_count_has_is_the_nearest(void **state)
{
    static const struct {
        const char *label;
        int64_t sec, nsec, expected;
    } rows[] = {
        { "1970", 0, 0, 0 },
        { "a moment before", -1, 999999999, -1 },
        { "2024", 1704067200, 5, 1704067200000000005 },
        { "the last of all", 9223372036, 854775807, INT64_MAX },
        { "one later", 9223372036, 854775808, INT64_MAX },
        { "2400", 13569465600, 0, INT64_MAX },
        { "the last second there is", INT64_MAX, 999999999, INT64_MAX },
        { "the first whole second", -9223372036, 0, -9223372036000000000 },
        { "the first second there is", INT64_MIN, 0, INT64_MIN },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        const struct stat st = { .st_mtim = { .tv_sec = rows[i].sec, .tv_nsec = rows[i].nsec } };

        if (mtime_nsec(&st) != rows[i].expected)
            fail_msg("%s", rows[i].label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_date_that_no_count_has_is_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
