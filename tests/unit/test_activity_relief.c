/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/activity/outline_verdict.h"
#include "lib/activity/relief.h"
#include "close.h"

/* The hills of facts told by hand; t is in seconds from a moment in 2021. */
#define MOMENT INT64_C(1631000000)

static struct activity_fact told[8192];
static int n_told;
static struct outline outline;
static struct ends ends;
static struct relief relief;

static int64_t usec_at(double t)
{
    return (int64_t)((MOMENT + t) * 1e6);
}

static struct activity_fact *tell(enum activity_fact_type type, double t)
{
    assert_true(n_told < 8192);
    told[n_told] = activity_fact(type, usec_at(t));
    return &told[n_told++];
}

static void tell_sample(double t, double distance_m, double altitude_m)
{
    struct activity_sample *sample = &tell(ACTIVITY_SAMPLE, t)->sample;

    sample->distance_m = distance_m;
    sample->altitude_m = altitude_m;
    sample->cycles_per_min = 85;
}

static void tell_barometer(void)
{
    tell(ACTIVITY_DEVICE, 0)->device.barometer = true;
}

static struct activity_session *tell_session(double t, enum activity_sport sport)
{
    struct activity_session *session = &tell(ACTIVITY_SESSION, t)->session;

    session->sport = sport;
    return session;
}

/* 1 200 m at 3 m/s with a descent of 5 % over the middle 600 m. */
static void tell_hill(double t, double from_m)
{
    for (int s = 0; s <= 400; s++)
        tell_sample(t + s, from_m + 3 * s, 100 - 0.15 * (s < 100 ? 0 : s < 300 ? s - 100 : 200));
}

static void read_with(const struct relief_settings *given)
{
    struct outline_limits limits = { OUTLINE_OLDEST_USEC, usec_at(1000000) };
    struct relief_settings settings = *given;
    struct activity_sink first, second, third;

    outline_init(&outline, &limits);
    first = outline_sink(&outline);
    for (int i = 0; i < n_told; i++)
        activity_emit(&first, &told[i]);
    outline_finish(&outline);
    assert_int_equal(outline_judge(&outline), OUTLINE_OK);
    ends_init(&ends, &outline);
    second = ends_sink(&ends);
    for (int i = 0; i < n_told; i++)
        activity_emit(&second, &told[i]);
    settings.ends = &ends;
    relief_init(&relief, &outline, &settings);
    third = relief_sink(&relief);
    for (int i = 0; i < n_told; i++)
        activity_emit(&third, &told[i]);
    relief_finish(&relief);
    n_told = 0;
}

static const struct terrain_figures *read_told(void)
{
    struct relief_settings settings = relief_settings();

    read_with(&settings);
    return &relief.sessions[0].figures;
}

static void assert_hill(const struct terrain_figures *figures)
{
    assert_int_equal(figures->source, TERRAIN_BAROMETER);
    assert_close(figures->downhill.drop_m, 30, 1);
    assert_close(figures->downhill.steps, 600 / 3.0 * 170 / 60, 40);
    assert_close(figures->descent_m, 30, 1e-6);
    assert_close(figures->altitude_m, 1200, 1e-6);
}

static void test_a_hill_by_barometer(void **state)
{
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_barometer();
    tell_hill(0, 0);
    assert_hill(read_told());
    assert_close(relief.sessions[0].figures.downhill.walked_m, 0, 0);
    /* level for half of it */
    assert_close(relief.sessions[0].level.seconds, 200, 40);
}

static void test_a_file_that_does_not_say_it_but_a_person_does(void **state)
{
    struct relief_settings settings = relief_settings();

    settings.barometric = true;
    settings.own = (struct knee_reference){ 170, 3, 1 };
    tell_hill(0, 0);
    read_with(&settings);
    assert_hill(&relief.sessions[0].figures);
    /* 1133 steps, half of them at 5 %: 1.17 each */
    assert_close(relief.sessions[0].figures.knee_steps, 400 * 170 / 60.0 * 1.085, 10);
}

static void test_satellites_know_no_downhill(void **state)
{
    const struct terrain_figures *figures;

    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_hill(0, 0);
    figures = read_told();
    assert_int_equal(figures->source, TERRAIN_GPS);
    assert_true(figures->low_quality);
    assert_close(figures->descent_m, 30, 1e-6);
    assert_close(figures->altitude_m, 0, 0);
    assert_true(isnan(figures->downhill.drop_m));
}

/* 1 200 m at 3 m/s, the middle 600 m at -5 % as a treadmill tells it. */
static void tell_grades(double altitude_m)
{
    for (int s = 0; s <= 400; s++) {
        tell_sample(s, 3 * s, altitude_m);
        told[n_told - 1].sample.grade_pct = s > 100 && s <= 300 ? -5 : 0;
    }
}

static void test_a_grade_that_was_written_down(void **state)
{
    static const struct {
        const char *label;
        bool indoors, barometer;
        double altitude_m;
        enum terrain_source source;
        double drop_m;
    } rows[] = {
        { "a treadmill's", true, false, NAN, TERRAIN_BELT, 30 },
        { "a treadmill's, and a height that means nothing", true, true, 100, TERRAIN_BELT, 30 },
        { "set by hand, of which nobody measured a height", false, false, NAN, TERRAIN_FILE, 30 },
        { "worked out from heights", false, true, 100, TERRAIN_BAROMETER, 0 },
        { "worked out from satellites", false, false, 100, TERRAIN_GPS, NAN },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct terrain_figures *figures;

        tell_session(0, ACTIVITY_SPORT_RUNNING)->indoors = rows[i].indoors;
        if (rows[i].barometer)
            tell_barometer();
        tell_grades(rows[i].altitude_m);
        figures = read_told();
        if (figures->source != rows[i].source)
            fail_msg("%s: %s", rows[i].label, terrain_source_name(figures->source));
        assert_int_equal(isnan(figures->downhill.drop_m), isnan(rows[i].drop_m));
        if (!isnan(rows[i].drop_m))
            assert_close(figures->downhill.drop_m, rows[i].drop_m, 0.1);
    }
}

static void test_heights_of_a_route(void **state)
{
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell(ACTIVITY_DEVICE, 0)->device.route = true;
    tell_hill(0, 0);
    assert_int_equal(read_told()->source, TERRAIN_ROUTE);
    assert_close(relief.sessions[0].figures.downhill.drop_m, 30, 1);
}

static void test_indoors_an_altitude_means_nothing(void **state)
{
    const struct terrain_figures *figures;

    tell_session(0, ACTIVITY_SPORT_RUNNING)->indoors = true;
    tell_barometer();
    tell_hill(0, 0);
    figures = read_told();
    assert_int_equal(figures->source, TERRAIN_NONE);
    assert_true(isnan(figures->descent_m) && isnan(figures->downhill.drop_m));
}

static void test_no_altitude_at_all(void **state)
{
    tell_barometer();
    for (int s = 0; s < 400; s++)
        tell_sample(s, 3 * s, NAN);
    assert_true(isnan(read_told()->ascent_m));
    assert_close(relief.sessions[0].figures.distance_m, 3 * 399, 1e-9);
}

static void test_a_lift_while_the_watch_stood(void **state)
{
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_barometer();
    tell_hill(0, 0);
    tell(ACTIVITY_TIMER, 400)->running = false;
    tell(ACTIVITY_TIMER, 1000)->running = true;
    tell_hill(1000, 1200); /* 30 m higher up again */
    assert_close(read_told()->downhill.drop_m, 60, 2);
    assert_close(relief.sessions[0].figures.ascent_m, 0, 0);
    assert_close(relief.sessions[0].figures.descent_m, 60, 1e-6);
}

static void test_a_walk_is_told_apart(void **state)
{
    tell_session(0, ACTIVITY_SPORT_WALKING);
    tell_barometer();
    tell_hill(0, 0);
    assert_hill(read_told());
    assert_close(relief.sessions[0].figures.downhill.walked_m,
                 relief.sessions[0].figures.downhill.drop_m, 1e-9);
}

/* An hour on the level, there and back, while the pressure rose: 8 m of it. */
static void test_the_weather_of_a_round_trip(void **state)
{
    for (int back = 0; back < 2; back++) {
        tell_session(0, ACTIVITY_SPORT_RUNNING);
        tell_barometer();
        for (int s = 0; s <= 3600; s++) {
            tell_sample(s, 3 * s, 100 - 8 * s / 3600.0);
            told[n_told - 1].sample.latitude_deg = 46 + 1e-5 * (back && s > 1800 ? 3600 - s : s);
            told[n_told - 1].sample.longitude_deg = 14.5;
        }
        if (back)
            assert_close(read_told()->descent_m, 0, 0);
        else
            assert_close(read_told()->descent_m, 8, 0.01);
    }
}

static void test_a_point_of_the_day_after_takes_no_hill_away(void **state)
{
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_barometer();
    tell_hill(0, 0);
    told[150].t_usec += INT64_C(86400000000);
    assert_hill(read_told());
    assert_int_equal(relief.n_late, 0);
}

static void test_sessions_that_follow_one_another(void **state)
{
    tell_barometer();
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_hill(0, 0);
    tell_session(1000, ACTIVITY_SPORT_RUNNING);
    tell_hill(1000, 0);
    tell_session(2000, ACTIVITY_SPORT_CYCLING);
    tell_hill(2000, 1200);
    tell_sample(500, 0, 0); /* of the first one, which is over */
    read_told();
    assert_int_equal(outline.n_sessions, 3);
    assert_hill(&relief.sessions[0].figures);
    assert_hill(&relief.sessions[1].figures);
    assert_close(relief.sessions[2].figures.downhill.drop_m, 30, 1);
    assert_true(isnan(relief.sessions[2].figures.downhill.steps)); /* those are cranks */
    assert_int_equal(relief.n_late, 1);
    assert_true(isnan(relief.sessions[3].figures.ascent_m));
    assert_false(relief.sessions[3].heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hill_by_barometer),
        cmocka_unit_test(test_a_file_that_does_not_say_it_but_a_person_does),
        cmocka_unit_test(test_satellites_know_no_downhill),
        cmocka_unit_test(test_a_grade_that_was_written_down),
        cmocka_unit_test(test_heights_of_a_route),
        cmocka_unit_test(test_indoors_an_altitude_means_nothing),
        cmocka_unit_test(test_no_altitude_at_all),
        cmocka_unit_test(test_a_lift_while_the_watch_stood),
        cmocka_unit_test(test_a_walk_is_told_apart),
        cmocka_unit_test(test_the_weather_of_a_round_trip),
        cmocka_unit_test(test_a_point_of_the_day_after_takes_no_hill_away),
        cmocka_unit_test(test_sessions_that_follow_one_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
