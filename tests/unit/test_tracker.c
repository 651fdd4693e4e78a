/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/training/tracker.h"
#include "tests/unit/close.h"

#define S UINT64_C(1000000)

/* Two runners, each with a pod and a strap, and a treadmill for whoever is on it. */
enum { ANNA_POD, ANNA_STRAP, BEN_POD, BEN_STRAP, BELT };
enum { ANNA, BEN };

struct hall {
    struct conf conf;
    struct tracker *tracker;
    uint64_t now_usec;
    int opened, closed, merged, rebuilt, learnt, changes, strained;
    bool refuses; /* to merge */
    int refused;
    struct payload_session last; /* as closed */
    /* what stands in the recording of each slot */
    struct record *records[TRACKER_SLOTS_MAX];
    size_t n[TRACKER_SLOTS_MAX];
    double total_m[2];
    bool own_is_known;
};

#define RECORDS_MAX 20000

static void on_axis(void *userdata, uint64_t now_usec, struct record *ret)
{
    strcpy(ret->axis.boot_id, "0123456789abcdef0123456789abcdef");
    ret->axis.wall_usec = (int64_t)(now_usec + 1795221600 * S);
    ret->axis.clock = CLOCK_SYNCED;
}

static bool on_own(void *userdata, size_t runner, struct record *ret)
{
    ret->own.cadence_spm = 170 + (double)runner;
    ret->own.speed_m_s = 3;
    return ((struct hall *)userdata)->own_is_known;
}

static void on_opened(void *userdata, size_t slot)
{
    struct hall *hall = userdata;

    hall->opened++;
    hall->n[slot] = 0;
}

static void on_record(void *userdata, size_t slot, const struct record *record)
{
    struct hall *hall = userdata;

    assert_true(hall->n[slot] < RECORDS_MAX);
    if (!hall->records[slot])
        hall->records[slot] = calloc(RECORDS_MAX, sizeof(struct record));
    hall->records[slot][hall->n[slot]++] = *record;
}

static void on_changed(void *userdata, size_t slot)
{
    ((struct hall *)userdata)->changes++;
}

static int by_time(const void *a, const void *b)
{
    const struct record *x = a, *y = b;

    return x->t_usec < y->t_usec ? -1 : x->t_usec > y->t_usec;
}

static bool declares(const struct record *record)
{
    return record->type != RECORD_NOTIFICATION && record->type != RECORD_LINK &&
           record->type != RECORD_END;
}

/* What the daemon does with files: declarations first, then by time. */
static void rebuild(struct hall *hall, size_t slot)
{
    struct record *sorted = calloc(RECORDS_MAX, sizeof(*sorted));
    size_t n = 0, declared;

    for (size_t i = 0; i < hall->n[slot]; i++)
        if (declares(&hall->records[slot][i]))
            sorted[n++] = hall->records[slot][i];
    declared = n;
    for (size_t i = 0; i < hall->n[slot]; i++)
        if (!declares(&hall->records[slot][i]))
            sorted[n++] = hall->records[slot][i];
    qsort(sorted + declared, n - declared, sizeof(*sorted), by_time);
    tracker_rebuild(hall->tracker, slot);
    for (size_t i = 0; i < n; i++)
        tracker_restore_feed(hall->tracker, slot, &sorted[i]);
    free(sorted);
    hall->rebuilt++;
}

static void merge(struct hall *hall, size_t slot, size_t into)
{
    const struct session *session = tracker_session(hall->tracker, into);
    int base = 0;

    for (int i = 0; i < RECORDING_SENSORS_MAX; i++)
        if (session->sensors[i].declared)
            base = i + 1;
    for (size_t i = 0; i < hall->n[slot]; i++) {
        struct record record = hall->records[slot][i];

        if (record.type == RECORD_RUNNER || record.type == RECORD_AXIS)
            continue;
        record.sensor += base;
        on_record(hall, into, &record);
    }
    rebuild(hall, into);
    hall->merged++;
}

static void on_closed(void *userdata, size_t slot)
{
    struct hall *hall = userdata;

    hall->closed++;
    session_summary(tracker_session(hall->tracker, slot), hall->now_usec, &hall->last);
}

static void on_reordered(void *userdata, size_t slot)
{
    rebuild(userdata, slot);
}

static bool on_merge(void *userdata, size_t slot, size_t into)
{
    struct hall *hall = userdata;

    if (hall->refuses)
        hall->refused++;
    else
        merge(hall, slot, into);
    return !hall->refuses;
}

static void on_moved(void *userdata, size_t sensor, uint64_t now_usec)
{
}

static void on_strained(void *userdata, size_t sensor, uint64_t now_usec)
{
    ((struct hall *)userdata)->strained++;
}

static void on_learnt(void *userdata, size_t sensor)
{
    ((struct hall *)userdata)->learnt++;
}

static const struct tracker_output output = { on_axis,    on_own,      on_opened,    on_record,
                                              on_changed, on_closed,   on_reordered, on_merge,
                                              on_moved,   on_strained, on_learnt };

static void add_sensor(struct conf *conf, const char *name, int runner)
{
    struct conf_sensor *sensor = &conf->sensors[conf->n_sensors];

    snprintf(sensor->name, sizeof(sensor->name), "%s", name);
    snprintf(sensor->address, sizeof(sensor->address), "C0:DE:00:00:00:%02zX", conf->n_sensors);
    sensor->runner = runner;
    sensor->factor = 1;
    sensor->cadence_unit = CONF_CADENCE_STEPS;
    conf->n_sensors++;
}

static void add_runner(struct conf *conf, const char *id)
{
    struct conf_runner *runner = &conf->runners[conf->n_runners++];

    snprintf(runner->id, sizeof(runner->id), "%s", id);
    runner->max_heart_rate_bpm = 190;
    runner->rest_heart_rate_bpm = 50;
    runner->mass_kg = NAN;
    runner->live_incline_pct = NAN;
}

static int setup(void **state)
{
    struct hall *hall = calloc(1, sizeof(*hall));

    add_runner(&hall->conf, "anna");
    add_runner(&hall->conf, "ben");
    add_sensor(&hall->conf, "anna-pod", ANNA);
    add_sensor(&hall->conf, "anna-strap", ANNA);
    add_sensor(&hall->conf, "ben-pod", BEN);
    add_sensor(&hall->conf, "ben-strap", BEN);
    add_sensor(&hall->conf, "belt", CONF_RUNNER_AUTO);
    hall->now_usec = 1000 * S;
    hall->tracker = calloc(1, tracker_size());
    tracker_init(hall->tracker, &hall->conf, &output, hall);
    *state = hall;
    return 0;
}

static int teardown(void **state)
{
    struct hall *hall = *state;

    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        free(hall->records[i]);
    free(hall->tracker);
    free(hall);
    return 0;
}

/* ---- what sensors say ------------------------------------------------------------------------- */

static void pod(struct hall *hall, size_t sensor, double speed, int cadence)
{
    int raw = (int)(speed * 256);
    double *total = &hall->total_m[sensor == BEN_POD];
    uint32_t dm;
    uint8_t bytes[8];

    *total += speed;
    dm = (uint32_t)(*total * 10);
    bytes[0] = 2;
    bytes[1] = (uint8_t)raw;
    bytes[2] = (uint8_t)(raw >> 8);
    bytes[3] = (uint8_t)cadence;
    for (int i = 0; i < 4; i++)
        bytes[4 + i] = (uint8_t)(dm >> (8 * i));
    tracker_notification(hall->tracker, hall->now_usec, sensor, 0x2a53, bytes, sizeof(bytes));
}

static void strap(struct hall *hall, size_t sensor, int bpm)
{
    uint8_t bytes[] = { 0x06, (uint8_t)bpm };

    tracker_notification(hall->tracker, hall->now_usec, sensor, 0x2a37, bytes, sizeof(bytes));
}

static void belt(struct hall *hall, double speed)
{
    int raw = (int)(speed * 360);
    uint8_t bytes[] = { 0, 0, (uint8_t)raw, (uint8_t)(raw >> 8) };

    tracker_notification(hall->tracker, hall->now_usec, BELT, 0x2acd, bytes, sizeof(bytes));
}

static void second(struct hall *hall)
{
    hall->now_usec += S;
    tracker_tick(hall->tracker, hall->now_usec);
}

static void run_for(struct hall *hall, int seconds, size_t sensor)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        pod(hall, sensor, 3, 170);
    }
}

static void idle_for(struct hall *hall, int seconds)
{
    for (int i = 0; i < seconds; i++)
        second(hall);
}

static const struct session *session_of(struct hall *hall, size_t runner)
{
    return tracker_session(hall->tracker, tracker_slot_of_runner(hall->tracker, runner));
}

/* ---- start and end ---------------------------------------------------------------------------- */

static void test_ten_seconds_of_steps_start_a_session_from_the_first_of_them(void **state)
{
    struct hall *hall = *state;

    second(hall);
    pod(hall, ANNA_POD, 0, 0); /* standing: the step packets tell of the time after this */
    run_for(hall, 9, ANNA_POD);
    assert_null(session_of(hall, ANNA));
    run_for(hall, 1, ANNA_POD);
    assert_non_null(session_of(hall, ANNA));
    assert_close(session_of(hall, ANNA)->distance.total, 30, 0.5);
    assert_int_equal(session_of(hall, ANNA)->begin_usec, hall->now_usec - 10 * S);
}

/* Fixed when it begins, in its recording behind whose it is; where it is not known nothing says so. */
static void test_what_a_step_is_compared_with_is_recorded(void **state)
{
    struct hall *hall = *state;
    size_t slot;

    run_for(hall, 20, ANNA_POD);
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    for (size_t i = 0; i < hall->n[slot]; i++)
        assert_int_not_equal(hall->records[slot][i].type, RECORD_OWN);
    assert_true(isnan(session_of(hall, ANNA)->ground.terrain.effort.own.cadence_spm));
    hall->own_is_known = true;
    run_for(hall, 20, BEN_POD);
    slot = tracker_slot_of_runner(hall->tracker, BEN);
    assert_int_equal(hall->records[slot][1].type, RECORD_RUNNER);
    assert_int_equal(hall->records[slot][2].type, RECORD_OWN);
    assert_close(session_of(hall, BEN)->ground.terrain.effort.own.cadence_spm, 170 + BEN, 0);
    assert_close(session_of(hall, BEN)->ground.terrain.effort.own.speed_m_s, 3, 0);
}

static void test_thirty_seconds_before_are_recorded_first_and_not_counted(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, 0, 0);
    }
    run_for(hall, 10, ANNA_POD);
    size_t notifications = 0, slot = tracker_slot_of_runner(hall->tracker, ANNA);
    for (size_t i = 0; i < hall->n[slot]; i++)
        notifications += hall->records[slot][i].type == RECORD_NOTIFICATION;
    assert_in_range(notifications, 30, 31);
    assert_close(session_of(hall, ANNA)->distance.total, 30, 0.5);
}

/* The steps wait until the unit is known; those of the seconds before are not the session's. */
static void test_steps_before_the_begin_are_not_counted_when_the_unit_is_decided_late(void **state)
{
    struct hall *hall = *state;
    struct payload_session summary;

    hall->conf.sensors[ANNA_POD].cadence_unit = CONF_CADENCE_AUTO;
    tracker_init(hall->tracker, &hall->conf, &output, hall);
    run_for(hall, 9, ANNA_POD);
    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, ANNA), TRACKER_OK);
    run_for(hall, 120, ANNA_POD);
    assert_int_equal(hall->learnt, 1);
    session_summary(session_of(hall, ANNA), hall->now_usec, &summary);
    assert_float_equal(summary.steps, 340, 3);
    assert_float_equal(summary.cadence_mean_spm, 170, 1);
}

static void test_nine_seconds_of_steps_are_a_walk_to_the_kitchen(void **state)
{
    struct hall *hall = *state;

    for (int times = 0; times < 10; times++) {
        run_for(hall, 9, ANNA_POD);
        second(hall);
        pod(hall, ANNA_POD, 0, 0);
    }
    assert_int_equal(hall->opened, 0);
}

static void test_ten_idle_minutes_end_it_at_the_last_step(void **state)
{
    struct hall *hall = *state;
    uint64_t last;

    run_for(hall, 300, ANNA_POD);
    last = hall->now_usec;
    idle_for(hall, 599);
    assert_int_equal(hall->closed, 0);
    idle_for(hall, 1);
    assert_int_equal(hall->closed, 1);
    assert_int_equal(hall->last.end_usec, (int64_t)(last + 1795221600 * S));
    assert_int_equal(hall->last.state, SESSION_ENDED);
    assert_close(hall->last.distance_m, 897, 1);
    assert_string_equal(hall->last.runner, "anna");
}

/* What a packet says that cannot be read is nothing; so is what the one before it said ten minutes ago. */
static void test_packets_that_say_nothing_end_it_and_begin_no_other(void **state)
{
    struct hall *hall = *state;

    run_for(hall, 300, ANNA_POD);
    for (int i = 0; i < 1200; i++) {
        second(hall);
        tracker_notification(hall->tracker, hall->now_usec, ANNA_POD, 0x2a53, (uint8_t[]){ 2 }, 1);
    }
    assert_int_equal(hall->closed, 1);
    assert_int_equal(hall->opened, 1);
    run_for(hall, 12, ANNA_POD);
    assert_int_equal(hall->opened, 2);
}

static void run_with_heart_for(struct hall *hall, int seconds, double speed, int bpm)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        pod(hall, ANNA_POD, speed, speed > 0 ? 170 : 0);
        strap(hall, ANNA_STRAP, bpm + i % 2);
    }
}

static void test_what_the_heart_did_after_the_last_step_is_no_part_of_the_run(void **state)
{
    struct hall *hall = *state;
    struct payload_session before;

    run_with_heart_for(hall, 300, 3.0, 160);
    session_summary(session_of(hall, ANNA), hall->now_usec, &before);
    run_with_heart_for(hall, 600, 0, 80);
    assert_int_equal(hall->closed, 1);
    assert_float_equal(hall->last.heart_rate_mean_bpm, 160.5, 0.1);
    assert_float_equal(hall->last.trimp, before.trimp, 0.05);
    assert_float_equal(hall->last.zone_s[3] + hall->last.zone_s[4], 300, 2);
}

static void test_a_pause_of_the_run_counts_for_the_heart_once_the_run_goes_on(void **state)
{
    struct hall *hall = *state;
    struct payload_session pause, after;

    run_with_heart_for(hall, 100, 3.0, 160);
    run_with_heart_for(hall, 100, 0, 100);
    session_summary(session_of(hall, ANNA), hall->now_usec, &pause);
    assert_float_equal(pause.heart_rate_mean_bpm, 160.5, 0.1);
    run_with_heart_for(hall, 100, 3.0, 160);
    session_summary(session_of(hall, ANNA), hall->now_usec, &after);
    assert_float_equal(after.heart_rate_mean_bpm, 140.5, 1);
    assert_true(after.trimp > 2 * pause.trimp);
}

static void test_it_pauses_and_resumes(void **state)
{
    struct hall *hall = *state;

    run_for(hall, 60, ANNA_POD);
    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, 0, 0);
    }
    assert_int_equal(session_state(session_of(hall, ANNA)), SESSION_PAUSED);
    run_for(hall, 60, ANNA_POD);
    assert_int_equal(session_state(session_of(hall, ANNA)), SESSION_RUNNING);
    assert_int_equal(hall->opened, 1);
    assert_close(session_of(hall, ANNA)->motion.moving_s, 119, 1.1);
}

static void test_told_to_stop_while_still_walking_starts_no_new_one(void **state)
{
    struct hall *hall = *state;

    run_for(hall, 60, ANNA_POD);
    assert_int_equal(tracker_end(hall->tracker, hall->now_usec,
                                 tracker_slot_of_runner(hall->tracker, ANNA), false, "stopped"),
                     TRACKER_OK);
    run_for(hall, 60, ANNA_POD);
    assert_int_equal(hall->opened, 1);
    idle_for(hall, 30); /* a still moment: the next run is one */
    run_for(hall, 20, ANNA_POD);
    assert_int_equal(hall->opened, 2);
}

static void test_a_person_may_start_and_only_once(void **state)
{
    struct hall *hall = *state;

    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, BEN), TRACKER_OK);
    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, BEN), TRACKER_E_ALREADY);
    assert_int_equal(tracker_incline(hall->tracker, hall->now_usec, ANNA, 2), TRACKER_E_NONE);
    assert_int_equal(tracker_route(hall->tracker, hall->now_usec, ANNA, NULL, 0), TRACKER_E_NONE);
    idle_for(hall, 600);
    assert_int_equal(hall->closed, 1);
    assert_true(isnan(hall->last.distance_m));
    assert_true(isnan(hall->last.moving_s));
}

/* 3 km down at 8 % in 150 places: live, and made anew from what was recorded, it is the same. */
static void test_a_route_is_recorded_place_by_place(void **state)
{
    static struct route_place places[150];
    struct hall *hall = *state;
    struct payload_session before, after;
    size_t slot, lines = 0;

    for (int i = 0; i < 150; i++)
        places[i] = (struct route_place){ i * 20.04, 500 - 0.08 * i * 20.04 };
    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, ANNA), TRACKER_OK);
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    assert_int_equal(tracker_route(hall->tracker, hall->now_usec, ANNA, places, 150), TRACKER_OK);
    run_for(hall, 300, ANNA_POD);
    for (size_t i = 0; i < hall->n[slot]; i++)
        lines += hall->records[slot][i].type == RECORD_ROUTE;
    assert_int_equal(lines, 7); /* of 24 places each */
    session_summary(tracker_session(hall->tracker, slot), hall->now_usec, &before);
    assert_string_equal(before.hills.source, "route");
    assert_true(before.hills.drop_m > 0.06 * before.distance_m);
    rebuild(hall, slot);
    session_summary(tracker_session(hall->tracker, slot), hall->now_usec, &after);
    assert_true(after.hills.drop_m == before.hills.drop_m);
    assert_int_equal(tracker_route(hall->tracker, hall->now_usec, ANNA, NULL, 0), TRACKER_OK);
    assert_int_equal(hall->records[slot][hall->n[slot] - 1].route.n, 0);
}

/* ---- silences --------------------------------------------------------------------------------- */

static void test_four_seconds_of_silence_are_a_gap_and_no_movement(void **state)
{
    struct hall *hall = *state;
    const struct session *session;

    run_for(hall, 60, ANNA_POD);
    session = session_of(hall, ANNA);
    assert_float_equal(session->motion.moving_s, 59, 0.01);
    idle_for(hall, 3);
    second(hall);
    /* its odometer stood still meanwhile: nobody knows what was */
    pod(hall, ANNA_POD, 3, 170);
    assert_float_equal(session->motion.moving_s, 59, 0.01);
    assert_float_equal(session->motion.gaps_s, 4, 0.01);
}

static void test_packets_that_were_held_back_leave_no_gap(void **state)
{
    struct hall *hall = *state;
    const struct session *session;

    run_for(hall, 60, ANNA_POD);
    idle_for(hall, 10);
    for (int i = 0; i < 10; i++) {
        hall->now_usec += 1000;
        pod(hall, ANNA_POD, 3, 170);
    }
    run_for(hall, 60, ANNA_POD);
    session = session_of(hall, ANNA);
    assert_float_equal(session->motion.gaps_s, 0, 0.01);
    assert_float_equal(session->motion.moving_s, 129, 0.02);
    assert_float_equal(session->distance.total, 387, 1);
    assert_float_equal(gait_mean_spm(&session->gait), 170, 1); /* whose steps nobody told */
}

static void test_a_pod_that_takes_over_from_a_silent_belt_leaves_no_gap(void **state)
{
    struct hall *hall = *state;
    const struct session *session;

    hall->conf.sensors[BELT].runner = ANNA;
    for (int i = 0; i < 60; i++) {
        second(hall);
        belt(hall, 3);
        pod(hall, ANNA_POD, 3, 170);
    }
    run_for(hall, 60, ANNA_POD);
    session = session_of(hall, ANNA);
    assert_float_equal(session->motion.gaps_s, 0, 0.01);
    assert_float_equal(session->motion.moving_s, 119, 0.01);
}

static void test_the_packet_after_a_dropout_is_no_highest_cadence(void **state)
{
    struct hall *hall = *state;

    run_for(hall, 60, ANNA_POD);
    idle_for(hall, 20);
    second(hall);
    pod(hall, ANNA_POD, 3, 220);
    run_for(hall, 60, ANNA_POD);
    assert_in_range((int)session_of(hall, ANNA)->gait.max_spm, 170, 190);
}

static void test_what_the_heart_does_after_the_last_step_is_not_the_runs(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 120; i++) {
        second(hall);
        strap(hall, ANNA_STRAP, 150 + i % 2);
        pod(hall, ANNA_POD, 3, 170);
    }
    for (int i = 0; i < 600; i++) {
        second(hall);
        strap(hall, ANNA_STRAP, 90 + i % 2);
    }
    assert_int_equal(hall->closed, 1);
    assert_float_equal(hall->last.elapsed_s, 119, 0.01);
    assert_float_equal(hall->last.heart_rate_mean_bpm, 150.5, 0.1);
    assert_float_equal(hall->last.zone_s[2] + hall->last.zone_s[3], 119, 1);
}

/* ---- one after the other ---------------------------------------------------------------------- */

static void strap_for(struct hall *hall, int seconds, int bpm)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        strap(hall, ANNA_STRAP, bpm + i % 2);
    }
}

static void test_told_to_stop_a_heart_that_is_still_fast_starts_no_new_one(void **state)
{
    struct hall *hall = *state;

    strap_for(hall, 300, 150);
    assert_int_equal(hall->opened, 1);
    tracker_end(hall->tracker, hall->now_usec, tracker_slot_of_runner(hall->tracker, ANNA), false,
                "stopped");
    hall->strained = 0;
    strap_for(hall, 300, 140);
    assert_int_equal(hall->opened, 1);
    assert_int_equal(hall->strained, 0); /* nor does it keep the strap */
    strap_for(hall, 10, 80);             /* a calm moment: the next effort is one */
    strap_for(hall, 125, 150);
    assert_int_equal(hall->opened, 2);
    assert_int_equal(hall->strained, 125);
}

static void test_a_session_begins_where_the_one_before_ended_at_the_earliest(void **state)
{
    struct hall *hall = *state;
    uint64_t last_step_usec;

    for (int i = 0; i < 300; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        strap(hall, ANNA_STRAP, 150 + i % 2);
    }
    last_step_usec = hall->now_usec;
    strap_for(hall, 605, 150); /* off the belt and on the bicycle */
    assert_int_equal(hall->closed, 1);
    assert_int_equal(hall->opened, 2);
    assert_true(session_of(hall, ANNA)->begin_usec >= last_step_usec);
}

/* ---- heart rate alone ------------------------------------------------------------------------- */

static void test_half_the_reserve_for_two_minutes_is_a_heart_rate_session(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 121; i++) {
        assert_null(session_of(hall, ANNA));
        second(hall);
        strap(hall, ANNA_STRAP, 120 + i % 2); /* half of 50..190 */
    }
    assert_non_null(session_of(hall, ANNA));
    for (int i = 0; i < 600; i++) {
        second(hall);
        strap(hall, ANNA_STRAP, 120 + i % 2);
    }
    assert_int_equal(session_kind(session_of(hall, ANNA)), SESSION_HEART_RATE);
    for (int i = 0; i < 600; i++) {
        second(hall);
        strap(hall, ANNA_STRAP, 80 + i % 2);
    }
    assert_int_equal(hall->closed, 1);
    assert_true(isnan(hall->last.distance_m));
    assert_close(hall->last.elapsed_s, 720, 2);
}

static void test_below_half_the_reserve_is_daily_life(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 1000; i++) {
        second(hall);
        strap(hall, ANNA_STRAP, 118 + i % 2);
    }
    assert_int_equal(hall->opened, 0);
}

static void test_a_heart_beside_a_standing_pod_starts_nothing(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 300; i++) {
        second(hall);
        pod(hall, ANNA_POD, 0, 0);
        strap(hall, ANNA_STRAP, 150 + i % 2);
    }
    assert_int_equal(hall->opened, 0);
}

/* ---- two runners, one belt -------------------------------------------------------------------- */

static void test_two_runners_at_once_stay_apart(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 120; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        pod(hall, BEN_POD, 4, 180);
        strap(hall, ANNA_STRAP, 150 + i % 2);
        strap(hall, BEN_STRAP, 170 + i % 2);
    }
    assert_int_equal(hall->opened, 2);
    assert_close(session_of(hall, ANNA)->distance.total, 357, 1);
    assert_close(session_of(hall, BEN)->distance.total, 476, 1);
    assert_close(session_of(hall, ANNA)->heart_rate_bpm, 150.5, 0.6);
    assert_close(session_of(hall, BEN)->heart_rate_bpm, 170.5, 0.6);
}

static void test_the_belt_goes_to_the_one_whose_pod_streams_from_its_start(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 300; i++) {
        second(hall);
        belt(hall, 2.5);
        if (i >= 20)
            pod(hall, ANNA_POD, 3, 170); /* a pod that reads 20 % too much */
    }
    assert_int_equal(hall->merged, 1);
    assert_close(session_of(hall, ANNA)->distance.total, 747.5, 3);
    assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_BELT);
    idle_for(hall, 600);
    assert_int_equal(hall->closed, 1);
    assert_close(hall->last.elapsed_s, 299, 1.1);
}

static void test_a_sensor_that_comes_after_the_merge_gets_a_number_of_its_own(void **state)
{
    struct hall *hall = *state;
    size_t slot;

    for (int i = 0; i < 300; i++) {
        second(hall);
        if (hall->merged) /* before the belt speaks again */
            strap(hall, ANNA_STRAP, 150 + i % 2);
        belt(hall, 2.5);
        pod(hall, ANNA_POD, 3, 170);
    }
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    assert_int_equal(hall->merged, 1);
    rebuild(hall, slot); /* as a restart would */
    assert_float_equal(session_of(hall, ANNA)->distance.total, 747.5, 3);
    assert_float_equal(session_of(hall, ANNA)->heart.known_s, 179, 5);
    assert_string_equal(session_of(hall, ANNA)->sensors[0].conf.name, "anna-pod");
    assert_string_equal(session_of(hall, ANNA)->sensors[1].conf.name, "belt");
    assert_string_equal(session_of(hall, ANNA)->sensors[2].conf.name, "anna-strap");
}

static void test_the_belt_goes_to_the_one_who_wears_only_a_strap(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 300; i++) {
        second(hall);
        belt(hall, 2.5);
        if (i >= 30)
            strap(hall, BEN_STRAP, 140 + i % 2);
    }
    assert_int_equal(hall->opened, 1);
    assert_non_null(session_of(hall, BEN));
    assert_close(session_of(hall, BEN)->distance.total, 747.5, 3);
    assert_close(session_of(hall, BEN)->heart.known_s, 269, 3);
}

/* The slot of the n-th that is nobody's. */
static size_t nobodys(const struct hall *hall, int n)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++) {
        const struct session *session = tracker_session(hall->tracker, i);

        if (session && !session->runner.id[0] && n-- == 0)
            return i;
    }
    return TRACKER_NONE;
}

/* Undecided or nobody's for good, with a session of theirs (i) or without: it is theirs from its start. */
static void test_a_person_says_who_is_on_the_belt(void **state)
{
    for (int i = 0; i < 2; i++)
        for (int said_s = 60; said_s < 300; said_s += 120) {
            struct hall *hall = *state;

            for (int s = 0; s < 300; s++) {
                second(hall);
                belt(hall, 2.5);
                if (i) {
                    pod(hall, ANNA_POD, 3, 170);
                    pod(hall, BEN_POD, 3, 170);
                }
                if (s != said_s)
                    continue;
                size_t slot = nobodys(hall, 0);

                assert_int_equal(tracker_give(hall->tracker, slot, ANNA), TRACKER_OK);
                slot = tracker_slot_of_runner(hall->tracker, ANNA);
                assert_int_equal(tracker_give(hall->tracker, slot, BEN), TRACKER_E_ALREADY);
            }
            assert_close(session_of(hall, ANNA)->distance.total, 747.5, 3);
            assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_BELT);
            teardown(state);
            setup(state);
        }
}

static void test_with_two_at_hand_or_none_the_belt_is_nobodys(void **state)
{
    for (int both = 0; both < 2; both++) {
        struct hall *hall = *state;

        for (int i = 0; i < 200; i++) {
            second(hall);
            belt(hall, 2.5);
            if (both) {
                pod(hall, ANNA_POD, 3, 170);
                pod(hall, BEN_POD, 3, 170);
            }
        }
        assert_int_equal(hall->merged, 0);
        if (both) {
            assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_POD);
            assert_int_equal(session_of(hall, BEN)->distance.active, SAMPLE_SOURCE_POD);
        }
        idle_for(hall, 600);
        teardown(state);
        setup(state);
    }
}

static void test_the_length_of_a_step_is_of_one_moment(void **state)
{
    struct hall *hall = *state;
    struct payload_live live;

    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, i % 20 < 10 ? 2 : 4, i % 20 < 10 ? 120 : 200);
        if (i < 20)
            continue;
        session_live(session_of(hall, ANNA), hall->now_usec, &live);
        assert_true(live.step_length_m >= 0.999 && live.step_length_m <= 1.201);
    }
}

/* ---- live is what is recorded ----------------------------------------------------------------- */

static void test_a_recording_gives_the_figures_that_were_shown(void **state)
{
    struct hall *hall = *state;
    static struct session again;
    struct payload_live live, replayed;
    size_t slot;

    for (int i = 0; i < 200; i++) {
        second(hall);
        if (i % 50 < 40)
            pod(hall, ANNA_POD, 3 + i % 3, 165 + i % 9);
        strap(hall, ANNA_STRAP, 140 + i % 20);
    }
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    session_init(&again);
    for (size_t i = 0; i < hall->n[slot]; i++)
        session_apply(&again, &hall->records[slot][i]);
    session_live(session_of(hall, ANNA), hall->now_usec, &live);
    session_live(&again, hall->now_usec, &replayed);
    assert_memory_equal(&live, &replayed, sizeof(live));
}

static void test_a_restored_session_goes_on_as_if_nothing_had_been(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;
    size_t slot;

    run_for(hall, 100, ANNA_POD);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec;
    other->total_m[0] = hall->total_m[0];
    slot = tracker_restore(other->tracker);
    for (size_t i = 0; i < hall->n[0]; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[0][i]);
    tracker_restored(other->tracker, slot, other->now_usec);
    assert_int_equal(tracker_slot_of_runner(other->tracker, ANNA), slot);
    run_for(hall, 100, ANNA_POD);
    run_for(other, 100, ANNA_POD);
    assert_close(session_of(other, ANNA)->distance.total, session_of(hall, ANNA)->distance.total,
                 1e-6);
    assert_close(session_of(other, ANNA)->motion.moving_s, session_of(hall, ANNA)->motion.moving_s,
                 1e-6);
    assert_int_equal(other->opened, 0);
    teardown(&other_state);
}

static void test_a_restored_session_that_was_idle_too_long_ends(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;
    size_t slot;

    run_for(hall, 100, ANNA_POD);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + 700 * S;
    slot = tracker_restore(other->tracker);
    for (size_t i = 0; i < hall->n[0]; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[0][i]);
    tracker_restored(other->tracker, slot, other->now_usec);
    assert_int_equal(other->closed, 1);
    assert_close(other->last.elapsed_s, 99, 1.1);
    teardown(&other_state);
}

/* ---- a belt that stands ------------------------------------------------------------------------ */

/* With one runner the treadmill is theirs, is linked all day, and tells 0 each second. */
static void test_a_run_beside_a_belt_that_stands_is_one_run(void **state)
{
    struct hall *hall = *state;

    hall->conf.sensors[BELT].runner = ANNA;
    for (int i = 0; i < 700; i++) {
        second(hall);
        belt(hall, 0);
        pod(hall, ANNA_POD, 3, 170);
    }
    assert_int_equal(hall->opened, 1);
    assert_int_equal(hall->closed, 0);
    assert_close(session_of(hall, ANNA)->distance.total, 2100, 3.01);
}

/* What it says is nothing of the pod's silence. */
static void test_a_silence_beside_a_belt_that_stands_is_bridged(void **state)
{
    struct hall *hall = *state;
    const struct session *session;

    hall->conf.sensors[BELT].runner = ANNA;
    for (int i = 0; i < 130; i++) {
        second(hall);
        belt(hall, 0);
        if (i < 60 || i >= 70)
            pod(hall, ANNA_POD, 3, 170);
        else
            hall->total_m[0] += 3; /* its odometer runs on */
        session = session_of(hall, ANNA);
        if (i == 69) /* nobody knows it: that is not 0 */
            assert_true(isnan(window_mean(&session->speed_m_s, hall->now_usec)));
        if (session)
            assert_int_not_equal(session_state(session), SESSION_PAUSED);
    }
    assert_float_equal(session->motion.gaps_s, 0, 0.01);
    assert_float_equal(session->motion.moving_s, 129, 1.1);
    assert_float_equal(session->distance.total, 387, 3.1);
}

/* After the run on it the runner walks on, away from the belt. */
static void test_who_leaves_the_belt_and_walks_on_is_not_idle(void **state)
{
    struct hall *hall = *state;

    hall->conf.sensors[BELT].runner = ANNA;
    for (int i = 0; i < 1300; i++) {
        second(hall);
        belt(hall, i < 300 ? 3 : 0);
        pod(hall, ANNA_POD, i < 300 ? 3 : 1.5, 120);
    }
    assert_int_equal(hall->opened, 1);
    assert_int_equal(hall->closed, 0);
    assert_close(session_of(hall, ANNA)->distance.total, 300 * 3 + 992 * 1.5, 6);
}

/* A recording that has no number left for its sensor hears nothing of the runner, who goes on. */
static void test_who_moves_unheard_begins_anew_once_the_session_is_idle(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    run_for(hall, 60, ANNA_POD);
    for (int i = 0; i <= RECORDING_SENSORS_MAX; i++) {
        other = hall->conf;
        other.sensors[ANNA_POD].factor = 1 + i % 2 / 10.0;
        tracker_set_conf(hall->tracker, &other);
        run_for(hall, 10, ANNA_POD);
        hall->conf = other;
        tracker_set_conf(hall->tracker, &hall->conf);
    }
    run_for(hall, 550, ANNA_POD);
    assert_int_equal(hall->closed, 0);
    run_for(hall, 100, ANNA_POD);
    assert_int_equal(hall->closed, 1);
    assert_int_equal(hall->opened, 2);
    assert_in_range(session_began(session_of(hall, ANNA)), hall->now_usec - 100 * S,
                    hall->now_usec);
}

/* ---- a belt without an incline ----------------------------------------------------------------- */

static void notify(struct hall *hall, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                   size_t length)
{
    tracker_notification(hall->tracker, hall->now_usec, sensor, uuid, bytes, length);
}

/* It tells an incline, which is always 0. */
static void level_belt_for(struct hall *hall, int seconds, double speed)
{
    int raw = (int)(speed * 360);
    uint8_t bytes[] = { 0x08, 0, (uint8_t)raw, (uint8_t)(raw >> 8), 0, 0, 0xff, 0x7f };

    for (int i = 0; i < seconds; i++) {
        second(hall);
        notify(hall, BELT, 0x2acd, bytes, sizeof(bytes));
    }
}

static void has_grade(struct hall *hall, double grade_pct, const char *source)
{
    struct payload_live live;

    session_live(session_of(hall, ANNA), hall->now_usec, &live);
    assert_close(live.grade_pct, grade_pct, 1e-9);
    assert_string_equal(live.hills.source, source);
}

/* It says so when it is linked, in the morning; the run is long after. */
static void test_a_belt_that_has_no_incline_is_known_for_one_all_day(void **state)
{
    static const uint8_t none[] = { 0, 0, 0, 0, 5, 0 }, garbage[] = { 1 };
    struct hall *hall = *state;
    static struct conf other;

    hall->conf.sensors[BELT].runner = ANNA;
    second(hall);
    notify(hall, BELT, 0x2ad5, none, sizeof(none));
    notify(hall, BELT, 0x2ad5, garbage, sizeof(garbage));
    level_belt_for(hall, 120, 0);
    level_belt_for(hall, 60, 3);
    assert_int_equal(tracker_incline(hall->tracker, hall->now_usec, ANNA, 4), TRACKER_OK);
    level_belt_for(hall, 60, 3);
    has_grade(hall, 4, "incline");
    other = hall->conf;
    other.sensors[BELT].factor = 1.1; /* declared anew */
    tracker_set_conf(hall->tracker, &other);
    level_belt_for(hall, 60, 3);
    has_grade(hall, 4, "incline");
    rebuild(hall, tracker_slot_of_runner(hall->tracker, ANNA));
    has_grade(hall, 4, "incline");
}

static void test_a_belt_that_has_an_incline_is_believed_that_it_is_level(void **state)
{
    static const uint8_t some[] = { 0, 0, 150, 0, 5, 0 };
    struct hall *hall = *state;

    hall->conf.sensors[BELT].runner = ANNA;
    second(hall);
    notify(hall, BELT, 0x2ad5, some, sizeof(some));
    level_belt_for(hall, 120, 0);
    level_belt_for(hall, 60, 3);
    assert_int_equal(tracker_incline(hall->tracker, hall->now_usec, ANNA, 4), TRACKER_OK);
    level_belt_for(hall, 60, 3);
    has_grade(hall, 0, "belt");
}

/* ---- told to stop, then a restart ---------------------------------------------------------------- */

/* Its range is read as the link is made, and is the first that was heard of it. */
static void test_what_was_read_of_a_belt_that_moved_already_is_recorded_once(void **state)
{
    static const uint8_t some[] = { 0, 0, 150, 0, 5, 0 };
    struct hall *hall = *state;
    size_t slot, n = 0;

    hall->conf.sensors[BELT].runner = ANNA;
    second(hall);
    notify(hall, BELT, 0x2ad5, some, sizeof(some));
    level_belt_for(hall, 20, 3);
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    assert_true(slot != TRACKER_NONE);
    for (size_t i = 0; i < hall->n[slot]; i++)
        n += hall->records[slot][i].type == RECORD_NOTIFICATION &&
             hall->records[slot][i].notification.uuid == 0x2ad5;
    assert_int_equal(n, 1);
    has_grade(hall, 0, "belt");
}

static void stop(struct hall *hall)
{
    tracker_end(hall->tracker, hall->now_usec, tracker_slot_of_runner(hall->tracker, ANNA), false,
                "stopped");
}

/* The daemon starts again so much later, and reads the recording of the first session. */
static struct hall *restart_after(struct hall *hall, int seconds, bool has_result)
{
    struct hall *other;
    void *other_state;
    size_t slot;

    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + (uint64_t)seconds * S;
    other->total_m[0] = hall->total_m[0];
    slot = tracker_restore(other->tracker);
    for (size_t i = 0; i < hall->n[0]; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[0][i]);
    if (has_result)
        tracker_recall(other->tracker, slot, other->now_usec);
    else
        tracker_restored(other->tracker, slot, other->now_usec);
    assert_null(tracker_session(other->tracker, slot));
    assert_int_equal(other->closed, !has_result);
    return other;
}

static void end(struct hall *hall)
{
    void *state = hall;

    teardown(&state);
}

static void test_told_to_stop_holds_over_a_restart(void **state)
{
    static const struct {
        const char *label;
        int walked_s, down_s, silent_s; /* after the stop; without a daemon; until heard again */
        bool has_result;
        int opened;
    } rows[] = {
        { "killed before its result was stored", 0, 5, 0, false, 0 },
        { "started again at once", 30, 2, 3, true, 0 },
        { "a sensor that is slow to be found", 30, 2, 50, true, 0 },
        { "ten minutes ago", 0, 599, 0, true, 0 },
        { "longer ago: that is another run", 0, 601, 0, true, 1 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        void *first_state;
        struct hall *first, *other;

        setup(&first_state);
        first = first_state;
        run_for(first, 60, ANNA_POD);
        stop(first);
        run_for(first, rows[i].walked_s, ANNA_POD);
        other = restart_after(first, rows[i].down_s, rows[i].has_result);
        idle_for(other, rows[i].silent_s);
        run_for(other, 60, ANNA_POD);
        if (other->opened != rows[i].opened)
            fail_msg("%s: %d sessions", rows[i].label, other->opened);
        idle_for(other, 30); /* a still moment: the next run is one */
        run_for(other, 20, ANNA_POD);
        if (other->opened != 1)
            fail_msg("%s: %d sessions after a still moment", rows[i].label, other->opened);
        end(other);
        end(first);
    }
}

static void test_who_stands_after_the_restart_may_run_again(void **state)
{
    struct hall *hall = *state, *other;

    run_for(hall, 60, ANNA_POD);
    stop(hall);
    other = restart_after(hall, 5, true);
    for (int i = 0; i < 12; i++) {
        second(other);
        pod(other, ANNA_POD, 0, 0);
    }
    run_for(other, 20, ANNA_POD);
    assert_int_equal(other->opened, 1);
    end(other);
}

static void test_told_to_stop_holds_over_a_restart_for_a_fast_heart(void **state)
{
    struct hall *hall = *state, *other;

    strap_for(hall, 300, 150);
    stop(hall);
    other = restart_after(hall, 5, true);
    strap_for(other, 300, 140);
    assert_int_equal(other->opened, 0);
    strap_for(other, 10, 80);
    strap_for(other, 125, 150);
    assert_int_equal(other->opened, 1);
    end(other);
}

static void test_a_session_that_ended_idle_holds_nobody_back(void **state)
{
    struct hall *hall = *state, *other;

    run_for(hall, 60, ANNA_POD);
    idle_for(hall, 601);
    assert_int_equal(hall->closed, 1);
    other = restart_after(hall, 5, true);
    run_for(other, 20, ANNA_POD);
    assert_int_equal(other->opened, 1);
    end(other);
}

static void test_a_person_may_start_after_a_stop_and_a_restart(void **state)
{
    struct hall *hall = *state, *other;

    run_for(hall, 60, ANNA_POD);
    stop(hall);
    other = restart_after(hall, 5, true);
    assert_int_equal(tracker_start(other->tracker, other->now_usec, ANNA), TRACKER_OK);
    end(other);
}

/* What the configuration says is read again, with Ben before Anna. */
static void reload_in_another_order(struct hall *hall, struct conf *other)
{
    memset(other, 0, sizeof(*other));
    add_runner(other, "ben");
    add_runner(other, "anna");
    for (size_t i = 0; i < hall->conf.n_sensors; i++) {
        other->sensors[i] = hall->conf.sensors[i];
        if (other->sensors[i].runner >= 0)
            other->sensors[i].runner = 1 - other->sensors[i].runner;
    }
    other->n_sensors = hall->conf.n_sensors;
    tracker_set_conf(hall->tracker, other);
}

static void test_told_to_stop_holds_over_a_reload(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    run_for(hall, 60, ANNA_POD);
    tracker_end(hall->tracker, hall->now_usec, tracker_slot_of_runner(hall->tracker, ANNA), false,
                "stopped");
    reload_in_another_order(hall, &other);
    run_for(hall, 60, ANNA_POD);
    assert_int_equal(hall->opened, 1);
    run_for(hall, 20, BEN_POD); /* who was never told */
    assert_int_equal(hall->opened, 2);
}

static void test_a_reload_in_the_first_steps_loses_none_of_them(void **state)
{
    struct hall *hall = *state;
    static struct conf other;
    double began_m = hall->total_m[ANNA_POD];

    run_for(hall, 7, ANNA_POD);
    assert_int_equal(hall->opened, 0);
    reload_in_another_order(hall, &other);
    run_for(hall, 53, ANNA_POD);
    assert_int_equal(hall->opened, 1);
    /* anna's index is ben's now; all but the first packet, which only says where the pod stood */
    assert_close(session_of(hall, BEN)->distance.total, hall->total_m[ANNA_POD] - began_m, 3.1);
}

static void test_a_reload_while_the_belt_is_undecided_loses_nothing_of_its_runner(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    for (int i = 0; i < 300; i++) {
        second(hall);
        belt(hall, 2.5);
        strap(hall, BEN_STRAP, 140 + i % 2);
        if (i == 90)
            reload_in_another_order(hall, &other);
    }
    assert_int_equal(hall->opened, 1);
    assert_non_null(session_of(hall, 0)); /* who is the first now */
    assert_close(session_of(hall, 0)->distance.total, 747.5, 3);
    assert_close(session_of(hall, 0)->heart.known_s, 299, 3);
}

static void belt_and_strap_for(struct hall *hall, int seconds, size_t strap_of)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        belt(hall, 2.5);
        strap(hall, strap_of, 100 + i % 2);
    }
}

/* Ben's strap is the only one that speaks, and yet the belt is anna's: the configuration says so. */
static void test_a_belt_that_a_reload_gives_to_somebody_is_theirs_with_what_is_open(void **state)
{
    static const int reloaded_after_s[] = { 5, 60, 400 }; /* no session yet, undecided, nobody's */
    static struct conf other;

    for (size_t i = 0; i < sizeof(reloaded_after_s) / sizeof(reloaded_after_s[0]); i++)
        for (int own = 0; own <= 1; own++) { /* anna has begun a session of her own */
            struct hall *hall;
            /* what nobody's session had of it yet came before it was hers */
            double whole_m = 2.5 * (i == 0 && own ? 199 : reloaded_after_s[i] + 199);

            setup((void **)&hall);
            if (own)
                assert_int_equal(tracker_start(hall->tracker, hall->now_usec, ANNA), TRACKER_OK);
            for (int t = 0; t < reloaded_after_s[i]; t++) {
                second(hall);
                belt(hall, 2.5);
                if (i < 2) /* after two minutes with nobody, it is nobody's */
                    strap(hall, BEN_STRAP, 100 + t % 2);
            }
            other = hall->conf;
            other.sensors[BELT].runner = ANNA;
            tracker_set_conf(hall->tracker, &other);
            belt_and_strap_for(hall, 200, BEN_STRAP);
            print_message("after %d s, %d\n", reloaded_after_s[i], own);
            assert_null(session_of(hall, BEN));
            assert_non_null(session_of(hall, ANNA));
            assert_close(session_of(hall, ANNA)->distance.total, whole_m, 5);
            for (size_t slot = 0, open = 0; slot < TRACKER_SLOTS_MAX; slot++) {
                open += tracker_session(hall->tracker, slot) != NULL;
                assert_true(open <= 1);
            }
            teardown((void **)&hall);
        }
}

static void test_a_belt_that_a_reload_makes_everybodys_stays_in_the_session_it_is_in(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    hall->conf.sensors[BELT].runner = ANNA;
    belt_and_strap_for(hall, 60, ANNA_STRAP);
    other = hall->conf;
    other.sensors[BELT].runner = CONF_RUNNER_AUTO;
    tracker_set_conf(hall->tracker, &other);
    belt_and_strap_for(hall, 200, BEN_STRAP);
    assert_int_equal(hall->opened, 1);
    assert_close(session_of(hall, ANNA)->distance.total, 2.5 * 259, 5);
    tracker_end(hall->tracker, hall->now_usec, tracker_slot_of_runner(hall->tracker, ANNA), false,
                "stopped");
    idle_for(hall, 20);
    belt_and_strap_for(hall, 200, BEN_STRAP);
    assert_non_null(session_of(hall, BEN)); /* and the next is whoever's */
}

static void test_a_factor_changed_in_the_middle_counts_from_there(void **state)
{
    struct hall *hall = *state;
    static struct conf other;
    double before_m;

    run_for(hall, 101, ANNA_POD);
    before_m = session_of(hall, ANNA)->distance.total;
    other = hall->conf;
    other.sensors[ANNA_POD].factor = 1.1;
    tracker_set_conf(hall->tracker, &other);
    run_for(hall, 100, ANNA_POD);
    assert_int_equal(hall->opened, 1);
    assert_close(session_of(hall, ANNA)->distance.total, before_m + 100 * 3 * 1.1, 4);
}

/* 84 a minute at 3 m/s are strides, whatever was configured by mistake. */
static void test_a_unit_that_is_configured_no_more_is_decided_in_the_run(void **state)
{
    struct hall *hall = *state;
    static struct conf other;
    double before;

    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 84);
    }
    before = session_of(hall, ANNA)->steps.total;
    assert_close(before, 84, 3);
    other = hall->conf;
    other.sensors[ANNA_POD].cadence_unit = CONF_CADENCE_AUTO;
    tracker_set_conf(hall->tracker, &other);
    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 84);
    }
    assert_int_equal(hall->learnt, 1);
    assert_close(session_of(hall, ANNA)->steps.total, before + 168, 4);
}

/* The daemon starts again with its configuration changed, and reads the open recording. */
static struct hall *restart_with(struct hall *hall, double factor, enum conf_cadence_unit unit)
{
    struct hall *other;
    void *other_state;
    size_t slot;

    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec;
    other->total_m[0] = hall->total_m[0];
    other->conf.sensors[ANNA_POD].factor = factor;
    other->conf.sensors[ANNA_POD].cadence_unit = unit;
    tracker_init(other->tracker, &other->conf, &output, other);
    slot = tracker_restore(other->tracker);
    for (size_t i = 0; i < hall->n[0]; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[0][i]);
    tracker_restored(other->tracker, slot, other->now_usec);
    assert_int_equal(tracker_slot_of_runner(other->tracker, ANNA), slot);
    return other;
}

static void test_a_factor_or_unit_changed_over_a_restart_counts_from_there(void **state)
{
    static const struct {
        double factor;
        enum conf_cadence_unit unit;
        double metres, steps;
    } rows[] = {
        { 1, CONF_CADENCE_STEPS, 300, 140 },
        { 1.1, CONF_CADENCE_STEPS, 330, 140 },
        { 1, CONF_CADENCE_STRIDES, 300, 280 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hall *hall, *other;
        void *hall_state;
        double before_m, before;

        setup(&hall_state);
        hall = hall_state;
        for (int t = 0; t < 101; t++) {
            second(hall);
            pod(hall, ANNA_POD, 3, 84);
        }
        other = restart_with(hall, rows[i].factor, rows[i].unit);
        before_m = session_of(other, ANNA)->distance.total;
        before = session_of(other, ANNA)->steps.total;
        for (int t = 0; t < 100; t++) {
            second(other);
            pod(other, ANNA_POD, 3, 84);
        }
        print_message("factor %g, unit %d\n", rows[i].factor, (int)rows[i].unit);
        assert_int_equal(other->opened, 0);
        assert_close(session_of(other, ANNA)->distance.total, before_m + rows[i].metres, 4);
        assert_close(session_of(other, ANNA)->steps.total, before + rows[i].steps, 4);
        teardown(&hall_state);
        hall_state = other;
        teardown(&hall_state);
    }
}

/* While nobody knows what it counts, its steps wait; then a person says it. */
static void walk_for(struct hall *hall, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        pod(hall, ANNA_POD, 1.4, 55);
    }
}

static void test_steps_that_wait_for_the_unit_are_told_once_a_reload_says_it(void **state)
{
    struct hall *hall = *state;
    static struct conf other;
    size_t slot;
    double metres;

    hall->conf.sensors[ANNA_POD].cadence_unit = CONF_CADENCE_AUTO;
    tracker_init(hall->tracker, &hall->conf, &output, hall);
    walk_for(hall, 120);
    assert_false(session_of(hall, ANNA)->steps.any);
    other = hall->conf;
    other.sensors[ANNA_POD].cadence_unit = CONF_CADENCE_STRIDES;
    tracker_set_conf(hall->tracker, &other);
    walk_for(hall, 60);
    metres = session_of(hall, ANNA)->distance.total;
    assert_close(session_of(hall, ANNA)->steps.total, 3 * 110, 4);
    assert_close(metres, 180 * 1.4, 3);
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    rebuild(hall, slot);
    assert_close(session_of(hall, ANNA)->steps.total, 3 * 110, 4);
    assert_close(session_of(hall, ANNA)->distance.total, metres, 1e-6);
}

static void test_steps_that_wait_for_the_unit_are_told_once_a_restart_says_it(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;

    hall->conf.sensors[ANNA_POD].cadence_unit = CONF_CADENCE_AUTO;
    tracker_init(hall->tracker, &hall->conf, &output, hall);
    walk_for(hall, 120);
    other = restart_with(hall, 1, CONF_CADENCE_STRIDES);
    walk_for(other, 60);
    assert_close(session_of(other, ANNA)->steps.total, 3 * 110, 4);
    other_state = other;
    teardown(&other_state);
}

/* An edit that was a mistake, and is taken back. */
static void test_a_runner_that_is_gone_for_one_reload_finds_the_session_again(void **state)
{
    struct hall *hall = *state;
    static struct conf other;
    size_t slot;

    run_for(hall, 60, ANNA_POD);
    slot = tracker_slot_of_runner(hall->tracker, ANNA);
    add_runner(&other, "ben");
    tracker_set_conf(hall->tracker, &other);
    idle_for(hall, 10);
    assert_int_equal(tracker_slot_of_runner(hall->tracker, 0), TRACKER_NONE);
    tracker_set_conf(hall->tracker, &hall->conf);
    run_for(hall, 60, ANNA_POD);
    assert_int_equal(hall->opened, 1);
    assert_int_equal(tracker_slot_of_runner(hall->tracker, ANNA), slot);
}

static void test_a_session_knows_whether_a_person_began_it(void **state)
{
    struct hall *hall = *state;

    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, ANNA), TRACKER_OK);
    run_for(hall, 100, BEN_POD);
    assert_true(session_of(hall, ANNA)->asked);
    assert_false(session_of(hall, BEN)->asked);
    rebuild(hall, tracker_slot_of_runner(hall->tracker, ANNA)); /* it stands in the recording */
    assert_true(session_of(hall, ANNA)->asked);
}

static void test_a_restored_session_makes_way_for_one_that_was_begun_meanwhile(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;
    size_t slot;

    run_for(hall, 100, ANNA_POD);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + 20 * S;
    assert_int_equal(tracker_start(other->tracker, other->now_usec, ANNA), TRACKER_OK);
    slot = tracker_restore(other->tracker);
    for (size_t i = 0; i < hall->n[0]; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[0][i]);
    tracker_restored(other->tracker, slot, other->now_usec);
    assert_int_equal(other->closed, 1);
    assert_close(other->last.elapsed_s, 99, 1.1);
    assert_null(tracker_session(other->tracker, slot));
    assert_int_not_equal(tracker_slot_of_runner(other->tracker, ANNA), TRACKER_NONE);
    teardown(&other_state);
}

static void test_a_reloaded_config_in_another_order_loses_nothing(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    run_for(hall, 100, BEN_POD);
    memset(&other, 0, sizeof(other));
    add_runner(&other, "ben");
    other.sensors[other.n_sensors++] = hall->conf.sensors[BEN_POD];
    other.sensors[0].runner = 0;
    tracker_set_conf(hall->tracker, &other);
    for (int i = 0; i < 100; i++) {
        second(hall);
        hall->total_m[0] = hall->total_m[1] += 3;
        hall->total_m[0] -= 3; /* pod() adds it */
        pod(hall, 0, 3, 170);
    }
    assert_int_equal(hall->opened, 1);
    assert_close(session_of(hall, 0)->distance.total, 597, 1);
}

/* ---- a shared belt that still turns after its session was told to stop -------------------------- */

static void belt_for(struct hall *hall, int seconds, double speed)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        belt(hall, speed);
    }
}

/* The first session that is open. */
static size_t the_open(const struct hall *hall)
{
    for (size_t i = 0; i < TRACKER_SLOTS_MAX; i++)
        if (tracker_session(hall->tracker, i))
            return i;
    return TRACKER_NONE;
}

static void test_told_to_stop_a_shared_belt_that_still_turns_starts_no_new_one(void **state)
{
    for (int whose = 0; whose < 2; whose++) /* nobody's; ben's */
        for (int discard = 0; discard < 2; discard++) {
            struct hall *hall = *state;

            if (whose)
                belt_and_strap_for(hall, 300, BEN_STRAP);
            else
                belt_for(hall, 300, 2.5);
            assert_int_equal(hall->opened, 1);
            assert_int_equal(session_of(hall, BEN) != NULL, whose);
            assert_int_equal(
                tracker_end(hall->tracker, hall->now_usec, the_open(hall), discard, "stopped"),
                TRACKER_OK);
            belt_and_strap_for(hall, 60, BEN_STRAP);
            assert_int_equal(hall->opened, 1);
            belt_for(hall, 20,
                     0); /* a still moment: the next run is one, and has none of the old */
            belt_for(hall, 60, 2.5);
            assert_int_equal(hall->opened, 2);
            assert_close(tracker_session(hall->tracker, the_open(hall))->distance.total, 150, 3);
            teardown(state);
            setup(state);
        }
}

/* What was run until then counts in the session that was stopped, by the pod. */
static void test_who_was_told_to_stop_on_a_belt_that_is_undecided_is_not_given_it(void **state)
{
    for (int again = 0; again < 2; again++) {
        struct hall *hall = *state;

        for (int i = 0; i < 200; i++) {
            second(hall);
            belt(hall, 2.5);
            pod(hall, BEN_POD, 2.5, 170);
            if (i != 60)
                continue;
            tracker_end(hall->tracker, hall->now_usec, tracker_slot_of_runner(hall->tracker, BEN),
                        false, "stopped");
            if (again)
                assert_int_equal(tracker_start(hall->tracker, hall->now_usec, BEN), TRACKER_OK);
        }
        assert_int_equal(hall->merged, 0);
        assert_int_equal(session_of(hall, BEN) != NULL, again);
        if (again)
            assert_close(session_of(hall, BEN)->distance.total, 2.5 * 139, 3);
        assert_close(tracker_session(hall->tracker, nobodys(hall, 0))->distance.total, 497.5, 3);
        assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), BEN), TRACKER_OK);
        teardown(state);
        setup(state);
    }
}

/* Who is told to stop and then steps on another's belt has not run there. */
static void test_the_belt_of_who_was_told_to_stop_is_nobody_elses_meanwhile(void **state)
{
    struct hall *hall = *state;

    belt_and_strap_for(hall, 300, BEN_STRAP);
    tracker_end(hall->tracker, hall->now_usec, the_open(hall), false, "stopped");
    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, ANNA), TRACKER_OK);
    belt_and_strap_for(hall, 200, ANNA_STRAP);
    assert_int_equal(hall->opened, 2);
    assert_false(session_of(hall, ANNA)->motion.moved);
}

static void test_who_was_told_to_stop_and_then_to_start_has_the_belt_from_there(void **state)
{
    struct hall *hall = *state;

    belt_and_strap_for(hall, 300, BEN_STRAP);
    tracker_end(hall->tracker, hall->now_usec, the_open(hall), false, "stopped");
    belt_and_strap_for(hall, 60, BEN_STRAP);
    assert_int_equal(tracker_start(hall->tracker, hall->now_usec, BEN), TRACKER_OK);
    belt_and_strap_for(hall, 200, BEN_STRAP);
    assert_close(session_of(hall, BEN)->distance.total, 2.5 * 200, 3);
}

/* By hand, within a second: the belt says nothing in between. */
static void test_who_stops_and_starts_between_two_packets_has_the_belt_from_there(void **state)
{
    struct hall *hall = *state;

    belt_and_strap_for(hall, 300, BEN_STRAP);
    tracker_end(hall->tracker, hall->now_usec + S / 10, the_open(hall), false, "stopped");
    assert_int_equal(tracker_start(hall->tracker, hall->now_usec + 4 * S / 10, BEN), TRACKER_OK);
    belt_and_strap_for(hall, 200, BEN_STRAP);
    assert_int_equal(nobodys(hall, 0), TRACKER_NONE);
    assert_close(session_of(hall, BEN)->distance.total, 2.5 * 200, 3);
}

static void test_told_to_stop_a_shared_belt_holds_over_a_reload(void **state)
{
    static const int runners[] = { CONF_RUNNER_AUTO, ANNA };
    static struct conf other;

    for (size_t i = 0; i < 2; i++) {
        struct hall *hall = *state;

        belt_and_strap_for(hall, 300, BEN_STRAP);
        tracker_end(hall->tracker, hall->now_usec, the_open(hall), false, "stopped");
        hall->conf.sensors[BELT].runner = runners[i];
        reload_in_another_order(hall, &other);
        belt_for(hall, 60, 2.5);
        assert_int_equal(hall->opened, 1);
        assert_int_equal(tracker_start(hall->tracker, hall->now_usec, 0), TRACKER_OK); /* ben */
        belt_and_strap_for(hall, 200, BEN_STRAP);
        assert_int_equal(session_of(hall, 0)->motion.moved, i == 0);
        teardown(state);
        setup(state);
    }
}

/* The first recording is read back; the slot of who has it, if it goes on. */
static size_t read_back(struct hall *other, const struct hall *hall, size_t n)
{
    size_t slot = tracker_restore(other->tracker);

    for (size_t i = 0; i < n; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[0][i]);
    tracker_restored(other->tracker, slot, other->now_usec);
    return slot;
}

static void test_told_to_stop_a_shared_belt_holds_over_a_restart(void **state)
{
    for (int whose = 0; whose < 2; whose++) /* nobody's; ben's */
        for (int has_result = 0; has_result < 2; has_result++) {
            struct hall *hall = *state, *other;

            if (whose)
                belt_and_strap_for(hall, 300, BEN_STRAP);
            else
                belt_for(hall, 300, 2.5);
            tracker_end(hall->tracker, hall->now_usec, the_open(hall), false, "stopped");
            other = restart_after(hall, 20, has_result);
            idle_for(other, 20); /* until it is connected again */
            belt_and_strap_for(other, 200, BEN_STRAP);
            assert_int_equal(other->opened, 0);
            belt_for(other, 20, 0);
            belt_and_strap_for(other, 200, BEN_STRAP);
            assert_int_equal(other->opened, 1);
            assert_close(session_of(other, BEN)->distance.total, 500, 3);
            end(other);
            teardown(state);
            setup(state);
        }
}

static void belt_and_pod_for(struct hall *hall, int seconds, double speed)
{
    for (int i = 0; i < seconds; i++) {
        second(hall);
        belt(hall, speed);
        pod(hall, BEN_POD, speed, 170);
    }
}

/* The second recording, which somebody was told to end, is read back. */
static void read_back_told(struct hall *other, const struct hall *hall, bool has_result)
{
    size_t slot = tracker_restore(other->tracker);

    for (size_t i = 0; i < hall->n[1]; i++)
        tracker_restore_feed(other->tracker, slot, &hall->records[1][i]);
    if (has_result)
        tracker_recall(other->tracker, slot, other->now_usec);
    else
        tracker_restored(other->tracker, slot, other->now_usec);
    assert_null(tracker_session(other->tracker, slot));
}

/* The daemon starts again before it is decided whose the belt is: that they stopped is in their recording. */
static void test_who_was_told_to_stop_is_not_given_the_belt_over_a_restart(void **state)
{
    for (int has_result = 0; has_result < 2; has_result++) {
        struct hall *hall = *state, *other;
        void *other_state;

        belt_and_pod_for(hall, 60, 2.5);
        assert_int_equal(hall->opened, 2);
        tracker_end(hall->tracker, hall->now_usec, tracker_slot_of_runner(hall->tracker, BEN),
                    false, "stopped");
        setup(&other_state);
        other = other_state;
        other->now_usec = hall->now_usec + 10 * S;
        other->total_m[1] = hall->total_m[1];
        assert_int_equal(read_back(other, hall, hall->n[0]), 0); /* nobody's */
        read_back_told(other, hall, has_result);
        belt_and_pod_for(other, 60, 2.5);
        assert_int_equal(other->opened, 0);
        assert_null(session_of(other, BEN));
        assert_int_equal(nobodys(other, 0), 0);
        end(other);
        teardown(state);
        setup(state);
    }
}

/* A person said that they begin, and the belt with them, before it was known that they were told to stop. */
static void test_a_stop_that_is_read_back_late_holds_no_belt_that_runs(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;

    belt_and_strap_for(hall, 300, BEN_STRAP);
    tracker_end(hall->tracker, hall->now_usec, the_open(hall), false, "stopped");
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + 20 * S;
    assert_int_equal(tracker_start(other->tracker, other->now_usec, BEN), TRACKER_OK);
    belt_and_strap_for(other, 5, BEN_STRAP);
    read_back(other, hall, hall->n[0]);
    belt_and_strap_for(other, 200, BEN_STRAP);
    assert_int_equal(other->merged, 1);
    assert_close(session_of(other, BEN)->distance.total, 510, 3);
    end(other);
}

/* Two starts of the belt with a crash between: the first is read back when the second has long begun. */
static void
test_a_nobodys_session_that_is_read_back_late_leaves_the_belt_to_the_new_one(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;
    size_t slot;

    belt_for(hall, 300, 2.5);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + 20 * S;
    belt_and_strap_for(other, 60, BEN_STRAP);
    assert_int_equal(other->opened, 1);
    slot = read_back(other, hall, hall->n[0]);
    assert_null(tracker_session(other->tracker, slot)); /* as of a runner who has begun another */
    assert_int_equal(other->closed, 1);
    assert_close(other->last.distance_m, 747.5, 3);
    assert_close(other->last.elapsed_s, 299, 1.1);
    belt_and_strap_for(other, 200, BEN_STRAP);
    assert_int_equal(other->opened, 1);
    assert_non_null(session_of(other, BEN));
    assert_close(session_of(other, BEN)->distance.total, 2.5 * 259, 3);
    end(other);
}

static void test_a_session_that_makes_way_leaves_the_belt_to_the_new_one(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;

    belt_and_strap_for(hall, 300, BEN_STRAP);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + 20 * S;
    belt_and_strap_for(other, 200, BEN_STRAP);
    assert_non_null(session_of(other, BEN));
    read_back(other, hall, hall->n[0]);
    assert_int_equal(other->closed, 1);
    belt_and_strap_for(other, 200, BEN_STRAP);
    assert_int_equal(other->opened, 1);
    assert_close(session_of(other, BEN)->distance.total, 2.5 * 399, 3);
    end(other);
}

/* It was hers; while nobody knew that, somebody else stepped on it. */
static void test_a_session_that_goes_on_takes_the_belt_from_nobody(void **state)
{
    struct hall *hall = *state, *other;
    void *other_state;
    size_t slot;

    belt_and_strap_for(hall, 300, ANNA_STRAP);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec + 20 * S;
    belt_and_strap_for(other, 200, BEN_STRAP);
    assert_non_null(session_of(other, BEN));
    slot = read_back(other, hall, hall->n[0]);
    assert_int_equal(tracker_slot_of_runner(other->tracker, ANNA), slot);
    belt_and_strap_for(other, 200, BEN_STRAP);
    assert_close(session_of(other, ANNA)->distance.total, 747.5, 3);
    assert_close(session_of(other, BEN)->distance.total, 2.5 * 399, 3);
    end(other);
}

/* ---- a sensor that a reload gives to somebody else in the middle of a run ----------------------- */

static void give_sensor(struct hall *hall, struct conf *other, size_t sensor, int runner)
{
    *other = hall->conf;
    other->sensors[sensor].runner = runner;
    tracker_set_conf(hall->tracker, other);
}

static void test_a_pod_that_changes_hands_in_a_run_counts_once(void **state)
{
    static const int before_s[] = { 11, 60, 1200 }; /* the session has just been opened, ... */
    static struct conf other;

    for (size_t i = 0; i < sizeof(before_s) / sizeof(before_s[0]); i++) {
        struct hall *hall = *state;
        double first_m = hall->total_m[0] + 3;

        run_for(hall, before_s[i], ANNA_POD);
        give_sensor(hall, &other, ANNA_POD, BEN);
        run_for(hall, 60, ANNA_POD);
        assert_int_equal(hall->opened, 2);
        assert_close(session_of(hall, ANNA)->distance.total + session_of(hall, BEN)->distance.total,
                     hall->total_m[0] - first_m, 0.2);
        assert_close(session_of(hall, BEN)->distance.total, 180, 3.1);
        assert_close(session_of(hall, BEN)->motion.moving_s, 60, 1.1);
        teardown(state);
        setup(state);
    }
}

/* An edit that was a mistake, and is taken back: its counter went on meanwhile. */
static void test_a_pod_that_changes_hands_and_back_counts_once(void **state)
{
    struct hall *hall = *state;
    static struct conf other, again;
    double first_m = hall->total_m[0] + 3;

    run_for(hall, 60, ANNA_POD);
    give_sensor(hall, &other, ANNA_POD, BEN);
    run_for(hall, 60, ANNA_POD);
    give_sensor(hall, &again, ANNA_POD, ANNA);
    run_for(hall, 60, ANNA_POD);
    assert_int_equal(hall->opened, 2);
    assert_close(session_of(hall, ANNA)->distance.total + session_of(hall, BEN)->distance.total,
                 hall->total_m[0] - first_m, 3.1);
    assert_close(session_of(hall, BEN)->distance.total, 180, 3.1);
}

/* The edit comes with a restart, and is taken back by a reload: also of a session that is read back. */
static void test_a_pod_that_changes_hands_over_a_restart_and_back_counts_once(void **state)
{
    struct hall *hall = *state, *other;
    static struct conf again;
    void *other_state;
    double before_m;

    run_for(hall, 60, ANNA_POD);
    setup(&other_state);
    other = other_state;
    other->now_usec = hall->now_usec;
    other->total_m[0] = hall->total_m[0];
    other->conf.sensors[ANNA_POD].runner = BEN;
    read_back(other, hall, hall->n[0]);
    before_m = session_of(other, ANNA)->distance.total;
    run_for(other, 60, ANNA_POD);
    assert_close(session_of(other, BEN)->distance.total, 180, 3.1);
    give_sensor(other, &again, ANNA_POD, ANNA);
    run_for(other, 60, ANNA_POD);
    assert_close(session_of(other, ANNA)->distance.total, before_m + 180, 3.1);
    end(other);
}

static void test_a_belt_that_changes_hands_in_a_run_counts_once(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    belt_and_strap_for(hall, 300, ANNA_STRAP);
    give_sensor(hall, &other, BELT, BEN);
    belt_and_strap_for(hall, 60, ANNA_STRAP);
    assert_int_equal(hall->opened, 2);
    assert_close(session_of(hall, ANNA)->distance.total, 747.5, 3);
    assert_close(session_of(hall, BEN)->distance.total, 150, 3);
}

/* The session that it comes into may have begun before. */
static void test_a_strap_that_changes_hands_in_a_run_counts_once(void **state)
{
    for (int on_the_belt = 0; on_the_belt < 2; on_the_belt++) {
        struct hall *hall = *state;
        static struct conf other;

        for (int i = 0; i < 300; i++) {
            second(hall);
            pod(hall, ANNA_POD, 3, 170);
            strap(hall, ANNA_STRAP, 150 + i % 2);
            if (on_the_belt && i >= 200)
                belt(hall, 2.5);
            if (!on_the_belt && i >= 292)
                pod(hall, BEN_POD, 3, 170);
        }
        give_sensor(hall, &other, ANNA_STRAP, BEN);
        for (int i = 0; i < 10; i++) {
            second(hall);
            strap(hall, ANNA_STRAP, 150 + i % 2);
            if (on_the_belt)
                belt(hall, 2.5);
            else
                pod(hall, BEN_POD, 3, 170);
        }
        if (on_the_belt)
            assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), BEN), TRACKER_OK);
        assert_close(session_of(hall, ANNA)->heart.known_s, 300, 5);
        assert_close(session_of(hall, BEN)->heart.known_s, 10, 3);
        teardown(state);
        setup(state);
    }
}

/* The ten idle minutes that ended a session are no part of it: what was heard in them may be of the next. */
static void test_the_heart_of_who_steps_on_the_belt_in_the_idle_minutes_counts(void **state)
{
    struct hall *hall = *state;

    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        strap(hall, ANNA_STRAP, 100 + i % 2);
    }
    strap_for(hall, 540, 100);
    belt_and_strap_for(hall, 300, ANNA_STRAP);
    assert_int_equal(hall->closed, 1);
    assert_int_equal(hall->opened, 2);
    assert_close(session_of(hall, ANNA)->heart.known_s, 299, 3);
}

/* ---- what tells no movement ------------------------------------------------------------------- */

/* A sensor besides those of the hall; returns which. */
static size_t one_more(struct hall *hall, const char *name, int runner)
{
    add_sensor(&hall->conf, name, runner);
    tracker_init(hall->tracker, &hall->conf, &output, hall);
    return hall->conf.n_sensors - 1;
}

static void air(struct hall *hall, size_t sensor)
{
    static const uint8_t bytes[] = { 0x1a, 0x76, 0x0f, 0x00 }; /* 1013.27 hPa */

    tracker_notification(hall->tracker, hall->now_usec, sensor, GATT_PRESSURE, bytes,
                         sizeof(bytes));
}

static size_t recorded(struct hall *hall, size_t runner, uint16_t uuid)
{
    size_t slot = tracker_slot_of_runner(hall->tracker, runner), n = 0;

    for (size_t i = 0; slot != TRACKER_NONE && i < hall->n[slot]; i++)
        n += hall->records[slot][i].type == RECORD_NOTIFICATION &&
             hall->records[slot][i].notification.uuid == uuid;
    return n;
}

static void test_air_is_recorded_and_neither_starts_nor_keeps_a_session(void **state)
{
    struct hall *hall = *state;
    size_t barometer = one_more(hall, "anna-air", ANNA);

    for (int i = 0; i < 60; i++) {
        second(hall);
        air(hall, barometer);
    }
    assert_int_equal(hall->opened, 0);
    for (int i = 0; i < 60; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        air(hall, barometer);
    }
    assert_in_range(recorded(hall, ANNA, GATT_PRESSURE), 80, 90); /* with the half minute before */
    for (int i = 0; i < 600; i++) {
        second(hall);
        air(hall, barometer);
    }
    assert_int_equal(hall->closed, 1);
    assert_close(hall->last.elapsed_s, 60, 1);
}

static void test_power_is_recorded_and_shown(void **state)
{
    static const uint8_t bytes[] = { 0, 0, 0xfa, 0 };
    struct hall *hall = *state;
    struct payload_live live;

    for (int i = 0; i < 30; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        tracker_notification(hall->tracker, hall->now_usec, ANNA_POD,
                             GATT_CYCLING_POWER_MEASUREMENT, bytes, sizeof(bytes));
    }
    session_live(session_of(hall, ANNA), hall->now_usec, &live);
    assert_close(live.power_w, 250, 0);
    assert_close(live.cadence_spm, 170, 0.1);
    assert_int_equal(recorded(hall, ANNA, GATT_CYCLING_POWER_MEASUREMENT), 30);
}

static void test_a_shared_barometer_goes_with_the_one_who_runs(void **state)
{
    struct hall *hall = *state;
    size_t barometer = one_more(hall, "air", CONF_RUNNER_AUTO);

    for (int i = 0; i < 170; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        if (i >= 40)
            air(hall, barometer);
        if (i == 100)
            assert_int_equal(recorded(hall, ANNA, GATT_PRESSURE), 0);
    }
    assert_int_equal(hall->opened, 1);
    assert_in_range(recorded(hall, ANNA, GATT_PRESSURE), 128, 130); /* from its first word */
    assert_close(session_of(hall, ANNA)->distance.total, 507, 0.5); /* nothing else has changed */
    idle_for(hall, 600);
    assert_int_equal(hall->closed, 1);
    assert_close(hall->last.distance_m, 507, 0.5);
}

static void test_a_shared_barometer_of_two_who_run_is_nobodys(void **state)
{
    struct hall *hall = *state;
    size_t barometer = one_more(hall, "air", CONF_RUNNER_AUTO);

    for (int i = 0; i < 1200; i++) {
        second(hall);
        pod(hall, ANNA_POD, 3, 170);
        if (i < 300)
            pod(hall, BEN_POD, 3, 170);
        air(hall, barometer);
    }
    assert_int_equal(hall->closed, 1); /* Ben's; Anna runs on alone, and has it not for that */
    assert_int_equal(recorded(hall, ANNA, GATT_PRESSURE), 0);
    idle_for(hall, 600);
    assert_int_equal(hall->closed, 2);
    for (int i = 0; i < 150; i++) {
        second(hall);
        pod(hall, BEN_POD, 3, 170);
        air(hall, barometer);
    }
    assert_in_range(recorded(hall, BEN, GATT_PRESSURE), 138, 142);
}

static void test_a_barometer_on_the_shelf_does_not_claim_the_belt_for_its_runner(void **state)
{
    struct hall *hall = *state;
    size_t barometer = one_more(hall, "ben-air", BEN);

    for (int i = 0; i < 200; i++) {
        second(hall);
        belt(hall, 2.5);
        air(hall, barometer);
        if (i >= 20)
            pod(hall, ANNA_POD, 2.5, 170);
    }
    assert_int_equal(hall->merged, 1);
    assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_BELT);
    assert_null(session_of(hall, BEN));
}

static void test_a_shared_belt_and_a_shared_barometer_go_to_one_runner(void **state)
{
    struct hall *hall = *state;
    size_t barometer = one_more(hall, "air", CONF_RUNNER_AUTO);

    for (int i = 0; i < 400; i++) {
        second(hall);
        pod(hall, ANNA_POD, 2.5, 170);
        air(hall, barometer);
        if (i >= 150) /* she has the barometer already */
            belt(hall, 2.5);
    }
    assert_int_equal(hall->merged, 1);
    assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_BELT);
    assert_in_range(recorded(hall, ANNA, GATT_PRESSURE), 385, 395);
}

static void test_who_is_on_one_belt_is_not_given_another(void **state)
{
    static const uint8_t bytes[] = { 0, 0, 900 & 0xff, 900 >> 8 };
    struct hall *hall = *state;
    size_t other = one_more(hall, "other-belt", CONF_RUNNER_AUTO);

    for (int i = 0; i < 60; i++) {
        second(hall);
        belt(hall, 2.5);
        tracker_notification(hall->tracker, hall->now_usec, other, 0x2acd, bytes, sizeof(bytes));
    }
    assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), ANNA), TRACKER_OK);
    assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), ANNA), TRACKER_E_NONE);
    assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), BEN), TRACKER_OK);
    assert_int_equal(nobodys(hall, 0), TRACKER_NONE);
}

/* ---- it cannot be put into the other's recording ------------------------------------------------ */

/* It goes on as what it is, and a person may say whose it is later. */
static void test_a_belt_whose_session_is_refused_keeps_it(void **state)
{
    struct hall *hall = *state;
    const struct session *nobody;

    hall->refuses = true;
    for (int i = 0; i < 300; i++) {
        second(hall);
        belt(hall, 2.5);
        if (i >= 20)
            pod(hall, ANNA_POD, 3, 170);
    }
    assert_int_equal(hall->refused, 1); /* asked once */
    assert_int_not_equal(nobodys(hall, 0), TRACKER_NONE);
    nobody = tracker_session(hall->tracker, nobodys(hall, 0));
    assert_close(nobody->distance.total, 747.5, 3);
    assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_POD);
    assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), ANNA), TRACKER_E_REFUSED);
    hall->refuses = false;
    assert_int_equal(tracker_give(hall->tracker, nobodys(hall, 0), ANNA), TRACKER_OK);
    assert_int_equal(nobodys(hall, 0), TRACKER_NONE);
    assert_close(session_of(hall, ANNA)->distance.total, 747.5, 3);
    assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_BELT);
}

static void
test_a_belt_whose_session_is_refused_by_a_reload_is_its_runners_from_then_on(void **state)
{
    struct hall *hall = *state;
    static struct conf other;

    for (int i = 0; i < 60; i++) {
        second(hall);
        belt(hall, 2.5);
        pod(hall, ANNA_POD, 3, 170);
    }
    other = hall->conf;
    other.sensors[BELT].runner = ANNA;
    tracker_set_conf(hall->tracker, &other);
    hall->refuses = true;
    for (int i = 0; i < 300; i++) {
        second(hall);
        belt(hall, 2.5);
        pod(hall, ANNA_POD, 3, 170);
    }
    assert_int_equal(hall->refused, 1); /* and not each second */
    assert_int_equal(session_of(hall, ANNA)->distance.active, SAMPLE_SOURCE_BELT);
    assert_close(tracker_session(hall->tracker, nobodys(hall, 0))->distance.total, 147.5, 5);
    idle_for(hall, 600);
    assert_int_equal(hall->closed, 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_ten_seconds_of_steps_start_a_session_from_the_first_of_them),
        T(test_what_a_step_is_compared_with_is_recorded),
        T(test_thirty_seconds_before_are_recorded_first_and_not_counted),
        T(test_steps_before_the_begin_are_not_counted_when_the_unit_is_decided_late),
        T(test_nine_seconds_of_steps_are_a_walk_to_the_kitchen),
        T(test_ten_idle_minutes_end_it_at_the_last_step),
        T(test_packets_that_say_nothing_end_it_and_begin_no_other),
        T(test_what_the_heart_did_after_the_last_step_is_no_part_of_the_run),
        T(test_a_pause_of_the_run_counts_for_the_heart_once_the_run_goes_on),
        T(test_it_pauses_and_resumes),
        T(test_told_to_stop_while_still_walking_starts_no_new_one),
        T(test_a_person_may_start_and_only_once),
        T(test_a_route_is_recorded_place_by_place),
        T(test_four_seconds_of_silence_are_a_gap_and_no_movement),
        T(test_packets_that_were_held_back_leave_no_gap),
        T(test_a_pod_that_takes_over_from_a_silent_belt_leaves_no_gap),
        T(test_the_packet_after_a_dropout_is_no_highest_cadence),
        T(test_what_the_heart_does_after_the_last_step_is_not_the_runs),
        T(test_told_to_stop_a_heart_that_is_still_fast_starts_no_new_one),
        T(test_a_session_begins_where_the_one_before_ended_at_the_earliest),
        T(test_a_sensor_that_comes_after_the_merge_gets_a_number_of_its_own),
        T(test_half_the_reserve_for_two_minutes_is_a_heart_rate_session),
        T(test_below_half_the_reserve_is_daily_life),
        T(test_a_heart_beside_a_standing_pod_starts_nothing),
        T(test_two_runners_at_once_stay_apart),
        T(test_the_belt_goes_to_the_one_whose_pod_streams_from_its_start),
        T(test_the_belt_goes_to_the_one_who_wears_only_a_strap),
        T(test_a_person_says_who_is_on_the_belt),
        T(test_who_is_on_one_belt_is_not_given_another),
        T(test_with_two_at_hand_or_none_the_belt_is_nobodys),
        T(test_the_length_of_a_step_is_of_one_moment),
        T(test_a_recording_gives_the_figures_that_were_shown),
        T(test_a_restored_session_goes_on_as_if_nothing_had_been),
        T(test_a_restored_session_that_was_idle_too_long_ends),
        T(test_a_run_beside_a_belt_that_stands_is_one_run),
        T(test_a_silence_beside_a_belt_that_stands_is_bridged),
        T(test_who_leaves_the_belt_and_walks_on_is_not_idle),
        T(test_who_moves_unheard_begins_anew_once_the_session_is_idle),
        T(test_a_belt_that_has_no_incline_is_known_for_one_all_day),
        T(test_a_belt_that_has_an_incline_is_believed_that_it_is_level),
        T(test_what_was_read_of_a_belt_that_moved_already_is_recorded_once),
        T(test_told_to_stop_holds_over_a_restart),
        T(test_who_stands_after_the_restart_may_run_again),
        T(test_told_to_stop_holds_over_a_restart_for_a_fast_heart),
        T(test_a_session_that_ended_idle_holds_nobody_back),
        T(test_a_person_may_start_after_a_stop_and_a_restart),
        T(test_told_to_stop_holds_over_a_reload),
        T(test_a_reload_in_the_first_steps_loses_none_of_them),
        T(test_a_reload_while_the_belt_is_undecided_loses_nothing_of_its_runner),
        cmocka_unit_test(test_a_belt_that_a_reload_gives_to_somebody_is_theirs_with_what_is_open),
        T(test_a_belt_that_a_reload_makes_everybodys_stays_in_the_session_it_is_in),
        T(test_told_to_stop_a_shared_belt_that_still_turns_starts_no_new_one),
        T(test_who_was_told_to_stop_on_a_belt_that_is_undecided_is_not_given_it),
        T(test_the_belt_of_who_was_told_to_stop_is_nobody_elses_meanwhile),
        T(test_who_was_told_to_stop_and_then_to_start_has_the_belt_from_there),
        T(test_who_stops_and_starts_between_two_packets_has_the_belt_from_there),
        T(test_told_to_stop_a_shared_belt_holds_over_a_reload),
        T(test_told_to_stop_a_shared_belt_holds_over_a_restart),
        T(test_who_was_told_to_stop_is_not_given_the_belt_over_a_restart),
        T(test_a_stop_that_is_read_back_late_holds_no_belt_that_runs),
        cmocka_unit_test_setup_teardown(
            test_a_nobodys_session_that_is_read_back_late_leaves_the_belt_to_the_new_one, setup,
            teardown),
        T(test_a_session_that_makes_way_leaves_the_belt_to_the_new_one),
        T(test_a_session_that_goes_on_takes_the_belt_from_nobody),
        T(test_a_pod_that_changes_hands_in_a_run_counts_once),
        T(test_a_pod_that_changes_hands_and_back_counts_once),
        T(test_a_pod_that_changes_hands_over_a_restart_and_back_counts_once),
        T(test_a_belt_that_changes_hands_in_a_run_counts_once),
        T(test_a_strap_that_changes_hands_in_a_run_counts_once),
        T(test_the_heart_of_who_steps_on_the_belt_in_the_idle_minutes_counts),
        T(test_a_factor_changed_in_the_middle_counts_from_there),
        T(test_a_unit_that_is_configured_no_more_is_decided_in_the_run),
        T(test_a_factor_or_unit_changed_over_a_restart_counts_from_there),
        T(test_steps_that_wait_for_the_unit_are_told_once_a_reload_says_it),
        T(test_steps_that_wait_for_the_unit_are_told_once_a_restart_says_it),
        T(test_a_runner_that_is_gone_for_one_reload_finds_the_session_again),
        T(test_a_session_knows_whether_a_person_began_it),
        T(test_a_restored_session_makes_way_for_one_that_was_begun_meanwhile),
        T(test_a_reloaded_config_in_another_order_loses_nothing),
        T(test_air_is_recorded_and_neither_starts_nor_keeps_a_session),
        T(test_power_is_recorded_and_shown),
        T(test_a_shared_barometer_goes_with_the_one_who_runs),
        T(test_a_shared_barometer_of_two_who_run_is_nobodys),
        T(test_a_barometer_on_the_shelf_does_not_claim_the_belt_for_its_runner),
        T(test_a_shared_belt_and_a_shared_barometer_go_to_one_runner),
        T(test_a_belt_whose_session_is_refused_keeps_it),
        T(test_a_belt_whose_session_is_refused_by_a_reload_is_its_runners_from_then_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
