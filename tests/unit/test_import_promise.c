/* SPDX-License-Identifier: MIT */
/* Who was told that it takes longer has the answer by asking the same again; nobody else has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/import/promise.h"

#define NOW_USEC UINT64_C(5000000)

static struct promise promise;
static const struct asked_where run = { "/in", "anna", "run.gpx", false };

static int begin(void **state)
{
    promise = (struct promise){ .data = NULL };
    promise_begin(&promise, &run);
    return 0;
}

static int end(void **state)
{
    promise_done(&promise);
    return 0;
}

static void assert_kept(const struct asked_where *where, uint64_t now_usec, const char *expected)
{
    json_t *data = promise_take(&promise, where, now_usec);

    assert_int_equal(data == NULL, expected == NULL);
    if (expected)
        assert_string_equal(json_string_value(data), expected);
    json_decref(data);
}

static void test_the_same_again_has_it_once(void **state)
{
    assert_kept(&run, NOW_USEC, NULL);
    promise_keep(&promise, json_string("imported"), NOW_USEC);
    assert_kept(&run, NOW_USEC + 1, "imported");
    assert_kept(&run, NOW_USEC + 2, NULL);
}

static void test_it_is_kept_for_two_minutes(void **state)
{
    promise_keep(&promise, json_string("imported"), NOW_USEC);
    assert_kept(&run, NOW_USEC + UINT64_C(119999999), "imported");
    promise_keep(&promise, json_string("imported"), NOW_USEC);
    assert_kept(&run, NOW_USEC + UINT64_C(120000000), NULL);
    assert_kept(&run, NOW_USEC, NULL); /* it is gone */
}

static void test_nobody_else_has_it(void **state)
{
    static const struct asked_where others[] = {
        { "/other", "anna", "run.gpx", false },
        { "/in", "ben", "run.gpx", false },
        { "/in", "anna", "other.gpx", false },
        { "/in", "anna", "below/run.gpx", false },
    };

    promise_keep(&promise, json_string("imported"), NOW_USEC);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_kept(&others[i], NOW_USEC, NULL);
    assert_kept(&run, NOW_USEC, "imported");
}

static void test_it_is_forgotten_when_another_is_asked_for(void **state)
{
    static const struct asked_where other = { "/in", "anna", "other.gpx", false };

    promise_keep(&promise, json_string("imported"), NOW_USEC);
    promise_begin(&promise, &other);
    assert_kept(&run, NOW_USEC, NULL);
    assert_kept(&other, NOW_USEC, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_same_again_has_it_once),
        TEST(test_it_is_kept_for_two_minutes),
        TEST(test_nobody_else_has_it),
        TEST(test_it_is_forgotten_when_another_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
