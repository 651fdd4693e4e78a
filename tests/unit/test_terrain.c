/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/terrain/terrain.h"
#include "close.h"
#include "vectors.h"

/* The whole engine, on hills whose drop is known. */
static struct terrain terrain;
static struct terrain_figures figures;

/* The same noise on every machine. */
static double noise(uint32_t *seed)
{
    double sum = 0;

    for (int i = 0; i < 12; i++) { /* nearly a bell of deviation 1 */
        *seed = *seed * 1664525 + 1013904223;
        sum += *seed / 4294967296.0;
    }
    return sum - 6;
}

struct piece {
    double metres, grade;
};

/* One hill of each kind; by grade, 67.5 m of it is downhill over 1 050 m. */
static const struct piece hills[] = {
    { 800, 0 },     { 500, 0.05 }, { 300, 0 }, { 600, -0.05 },   { 400, -0.015 },
    { 250, -0.12 }, { 300, 0.03 }, { 200, 0 }, { 200, -0.0375 }, { 500, 0.01 },
};
#define HILLS_M      4050
#define HILLS_DROP_M 67.5
#define HILLS_DOWN_M 1050

static double height(double m)
{
    double h = 100;

    for (size_t i = 0; i < sizeof(hills) / sizeof(hills[0]); i++) {
        h += fmin(fmax(m, 0), hills[i].metres) * hills[i].grade;
        m -= hills[i].metres;
    }
    return h;
}

static double grade_at(double m)
{
    size_t i = 0;

    for (; i < sizeof(hills) / sizeof(hills[0]) - 1 && m > hills[i].metres; i++)
        m -= hills[i].metres;
    return hills[i].grade;
}

struct run {
    enum terrain_source source;
    double speed_m_s, every_s, noise_m;
    bool live;
};

static void begin(bool live)
{
    struct terrain_settings settings = terrain_settings(live);

    settings.own = (struct knee_reference){ 170, 3, 1 };
    terrain_init(&terrain, &settings);
}

static void end(void)
{
    terrain_end(&terrain);
    terrain_figures(&terrain, &figures);
}

static void feed(double t_s, double metres, double steps, enum terrain_source source, double value)
{
    struct terrain_point point = terrain_point((int64_t)llround(t_s * 1e6));

    point.metres = metres;
    point.steps = steps;
    if (source != TERRAIN_NONE)
        point.says.value[source] = value;
    terrain_feed(&terrain, &point);
}

static void run_hills(const struct run *run)
{
    uint32_t seed = 5;
    double at = 0;

    begin(run->live);
    for (double t = 0; at < HILLS_M; t += run->every_s) {
        double metres = t > 0 ? run->speed_m_s * run->every_s : 0, value;

        at += metres;
        value = terrain_source_is_height(run->source) ? height(at) + run->noise_m * noise(&seed)
                                                      : 100 * grade_at(at - metres / 2);
        feed(t, metres, metres > 0 ? run->every_s * 170 / 60 : 0, run->source, value);
    }
    end();
}

static void test_the_drop_of_known_hills_from_every_source(void **state)
{
    static const struct {
        const char *label;
        struct run run;
        double within;
    } rows[] = {
        { "a barometer, once a second", { TERRAIN_BAROMETER, 3, 1, 0, false }, 0.05 },
        { "with its noise", { TERRAIN_BAROMETER, 3, 1, 0.3, false }, 0.05 },
        { "four times a second", { TERRAIN_BAROMETER, 3, 0.25, 0.3, false }, 0.05 },
        { "every 7 s", { TERRAIN_BAROMETER, 3, 7, 0.2, false }, 0.07 },
        { "fast", { TERRAIN_BAROMETER, 5, 1, 0.3, false }, 0.06 },
        { "slow", { TERRAIN_BAROMETER, 1.2, 1, 0.3, false }, 0.06 },
        { "live", { TERRAIN_BAROMETER, 3, 1, 0.3, true }, 0.08 },
        { "an elevation", { TERRAIN_ELEVATION, 3, 1, 0.3, false }, 0.05 },
        { "a treadmill", { TERRAIN_BELT, 3, 1, 0, false }, 0.02 },
        { "a treadmill, live", { TERRAIN_BELT, 3, 1, 0, true }, 0.02 },
        { "set by hand", { TERRAIN_INCLINE, 3, 1, 0, false }, 0.02 },
        { "configured", { TERRAIN_CONFIGURED, 3, 5, 0, false }, 0.05 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run_hills(&rows[i].run);
        print_message("%-28s drop %.1f of %.1f m, length %.0f, ascent %.1f, descent %.1f\n",
                      rows[i].label, figures.downhill.drop_m, HILLS_DROP_M,
                      figures.downhill.distance_m, figures.ascent_m, figures.descent_m);
        assert_int_equal(figures.source, rows[i].run.source);
        assert_int_equal(figures.downhill.n, 3);
        assert_close(figures.downhill.drop_m, HILLS_DROP_M, rows[i].within * HILLS_DROP_M);
        assert_close(figures.downhill.distance_m, HILLS_DOWN_M, 0.12 * HILLS_DOWN_M);
        assert_close(figures.downhill.time_s, figures.downhill.distance_m / rows[i].run.speed_m_s,
                     8);
        assert_close(figures.downhill.steps, figures.downhill.time_s * 170 / 60, 30);
        /* the filters round off where it gets steep: of 15 s, so the faster the more */
        assert_close(figures.steep_share, 30 / HILLS_DROP_M, 0.10);
        assert_close(figures.ascent_m, 39, 4);    /* 25 + 9 + 5 */
        assert_close(figures.descent_m, 73.5, 4); /* with what is too shallow */
        assert_close(figures.altitude_m, figures.distance_m, 25);
        assert_false(figures.low_quality);
    }
}

static void test_an_independent_implementation_gets_the_same_of_a_belt(void **state)
{
    json_t *file = vectors_load("treadmill.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *list = json_object_get(json_object_get(c, "input"), "samples"), *sample;
        const json_t *expected = json_object_get(c, "expected");
        double t = 0, tol = vectors_number(c, "tol");
        size_t k;

        begin(false);
        feed(0, 0, 0, TERRAIN_NONE, 0);
        json_array_foreach(list, k, sample)
        {
            double speed = json_number_value(json_array_get(sample, 0));
            double pct = json_number_value(json_array_get(sample, 1));

            for (int s = 0; s < json_number_value(json_array_get(sample, 2)); s++)
                feed(++t, speed, NAN, TERRAIN_BELT, pct);
        }
        end();
        vectors_assert_close(figures.distance_m, vectors_number(expected, "dist_m"), tol);
        vectors_assert_close(figures.ascent_m, vectors_number(expected, "ascent_m"), tol);
        vectors_assert_close(figures.descent_m, vectors_number(expected, "descent_m"), tol);
        assert_true(isnan(figures.downhill.steps));
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 4);
}

static void test_an_independent_implementation_gets_the_same_of_a_barometer(void **state)
{
    json_t *file = vectors_load("downhill.json"), *c;
    size_t i, checked = 0;

    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        const json_t *list = json_object_get(json_object_get(c, "input"), "noise_alt"), *value;
        const json_t *expected = json_object_get(c, "expected");
        size_t k;

        if (!json_is_array(list))
            continue;
        begin(false);
        json_array_foreach(list, k, value)
            feed((double)k, k ? 3 : 0, 3, TERRAIN_BAROMETER, json_number_value(value));
        end();
        vectors_assert_close(figures.downhill.drop_m, vectors_number(expected, "drop"), 1e-6);
        vectors_assert_close(figures.downhill.distance_m, vectors_number(expected, "length"), 1e-6);
        checked++;
    }
    json_decref(file);
    assert_true(checked >= 1);
}

static void test_an_independent_implementation_climbs_as_far(void **state)
{
    json_t *file = vectors_load("ascent.json");
    json_t *cases = json_object_get(file, "cases");
    const json_t *c = json_array_get(cases, json_array_size(cases) - 1), *value;
    const json_t *expected = json_object_get(json_object_get(c, "expected"), "zigzag");
    size_t k;

    begin(false);
    json_array_foreach(json_object_get(json_object_get(c, "input"), "alt"), k, value)
        feed((double)k, k ? 3 : 0, 3, TERRAIN_BAROMETER, json_number_value(value));
    end();
    assert_true(k > 1000);
    /* the two spikes are left out before they reach the median */
    vectors_assert_close(figures.ascent_m, json_number_value(json_array_get(expected, 0)), 0.005);
    vectors_assert_close(figures.descent_m, json_number_value(json_array_get(expected, 1)), 0.005);
    json_decref(file);
}

/* ---- noise ------------------------------------------------------------------------------------- */

/* Ten kilometres on the level: satellites wander by metres, a barometer trembles and a front passes. */
static void test_noise_on_the_level_is_no_descent(void **state)
{
    for (uint32_t seed = 1; seed <= 20; seed++) {
        for (int live = 0; live < 2; live++) {
            uint32_t s = seed;
            double wander = 0, low = 0, high = 0;

            begin(live);
            for (int t = 0; t < 3600; t++) {
                wander = 0.995 * wander + 0.25 * noise(&s); /* deviation 2.5 m */
                low = fmin(low, wander);
                high = fmax(high, wander);
                feed(t, t ? 3 : 0, 3, TERRAIN_GPS, 50 + wander + 0.5 * noise(&s));
            }
            end();
            assert_true(isnan(figures.downhill.drop_m));
            assert_close(figures.altitude_m, 0, 0);
            assert_true(figures.low_quality);
            assert_true(figures.ascent_m >= 0 && figures.ascent_m <= 8 * (high - low));
            assert_true(isnan(figures.graded_speed_m_s));
            assert_true(isnan(figures.knee_steps));

            begin(live);
            for (int t = 0; t < 3600; t++)
                feed(t, t ? 3 : 0, 3, TERRAIN_BAROMETER, 50 - t * 8.0 / 3600 + 0.3 * noise(&s));
            end();
            assert_close(figures.downhill.drop_m, 0, 0);
            assert_close(figures.ascent_m, 0, 0);
            assert_close(figures.descent_m, 8, 2);
            assert_true(isnan(figures.steep_share));
        }
    }
}

static void test_the_drift_of_a_round_trip_is_taken_out(void **state)
{
    struct terrain_settings settings = terrain_settings(false);

    settings.drift_m_s = 8.0 / 3600;
    settings.drift_from_usec = 100 * INT64_C(1000000);
    terrain_init(&terrain, &settings);
    for (int t = 100; t < 3700; t++)
        feed(t, t > 100 ? 3 : 0, 3, TERRAIN_BAROMETER, 50 + (t - 100) * 8.0 / 3600);
    end();
    assert_close(figures.ascent_m, 0, 0);
}

/* ---- nobody knows ------------------------------------------------------------------------------ */

static void test_without_any_height_nothing_is_known_and_nothing_is_0(void **state)
{
    enum terrain_source source;

    begin(true);
    for (int t = 0; t < 1000; t++)
        feed(t, t ? 3 : 0, 3, TERRAIN_NONE, 0);
    assert_true(isnan(terrain_grade(&terrain, &source)));
    assert_int_equal(source, TERRAIN_NONE);
    end();
    assert_close(figures.distance_m, 2997, 0);
    assert_close(figures.altitude_m, 0, 0);
    assert_int_equal(figures.source, TERRAIN_NONE);
    assert_true(isnan(figures.ascent_m) && isnan(figures.descent_m));
    assert_true(isnan(figures.downhill.drop_m) && isnan(figures.downhill.distance_m));
    assert_true(isnan(figures.downhill.time_s) && isnan(figures.downhill.steps));
    assert_true(isnan(figures.downhill.walked_m) && isnan(figures.steep_share));
    assert_true(isnan(figures.graded_speed_m_s) && isnan(figures.knee_steps));
}

static void test_a_level_belt_configured_is_a_descent_of_0_that_is_known(void **state)
{
    enum terrain_source source;

    begin(true);
    for (int t = 0; t < 1000; t++)
        feed(t, t ? 3 : 0, 3, TERRAIN_CONFIGURED, 0);
    assert_close(terrain_grade(&terrain, &source), 0, 0);
    assert_int_equal(source, TERRAIN_CONFIGURED);
    end();
    assert_close(figures.downhill.drop_m, 0, 0);
    assert_close(figures.ascent_m, 0, 0);
    assert_close(figures.altitude_m, figures.distance_m, 0);
    assert_close(figures.graded_speed_m_s, 3, 1e-9);
}

static void test_live_a_grade_is_that_of_here_or_none(void **state)
{
    enum terrain_source source;

    begin(true);
    for (int t = 0; t < 100; t++)
        feed(t, t ? 3 : 0, 3, TERRAIN_BAROMETER, 200 - 0.3 * t);
    assert_close(terrain_grade(&terrain, &source), -0.1, 1e-6);
    assert_int_equal(source, TERRAIN_BAROMETER);
    for (int t = 100; t < 108; t++) /* the barometer is silent for 24 m */
        feed(t, 3, 3, TERRAIN_NONE, 0);
    assert_close(terrain_grade(&terrain, &source), -0.1, 1e-6);
    feed(108, 3, 3, TERRAIN_NONE, 0);
    assert_true(isnan(terrain_grade(&terrain, &source)));
    assert_int_equal(source, TERRAIN_NONE);
    feed(109, 3, 3, TERRAIN_INCLINE, 4); /* a person does not wait for it */
    assert_close(terrain_grade(&terrain, &source), 0.04, 1e-12);
    assert_int_equal(source, TERRAIN_INCLINE);
}

static void test_half_a_run_with_a_barometer_is_half_known(void **state)
{
    begin(false);
    for (int t = 0; t < 2000; t++)
        feed(t, t ? 3 : 0, 3, t < 1000 ? TERRAIN_BAROMETER : TERRAIN_NONE, 200 - 0.15 * t);
    end();
    assert_close(figures.distance_m, 5997, 0);
    assert_close(figures.altitude_m, 2997, 1);
    assert_close(figures.downhill.drop_m, 150, 3);
}

/* ---- changes ----------------------------------------------------------------------------------- */

static void test_the_belt_after_the_barometer_is_another_line(void **state)
{
    begin(false);
    for (int t = 0; t < 1200; t++) {
        if (t < 600)
            feed(t, t ? 3 : 0, 3, TERRAIN_BAROMETER, 500);
        else
            feed(t, 3, 3, TERRAIN_BELT, t < 900 ? 0 : -8);
    }
    for (int t = 1200; t < 1300; t++) /* indoors now: 60 m down are a lift */
        feed(t, 3, 3, TERRAIN_BAROMETER, 500 - (t - 1200) * 0.6);
    end();
    assert_int_equal(figures.source, TERRAIN_BELT);
    assert_close(figures.downhill.drop_m, 900 * 0.08 / sqrt(1 + 0.0064), 1e-6);
    assert_close(figures.downhill.distance_m, 900, 1e-6);
    assert_close(figures.altitude_m, 3597, 3.1);
    assert_close(figures.source_m[TERRAIN_BAROMETER], 1797, 3.1);
}

static void test_an_incline_set_in_the_middle_holds_from_there(void **state)
{
    begin(true);
    for (int t = 0; t < 1000; t++)
        feed(t, t ? 3 : 0, 3, t < 500 ? TERRAIN_NONE : TERRAIN_INCLINE, -5);
    end();
    assert_int_equal(figures.source, TERRAIN_INCLINE);
    assert_close(figures.altitude_m, 1500, 1e-9);
    assert_close(figures.downhill.drop_m, 1500 * 0.05 / sqrt(1.0025), 1e-9);
}

static void test_a_route_is_followed_by_the_pod(void **state)
{
    static struct route_place places[512];
    struct terrain_settings settings = terrain_settings(false);
    struct route route;

    route_init(&route, places, 512);
    for (int m = 0; m <= HILLS_M; m += 15)
        route_add(&route, m, round(height(m) * 10) / 10);
    assert_true(route_end(&route));
    settings.route = &route;
    terrain_init(&terrain, &settings);
    for (int t = 0; t < 2000; t++) /* on and on, past the end of the route */
        feed(t, t ? 3 : 0, 3, TERRAIN_NONE, 0);
    end();
    assert_int_equal(figures.source, TERRAIN_ROUTE);
    assert_close(figures.downhill.drop_m, HILLS_DROP_M, 0.06 * HILLS_DROP_M);
    assert_close(figures.altitude_m, HILLS_M, 3.1);
    assert_close(figures.distance_m, 5997, 1e-9);
}

/* ---- effort ------------------------------------------------------------------------------------ */

static void test_what_a_descent_costs_the_heart_and_the_knee(void **state)
{
    begin(false);
    for (int t = 0; t < 1001; t++)
        feed(t, t ? 3 : 0, t ? 170 / 60.0 : 0, TERRAIN_BELT, -10);
    end();
    /* Minetti: 0.5977 of the level; the index: 1.34 a step */
    assert_close(figures.graded_speed_m_s, 3 * 0.5976961111, 1e-6);
    assert_close(figures.knee_steps, 1.34 * 1000 * 170 / 60.0, 1e-6);
    assert_close(terrain.effort.level.seconds, 0, 0);
}

/* A sum over a half would pass for the whole. */
static void test_steps_of_unknown_grade_are_steps_of_the_run(void **state)
{
    static const struct {
        int known_s;
        bool index;
    } rows[] = { { 1000, true }, { 810, true }, { 790, false }, { 500, false } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        begin(false);
        for (int t = 0; t < 1001; t++)
            feed(t, t ? 3 : 0, t ? 170 / 60.0 : 0,
                 t <= rows[i].known_s ? TERRAIN_BELT : TERRAIN_NONE, -10);
        end();
        if (!rows[i].index != isnan(figures.knee_steps))
            fail_msg("%d s known: %g", rows[i].known_s, figures.knee_steps);
    }
}

static void test_who_is_not_known_has_no_index_but_becomes_known(void **state)
{
    struct terrain_settings settings = terrain_settings(false);

    terrain_init(&terrain, &settings);
    for (int t = 0; t < 2400; t++)
        feed(t, t ? 3 : 0, t ? 2.8 : 0, TERRAIN_CONFIGURED, 0);
    end();
    assert_true(isnan(figures.knee_steps));
    assert_close(level_cadence_spm(&terrain.effort.level, 3), 168, 1e-6);
    assert_close(level_speed_m_s(&terrain.effort.level), 3, 0.06);
}

static void test_walking_by_what_nobody_said(void **state)
{
    assert_true(terrain_is_walking(1.5, 110));
    assert_false(terrain_is_walking(1.9, 150)); /* slow, but running */
    assert_false(terrain_is_walking(2.0, 110));
    assert_true(terrain_is_walking(1.5, NAN)); /* as a session's kind has it */
    assert_false(terrain_is_walking(NAN, 110));
}

/* ---- rubbish ----------------------------------------------------------------------------------- */

static double rubbish(uint32_t *seed)
{
    static const double bad[] = { NAN, INFINITY, -INFINITY, 0, -1, 1e300, -1e300, 1e-300 };
    double x = noise(seed);

    return x > 1.5 ? bad[*seed >> 29] : x < -1.5 ? x * 1000 : x;
}

static void assert_sane(double value, double most)
{
    assert_true(isnan(value) || (value >= 0 && value <= most));
}

static void test_rubbish_gives_figures_that_may_be_shown_or_none(void **state)
{
    for (uint32_t seed = 1; seed <= 200; seed++) {
        uint32_t s = seed;
        int64_t t = 0;

        begin(seed % 2);
        for (int i = 0; i < 3000; i++) {
            struct terrain_point point;

            t += (int64_t)(1000000 * (i % 100 ? fmin(fmax(noise(&s), -2), 2) + 1 : 40));
            point = terrain_point(t);
            point.metres = i % 5 ? 3 : rubbish(&s);
            point.steps = rubbish(&s);
            point.walking = s >> 31;
            for (int k = 1; k < TERRAIN_SOURCES; k++)
                if (seed % 8 == 0 || (int)(seed % 8) == k)
                    point.says.value[k] = rubbish(&s);
            if (point.metres > 1e6)
                point.metres = 0;
            terrain_feed(&terrain, &point);
            if (i % 500 == 0)
                terrain_figures(&terrain, &figures);
        }
        end();
        assert_true(isfinite(figures.distance_m));
        assert_sane(figures.altitude_m, figures.distance_m);
        assert_sane(figures.ascent_m, 1e7);
        assert_sane(figures.descent_m, 1e7);
        assert_sane(figures.downhill.drop_m, figures.distance_m);
        assert_sane(figures.downhill.distance_m, figures.distance_m);
        assert_sane(figures.downhill.steep_m, figures.downhill.drop_m);
        assert_sane(figures.downhill.walked_m, figures.downhill.drop_m);
        assert_sane(figures.steep_share, 1);
    }
}

static void test_two_million_points_are_no_more_memory_than_two(void **state)
{
    assert_true(sizeof(terrain) < 32768);
    begin(false);
    for (int t = 0; t < 2000000; t++)
        feed(t, 3, 3, TERRAIN_BAROMETER, 100 + 50 * sin(t / 200.0));
    end();
    /* 2 000 000 s are 1591.5 hills of 100 m, nearly all of it 3 % and more */
    assert_close(figures.ascent_m, 159155, 300);
    assert_true(figures.downhill.drop_m > 145000 && figures.downhill.drop_m < figures.descent_m);
}

static void test_nothing_and_next_to_nothing(void **state)
{
    for (int n = 0; n < 40; n++) {
        begin(n % 2);
        for (int t = 0; t < n; t++)
            feed(t, t ? 3 : 0, 3, TERRAIN_BAROMETER, 100 - t);
        end();
        assert_close(figures.distance_m, n ? 3 * (n - 1) : 0, 0);
        assert_int_equal(isnan(figures.descent_m), n < 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_drop_of_known_hills_from_every_source),
        cmocka_unit_test(test_an_independent_implementation_gets_the_same_of_a_belt),
        cmocka_unit_test(test_an_independent_implementation_gets_the_same_of_a_barometer),
        cmocka_unit_test(test_an_independent_implementation_climbs_as_far),
        cmocka_unit_test(test_noise_on_the_level_is_no_descent),
        cmocka_unit_test(test_the_drift_of_a_round_trip_is_taken_out),
        cmocka_unit_test(test_without_any_height_nothing_is_known_and_nothing_is_0),
        cmocka_unit_test(test_a_level_belt_configured_is_a_descent_of_0_that_is_known),
        cmocka_unit_test(test_live_a_grade_is_that_of_here_or_none),
        cmocka_unit_test(test_half_a_run_with_a_barometer_is_half_known),
        cmocka_unit_test(test_the_belt_after_the_barometer_is_another_line),
        cmocka_unit_test(test_an_incline_set_in_the_middle_holds_from_there),
        cmocka_unit_test(test_a_route_is_followed_by_the_pod),
        cmocka_unit_test(test_what_a_descent_costs_the_heart_and_the_knee),
        cmocka_unit_test(test_steps_of_unknown_grade_are_steps_of_the_run),
        cmocka_unit_test(test_who_is_not_known_has_no_index_but_becomes_known),
        cmocka_unit_test(test_walking_by_what_nobody_said),
        cmocka_unit_test(test_rubbish_gives_figures_that_may_be_shown_or_none),
        cmocka_unit_test(test_two_million_points_are_no_more_memory_than_two),
        cmocka_unit_test(test_nothing_and_next_to_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
