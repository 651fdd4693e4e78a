/* SPDX-License-Identifier: MIT */
/* A set of keys as files are met one by one, and as ten years of them come from the store at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/keys.h"

#define MANY 7300

/* In no order, each another; all of them odd. */
static uint64_t key_of(size_t i)
{
    return (2 * (uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void add_all(struct keys *keys, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++)
        assert_int_equal(keys_add(keys, key_of(i)), 0);
}

static void assert_has_just(const struct keys *keys, size_t n)
{
    assert_int_equal(keys->n, n);
    for (size_t i = 0; i < n; i++)
        assert_true(keys_has(keys, key_of(i)));
    for (size_t i = n; i < 2 * n + 10; i++)
        assert_false(keys_has(keys, key_of(i)));
}

static void test_none(void **state)
{
    struct keys keys = { 0 };

    assert_false(keys_has(&keys, 0));
    keys_gather(&keys);
    keys_order(&keys);
    assert_has_just(&keys, 0);
    keys_free(&keys);
}

static void test_one_by_one(void **state)
{
    struct keys keys = { 0 };

    add_all(&keys, 0, 300);
    add_all(&keys, 100, 200);
    assert_has_just(&keys, 300);
    keys_free(&keys);
}

static void test_one_by_one_out_again(void **state)
{
    struct keys keys = { 0 };

    keys_remove(&keys, key_of(0));
    add_all(&keys, 0, 300);
    for (size_t i = 299; i >= 100; i--)
        keys_remove(&keys, key_of(i));
    keys_remove(&keys, key_of(200));
    assert_has_just(&keys, 100);
    add_all(&keys, 0, 300);
    assert_has_just(&keys, 300);
    keys_free(&keys);
}

static void test_at_once_and_some_twice(void **state)
{
    struct keys keys = { 0 };

    keys_gather(&keys);
    add_all(&keys, 0, MANY);
    add_all(&keys, 0, 100);
    add_all(&keys, MANY - 1, MANY);
    keys_order(&keys);
    assert_has_just(&keys, MANY);
    keys_free(&keys);
}

static void test_at_once_and_then_one_by_one(void **state)
{
    struct keys keys = { 0 }, copy;

    add_all(&keys, 0, 10);
    keys_gather(&keys);
    add_all(&keys, 5, 1000);
    keys_order(&keys);
    add_all(&keys, 990, 1100);
    assert_has_just(&keys, 1100);
    assert_int_equal(keys_copy(&copy, &keys), 0);
    keys_free(&keys);
    assert_has_just(&copy, 1100);
    keys_free(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_one_by_one_out_again),
        cmocka_unit_test(test_at_once_and_some_twice),
        cmocka_unit_test(test_one_by_one_out_again),
        cmocka_unit_test(test_at_once_and_then_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
