/* SPDX-License-Identifier: MIT */
/* What a file came to, and what is taken for it when it comes through a pipe from who knows whom. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/activity/report.h"

#define MOMENT_USEC INT64_C(1631000000000000)
#define SECOND      INT64_C(1000000)

static struct outline outline;
static struct totals totals;
static struct relief relief;
static struct exertion exertion;
static const struct report_parts parts = { &outline, &totals, &relief, &exertion };
static struct report report;

static double feet = 85; /* a minute, of one foot */

static int heard_s = 600; /* so long there is a heart rate */

/* The seconds from the first to before the second are told behind all others. */
static int behind[2];

static struct activity_fact sample_at(int second)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SAMPLE, MOMENT_USEC + second * SECOND);

    fact.sample.distance_m = 3.0 * second;
    fact.sample.heart_rate_bpm = second <= heard_s ? 140 : NAN;
    fact.sample.cycles_per_min = feet;
    fact.sample.altitude_m = 300 - 0.18 * second; /* 6 % down, all the way */
    return fact;
}

/* Ten minutes at 3 m/s; stated: what the recorder says of it, if anything. */
static void tell(const struct activity_sink *sink, const struct activity_session *stated)
{
    struct activity_fact fact = activity_fact(ACTIVITY_FILE, ACTIVITY_NO_TIME);

    fact.file.kind = ACTIVITY_KIND_ACTIVITY;
    snprintf(fact.file.maker, sizeof(fact.file.maker), "ma\tker");
    snprintf(fact.file.product, sizeof(fact.file.product), "\xff");
    activity_emit(sink, &fact);
    for (int t = 0; t <= 600; t++) {
        fact = sample_at(t);
        if (t < behind[0] || t >= behind[1])
            activity_emit(sink, &fact);
    }
    for (int t = behind[0]; t < behind[1]; t++) {
        fact = sample_at(t);
        activity_emit(sink, &fact);
    }
    if (!stated)
        return;
    fact = activity_fact(ACTIVITY_SESSION, MOMENT_USEC);
    fact.session = *stated;
    activity_emit(sink, &fact);
}

static bool barometric;
static struct exertion_runner runner;

static void make(const struct activity_session *stated)
{
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, MOMENT_USEC + 1000 * SECOND };
    struct relief_settings settings = relief_settings();
    enum outline_verdict verdict;
    struct activity_sink sink;

    outline_init(&outline, &limits);
    sink = outline_sink(&outline);
    tell(&sink, stated);
    outline_finish(&outline);
    verdict = outline_judge(&outline);
    totals_init(&totals, &outline);
    sink = totals_sink(&totals);
    tell(&sink, stated);
    totals_finish(&totals);
    exertion_init(&exertion, &outline, &runner);
    sink = exertion_sink(&exertion);
    tell(&sink, stated);
    settings.barometric = barometric;
    relief_init(&relief, &outline, &settings);
    sink = relief_sink(&relief);
    tell(&sink, stated);
    relief_finish(&relief);
    report_make(&report, &parts, verdict);
}

static void make_run(void)
{
    struct activity_session stated = activity_fact(ACTIVITY_SESSION, 0).session;

    stated.sport = ACTIVITY_SPORT_RUNNING;
    stated.elapsed_s = 610;
    stated.timer_s = 590;
    stated.distance_m = 1790;
    stated.heart_rate_mean_bpm = 141;
    stated.cycles_mean_per_min = 86;
    make(&stated);
}

static void test_what_the_recorder_states_comes_first(void **state)
{
    const struct report_session *s = &report.sessions[0];

    make_run();
    assert_true(report_is_sound(&report));
    assert_true(report_is_taken(&report));
    assert_int_equal(report.n_sessions, 1);
    assert_int_equal(s->sport, ACTIVITY_SPORT_RUNNING);
    assert_int_equal(s->start_usec, MOMENT_USEC);
    assert_int_equal(s->end_usec, MOMENT_USEC + 610 * SECOND);
    assert_true(s->elapsed_s == 610 && s->moving_s == 590 && s->distance_m == 1790);
    assert_true(s->heart_rate_mean_bpm == 141 && s->heart_rate_max_bpm == 140);
    assert_true(s->cadence_mean_spm == 172);
    assert_true(fabs(s->steps - 172 * 590 / 60.0) < 0.01);
    assert_int_equal(s->n_samples, 601);
}

static void test_else_its_samples_speak(void **state)
{
    const struct report_session *s = &report.sessions[0];

    make(NULL);
    assert_true(report_is_sound(&report));
    assert_int_equal(report.n_sessions, 1);
    assert_true(fabs(s->distance_m - 1800) < 0.01);
    assert_true(fabs(s->moving_s - 600) < 0.01);
    assert_true(fabs(s->elapsed_s - 600) < 0.01);
    assert_true(fabs(s->heart_rate_mean_bpm - 140) < 0.01);
}

/* Whatever its cadence counts. */
static void test_steps_that_are_stated_are_steps(void **state)
{
    struct activity_session stated = activity_fact(ACTIVITY_SESSION, 0).session;

    stated.sport = ACTIVITY_SPORT_RUNNING;
    stated.steps = 1690;
    make(&stated);
    assert_true(report.sessions[0].steps == 1690);
    feet = 170;
    make(&stated);
    feet = 85;
    assert_true(report.sessions[0].steps == 1690);
}

/* A program writes 0 for the footpod that nobody wore. */
static void test_feet_that_never_moved_were_not_measured(void **state)
{
    feet = 0;
    make_run();
    assert_true(report.sessions[0].cadence_mean_spm == 172); /* stated is stated */
    struct activity_session stated = activity_fact(ACTIVITY_SESSION, 0).session;
    stated.sport = ACTIVITY_SPORT_RUNNING;
    stated.cycles_mean_per_min = stated.cycles = 0;
    make(&stated);
    feet = 85;
    assert_true(report.sessions[0].distance_m > 1700);
    assert_true(isnan(report.sessions[0].cadence_mean_spm) && isnan(report.sessions[0].steps));
}

/* 140 of 60 .. 200: zone 3 */
static void test_heart_loads_need_a_known_runner(void **state)
{
    const struct report_session *s = &report.sessions[0];
    double x = 80 / 140.0;

    make_run();
    assert_true(isnan(s->trimp) && isnan(s->edwards) && isnan(s->zone_s[2]));
    runner = (struct exertion_runner){ CONF_SEX_MALE, 200, 60, 0 };
    make_run();
    runner = (struct exertion_runner){ 0 };
    assert_true(report_is_sound(&report));
    assert_true(fabs(s->trimp - 10 * x * 0.64 * exp(1.92 * x)) < 1e-6);
    assert_true(fabs(s->edwards - 30) < 1e-6);
    assert_true(s->zone_s[2] == 600 && s->zone_s[1] == 0);
}

static void test_a_heart_that_was_hardly_heard_has_no_load(void **state)
{
    const struct report_session *s = &report.sessions[0];

    runner = (struct exertion_runner){ CONF_SEX_MALE, 200, 60, 0 };
    heard_s = 500;
    make_run();
    assert_false(isnan(s->trimp) || isnan(s->edwards));
    heard_s = 400;
    make_run();
    heard_s = 600;
    runner = (struct exertion_runner){ 0 };
    assert_true(isnan(s->trimp) && isnan(s->edwards));
    assert_false(isnan(s->zone_s[2]));
}

static void test_hills_are_as_good_as_the_altitude(void **state)
{
    const struct report_session *s = &report.sessions[0];

    make_run(); /* of satellites: no downhill, which is not none */
    assert_string_equal(s->hills.source, "gps");
    assert_true(s->hills.altitude_m == 0 && s->hills.coverage_pct == 0);
    assert_true(isnan(s->hills.drop_m) && isnan(s->hills.downhill_m));
    assert_true(isnan(s->hills.downhill_s) && isnan(s->hills.pace_s_per_km));
    assert_true(s->hills.ascent_m == 0);
    barometric = true;
    make_run();
    barometric = false;
    assert_true(report_is_sound(&report));
    assert_string_equal(s->hills.source, "barometer");
    assert_true(fabs(s->hills.altitude_m - 1800) < 10 && s->hills.coverage_pct > 99);
    assert_true(fabs(s->hills.drop_m - 108) < 2 && fabs(s->hills.downhill_m - 1800) < 30);
    assert_true(fabs(s->hills.downhill_s - 600) < 10 && s->hills.steep_pct == 0);
    assert_true(fabs(s->hills.downhill_steps - 10 * 170) < 30);
    /* six in a hundred down: less than 3 m/s on the level would cost */
    assert_true(s->hills.pace_s_per_km > 1000 / 3.0 && s->hills.pace_s_per_km < 600);
}

/* A point here and there is late in many a file; a stretch of it is missing then. */
static void test_points_that_come_too_late_are_told_of(void **state)
{
    static const struct {
        const char *label;
        int behind[2];
        const char *reason;
    } rows[] = {
        { "none", { 0, 0 }, "" },
        { "a few", { 300, 303 }, "" },
        { "a hundredth part", { 300, 306 }, "" },
        { "more", { 300, 307 }, "Taken as far as it goes: its times go back" },
        { "the halves in reverse order", { 0, 300 }, "Taken as far as it goes: its times go back" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        memcpy(behind, rows[i].behind, sizeof(behind));
        make(NULL);
        assert_true(report_is_sound(&report));
        assert_true(report_is_taken(&report));
        assert_string_equal(report.reason, rows[i].reason);
        assert_int_equal(report.verdict, rows[i].reason[0] ? OUTLINE_DISORDER : OUTLINE_OK);
    }
    report_make(&report, &parts, OUTLINE_TROUBLE); /* worse is known of it */
    assert_int_equal(report.verdict, OUTLINE_TROUBLE);
    memset(behind, 0, sizeof(behind));
}

/* Ten points that are dated, and then a part of thirty others. */
static void hear_parts(int64_t beside_usec)
{
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, MOMENT_USEC + 1000 * SECOND };
    struct activity_sink sink;
    struct activity_fact fact = activity_fact(ACTIVITY_FILE, ACTIVITY_NO_TIME);

    outline_init(&outline, &limits);
    sink = outline_sink(&outline);
    fact.file.kind = ACTIVITY_KIND_ACTIVITY;
    activity_emit(&sink, &fact);
    for (int t = 0; t < 10; t++) {
        fact = sample_at(t);
        activity_emit(&sink, &fact);
    }
    for (int t = 0; t < 30; t++) {
        fact = sample_at(t);
        fact.t_usec = beside_usec;
        fact.part = 1;
        activity_emit(&sink, &fact);
    }
    outline_finish(&outline);
}

/* A plan that lies beside the run tells no times. What a watch wrote without the date was done. */
static void test_only_points_without_any_time_lie_beside(void **state)
{
    hear_parts(ACTIVITY_NO_TIME);
    assert_int_equal(outline_judge(&outline), OUTLINE_OK);
    hear_parts(OUTLINE_OLDEST_USEC - SECOND);
    assert_int_equal(outline_judge(&outline), OUTLINE_E_UNDATED);
    hear_parts(MOMENT_USEC + 2000 * SECOND);
    assert_int_equal(outline_judge(&outline), OUTLINE_E_FUTURE);
}

static void test_a_makers_name_is_a_strangers_text(void **state)
{
    make_run();
    assert_string_equal(report.maker, "ma ker");
    assert_string_equal(report.product, "");
}

static void test_a_refused_file_has_no_sessions(void **state)
{
    make_run();
    report_make(&report, &parts, OUTLINE_E_KIND);
    assert_true(report_is_sound(&report));
    assert_false(report_is_taken(&report));
    assert_int_equal(report.n_sessions, 0);
    assert_non_null(strstr(report.reason, "Refused"));
}

#define SPOIL(field, value)                                                                        \
    do {                                                                                           \
        make_run();                                                                                \
        report.field = (value);                                                                    \
        if (report_is_sound(&report))                                                              \
            fail_msg("%s = %s is taken for sound", #field, #value);                                \
    } while (0)

static void test_values_that_no_file_can_come_to(void **state)
{
    SPOIL(magic, 0);
    SPOIL(verdict, -1);
    SPOIL(verdict, OUTLINE_E_FUTURE + 1);
    SPOIL(verdict, OUTLINE_E_TROUBLE);
    SPOIL(barometer, 2);
    SPOIL(n_sessions, 0);
    SPOIL(n_sessions, ACTIVITY_PARTS_MAX + 1);
    SPOIL(n_sessions, UINT32_MAX);
    SPOIL(reason[0], '\n');
    SPOIL(maker[0], (char)0xff);
    SPOIL(sessions[0].sport, -1);
    SPOIL(sessions[0].sport, ACTIVITY_SPORT_OTHER + 1);
    SPOIL(sessions[0].indoors, 2);
    SPOIL(sessions[0].start_usec, 0);
    SPOIL(sessions[0].start_usec, INT64_MIN);
    SPOIL(sessions[0].end_usec, INT64_MAX);
    SPOIL(sessions[0].end_usec, MOMENT_USEC - 1);
    SPOIL(sessions[0].n_samples, UINT64_MAX);
    SPOIL(sessions[0].elapsed_s, NAN);
    SPOIL(sessions[0].elapsed_s, INFINITY);
    SPOIL(sessions[0].moving_s, -1);
    SPOIL(sessions[0].distance_m, INFINITY);
    SPOIL(sessions[0].steps, -1);
    SPOIL(sessions[0].cadence_mean_spm, 401);
    SPOIL(sessions[0].heart_rate_mean_bpm, 255);
    SPOIL(sessions[0].heart_rate_max_bpm, -1);
    SPOIL(sessions[0].trimp, -1);
    SPOIL(sessions[0].trimp, INFINITY);
    SPOIL(sessions[0].edwards, 1e6);
    SPOIL(sessions[0].zone_s[0], -1);
    SPOIL(sessions[0].zone_s[4], 1e300);
    SPOIL(sessions[0].hills.ascent_m, 1e300);
    SPOIL(sessions[0].hills.source[0], 'x');
    SPOIL(sessions[0].hills.altitude_m, -1);
    SPOIL(sessions[0].hills.coverage_pct, 101);
    SPOIL(sessions[0].hills.drop_m, INFINITY);
    SPOIL(sessions[0].hills.downhill_m, -1);
    SPOIL(sessions[0].hills.downhill_s, 1e9);
    SPOIL(sessions[0].hills.downhill_steps, -1);
    SPOIL(sessions[0].hills.steep_pct, 1e3);
    SPOIL(sessions[0].hills.pace_s_per_km, 1);
    SPOIL(sessions[0].hills.knee_load_steps, 1e9);
    SPOIL(sessions[0].level.seconds, NAN);
    SPOIL(sessions[0].level.sum_vc, -1);
    SPOIL(sessions[0].level.bin_s[LEVEL_BINS - 1], INFINITY);
    make_run();
    report.sessions[0].start_usec = REPORT_TIME_MAX_USEC; /* it ends when nothing can be stored */
    report.sessions[0].end_usec = REPORT_TIME_MAX_USEC + 1000000;
    assert_false(report_is_sound(&report));
    make_run();
    memset(report.reason, 'x', sizeof(report.reason)); /* no end */
    assert_false(report_is_sound(&report));
    make_run();
    memset(report.product, 'x', sizeof(report.product));
    assert_false(report_is_sound(&report));
    make_run();
    memset(report.sessions[0].hills.source, 'x', sizeof(report.sessions[0].hills.source));
    assert_false(report_is_sound(&report));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_recorder_states_comes_first),
        cmocka_unit_test(test_else_its_samples_speak),
        cmocka_unit_test(test_steps_that_are_stated_are_steps),
        cmocka_unit_test(test_feet_that_never_moved_were_not_measured),
        cmocka_unit_test(test_heart_loads_need_a_known_runner),
        cmocka_unit_test(test_a_heart_that_was_hardly_heard_has_no_load),
        cmocka_unit_test(test_hills_are_as_good_as_the_altitude),
        cmocka_unit_test(test_points_that_come_too_late_are_told_of),
        cmocka_unit_test(test_only_points_without_any_time_lie_beside),
        cmocka_unit_test(test_a_makers_name_is_a_strangers_text),
        cmocka_unit_test(test_a_refused_file_has_no_sessions),
        cmocka_unit_test(test_values_that_no_file_can_come_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
