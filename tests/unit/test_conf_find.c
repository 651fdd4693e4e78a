/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/conf.h"

static struct conf conf = {
    .runners = { { .id = "anna" }, { .id = "bob" }, { .id = "left" } },
    .n_runners = 2, /* the third was there before */
    .sensors = { { .name = "pod", .address = "C0:DE:00:00:00:01" },
                 { .name = "strap", .address = "C0:DE:00:00:00:02" },
                 { .name = "old", .address = "C0:DE:00:00:00:03" } },
    .n_sensors = 2,
};

static void test_a_runner_by_id(void **state)
{
    assert_int_equal(conf_find_runner(&conf, "anna"), 0);
    assert_int_equal(conf_find_runner(&conf, "bob"), 1);
    assert_ptr_equal(conf_runner_of(&conf, "bob"), &conf.runners[1]);
}

static void test_nobody_has_that_id(void **state)
{
    static const char *const ids[] = { "left", "", "an", "annabel", "Anna" };

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_int_equal(conf_find_runner(&conf, ids[i]), conf.n_runners);
        assert_null(conf_runner_of(&conf, ids[i]));
    }
}

static void test_a_sensor_by_name(void **state)
{
    assert_int_equal(conf_find_sensor(&conf, "strap"), 1);
    assert_int_equal(conf_find_sensor(&conf, "old"), conf.n_sensors);
    assert_int_equal(conf_find_sensor(&conf, ""), conf.n_sensors);
}

static void test_a_name_that_went_to_another_device_is_another_sensor(void **state)
{
    assert_int_equal(conf_find_same_sensor(&conf, "strap", "C0:DE:00:00:00:02"), 1);
    assert_int_equal(conf_find_same_sensor(&conf, "strap", "C0:DE:00:00:00:01"), conf.n_sensors);
    assert_int_equal(conf_find_same_sensor(&conf, "belt", "C0:DE:00:00:00:02"), conf.n_sensors);
    assert_int_equal(conf_find_same_sensor(&conf, "old", "C0:DE:00:00:00:03"), conf.n_sensors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_runner_by_id),
        cmocka_unit_test(test_nobody_has_that_id),
        cmocka_unit_test(test_a_sensor_by_name),
        cmocka_unit_test(test_a_name_that_went_to_another_device_is_another_sensor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
