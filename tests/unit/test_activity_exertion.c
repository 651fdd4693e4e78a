/* SPDX-License-Identifier: MIT */
/* The loads of a file's heart are those of a live one: the same vectors, told as a file tells them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/activity/exertion.h"
#include "vectors.h"

#define MOMENT_USEC INT64_C(1631000000000000)
#define SECOND      INT64_C(1000000)

static const struct outline_limits limits = { OUTLINE_OLDEST_USEC, MOMENT_USEC + 86400 * SECOND };
static const struct exertion_runner man = { CONF_SEX_MALE, 188, 52, 0 };

static struct outline outline;
static struct exertion exertion;

struct point {
    double second, bpm;
    enum activity_fact_type type;
};

static void tell(struct activity_sink sink, const struct point *points, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct activity_fact fact = activity_fact(
            points[i].type, MOMENT_USEC + (int64_t)(points[i].second * (double)SECOND));
        if (points[i].type == ACTIVITY_TIMER)
            fact.running = points[i].bpm > 0;
        else if (points[i].type == ACTIVITY_HEART)
            fact.heart_rate_bpm = points[i].bpm;
        else
            fact.sample.heart_rate_bpm = points[i].bpm;
        activity_emit(&sink, &fact);
    }
}

static const struct heart_load *load_of(const struct exertion_runner *runner,
                                        const struct point *points, size_t n)
{
    outline_init(&outline, &limits);
    tell(outline_sink(&outline), points, n);
    outline_finish(&outline);
    assert_int_equal(outline.n_sessions, 1);
    exertion_init(&exertion, &outline, runner);
    tell(exertion_sink(&exertion), points, n);
    return exertion_load(&exertion, 0);
}

#define LOAD_OF(runner, points) load_of(runner, points, sizeof(points) / sizeof((points)[0]))

/* ---- vectors --------------------------------------------------------------------------------- */

static const struct heart_load *load_of_json(const struct exertion_runner *runner,
                                             const json_t *samples)
{
    static struct point points[10000];
    double second = 0;
    size_t i, n = 0;
    json_t *sample;

    json_array_foreach(samples, i, sample)
    {
        double left = json_number_value(json_array_get(sample, 1));

        for (double step; left > 0; left -= step, second += step) {
            step = fmin(left, 1);
            assert_true(n + 1 < sizeof(points) / sizeof(points[0]));
            points[n++] = (struct point){ second, json_number_value(json_array_get(sample, 0)),
                                          ACTIVITY_SAMPLE };
        }
    }
    points[n++] = (struct point){ second, NAN, ACTIVITY_SAMPLE };
    return load_of(runner, points, n);
}

static struct exertion_runner runner_of(const json_t *input)
{
    const char *sex = json_string_value(json_object_get(input, "sex"));
    struct exertion_runner runner = { .max_bpm = (int)vectors_number(input, "hrmax") };

    if (json_object_get(input, "rest"))
        runner.rest_bpm = (int)vectors_number(input, "rest");
    runner.sex = sex && strcmp(sex, "male") == 0     ? CONF_SEX_MALE
                 : sex && strcmp(sex, "female") == 0 ? CONF_SEX_FEMALE
                                                     : CONF_SEX_UNKNOWN;
    return runner;
}

static void test_the_numbers_of_others(void **state)
{
    json_t *file = vectors_load("trimp.json"), *c;
    int banister = 0, edwards = 0;
    size_t i;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const char *fn = json_string_value(json_object_get(c, "fn"));
        const json_t *input = json_object_get(c, "input");
        const json_t *expected = json_object_get(c, "expected");
        double tol = vectors_number(c, "tol");
        bool is_banister = strcmp(fn, "banister") == 0;
        const struct heart_load *load;
        struct exertion_runner runner;

        if (!is_banister && strcmp(fn, "edwards") != 0)
            continue;
        runner = runner_of(input);
        load = load_of_json(&runner, json_object_get(input, "samples"));
        vectors_assert_close(is_banister ? heart_load_trimp(load) : heart_load_edwards(load),
                             vectors_number(expected, "trimp"), tol);
        banister += is_banister;
        edwards += !is_banister;
    }
    json_decref(file);
    assert_true(banister > 0 && edwards > 0);
}

/* ---- what files are like --------------------------------------------------------------------- */

static void test_who_is_not_known_has_no_load(void **state)
{
    static const struct point points[] = { { 0, 150, ACTIVITY_SAMPLE },
                                           { 20, 150, ACTIVITY_SAMPLE } };
    const struct exertion_runner no_rest = { CONF_SEX_MALE, 188, 0, 0 }, nobody = { 0 };
    const struct exertion_runner born = { CONF_SEX_MALE, 0, 52, 1981 }; /* 40 in 2021: 180 */
    const struct heart_load *load = LOAD_OF(&no_rest, points);

    assert_true(isnan(heart_load_trimp(load)));
    assert_false(isnan(heart_load_edwards(load)));
    load = LOAD_OF(&nobody, points);
    assert_true(isnan(heart_load_trimp(load)) && isnan(heart_load_edwards(load)));
    assert_true(isnan(heart_load_zone_s(load, 0)));
    load = LOAD_OF(&born, points);
    assert_true(load->estimated && load->max_bpm == 180);
    assert_false(isnan(heart_load_trimp(load)));
}

static void test_points_that_lie_apart_are_joined(void **state)
{
    static const struct point points[] = { { 0, 100, ACTIVITY_SAMPLE },
                                           { 20, 140, ACTIVITY_SAMPLE },
                                           { 40, 140, ACTIVITY_SAMPLE } };
    const struct heart_load *load = LOAD_OF(&man, points);

    assert_true(load->known_s == 40 && load->missing_s == 0);
    assert_true(fabs(heart_load_mean_bpm(load) - (119 * 20 + 140 * 20) / 40.0) < 1e-9);
}

static void test_a_hole_is_missing_but_for_what_a_rate_holds(void **state)
{
    static const struct point too_far[] = { { 0, 150, ACTIVITY_SAMPLE },
                                            { 31, 150, ACTIVITY_SAMPLE } };
    static const struct point silent[] = { { 0, 150, ACTIVITY_SAMPLE },
                                           { 2, NAN, ACTIVITY_SAMPLE },
                                           { 20, 150, ACTIVITY_SAMPLE } };
    static const struct point absurd[] = { { 0, 150, ACTIVITY_SAMPLE },
                                           { 20, 250, ACTIVITY_SAMPLE } };
    const struct heart_load *load = LOAD_OF(&man, too_far);

    assert_true(load->known_s == 5 && load->missing_s == 26);
    load = LOAD_OF(&man, silent);
    assert_true(load->known_s == 2 && load->missing_s == 18);
    load = LOAD_OF(&man, absurd);
    assert_true(load->known_s == 5 && load->missing_s == 15);
}

static void test_a_pause_is_no_time(void **state)
{
    static const struct point points[] = {
        { 0, 150, ACTIVITY_SAMPLE },   { 4, 150, ACTIVITY_SAMPLE },   { 4, 0, ACTIVITY_TIMER },
        { 300, 90, ACTIVITY_SAMPLE },  { 600, 1, ACTIVITY_TIMER },    { 602, 110, ACTIVITY_SAMPLE },
        { 606, 150, ACTIVITY_SAMPLE }, { 610, 150, ACTIVITY_SAMPLE },
    };
    const struct heart_load *load = LOAD_OF(&man, points);

    assert_true(load->known_s == 14 && load->missing_s == 0);
}

static void test_the_strap_that_knows_more_is_taken(void **state)
{
    static struct point points[66];
    size_t n = 0;

    points[n++] = (struct point){ 0, 120, ACTIVITY_SAMPLE };
    points[n++] = (struct point){ 60, NAN, ACTIVITY_SAMPLE };
    points[n++] = (struct point){ -3, 60, ACTIVITY_HEART }; /* before the start */
    for (int t = 0; t <= 60; t++)
        points[n++] = (struct point){ t, 150, ACTIVITY_HEART };
    points[n++] = (struct point){ 63, 200, ACTIVITY_HEART }; /* after the end */
    const struct heart_load *load = load_of(&man, points, n);
    assert_true(load->known_s == 60 && heart_load_mean_bpm(load) == 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_numbers_of_others),
        cmocka_unit_test(test_who_is_not_known_has_no_load),
        cmocka_unit_test(test_points_that_lie_apart_are_joined),
        cmocka_unit_test(test_a_hole_is_missing_but_for_what_a_rate_holds),
        cmocka_unit_test(test_a_pause_is_no_time),
        cmocka_unit_test(test_the_strap_that_knows_more_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
