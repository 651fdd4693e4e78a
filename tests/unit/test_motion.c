/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/training/motion.h"
#include "tests/unit/close.h"

#define S     UINT64_C(1000000)
#define BEGIN (100 * S)

/* One sensor of each source: its number is that of the source. */
static bool feed(struct motion *motion, const struct sample *sample, bool best, double metres,
                 uint64_t t_usec)
{
    double own_spm = sample->has & SAMPLE_CADENCE ? sample->cadence_spm : __builtin_nan("");
    struct motion_word word = { sample, (int)sample->source, best, metres, own_spm };

    return motion_feed(motion, &word, BEGIN, t_usec);
}

static bool say(struct motion *motion, enum sample_source source, bool best, bool moving,
                uint64_t t_usec)
{
    struct sample sample = { .has = SAMPLE_MOVING, .source = source, .moving = moving };

    return feed(motion, &sample, best, moving ? 3 : 0, t_usec);
}

/* The pod, which is the best, every second of [from, to]. */
static void pod(struct motion *motion, bool moving, uint64_t from_s, uint64_t to_s)
{
    for (uint64_t t = from_s; t <= to_s; t++)
        say(motion, SAMPLE_SOURCE_POD, true, moving, t * S);
}

static void test_a_run_is_as_long_as_it_was_told(void **state)
{
    struct motion motion = { 0 };

    pod(&motion, true, 100, 160);
    assert_close(motion.moving_s, 60, 1e-9);
    assert_close(motion.gaps_s, 0, 0);
    assert_false(motion.paused);
}

static void test_what_was_before_the_begin_is_heard_and_not_counted(void **state)
{
    struct motion motion = { 0 };

    assert_false(say(&motion, SAMPLE_SOURCE_POD, true, true, BEGIN - S));
    assert_false(motion.moved);
    assert_true(say(&motion, SAMPLE_SOURCE_POD, true, true, BEGIN + S / 2));
    assert_close(motion.moving_s, 0.5, 1e-9); /* from the begin on */
}

static void test_ten_seconds_standing_are_a_pause_and_the_next_step_ends_it(void **state)
{
    struct motion motion = { 0 };

    pod(&motion, true, 100, 120);
    pod(&motion, false, 121, 129);
    assert_false(motion.paused);
    pod(&motion, false, 130, 140);
    assert_true(motion.paused);
    assert_close(motion.moving_s, 20, 1e-9);
    pod(&motion, true, 141, 141);
    assert_false(motion.paused);
    assert_close(motion.gaps_s, 0, 0);
}

static void test_thirty_seconds_of_silence_are_a_pause(void **state)
{
    struct motion motion = { 0 };

    motion_tick(&motion, 1000 * S);
    assert_false(motion.paused); /* who never moved does not pause */
    pod(&motion, true, 100, 120);
    motion_tick(&motion, 150 * S - 1);
    assert_false(motion.paused);
    motion_tick(&motion, 150 * S);
    assert_true(motion.paused);
}

static void test_a_silence(void **state)
{
    static const struct {
        const char *label;
        uint64_t silent_usec;
        bool bridged;
        double metres;
        double moving_s, gaps_s; /* grown */
    } rows[] = {
        { "within the hold is none", 3 * S, false, 9, 3, 0 },
        { "longer is a gap", 4 * S, false, 12, 0, 4 },
        { "unless the odometer ran on", 20 * S, true, 60, 20, 0 },
        { "but not at a crawl", 20 * S, true, 10, 0, 20 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sample sample = { .has = SAMPLE_MOVING | (rows[i].bridged ? SAMPLE_GAP_BRIDGED : 0),
                                 .source = SAMPLE_SOURCE_POD,
                                 .moving = true };
        struct motion motion = { 0 };

        pod(&motion, true, 100, 120);
        feed(&motion, &sample, true, rows[i].metres, 120 * S + rows[i].silent_usec);
        if (motion.moving_s - 20 != rows[i].moving_s || motion.gaps_s != rows[i].gaps_s)
            fail_msg("%s: %g s moving, %g s gaps", rows[i].label, motion.moving_s - 20,
                     motion.gaps_s);
    }
}

/* Packets that were held back come at once, and the odometer runs on in them. */
static void test_a_silence_that_is_told_in_a_bunch(void **state)
{
    static const struct {
        const char *label;
        uint64_t silent_usec;
        double first_m;
        int n; /* behind the first, so far apart */
        uint64_t apart_usec;
        double metres, speed_m_s, moving_s, gaps_s; /* grown */
    } rows[] = {
        { "all of it was run", 10 * S, 3, 9, S / 1000, 3, 3, 10.009, 0 },
        { "and slower at its end", 10 * S, 3, 9, S / 1000, 3, 1, 10.009, 0 },
        { "less than half of it", 10 * S, 3, 3, S / 1000, 3, 3, 0.003, 10 },
        { "the next packet of an odometer that stood", 4 * S, 5, 1, S, 3, 3, 1, 4 },
        { "a second is no bunch", 10 * S, 3, 1, 2 * S, 27, 3, 2, 10 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t t_usec = 120 * S + rows[i].silent_usec;
        struct sample sample = { .has = SAMPLE_MOVING | SAMPLE_SPEED,
                                 .source = SAMPLE_SOURCE_POD,
                                 .speed_m_s = 3,
                                 .moving = true };
        struct motion motion = { 0 };

        pod(&motion, true, 100, 120);
        feed(&motion, &sample, true, rows[i].first_m, t_usec);
        sample.speed_m_s = rows[i].speed_m_s;
        for (int n = 1; n <= rows[i].n; n++)
            feed(&motion, &sample, true, rows[i].metres, t_usec + (uint64_t)n * rows[i].apart_usec);
        print_message("%s\n", rows[i].label);
        assert_close(motion.moving_s - 20, rows[i].moving_s, 1e-6);
        assert_close(motion.gaps_s, rows[i].gaps_s, 1e-6);
    }
}

static void test_a_silence_after_standing_is_no_gap_in_a_run(void **state)
{
    struct motion motion = { 0 };

    pod(&motion, true, 100, 120);
    pod(&motion, false, 121, 125);
    pod(&motion, true, 160, 160);
    assert_close(motion.gaps_s, 0, 0);
    assert_close(motion.moving_s, 20, 1e-9);
}

static void test_standing_told_after_the_odometer_ran_on_is_movement_until_then(void **state)
{
    struct sample sample = { .has = SAMPLE_MOVING | SAMPLE_GAP_BRIDGED,
                             .source = SAMPLE_SOURCE_POD };
    struct motion motion = { 0 };

    pod(&motion, true, 100, 120);
    assert_false(feed(&motion, &sample, true, 30, 130 * S));
    assert_close(motion.moving_s, 30, 1e-9);
}

static void test_one_that_spoke_all_the_while_takes_over_without_a_gap(void **state)
{
    struct motion motion = { 0 };

    for (uint64_t t = 100; t <= 110; t++) {
        say(&motion, SAMPLE_SOURCE_BELT, true, true, t * S);
        say(&motion, SAMPLE_SOURCE_POD, false, true, t * S);
    }
    assert_close(motion.moving_s, 10, 1e-9); /* two that tell it make no twenty */
    for (uint64_t t = 111; t <= 115; t++)
        say(&motion, SAMPLE_SOURCE_POD, false, true, t * S);
    say(&motion, SAMPLE_SOURCE_POD, true, true, 116 * S);
    assert_close(motion.moving_s, 16, 1e-9);
    assert_close(motion.gaps_s, 0, 0);
}

/* The pod runs to second 120 and is silent; the belt goes on to tell 0, and is asked alone. */
static void test_who_stands_is_believed_of_a_silence(void **state)
{
    static const struct {
        const char *label;
        uint64_t belt_moved_s; /* until then; 0: it has not spoken yet */
        uint64_t paused_s;     /* seen by then, and not before */
    } rows[] = {
        { "not if it has stood beside the run", 100, 150 },
        { "if it stood with the runner", 119, 130 },
        { "if it moved until after", 122, 130 },
        { "if it is new", 0, 130 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t moved_s = rows[i].belt_moved_s, t = 99;
        struct motion motion = { 0 };

        for (; t < 160 && !motion.paused; t++) {
            if (t <= 120)
                say(&motion, SAMPLE_SOURCE_POD, true, true, t * S);
            if (moved_s || t > 125)
                say(&motion, SAMPLE_SOURCE_BELT, t > 125, t <= moved_s, t * S);
        }
        if (t - 1 != rows[i].paused_s)
            fail_msg("%s: %d", rows[i].label, (int)t - 1);
    }
}

static void test_walking_is_slow_in_speed_and_in_steps(void **state)
{
    static const struct {
        const char *label;
        uint32_t has;
        double speed_m_s, cadence_spm;
        bool walk;
    } rows[] = {
        { "both slow", SAMPLE_SPEED | SAMPLE_CADENCE, 1.4, 110, true },
        { "only the speed is known", SAMPLE_SPEED, 1.4, 0, true },
        { "a slow jog", SAMPLE_SPEED | SAMPLE_CADENCE, 1.9, 140, false },
        { "fast", SAMPLE_SPEED | SAMPLE_CADENCE, 2.0, 110, false },
        { "no speed is known", SAMPLE_CADENCE, 0, 110, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sample sample = { .has = SAMPLE_MOVING | rows[i].has,
                                 .source = SAMPLE_SOURCE_POD,
                                 .moving = true,
                                 .speed_m_s = rows[i].speed_m_s,
                                 .cadence_spm = rows[i].cadence_spm };
        struct motion motion = { 0 };

        for (uint64_t t = 100; t <= 110; t++)
            feed(&motion, &sample, true, 1, t * S);
        if (motion_is_walk(&motion) != rows[i].walk)
            fail_msg("%s", rows[i].label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_is_as_long_as_it_was_told),
        cmocka_unit_test(test_what_was_before_the_begin_is_heard_and_not_counted),
        cmocka_unit_test(test_ten_seconds_standing_are_a_pause_and_the_next_step_ends_it),
        cmocka_unit_test(test_thirty_seconds_of_silence_are_a_pause),
        cmocka_unit_test(test_a_silence),
        cmocka_unit_test(test_a_silence_that_is_told_in_a_bunch),
        cmocka_unit_test(test_a_silence_after_standing_is_no_gap_in_a_run),
        cmocka_unit_test(test_standing_told_after_the_odometer_ran_on_is_movement_until_then),
        cmocka_unit_test(test_one_that_spoke_all_the_while_takes_over_without_a_gap),
        cmocka_unit_test(test_who_stands_is_believed_of_a_silence),
        cmocka_unit_test(test_walking_is_slow_in_speed_and_in_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
