/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "lib/metrics/pressure.h"
#include "close.h"
#include "vectors.h"

static double of_case(const char *fn, const json_t *in, const char **ret_key)
{
    *ret_key = "dh_m";
    if (strcmp(fn, "hypsometric") == 0)
        return pressure_rise_m(vectors_number(in, "p1_pa"), vectors_number(in, "p2_pa"),
                               vectors_number(in, "t_k"));
    if (strcmp(fn, "isa_altitude_diff") == 0)
        return pressure_altitude_m(vectors_number(in, "p2_pa"), vectors_number(in, "p0_pa")) -
               pressure_altitude_m(vectors_number(in, "p1_pa"), vectors_number(in, "p0_pa"));
    if (strcmp(fn, "ess_pressure") == 0) {
        *ret_key = "p_pa";
        return pressure_from_raw((uint32_t)vectors_number(in, "raw"));
    }
    assert_string_equal(fn, "isa_altitude");
    *ret_key = "h_m";
    return pressure_altitude_m(vectors_number(in, "p_pa"), vectors_number(in, "p0_pa"));
}

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("altitude.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const char *key;
        double got =
            of_case(json_string_value(json_object_get(c, "fn")), json_object_get(c, "input"), &key);
        const json_t *expected = json_object_get(json_object_get(c, "expected"), key);

        assert_non_null(expected);
        if (json_is_null(expected))
            assert_true(isnan(got));
        else
            vectors_assert_close(got, json_number_value(expected), vectors_number(c, "tol"));
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 19);
}

static void test_a_hectopascal_of_weather_is_eight_metres(void **state)
{
    assert_close(pressure_altitude_m(101225, PRESSURE_STANDARD_PA), 8.3, 0.05);
    assert_close(pressure_altitude_m(PRESSURE_STANDARD_PA, PRESSURE_STANDARD_PA), 0, 0);
}

static void test_what_is_no_air_has_no_height(void **state)
{
    static const struct {
        const char *label;
        double p_pa, p0_pa, air_k;
    } rows[] = {
        { "unknown", NAN, 101325, 288 },
        { "vacuum", 0, 101325, 288 },
        { "negative", -101325, 101325, 288 },
        { "hectopascals taken for pascals", 1013.25, 101325, 288 },
        { "two atmospheres", 202650, 101325, 288 },
        { "no number", INFINITY, 101325, 288 },
        { "reference unknown", 101325, NAN, 288 },
        { "reference 0", 101325, 0, 288 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        assert_true(isnan(pressure_altitude_m(rows[i].p_pa, rows[i].p0_pa)));
        assert_true(isnan(pressure_rise_m(rows[i].p_pa, rows[i].p0_pa, rows[i].air_k)));
    }
    assert_true(isnan(pressure_rise_m(101325, 100125, 15))); /* degrees Celsius taken for kelvin */
    assert_true(isnan(pressure_rise_m(101325, 100125, NAN)));
    assert_true(isnan(pressure_from_raw(UINT32_MAX)));
    assert_close(pressure_from_raw(UINT32_MAX - 1), 429496729.4, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_a_hectopascal_of_weather_is_eight_metres),
        cmocka_unit_test(test_what_is_no_air_has_no_height),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
