/* SPDX-License-Identifier: MIT */
/* One of several subscriptions: who is missed, who is let be, and how often it is asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/sensors/machine/channel.h"
#include "lib/gatt/gatt.h"

#define S     UINT64_C(1000000)
#define HEART GATT_HEART_RATE_MEASUREMENT
#define STEPS GATT_RSC_MEASUREMENT
#define BELT  GATT_TREADMILL_DATA

static struct channels x;
static uint64_t now, moved;

static int start(void **state)
{
    x.n = 99; /* of an earlier link */
    channels_reset(&x);
    now = 1000 * S;
    moved = 0;
    return 0;
}

static void speak(uint16_t uuid)
{
    channels_spoke(&x, uuid, now);
}

/* Heart and steps each second; with moving feet or without. */
static void stream(unsigned seconds, bool moving)
{
    for (unsigned i = 0; i < seconds; i++) {
        now += S;
        speak(HEART);
        speak(STEPS);
        moved = moving ? now : moved;
    }
}

/* The one alone. Renewals that came due are counted, and answered as `accept` says. */
static unsigned only(uint16_t uuid, unsigned seconds, bool accept)
{
    uint16_t renew[CHANNELS_MAX];
    unsigned renewals = 0;
    for (unsigned i = 0; i < seconds; i++) {
        now += S;
        if (uuid != 0)
            speak(uuid);
        if (channels_deadline(&x, moved, now) > now)
            continue;
        channels_check(&x, moved, now);
        size_t n = channels_take_renewals(&x, now, renew);
        for (size_t k = 0; k < n; k++, renewals++)
            if (accept)
                channels_accepted(&x, renew[k], now);
            else
                channels_refused(&x, renew[k], now);
        assert_true(channels_deadline(&x, moved, now) > now); /* else the loop would spin */
    }
    return renewals;
}

static void check_missing(const char *expected)
{
    char text[64] = "untouched";
    bool missing = channels_missing(&x, text, sizeof text);
    assert_int_equal(missing, expected != NULL);
    assert_string_equal(text, expected ? expected : "untouched");
}

static void test_all_well(void **state)
{
    channels_accepted(&x, HEART, now);
    channels_accepted(&x, STEPS, now);
    assert_true(channels_deadline(&x, moved, now) == CHANNEL_NEVER);
    stream(3600, true);
    channels_check(&x, moved, now);
    check_missing(NULL);
    assert_true(channels_deadline(&x, moved, now) == now + 10 * S);
}

static void
test_silence_while_the_other_goes_on_is_seen_after_10_s_and_renewed_1_s_later(void **state)
{
    static const struct {
        uint16_t goes_on;
        const char *missing;
    } rows[] = { { HEART, "no cadence from it" }, { STEPS, "no heart rate from it" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(NULL);
        stream(20, true);
        assert_int_equal(only(rows[i].goes_on, 9, true), 0);
        check_missing(NULL);
        assert_int_equal(only(rows[i].goes_on, 1, true), 0);
        check_missing(rows[i].missing);
        assert_int_equal(only(rows[i].goes_on, 1, true), 1);
        check_missing(rows[i].missing); /* accepted it had been before, too */
        stream(1, true);
        check_missing(NULL);
    }
}

static void test_it_is_asked_five_times_at_growing_distances(void **state)
{
    stream(20, true);
    only(HEART, 10, true);
    static const unsigned pauses_s[] = { 1, 4, 16, 60, 60 };
    for (size_t i = 0; i < sizeof pauses_s / sizeof *pauses_s; i++) {
        assert_int_equal(only(HEART, pauses_s[i] - 1, true), 0);
        assert_int_equal(only(HEART, 1, true), 1);
    }
    assert_int_equal(only(HEART, 86400, true), 0);
    check_missing("no cadence from it");
    stream(1, true);
    check_missing(NULL);
}

static void test_a_renewal_that_is_not_answered_is_not_repeated(void **state)
{
    uint16_t renew[CHANNELS_MAX];
    channels_refused(&x, STEPS, now);
    now += S;
    assert_int_equal(channels_take_renewals(&x, now, renew), 1);
    assert_int_equal(renew[0], STEPS);
    assert_true(channels_deadline(&x, moved, now) == CHANNEL_NEVER);
    assert_int_equal(channels_take_renewals(&x, now + 3600 * S, renew), 0);
}

static void test_a_refusal_is_missed_at_once_until_it_accepts(void **state)
{
    channels_accepted(&x, HEART, now);
    channels_refused(&x, STEPS, now);
    check_missing("no cadence from it");
    assert_int_equal(only(HEART, 5, false), 2);
    check_missing("no cadence from it");
    assert_int_equal(only(HEART, 16, true), 1);
    check_missing(NULL); /* it owes nothing before it has spoken */
    assert_int_equal(only(HEART, 600, true), 0);
}

static void test_a_refusal_for_good_ends_the_asking(void **state)
{
    channels_refused(&x, STEPS, now);
    assert_int_equal(only(HEART, 86400, false), 5);
    check_missing("no cadence from it");
}

static void test_a_renewal_that_is_refused_is_still_missed_when_it_is_accepted(void **state)
{
    stream(20, true);
    only(HEART, 10, true);
    assert_int_equal(only(HEART, 1, false), 1);
    assert_int_equal(only(HEART, 4, true), 1);
    check_missing("no cadence from it");
    assert_int_equal(only(HEART, 86400, true), 3); /* five in all */
}

static void test_one_that_speaks_once_at_each_renewal_is_not_renewed_for_ever(void **state)
{
    unsigned renewals = 0;
    stream(20, true);
    for (unsigned i = 0; i < 86400; i++) {
        unsigned n = only(HEART, 1, true);
        renewals += n;
        if (n > 0) {
            moved = now;
            speak(STEPS);
        }
    }
    assert_int_equal(renewals, 5);
    stream(90, true); /* it was well for long: a new count */
    assert_int_equal(only(HEART, 600, true), 5);
}

static void test_silences_that_are_right(void **state)
{
    stream(20, false); /* nobody moved: cadence 0 */
    assert_int_equal(only(HEART, 600, true), 0);
    check_missing(NULL);

    start(NULL);
    stream(20, true);
    stream(1, false); /* the last packet said that the feet stand */
    assert_int_equal(only(HEART, 600, true), 0);
    check_missing(NULL);

    start(NULL); /* never spoke on this link: a treadmill that waits for its belt */
    channels_accepted(&x, BELT, now);
    moved = now;
    assert_int_equal(only(HEART, 600, true), 0);
    check_missing(NULL);

    start(NULL); /* all of it fell silent: the link's affair */
    stream(20, true);
    assert_int_equal(only(0, 600, true), 0);
    check_missing(NULL);
}

static void test_a_belt_that_stood_is_missed_when_its_feet_move(void **state)
{
    for (int i = 0; i < 20; i++, now += S) {
        speak(BELT);
        speak(STEPS);
    }
    assert_int_equal(only(STEPS, 60, true), 0);
    moved = now + 30 * S; /* by its own cadence */
    assert_int_equal(only(STEPS, 20, true), 2);
    check_missing("no belt speed from it");
}

static void test_after_a_gap_in_the_radio_the_later_of_the_two_is_not_missed(void **state)
{
    stream(20, true);
    only(0, 15, true);
    speak(HEART);
    assert_true(channels_deadline(&x, moved, now) > now);
    channels_check(&x, moved, now);
    check_missing(NULL);
}

static void test_two_are_missed_in_one_sentence(void **state)
{
    channels_refused(&x, HEART, now);
    channels_refused(&x, STEPS, now);
    check_missing("no heart rate and no cadence from it");
    channels_refused(&x, BELT, now);
    check_missing("no heart rate and no cadence and no belt speed from it");
    char small[8];
    assert_true(channels_missing(&x, small, sizeof small));
    assert_string_equal(small, "no hear");
}

static void test_what_is_no_measurement_is_let_pass(void **state)
{
    static const uint16_t uuids[] = { 0, GATT_MACHINE_STATUS, GATT_BATTERY_LEVEL, 0xFFFF };
    for (size_t i = 0; i < sizeof uuids / sizeof *uuids; i++) {
        channels_refused(&x, uuids[i], now);
        channels_accepted(&x, uuids[i], now);
        channels_spoke(&x, uuids[i], now);
    }
    assert_int_equal(x.n, 0);
}

static void test_every_measurement_that_is_subscribed_to_is_watched(void **state)
{
    size_t n = 0;
    const struct gatt_characteristic *row;
    for (size_t i = 0; (row = gatt_at(i)); i++)
        if (row->use == GATT_NOTIFY && row->kind != GATT_KIND_NONE) {
            channels_refused(&x, row->uuid, now);
            n++;
        }
    assert_int_equal(x.n, n);
    assert_int_equal(n, CHANNELS_MAX);
}

static void test_the_air_may_stand_still_but_not_refuse(void **state)
{
    static const uint16_t air[] = { GATT_PRESSURE, GATT_ELEVATION, GATT_TEMPERATURE };
    char text[64];

    for (size_t i = 0; i < sizeof air / sizeof *air; i++)
        channels_spoke(&x, air[i], now);
    for (int s = 0; s < 600; s++) {
        now += 1000000;
        channels_spoke(&x, GATT_HEART_RATE_MEASUREMENT, now);
        channels_check(&x, now, now);
    }
    assert_false(channels_missing(&x, text, sizeof text));
    channels_refused(&x, GATT_PRESSURE, now);
    assert_true(channels_missing(&x, text, sizeof text));
    assert_string_equal(text, "no air pressure from it");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
    static const struct CMUnitTest tests[] = {
        TEST(test_all_well),
        TEST(test_the_air_may_stand_still_but_not_refuse),
        TEST(test_silence_while_the_other_goes_on_is_seen_after_10_s_and_renewed_1_s_later),
        TEST(test_it_is_asked_five_times_at_growing_distances),
        TEST(test_a_renewal_that_is_not_answered_is_not_repeated),
        TEST(test_a_refusal_is_missed_at_once_until_it_accepts),
        TEST(test_a_refusal_for_good_ends_the_asking),
        TEST(test_a_renewal_that_is_refused_is_still_missed_when_it_is_accepted),
        TEST(test_one_that_speaks_once_at_each_renewal_is_not_renewed_for_ever),
        TEST(test_silences_that_are_right),
        TEST(test_a_belt_that_stood_is_missed_when_its_feet_move),
        TEST(test_after_a_gap_in_the_radio_the_later_of_the_two_is_not_missed),
        TEST(test_two_are_missed_in_one_sentence),
        TEST(test_what_is_no_measurement_is_let_pass),
        TEST(test_every_measurement_that_is_subscribed_to_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
