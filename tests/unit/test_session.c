/* SPDX-License-Identifier: MIT */
/*
 * A session alone: records in, state and figures out. Who decides when one begins and ends is the
 * tracker, and has its own tests; here the records say so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/training/session.h"
#include "tests/unit/close.h"

#define S      UINT64_C(1000000)
#define BEGIN  (1000 * S) /* of every session here */
#define EPOCH  1795221600 /* UTC at boot, seconds */
#define POD    0
#define STRAP  1
#define BELT   2
#define OTHER  3 /* a second one of some kind */
#define NOBODY 7 /* a sensor that no record declared */

struct run {
    struct session session;
    uint64_t now_usec;
    double odometer_m;
};

/* ---- records ---------------------------------------------------------------------------------- */

static void feed(struct run *run, struct record record)
{
    session_apply(&run->session, &record);
}

static void axis(struct run *run, const char *boot, uint64_t t_usec, int64_t wall_s,
                 enum clock_state clock)
{
    struct record record = { .type = RECORD_AXIS, .t_usec = t_usec };

    snprintf(record.axis.boot_id, sizeof(record.axis.boot_id), "%032d", atoi(boot));
    record.axis.wall_usec = wall_s * (int64_t)S;
    record.axis.clock = clock;
    feed(run, record);
}

static void runner(struct run *run, const char *id)
{
    struct record record = { .type = RECORD_RUNNER };

    snprintf(record.runner.id, sizeof(record.runner.id), "%s", id);
    record.runner.max_heart_rate_bpm = 190;
    record.runner.rest_heart_rate_bpm = 50;
    record.runner.mass_kg = record.runner.incline_pct = NAN;
    feed(run, record);
}

static void declare_with(struct run *run, int sensor, const char *name, enum conf_cadence_unit unit)
{
    struct record record = { .type = RECORD_SENSOR, .sensor = sensor };

    snprintf(record.declared.name, sizeof(record.declared.name), "%s", name);
    record.declared.unit = unit;
    record.declared.factor = 1;
    feed(run, record);
}

static void declare(struct run *run, int sensor, const char *name)
{
    declare_with(run, sensor, name, CONF_CADENCE_STEPS);
}

static void begin(struct run *run, uint64_t t_usec, const char *why)
{
    struct record record = { .type = RECORD_BEGIN, .t_usec = t_usec };

    snprintf(record.end.why, sizeof(record.end.why), "%s", why);
    feed(run, record);
}

static void end(struct run *run, enum record_end how, const char *why)
{
    struct record record = { .type = RECORD_END, .t_usec = run->now_usec };

    record.end.how = how;
    snprintf(record.end.why, sizeof(record.end.why), "%s", why);
    feed(run, record);
}

static void notify(struct run *run, int sensor, uint16_t uuid, const uint8_t *bytes, size_t length)
{
    struct record record = { .type = RECORD_NOTIFICATION,
                             .t_usec = run->now_usec,
                             .sensor = sensor };

    record.notification.uuid = uuid;
    record.notification.length = (uint8_t)length;
    memcpy(record.notification.bytes, bytes, length);
    feed(run, record);
}

static void feet(struct run *run, int sensor, double m_s, int spm)
{
    int raw = (int)(m_s * 256);
    uint8_t bytes[] = { 0, (uint8_t)raw, (uint8_t)(raw >> 8), (uint8_t)spm };

    notify(run, sensor, 0x2a53, bytes, sizeof(bytes));
}

static void pod(struct run *run, double m_s, int spm)
{
    feet(run, POD, m_s, spm);
}

/* With its total, which run_for() and away() move. */
static void pod_total(struct run *run, double m_s, int spm)
{
    int raw = (int)(m_s * 256);
    uint32_t dm = (uint32_t)lround(run->odometer_m * 10);
    uint8_t bytes[] = { 2,           (uint8_t)raw,       (uint8_t)(raw >> 8), (uint8_t)spm,
                        (uint8_t)dm, (uint8_t)(dm >> 8), (uint8_t)(dm >> 16), (uint8_t)(dm >> 24) };

    notify(run, POD, 0x2a53, bytes, sizeof(bytes));
}

static void belt(struct run *run, double m_s)
{
    int raw = (int)lround(m_s * 360);
    uint8_t bytes[] = { 0, 0, (uint8_t)raw, (uint8_t)(raw >> 8) };

    notify(run, BELT, 0x2acd, bytes, sizeof(bytes));
}

/* With its total, which way_on_a_belt() and away() move, and its grade in tenths of a percent. */
static void a_belt_total(struct run *run, int sensor, double m_s, int grade_permille)
{
    int raw = (int)lround(m_s * 360);
    uint32_t m = (uint32_t)lround(run->odometer_m);
    uint8_t bytes[] = { 0x0c,
                        0,
                        (uint8_t)raw,
                        (uint8_t)(raw >> 8),
                        (uint8_t)m,
                        (uint8_t)(m >> 8),
                        (uint8_t)(m >> 16),
                        (uint8_t)grade_permille,
                        (uint8_t)(grade_permille >> 8),
                        0xff,
                        0x7f };

    notify(run, sensor, 0x2acd, bytes, sizeof(bytes));
}

static void belt_total(struct run *run, double m_s, int grade_permille)
{
    a_belt_total(run, BELT, m_s, grade_permille);
}

static void strap(struct run *run, int bpm)
{
    uint8_t bytes[] = { 0x06, (uint8_t)bpm }; /* in contact with the skin */

    notify(run, STRAP, 0x2a37, bytes, sizeof(bytes));
}

/* ---- time ------------------------------------------------------------------------------------- */

static void run_for(struct run *run, int seconds, double m_s)
{
    for (int i = 0; i < seconds; i++) {
        run->now_usec += S;
        run->odometer_m += m_s;
        pod_total(run, m_s, m_s > 0 ? 170 : 0);
    }
}

/* The runner goes on and nobody hears it. */
static void away(struct run *run, int seconds, double m_s)
{
    run->now_usec += (uint64_t)seconds * S;
    run->odometer_m += seconds * m_s;
    session_tick(&run->session, run->now_usec);
}

/* No heart keeps exactly one rate; a strap that says so lies on a table. */
static void beat_for(struct run *run, int seconds, int bpm)
{
    for (int i = 0; i < seconds; i++) {
        run->now_usec += S;
        strap(run, bpm + i % 2);
    }
}

static struct payload_session summary(const struct run *run)
{
    struct payload_session ret;

    session_summary(&run->session, run->now_usec, &ret);
    return ret;
}

static struct payload_live live(const struct run *run)
{
    struct payload_live ret;

    session_live(&run->session, run->now_usec, &ret);
    return ret;
}

static enum session_state state_of(const struct run *run)
{
    return session_state(&run->session);
}

/* ---- a session that has begun, with all three sensors declared ------------------------------- */

static void declare_all(struct run *run)
{
    runner(run, "anna");
    declare(run, POD, "pod");
    declare(run, STRAP, "strap");
    declare(run, BELT, "belt");
}

static int setup(void **state)
{
    struct run *run = calloc(1, sizeof(*run));

    session_init(&run->session);
    axis(run, "1", BEGIN, EPOCH + 1000, CLOCK_SYNCED);
    declare_all(run);
    begin(run, BEGIN, "motion");
    run->now_usec = BEGIN;
    run->odometer_m = 5000;
    pod_total(run, 3, 170);
    *state = run;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* ---- before and at the beginning -------------------------------------------------------------- */

static void test_of_nothing_nothing_is_known(void **state)
{
    struct run run = { 0 };
    struct payload_session told;

    session_init(&run.session);
    told = summary(&run);
    assert_int_equal(session_idle_at(&run.session), SESSION_NEVER);
    assert_int_equal(told.state, SESSION_UNASSIGNED);
    assert_int_equal(told.kind, SESSION_OTHER);
    assert_true(isnan(told.distance_m) && isnan(told.steps) && isnan(told.moving_s));
    assert_true(isnan(told.gaps_s) && isnan(told.heart_rate_mean_bpm) &&
                isnan(told.cadence_max_spm));
    assert_true(isnan(live(&run).speed_m_s) && isnan(live(&run).heart_rate_bpm));
    assert_string_equal(told.source.distance, "");
    assert_int_equal(told.start_usec, 0);
}

static void test_what_was_heard_before_the_begin_is_not_counted(void **state)
{
    struct run run = { .now_usec = BEGIN - 30 * S, .odometer_m = 5000 };
    struct payload_session told;

    session_init(&run.session);
    axis(&run, "1", run.now_usec, EPOCH, CLOCK_SYNCED);
    declare_all(&run);
    begin(&run, BEGIN, "motion");
    for (int i = 0; i < 30; i++) {
        if (i < 29) /* at the begin itself it counts */
            strap(&run, 180);
        run_for(&run, 1, 3);
    }
    assert_close(live(&run).elapsed_s, 0, 0.001);
    run_for(&run, 60, 3);
    told = summary(&run);
    assert_close(told.distance_m, 180, 0.11);
    assert_close(told.elapsed_s, 60, 0.001);
    assert_close(told.moving_s, 60, 0.001);
    assert_close(told.steps, 170, 3);
    assert_true(isnan(told.heart_rate_max_bpm) && isnan(told.trimp));
    assert_string_equal(told.source.heart_rate, "");
}

static void test_of_two_begins_the_earlier_one_holds(void **state)
{
    struct run *run = *state;

    begin(run, BEGIN + 20 * S, SESSION_BY_COMMAND);
    assert_int_equal(session_began(&run->session), BEGIN);
    assert_string_equal(run->session.why, "motion");
    assert_true(run->session.asked); /* but a person did ask */
    begin(run, BEGIN - 20 * S, "heart_rate");
    assert_int_equal(session_began(&run->session), BEGIN - 20 * S);
    assert_string_equal(run->session.why, "heart_rate");
}

static void test_who_runs_decides_whose_it_is(void **state)
{
    struct run *run = *state;

    assert_int_equal(state_of(run), SESSION_RUNNING);
    runner(run, "");
    assert_int_equal(state_of(run), SESSION_UNASSIGNED);
    run_for(run, 20, 0);
    assert_int_equal(state_of(run), SESSION_UNASSIGNED); /* nobody pauses */
    end(run, RECORD_END_TOLD, "told");
    assert_int_equal(state_of(run), SESSION_UNASSIGNED);
    assert_string_equal(summary(run).runner, "");
}

/* ---- pause and resume ------------------------------------------------------------------------- */

static void test_ten_seconds_of_standing_are_a_pause_and_a_step_ends_it(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    run_for(run, 9, 0);
    assert_int_equal(state_of(run), SESSION_RUNNING);
    run_for(run, 1, 0);
    assert_int_equal(state_of(run), SESSION_PAUSED);
    run_for(run, 50, 0);
    assert_close(summary(run).moving_s, 60, 0.001);
    assert_close(summary(run).elapsed_s, 120, 0.001);
    run_for(run, 1, 3);
    assert_int_equal(state_of(run), SESSION_RUNNING);
    run_for(run, 59, 3);
    assert_close(summary(run).moving_s, 120, 1.001);
    assert_close(summary(run).distance_m, 360, 0.2);
    assert_close(summary(run).gaps_s, 0, 0.001);
}

static void test_a_pause_is_seen_when_only_time_passes(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    away(run, 29, 3);
    assert_int_equal(state_of(run), SESSION_RUNNING); /* a dropout, for all that is known */
    away(run, 1, 3);
    assert_int_equal(state_of(run), SESSION_PAUSED);
}

static void test_live_figures_of_a_silent_sensor_go(void **state)
{
    struct run *run = *state;

    run_for(run, 30, 3);
    strap(run, 140);
    assert_close(live(run).speed_m_s, 3, 0.01);
    assert_close(live(run).cadence_spm, 170, 0.01);
    assert_close(live(run).pace_s_per_km, 333.3, 1);
    assert_close(live(run).heart_rate_bpm, 140, 0);
    away(run, 30, 0);
    assert_true(isnan(live(run).speed_m_s) && isnan(live(run).cadence_spm));
    assert_true(isnan(live(run).pace_s_per_km) && isnan(live(run).heart_rate_bpm));
    assert_close(live(run).distance_m, 90, 0.11); /* a sum stays */
}

/* ---- idle, and the end ------------------------------------------------------------------------ */

static void test_ten_minutes_after_the_last_movement_it_is_idle(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    assert_int_equal(session_idle_at(&run->session), run->now_usec + SESSION_IDLE_USEC);
    run_for(run, 100, 0);
    beat_for(run, 10, 180); /* the heart alone keeps no run open */
    assert_int_equal(session_idle_at(&run->session), BEGIN + 60 * S + SESSION_IDLE_USEC);
    assert_int_equal(session_last_activity(&run->session), BEGIN + 60 * S);
    end(run, RECORD_END_TOLD, "told");
    assert_int_equal(session_idle_at(&run->session), SESSION_NEVER);
}

static void test_an_idle_end_is_the_last_movement_and_a_told_one_is_now(void **state)
{
    static const struct {
        enum record_end how;
        enum session_state state;
        int elapsed_s;
    } rows[] = {
        { RECORD_END_IDLE, SESSION_ENDED, 60 },
        { RECORD_END_TOLD, SESSION_ENDED, 660 },
        { RECORD_END_DISCARDED, SESSION_DISCARDED, 660 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run *run;

        setup((void **)&run);
        run_for(run, 60, 3);
        run_for(run, 600, 0);
        end(run, rows[i].how, "because");
        print_message("end %d\n", rows[i].how);
        assert_int_equal(state_of(run), rows[i].state);
        assert_int_equal(session_ended(&run->session), BEGIN + (uint64_t)rows[i].elapsed_s * S);
        assert_close(summary(run).elapsed_s, rows[i].elapsed_s, 0.001);
        assert_close(summary(run).moving_s, 60, 0.001);
        assert_int_equal(summary(run).end_usec, (EPOCH + 1000 + rows[i].elapsed_s) * (int64_t)S);
        assert_string_equal(run->session.why, "because");
        teardown((void **)&run);
    }
}

static void test_after_the_end_nothing_counts_but_a_discard(void **state)
{
    struct run *run = *state;
    struct payload_session before;
    uint64_t ended;

    run_for(run, 60, 3);
    end(run, RECORD_END_TOLD, "told");
    before = summary(run);
    ended = run->now_usec;
    run_for(run, 60, 3);
    beat_for(run, 60, 170);
    away(run, 60, 3);
    runner(run, "ben");
    begin(run, BEGIN - 100 * S, "motion");
    end(run, RECORD_END_IDLE, "again");
    assert_close(summary(run).distance_m, before.distance_m, 0);
    assert_close(summary(run).elapsed_s, before.elapsed_s, 0);
    assert_string_equal(summary(run).runner, "anna");
    assert_true(isnan(summary(run).heart_rate_mean_bpm));
    assert_int_equal(session_ended(&run->session), ended);
    end(run, RECORD_END_DISCARDED, "thrown away");
    assert_int_equal(state_of(run), SESSION_DISCARDED);
    assert_string_equal(run->session.why, "thrown away");
    assert_int_equal(session_ended(&run->session), ended);
}

static void test_an_end_before_the_begin_has_no_length(void **state)
{
    struct run *run = *state;

    run->now_usec = BEGIN - 60 * S;
    end(run, RECORD_END_TOLD, "told");
    assert_int_equal(session_ended(&run->session), BEGIN);
    assert_close(summary(run).elapsed_s, 0, 0);
}

/* ---- dropouts --------------------------------------------------------------------------------- */

static void test_a_dropout_is_bridged_by_the_odometer(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    away(run, 20, 3);
    run_for(run, 60, 3);
    assert_close(summary(run).distance_m, 420, 0.2);
    assert_close(summary(run).moving_s, 140, 0.001);
    assert_close(summary(run).gaps_s, 0, 0.001);
}

/* Its last word is one of those of before the session; what was run until it began is none of it. */
static void test_a_dropout_in_which_it_begins(void **state)
{
    struct run run = { .now_usec = BEGIN - 30 * S, .odometer_m = 5000 };

    session_init(&run.session);
    axis(&run, "1", BEGIN - 30 * S, EPOCH, CLOCK_SYNCED);
    declare_all(&run);
    begin(&run, BEGIN, "command");
    run_for(&run, 10, 3);
    away(&run, 29, 3);
    run_for(&run, 61, 3);
    assert_close(summary(&run).distance_m, 210, 0.2);
    assert_close(summary(&run).moving_s, 70, 0.001);
    assert_close(summary(&run).gaps_s, 0, 0.001);
}

static void test_an_odometer_that_stood_still_meanwhile_bridges_nothing(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    away(run, 20, 0);
    run_for(run, 60, 3);
    assert_close(summary(run).distance_m, 360, 0.5);
    assert_close(summary(run).moving_s, 119, 0.001); /* the packet after it has no second before */
    assert_close(summary(run).gaps_s, 21, 0.001);
}

static void test_without_an_odometer_a_dropout_is_a_gap(void **state)
{
    struct run run = { .now_usec = BEGIN };

    session_init(&run.session);
    axis(&run, "1", BEGIN, EPOCH, CLOCK_SYNCED);
    declare_all(&run);
    begin(&run, BEGIN, "motion");
    for (int i = 0; i <= 120; i++) {
        pod(&run, 3, 170);
        run.now_usec += i == 60 ? 20 * S : S;
    }
    run.now_usec -= S;
    assert_close(summary(&run).gaps_s, 20, 0.001);
    assert_close(summary(&run).moving_s, 119, 0.001);
    /* the speed holds for as long as a packet is fresh and no longer */
    assert_in_range((int)summary(&run).distance_m, 119 * 3, 119 * 3 + 3 * 5);
    assert_close(summary(&run).elapsed_s, 139, 0.001);
}

static void test_a_dropout_while_standing_is_no_gap(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    run_for(run, 20, 0);
    away(run, 100, 0);
    run_for(run, 60, 3);
    assert_close(summary(run).gaps_s, 0, 0.001);
    assert_close(summary(run).distance_m, 360, 0.5);
}

static void test_distance_of_two_sources_is_counted_once(void **state)
{
    struct run *run = *state;

    for (int i = 0; i < 60; i++) {
        run_for(run, 1, 3);
        belt(run, 3.2); /* the belt is the better one */
    }
    assert_close(summary(run).distance_m, 192, 4);
    assert_close(summary(run).moving_s, 60, 1.001);
    assert_string_equal(summary(run).source.distance, "belt");
    assert_string_equal(summary(run).source.cadence, "pod");
    run_for(run, 60, 3); /* it falls silent, and the pod goes on */
    assert_close(summary(run).distance_m, 192 + 180, 6);
    assert_string_equal(summary(run).source.distance, "pod");
    assert_close(summary(run).gaps_s, 0, 0.001);
}

static void test_two_sensors_of_one_kind_are_counted_once(void **state)
{
    struct run *run = *state;
    struct payload_session told;

    declare(run, OTHER, "watch");
    for (int i = 0; i < 1200; i++) {
        run->now_usec += S;
        run->odometer_m += 3;
        pod_total(run, 3, 165);
        feet(run, OTHER, 3, 165);
    }
    told = summary(run);
    assert_close(told.distance_m, 3600, 0.11);
    assert_close(told.moving_s, 1200, 0.001);
    assert_close(told.steps, 3300, 3);
    assert_close(told.cadence_mean_spm, 165, 0.2);
    assert_close(told.cadence_max_spm, 165, 0.01);
}

static void test_the_second_of_a_kind_goes_on_when_the_first_falls_silent(void **state)
{
    struct run *run = *state;
    struct payload_session told;

    declare(run, OTHER, "watch");
    for (int i = 0; i < 300; i++) {
        run->now_usec += S;
        run->odometer_m += 3;
        if (i < 100 || i >= 200)
            pod_total(run, 3, 165);
        feet(run, OTHER, 3, 165);
    }
    told = summary(run);
    assert_close(told.distance_m, 900, 3.2);
    assert_close(told.moving_s, 300, 0.001);
    assert_close(told.steps, 825, 3);
    assert_close(told.gaps_s, 0, 0);
}

/* The better of two stands: a pod on the shelf beside the one that is worn, a belt that nobody is on. */
static void test_the_one_that_moves_is_heard_beside_a_better_one_that_stands(void **state)
{
    for (int still = POD; still <= BELT; still += BELT - POD) {
        struct run *run;
        struct payload_session told;
        double believed_s;

        setup((void **)&run);
        declare(run, OTHER, "worn");
        for (int i = 0; i < 700; i++) {
            run->now_usec += S;
            if (still == BELT)
                belt(run, 0);
            else
                feet(run, POD, 0, 0);
            feet(run, OTHER, 3, 170);
            assert_int_equal(state_of(run), SESSION_RUNNING);
        }
        told = summary(run);
        believed_s = still == POD ? 8 : 1; /* it has just moved */
        assert_close(told.distance_m, 2100, 3 * believed_s);
        assert_close(told.moving_s, 700, believed_s);
        assert_close(told.steps, 700 * 170 / 60.0, 3 * believed_s);
        assert_close(told.cadence_mean_spm, 170, 1);
        assert_close(live(run).speed_m_s, 3, 0.01);
        assert_close(live(run).cadence_spm, 170, 0.01);
        assert_string_equal(told.source.distance, "pod");
        assert_int_equal(session_idle_at(&run->session), run->now_usec + SESSION_IDLE_USEC);
        teardown((void **)&run);
    }
}

/* All of them say that nobody moves: a measured 0, and a pause. */
static void test_when_all_stand_a_measured_nought_is_shown(void **state)
{
    struct run *run = *state;

    for (int i = 0; i < 120; i++) {
        run->now_usec += S;
        belt(run, i < 60 ? 3 : 0);
        pod(run, i < 90 ? 3 : 0, i < 90 ? 170 : 0);
    }
    assert_int_equal(state_of(run), SESSION_PAUSED);
    assert_close(live(run).speed_m_s, 0, 0);
    assert_close(live(run).cadence_spm, 0, 0);
    assert_close(summary(run).distance_m, 60 * 3 + 23 * 3, 6);
    assert_close(summary(run).moving_s, 60 + 23, 2.001);
}

/* What a pod held back until its unit was known, a strap has counted meanwhile. */
static void test_steps_held_back_are_not_counted_twice(void **state)
{
    struct run run = { .now_usec = BEGIN };

    session_init(&run.session);
    axis(&run, "1", BEGIN, EPOCH, CLOCK_SYNCED);
    runner(&run, "anna");
    declare_with(&run, POD, "pod", CONF_CADENCE_AUTO);
    declare(&run, STRAP, "strap");
    begin(&run, BEGIN, "motion");
    for (int i = 0; i <= 60; i++) {
        strap(&run, 150 + i % 2);
        feet(&run, STRAP, 3, 170);
        pod(&run, 3, 85);
        run.now_usec += S;
    }
    run.now_usec -= S;
    assert_string_equal(summary(&run).source.cadence, "pod");
    assert_close(summary(&run).steps, 170, 3);
    assert_close(summary(&run).cadence_mean_spm, 170, 3);
}

static void test_the_mean_cadence_does_not_ask_whose_seconds_they_are(void **state)
{
    struct run *run = *state;

    run_for(run, 10, 3);
    for (int i = 0; i < 30;
         i++) { /* the belt, which tells the seconds, speaks 0.6 s behind the pod */
        run->now_usec += S * 6 / 10;
        belt(run, 3);
        run->now_usec += S * 4 / 10;
        pod_total(run, 3, 170);
    }
    assert_string_equal(summary(run).source.distance, "belt");
    assert_close(summary(run).cadence_mean_spm, 170, 0.1);
}

/* ---- the heart alone -------------------------------------------------------------------------- */

static int setup_heart(void **state)
{
    struct run *run = calloc(1, sizeof(*run));

    session_init(&run->session);
    axis(run, "1", BEGIN, EPOCH + 1000, CLOCK_SYNCED);
    declare_all(run);
    begin(run, BEGIN, "heart_rate");
    run->now_usec = BEGIN;
    *state = run;
    return 0;
}

static void test_a_heart_alone_has_neither_distance_nor_steps(void **state)
{
    struct run *run = *state;
    struct payload_session told;

    beat_for(run, 300, 150);
    told = summary(run);
    assert_int_equal(told.kind, SESSION_HEART_RATE);
    assert_int_equal(told.state, SESSION_RUNNING);
    assert_true(isnan(told.distance_m) && isnan(told.steps) && isnan(told.moving_s));
    assert_true(isnan(told.cadence_mean_spm) && isnan(told.gaps_s));
    assert_string_equal(told.source.distance, "");
    assert_string_equal(told.source.heart_rate, "strap");
    assert_close(told.heart_rate_mean_bpm, 150.5, 0.01);
    assert_close(told.heart_rate_max_bpm, 151, 0);
    assert_close(told.elapsed_s, 300, 0.001);
}

static void test_a_heart_is_idle_ten_minutes_after_its_last_effort(void **state)
{
    struct run *run = *state;

    assert_int_equal(session_idle_at(&run->session), BEGIN + SESSION_IDLE_USEC);
    beat_for(run, 300, 121); /* half the reserve of 50 to 190 is 120 */
    assert_int_equal(session_idle_at(&run->session), run->now_usec + SESSION_IDLE_USEC);
    beat_for(run, 400, 118);
    assert_int_equal(session_last_activity(&run->session), BEGIN + 300 * S);
    end(run, RECORD_END_IDLE, "idle");
    assert_close(summary(run).elapsed_s, 300, 0.001);
    assert_close(summary(run).heart_rate_mean_bpm, 121.5, 0.01); /* the sofa is no part of it */
}

static void test_the_first_step_makes_a_run_of_it(void **state)
{
    struct run *run = *state;

    beat_for(run, 120, 150);
    run_for(run, 60, 3);
    assert_int_equal(summary(run).kind, SESSION_RUN);
    assert_int_equal(session_last_activity(&run->session), run->now_usec);
    assert_close(summary(run).elapsed_s, 180, 0.001);
    assert_in_range((int)summary(run).distance_m, 174, 181);
}

static void test_slow_steps_are_a_walk(void **state)
{
    struct run *run = *state;

    for (int i = 0; i < 60; i++) {
        run->now_usec += S;
        pod(run, 1.3, 110);
    }
    assert_int_equal(summary(run).kind, SESSION_WALK);
}

static void jog_on_a_belt(struct run *run, int seconds, double m_s, int spm)
{
    for (int i = 0; i < seconds; i++) {
        run->now_usec += S;
        feet(run, POD, m_s, spm);
        belt(run, m_s);
    }
}

/* The belt decides how fast it was, and the pod knows how: 162 steps a minute are no walk. */
static void test_a_slow_jog_on_a_belt_is_a_run(void **state)
{
    struct run *run = *state;

    jog_on_a_belt(run, 600, 1.8, 162);
    assert_string_equal(summary(run).source.distance, "belt");
    assert_int_equal(summary(run).kind, SESSION_RUN);
    jog_on_a_belt(run, 1300, 1.8, 120);
    assert_int_equal(summary(run).kind, SESSION_WALK);
}

/* A load of what was heard would pass for that of the run. */
static void born(struct run *run, int year)
{
    struct record record = { .type = RECORD_RUNNER };

    strcpy(record.runner.id, "anna");
    record.runner.birth_year = year;
    record.runner.rest_heart_rate_bpm = 50;
    record.runner.mass_kg = record.runner.incline_pct = NAN;
    feed(run, record);
}

/* At the place of its date in a recording, which is before all that was measured; of 40 years: 180. */
static void test_a_start_that_is_dated_late_tells_how_old_its_runner_was(void **state)
{
    static const struct {
        const char *label;
        int64_t wall_s;
        enum clock_state clock;
    } rows[] = {
        { "nobody knew the time", 5000, CLOCK_UNSET },
        { "a battery clock was wrong by decades", EPOCH - 30 * INT64_C(31556952), CLOCK_RTC },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run = { .now_usec = BEGIN };
        struct payload_session told;

        print_message("  %s\n", rows[i].label);
        session_init(&run.session);
        axis(&run, "1", BEGIN, rows[i].wall_s, rows[i].clock);
        born(&run, 2026 - 40);
        declare(&run, STRAP, "strap");
        begin(&run, BEGIN, "heart_rate");
        if (rows[i].clock == CLOCK_UNSET)
            assert_true(isnan(live(&run).zone));
        axis(&run, "1", BEGIN + 60 * S, EPOCH + 1060, CLOCK_SYNCED);
        beat_for(&run, 600, 150);
        assert_close(live(&run).zone, 4, 0);
        end(&run, RECORD_END_TOLD, "told");
        told = summary(&run);
        assert_close(told.zone_s[3], 600, 2);
        assert_close(told.edwards, 40, 0.2);
        assert_false(isnan(told.trimp));
    }
}

/* Who stands still when it is told has it also when nothing more comes. */
static void test_a_start_that_is_dated_in_the_last_pause_has_its_zones(void **state)
{
    struct run run = { .now_usec = BEGIN };

    session_init(&run.session);
    axis(&run, "1", BEGIN, 5000, CLOCK_UNSET);
    born(&run, 2026 - 40);
    declare(&run, POD, "pod");
    begin(&run, BEGIN, "motion");
    run_for(&run, 60, 3);
    run_for(&run, 20, 0);
    axis(&run, "1", run.now_usec, EPOCH + 1000, CLOCK_SYNCED);
    assert_close(heart_load_zone(&run.session.heart_then, 150), 4, 0);
    end(&run, RECORD_END_IDLE, "ten idle minutes");
    assert_close(heart_load_zone(&run.session.heart, 150), 4, 0);
}

static void test_a_heart_that_was_hardly_heard_has_no_load(void **state)
{
    static const struct {
        int heard_s;
        bool load;
    } rows[] = { { 600, true }, { 490, true }, { 470, false }, { 60, false } };
    struct run *run = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct payload_session told;

        setup((void **)&run);
        for (int t = 0; t < 600; t++) {
            run_for(run, 1, 3);
            if (t < rows[i].heard_s)
                strap(run, 150 + t % 2);
        }
        told = summary(run);
        if (isnan(told.trimp) == rows[i].load || isnan(told.edwards) == rows[i].load)
            fail_msg("%d s heard: %g, %g", rows[i].heard_s, told.trimp, told.edwards);
        assert_close(told.heart_rate_mean_bpm, 150.5, 0.1);
        assert_close(told.zone_s[2], rows[i].heard_s, 6);
        assert_false(isnan(live(run).trimp)); /* so far */
        end(run, RECORD_END_TOLD, "told");
        if (isnan(live(run).trimp) == rows[i].load || isnan(live(run).edwards) == rows[i].load)
            fail_msg("%d s heard: %g at the end", rows[i].heard_s, live(run).trimp);
        free(run);
    }
}

static void test_a_rate_that_stands_still_is_no_effort(void **state)
{
    struct run *run = *state;

    for (int i = 0; i < 600; i++) {
        run->now_usec += S;
        strap(run, 150);
    }
    assert_true(isnan(live(run).heart_rate_bpm));
    assert_true(session_last_activity(&run->session) < BEGIN + 120 * S);
}

static void test_a_strap_off_the_body_tells_nothing(void **state)
{
    static const uint8_t off[] = { 0x04, 150 };
    struct run *run = *state;

    beat_for(run, 10, 150);
    run->now_usec += S;
    notify(run, STRAP, 0x2a37, off, sizeof(off));
    assert_true(isnan(live(run).heart_rate_bpm));
    assert_int_equal(session_last_activity(&run->session), BEGIN + 10 * S);
}

static void off_the_body(struct run *run, int sensor)
{
    static const uint8_t off[] = { 0x04, 84 };

    notify(run, sensor, 0x2a37, off, sizeof(off));
}

/* The chest strap lies on the table and ticks; the armband is worn. */
static void test_a_strap_on_the_table_takes_nothing_away_from_the_one_that_is_worn(void **state)
{
    struct run *run = *state;
    struct payload_session told;
    double zones_s = 0;

    declare(run, OTHER, "chest strap");
    for (int i = 0; i < 300; i++) {
        run->now_usec += S / 2;
        strap(run, 150 + i % 2);
        run->now_usec += S / 2;
        off_the_body(run, OTHER);
        assert_close(live(run).heart_rate_bpm, 150 + i % 2, 0);
    }
    told = summary(run);
    for (int i = 0; i < 5; i++)
        zones_s += told.zone_s[i];
    assert_close(told.heart_rate_mean_bpm, 150.5, 0.1);
    assert_close(zones_s, 300, 1.001);
    assert_false(isnan(told.edwards));
}

/* Two that are worn: one of them is told, and not a rate to and fro. */
static void test_of_two_straps_the_first_is_believed_until_it_is_silent(void **state)
{
    struct run *run = *state;
    uint8_t other[] = { 0x06, 100 };

    declare(run, OTHER, "armband");
    for (int i = 0; i < 60; i++) {
        run->now_usec += S;
        if (i < 30)
            strap(run, 150);
        notify(run, OTHER, 0x2a37, other, sizeof(other));
        assert_close(live(run).heart_rate_bpm, i < 35 ? 150 : 100, 0);
    }
}

static void test_a_strap_that_is_taken_off_leaves_the_word_to_the_other(void **state)
{
    struct run *run = *state;
    uint8_t other[] = { 0x06, 100 };

    declare(run, OTHER, "armband");
    for (int i = 0; i < 20; i++) {
        run->now_usec += S;
        if (i < 10)
            strap(run, 150);
        else
            off_the_body(run, STRAP);
        notify(run, OTHER, 0x2a37, other, sizeof(other));
        assert_close(live(run).heart_rate_bpm, i < 10 ? 150 : 100, 0);
    }
}

/* Neither is worn: the last word of a rate is no rate any more. */
static void test_when_both_straps_are_off_there_is_no_rate(void **state)
{
    struct run *run = *state;

    declare(run, OTHER, "armband");
    beat_for(run, 10, 150);
    run->now_usec += S;
    off_the_body(run, OTHER);
    assert_close(live(run).heart_rate_bpm, 151, 0);
    off_the_body(run, STRAP);
    assert_true(isnan(live(run).heart_rate_bpm));
    run->now_usec += S;
    off_the_body(run, OTHER);
    assert_true(isnan(live(run).heart_rate_bpm));
}

/* ---- the axis --------------------------------------------------------------------------------- */

static void test_a_clock_that_is_set_later_dates_all_of_it(void **state)
{
    struct run run = { .now_usec = BEGIN, .odometer_m = 10 };

    session_init(&run.session);
    axis(&run, "1", BEGIN, 5000, CLOCK_UNSET);
    declare_all(&run);
    begin(&run, BEGIN, "motion");
    run_for(&run, 60, 3);
    assert_int_equal(summary(&run).start_usec, 0);
    end(&run, RECORD_END_TOLD, "told");
    assert_int_equal(summary(&run).end_usec, 0);
    axis(&run, "1", run.now_usec + 100 * S, EPOCH + 1160, CLOCK_SYNCED); /* after its end */
    assert_int_equal(summary(&run).start_usec, (EPOCH + 1000) * (int64_t)S);
    assert_int_equal(summary(&run).end_usec, (EPOCH + 1060) * (int64_t)S);
    assert_close(summary(&run).elapsed_s, 60, 0.001);
}

static void test_a_reboot_in_the_middle_is_time_like_any_other(void **state)
{
    struct run *run = *state;

    run_for(run, 60, 3);
    run->now_usec = 40 * S; /* of the next boot */
    run->odometer_m += 300;
    axis(run, "2", run->now_usec, EPOCH + 1160, CLOCK_SYNCED);
    run_for(run, 60, 3);
    assert_close(summary(run).elapsed_s, 220, 0.001);
    assert_int_equal(session_began(&run->session), 0); /* before this boot */
    assert_int_equal(session_idle_at(&run->session), run->now_usec + SESSION_IDLE_USEC);
    end(run, RECORD_END_TOLD, "told");
    assert_int_equal(session_ended(&run->session), run->now_usec);
    assert_int_equal(summary(run).start_usec, (EPOCH + 1000) * (int64_t)S);
    assert_int_equal(summary(run).end_usec, (EPOCH + 1220) * (int64_t)S);
}

/* ---- the ground of a belt -------------------------------------------------------------------- */

static void way_on_a_belt(struct run *run, int seconds, int grade_permille)
{
    for (int i = 0; i < seconds; i++) {
        run->now_usec += S;
        run->odometer_m += 3;
        belt_total(run, 3, grade_permille);
    }
}

/* The odometer tells how far it was, and nobody how steep. */
static void test_over_a_dropout_of_the_belt_no_descent_is_invented(void **state)
{
    struct run run = { .now_usec = BEGIN };
    struct payload_session told;

    session_init_final(&run.session);
    axis(&run, "1", BEGIN, EPOCH, CLOCK_SYNCED);
    declare_all(&run);
    begin(&run, BEGIN, "motion");
    belt_total(&run, 3, 0);
    way_on_a_belt(&run, 120, 0);
    away(&run, 120, 3);
    way_on_a_belt(&run, 120, -100);
    end(&run, RECORD_END_TOLD, "told");
    told = summary(&run);
    assert_close(told.distance_m, 3 * 360, 8);
    assert_close(told.hills.drop_m, 36, 1.5); /* 360 m at -10 % */
    assert_close(told.hills.altitude_m, 3 * 240, 10);
    assert_close(told.hills.coverage_pct, 66, 2);
}

/* Of a short one it is known where the same was said on both sides. */
static void test_over_a_short_dropout_the_same_grade_goes_on(void **state)
{
    static const struct {
        int seconds, before, after; /* permille */
        double coverage_pct;
    } rows[] = { { 20, -100, -100, 100 },
                 { 28, -100, -100, 100 },
                 { 20, -100, -90, 92.3 },
                 { 20, 0, -100, 92.3 },
                 { 60, -100, -100, 80 } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct run run = { .now_usec = BEGIN };
        struct payload_session told;

        session_init_final(&run.session);
        axis(&run, "1", BEGIN, EPOCH, CLOCK_SYNCED);
        declare_all(&run);
        begin(&run, BEGIN, "motion");
        belt_total(&run, 3, rows[i].before);
        way_on_a_belt(&run, 120, rows[i].before);
        away(&run, rows[i].seconds, 3);
        way_on_a_belt(&run, 120, rows[i].after);
        end(&run, RECORD_END_TOLD, "told");
        told = summary(&run);
        if (fabs(told.hills.coverage_pct - rows[i].coverage_pct) > 1.5)
            fail_msg("%d s from %d to %d: %g %%", rows[i].seconds, rows[i].before, rows[i].after,
                     told.hills.coverage_pct);
    }
}

/* Its total stands as well, whatever the runner's does. */
static void belt_stands(struct run *run, int grade_permille)
{
    double odometer_m = run->odometer_m;

    run->odometer_m = 700;
    belt_total(run, 0, grade_permille);
    run->odometer_m = odometer_m;
}

/* The first to speak is one that stands, level; the runner is on the other, downhill. */
static void test_the_grade_is_that_of_the_belt_that_moves(void **state)
{
    struct run run = { .now_usec = BEGIN };

    session_init_final(&run.session);
    axis(&run, "1", BEGIN, EPOCH, CLOCK_SYNCED);
    declare_all(&run);
    declare(&run, OTHER, "other belt");
    begin(&run, BEGIN, "motion");
    for (int i = 0; i <= 200; i++) {
        belt_stands(&run, 0);
        a_belt_total(&run, OTHER, 3, -80);
        if (i > 20)
            assert_close(live(&run).grade_pct, -8, 0.001);
        run.odometer_m += 3;
        run.now_usec += S;
    }
    end(&run, RECORD_END_TOLD, "told");
    assert_close(summary(&run).hills.drop_m, 48, 2);
    assert_close(summary(&run).hills.coverage_pct, 100, 5);
}

/* The treadmill at home is heard for the first metres of a run outside, or stands beside a dumb one. */
static void test_a_belt_that_stands_says_nothing_of_the_ground_of_who_moves(void **state)
{
    struct record told = { .type = RECORD_INCLINE, .incline_pct = 4 };
    struct run *run = *state;

    for (int i = 0; i < 200; i++) {
        run->odometer_m += 3;
        run->now_usec += S;
        belt_stands(run, 0);
        pod_total(run, 3, 170);
        if (i == 99)
            assert_true(isnan(live(run).grade_pct));
        if (i == 99)
            feed(run, told);
    }
    assert_false(run->session.ground.indoors);
    assert_close(live(run).grade_pct, 4, 0.001);
    assert_string_equal(live(run).hills.source, "incline");
    assert_close(summary(run).hills.ascent_m, 12, 1);
    jog_on_a_belt(run, 1, 3, 170);
    assert_true(run->session.ground.indoors);
}

/* Who stands on it knows its slope as well. */
static void test_a_belt_that_stands_alone_tells_its_grade(void **state)
{
    struct run *run = *state;

    for (int i = 0; i < 20; i++) {
        run->now_usec += S;
        belt_stands(run, 30);
        pod(run, 0, 0);
    }
    assert_close(live(run).grade_pct, 3, 0.001);
}

/* ---- what a person says, and what the store has ----------------------------------------------- */

static void test_an_incline_that_is_told_makes_a_climb(void **state)
{
    struct record told = { .type = RECORD_INCLINE, .incline_pct = 10 };
    struct run *run = *state;

    assert_true(isnan(summary(run).hills.ascent_m));
    feed(run, told);
    run_for(run, 100, 3);
    assert_close(live(run).grade_pct, 10, 0.001);
    assert_string_equal(live(run).hills.source, "incline");
    assert_close(summary(run).hills.ascent_m, 30, 1);
    assert_string_equal(summary(run).hills.source, "incline");
    told.incline_pct = NAN;
    feed(run, told);
    run_for(run, 10, 3);
    assert_true(isnan(live(run).grade_pct));
}

/* Nobody runs at 6 m/s up 45 %: a figure of it would be none. */
static void test_a_wall_has_no_grade_adjusted_pace(void **state)
{
    struct record told = { .type = RECORD_INCLINE, .incline_pct = 45 };
    struct run *run = *state;

    feed(run, told);
    run_for(run, 60, 6);
    assert_close(live(run).pace_s_per_km, 1000 / 6.0, 0.5);
    assert_true(isnan(live(run).hills.pace_s_per_km));
    assert_true(isnan(summary(run).hills.pace_s_per_km));
}

/* On the level, at the own cadence and speed, a step is one step; nobody's own is no index. */
static void test_the_knee_load_index_needs_what_to_compare_with(void **state)
{
    struct record told = { .type = RECORD_INCLINE, .incline_pct = 0 };
    struct record own = { .type = RECORD_OWN, .own = { 170, 3 } };
    struct run *run = *state;

    feed(run, told);
    run_for(run, 100, 3);
    assert_true(isnan(live(run).hills.knee_load_steps));
    feed(run, own);
    run_for(run, 500, 3);
    assert_close(live(run).hills.knee_load_steps, 500 * 170 / 60.0, 35);
    told.incline_pct = -10;
    feed(run, told);
    run_for(run, 600, 3);
    assert_close(live(run).hills.knee_load_steps, (500 + 600 * 1.34) * 170 / 60.0, 60);
    end(run, RECORD_END_TOLD, "told");
    assert_close(summary(run).hills.knee_load_steps, (500 + 600 * 1.34) * 170 / 60.0, 60);
    assert_close(summary(run).hills.coverage_pct, 100, 1);
}

/* Packets come up to so late; what they say is of the second they were made in. */
static void test_late_packets_do_not_move_the_knee_load_index(void **state)
{
    static const uint64_t late_msec[] = { 0, 30, 60, 100, 900 };
    struct record told = { .type = RECORD_INCLINE, .incline_pct = 0 };
    struct record own = { .type = RECORD_OWN, .own = { 170, 3 } };
    struct run *run = *state;

    feed(run, told);
    feed(run, own);
    for (size_t k = 0; k < sizeof(late_msec) / sizeof(late_msec[0]); k++) {
        uint64_t second_usec = run->now_usec;
        double steps = live(run).steps, index = live(run).hills.knee_load_steps;

        for (int i = 1; i <= 600; i++) {
            run->odometer_m += 3;
            run->now_usec = second_usec + i * S + late_msec[k] * 1000 * (uint64_t)(i * 7 % 11) / 11;
            pod_total(run, 3, 170);
        }
        if (k == 0) /* at the start the live index lags */
            continue;
        assert_close(live(run).hills.knee_load_steps - index, 600 * 170 / 60.0,
                     30); /* a block of ten seconds */
        assert_close(live(run).steps - steps, 600 * 170 / 60.0, 5);
    }
    assert_close(level_cadence_spm(&run->session.ground.terrain.effort.level, 3), 170, 0.2);
}

/* A pod that is out of reach now and then counts on, and its odometer spans it; its steps are those
 * of some of the seconds, which says nothing of how its runner steps. */
static void test_silences_do_not_slow_the_own_cadence(void **state)
{
    struct record told = { .type = RECORD_INCLINE, .incline_pct = 0 };
    struct run *run = *state;
    const struct level *level = &run->session.ground.terrain.effort.level;

    feed(run, told);
    for (int i = 0; i < 100; i++) {
        run_for(run, 25, 3);
        away(run, 5, 3);
        pod_total(run, 3, 170);
    }
    assert_close(level->seconds, 3000, 20);
    assert_close(level_cadence_spm(level, 3), 170, 0.5);
}

static void test_it_knows_that_its_start_was_told(void **state)
{
    struct run *run = *state;

    assert_false(run->session.told);
    feed(run, (struct record){ .type = RECORD_TOLD, .t_usec = BEGIN });
    assert_true(run->session.told);
}

static void say_local(struct run *run, const char *runner, int64_t start_s, int32_t offset_s)
{
    struct record record = { .type = RECORD_LOCAL };

    strcpy(record.local.runner, runner);
    record.local.start_s = start_s;
    record.local.offset_s = offset_s;
    feed(run, record);
}

static void become(struct run *run, const char *runner)
{
    struct record record = { .type = RECORD_RUNNER };

    strcpy(record.runner.id, runner);
    record.runner.mass_kg = record.runner.incline_pct = NAN;
    feed(run, record);
}

#define UNKNOWN INT32_MIN

/* Seconds east of UTC; UNKNOWN: it does not say. */
static int32_t local_offset(const struct run *run, int64_t start_s)
{
    const struct session *session = &run->session;
    int32_t offset_s;

    return session_local_offset(&session->local, session->runner.id, start_s * 1000000, &offset_s)
               ? offset_s
               : UNKNOWN;
}

static void test_the_last_that_is_said_of_its_runners_zone_holds_near_its_start(void **state)
{
    struct run *run = *state;
    const int64_t at = 1795221600;

    become(run, "anna");
    assert_int_equal(local_offset(run, at), UNKNOWN);
    say_local(run, "ben", at, 60);
    assert_int_equal(local_offset(run, at), UNKNOWN);
    say_local(run, "anna", at, 7200);
    say_local(run, "ben", at, 60);
    say_local(run, "anna", at, -39600);
    assert_int_equal(local_offset(run, at), -39600);
    assert_int_equal(local_offset(run, at - 3600), -39600);
    assert_int_equal(local_offset(run, at - 3601), UNKNOWN);
    assert_int_equal(local_offset(run, at + 3600), -39600);
    assert_int_equal(local_offset(run, at + 3601), UNKNOWN);
    feed(run, (struct record){ .type = RECORD_END, .t_usec = run->now_usec });
    say_local(run, "anna", at, 3600);
    assert_int_equal(local_offset(run, at), 3600);
}

static void test_what_is_said_of_ones_zone_is_not_anothers(void **state)
{
    struct run *run = *state;

    become(run, "anna");
    say_local(run, "anna", 1795221600, 7200);
    become(run, "ben");
    assert_int_equal(local_offset(run, 1795221600), UNKNOWN);
}

/* ---- garbage ---------------------------------------------------------------------------------- */

static void test_sensors_that_nobody_declared_change_nothing(void **state)
{
    static const int sensors[] = { NOBODY, -1, RECORDING_SENSORS_MAX, INT_MAX, INT_MIN };
    static const uint8_t bytes[] = { 0, 0, 3, 170 };
    struct run *run = *state;
    struct session before;

    run_for(run, 10, 3);
    before = run->session;
    for (size_t i = 0; i < sizeof(sensors) / sizeof(sensors[0]); i++) {
        struct record link = { .type = RECORD_LINK, .t_usec = run->now_usec, .sensor = sensors[i] };
        struct record unit = { .type = RECORD_UNIT, .t_usec = run->now_usec, .sensor = sensors[i] };

        notify(run, sensors[i], 0x2a53, bytes, sizeof(bytes));
        feed(run, link);
        feed(run, unit);
        if (sensors[i] != NOBODY)
            declare(run, sensors[i], "ghost");
    }
    assert_memory_equal(&run->session, &before, sizeof(before));
}

static bool absent_or_sane(double figure, double most)
{
    return isnan(figure) || (figure >= 0 && figure <= most);
}

static void hold_figures(const struct run *run, double seconds)
{
    struct payload_session told = summary(run);
    struct payload_live now = live(run);

    assert_true(absent_or_sane(told.elapsed_s, seconds));
    assert_true(absent_or_sane(told.moving_s, seconds));
    assert_true(absent_or_sane(told.gaps_s, seconds));
    assert_true(absent_or_sane(told.distance_m, 1e9) && absent_or_sane(told.steps, 1e9));
    assert_true(absent_or_sane(told.cadence_max_spm, 1000));
    assert_true(absent_or_sane(told.heart_rate_max_bpm, 255));
    assert_true(absent_or_sane(told.trimp, 1e6) && absent_or_sane(told.edwards, 1e6));
    assert_true(absent_or_sane(now.speed_m_s, 1000) && absent_or_sane(now.cadence_spm, 1000));
    assert_true(absent_or_sane(now.heart_rate_bpm, 255));
}

static void test_noise_from_sensors_gives_no_impossible_figures(void **state)
{
    static const uint16_t uuids[] = { 0x2a53, 0x2a37, 0x2acd, 0x2ada, 0x2a19, 0xffff };
    struct run *run = *state;
    uint32_t random = 1;

    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[40];
        size_t length;

        for (size_t j = 0; j < sizeof(bytes); j++) {
            random = random * 1664525 + 1013904223;
            bytes[j] = (uint8_t)(random >> 24);
        }
        length = bytes[38] % 38;
        run->now_usec += bytes[39] % 2 ? S : 0;
        notify(run, bytes[37] % 3, uuids[bytes[36] % 6], bytes, length);
        if (bytes[35] == 0)
            away(run, bytes[34], 0);
        hold_figures(run, (double)(run->now_usec - BEGIN) / (double)S + 0.001);
    }
}

#define TEST(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)
#define HEART(name) cmocka_unit_test_setup_teardown(name, setup_heart, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_nothing_nothing_is_known),
        cmocka_unit_test(test_what_was_heard_before_the_begin_is_not_counted),
        TEST(test_of_two_begins_the_earlier_one_holds),
        TEST(test_who_runs_decides_whose_it_is),
        TEST(test_ten_seconds_of_standing_are_a_pause_and_a_step_ends_it),
        TEST(test_a_pause_is_seen_when_only_time_passes),
        TEST(test_live_figures_of_a_silent_sensor_go),
        TEST(test_ten_minutes_after_the_last_movement_it_is_idle),
        cmocka_unit_test(test_an_idle_end_is_the_last_movement_and_a_told_one_is_now),
        TEST(test_after_the_end_nothing_counts_but_a_discard),
        TEST(test_an_end_before_the_begin_has_no_length),
        TEST(test_a_dropout_is_bridged_by_the_odometer),
        TEST(test_a_dropout_in_which_it_begins),
        TEST(test_an_odometer_that_stood_still_meanwhile_bridges_nothing),
        cmocka_unit_test(test_without_an_odometer_a_dropout_is_a_gap),
        TEST(test_a_dropout_while_standing_is_no_gap),
        TEST(test_distance_of_two_sources_is_counted_once),
        TEST(test_two_sensors_of_one_kind_are_counted_once),
        TEST(test_the_one_that_moves_is_heard_beside_a_better_one_that_stands),
        TEST(test_when_all_stand_a_measured_nought_is_shown),
        TEST(test_the_second_of_a_kind_goes_on_when_the_first_falls_silent),
        cmocka_unit_test(test_steps_held_back_are_not_counted_twice),
        TEST(test_the_mean_cadence_does_not_ask_whose_seconds_they_are),
        HEART(test_a_heart_alone_has_neither_distance_nor_steps),
        HEART(test_a_heart_is_idle_ten_minutes_after_its_last_effort),
        HEART(test_the_first_step_makes_a_run_of_it),
        HEART(test_slow_steps_are_a_walk),
        TEST(test_a_slow_jog_on_a_belt_is_a_run),
        TEST(test_a_start_that_is_dated_late_tells_how_old_its_runner_was),
        TEST(test_a_start_that_is_dated_in_the_last_pause_has_its_zones),
        TEST(test_a_heart_that_was_hardly_heard_has_no_load),
        HEART(test_a_rate_that_stands_still_is_no_effort),
        HEART(test_a_strap_off_the_body_tells_nothing),
        HEART(test_a_strap_on_the_table_takes_nothing_away_from_the_one_that_is_worn),
        HEART(test_of_two_straps_the_first_is_believed_until_it_is_silent),
        HEART(test_a_strap_that_is_taken_off_leaves_the_word_to_the_other),
        HEART(test_when_both_straps_are_off_there_is_no_rate),
        cmocka_unit_test(test_a_clock_that_is_set_later_dates_all_of_it),
        TEST(test_a_reboot_in_the_middle_is_time_like_any_other),
        cmocka_unit_test(test_over_a_dropout_of_the_belt_no_descent_is_invented),
        cmocka_unit_test(test_over_a_short_dropout_the_same_grade_goes_on),
        cmocka_unit_test(test_the_grade_is_that_of_the_belt_that_moves),
        TEST(test_a_belt_that_stands_says_nothing_of_the_ground_of_who_moves),
        TEST(test_a_belt_that_stands_alone_tells_its_grade),
        TEST(test_an_incline_that_is_told_makes_a_climb),
        TEST(test_a_wall_has_no_grade_adjusted_pace),
        TEST(test_the_knee_load_index_needs_what_to_compare_with),
        TEST(test_late_packets_do_not_move_the_knee_load_index),
        TEST(test_silences_do_not_slow_the_own_cadence),
        TEST(test_it_knows_that_its_start_was_told),
        TEST(test_the_last_that_is_said_of_its_runners_zone_holds_near_its_start),
        TEST(test_what_is_said_of_ones_zone_is_not_anothers),
        TEST(test_sensors_that_nobody_declared_change_nothing),
        TEST(test_noise_from_sensors_gives_no_impossible_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
