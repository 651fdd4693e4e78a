/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "lib/metrics/knee.h"
#include "close.h"
#include "vectors.h"

static void test_an_independent_implementation_gets_the_same(void **state)
{
    json_t *file = vectors_load("pfli.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *in = json_object_get(c, "input"), *expected = json_object_get(c, "expected");
        struct knee_reference own = { vectors_number(in, "cad_pref"), vectors_number(in, "v_ref"),
                                      vectors_number(in, "load_ratio") };
        double spm = vectors_number(in, "cad"), speed = vectors_number(in, "v");
        double step = knee_step(&own, spm, speed, vectors_number(in, "grade"),
                                json_is_true(json_object_get(in, "walking")));

        vectors_assert_close(step, vectors_number(expected, "per_step"), vectors_number(c, "tol"));
        vectors_assert_close(step * spm / 60 / speed * 1000, vectors_number(expected, "per_km"),
                             vectors_number(c, "tol"));
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 13);
}

static void test_what_a_step_cannot_be_told_without(void **state)
{
    static const struct {
        const char *label;
        struct knee_reference own;
        double spm, speed, grade;
        bool walking, known;
    } rows[] = {
        { "all known", { 170, 2.8, 1 }, 170, 2.8, 0, false, true },
        { "no grade is not level", { 170, 2.8, 1 }, 170, 2.8, NAN, false, false },
        { "own cadence not known", { NAN, 2.8, 1 }, 170, 2.8, 0, false, false },
        { "own speed not known", { 170, NAN, 1 }, 170, 2.8, 0, false, false },
        { "no cadence", { 170, 2.8, 1 }, NAN, 2.8, 0, false, false },
        { "cadence 0", { 170, 2.8, 1 }, 0, 2.8, 0, false, false },
        { "negative speed", { 170, 2.8, 1 }, 170, -2.8, 0, false, false },
        { "walking needs neither", { NAN, NAN, 1 }, NAN, NAN, 0, true, true },
        { "walking needs a grade", { 170, 2.8, 1 }, 110, 1.4, NAN, true, false },
        { "load not known", { 170, 2.8, NAN }, 170, 2.8, 0, false, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(isnan(knee_step(&rows[i].own, rows[i].spm, rows[i].speed, rows[i].grade,
                                         rows[i].walking)),
                         !rows[i].known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_independent_implementation_gets_the_same),
        cmocka_unit_test(test_what_a_step_cannot_be_told_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
