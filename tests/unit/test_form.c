/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "lib/metrics/form.h"
#include "close.h"
#include "vectors.h"

#define DAYS_MAX 512

static size_t loads(const json_t *c, double ret[DAYS_MAX])
{
    const json_t *list = json_object_get(json_object_get(c, "input"), "loads");
    size_t n = json_array_size(list);

    assert_true(n > 0 && n <= DAYS_MAX);
    for (size_t d = 0; d < n; d++)
        ret[d] = json_number_value(json_array_get(list, d));
    return n;
}

/* The value of a day; a list of one is the last day's. */
static void check(double got, const json_t *expected, const char *key, size_t day, size_t n,
                  double tol)
{
    const json_t *list = json_object_get(expected, key), *value;

    assert_non_null(list);
    if (json_is_null(list)) /* of this case it was not worked out */
        return;
    if (json_array_size(list) == 1 && day != n - 1)
        return;
    value = json_array_get(list, json_array_size(list) == 1 ? 0 : day);
    assert_non_null(value);
    if (json_is_null(value))
        assert_true(isnan(got));
    else
        vectors_assert_close(got, json_number_value(value), tol);
}

static void check_form(const json_t *c)
{
    const json_t *expected = json_object_get(c, "expected");
    double load[DAYS_MAX], tol = vectors_number(c, "tol");
    size_t n = loads(c, load);
    struct form form;

    form_init(&form);
    for (size_t d = 0; d < n; d++) {
        form_feed(&form, load[d]);
        check(form.fitness, expected, "ctl", d, n, tol);
        check(form.fatigue, expected, "atl", d, n, tol);
        check(form.form, expected, "tsb", d, n, tol);
    }
}

static void check_ratio(const json_t *c)
{
    const json_t *expected = json_object_get(c, "expected");
    double load[DAYS_MAX], tol = vectors_number(c, "tol");
    size_t n = loads(c, load);
    struct form_ewma ewma;

    form_ewma_init(&ewma);
    for (size_t d = 0; d < n; d++) {
        form_ewma_feed(&ewma, load[d]);
        check(form_ratio(load, d + 1, true), expected, "coupled", d, n, tol);
        check(form_ratio(load, d + 1, false), expected, "uncoupled", d, n, tol);
        check(ewma.acute, expected, "ewma_acute", d, n, tol);
        check(ewma.chronic, expected, "ewma_chronic", d, n, tol);
        check(form_ewma_ratio(&ewma), expected, "ewma_ratio", d, n, tol);
    }
}

static void check_convention(const json_t *c)
{
    const json_t *expected = json_object_get(c, "expected");
    double load[DAYS_MAX];
    size_t n = loads(c, load);
    struct form form;

    form_init(&form);
    for (size_t d = 0; d < n; d++)
        form_feed(&form, load[d]);
    vectors_assert_close(form.fitness, vectors_number(expected, "ctl_exp"), 1e-6);
    vectors_assert_close(form.fatigue, vectors_number(expected, "atl_exp"), 1e-6);
}

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("pmc_acwr.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const char *fn = json_string_value(json_object_get(c, "fn"));

        if (strcmp(fn, "pmc") == 0)
            check_form(c);
        else if (strcmp(fn, "acwr") == 0)
            check_ratio(c);
        else
            check_convention(c);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 5);
}

static void test_the_first_six_weeks_are_still_filling_up(void **state)
{
    struct form form;

    form_init(&form);
    for (int d = 0; d < FORM_FITNESS_DAYS; d++) {
        form_feed(&form, 50);
        assert_false(form_settled(&form));
    }
    form_feed(&form, 50);
    assert_true(form_settled(&form));
}

static void test_rubbish_is_a_day_of_rest_and_stays_in_no_mean(void **state)
{
    struct form form, rest;

    form_init(&form);
    form_init(&rest);
    for (int d = 0; d < 10; d++) {
        form_feed(&form, d % 3 == 0 ? NAN : d % 3 == 1 ? -50 : INFINITY);
        form_feed(&rest, 0);
    }
    assert_close(form.fitness, rest.fitness, 0);
    assert_close(form.form, rest.form, 0);
    assert_true(isnan(form_ratio((const double[28]){ [27] = NAN }, 28, true)));
    assert_true(isnan(form_ratio((const double[28]){ [27] = 1 }, 28, false)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_the_first_six_weeks_are_still_filling_up),
        cmocka_unit_test(test_rubbish_is_a_day_of_rest_and_stays_in_no_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
