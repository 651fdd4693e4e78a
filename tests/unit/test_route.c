/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/terrain/route.h"
#include "close.h"

static struct route_place places[64];

static void test_a_height_between_two_points(void **state)
{
    struct route route;

    route_init(&route, places, 64);
    for (int i = 0; i <= 10; i++)
        route_add(&route, 10 + i * 20, i <= 5 ? 100 + i : 110 - i);
    assert_true(route_end(&route));
    assert_close(route_altitude_m(&route, 10), 100, 0);
    assert_close(route_altitude_m(&route, 60), 102.5, 1e-12);
    assert_close(route_altitude_m(&route, 210), 100, 0);
    assert_true(isnan(route_altitude_m(&route, 9.9)));
    assert_true(isnan(route_altitude_m(&route, 210.1))); /* left the route behind */
    assert_true(isnan(route_altitude_m(&route, NAN)));
    assert_true(isnan(route_altitude_m(&route, INFINITY)));
}

static void test_a_route_longer_than_its_memory_is_coarser(void **state)
{
    struct route route;

    route_init(&route, places, 64);
    for (int i = 0; i <= 1000000; i++)
        route_add(&route, i * 0.2, sin(i * 0.2 / 20000) * 500);
    assert_true(route_end(&route));
    assert_true(route.n <= 64 && route.n > 30);
    for (double m = 0; m <= 200000; m += 777)
        assert_close(route_altitude_m(&route, m), sin(m / 20000) * 500, 15);
    assert_close(route_altitude_m(&route, 200000), sin(10) * 500, 1e-9);
}

static void test_the_end_is_kept_when_the_memory_is_full(void **state)
{
    for (int n = 2; n < 300; n++) {
        struct route route;

        route_init(&route, places, ROUTE_SIZE_MIN);
        for (int i = 0; i < n; i++)
            route_add(&route, i * 5, i);
        assert_true(route_end(&route));
        assert_true(route.n <= ROUTE_SIZE_MIN);
        assert_close(route_altitude_m(&route, 0), 0, 0);
        assert_close(route_altitude_m(&route, (n - 1) * 5), n - 1, 0);
        assert_close(route_altitude_m(&route, (n - 1) * 2.5), (n - 1) / 2.0, 1e-9);
    }
}

static void test_a_route_without_two_heights_says_nothing(void **state)
{
    struct route route;

    route_init(&route, places, 64);
    assert_false(route_end(&route));
    assert_true(isnan(route_altitude_m(&route, 0)));
    route_add(&route, NAN, 10);
    route_add(&route, 0, NAN);
    route_add(&route, INFINITY, 5);
    route_add(&route, 100, 7);
    route_add(&route, 100, 8);
    route_add(&route, 50, 9); /* goes back */
    assert_false(route_end(&route));
    assert_true(isnan(route_altitude_m(&route, 100)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_height_between_two_points),
        cmocka_unit_test(test_a_route_longer_than_its_memory_is_coarser),
        cmocka_unit_test(test_the_end_is_kept_when_the_memory_is_full),
        cmocka_unit_test(test_a_route_without_two_heights_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
