/* SPDX-License-Identifier: MIT */
/* One session of a file that has two, as the facts of a file of its own. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/activity/excerpt.h"
#include "tests/unit/close.h"

#define MOMENT_USEC INT64_C(1631000000000000)
#define SECOND      INT64_C(1000000)
#define LATER_USEC  (MOMENT_USEC + 3600 * SECOND) /* when the other one begins */
#define KEPT_MAX    512

struct story {
    enum activity_sport sport;
    double cycles_per_min;
    bool way;          /* the file tells distances */
    bool laps, paused; /* of the second one: two laps; from its 100th to its 160th second */
    bool in_one_part;  /* as the sessions of a FIT file are */
    bool late;         /* a sample comes behind a later one */
    struct activity_session stated;
};

static struct outline outline;
static struct report report;

static struct {
    size_t n;
    struct activity_fact facts[KEPT_MAX];
} kept;

static void keep(void *context, const struct activity_fact *fact)
{
    assert_true(kept.n < KEPT_MAX);
    kept.facts[kept.n++] = *fact;
}

/* ---- a file --------------------------------------------------------------------------------------- */

static void tell_sample(const struct activity_sink *to, const struct story *story, int part,
                        int64_t start_usec, int second, double before_m)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SAMPLE, start_usec + second * SECOND);

    fact.part = part;
    fact.sample.distance_m = story->way ? before_m + 3.0 * second : NAN;
    fact.sample.cycles_per_min = story->cycles_per_min;
    fact.sample.heart_rate_bpm = 140;
    fact.sample.latitude_deg = 48 + 1e-5 * second;
    fact.sample.longitude_deg = 9;
    activity_emit(to, &fact);
}

static void tell_timer(const struct activity_sink *to, int part, int64_t t_usec, bool running)
{
    struct activity_fact fact = activity_fact(ACTIVITY_TIMER, t_usec);

    fact.part = part;
    fact.running = running;
    activity_emit(to, &fact);
}

static void tell_lap(const struct activity_sink *to, int part, int64_t start_usec, int seconds)
{
    struct activity_fact fact = activity_fact(ACTIVITY_LAP, start_usec + seconds * SECOND);

    fact.part = part;
    fact.lap.start_usec = start_usec;
    fact.lap.timer_s = seconds;
    activity_emit(to, &fact);
}

static void tell_session(const struct activity_sink *to, const struct story *story, int part,
                         int64_t start_usec)
{
    struct activity_fact fact = activity_fact(ACTIVITY_SESSION, start_usec);

    fact.part = part;
    fact.session = story->stated;
    fact.session.sport = story->sport;
    activity_emit(to, &fact);
}

/* A hundred seconds, and an hour later three hundred. */
static void tell(const struct activity_sink *to, const struct story *story)
{
    int second_part = story->in_one_part ? 0 : 1;

    for (int t = 0; t <= 100; t++)
        tell_sample(to, story, 0, MOMENT_USEC, t, 0);
    tell_lap(to, 0, MOMENT_USEC, 100);
    tell_session(to, story, 0, MOMENT_USEC);
    for (int t = 0; t <= 300; t++) {
        bool stands = story->paused && t > 100 && t < 160;

        if (story->paused && t == 100)
            tell_timer(to, second_part, LATER_USEC + 100 * SECOND, false);
        if (story->paused && t == 160)
            tell_timer(to, second_part, LATER_USEC + 160 * SECOND, true);
        if (!stands)
            tell_sample(to, story, second_part, LATER_USEC, t, story->in_one_part ? 300 : 0);
        if (story->late && t == 200)
            tell_sample(to, story, second_part, LATER_USEC, 150, 0);
    }
    for (int i = 0; i < 2 && story->laps; i++)
        tell_lap(to, second_part, LATER_USEC + i * 150 * SECOND, 150);
    tell_session(to, story, second_part, LATER_USEC);
}

static void read_file(const struct story *story)
{
    static struct totals totals;
    static struct relief relief;
    static struct exertion exertion;
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, MOMENT_USEC + 9999 * SECOND };
    const struct report_parts parts = { &outline, &totals, &relief, &exertion };
    const struct relief_settings settings = relief_settings();
    const struct exertion_runner runner = { 0 };
    enum outline_verdict verdict;
    struct activity_sink sink;

    outline_init(&outline, &limits);
    sink = outline_sink(&outline);
    tell(&sink, story);
    outline_finish(&outline);
    verdict = outline_judge(&outline);
    totals_init(&totals, &outline);
    exertion_init(&exertion, &outline, &runner);
    relief_init(&relief, &outline, &settings);
    const struct activity_sink sinks[] = { totals_sink(&totals), exertion_sink(&exertion),
                                           relief_sink(&relief) };
    for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
        tell(&sinks[i], story);
    totals_finish(&totals);
    relief_finish(&relief);
    report_make(&report, &parts, verdict);
}

static void excerpt_of(const struct story *story, int64_t start_usec)
{
    struct excerpt excerpt;
    struct activity_sink sink;

    read_file(story);
    assert_true(excerpt_find(&excerpt, &outline, &report, start_usec));
    for (int pass = 0; pass < 2; pass++) { /* the second is as the first */
        size_t before = kept.n;

        kept.n = 0;
        excerpt_begin(&excerpt, (struct activity_sink){ keep, NULL });
        sink = excerpt_sink(&excerpt);
        tell(&sink, story);
        excerpt_finish(&excerpt);
        if (pass > 0)
            assert_int_equal(kept.n, before);
    }
}

static struct story story_of(enum activity_sport sport)
{
    struct story story = { .sport = sport, .cycles_per_min = 85, .way = true };

    story.stated = activity_fact(ACTIVITY_SESSION, 0).session;
    return story;
}

/* ---- what is told ---------------------------------------------------------------------------------- */

static size_t count(enum activity_fact_type type)
{
    size_t n = 0;

    for (size_t i = 0; i < kept.n; i++)
        n += kept.facts[i].type == type;
    return n;
}

/* n < 0: from the last. */
static const struct activity_fact *nth(enum activity_fact_type type, int n)
{
    int at = n < 0 ? (int)count(type) + n : n;

    for (size_t i = 0; i < kept.n; i++)
        if (kept.facts[i].type == type && at-- == 0)
            return &kept.facts[i];
    fail_msg("there is no such fact");
    return NULL;
}

static int second_of(const struct activity_fact *fact)
{
    return (int)((fact->t_usec - LATER_USEC) / SECOND);
}

static void test_a_session_alone(void **state)
{
    for (int in_one_part = 0; in_one_part < 2; in_one_part++) {
        struct story story = story_of(ACTIVITY_SPORT_RUNNING);
        const struct activity_session *session;

        story.in_one_part = in_one_part;
        excerpt_of(&story, LATER_USEC);
        assert_int_equal(count(ACTIVITY_SAMPLE), 301);
        for (int t = 0; t <= 300; t++) {
            assert_int_equal(second_of(nth(ACTIVITY_SAMPLE, t)), t);
            assert_close(nth(ACTIVITY_SAMPLE, t)->sample.distance_m, 3.0 * t, 0.001);
        }
        assert_close(nth(ACTIVITY_SAMPLE, 7)->sample.cycles_per_min, 85, 0);
        assert_close(nth(ACTIVITY_SAMPLE, 7)->sample.latitude_deg, 48 + 7e-5, 1e-9);
        assert_true(isnan(nth(ACTIVITY_SAMPLE, 7)->sample.altitude_m));
        assert_int_equal(count(ACTIVITY_SESSION), 1);
        session = &nth(ACTIVITY_SESSION, 0)->session;
        assert_int_equal(nth(ACTIVITY_SESSION, 0)->t_usec, LATER_USEC);
        assert_int_equal(session->sport, ACTIVITY_SPORT_RUNNING);
        assert_close(session->distance_m, 900, 0.001);
        assert_close(session->elapsed_s, 300, 0.001);
        assert_close(session->cycles_mean_per_min, 85, 0.001);
        assert_close(session->heart_rate_mean_bpm, 140, 0.001);
        assert_true(isnan(session->ascent_m) && isnan(session->descent_m));
    }
}

static void test_the_timer_is_told(void **state)
{
    static const struct {
        int second;
        bool running;
    } expected[] = { { 0, true }, { 100, false }, { 160, true }, { 300, false } };
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);

    story.paused = true;
    excerpt_of(&story, LATER_USEC);
    assert_int_equal(count(ACTIVITY_TIMER), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(second_of(nth(ACTIVITY_TIMER, i)), expected[i].second);
        assert_int_equal(nth(ACTIVITY_TIMER, i)->running, expected[i].running);
    }
    for (size_t i = 1; i + 2 < kept.n; i++) /* but for the lap and the session behind them */
        assert_true(kept.facts[i].t_usec >= kept.facts[i - 1].t_usec);
    excerpt_of(&story, MOMENT_USEC);
    assert_int_equal(count(ACTIVITY_TIMER), 2); /* the pause is the other one's */
}

static void test_laps_are_its_own(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);

    for (int in_one_part = 0; in_one_part < 2; in_one_part++) {
        story.in_one_part = in_one_part;
        story.laps = true;
        excerpt_of(&story, LATER_USEC);
        assert_int_equal(count(ACTIVITY_LAP), 2);
        assert_int_equal(nth(ACTIVITY_LAP, 1)->lap.start_usec, LATER_USEC + 150 * SECOND);
        story.laps = false; /* a file has one at least */
        excerpt_of(&story, LATER_USEC);
        assert_int_equal(count(ACTIVITY_LAP), 1);
        assert_int_equal(nth(ACTIVITY_LAP, 0)->lap.start_usec, LATER_USEC);
        assert_close(nth(ACTIVITY_LAP, 0)->lap.distance_m, 900, 0.001);
    }
}

static void test_steps_are_told_as_strides(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);

    story.cycles_per_min = 170; /* of both feet */
    excerpt_of(&story, LATER_USEC);
    assert_close(nth(ACTIVITY_SAMPLE, 7)->sample.cycles_per_min, 85, 0.001);
    assert_close(nth(ACTIVITY_SESSION, 0)->session.cycles_mean_per_min, 85, 0.001);
    story.sport = ACTIVITY_SPORT_CYCLING; /* a crank is no foot */
    excerpt_of(&story, LATER_USEC);
    assert_close(nth(ACTIVITY_SAMPLE, 7)->sample.cycles_per_min, 170, 0.001);
}

static void test_what_is_not_known_is_not_told(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);

    story.way = false;
    story.cycles_per_min = NAN;
    excerpt_of(&story, LATER_USEC);
    assert_int_equal(count(ACTIVITY_SAMPLE), 301);
    for (int t = 0; t <= 300; t++) {
        assert_true(isnan(nth(ACTIVITY_SAMPLE, t)->sample.distance_m));
        assert_true(isnan(nth(ACTIVITY_SAMPLE, t)->sample.cycles_per_min));
    }
    assert_true(isnan(nth(ACTIVITY_SESSION, 0)->session.distance_m));
    assert_true(isnan(nth(ACTIVITY_SESSION, 0)->session.cycles_mean_per_min));
}

static void test_what_comes_late_is_left_out(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);

    story.late = true;
    excerpt_of(&story, LATER_USEC);
    assert_int_equal(count(ACTIVITY_SAMPLE), 301);
    assert_close(nth(ACTIVITY_SAMPLE, -1)->sample.distance_m, 900, 0.001);
}

static void test_what_the_file_states_stands(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_WALKING);

    story.stated.indoors = true;
    story.stated.distance_m = 1000;
    story.stated.timer_s = 280;
    story.stated.elapsed_s = 301;
    story.stated.ascent_m = 12;
    story.stated.descent_m = 34;
    excerpt_of(&story, LATER_USEC);
    assert_int_equal(nth(ACTIVITY_SESSION, 0)->session.sport, ACTIVITY_SPORT_WALKING);
    assert_int_equal(nth(ACTIVITY_SESSION, 0)->session.sub_sport, 1);
    assert_close(nth(ACTIVITY_SESSION, 0)->session.distance_m, 1000, 0);
    assert_close(nth(ACTIVITY_SESSION, 0)->session.timer_s, 280, 0);
    assert_close(nth(ACTIVITY_SESSION, 0)->session.elapsed_s, 301, 0);
    assert_close(nth(ACTIVITY_SESSION, 0)->session.ascent_m, 12, 0);
    assert_close(nth(ACTIVITY_SESSION, 0)->session.descent_m, 34, 0);
}

static void test_whence_the_heights_are(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);
    struct excerpt excerpt;

    read_file(&story);
    outline.barometer = true;
    assert_true(excerpt_find(&excerpt, &outline, &report, LATER_USEC));
    kept.n = 0;
    excerpt_begin(&excerpt, (struct activity_sink){ keep, NULL });
    assert_true(nth(ACTIVITY_DEVICE, 0)->device.barometer);
    assert_false(nth(ACTIVITY_DEVICE, 0)->device.route);
}

static void test_no_other_session_is_taken_for_it(void **state)
{
    struct story story = story_of(ACTIVITY_SPORT_RUNNING);
    struct excerpt excerpt;

    read_file(&story);
    assert_false(excerpt_find(&excerpt, &outline, &report, LATER_USEC + 1));
    assert_false(excerpt_find(&excerpt, &outline, &report, LATER_USEC - 1));
    report.n_sessions = 0; /* refused: nothing of it is taken */
    assert_false(excerpt_find(&excerpt, &outline, &report, LATER_USEC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_alone),
        cmocka_unit_test(test_the_timer_is_told),
        cmocka_unit_test(test_laps_are_its_own),
        cmocka_unit_test(test_steps_are_told_as_strides),
        cmocka_unit_test(test_what_is_not_known_is_not_told),
        cmocka_unit_test(test_what_comes_late_is_left_out),
        cmocka_unit_test(test_what_the_file_states_stands),
        cmocka_unit_test(test_whence_the_heights_are),
        cmocka_unit_test(test_no_other_session_is_taken_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
