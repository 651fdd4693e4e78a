/* SPDX-License-Identifier: MIT */
/*
 * The training log over days, restarts and a real database: what is said, once, and what is so now.
 * Anna ran 5 km three times in each week of 37 days; today is a day of a run, and the six before have
 * 10 km.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <jansson.h>
#include <sqlite3.h>
#include "daemon/training/training.h"
#include "lib/tz.h"
#include "disk_fixture.h"
#include "fake_clock.h"
#include "training_fixture.h"

#define HOUR_USEC UINT64_C(3600000000)
#define DAY_USEC  (24 * HOUR_USEC)
#define SAID_MAX  64
#define BEFORE    37 /* days of the log before a test begins */

struct fixture {
    struct disk_fixture disk;
    struct conf conf;
    struct store *store;
    struct training *training;
    enum clock_state clock;
    char said[SAID_MAX][96]; /* "anna weekly_distance crossed caution" */
    size_t n_said;
    int weeks, alerts;                     /* published */
    struct payload_week week, week_of_ben; /* the latest; without a name: anna's */
    struct payload_alert alert[RULES];     /* rule -1: not since `forget` */
    bool open;                             /* anna has a session open */
    struct store_session live;
};

static struct fixture f;

enum clock_state timekeeper_state(const struct timekeeper *timekeeper)
{
    return f.clock;
}

bool timekeeper_is_settled(const struct timekeeper *timekeeper)
{
    return true;
}

/* ---- what is said -------------------------------------------------------------------------- */

static void on_week(void *userdata, size_t runner, const struct payload_week *week)
{
    f.weeks++;
    *(runner == 0 ? &f.week : &f.week_of_ben) = *week;
}

static void on_alert(void *userdata, size_t runner, const struct payload_alert *alert)
{
    f.alerts++;
    if (runner == 0)
        f.alert[alert->rule] = *alert;
}

static void on_event(void *userdata, const struct store_event *event)
{
    json_t *body = json_loads(event->body, 0, NULL), *alert = json_object_get(body, "alert");

    assert_int_equal(event->kind, EVENT_ALERT);
    assert_true(f.n_said < SAID_MAX);
    assert_true(json_string_length(json_object_get(alert, "sentence")) > 20);
    snprintf(f.said[f.n_said++], sizeof(f.said[0]), "%s %s %s %s", event->runner,
             json_string_value(json_object_get(alert, "rule")),
             json_string_value(json_object_get(body, "news")),
             json_string_value(json_object_get(alert, "verdict")));
    json_decref(body);
}

static bool open_session(void *userdata, size_t runner, struct store_session *ret)
{
    if (runner == 0 && f.open)
        *ret = f.live;
    return runner == 0 && f.open;
}

static const struct training_callbacks callbacks = {
    .on_week = on_week, .on_alert = on_alert, .on_event = on_event, .open_session = open_session
};

static void forget(void)
{
    if (f.disk.worker)
        disk_fixture_settle(&f.disk);
    f.n_said = 0;
    f.weeks = f.alerts = 0;
    for (enum rule_id rule = 0; rule < RULES; rule++)
        f.alert[rule].rule = (enum rule_id) - 1;
}

static void assert_said(const char *expected)
{
    char said[SAID_MAX * 96] = "";

    disk_fixture_settle(&f.disk);
    for (size_t i = 0; i < f.n_said; i++)
        snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s; ", f.said[i]);
    assert_string_equal(said, expected);
    f.n_said = 0;
}

/* ---- a life -------------------------------------------------------------------------------- */

static void take_past(void *userdata, const struct store_session *row)
{
    training_take_past(f.training, row);
}

static void open_training(void)
{
    const struct training_parts parts = { .event = f.disk.event,
                                          .conf = &f.conf,
                                          .store = f.store };

    assert_int_equal(training_new(&f.training, &parts, &callbacks, NULL), 0);
    training_end_past(f.training, store_read_sessions(f.store, take_past, NULL));
}

static void start(void)
{
    if (!f.disk.worker)
        assert_return_code(worker_new(&f.disk.worker, f.disk.event), 0);
    assert_return_code(store_open(&f.store, f.disk.worker, f.disk.dir, clock_wall_usec()), 0);
    open_training();
    training_start(f.training);
}

static void stop(void)
{
    f.disk.worker = worker_free(f.disk.worker);
    f.training = training_free(f.training);
    f.store = store_free(f.store);
}

static void restart(void)
{
    stop();
    forget();
    start();
}

/* A run that ended now, of pace 6 min/km; drop_m NAN: no altitude. */
static struct store_session a_run(const char *runner, double distance_m, double drop_m)
{
    struct store_session row = training_fixture_run(runner, distance_m, clock_wall_usec());

    row.session.hills.drop_m = row.session.hills.ascent_m = drop_m;
    row.session.hills.altitude_m = isnan(drop_m) ? NAN : distance_m;
    row.session.hills.downhill_m = drop_m * 10;
    return row;
}

static struct store_session put(const struct store_session *row)
{
    (void)store_put_session(f.store, row, NULL, 0, NULL, NULL);
    training_session(f.training, row);
    return *row;
}

static struct store_session run(double distance_m)
{
    struct store_session row = a_run("anna", distance_m, NAN);

    return put(&row);
}

static int setup(void **state)
{
    memset(&f, 0, sizeof(f));
    disk_fixture_init(&f.disk);
    training_fixture_conf(&f.conf);
    for (size_t i = 0; i < 2; i++)
        f.conf.runners[i].publish_heart_rate = true;
    f.clock = CLOCK_SYNCED;
    fake_clock_set_wall(FAKE_WALL_USEC + 8 * (int64_t)HOUR_USEC);
    start();
    for (int day = 0; day < BEFORE; day++) {
        if (day % 7 == 0 || day % 7 == 2 || day % 7 == 4)
            run(5000);
        fake_clock_advance(DAY_USEC);
    }
    assert_said("");
    forget();
    return 0;
}

static int teardown(void **state)
{
    stop();
    assert_int_equal(fake_clock_armed(), 0);
    disk_fixture_done(&f.disk);
    return 0;
}

static enum verdict_word word_of(enum rule_id rule)
{
    assert_int_equal(f.alert[rule].rule, rule);
    return f.alert[rule].verdict;
}

/* ---- the tests ------------------------------------------------------------------------------ */

static void test_an_usual_week_is_ok_and_says_so(void **state)
{
    run(5000);
    assert_said("");
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_OK);
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK);
    assert_int_equal(word_of(RULE_WEEKLY_DOWNHILL), VERDICT_INSUFFICIENT_DATA);
    assert_true(isnan(f.alert[RULE_WEEKLY_DOWNHILL].value)); /* no altitude: not 0 */
    assert_true(isnan(f.week.measures.downhill_drop_m.total));
    assert_true(f.week.measures.downhill_drop_m.coverage_pct == 0);
    assert_int_not_equal(f.alert[RULE_MONOTONY].rule, RULE_MONOTONY); /* it is off */
    assert_true(f.week.measures.distance_m.total == 15000);
    assert_true(f.week.measures.distance_m.limit == 17000);
    assert_true(f.week.measures.distance_m.left_today == 2000);
    assert_string_equal(f.week.day, "2026-02-07");
    assert_string_equal(f.week.measures.distance_m.calendar_week, "2026-02-02");
    assert_string_equal(f.week.notify_at, "caution");
    assert_string_equal(f.alert[RULE_WEEKLY_DISTANCE].unit, "m");
    assert_string_equal(f.alert[RULE_WEEKLY_TIME].unit, "s");
    assert_true(f.alert[RULE_WEEKLY_TIME].since_usec == 0);
    for (enum rule_id rule = 0; rule < RULES; rule++) /* beside each figure, whatever it says */
        if (rule != RULE_MONOTONY) {
            assert_non_null(strstr(f.alert[rule].explain, "See a doctor"));
            assert_non_null(strstr(f.alert[rule].explain, "accident or fever."));
        }
}

static void test_a_hike_is_told_apart_from_the_runs(void **state)
{
    struct store_session hike = a_run("anna", 12000, 300);

    assert_true(f.week.walked.distance_m == 0 && f.week.walked.downhill_drop_m == 0);
    hike.session.kind = SESSION_WALK;
    put(&hike);
    assert_true(f.week.measures.distance_m.total == 10000); /* as before */
    assert_true(f.week.measures.downhill_drop_m.total == 300);
    assert_true(f.week.walked.distance_m == 12000);
    assert_true(f.week.walked.moving_s == 4320);
    assert_true(f.week.walked.downhill_drop_m == 300); /* all of it */
    assert_true(f.week.walked.downhill_distance_m == 3000);
    fake_clock_advance(8 * DAY_USEC);
    hike = a_run("anna", 2000, NAN);
    hike.session.kind = SESSION_WALK;
    put(&hike);
    assert_true(f.week.walked.distance_m == 2000);
    assert_true(isnan(f.week.walked.downhill_drop_m)); /* not 0 */
}

static void test_a_crossing_is_said_once_and_a_restart_is_silent(void **state)
{
    run(9000);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    assert_true(f.alert[RULE_WEEKLY_DISTANCE].value == 19000);
    assert_true(f.alert[RULE_WEEKLY_DISTANCE].since_usec > 0);
    int64_t since_usec = f.alert[RULE_WEEKLY_DISTANCE].since_usec;
    for (int i = 0; i < 3; i++) {
        restart();
        assert_said("");
        assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_CAUTION);
        assert_true(f.alert[RULE_WEEKLY_DISTANCE].since_usec == since_usec);
    }
    fake_clock_advance(HOUR_USEC);
    run(3000);
    assert_said("anna weekly_distance crossed warning; anna weekly_time crossed warning; ");
    restart();
    assert_said("");
}

/* Killed when the result was on the disk and nothing was said of it. */
static void test_what_was_not_said_before_the_end_is_said_once(void **state)
{
    struct store_session row = a_run("anna", 9000, NAN);

    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    restart();
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    restart();
    assert_said("");
}

/* The same long after: it is history by now. */
static void test_what_was_not_said_for_days_is_no_news(void **state)
{
    struct store_session row = a_run("anna", 9000, NAN);

    assert_return_code(store_put_session(f.store, &row, NULL, 0, NULL, NULL), 0);
    stop();
    fake_clock_advance(2 * DAY_USEC);
    forget();
    start();
    assert_said("");
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK);
}

static void test_a_discarded_run_takes_back_what_was_said(void **state)
{
    struct store_session long_run = run(9000);

    forget();
    long_run.session.state = SESSION_DISCARDED;
    put(&long_run);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK);
    restart();
    assert_said("");
}

static void test_midnight_clears_and_never_raises(void **state)
{
    char said[SAID_MAX * 96] = "";

    run(30000);
    assert_said("anna weekly_distance crossed warning; anna weekly_time crossed warning; "
                "anna spike_distance crossed warning; ");
    for (int day = 0; day < 12; day++) {
        fake_clock_advance(DAY_USEC); /* past a midnight; nobody does anything */
        disk_fixture_settle(&f.disk);
        for (size_t i = 0; i < f.n_said; i++)
            strcat(strcat(said, f.said[i]), "; ");
        f.n_said = 0;
    }
    assert_non_null(strstr(said, "anna weekly_distance cleared ok; "));
    assert_non_null(strstr(said, "anna weekly_time cleared ok; "));
    assert_null(strstr(said, "spike_distance")); /* a run is over by itself */
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK);
    assert_true(f.alert[RULE_SPIKE_DISTANCE].since_usec == 0);
    assert_null(strstr(said, "crossed"));
    assert_true(f.weeks >= 12);
    assert_string_equal(f.week.day, "2026-02-19");
}

static void test_the_end_of_a_caution_is_said_with_the_next_news_also_after_a_restart(void **state)
{
    run(9000);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    fake_clock_advance(9 * DAY_USEC);
    assert_said("");
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_OK);
    assert_true(f.alert[RULE_WEEKLY_DISTANCE].since_usec == 0);
    restart();
    assert_said("");
    run(12000); /* in no full week, but longer than any run before */
    assert_said("anna weekly_distance cleared ok; anna weekly_time cleared ok; "
                "anna spike_distance crossed warning; ");
    restart();
    assert_said("");
    fake_clock_advance(2 * DAY_USEC);
    run(14000);
    disk_fixture_settle(&f.disk);
    for (size_t i = 0; i < f.n_said; i++)
        assert_null(strstr(f.said[i], "cleared"));
}

/* The clock goes on between two looks at it: a midnight in between is no day's that is left out. */
static void test_midnight_falls_between_two_looks_at_the_clock(void **state)
{
    for (uint64_t look_usec = 0; look_usec < 2000000; look_usec += 250000) {
        fake_clock_set_wall(FAKE_WALL_USEC + 20 * HOUR_USEC);
        fake_clock_make_looks_take(look_usec);
        training_clock_changed(f.training);
        forget();
        fake_clock_advance(5 * DAY_USEC);
        fake_clock_make_looks_take(0);
        assert_int_equal(f.weeks, 5 * 2); /* of both runners */
    }
}

/* Local midnight, also where the clocks jump: day and zone are the runner's. */
static void test_midnight_is_the_runners_own(void **state)
{
    static struct conf moved;

    moved = f.conf;
    strcpy(moved.runners[0].time_zone, "Pacific/Auckland"); /* 13 h ahead: 08:00 is 21:00 there */
    strcpy(moved.runners[1].time_zone, "America/Havana");
    training_set_conf(f.training, &moved);
    training_say_all(f.training);
    forget();
    fake_clock_advance(3 * HOUR_USEC - 1000000);
    assert_int_equal(f.weeks, 0);
    fake_clock_advance(1000000);
    assert_int_equal(f.weeks, 1);
    assert_string_equal(f.week.day, "2026-02-08");
    assert_string_equal(f.week.time_zone, "Pacific/Auckland");
    /* over Havana's jump at midnight, and to an hour later in Auckland */
    fake_clock_advance(60 * DAY_USEC);
    assert_int_equal(f.weeks, 1 + 60 + 59);
    fake_clock_advance(HOUR_USEC);
    assert_int_equal(f.weeks, 1 + 60 + 60);
}

/* Flown west: it is yesterday again, in which today's run was not taken back. */
static void test_a_day_that_has_begun_goes_on_where_it_is_yesterday_still(void **state)
{
    static struct conf moved;

    moved = f.conf;
    strcpy(moved.runners[0].time_zone, "Pacific/Pago_Pago"); /* 11 h behind: 08:00 is 21:00 */
    run(30000);
    forget();
    training_set_conf(f.training, &moved);
    training_say_all(f.training);
    assert_said("");
    assert_true(f.week.measures.distance_m.total == 40000);
    assert_string_equal(f.week.day, "2026-02-07");
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_WARNING);
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_WARNING);
    fake_clock_advance(3 * HOUR_USEC); /* to midnight there */
    assert_said("");
    assert_string_equal(f.week.day, "2026-02-07");
    fake_clock_advance(DAY_USEC);
    assert_string_equal(f.week.day, "2026-02-08");
}

static void test_a_run_that_goes_on_counts_down_and_crosses_once(void **state)
{
    struct payload_live live;

    f.live = a_run("anna", 0, NAN);
    f.live.session.state = SESSION_RUNNING;
    f.live.session.end_usec = 0;
    f.open = true;
    for (int step = 0; step <= 90; step++) { /* 100 m each beat, from 10 km of the week on */
        f.live.session.distance_m = 100.0 * step;
        f.live.session.moving_s = f.live.session.elapsed_s = 36.0 * step;
        training_beat(f.training, 0, step % 6 == 0);
        payload_live_init(&live);
        training_fill_left(f.training, 0, &live);
        assert_true(fabs(live.left_today.distance_m - fmax(0, 7000 - 100.0 * step)) < 0.01);
        assert_true(fabs(live.left_today.run_distance_m - fmax(0, 5500 - 100.0 * step)) < 0.01);
        assert_true(isnan(live.left_today.downhill_drop_m));
        fake_clock_advance(10000000);
    }
    assert_said("anna spike_distance crossed warning; anna weekly_distance crossed caution; "
                "anna weekly_time crossed caution; ");
    restart(); /* in the middle of the run */
    training_beat(f.training, 0, false);
    assert_said("");
    f.open = false;
    f.live.session.state = SESSION_ENDED;
    f.live.session.end_usec = f.live.session.start_usec + 3240000000;
    put(&f.live);
    assert_said("");
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_CAUTION);
    restart();
    assert_said("");
}

static void test_a_run_that_is_discarded_while_it_goes_on(void **state)
{
    f.live = a_run("anna", 9000, NAN);
    f.live.session.state = SESSION_RUNNING;
    f.open = true;
    training_beat(f.training, 0, false);
    forget();
    f.open = false;
    f.live.session.state = SESSION_DISCARDED;
    put(&f.live);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
}

static void test_a_run_that_is_somebody_elses(void **state)
{
    struct store_session row = run(9000);

    forget();
    snprintf(row.session.runner, sizeof(row.session.runner), "ben");
    put(&row);
    disk_fixture_settle(&f.disk);
    for (size_t i = 0; i < f.n_said; i++)
        assert_non_null(strstr(f.said[i], "anna ")); /* ben has no history to judge by */
    restart();
    assert_true(f.weeks == 2);
    assert_true(f.week.measures.distance_m.total == 10000);
    assert_true(f.week_of_ben.measures.distance_m.total == 9000);
}

/* The warning was for somebody else's run: to her it is as good as discarded. */
static void test_a_run_that_is_given_to_another_takes_back_what_was_said(void **state)
{
    struct store_session row = run(9000);

    forget();
    snprintf(row.session.runner, sizeof(row.session.runner), "ben");
    put(&row);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
    assert_true(f.alert[RULE_WEEKLY_DISTANCE].since_usec == 0);
    snprintf(row.session.runner, sizeof(row.session.runner), "anna");
    put(&row); /* hers after all */
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    row.session.state = SESSION_UNASSIGNED;
    put(&row);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
}

/* What stands is the latest run's; what was said of an earlier one is taken back all the same. */
static void test_a_run_before_the_latest_takes_back_what_was_said(void **state)
{
    struct store_session long_run = run(9000);

    fake_clock_advance(3 * HOUR_USEC);
    run(1000);
    forget();
    restart();
    assert_said("");
    long_run.session.state = SESSION_DISCARDED;
    put(&long_run);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
    put(&long_run); /* once */
    restart();
    assert_said("");
    long_run.session.state = SESSION_ENDED; /* it was one after all, and again it was none */
    put(&long_run);
    assert_said("anna weekly_distance crossed warning; anna weekly_time crossed warning; "
                "anna spike_distance crossed warning; ");
    long_run.session.state = SESSION_UNASSIGNED;
    put(&long_run);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
}

static void test_a_run_of_days_ago_takes_back_what_was_said_of_it(void **state)
{
    struct store_session long_run = run(9000), other;

    for (int day = 0; day < 10; day++)
        fake_clock_advance(DAY_USEC);
    other = run(1000);
    restart();
    other.session.state = SESSION_DISCARDED; /* of which nothing was said */
    put(&other);
    assert_said("");
    snprintf(long_run.session.runner, sizeof(long_run.session.runner), "ben");
    put(&long_run);
    assert_said("anna spike_distance retracted ok; ");
    restart();
    assert_said("");
}

/* Two within the hour are one run to the rules; each is a session of its own. */
static void run_in_parts(struct store_session parts[2], double first_m, double second_m)
{
    parts[0] = run(first_m);
    fake_clock_advance(HOUR_USEC + 12 * HOUR_USEC / 60); /* the second takes a while */
    parts[1] = run(second_m);
}

static bool was_said(const char *what)
{
    disk_fixture_settle(&f.disk);
    for (size_t i = 0; i < f.n_said; i++)
        if (strcmp(f.said[i], what) == 0)
            return true;
    return false;
}

/* With one of them the run is too long no more; with both of them it is none. */
static void discard_part(size_t i, uint64_t days)
{
    struct store_session parts[2];

    run_in_parts(parts, 4500, 4500);
    assert_true(was_said("anna spike_distance crossed warning"));
    fake_clock_advance(days * DAY_USEC);
    if (days > 0)
        run(1000);
    restart();
    parts[i].session.state = SESSION_DISCARDED;
    put(&parts[i]);
    assert_true(was_said("anna spike_distance retracted ok"));
    restart();
    assert_said("");
    parts[1 - i].session.state = SESSION_DISCARDED;
    put(&parts[1 - i]);
    assert_false(was_said("anna spike_distance retracted ok"));
}

static void test_the_first_part_of_a_run_is_discarded_at_once(void **state)
{
    discard_part(0, 0);
}

static void test_the_second_part_of_a_run_is_discarded_at_once(void **state)
{
    discard_part(1, 0);
}

static void test_the_first_part_of_a_run_is_discarded_days_later(void **state)
{
    discard_part(0, 10);
}

static void test_the_second_part_of_a_run_is_discarded_days_later(void **state)
{
    discard_part(1, 10);
}

/* What is left of it is too much all the same: nothing is taken back before that is gone, too. */
static void test_a_part_of_a_run_whose_rest_is_too_much_takes_nothing_back(void **state)
{
    struct store_session parts[2];

    run_in_parts(parts, 1000, 9000);
    assert_true(was_said("anna spike_distance crossed warning"));
    fake_clock_advance(10 * DAY_USEC);
    run(1000);
    restart();
    parts[0].session.state = SESSION_DISCARDED;
    put(&parts[0]);
    restart();
    assert_false(was_said("anna spike_distance retracted ok"));
    parts[1].session.state = SESSION_DISCARDED;
    put(&parts[1]);
    assert_true(was_said("anna spike_distance retracted ok"));
    restart();
    assert_said("");
}

/* Killed when the result was on the disk, and it was not said. */
static void test_a_run_that_was_discarded_at_the_end_is_taken_back_once(void **state)
{
    struct store_session long_run = run(9000);

    fake_clock_advance(3 * HOUR_USEC);
    run(1000);
    forget();
    long_run.session.state = SESSION_DISCARDED;
    assert_return_code(store_put_session(f.store, &long_run, NULL, 0, NULL, NULL), 0);
    restart();
    disk_fixture_settle(&f.disk);
    bool found = false;
    for (size_t i = 0; i < f.n_said; i++)
        found |= strcmp(f.said[i], "anna spike_distance retracted ok") == 0;
    assert_true(found);
    restart();
    assert_said("");
}

static void test_first_descents_before_the_latest_run_are_taken_back(void **state)
{
    struct store_session first;

    for (int day = 0; day < 40; day++) {
        struct store_session flat = a_run("anna", 5000, 0);

        if (day % 2 == 0)
            put(&flat);
        fake_clock_advance(DAY_USEC);
    }
    forget();
    first = a_run("anna", 5000, 200);
    put(&first);
    disk_fixture_settle(&f.disk);
    assert_string_equal(f.said[0], "anna first_descent crossed warning");
    fake_clock_advance(8 * DAY_USEC); /* over by itself */
    forget();
    run(5000);
    restart();
    forget();
    first.session.state = SESSION_DISCARDED;
    put(&first);
    disk_fixture_settle(&f.disk);
    bool found = false;
    for (size_t i = 0; i < f.n_said; i++)
        found |= strncmp(f.said[i], "anna first_descent retracted ", 29) == 0;
    assert_true(found);
    put(&first);
    restart();
    assert_said("");
}

/* The descents of another bear it out: nothing is taken back, also not when they are over. */
static void test_first_descents_of_two_runs_stand_with_one(void **state)
{
    struct store_session runs[2];

    for (int day = 0; day < 40; day++) {
        struct store_session flat = a_run("anna", 5000, 0);

        if (day % 2 == 0)
            put(&flat);
        fake_clock_advance(DAY_USEC);
    }
    for (size_t i = 0; i < 2; i++) {
        runs[i] = a_run("anna", 4000, 200);
        put(&runs[i]);
        fake_clock_advance(DAY_USEC);
    }
    forget();
    runs[0].session.state = SESSION_DISCARDED;
    put(&runs[0]);
    for (int day = 0; day < 20; day++)
        fake_clock_advance(DAY_USEC);
    restart();
    disk_fixture_settle(&f.disk);
    for (size_t i = 0; i < f.n_said; i++)
        assert_null(strstr(f.said[i], "first_descent retracted"));
}

/* Recorded twice, told once: it is taken back when both are gone. */
static void test_a_run_that_is_there_twice_is_taken_back_with_the_second(void **state)
{
    struct store_session live = run(9000), twin = live;

    strcpy(twin.session.id, "twin");
    fake_clock_advance(3 * HOUR_USEC);
    run(1000);
    forget();
    strcpy(live.instead, "twin");
    put(&twin);
    put(&live);
    forget();
    live.session.state = SESSION_DISCARDED;
    live.instead[0] = '\0';
    put(&live);
    restart();
    assert_said("");
    twin.session.state = SESSION_DISCARDED;
    put(&twin);
    disk_fixture_settle(&f.disk);
    bool found = false;
    for (size_t i = 0; i < f.n_said; i++)
        found |= strcmp(f.said[i], "anna spike_distance retracted ok") == 0;
    assert_true(found);
    restart();
    assert_said("");
}

/* A run that a file tells of, so many days ago. */
static struct store_session a_file(double distance_m, int days_ago)
{
    struct store_session row = a_run("anna", distance_m, NAN);
    struct tz utc;

    tz_init_utc(&utc);
    row.session.start_usec -= days_ago * (int64_t)DAY_USEC;
    row.session.end_usec -= days_ago * (int64_t)DAY_USEC;
    tz_day_text(&utc, row.session.start_usec / 1000000, row.session.day);
    memset(row.file, 'a', sizeof(row.file) - 1);
    strcpy(row.session.source.distance, "file");
    return row;
}

static void test_a_file_of_an_old_week_raises_nothing(void **state)
{
    struct store_session old = a_file(30000, BEFORE - 20), today = a_file(30000, 0);

    training_sessions(f.training, &old, 1);
    assert_said("");
    assert_true(f.week.measures.distance_m.reference > 15000); /* but it counts */
    old.session.state = SESSION_UNASSIGNED;
    training_session(f.training, &old);
    assert_said("");
    assert_true(f.week.measures.distance_m.reference == 15000);
    training_sessions(f.training, &today, 1); /* today's is news */
    assert_said("anna weekly_distance crossed warning; anna weekly_time crossed warning; "
                "anna spike_distance crossed warning; ");
    today.session.state = SESSION_DISCARDED;
    training_session(f.training, &today);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
}

/* Out of doors in the morning, on the treadmill in the evening, and the watch is read last. */
static void test_a_long_run_is_told_of_though_a_later_one_was_there_first(void **state)
{
    struct store_session yesterday = a_file(8000, 1), again = yesterday;

    run(1000);
    assert_said("");
    training_sessions(f.training, &yesterday, 1);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK); /* of the latest */
    training_sessions(f.training, &yesterday, 1);               /* worked out again */
    assert_said("");
    restart();
    assert_said("");

    struct store_choice choice = { 0 }; /* the same run from somewhere else */
    strcpy(again.session.id, "again");
    snprintf(choice.id, sizeof(choice.id), "%s", yesterday.session.id);
    strcpy(choice.instead, "again");
    training_sessions(f.training, &yesterday, 1);
    forget();
    training_choose(f.training, "anna", &choice, 1);
    training_sessions(f.training, &again, 1);
    assert_said("");
}

/* Yesterday's 20 minutes, of a watch that was stopped and is saved this evening, and today's treadmill. */
static void test_a_forgotten_watch_makes_no_one_run_of_two_days(void **state)
{
    struct store_session watch = a_file(4000, 1);

    watch.session.elapsed_s = 26 * 3600;
    watch.session.end_usec = watch.session.start_usec + 26 * (int64_t)HOUR_USEC;
    run(4000);
    fake_clock_advance(2 * HOUR_USEC);
    assert_said("");
    training_sessions(f.training, &watch, 1);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; ");
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK);
    assert_true(f.alert[RULE_SPIKE_DISTANCE].value == 4000);
    fake_clock_advance(3 * DAY_USEC);
    run(5600); /* the longest before it is one of 5 km, and none of 8 */
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_WARNING);
    assert_true(f.alert[RULE_SPIKE_DISTANCE].reference == 5000);
}

static void test_a_long_run_is_told_of_though_a_later_one_came_with_it(void **state)
{
    struct store_session rows[] = { a_file(1000, 0), a_file(8000, 1), a_file(90000, 3) };

    training_sessions(f.training, rows, 2);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    training_sessions(f.training, &rows[2], 1); /* old: no news */
    assert_said("");
}

static void test_a_long_run_that_came_late_takes_back_what_was_said(void **state)
{
    struct store_session yesterday = a_file(8000, 1);

    run(1000);
    training_sessions(f.training, &yesterday, 1);
    (void)store_put_session(f.store, &yesterday, NULL, 0, NULL, NULL);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    restart();
    yesterday.session.state = SESSION_DISCARDED;
    put(&yesterday);
    assert_said("anna weekly_distance retracted ok; anna weekly_time retracted ok; "
                "anna spike_distance retracted ok; ");
    put(&yesterday);
    restart();
    assert_said("");
}

static void test_a_file_of_many_sessions_is_judged_once(void **state)
{
    struct store_session rows[] = { a_file(3000, 40), a_file(4500, 0), a_file(4500, 0),
                                    a_file(90000, 0) };

    rows[2].session.start_usec += 1000000;
    rows[3].session.kind = SESSION_OTHER; /* a ride */
    forget();
    training_sessions(f.training, rows, 4);
    assert_int_equal(f.weeks, 1);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    assert_true(f.week.measures.distance_m.total == 19000);
}

/* By another formula today's run was a long one: it is so, and is told with the next. */
static void test_files_that_are_read_again_raise_nothing(void **state)
{
    struct store_session rows[] = { a_file(1000, 2), a_file(5000, 0) };

    training_sessions(f.training, rows, 2);
    assert_said("");
    forget();
    for (size_t i = 0; i < 2; i++) {
        rows[i].session.distance_m = 9000;
        training_correct(f.training, &rows[i], 1);
    }
    assert_int_equal(f.weeks, 0); /* not each of them */
    training_corrected(f.training);
    assert_int_equal(f.weeks, 2); /* each runner's, once */
    assert_said("");
    assert_true(f.week.measures.distance_m.total == 28000);
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_WARNING);
    rows[1].session.state = SESSION_DISCARDED; /* and what is away by now stays away */
    training_correct(f.training, &rows[1], 1);
    training_corrected(f.training);
    assert_true(f.week.measures.distance_m.total == 19000);
    assert_said("");
    run(400);
    assert_said("anna weekly_distance crossed caution; ");
}

/* Live, then from the watch, which measured more. */
static void test_of_a_run_that_is_there_twice_one_counts(void **state)
{
    struct store_session live = run(9000), file = a_file(9100, 0);
    struct store_choice choice = { 0 };

    forget();
    snprintf(choice.id, sizeof(choice.id), "%s", live.session.id);
    snprintf(choice.instead, sizeof(choice.instead), "%s", file.session.id);
    training_choose(f.training, "anna", &choice, 1);
    training_sessions(f.training, &file, 1);
    assert_said(""); /* of the same run nothing is told twice */
    assert_true(f.week.measures.distance_m.total == 19100);

    memcpy(live.instead, choice.instead, sizeof(live.instead));
    put(&live); /* its result is worked out again */
    (void)store_put_session(f.store, &file, NULL, 0, NULL, NULL);
    assert_true(f.week.measures.distance_m.total == 19100);
    restart();
    assert_true(f.week.measures.distance_m.total == 19100);
    assert_said("");

    choice.instead[0] = '\0';
    training_choose(f.training, "anna", &choice, 1);
    file.session.state = SESSION_DISCARDED;
    training_session(f.training, &file);
    assert_true(f.week.measures.distance_m.total == 19000);
    assert_said("");
}

static void test_a_rule_that_is_switched_off_is_not_spoken_of(void **state)
{
    static struct conf changed;

    run(9000);
    forget();
    changed = f.conf;
    changed.rules.rule[RULE_WEEKLY_DISTANCE].enable = false;
    changed.rules.rule[RULE_WEEKLY_TIME].notify = false;
    changed.rules.rule[RULE_MONOTONY].enable = true;
    changed.runners[0].publish_heart_rate = false; /* monotony is made of heart loads */
    changed.n_runners = 1;
    training_set_conf(f.training, &changed);
    training_say_all(f.training);
    assert_said("");
    assert_int_not_equal(f.alert[RULE_WEEKLY_DISTANCE].rule, RULE_WEEKLY_DISTANCE);
    assert_int_not_equal(f.alert[RULE_MONOTONY].rule, RULE_MONOTONY);
    assert_int_equal(word_of(RULE_WEEKLY_TIME), VERDICT_CAUTION);
    assert_true(f.week.measures.distance_m.total == 19000); /* what was done is told */
    assert_true(isnan(f.week.measures.distance_m.limit));
    assert_null(verdict_word_name(f.week.measures.distance_m.verdict));
    struct payload_live live;
    payload_live_init(&live);
    training_fill_left(f.training, 0, &live);
    assert_true(isnan(live.left_today.distance_m));
    assert_true(live.left_today.moving_s == 0);
    f.conf = changed;
}

/* A battery clock, years ahead: what was said of a run of that day says nothing about those of these
 * days, and is taken back with it, once. */
static void test_a_run_of_a_clock_that_was_ahead(void **state)
{
    int64_t right_usec = clock_wall_usec();
    struct store_session wrong;

    fake_clock_set_wall(right_usec + 20 * (int64_t)DAY_USEC);
    wrong = run(9000);
    assert_said("anna spike_distance crossed warning; ");
    fake_clock_set_wall(right_usec);
    training_clock_changed(f.training);
    assert_said("");
    fake_clock_advance(DAY_USEC);
    run(9000);
    disk_fixture_settle(&f.disk);
    assert_true(was_said("anna spike_distance crossed warning"));
    restart();
    wrong.session.state = SESSION_DISCARDED;
    put(&wrong);
    assert_said("anna spike_distance retracted ok; ");
    restart();
    assert_said("");
}

/* The same at once, on a day of no run, and of one. */
static void test_a_run_of_a_clock_that_was_ahead_is_discarded(void **state)
{
    for (int runs = 0; runs < 2; runs++) {
        int64_t right_usec = clock_wall_usec();
        struct store_session wrong;

        if (runs)
            run(1000);
        fake_clock_set_wall(right_usec + 20 * (int64_t)DAY_USEC);
        wrong = run(9000);
        assert_said("anna spike_distance crossed warning; ");
        fake_clock_set_wall(right_usec);
        training_clock_changed(f.training);
        wrong.session.state = SESSION_DISCARDED;
        put(&wrong);
        disk_fixture_settle(&f.disk);
        assert_true(was_said("anna spike_distance retracted ok"));
        assert_int_equal(f.n_said, 1);
        restart();
        assert_said("");
        fake_clock_advance(DAY_USEC);
    }
}

/* 100 days, and once more said something there: what was said before that is found again. */
static void test_a_clock_that_was_ahead_makes_forget_nothing(void **state)
{
    int64_t right_usec = clock_wall_usec();
    struct store_session long_run = run(9000);

    fake_clock_set_wall(right_usec + 100 * (int64_t)DAY_USEC);
    for (int i = 0; i < 4; i++) {
        run(i == 3 ? 9000 : 5000);
        fake_clock_advance(2 * DAY_USEC);
    }
    disk_fixture_settle(&f.disk);
    assert_true(was_said("anna spike_distance crossed warning"));
    long_run.session.state = SESSION_DISCARDED;
    assert_return_code(store_put_session(f.store, &long_run, NULL, 0, NULL, NULL), 0);
    restart(); /* it is of no interest so late */
    assert_said("");
    stop();
    fake_clock_set_wall(right_usec + 10 * (int64_t)DAY_USEC);
    forget();
    start();
    disk_fixture_settle(&f.disk);
    assert_true(was_said("anna spike_distance retracted ok"));
    restart();
    assert_said("");
}

static void test_while_the_clock_is_unset_nothing_is_judged(void **state)
{
    stop();
    forget();
    f.clock = CLOCK_UNSET;
    start();
    assert_int_equal(f.weeks + f.alerts, 0);
    f.clock = CLOCK_SYNCED;
    training_clock_changed(f.training);
    assert_int_equal(f.weeks, 2);
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_OK);
}

static void test_a_log_that_is_begun_anew_has_no_verdicts(void **state)
{
    stop();
    forget();
    disk_write(&f.disk, "strided.db", "no database", 11);
    start();
    assert_int_equal(f.weeks, 2);
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_INSUFFICIENT_HISTORY);
    assert_said("");
}

/* A log that can't be read must not pass for weeks of rest. */
static void test_without_the_log_nothing_is_judged(void **state)
{
    sqlite3 *db;

    stop();
    forget();
    assert_int_equal(sqlite3_open(disk_path(&f.disk, "strided.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    start();
    run(9000);
    fake_clock_advance(DAY_USEC);
    assert_int_equal(f.weeks + f.alerts, 0);
    assert_said("");
}

/* ---- what a person says to it -------------------------------------------------------------- */

static struct {
    int n, result;
    size_t n_rows;
    struct store_said rows[8];
} answered;

static void on_stored(void *userdata, int result)
{
    answered.n++;
    answered.result = result;
}

static void on_found(void *userdata, int result, const struct store_said *rows, size_t n, bool more)
{
    on_stored(userdata, result);
    assert_true(n <= 8 && !more);
    answered.n_rows = n;
    memcpy(answered.rows, rows, n * sizeof(*rows));
}

static void assert_stored(int r)
{
    assert_return_code(r, 0);
    assert_int_equal(answered.n, 0);
    disk_fixture_settle(&f.disk);
    assert_int_equal(answered.n, 1);
    assert_int_equal(answered.result, 0);
    answered.n = 0;
}

static void snooze(enum rule_id rule, int hours)
{
    assert_stored(training_snooze(f.training, 0, rule, hours, on_stored, NULL));
}

static void test_what_was_seen_is_not_reminded_of_and_a_worse_one_is_told(void **state)
{
    bool standing[RULES];

    f.conf.rules.remind_every_usec = DAY_USEC;
    run(9000);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    assert_stored(
        training_acknowledge(f.training, 0, RULE_WEEKLY_DISTANCE, standing, on_stored, NULL));
    for (enum rule_id rule = 0; rule < RULES; rule++)
        assert_int_equal(standing[rule], rule == RULE_WEEKLY_DISTANCE);
    restart();
    fake_clock_advance(DAY_USEC);
    run(100);
    assert_said("anna weekly_time reminded caution; ");
    assert_stored(training_acknowledge(f.training, 0, RULES, standing, on_stored, NULL));
    assert_true(standing[RULE_WEEKLY_DISTANCE] && standing[RULE_WEEKLY_TIME]);
    assert_false(standing[RULE_SPIKE_DISTANCE]); /* of another run */
    fake_clock_advance(HOUR_USEC * 20);
    run(6000);
    assert_said("anna weekly_distance crossed warning; anna weekly_time crossed warning; ");
}

static void test_what_is_snoozed_is_so_and_is_not_said(void **state)
{
    snooze(RULES, 24);
    run(9000);
    assert_said("");
    assert_int_equal(word_of(RULE_WEEKLY_DISTANCE), VERDICT_CAUTION);
    assert_true(f.alert[RULE_WEEKLY_DISTANCE].since_usec == 0);
    assert_true(training_snoozed_until(f.training, 0, RULE_WEEKLY_TIME) > clock_wall_usec());
    restart();
    fake_clock_advance(23 * HOUR_USEC);
    run(100);
    assert_said("");
    fake_clock_advance(2 * HOUR_USEC);
    assert_int_equal(training_snoozed_until(f.training, 0, RULE_WEEKLY_TIME), 0);
    run(100);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; ");
}

static void test_what_is_snoozed_is_taken_back_in_silence(void **state)
{
    struct store_session long_run = run(9000);

    forget();
    snooze(RULE_SPIKE_DISTANCE, 24);
    snooze(RULE_WEEKLY_DISTANCE, 24);
    long_run.session.state = SESSION_DISCARDED;
    put(&long_run);
    assert_said("anna weekly_time retracted ok; ");
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK);
    restart();
    assert_said("");
    fake_clock_advance(25 * HOUR_USEC);
    run(9000);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
}

static void test_a_run_that_comes_late_is_not_told_of_while_it_is_snoozed(void **state)
{
    struct store_session late = a_run("anna", 9000, NAN);

    snooze(RULES, 24);
    fake_clock_advance(6 * HOUR_USEC);
    run(1000);
    put(&late);
    assert_said("");
    assert_int_equal(word_of(RULE_SPIKE_DISTANCE), VERDICT_OK); /* of the latest */
}

static void test_what_was_said_is_found_with_its_session(void **state)
{
    struct store_session long_run = run(9000);
    bool standing[RULES];

    assert_stored(training_find_said(f.training, 0, 28, "", on_found, NULL));
    assert_int_equal(answered.n_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(answered.rows[i].session_id, long_run.session.id);
        assert_string_equal(answered.rows[i].news, "crossed");
        assert_string_equal(answered.rows[i].day, "2026-02-07");
        assert_int_equal(answered.rows[i].acknowledged_usec, 0);
    }
    assert_string_equal(answered.rows[0].rule, "spike_distance"); /* the last of them */
    assert_string_equal(answered.rows[0].verdict, "warning");
    assert_string_equal(answered.rows[0].evidence, "A");
    assert_string_equal(answered.rows[0].sentence, f.alert[RULE_SPIKE_DISTANCE].sentence);
    assert_true(answered.rows[0].value == 9000 && answered.rows[0].reference == 5000);
    assert_stored(
        training_acknowledge(f.training, 0, RULE_SPIKE_DISTANCE, standing, on_stored, NULL));
    restart();
    assert_stored(training_find_said(f.training, 0, 1, "", on_found, NULL));
    assert_int_equal(answered.n_rows, 3);
    assert_int_not_equal(answered.rows[0].acknowledged_usec, 0);
    assert_int_equal(answered.rows[1].acknowledged_usec, 0);
    char last[EVENT_ID_MAX];
    snprintf(last, sizeof(last), "%s", answered.rows[0].id);
    assert_stored(training_find_said(f.training, 0, 28, last, on_found, NULL));
    assert_int_equal(answered.n_rows, 2);
    assert_stored(training_find_said(f.training, 1, 28, "", on_found, NULL)); /* of Ben */
    assert_int_equal(answered.n_rows, 0);
}

static void test_nothing_is_said_to_what_nobody_judges(void **state)
{
    bool standing[RULES];

    f.clock = CLOCK_UNSET;
    assert_int_equal(training_snooze(f.training, 0, RULES, 1, on_stored, NULL), -EAGAIN);
    assert_int_equal(training_acknowledge(f.training, 0, RULES, standing, on_stored, NULL),
                     -EAGAIN);
    assert_int_equal(training_find_said(f.training, 0, 28, "", on_found, NULL), -EAGAIN);
    f.clock = CLOCK_SYNCED;
    run(9000);
    assert_said("anna weekly_distance crossed caution; anna weekly_time crossed caution; "
                "anna spike_distance crossed warning; ");
    assert_int_equal(answered.n, 0);
}

static void test_a_rule_is_explained_with_what_it_published(void **state)
{
    struct explanation explanation;
    struct payload_alert alert;

    run(9000);
    assert_true(training_explain(f.training, 0, RULE_WEEKLY_DISTANCE, &explanation, &alert));
    assert_string_equal(explanation.formula,
                        "19 km against 15 km x 1.10 = 16.5 km, at least 15 km + 2 km = 17 km: "
                        "caution");
    assert_true(alert.value == f.alert[RULE_WEEKLY_DISTANCE].value);
    assert_true(alert.since_usec == f.alert[RULE_WEEKLY_DISTANCE].since_usec);
    assert_string_equal(alert.sentence, f.alert[RULE_WEEKLY_DISTANCE].sentence);
    assert_false(training_explain(f.training, 0, RULE_MONOTONY, &explanation, &alert)); /* off */
    f.live = a_run("anna", 1500, NAN);
    f.open = true;
    assert_true(training_explain(f.training, 0, RULE_WEEKLY_DISTANCE, &explanation, &alert));
    assert_string_equal(explanation.formula,
                        "20.5 km against 15 km x 1.30 = 19.5 km, at least 15 km + 2 km = 17 km: "
                        "warning");
    assert_true(explanation.days[6].live && explanation.days[6].value == 10500);
    f.open = false;
    f.clock = CLOCK_UNSET;
    assert_false(training_explain(f.training, 0, RULE_WEEKLY_DISTANCE, &explanation, &alert));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_was_seen_is_not_reminded_of_and_a_worse_one_is_told),
        T(test_what_is_snoozed_is_so_and_is_not_said),
        T(test_what_is_snoozed_is_taken_back_in_silence),
        T(test_a_run_that_comes_late_is_not_told_of_while_it_is_snoozed),
        T(test_what_was_said_is_found_with_its_session),
        T(test_nothing_is_said_to_what_nobody_judges),
        T(test_a_rule_is_explained_with_what_it_published),
        T(test_an_usual_week_is_ok_and_says_so),
        T(test_a_hike_is_told_apart_from_the_runs),
        T(test_a_crossing_is_said_once_and_a_restart_is_silent),
        T(test_what_was_not_said_before_the_end_is_said_once),
        T(test_what_was_not_said_for_days_is_no_news),
        T(test_a_discarded_run_takes_back_what_was_said),
        T(test_midnight_clears_and_never_raises),
        T(test_the_end_of_a_caution_is_said_with_the_next_news_also_after_a_restart),
        T(test_midnight_falls_between_two_looks_at_the_clock),
        T(test_midnight_is_the_runners_own),
        T(test_a_day_that_has_begun_goes_on_where_it_is_yesterday_still),
        T(test_a_run_that_goes_on_counts_down_and_crosses_once),
        T(test_a_run_that_is_discarded_while_it_goes_on),
        T(test_a_run_that_is_somebody_elses),
        T(test_a_run_that_is_given_to_another_takes_back_what_was_said),
        T(test_a_run_before_the_latest_takes_back_what_was_said),
        T(test_a_run_of_days_ago_takes_back_what_was_said_of_it),
        T(test_the_first_part_of_a_run_is_discarded_at_once),
        T(test_the_second_part_of_a_run_is_discarded_at_once),
        T(test_the_first_part_of_a_run_is_discarded_days_later),
        T(test_the_second_part_of_a_run_is_discarded_days_later),
        T(test_a_part_of_a_run_whose_rest_is_too_much_takes_nothing_back),
        T(test_a_run_that_was_discarded_at_the_end_is_taken_back_once),
        T(test_first_descents_before_the_latest_run_are_taken_back),
        T(test_first_descents_of_two_runs_stand_with_one),
        T(test_a_run_that_is_there_twice_is_taken_back_with_the_second),
        T(test_a_file_of_an_old_week_raises_nothing),
        T(test_a_long_run_is_told_of_though_a_later_one_was_there_first),
        T(test_a_forgotten_watch_makes_no_one_run_of_two_days),
        T(test_a_long_run_is_told_of_though_a_later_one_came_with_it),
        T(test_a_long_run_that_came_late_takes_back_what_was_said),
        T(test_a_file_of_many_sessions_is_judged_once),
        T(test_files_that_are_read_again_raise_nothing),
        T(test_of_a_run_that_is_there_twice_one_counts),
        T(test_a_rule_that_is_switched_off_is_not_spoken_of),
        T(test_a_run_of_a_clock_that_was_ahead),
        T(test_a_run_of_a_clock_that_was_ahead_is_discarded),
        T(test_a_clock_that_was_ahead_makes_forget_nothing),
        T(test_while_the_clock_is_unset_nothing_is_judged),
        T(test_a_log_that_is_begun_anew_has_no_verdicts),
        T(test_without_the_log_nothing_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
