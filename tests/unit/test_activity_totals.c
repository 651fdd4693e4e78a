/* SPDX-License-Identifier: MIT */
/* The outline and the totals of facts told by hand; t is in seconds from a moment in 2021. */
#include "fit_bytes.h"
#include "lib/activity/outline_verdict.h"
#include "lib/activity/totals.h"

#define MOMENT INT64_C(1631000000)

static struct activity_fact told[512];
static int n_told;
static struct outline outline;
static struct totals totals;

static int64_t usec_at(double t)
{
    return (int64_t)((MOMENT + t) * 1e6);
}

static void fresh(void)
{
    n_told = 0;
}

static struct activity_fact *tell(enum activity_fact_type type, double t)
{
    assert_true(n_told < 512);
    told[n_told] = activity_fact(type, usec_at(t));
    return &told[n_told++];
}

static void tell_sample(double t, double distance_m, double bpm, double cycles)
{
    struct activity_sample *sample = &tell(ACTIVITY_SAMPLE, t)->sample;

    sample->distance_m = distance_m;
    sample->heart_rate_bpm = bpm;
    sample->cycles_per_min = cycles;
}

static void tell_timer(double t, bool running)
{
    tell(ACTIVITY_TIMER, t)->running = running;
}

static void tell_session(double t, enum activity_sport sport)
{
    tell(ACTIVITY_SESSION, t)->session.sport = sport;
}

static void tell_trouble(enum activity_trouble_kind kind)
{
    tell(ACTIVITY_TROUBLE, 0)->trouble = (struct activity_trouble){ .kind = kind, .at_byte = 77 };
}

static enum outline_verdict add_up(void)
{
    struct outline_limits limits = { OUTLINE_OLDEST_USEC, usec_at(1000000) };
    struct activity_sink first, second;
    enum outline_verdict verdict;

    outline_init(&outline, &limits);
    first = outline_sink(&outline);
    for (int i = 0; i < n_told; i++)
        activity_emit(&first, &told[i]);
    outline_finish(&outline);
    verdict = outline_judge(&outline);
    totals_init(&totals, &outline);
    second = totals_sink(&totals);
    for (int i = 0; i < n_told; i++)
        activity_emit(&second, &told[i]);
    totals_finish(&totals);
    return verdict;
}

static const struct totals_session *session_of(int i)
{
    assert_true(i < outline.n_sessions);
    return &totals.sessions[i];
}

static void test_a_session_stated_before_or_behind_its_samples(void **state)
{
    for (int behind = 0; behind < 2; behind++) {
        fresh();
        if (!behind)
            tell_session(0, ACTIVITY_SPORT_RUNNING);
        for (int t = 0; t <= 100; t += 10)
            tell_sample(t, 3 * t, 150, 80);
        if (behind)
            tell_session(0, ACTIVITY_SPORT_RUNNING);
        assert_int_equal(add_up(), OUTLINE_OK);
        assert_int_equal(outline.n_sessions, 1);
        assert_near(session_of(0)->distance_m, 300, 1e-9);
        assert_near(session_of(0)->timer_s, 100, 1e-9);
        assert_near(totals_heart_rate_bpm(session_of(0)), 150, 1e-9);
        assert_near(totals_cadence_spm(&totals, 0), 160, 1e-9);
    }
}

static void test_sessions_that_count_on_share_the_way_over_the_border(void **state)
{
    fresh();
    tell_sample(0, 0, NAN, NAN);
    tell_sample(90, 300, NAN, NAN);
    tell_sample(110, 340, NAN, NAN); /* half of it before the border */
    tell_sample(200, 500, NAN, NAN);
    tell_session(0, ACTIVITY_SPORT_CYCLING);
    tell_session(100, ACTIVITY_SPORT_RUNNING);
    add_up();
    assert_near(session_of(0)->distance_m, 320, 1e-9);
    assert_near(session_of(0)->timer_s, 100, 1e-9);
    assert_near(session_of(1)->distance_m, 180, 1e-9);
    assert_near(session_of(1)->timer_s, 100, 1e-9);
    assert_true(isnan(totals_cadence_spm(&totals, 0)));
}

static void test_sessions_of_two_days_share_nothing(void **state)
{
    fresh();
    tell_sample(0, 0, NAN, NAN);
    tell_sample(100, 300, NAN, NAN);
    tell_sample(86400, 300, NAN, NAN);
    tell_sample(86500, 600, NAN, NAN);
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_session(86400, ACTIVITY_SPORT_RUNNING);
    add_up();
    assert_near(session_of(0)->timer_s, 100, 1e-9);
    assert_near(session_of(1)->timer_s, 100, 1e-9);
    assert_near(session_of(1)->distance_m, 300, 1e-9);
}

static void test_sessions_that_each_begin_at_0(void **state)
{
    fresh();
    tell_sample(0, 0, NAN, NAN);
    tell_sample(100, 1000, NAN, NAN);
    tell_sample(101, 2, NAN, NAN);
    tell_sample(200, 500, NAN, NAN);
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    tell_session(101, ACTIVITY_SPORT_RUNNING);
    add_up();
    assert_near(session_of(0)->distance_m + session_of(1)->distance_m, 1500, 1e-9);
    assert_near(session_of(1)->distance_m, 500, 3);
}

static void test_parts_are_apart_even_at_the_same_time(void **state)
{
    fresh();
    for (int part = 0; part < 2; part++)
        for (int t = 0; t <= 10; t += 10) {
            tell_sample(t, 100 * part + t, NAN, NAN);
            told[n_told - 1].part = part;
        }
    for (int part = 0; part < 2; part++) {
        tell_session(0, ACTIVITY_SPORT_RUNNING);
        told[n_told - 1].part = part;
    }
    add_up();
    assert_int_equal(outline.n_sessions, 2);
    assert_near(session_of(0)->distance_m, 10, 1e-9);
    assert_near(session_of(1)->distance_m, 110, 1e-9);
}

static void test_the_timer(void **state)
{
    static const struct {
        const char *label;
        double events[4][2]; /* t, running; t < 0: no event */
        double timer_s;
    } rows[] = {
        { "runs without events", { { -1 }, { -1 }, { -1 }, { -1 } }, 100 },
        { "stands in between", { { 0, 1 }, { 20, 0 }, { 50, 1 }, { 100, 0 } }, 70 },
        { "events in any order", { { 50, 1 }, { 100, 0 }, { 0, 1 }, { 20, 0 } }, 70 },
        { "stopped twice", { { 20, 0 }, { 30, 0 }, { 50, 1 }, { 60, 1 } }, 70 },
        { "never started again", { { 20, 0 }, { -1 }, { -1 }, { -1 } }, 20 },
        { "runs on behind the last sample", { { 0, 1 }, { 130, 0 }, { -1 }, { -1 } }, 130 },
        { "forgotten for an hour", { { 0, 1 }, { 3700, 0 }, { -1 }, { -1 } }, 100 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        fresh();
        for (int t = 0; t <= 100; t += 25)
            tell_sample(t, t, NAN, NAN);
        for (int e = 0; e < 4 && rows[i].events[e][0] >= 0; e++)
            tell_timer(rows[i].events[e][0], rows[i].events[e][1] > 0);
        add_up();
        assert_near(session_of(0)->timer_s, rows[i].timer_s, 1e-6);
    }
}

static void test_distances_that_fall(void **state)
{
    static const struct {
        const char *label;
        double written[5], covered;
    } rows[] = {
        { "grow", { 0, 100, 200, 300, 400 }, 400 },
        { "are corrected by a little", { 0, 100, 98, 99, 120 }, 120 },
        { "begin anew", { 0, 500, 10, 50, 100 }, 600 },
        { "come from two recorders in turn", { 10, 60, 20, 70, 30 }, 70 },
        { "are not there for a while", { 0, NAN, 200, NAN, 400 }, 400 },
        { "are never there", { NAN, NAN, NAN, NAN, NAN }, NAN },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        fresh();
        for (int k = 0; k < 5; k++)
            tell_sample(10 * k, rows[i].written[k], NAN, NAN);
        add_up();
        if (isnan(rows[i].covered))
            assert_true(isnan(session_of(0)->distance_m));
        else
            assert_near(session_of(0)->distance_m, rows[i].covered, 1e-9);
    }
}

static void test_means_are_over_time(void **state)
{
    fresh();
    tell_sample(0, NAN, 100, 60);
    tell_sample(10, NAN, 100, 60);
    tell_sample(110, NAN, 160, 90); /* ten times as long */
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    add_up();
    assert_near(totals_mean_over_points(&session_of(0)->heart_rate_bpm), 120, 1e-9);
    assert_near(totals_heart_rate_bpm(session_of(0)), (100 * 10 + 130 * 100) / 110.0, 1e-9);
    assert_near(totals_cadence_spm(&totals, 0), 2 * (60 * 10 + 90 * 100) / 110.0, 1e-9);
}

static void test_the_heart_is_not_measured_in_a_pause_or_a_gap(void **state)
{
    fresh();
    tell_sample(0, NAN, 150, NAN);
    tell_sample(100, NAN, 150, NAN);
    tell_timer(100, false);
    tell_timer(400, true);
    tell_sample(400, NAN, 90, NAN);
    tell_sample(410, NAN, NAN, NAN);
    tell_sample(500, NAN, 150, NAN);
    add_up();
    assert_near(totals_heart_rate_bpm(session_of(0)), 150, 1e-9);
}

static void test_feet_that_may_have_stood_count_and_standing_cranks_do_not(void **state)
{
    for (int crank = 0; crank < 2; crank++) {
        fresh();
        tell_sample(0, NAN, NAN, 80);
        tell_sample(10, NAN, NAN, 80);
        tell_sample(20, NAN, NAN, 0);
        tell_session(0, crank ? ACTIVITY_SPORT_CYCLING : ACTIVITY_SPORT_WALKING);
        add_up();
        assert_near(totals_mean_over_time(&session_of(0)->cycles_per_min), crank ? 80 : 40, 1e-9);
    }
}

/* A cadence is one of moving. Feet that walk on unmeasured, or on a belt that says nothing, were there. */
static void test_feet_that_stand_on_the_spot_have_no_cadence(void **state)
{
    static const struct {
        const char *label;
        enum activity_sport sport;
        double distance_m; /* behind the rest */
        double mean;
    } rows[] = {
        { "a rest", ACTIVITY_SPORT_RUNNING, 30, 80 },
        { "a rest on a walk", ACTIVITY_SPORT_WALKING, 30, 80 },
        { "steps that were not felt", ACTIVITY_SPORT_RUNNING, 31, 32 },
        { "no odometer", ACTIVITY_SPORT_RUNNING, NAN, 32 },
        { "between two sports", ACTIVITY_SPORT_TRANSITION, 30, 32 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        fresh();
        tell_sample(0, 0, NAN, 80);
        tell_sample(10, 30, NAN, 80);
        tell_sample(40, rows[i].distance_m, NAN, 0);
        tell_sample(50, 60, NAN, 80);
        tell_session(0, rows[i].sport);
        add_up();
        assert_near(totals_mean_over_time(&session_of(0)->cycles_per_min), rows[i].mean, 1e-9);
        assert_near(totals_mean_over_points(&session_of(0)->cycles_per_min), 60, 1e-9);
        assert_near(totals_stepping_s(session_of(0), 100), rows[i].mean == 80 ? 40 : 100, 1e-9);
    }
}

/* A point a minute: the first says 0, for nobody swims before the start, and the last says nothing. */
static void test_arms_drift_between_the_points_of_open_water(void **state)
{
    fresh();
    tell_sample(0, 0, NAN, 0);
    tell_sample(60, 50, NAN, 36);
    tell_sample(120, 100, NAN, 30);
    tell_sample(150, 120, NAN, NAN);
    tell_session(0, ACTIVITY_SPORT_SWIMMING);
    add_up();
    assert_near(totals_mean_over_time(&session_of(0)->cycles_per_min), (18 + 33) / 2.0, 1e-9);
}

static void test_behind_a_bicycle_a_transition_is_counted_by_its_crank(void **state)
{
    for (int bicycle = 0; bicycle < 2; bicycle++) {
        fresh();
        tell_sample(0, NAN, NAN, 30);
        tell_sample(90, NAN, NAN, 30);
        tell_sample(100, NAN, NAN, 0);
        tell_sample(110, NAN, NAN, 0);
        tell_sample(120, NAN, NAN, 60);
        tell_session(0, bicycle ? ACTIVITY_SPORT_CYCLING : ACTIVITY_SPORT_SWIMMING);
        tell_session(100, ACTIVITY_SPORT_TRANSITION);
        add_up();
        assert_near(totals_mean_over_time(&session_of(1)->cycles_per_min), bicycle ? 60 : 30, 1e-9);
    }
}

static void test_a_writer_that_counts_steps(void **state)
{
    fresh();
    tell_sample(0, NAN, NAN, 168);
    tell_sample(10, NAN, NAN, 172);
    add_up();
    assert_near(outline.steps_per_cycle, 1, 0);
    assert_near(totals_cadence_spm(&totals, 0), 172, 1e-9);
}

static void test_heart_rate_of_a_strap_that_was_loaded_later(void **state)
{
    fresh();
    for (int t = 0; t <= 100; t++)
        tell_sample(t, t, t < 20 ? 90 : NAN, NAN);
    tell_session(0, ACTIVITY_SPORT_SWIMMING);
    for (int t = -50; t <= 200; t++) /* put on before, taken off after */
        tell(ACTIVITY_HEART, t)->heart_rate_bpm = t < 0 || t > 100 ? 60 : 140;
    add_up();
    assert_near(totals_heart_rate_bpm(session_of(0)), 140, 1e-9);
}

static void test_samples_out_of_time(void **state)
{
    fresh();
    tell_sample(0, 0, NAN, NAN);
    tell_sample(10, 30, NAN, NAN);
    tell_sample(5, 15, NAN, NAN);           /* back */
    tell_sample(2000000000, 35, NAN, NAN);  /* 2085 */
    tell_sample(-1600000000, 36, NAN, NAN); /* 1970 */
    tell_sample(20, 60, NAN, NAN);
    assert_int_equal(add_up(), OUTLINE_OK);
    assert_int_equal(totals.n_late, 1);
    assert_near(session_of(0)->timer_s, 20, 1e-6);
    assert_near(session_of(0)->distance_m, 60, 1e-9);
}

/* A clock that is wrong for a point or two, and what it measured is right: those are left out alone. */
static void test_points_ahead_of_their_neighbours(void **state)
{
    static const struct {
        const char *label;
        int n_ahead;    /* points, from the tenth on */
        double ahead_s; /* by so much */
        int n_late;
        double timer_s;
    } rows[] = {
        { "none", 0, 0, 0, 400 },
        { "a day ahead", 1, 86400, 0, 400 },
        { "three of them", 3, 86400, 0, 400 },
        { "three hours", 1, 3 * 3600, 0, 400 },
        { "a clock that is set: who knows which was right", 4, 86400, 27, 86530 },
        { "the last one: somebody may have stopped then", 1, 0, 0, 86800 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        fresh();
        for (int k = 0; k <= 40; k++) {
            bool ahead = k >= 10 && k < 10 + rows[i].n_ahead;
            tell_sample(10 * k + (ahead ? rows[i].ahead_s : 0), 30 * k, 150, 80);
        }
        if (rows[i].timer_s == 86800)
            told[n_told - 1].t_usec += usec_at(86400) - usec_at(0);
        tell_session(0, ACTIVITY_SPORT_RUNNING);
        add_up();
        assert_int_equal(totals.n_late, rows[i].n_late);
        assert_near(session_of(0)->timer_s, rows[i].timer_s, 1e-6);
        if (rows[i].n_late == 0)
            assert_near(session_of(0)->distance_m, 1200, 1e-9);
    }
}

/* What a jump back does not take back is none of a wrong clock: a file may hold a day before another. */
static void test_a_session_before_another_in_its_file(void **state)
{
    fresh();
    for (int t = 0; t <= 400; t += 10)
        tell_sample(200000 + t, 3 * t, 150, 80);
    for (int t = 0; t <= 400; t += 10)
        tell_sample(t, 3 * t, 150, 80);
    tell_session(200000, ACTIVITY_SPORT_RUNNING);
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    assert_int_equal(add_up(), OUTLINE_OK);
    assert_int_equal(totals.n_late, 0);
    assert_near(session_of(0)->distance_m, 1200, 1e-9);
    assert_near(session_of(1)->distance_m, 1200, 1e-9);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static void assert_reason(enum outline_verdict verdict, const char *expected)
{
    char reason[OUTLINE_REASON_MAX];

    outline_reason(&outline, verdict, reason);
    assert_string_equal(reason, expected);
}

static void test_a_recorder_that_died_leaves_a_session(void **state)
{
    fresh();
    tell_sample(0, 0, NAN, NAN);
    tell_sample(10, 30, NAN, NAN);
    tell_trouble(ACTIVITY_TROUBLE_CUT);
    assert_int_equal(add_up(), OUTLINE_TROUBLE);
    assert_int_equal(outline.n_sessions, 1);
    assert_false(outline.sessions[0].is_stated);
    assert_int_equal(outline.sessions[0].start_usec, usec_at(0));
    assert_reason(OUTLINE_TROUBLE, "Taken as far as it goes: it is cut off (byte 77)");
}

static void test_what_a_recorder_that_died_was_set_to(void **state)
{
    fresh();
    tell(ACTIVITY_SPORT, 0)->choice = (struct activity_choice){ .sport = ACTIVITY_SPORT_RUNNING,
                                                                .sub_sport = 1,
                                                                .indoors = true };
    tell_sample(0, 0, NAN, 80);
    tell_sample(10, 30, NAN, 80);
    add_up();
    assert_int_equal(outline.sessions[0].stated.sport, ACTIVITY_SPORT_RUNNING);
    assert_true(outline.sessions[0].stated.indoors);
    tell_session(0, ACTIVITY_SPORT_WALKING); /* what is stated wins */
    add_up();
    assert_int_equal(outline.n_sessions, 1);
    assert_int_equal(outline.sessions[0].stated.sport, ACTIVITY_SPORT_WALKING);
    assert_false(outline.sessions[0].stated.indoors);
}

static void test_refusals_and_their_reasons(void **state)
{
    fresh();
    assert_int_equal(add_up(), OUTLINE_E_NOTHING);
    assert_reason(OUTLINE_E_NOTHING, "Refused: there is no track and no session in it");

    fresh();
    tell(ACTIVITY_FILE, 0)->file.kind = ACTIVITY_KIND_COURSE;
    assert_int_equal(add_up(), OUTLINE_E_KIND);
    assert_reason(OUTLINE_E_KIND, "Refused: it is a course, not something that was done");

    fresh();
    tell_sample(0, 0, NAN, NAN);
    tell_trouble(ACTIVITY_TROUBLE_CHECKSUM);
    tell_trouble(ACTIVITY_TROUBLE_BOMB);
    tell_trouble(ACTIVITY_TROUBLE_CUT);
    assert_int_equal(add_up(), OUTLINE_E_TROUBLE);
    assert_reason(OUTLINE_E_TROUBLE,
                  "Refused: it unpacks to more than any activity needs (byte 77)");

    fresh();
    tell_trouble(ACTIVITY_TROUBLE_CUT);
    assert_int_equal(add_up(), OUTLINE_E_TROUBLE); /* cut before anything came */
}

static void test_dates(void **state)
{
    static const struct {
        const char *label;
        int64_t t_usec;
        enum outline_verdict verdict;
    } rows[] = {
        { "none", ACTIVITY_NO_TIME, OUTLINE_E_UNDATED },
        { "1970", 0, OUTLINE_E_UNDATED },
        { "1989, FIT's epoch", INT64_C(631065600000000), OUTLINE_E_UNDATED },
        { "2000", OUTLINE_OLDEST_USEC, OUTLINE_OK },
        { "tomorrow", (MOMENT + 1000000) * 1000000, OUTLINE_OK },
        { "the day after", (MOMENT + 1000001) * 1000000, OUTLINE_E_FUTURE },
        { "2106", INT64_C(4294967296000000), OUTLINE_E_FUTURE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        for (int typed_in = 0; typed_in < 2; typed_in++) {
            fresh();
            tell(typed_in ? ACTIVITY_SESSION : ACTIVITY_SAMPLE, 0)->t_usec = rows[i].t_usec;
            assert_int_equal(add_up(), rows[i].verdict);
        }
    }
}

static void test_most_points_without_a_time(void **state)
{
    fresh();
    for (int i = 0; i < 10; i++)
        tell(ACTIVITY_SAMPLE, i)->t_usec = i < 6 ? ACTIVITY_NO_TIME : usec_at(i);
    assert_int_equal(add_up(), OUTLINE_E_UNDATED);
    assert_reason(OUTLINE_E_UNDATED, "Refused: it does not say when it was");
}

static void test_a_chain_is_what_its_activity_is(void **state)
{
    static const enum activity_kind orders[][2] = {
        { ACTIVITY_KIND_ACTIVITY, ACTIVITY_KIND_SETTINGS },
        { ACTIVITY_KIND_SETTINGS, ACTIVITY_KIND_ACTIVITY },
    };

    for (int i = 0; i < 2; i++) {
        fresh();
        for (int k = 0; k < 2; k++)
            tell(ACTIVITY_FILE, 0)->file.kind = orders[i][k];
        tell_sample(0, 0, NAN, NAN);
        assert_int_equal(add_up(), OUTLINE_OK);
        assert_int_equal(outline.file.kind, ACTIVITY_KIND_ACTIVITY);
    }
}

static void test_a_session_written_twice_is_one(void **state)
{
    fresh();
    tell_session(0, ACTIVITY_SPORT_UNKNOWN);
    tell_session(0, ACTIVITY_SPORT_RUNNING);
    add_up();
    assert_int_equal(outline.n_sessions, 1);
    assert_int_equal(outline.sessions[0].stated.sport, ACTIVITY_SPORT_RUNNING);
}

static void test_more_of_everything_than_there_is_room(void **state)
{
    struct outline_limits limits = { OUTLINE_OLDEST_USEC, usec_at(1000000) };
    struct activity_sink sink;
    struct activity_fact session = activity_fact(ACTIVITY_SESSION, 0);
    struct activity_fact timer = activity_fact(ACTIVITY_TIMER, 0);

    outline_init(&outline, &limits);
    sink = outline_sink(&outline);
    for (int i = 0; i < 2 * OUTLINE_EVENTS_MAX; i++) {
        session.t_usec = timer.t_usec = usec_at(i);
        timer.running = i & 1;
        activity_emit(&sink, &session);
        activity_emit(&sink, &timer);
    }
    outline_finish(&outline);
    assert_int_equal(outline_judge(&outline), OUTLINE_TROUBLE);
    assert_int_equal(outline.n_sessions, ACTIVITY_PARTS_MAX);
    assert_int_equal(outline.n_pauses, OUTLINE_EVENTS_MAX / 2);
    assert_true(outline_running_usec(&outline, 0, usec_at(0), usec_at(100)) == 50 * 1000000);
    assert_true(outline_running_usec(&outline, 0, usec_at(50.5), usec_at(51.5)) == 500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_stated_before_or_behind_its_samples),
        cmocka_unit_test(test_sessions_that_count_on_share_the_way_over_the_border),
        cmocka_unit_test(test_sessions_of_two_days_share_nothing),
        cmocka_unit_test(test_sessions_that_each_begin_at_0),
        cmocka_unit_test(test_parts_are_apart_even_at_the_same_time),
        cmocka_unit_test(test_the_timer),
        cmocka_unit_test(test_distances_that_fall),
        cmocka_unit_test(test_means_are_over_time),
        cmocka_unit_test(test_the_heart_is_not_measured_in_a_pause_or_a_gap),
        cmocka_unit_test(test_feet_that_may_have_stood_count_and_standing_cranks_do_not),
        cmocka_unit_test(test_feet_that_stand_on_the_spot_have_no_cadence),
        cmocka_unit_test(test_arms_drift_between_the_points_of_open_water),
        cmocka_unit_test(test_behind_a_bicycle_a_transition_is_counted_by_its_crank),
        cmocka_unit_test(test_a_writer_that_counts_steps),
        cmocka_unit_test(test_heart_rate_of_a_strap_that_was_loaded_later),
        cmocka_unit_test(test_samples_out_of_time),
        cmocka_unit_test(test_points_ahead_of_their_neighbours),
        cmocka_unit_test(test_a_session_before_another_in_its_file),
        cmocka_unit_test(test_a_recorder_that_died_leaves_a_session),
        cmocka_unit_test(test_what_a_recorder_that_died_was_set_to),
        cmocka_unit_test(test_refusals_and_their_reasons),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_most_points_without_a_time),
        cmocka_unit_test(test_a_chain_is_what_its_activity_is),
        cmocka_unit_test(test_a_session_written_twice_is_one),
        cmocka_unit_test(test_more_of_everything_than_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
