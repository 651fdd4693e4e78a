/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/training/announce.h"
#include "training_log.h"

#define DAY (int64_t) LOG_DAY_S

static struct training_log training;
static struct rule_settings settings;
static struct announce states[RULES];
static enum announce_news news[RULES];

static int setup(void **state)
{
    log_init(&training);
    rule_settings_init(&settings);
    memset(states, 0, sizeof(states));
    return 0;
}

/* ---- one rule, verdict by verdict */

/* W0 as a share of R, judged as the weekly rules are. */
static struct verdict week(double ratio)
{
    return (struct verdict){ .rule = RULE_WEEKLY_DISTANCE,
                             .word = ratio <= 1.1   ? VERDICT_OK
                                     : ratio <= 1.3 ? VERDICT_CAUTION
                                                    : VERDICT_WARNING,
                             .value = ratio * 40000,
                             .reference = 40000,
                             .ratio = ratio,
                             .clears = ratio <= 1 };
}

struct moment {
    double ratio; /* 0: no verdict */
    enum announce_cause cause;
    double day;
    enum announce_news news;
};

static void play(const char *label, const struct moment *moments, size_t n)
{
    struct announce state = { 0 };

    for (size_t i = 0; i < n; i++) {
        struct verdict verdict = week(moments[i].ratio);
        struct announce stored = state; /* a restart: what was stored is read again */
        enum announce_news got;

        print_message("%s: %zu\n", label, i);
        if (moments[i].ratio == 0)
            verdict.word = VERDICT_INSUFFICIENT_DATA;
        state = stored;
        got = announce_feed(&state, &settings, &verdict, moments[i].cause,
                            1000000 + (int64_t)(moments[i].day * 86400));
        assert_string_equal(announce_news_name(got), announce_news_name(moments[i].news));
        assert_int_equal(state.since_s != 0, state.standing != VERDICT_OK);
    }
}
#define PLAY(label, ...)                                                                           \
    do {                                                                                           \
        static const struct moment moments[] = { __VA_ARGS__ };                                    \
                                                                                                   \
        play(label, moments, sizeof(moments) / sizeof(moments[0]));                                \
    } while (0)

static void test_once_per_crossing(void **state)
{
    PLAY("caution, then warning", { 1.0, ANNOUNCE_RUN, 0, ANNOUNCE_NOTHING },
         { 1.11, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED }, { 1.12, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING },
         { 1.31, ANNOUNCE_RUN, 2, ANNOUNCE_CROSSED }, { 1.32, ANNOUNCE_RUN, 3, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_RUN, 4, ANNOUNCE_NOTHING }, { 1.35, ANNOUNCE_RUN, 5, ANNOUNCE_NOTHING });
    PLAY("at the edge of the limit", { 1.11, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED },
         { 1.09, ANNOUNCE_RUN, 2, ANNOUNCE_NOTHING }, { 1.11, ANNOUNCE_RUN, 3, ANNOUNCE_NOTHING },
         { 1.0, ANNOUNCE_RUN, 4, ANNOUNCE_NOTHING } /* over: with other news */,
         { 1.0, ANNOUNCE_RUN, 4, ANNOUNCE_NOTHING }, { 1.11, ANNOUNCE_RUN, 5, ANNOUNCE_CROSSED });
    PLAY("the same of warnings", { 1.31, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED },
         { 1.29, ANNOUNCE_RUN, 2, ANNOUNCE_NOTHING }, { 1.31, ANNOUNCE_RUN, 3, ANNOUNCE_NOTHING },
         { 1.0, ANNOUNCE_RUN, 4, ANNOUNCE_CLEARED }, { 1.0, ANNOUNCE_RUN, 4, ANNOUNCE_NOTHING },
         { 1.31, ANNOUNCE_RUN, 5, ANNOUNCE_CROSSED });
    PLAY("warning at once", { 1.5, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED },
         { 1.2, ANNOUNCE_RUN, 2, ANNOUNCE_NOTHING });
}

static void test_midnight_may_only_clear(void **state)
{
    PLAY("the reference shrinks over night", { 1.2, ANNOUNCE_MIDNIGHT, 1, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_RUN, 1.3, ANNOUNCE_CROSSED },
         { 1.4, ANNOUNCE_MIDNIGHT, 2, ANNOUNCE_NOTHING },
         { 1.4, ANNOUNCE_RUN, 2.3, ANNOUNCE_CROSSED },
         { 1.05, ANNOUNCE_MIDNIGHT, 3, ANNOUNCE_NOTHING },
         { 0.9, ANNOUNCE_MIDNIGHT, 4, ANNOUNCE_CLEARED });
}

/* Down for months: what was told before is no news, however it ended. */
static void test_the_end_of_a_warning_is_no_news_months_later(void **state)
{
    PLAY("just in time", { 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 0.9, ANNOUNCE_MIDNIGHT, ANNOUNCE_OVER_DAYS, ANNOUNCE_CLEARED });
    PLAY("months later", { 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 0.9, ANNOUNCE_MIDNIGHT, 90, ANNOUNCE_NOTHING },
         { 0.9, ANNOUNCE_RUN, 90.5, ANNOUNCE_NOTHING },
         { 1.4, ANNOUNCE_RUN, 91, ANNOUNCE_CROSSED });
    settings.remind_every_usec = (uint64_t)100 * 86400 * 1000000;
    PLAY("told as seldom as that", { 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 0.9, ANNOUNCE_MIDNIGHT, 90, ANNOUNCE_CLEARED });
}

static void test_reminded_while_it_lasts_and_the_runner_runs(void **state)
{
    PLAY("a week later", { 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 1.2, ANNOUNCE_RUN, 6.9, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_MIDNIGHT, 7, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_HISTORY, 7.1, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_WALK, 7.1, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_RUN, 7.2, ANNOUNCE_REMINDED },
         { 1.2, ANNOUNCE_RUN, 7.3, ANNOUNCE_NOTHING },
         { 1.05, ANNOUNCE_RUN, 15, ANNOUNCE_NOTHING } /* below the limit: nothing to remind of */,
         { 1.2, ANNOUNCE_RUN, 15, ANNOUNCE_REMINDED });
    PLAY("the clock is set back", { 1.2, ANNOUNCE_RUN, 1000, ANNOUNCE_CROSSED },
         { 1.2, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING }, { 1.2, ANNOUNCE_RUN, 8, ANNOUNCE_REMINDED });
}

static void test_late_history_corrects_and_raises_nothing(void **state)
{
    PLAY("a file of this week makes it worse", { 1.2, ANNOUNCE_HISTORY, 0, ANNOUNCE_NOTHING },
         { 1.2, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED }, { 1.4, ANNOUNCE_HISTORY, 2, ANNOUNCE_NOTHING },
         { 1.4, ANNOUNCE_RUN, 2, ANNOUNCE_CROSSED });
    PLAY("files of older weeks raise the reference", { 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 0.9, ANNOUNCE_HISTORY, 0, ANNOUNCE_CLEARED });
}

static void test_a_discarded_session_takes_back_what_rested_on_it(void **state)
{
    PLAY("all of it", { 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 1.05, ANNOUNCE_DISCARDED, 0, ANNOUNCE_RETRACTED },
         { 1.2, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED });
    PLAY("the warning, not the caution", { 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 1.2, ANNOUNCE_DISCARDED, 0, ANNOUNCE_RETRACTED },
         { 1.2, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING });
    PLAY("another session, which mattered not", { 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 1.08, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING },
         { 1.05, ANNOUNCE_DISCARDED, 1, ANNOUNCE_NOTHING },
         { 0.9, ANNOUNCE_DISCARDED, 1, ANNOUNCE_CLEARED });
    PLAY("so that nothing is known", { 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 0, ANNOUNCE_DISCARDED, 0, ANNOUNCE_RETRACTED });
    PLAY("nothing known for a while", { 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED },
         { 0, ANNOUNCE_RUN, 0, ANNOUNCE_NOTHING }, { 1.2, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING });
}

static void test_quieter_where_a_person_wants_it(void **state)
{
    settings.notify_at = VERDICT_WARNING;
    PLAY("warnings only", { 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_NOTHING },
         { 1.4, ANNOUNCE_RUN, 1, ANNOUNCE_CROSSED }, { 1.2, ANNOUNCE_RUN, 9, ANNOUNCE_NOTHING },
         { 1.0, ANNOUNCE_RUN, 10, ANNOUNCE_CLEARED });
    settings.notify_at = VERDICT_CAUTION;
    settings.rule[RULE_WEEKLY_DISTANCE].notify = false;
    PLAY("not at all", { 1.4, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING });
    settings.rule[RULE_WEEKLY_DISTANCE].notify = true;
    settings.rule[RULE_WEEKLY_DISTANCE].enable = false;
    PLAY("switched off", { 1.4, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING });
}

/* ---- what a person says to it */

#define AT(day) (1000000 + (int64_t)((day)*86400))

static void expect(struct announce *state, double ratio, enum announce_cause cause, double day,
                   enum announce_news want)
{
    struct verdict verdict = week(ratio);
    enum announce_news got = announce_feed(state, &settings, &verdict, cause, AT(day));

    if (got != want)
        fail_msg("%g on day %g: %s", ratio, day, announce_news_name(got));
}

static void test_of_what_was_seen_nobody_is_reminded(void **state)
{
    struct announce it = { 0 };

    assert_false(announce_see(&it, AT(0))); /* nothing stands */
    expect(&it, 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED);
    assert_true(announce_see(&it, AT(1)));
    expect(&it, 1.2, ANNOUNCE_RUN, 8, ANNOUNCE_NOTHING);
    expect(&it, 1.2, ANNOUNCE_RUN, 80, ANNOUNCE_NOTHING);
    expect(&it, 1.4, ANNOUNCE_RUN, 81, ANNOUNCE_CROSSED); /* it is worse */
    assert_int_equal(it.seen_s, 0);
    expect(&it, 1.4, ANNOUNCE_RUN, 88, ANNOUNCE_REMINDED);
    assert_true(announce_see(&it, AT(89)));
    expect(&it, 1.2, ANNOUNCE_RUN, 96, ANNOUNCE_NOTHING); /* the same that stands, and less of it */
    expect(&it, 0.9, ANNOUNCE_RUN, 97, ANNOUNCE_CLEARED);
    expect(&it, 1.2, ANNOUNCE_RUN, 98, ANNOUNCE_CROSSED); /* another one */
    expect(&it, 1.2, ANNOUNCE_RUN, 105, ANNOUNCE_REMINDED);
}

/* What nobody was told of is not seen. */
static void test_what_is_left_to_another_rule_is_not_seen(void **state)
{
    struct announce it = { .standing = VERDICT_CAUTION,
                           .level = VERDICT_CAUTION,
                           .since_s = AT(0) };

    assert_false(announce_see(&it, AT(1)));
    expect(&it, 1.2, ANNOUNCE_RUN, 8, ANNOUNCE_CROSSED);
}

static void test_a_snoozed_rule_is_silent_and_speaks_with_the_next_run_after_it(void **state)
{
    struct announce it = { 0 };

    announce_snooze(&it, AT(0), 2 * DAY);
    assert_int_equal(announce_snoozed_until(&it, AT(1)), AT(2));
    expect(&it, 1.2, ANNOUNCE_RUN, 0.5, ANNOUNCE_NOTHING);
    expect(&it, 1.4, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING); /* nothing stood: all of it */
    assert_int_equal(it.standing, VERDICT_OK);
    expect(&it, 1.4, ANNOUNCE_MIDNIGHT, 2.1, ANNOUNCE_NOTHING);
    assert_int_equal(announce_snoozed_until(&it, AT(2)), 0);
    expect(&it, 1.4, ANNOUNCE_RUN, 2.5, ANNOUNCE_CROSSED);
}

static void test_a_snooze_can_be_taken_back(void **state)
{
    struct announce it = { 0 };

    announce_snooze(&it, AT(0), 2 * DAY);
    expect(&it, 1.2, ANNOUNCE_RUN, 0.5, ANNOUNCE_NOTHING);
    announce_snooze(&it, AT(0.6), 0);
    assert_int_equal(announce_snoozed_until(&it, AT(0.6)), 0);
    assert_int_equal(it.snoozed_s, 0); /* as if it had never been */
    assert_int_equal(it.snoozed_until_s, 0);
    expect(&it, 1.2, ANNOUNCE_RUN, 0.7, ANNOUNCE_CROSSED);
}

static void test_a_warning_is_told_of_a_caution_that_was_snoozed(void **state)
{
    struct announce it = { 0 };

    expect(&it, 1.2, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED);
    announce_snooze(&it, AT(6.5), 2 * DAY);
    expect(&it, 1.2, ANNOUNCE_RUN, 7, ANNOUNCE_NOTHING); /* no reminder */
    expect(&it, 1.4, ANNOUNCE_RUN, 7.5, ANNOUNCE_CROSSED);
    expect(&it, 1.4, ANNOUNCE_RUN, 8, ANNOUNCE_NOTHING);
    expect(&it, 0.9, ANNOUNCE_RUN, 8.2, ANNOUNCE_CLEARED); /* of what was told */
    expect(&it, 1.2, ANNOUNCE_RUN, 8.3, ANNOUNCE_NOTHING);
    expect(&it, 1.2, ANNOUNCE_RUN, 9, ANNOUNCE_CROSSED);
}

static void test_the_end_of_a_snoozed_warning_is_told_later_with_other_news(void **state)
{
    struct verdict verdicts[RULES];
    struct announce *it = &states[RULE_WEEKLY_DISTANCE];

    for (enum rule_id id = 0; id < RULES; id++)
        verdicts[id] = (struct verdict){ .rule = id, .word = VERDICT_INSUFFICIENT_DATA };
    expect(it, 1.4, ANNOUNCE_RUN, 0, ANNOUNCE_CROSSED);
    announce_snooze(it, AT(1), DAY);
    verdicts[RULE_WEEKLY_DISTANCE] = week(0.9);
    verdicts[RULE_WEEKLY_TIME] = week(1.2);
    verdicts[RULE_WEEKLY_TIME].rule = RULE_WEEKLY_TIME;
    announce_feed_all(states, &settings, verdicts, ANNOUNCE_RUN, AT(1.5), news);
    assert_int_equal(news[RULE_WEEKLY_TIME], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
    verdicts[RULE_WEEKLY_TIME].word = VERDICT_WARNING;
    announce_feed_all(states, &settings, verdicts, ANNOUNCE_RUN, AT(2.5), news);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CLEARED);
}

/* Of single runs each has its own state: the hours hold for all of them. */
static void test_a_snooze_outlasts_the_run_it_was_said_in(void **state)
{
    struct verdict verdict = {
        .rule = RULE_SPIKE_DISTANCE, .word = VERDICT_WARNING, .start_s = AT(0), .end_s = AT(0.1)
    };
    struct announce it = { 0 };

    assert_int_equal(announce_feed(&it, &settings, &verdict, ANNOUNCE_RUN, AT(0.1)),
                     ANNOUNCE_CROSSED);
    assert_true(announce_see(&it, AT(0.1)));
    announce_snooze(&it, AT(0.2), 2 * DAY);
    verdict.start_s = AT(1);
    verdict.end_s = AT(1.1);
    assert_int_equal(announce_feed(&it, &settings, &verdict, ANNOUNCE_RUN, AT(1.1)),
                     ANNOUNCE_NOTHING);
    assert_int_equal(it.seen_s, 0);
    assert_true(announce_is_silent(&it, VERDICT_WARNING, AT(1.1)));
    verdict.start_s = AT(3);
    verdict.end_s = AT(3.1);
    assert_int_equal(announce_feed(&it, &settings, &verdict, ANNOUNCE_RUN, AT(3.1)),
                     ANNOUNCE_CROSSED);
}

static void test_a_snooze_takes_its_hours_however_the_clock_is_set(void **state)
{
    struct announce it = { 0 };

    announce_snooze(&it, AT(1000), 2 * DAY);
    expect(&it, 1.2, ANNOUNCE_RUN, 1, ANNOUNCE_NOTHING);
    assert_int_equal(announce_snoozed_until(&it, AT(1)), AT(3));
    expect(&it, 1.2, ANNOUNCE_RUN, 3.1, ANNOUNCE_CROSSED);
}

/* It stands since then, but nobody was told: the first word is no reminder. */
static void test_what_was_left_to_another_rule_is_told_as_a_crossing(void **state)
{
    struct announce downhill = { .standing = VERDICT_CAUTION,
                                 .level = VERDICT_CAUTION,
                                 .since_s = 1000000 };
    struct verdict verdict = week(1.2);
    int64_t week_s = 1000000 + 7 * DAY;

    assert_int_equal(announce_feed(&downhill, &settings, &verdict, ANNOUNCE_RUN, week_s - 1),
                     ANNOUNCE_NOTHING);
    assert_int_equal(announce_feed(&downhill, &settings, &verdict, ANNOUNCE_RUN, week_s),
                     ANNOUNCE_CROSSED);
    assert_int_equal(announce_feed(&downhill, &settings, &verdict, ANNOUNCE_RUN, week_s + 7 * DAY),
                     ANNOUNCE_REMINDED);
}

/* Off and on again is as quiet as a restart: what was told is known, and what was not is news. */
static void test_a_rule_that_was_off_for_a_while(void **state)
{
    const struct rule_setting on = settings.rule[RULE_WEEKLY_DISTANCE];
    struct rule_setting off[] = { on, on };

    off[0].enable = off[1].notify = false;
    for (size_t i = 0; i < 2; i++) {
        static const struct {
            bool on;
            double ratio;
            enum announce_news news;
        } rows[] = {
            { true, 1.2, ANNOUNCE_CROSSED },
            { false, 1.2, ANNOUNCE_NOTHING },
            { true, 1.2, ANNOUNCE_NOTHING }, /* it was told */
            { false, 1.4, ANNOUNCE_NOTHING },
            { true, 1.4, ANNOUNCE_CROSSED }, /* that was not */
            { false, 0.9, ANNOUNCE_NOTHING },
            { true, 0.9, ANNOUNCE_NOTHING }, /* it ended while nobody wanted to know */
            { true, 1.2, ANNOUNCE_CROSSED },
            { false, 0.9, ANNOUNCE_NOTHING },
            { true, 1.4, ANNOUNCE_CROSSED },
        };
        struct announce fresh[RULES] = { 0 };

        for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
            struct verdict verdicts[RULES] = { 0 };

            for (enum rule_id id = 0; id < RULES; id++)
                verdicts[id] = (struct verdict){ .rule = id, .word = VERDICT_INSUFFICIENT_DATA };
            verdicts[RULE_WEEKLY_DISTANCE] = week(rows[k].ratio);
            settings.rule[RULE_WEEKLY_DISTANCE] = rows[k].on ? on : off[i];
            announce_feed_all(fresh, &settings, verdicts, ANNOUNCE_RUN, 1000000 + (int64_t)k * 60,
                              news);
            print_message("%zu: %zu\n", i, k);
            assert_int_equal(news[RULE_WEEKLY_DISTANCE], rows[k].news);
        }
    }
}

static void test_what_a_session_that_comes_in_is_taken_for(void **state)
{
    static const struct {
        const char *label;
        enum outing_kind kind;
        int32_t day;
        enum announce_cause cause;
    } rows[] = {
        { "today's run", OUTING_RUN, 100, ANNOUNCE_RUN },
        { "yesterday's run", OUTING_RUN, 99, ANNOUNCE_RUN },
        { "a run of the day before", OUTING_RUN, 98, ANNOUNCE_HISTORY },
        { "today's walk", OUTING_WALK, 100, ANNOUNCE_WALK },
        { "today's ride", OUTING_OTHER, 100, ANNOUNCE_HISTORY },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(announce_cause_of(rows[i].kind, rows[i].day, 100), rows[i].cause);
    }
}

/* ---- a whole log */

static void feed(int day, const struct outing *live, enum announce_cause cause)
{
    struct verdict_time time = { .today = LOG_FIRST_DAY + day,
                                 .now_s = (LOG_FIRST_DAY + day) * DAY + 72000,
                                 .week_start = 1 };
    struct verdict verdicts[RULES];

    for (enum rule_id id = 0; id < RULES; id++)
        verdict_judge(&training.ledger, live, &settings, &time, id, &verdicts[id]);
    announce_feed_all(states, &settings, verdicts, cause, time.now_s, news);
}

static void weeks(int n, double distance_m, double drop_m)
{
    for (int week_no = 0; week_no < n; week_no++)
        for (int i = 0; i < 4; i++)
            log_add(&training, week_no * 7 + 1 + i, distance_m, drop_m);
}

static void test_a_long_run_is_told_once_as_it_crosses(void **state)
{
    struct outing live;
    int crossed = 0;

    weeks(5, 10000, 0);
    for (int m = 0; m <= 12000; m += 100) {
        live = log_run(&training, 36, m, 0);
        feed(36, &live, ANNOUNCE_RUN);
        if (news[RULE_SPIKE_DISTANCE] == ANNOUNCE_CROSSED) {
            crossed++;
            assert_int_equal(m, 11100);
        }
    }
    assert_int_equal(crossed, 1);
    assert_int_equal(ledger_put(&training.ledger, &live), 0);
    feed(36, NULL, ANNOUNCE_RUN); /* its end */
    assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_NOTHING);
    live.start_s += 90; /* the watch's file of it takes its place */
    live.distance_mm += 130000;
    assert_int_equal(ledger_put(&training.ledger, &live), 0);
    feed(36, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_NOTHING);
    log_add(&training, 37, 14000, 0); /* the next one has its own turn */
    feed(37, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_CROSSED);
    assert_int_equal(ledger_remove(&training.ledger, training.next_key - 1), 0);
    feed(37, NULL, ANNOUNCE_DISCARDED); /* the one before is the latest again: not told twice */
    assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_RETRACTED);
    feed(37, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_NOTHING);
}

static void test_two_rules_do_not_tell_the_same_metres_twice(void **state)
{
    weeks(6, 10000, 0);
    log_add(&training, 43, 10000, 80);
    feed(43, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_FIRST_DESCENT], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_NOTHING);
    assert_int_equal(states[RULE_WEEKLY_DOWNHILL].standing, VERDICT_WARNING);

    setup(NULL);
    settings.rule[RULE_FIRST_DESCENT].notify = false;
    weeks(6, 10000, 0);
    log_add(&training, 43, 10000, 80);
    feed(43, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_FIRST_DESCENT], ANNOUNCE_NOTHING);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CROSSED);
}

static void test_a_hike_is_news_for_descent_alone(void **state)
{
    struct outing hike;

    weeks(5, 10000, 50);
    log_add(&training, 35, 9000, 0);
    hike = log_run(&training, 34, 25000, 700);
    hike.kind = OUTING_WALK;
    assert_int_equal(ledger_put(&training.ledger, &hike), 0);
    feed(34, NULL, ANNOUNCE_WALK);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_SPIKE_DESCENT], ANNOUNCE_CROSSED);
}

/* ---- what is over */

static void judged(enum rule_id id, double ratio, enum verdict_word word, struct verdict ret[RULES])
{
    ret[id] = week(ratio);
    ret[id].rule = id;
    ret[id].word = word;
}

/* A day of which distance is one thing, and descent another. */
static void tell(double day, double distance, double descent)
{
    struct verdict verdicts[RULES];

    for (enum rule_id id = 0; id < RULES; id++)
        judged(id, 1, VERDICT_OK, verdicts);
    judged(RULE_WEEKLY_DISTANCE, distance, week(distance).word, verdicts);
    judged(RULE_WEEKLY_DOWNHILL, descent, week(descent).word, verdicts);
    announce_feed_all(states, &settings, verdicts, ANNOUNCE_RUN, 1000000 + (int64_t)(day * 86400),
                      news);
}

static void test_the_end_of_a_caution_is_told_once_with_other_news(void **state)
{
    tell(0, 1.2, 1);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CROSSED);
    for (int day = 1; day < 20; day++) {
        tell(day, 0.9, 1);
        for (enum rule_id id = 0; id < RULES; id++)
            assert_int_equal(news[id], ANNOUNCE_NOTHING);
        assert_int_equal(states[RULE_WEEKLY_DISTANCE].since_s, 0); /* what is so now says it */
    }
    tell(20, 1.05, 1.2);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CLEARED);
    tell(21, 1, 1.4);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
}

static void test_the_end_of_a_caution_is_told_with_the_end_of_a_warning(void **state)
{
    tell(0, 1.2, 1.4);
    tell(5, 0.9, 1.2);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
    tell(6, 0.9, 0.9);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CLEARED);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CLEARED);
}

static void test_the_end_of_a_caution_that_came_again_is_not_told(void **state)
{
    tell(0, 1.2, 1);
    tell(5, 0.9, 1);
    tell(6, 1.2, 1.2);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CROSSED);
    tell(7, 1.2, 1.4);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
}

static void test_the_end_of_a_caution_is_no_news_weeks_later(void **state)
{
    tell(0, 1.2, 1);
    tell(5, 0.9, 1);
    tell(5 + ANNOUNCE_OVER_DAYS + 1, 0.9, 1.2);
    assert_int_equal(news[RULE_WEEKLY_DOWNHILL], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
    assert_int_equal(states[RULE_WEEKLY_DISTANCE].over_s, 0);
}

static void test_a_single_run_is_over_by_itself(void **state)
{
    weeks(5, 10000, 50);
    log_add(&training, 36, 15000, 120);
    feed(36, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_CROSSED);
    assert_int_equal(news[RULE_SPIKE_DESCENT], ANNOUNCE_CROSSED);
    for (int day = 37; day < 50; day++) {
        feed(day, NULL, ANNOUNCE_MIDNIGHT);
        assert_int_equal(news[RULE_SPIKE_DISTANCE], ANNOUNCE_NOTHING);
        assert_int_equal(news[RULE_SPIKE_DESCENT], ANNOUNCE_NOTHING);
    }
    assert_int_equal(states[RULE_SPIKE_DISTANCE].since_s, 0);
}

static void test_what_was_left_to_another_rule_ends_untold(void **state)
{
    weeks(6, 10000, 0);
    log_add(&training, 43, 10000, 80);
    feed(43, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_FIRST_DESCENT], ANNOUNCE_CROSSED);
    for (int day = 44; day < 60; day++) {
        feed(day, NULL, ANNOUNCE_MIDNIGHT);
        for (enum rule_id id = 0; id < RULES; id++)
            assert_int_equal(news[id], ANNOUNCE_NOTHING);
    }
    assert_int_equal(states[RULE_WEEKLY_DOWNHILL].standing, VERDICT_OK);
    assert_int_equal(states[RULE_FIRST_DESCENT].standing, VERDICT_OK);
}

/* Each Sunday's long run leaves the week at the midnight before the next one. */
static void test_a_sunday_morning_is_not_the_end_of_a_full_week(void **state)
{
    int crossed = 0, cleared = 0;

    for (int day = 0; day < 6 * 7; day++) {
        double grown = day >= 4 * 7 ? 1.5 : 1;

        feed(day, NULL, ANNOUNCE_MIDNIGHT);
        cleared += news[RULE_WEEKLY_DISTANCE] == ANNOUNCE_CLEARED;
        if (day % 7 == 6 || day % 7 == 1) {
            log_add(&training, day, (day % 7 == 6 ? 20000 : 10000) * grown, 0);
            feed(day, NULL, ANNOUNCE_RUN);
            crossed += news[RULE_WEEKLY_DISTANCE] == ANNOUNCE_CROSSED;
        }
    }
    assert_int_equal(crossed, 2); /* caution, then warning; never again */
    assert_int_equal(cleared, 0);
}

/* The part of it before midnight is in yesterday's week, though it is in no log yet. */
static void test_a_run_past_midnight_keeps_the_week_full_that_it_began_in(void **state)
{
    struct outing live;

    weeks(5, 10000, 0);
    for (int i = 0; i < 3; i++)
        log_add(&training, 35 + i, 16000, 0);
    feed(37, NULL, ANNOUNCE_RUN);
    log_add(&training, 41, 30000, 0);
    live = log_run(&training, 43, 20000, 0);
    feed(43, &live, ANNOUNCE_RUN);
    assert_int_not_equal(states[RULE_WEEKLY_DISTANCE].standing, VERDICT_OK);
    feed(44, &live, ANNOUNCE_MIDNIGHT);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
    assert_int_not_equal(states[RULE_WEEKLY_DISTANCE].standing, VERDICT_OK);
}

static void test_a_calendar_week_is_over_with_its_last_day(void **state)
{
    settings.window = WEEK_CALENDAR;
    weeks(5, 10000, 0);
    for (int i = 0; i < 4; i++)
        log_add(&training, 36 + i, 16000, 0);
    feed(39, NULL, ANNOUNCE_RUN);
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CROSSED);
    for (int day = 40; day < 42; day++) {
        feed(day, NULL, ANNOUNCE_MIDNIGHT);
        assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_NOTHING);
    }
    feed(42, NULL, ANNOUNCE_MIDNIGHT); /* Monday */
    assert_int_equal(news[RULE_WEEKLY_DISTANCE], ANNOUNCE_CLEARED);
}

static void test_years_of_files_at_once_raise_no_old_alarm(void **state)
{
    weeks(40, 10000, 50);
    log_add(&training, 100, 42195, 300); /* long ago */
    for (int i = 0; i < 5; i++) {
        feed(279 + i, NULL, ANNOUNCE_HISTORY);
        for (enum rule_id id = 0; id < RULES; id++)
            assert_int_equal(news[id], ANNOUNCE_NOTHING);
    }
}

/* ---- a clock that was ahead */

#define HOUR INT64_C(3600)

/* What spike_distance makes of a run that went on for so many minutes, and ended then. */
static enum announce_news judge_run(struct announce *state, int64_t end_s, int minutes,
                                    enum verdict_word word, int64_t now_s)
{
    struct verdict verdict = { .rule = RULE_SPIKE_DISTANCE,
                               .word = word,
                               .value = 12000,
                               .reference = 10000,
                               .clears = word == VERDICT_OK,
                               .start_s = end_s - minutes * 60,
                               .end_s = end_s };

    return announce_feed(state, &settings, &verdict, ANNOUNCE_RUN, now_s);
}

static void test_a_run_of_a_clock_that_was_ahead_silences_no_other(void **state)
{
    for (enum verdict_word word = VERDICT_OK; word <= VERDICT_WARNING; word += VERDICT_WARNING) {
        struct announce spike = { 0 };

        (void)judge_run(&spike, 1000 * DAY, 40, word, 1000 * DAY);
        for (int day = 36; day < 39; day++) {
            for (int minute = 0; minute < 40; minute++)
                assert_int_equal(judge_run(&spike, day * DAY + minute * 60, minute, VERDICT_OK,
                                           day * DAY + minute * 60),
                                 ANNOUNCE_NOTHING);
            assert_int_equal(
                judge_run(&spike, day * DAY + HOUR, 60, VERDICT_WARNING, day * DAY + HOUR),
                ANNOUNCE_CROSSED);
        }
    }
}

/* Its log has no run of these days, or one of before: the first beat is not the first to be judged. */
static void test_the_clock_is_set_back_between_two_runs(void **state)
{
    for (int days_ago = 0; days_ago < 2; days_ago++) {
        struct announce spike = { 0 };

        (void)judge_run(&spike, 1000 * DAY, 40, VERDICT_WARNING, 1000 * DAY);
        assert_int_equal(judge_run(&spike, days_ago ? 35 * DAY : 0, 0, VERDICT_OK, 36 * DAY),
                         ANNOUNCE_NOTHING);
        assert_int_equal(judge_run(&spike, 37 * DAY + HOUR, 60, VERDICT_WARNING, 37 * DAY + HOUR),
                         ANNOUNCE_CROSSED);
    }
}

/* A battery clock in local time, until NTP answers. */
static void test_the_clock_is_set_back_two_hours_in_a_run(void **state)
{
    int64_t set_s = 36 * DAY + HOUR / 2;
    struct announce spike = { 0 };

    assert_int_equal(judge_run(&spike, set_s + 2 * HOUR, 30, VERDICT_OK, set_s + 2 * HOUR),
                     ANNOUNCE_NOTHING);
    assert_int_equal(judge_run(&spike, set_s, 30, VERDICT_OK, set_s), ANNOUNCE_NOTHING);
    assert_int_equal(judge_run(&spike, set_s + 60, 31, VERDICT_WARNING, set_s + 60),
                     ANNOUNCE_CROSSED);
}

static void
test_what_was_told_of_a_run_before_the_clock_was_set_back_is_not_told_again(void **state)
{
    static const int64_t ahead_s[] = { HOUR / 2, 2 * HOUR, 1000 * DAY };

    for (size_t i = 0; i < sizeof(ahead_s) / sizeof(ahead_s[0]); i++) {
        int64_t set_s = 36 * DAY + HOUR;
        struct announce spike = { 0 };

        assert_int_equal(
            judge_run(&spike, set_s + ahead_s[i], 50, VERDICT_WARNING, set_s + ahead_s[i]),
            ANNOUNCE_CROSSED);
        for (int minute = 0; minute < 40; minute++) /* it goes on */
            assert_int_equal(judge_run(&spike, set_s + minute * 60, 50 + minute, VERDICT_WARNING,
                                       set_s + minute * 60),
                             ANNOUNCE_NOTHING);
    }
}

/* It ended before that: in the log it is still to come, and the evening's is not the same. */
static void test_a_run_that_the_log_has_later_today_is_told_once(void **state)
{
    int64_t end_s = 36 * DAY + 20 * HOUR, set_s = 36 * DAY + 8 * HOUR;
    struct announce spike = { 0 };

    assert_int_equal(judge_run(&spike, end_s, 40, VERDICT_WARNING, end_s), ANNOUNCE_CROSSED);
    for (int minute = 0; minute < 180; minute += 60)
        assert_int_equal(judge_run(&spike, end_s, 40, VERDICT_WARNING, set_s + minute * 60),
                         ANNOUNCE_NOTHING);
    for (int minute = 0; minute < 30; minute++)
        assert_int_equal(judge_run(&spike, set_s + (300 + minute) * 60, minute, VERDICT_OK,
                                   set_s + (300 + minute) * 60),
                         ANNOUNCE_NOTHING);
    assert_int_equal(judge_run(&spike, set_s + 6 * HOUR, 60, VERDICT_WARNING, set_s + 6 * HOUR),
                     ANNOUNCE_CROSSED);
}

static void test_nothing_stands_since_a_day_to_come(void **state)
{
    struct announce distance = { 0 };
    struct verdict verdict = week(1.2);

    assert_int_equal(announce_feed(&distance, &settings, &verdict, ANNOUNCE_RUN, 1000 * DAY),
                     ANNOUNCE_CROSSED);
    assert_int_equal(announce_feed(&distance, &settings, &verdict, ANNOUNCE_RUN, 36 * DAY),
                     ANNOUNCE_NOTHING);
    assert_int_equal(distance.since_s, 36 * DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_once_per_crossing, setup),
        cmocka_unit_test_setup(test_midnight_may_only_clear, setup),
        cmocka_unit_test_setup(test_reminded_while_it_lasts_and_the_runner_runs, setup),
        cmocka_unit_test_setup(test_late_history_corrects_and_raises_nothing, setup),
        cmocka_unit_test_setup(test_a_discarded_session_takes_back_what_rested_on_it, setup),
        cmocka_unit_test_setup(test_quieter_where_a_person_wants_it, setup),
        cmocka_unit_test_setup(test_the_end_of_a_warning_is_no_news_months_later, setup),
        cmocka_unit_test_setup(test_what_was_left_to_another_rule_is_told_as_a_crossing, setup),
        cmocka_unit_test_setup(test_a_rule_that_was_off_for_a_while, setup),
        cmocka_unit_test_setup(test_what_a_session_that_comes_in_is_taken_for, setup),
        cmocka_unit_test_setup(test_a_long_run_is_told_once_as_it_crosses, setup),
        cmocka_unit_test_setup(test_two_rules_do_not_tell_the_same_metres_twice, setup),
        cmocka_unit_test_setup(test_a_hike_is_news_for_descent_alone, setup),
        cmocka_unit_test_setup(test_the_end_of_a_caution_is_told_once_with_other_news, setup),
        cmocka_unit_test_setup(test_the_end_of_a_caution_is_told_with_the_end_of_a_warning, setup),
        cmocka_unit_test_setup(test_the_end_of_a_caution_that_came_again_is_not_told, setup),
        cmocka_unit_test_setup(test_the_end_of_a_caution_is_no_news_weeks_later, setup),
        cmocka_unit_test_setup(test_a_single_run_is_over_by_itself, setup),
        cmocka_unit_test_setup(test_what_was_left_to_another_rule_ends_untold, setup),
        cmocka_unit_test_setup(test_a_sunday_morning_is_not_the_end_of_a_full_week, setup),
        cmocka_unit_test_setup(test_a_run_past_midnight_keeps_the_week_full_that_it_began_in,
                               setup),
        cmocka_unit_test_setup(test_a_calendar_week_is_over_with_its_last_day, setup),
        cmocka_unit_test_setup(test_years_of_files_at_once_raise_no_old_alarm, setup),
        cmocka_unit_test_setup(test_a_run_of_a_clock_that_was_ahead_silences_no_other, setup),
        cmocka_unit_test_setup(test_the_clock_is_set_back_between_two_runs, setup),
        cmocka_unit_test_setup(test_the_clock_is_set_back_two_hours_in_a_run, setup),
        cmocka_unit_test_setup(
            test_what_was_told_of_a_run_before_the_clock_was_set_back_is_not_told_again, setup),
        cmocka_unit_test_setup(test_a_run_that_the_log_has_later_today_is_told_once, setup),
        cmocka_unit_test_setup(test_nothing_stands_since_a_day_to_come, setup),
        cmocka_unit_test_setup(test_of_what_was_seen_nobody_is_reminded, setup),
        cmocka_unit_test_setup(test_what_is_left_to_another_rule_is_not_seen, setup),
        cmocka_unit_test_setup(test_a_snoozed_rule_is_silent_and_speaks_with_the_next_run_after_it,
                               setup),
        cmocka_unit_test(test_a_snooze_can_be_taken_back),
        cmocka_unit_test_setup(test_a_warning_is_told_of_a_caution_that_was_snoozed, setup),
        cmocka_unit_test_setup(test_the_end_of_a_snoozed_warning_is_told_later_with_other_news,
                               setup),
        cmocka_unit_test_setup(test_a_snooze_outlasts_the_run_it_was_said_in, setup),
        cmocka_unit_test_setup(test_a_snooze_takes_its_hours_however_the_clock_is_set, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
