/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "close.h"
#include "lib/training/ground.h"

#define S     UINT64_C(1000000)
#define POD   0
#define BELT  1
#define AIR   2
#define AIR_2 3

struct way {
    struct ground ground;
    uint64_t t_usec;
};

static void hear(struct way *way, int sensor, uint32_t has, enum sample_source source, double value)
{
    struct sample sample = { .has = has | SAMPLE_MOVING, .source = source, .moving = true };

    sample.grade_pct = sample.pressure_pa = sample.altitude_m = value;
    ground_hear(&way->ground, &sample, sensor, sensor == BELT, way->t_usec);
}

static void belt_says(struct way *way, double percent)
{
    hear(way, BELT, SAMPLE_GRADE, SAMPLE_SOURCE_BELT, percent);
}

/* Of the standard atmosphere at so many metres. */
static void air_says(struct way *way, int sensor, double altitude_m)
{
    hear(way, sensor, SAMPLE_PRESSURE, SAMPLE_SOURCE_BAROMETER,
         101325 * pow(1 - altitude_m / 44330.77, 1 / 0.190263));
}

/* One second at so many metres and three steps. */
static void second(struct way *way, double metres)
{
    ground_cover(&way->ground, metres, way->t_usec);
    ground_step(&way->ground, 3);
    ground_pass(&way->ground, way->t_usec, true, false);
    way->t_usec += S;
}

static struct way begin(bool final)
{
    struct way way = { .t_usec = 100 * S };

    ground_init(&way.ground, final);
    ground_begin(&way.ground, way.t_usec);
    way.t_usec += S;
    return way;
}

/* In its place: a route holds the ground where it is. */
static struct way a_way;

static void begin_in(struct way *way, bool final)
{
    way->t_usec = 100 * S;
    ground_init(&way->ground, final);
    ground_begin(&way->ground, way->t_usec);
    way->t_usec += S;
}

static struct terrain_figures figures(const struct way *way)
{
    struct terrain_figures ret;

    terrain_figures(&way->ground.terrain, &ret);
    return ret;
}

static double drop_of(double metres, double percent)
{
    return metres * percent / 100 / sqrt(1 + percent * percent / 1e4);
}

static void test_nobody_says_anything(void **state)
{
    struct way way = begin(false);
    enum terrain_source source;

    (void)state;
    for (int i = 0; i < 100; i++)
        second(&way, 3);
    ground_end(&way.ground);
    assert_true(isnan(figures(&way).ascent_m) && isnan(figures(&way).downhill.drop_m));
    assert_close(figures(&way).distance_m, 300, 1e-9);
    assert_true(isnan(ground_grade_pct(&way.ground, way.t_usec, &source)));
    assert_int_equal(source, TERRAIN_NONE);
}

static void test_a_belt_that_tilts_counts_from_the_packet_that_told_it(void **state)
{
    struct way way = begin(false);
    enum terrain_source source;

    (void)state;
    for (int i = 0; i < 100; i++) {
        belt_says(&way, i < 50 ? 0 : -8);
        second(&way, 3);
    }
    assert_close(ground_grade_pct(&way.ground, way.t_usec, &source), -8, 1e-9);
    assert_int_equal(source, TERRAIN_BELT);
    assert_close(figures(&way).downhill.drop_m, drop_of(150, 8), 1e-6);
    assert_close(figures(&way).downhill.distance_m, 150, 1e-6);
    assert_close(figures(&way).downhill.steps, 150, 1e-6);
    assert_close(figures(&way).altitude_m, 300, 1e-6);
    assert_int_equal(figures(&way).source, TERRAIN_BELT);
}

static void test_a_belt_that_is_silent_says_nothing_any_more(void **state)
{
    struct way way = begin(false);
    enum terrain_source source;

    (void)state;
    for (int i = 0; i < 20; i++) {
        belt_says(&way, 5);
        second(&way, 3);
    }
    for (int i = 0; i < 20; i++)
        second(&way, 3);
    assert_true(isnan(ground_grade_pct(&way.ground, way.t_usec, &source)));
    assert_close(figures(&way).altitude_m, 60 + 15, 3.1); /* and five seconds of grace */
}

static void test_who_is_believed(void **state)
{
    static const struct {
        const char *label;
        bool belt, incline, air, configured;
        enum terrain_source expected;
    } rows[] = {
        { "nobody", false, false, false, false, TERRAIN_NONE },
        { "the configuration, last", false, false, false, true, TERRAIN_CONFIGURED },
        { "a barometer before it", false, false, true, true, TERRAIN_BAROMETER },
        { "a person before a barometer", false, true, true, true, TERRAIN_INCLINE },
        { "a machine before all", true, true, true, true, TERRAIN_BELT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct way way = begin(false);
        enum terrain_source source;

        if (rows[i].configured)
            ground_set(&way.ground, TERRAIN_CONFIGURED, 1, way.t_usec);
        if (rows[i].incline)
            ground_set(&way.ground, TERRAIN_INCLINE, 2, way.t_usec);
        for (int s = 0; s < 100; s++) {
            if (rows[i].belt)
                belt_says(&way, 3);
            if (rows[i].air)
                air_says(&way, AIR, 100 + s * 0.12);
            second(&way, 3);
        }
        ground_grade_pct(&way.ground, way.t_usec, &source);
        if (source != rows[i].expected || figures(&way).source != rows[i].expected)
            fail_msg("%s: %s now, mostly %s", rows[i].label, terrain_source_name(source),
                     terrain_source_name(figures(&way).source));
    }
}

/* A belt that says 60 % is wrong, and nobody is believed in its place. */
static void test_a_belt_steeper_than_anyone_runs(void **state)
{
    struct way way = begin(false);
    enum terrain_source source;

    (void)state;
    for (int i = 0; i < 30; i++) {
        belt_says(&way, 60);
        second(&way, 3);
    }
    assert_true(isnan(ground_grade_pct(&way.ground, way.t_usec, &source)));
    assert_int_equal(source, TERRAIN_NONE);
    assert_true(isnan(figures(&way).ascent_m));
}

/* Set by hand it holds, however long nobody says it again, and what was set is taken back. */
static void test_an_incline_holds_until_it_is_taken_back(void **state)
{
    struct way way = begin(false);
    enum terrain_source source;

    (void)state;
    ground_set(&way.ground, TERRAIN_CONFIGURED, 0, way.t_usec);
    ground_set(&way.ground, TERRAIN_INCLINE, -10, way.t_usec);
    for (int i = 0; i < 600; i++)
        second(&way, 2);
    assert_close(figures(&way).downhill.drop_m, drop_of(1200, 10), 1e-6);
    ground_set(&way.ground, TERRAIN_INCLINE, NAN, way.t_usec);
    assert_close(ground_grade_pct(&way.ground, way.t_usec, &source), 0, 0);
    assert_int_equal(source, TERRAIN_CONFIGURED);
    for (int i = 0; i < 60; i++)
        second(&way, 2);
    assert_close(figures(&way).downhill.drop_m, drop_of(1200, 10), 1e-6);
}

/* 300 m level, 1000 m down at 8 %, 300 m level; told in pieces, as lines of a recording are. */
static void follow_a_hill(struct way *way)
{
    for (int i = 0; i <= 160; i++) {
        double m = i * 10, down_m = m < 300 ? 0 : m < 1300 ? m - 300 : 1000;
        struct route_place place = { m, 500 - 0.08 * down_m };

        ground_follow(&way->ground, &place, 1, way->t_usec);
    }
}

/* It begins where the runner is when it is said, not where the run began. */
static void test_a_route_is_followed_from_where_it_is_said(void **state)
{
    (void)state;
    for (int final = 0; final < 2; final++) {
        struct way *way = &a_way;
        enum terrain_source source;

        begin_in(way, final);
        for (int i = 0; i < 200; i++)
            second(way, 3);
        ground_cover(&way->ground, 3, way->t_usec); /* not in a point yet */
        follow_a_hill(way);
        for (int i = 0; i < 200; i++)
            second(way, 2.5);
        if (!final) {
            assert_close(ground_grade_pct(&way->ground, way->t_usec, &source), -8, 0.2);
            assert_int_equal(source, TERRAIN_ROUTE);
        }
        for (int i = 0; i < 430; i++)
            second(way, 2.5);
        assert_close(figures(way).downhill.drop_m, 80, 80 * 0.03);
        assert_close(figures(way).source_m[TERRAIN_ROUTE], 1575, 20);
    }
}

static void test_a_route_is_taken_back_or_another_follows(void **state)
{
    static const struct route_place up[] = { { 0, 100 }, { 500, 150 } };
    struct way *way = &a_way;
    enum terrain_source source;

    (void)state;
    begin_in(way, false);
    follow_a_hill(way);
    for (int i = 0; i < 240; i++)
        second(way, 2.5);
    ground_follow(&way->ground, up, 2, way->t_usec);
    for (int i = 0; i < 100; i++)
        second(way, 2.5);
    assert_close(ground_grade_pct(&way->ground, way->t_usec, &source), 10, 0.2);
    ground_follow(&way->ground, NULL, 0, way->t_usec);
    for (int i = 0; i < 100; i++)
        second(way, 2.5);
    assert_true(isnan(ground_grade_pct(&way->ground, way->t_usec, &source)));
    assert_int_equal(source, TERRAIN_NONE);
    assert_close(figures(way).source_m[TERRAIN_ROUTE], 850, 40);
}

/* What measures is believed before what somebody says of the way, and a belt goes nowhere. */
static void test_a_barometer_and_a_belt_know_better_than_a_route(void **state)
{
    struct way *way = &a_way;
    enum terrain_source source;

    (void)state;
    begin_in(way, false);
    follow_a_hill(way);
    for (int i = 0; i < 120; i++) {
        air_says(way, AIR, 200);
        second(way, 2.5);
    }
    assert_close(ground_grade_pct(&way->ground, way->t_usec, &source), 0, 0.01);
    assert_int_equal(source, TERRAIN_BAROMETER);
    belt_says(way, 3);
    for (int i = 0; i < 60; i++)
        second(way, 2.5);
    (void)ground_grade_pct(&way->ground, way->t_usec, &source);
    assert_int_equal(source, TERRAIN_NONE);
}

/* 60 s level, 200 s of 5 % down at 3 m/s, 60 s level. */
static struct way down_a_hill(bool final, int seconds)
{
    struct way way = begin(final);
    double altitude_m = 300;

    for (int i = 0; i < seconds; i++) {
        air_says(&way, AIR, altitude_m);
        if (i % 2)
            air_says(&way, AIR_2, 900); /* on another's arm, and heard second */
        second(&way, 3);
        if (i >= 60 && i < 260)
            altitude_m -= 0.15;
    }
    return way;
}

static void test_a_barometer_live_and_at_the_end(void **state)
{
    struct way live = down_a_hill(false, 320), final = down_a_hill(true, 320);

    (void)state;
    ground_end(&final.ground);
    assert_close(figures(&final).downhill.drop_m, 30, 30 * 0.02);
    assert_close(figures(&live).downhill.drop_m, 30, 30 * 0.05);
    assert_close(figures(&final).altitude_m, 960, 10);
    assert_int_equal(figures(&final).source, TERRAIN_BAROMETER);
}

static void test_a_barometer_under_a_roof_is_not_believed(void **state)
{
    struct way way = begin(false);

    (void)state;
    for (int i = 0; i < 200; i++) {
        air_says(&way, AIR, 100 - i * 0.2);
        hear(&way, BELT, 0, SAMPLE_SOURCE_BELT, NAN); /* one that does not know its incline */
        second(&way, 3);
    }
    ground_end(&way.ground);
    assert_true(isnan(figures(&way).downhill.drop_m) && isnan(figures(&way).ascent_m));
}

/* Satellites give an ascent and nothing to judge a descent by. */
static void test_heights_of_satellites_are_no_descent(void **state)
{
    struct way way = begin(true);
    enum terrain_source source;

    (void)state;
    for (int i = 0; i < 400; i++) {
        hear(&way, AIR, SAMPLE_ALTITUDE, SAMPLE_SOURCE_LOCATION,
             i < 200 ? 100 + i * 0.2 : 180 - i * 0.2);
        second(&way, 3);
    }
    ground_end(&way.ground);
    assert_true(isnan(figures(&way).downhill.drop_m));
    assert_true(figures(&way).ascent_m > 30 && figures(&way).altitude_m == 0);
    assert_int_equal(figures(&way).source, TERRAIN_GPS);
    assert_true(isnan(ground_grade_pct(&way.ground, way.t_usec, &source)));
}

static void test_the_last_metres_are_counted(void **state)
{
    struct way way = begin(true);

    (void)state;
    ground_set(&way.ground, TERRAIN_INCLINE, -10, way.t_usec);
    for (int i = 0; i < 100; i++)
        second(&way, 2);
    way.t_usec -= S / 2; /* half a second later */
    ground_cover(&way.ground, 1, way.t_usec);
    ground_pass(&way.ground, way.t_usec, true, false);
    ground_end(&way.ground);
    assert_close(figures(&way).downhill.distance_m, 201, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_says_anything),
        cmocka_unit_test(test_a_belt_that_tilts_counts_from_the_packet_that_told_it),
        cmocka_unit_test(test_a_belt_that_is_silent_says_nothing_any_more),
        cmocka_unit_test(test_who_is_believed),
        cmocka_unit_test(test_a_belt_steeper_than_anyone_runs),
        cmocka_unit_test(test_an_incline_holds_until_it_is_taken_back),
        cmocka_unit_test(test_a_route_is_followed_from_where_it_is_said),
        cmocka_unit_test(test_a_route_is_taken_back_or_another_follows),
        cmocka_unit_test(test_a_barometer_and_a_belt_know_better_than_a_route),
        cmocka_unit_test(test_a_barometer_live_and_at_the_end),
        cmocka_unit_test(test_a_barometer_under_a_roof_is_not_believed),
        cmocka_unit_test(test_heights_of_satellites_are_no_descent),
        cmocka_unit_test(test_the_last_metres_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
